//! `tsumugi manual`: the manual for service authors, made from the same source as the checks.

use super::print;
use anyhow::Result;
use std::process::ExitCode;

/// Prints it as Markdown.
pub(super) fn run() -> Result<ExitCode> {
    print(&definition::manual())?;
    Ok(ExitCode::SUCCESS)
}
