//! `cargo xtask faults`: the fault suite, with the arguments given.

use std::path::Path;

use anyhow::Result;

use crate::server::{self, Profile};
use crate::shell;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// As many faults as a release must stand: hours.
    #[arg(long)]
    long: bool,
    /// Only this part (repeatable): sim, calls, power, disk, keep, product, copies, database.
    #[arg(long, value_name = "PART")]
    only: Vec<String>,
    /// With everything built as an office needs it: where it is asked how soon the product is ready.
    #[arg(long)]
    release: bool,
    /// Begin with this seed, or fault: a long run may be done in parts.
    #[arg(long, value_name = "SEED")]
    from: Option<u64>,
    /// Only this seed of one part, told step by step; the simulation if no part is named.
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut build = shell::cargo(root);
    build.args(["build", "--workspace"]);
    let profile = if options.release {
        build.arg("--release");
        Profile::Release
    } else {
        // As the tests build it, so that nothing is built twice.
        build.arg("--all-targets");
        Profile::Debug
    };
    shell::run(&mut build)?;
    let mut suite = runner(root, profile);
    if options.long {
        suite.arg("--long");
    }
    for part in &options.only {
        suite.args(["--only", part]);
    }
    if let Some(from) = options.from {
        suite.args(["--from", &from.to_string()]);
    }
    if let Some(seed) = options.seed {
        suite.args(["--seed", &seed.to_string()]);
    }
    shell::run(&mut suite)
}

/// The extent of every day, with what the build step made.
pub(crate) fn short(root: &Path) -> Result<()> {
    shell::test(&mut runner(root, Profile::Debug))
}

fn runner(root: &Path, profile: Profile) -> std::process::Command {
    shell::command(root, server::built(root, profile, "faults"))
}
