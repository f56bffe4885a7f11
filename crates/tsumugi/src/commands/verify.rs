//! `tsumugi verify`: whether everything that the store shows follows from its journal.

use super::database::DatabaseOptions;
use super::print;
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `verify`.
#[derive(clap::Args)]
pub struct Options {
    /// データのフォルダー
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
}

/// Prints what was gone through, and the first thing that does not fit.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let replayed = crate::verify(&options.data, options.database.read().as_ref())?;
    let Some(difference) = replayed.difference else {
        print(&format!(
            "履歴{}件、記録{}件、残高{}件を確かめました。食いちがいはありません。\n",
            replayed.events, replayed.records, replayed.balances
        ))?;
        return Ok(ExitCode::SUCCESS);
    };
    let record = difference
        .record
        .map_or_else(String::new, |record| format!("記録 {record}："));
    let position = difference
        .position
        .map_or_else(String::new, |position| format!("履歴の{position}番目："));
    print(&format!(
        "食いちがいがあります。{record}{position}{}\n",
        difference.what
    ))?;
    Ok(ExitCode::FAILURE)
}
