//! `cargo xtask bench`: the bench in release, with the arguments given.

use std::path::Path;

use anyhow::Result;

use crate::shell;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the store beside the bare writer, and reads as records grow: builds nothing else of the product.
    #[arg(long)]
    store: bool,
    /// Only the store on PostgreSQL, beside pgbench: builds nothing else of the product.
    #[arg(long)]
    postgres: bool,
    /// Passed on to the bench.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut bench = shell::cargo(root);
    bench.args(["run", "--release", "--package", "bench"]);
    if options.store || options.postgres {
        bench.arg("--no-default-features");
    }
    bench.arg("--");
    if options.store {
        bench.arg("--store-only");
    }
    if options.postgres {
        bench.arg("--postgres");
    }
    bench.args(&options.arguments);
    shell::run(&mut bench)
}
