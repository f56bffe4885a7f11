//! `cargo xtask test`: every check and test there is, in one build configuration.
//!
//! All steps share the dev profile and the features of the whole workspace, so that nothing is
//! built twice; in a whole run the linter compiles, so that nothing is read twice either.

mod acceptance;
pub(crate) mod browser;
mod lint;
mod opendata;
mod s3;
mod step;
mod summary;
mod unit;
pub(crate) mod venv;

use std::path::Path;

use anyhow::Result;
use step::Step;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run only this step (repeatable); what it needs is built first.
    #[arg(long, value_name = "STEP", value_enum)]
    only: Vec<Step>,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let steps = step::chosen(&options.only);
    if options.only.is_empty() {
        lint::while_compiling(root)?;
    }
    let mut summary = summary::Summary::new(steps.len());
    for step in steps {
        match summary.missing_for(step) {
            Some(missing) => summary.skip(step, missing),
            None => summary.record(step, || step.run(root)),
        }
    }
    summary.finish()
}
