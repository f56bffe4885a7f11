//! The project's own tool: `cargo xtask run | test | faults | hostile | tidy | assets | asvs | sbom | bench`.
//!
//! It needs Rust (and Node for the browser step); what else is missing it installs, and says so.
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool speaks on standard output"
)]

mod assets;
mod asvs;
mod bench;
mod faults;
mod hostile;
mod install;
mod probe;
mod run;
mod sbom;
mod server;
mod shell;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "つむぎ: start it, test it, keep it tidy"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fetch what is needed, build, and serve the product with demo data.
    Run(run::Options),
    /// Run every check and test, with the time of each and a summary.
    Test(test::Options),
    /// Break what can break, and see that nothing acknowledged is lost.
    Faults(faults::Options),
    /// Write what hostile people write, into everything, and see that nothing runs, leaks or falls over.
    Hostile(hostile::Options),
    /// Check the rules of the house: arrows, lengths, names, SQL, hosts, attributes.
    Tidy,
    /// Fetch the pinned data files into `.cache/assets`.
    Assets,
    /// Make docs/security/asvs.md of its source.
    Asvs,
    /// Write what the program is made of, as CycloneDX.
    Sbom(sbom::Options),
    /// Build in release and run the bench; arguments after `--` go to it.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let root = workspace_root();
    let done = match Cli::parse().command {
        Command::Run(options) => run::run(&root, &options),
        Command::Test(options) => test::run(&root, &options),
        Command::Faults(options) => faults::run(&root, &options),
        Command::Hostile(options) => hostile::run(&root, &options),
        Command::Tidy => tidy::run(&root),
        Command::Assets => assets::fetch_all(&root),
        Command::Asvs => asvs::run(&root),
        Command::Sbom(options) => sbom::run(&root, &options),
        Command::Bench(options) => bench::run(&root, &options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root: the folder above this crate.
fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
