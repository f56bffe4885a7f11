//! `cargo xtask bench`: the bench in release, with the arguments given.

use std::path::Path;

use anyhow::Result;

use crate::shell;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Passed on to the bench.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut bench = shell::cargo(root);
    bench.args(["run", "--release", "--package", "bench", "--"]);
    bench.args(&options.arguments);
    shell::run(&mut bench)
}
