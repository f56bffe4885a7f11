//! The fault suite (docs/decisions/0033): what was acknowledged stays, once, whatever breaks.
//!
//! `cargo xtask faults` builds and runs it; README.md says how a failure is seen again.
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool speaks on standard output"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the suite waits for children by the machine's clock, and finds them beside itself"
)]

mod control;
mod cut;
mod disk;
mod keep;
mod product;
mod progress;
mod sim;
mod stores;

#[path = "../../../crates/store/tests/common/mod.rs"]
mod common;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

#[derive(Parser)]
#[command(
    name = "faults",
    about = "What was acknowledged stays, once, whatever breaks"
)]
struct Cli {
    #[command(subcommand)]
    child: Option<Child>,
    /// As many faults as a release must stand; without it, as many as a build of every day can wait for.
    #[arg(long)]
    long: bool,
    /// Only these parts.
    #[arg(long, value_name = "PART", value_enum)]
    only: Vec<Part>,
    /// Begin with this seed, or fault: a long run may be done in parts.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    from: u64,
    /// Only this seed, told step by step: how a failure is seen again. With one part; the simulation if none is named.
    #[arg(long)]
    seed: Option<u64>,
}

/// What the suite starts as a child of its own.
#[derive(Subcommand)]
enum Child {
    /// Acts on a store, one after another.
    #[command(hide = true)]
    Acts(stores::child::Options),
    /// Carries out what a round of disposals decided.
    #[command(hide = true)]
    Round(keep::round::Options),
}

/// A part of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Engine, kernel, store and outbox in one thread, with seeded order, clock and faults.
    Sim,
    /// The process ends at every call that changes a file.
    Calls,
    /// The power goes: what was not synced is lost in part. The control, without syncing, must lose acts.
    Power,
    /// The disk is full, or fails.
    Disk,
    /// The process ends in the midst of a disposal, or of a turn of the keys.
    Keep,
    /// The whole product under load over HTTP is killed again and again.
    Product,
    /// Two copies of the product on PostgreSQL, one killed after the other.
    Copies,
    /// Two copies of the product on PostgreSQL, whose server ends and comes back.
    Database,
}

/// How much is done.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    /// A release's extent.
    pub(crate) long: bool,
    /// The first seed, or fault.
    pub(crate) from: u64,
    /// Only this seed.
    pub(crate) seed: Option<u64>,
}

impl Extent {
    /// One of two numbers.
    pub(crate) fn of(self, short: u64, long: u64) -> u64 {
        if self.long { long } else { short }
    }

    /// Seeds of a part.
    pub(crate) fn seeds(self, short: u64, long: u64) -> Vec<u64> {
        match self.seed {
            Some(seed) => vec![seed],
            None => (self.from..=self.of(short, long)).collect(),
        }
    }
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("FAILED: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    match cli.child {
        Some(Child::Acts(options)) => return stores::child::run(&options),
        Some(Child::Round(options)) => return keep::round::child(&options),
        None => {}
    }
    let extent = Extent {
        long: cli.long,
        from: cli.from,
        seed: cli.seed,
    };
    let parts = match (cli.only.as_slice(), cli.seed) {
        ([], None) => Part::value_variants(),
        ([], Some(_)) => &[Part::Sim],
        (some, _) => some,
    };
    let mut failed = 0;
    for part in parts {
        let begun = Instant::now();
        let done = part.run(extent);
        let (name, took) = (format!("{part:?}").to_lowercase(), begun.elapsed());
        match done {
            Ok(told) => println!("{name}: {told} ({:.1} s)", took.as_secs_f64()),
            Err(error) => {
                println!("{name}: FAILED: {error:#}");
                failed += 1;
            }
        }
    }
    if failed > 0 {
        bail!("{failed} parts");
    }
    Ok(())
}

impl Part {
    fn run(self, extent: Extent) -> Result<String> {
        match self {
            Self::Sim => sim::run(extent),
            Self::Calls => stores::calls::run(extent),
            Self::Power => stores::power::run(extent),
            Self::Disk => stores::full::run(extent),
            Self::Keep => keep::run(extent),
            Self::Product => product::alone(extent),
            Self::Copies => product::copies(extent),
            Self::Database => product::database(extent),
        }
    }
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A folder for much writing: in memory, where the machine has such a place.
pub(crate) fn quick_folder() -> Result<tempfile::TempDir> {
    let made = tempfile::Builder::new()
        .prefix("faults")
        .tempdir_in("/dev/shm");
    Ok(match made {
        Ok(folder) => folder,
        Err(_) => tempfile::tempdir()?,
    })
}

/// Does work on as many threads as there are cores; the first error ends it.
pub(crate) fn in_lanes<T: Send + Sync>(
    work: &[T],
    each: impl Fn(&T) -> Result<()> + Sync,
) -> Result<()> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let failed = parking_lot::Mutex::new(None);
    let progress = progress::Progress::new(work.len() as u64);
    let lanes = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(|| {
                while failed.lock().is_none() {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(one) = work.get(at) else { return };
                    match each(one) {
                        Ok(()) => progress.one(),
                        Err(error) => drop(failed.lock().get_or_insert(error)),
                    }
                }
            });
        }
    });
    failed.into_inner().map_or(Ok(()), Err)
}
