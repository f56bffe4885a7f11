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
    /// Only this part (repeatable): sim, calls, power, disk.
    #[arg(long, value_name = "PART")]
    only: Vec<String>,
    /// Only this seed of one part, told step by step; the simulation if no part is named.
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut build = shell::cargo(root);
    // As the tests build it, so that nothing is built twice.
    shell::run(build.args(["build", "--workspace", "--all-targets"]))?;
    let mut suite = runner(root);
    if options.long {
        suite.arg("--long");
    }
    for part in &options.only {
        suite.args(["--only", part]);
    }
    if let Some(seed) = options.seed {
        suite.args(["--seed", &seed.to_string()]);
    }
    shell::run(&mut suite)
}

/// The extent of every day, with what the build step made.
pub(crate) fn short(root: &Path) -> Result<()> {
    shell::run(&mut runner(root))
}

fn runner(root: &Path) -> std::process::Command {
    shell::command(root, server::built(root, Profile::Debug, "faults"))
}
