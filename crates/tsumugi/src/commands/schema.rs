//! `tsumugi schema`: JSON Schema of the packages' files, for editors.

use super::print;
use anyhow::Result;
use std::process::ExitCode;

/// Prints it.
pub(super) fn run() -> Result<ExitCode> {
    print(&format!(
        "{}\n",
        serde_json::to_string_pretty(&definition::json_schema())?
    ))?;
    Ok(ExitCode::SUCCESS)
}
