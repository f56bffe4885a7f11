//! `tsumugi backup`: a copy of this moment, whether or not a server is running over the data.

use super::copy_options::CopyOptions;
use super::print;
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `backup`.
#[derive(clap::Args)]
pub struct Options {
    /// データのフォルダー（サーバーが使っていてもよい）
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    copy: CopyOptions,
}

/// Makes the copy.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let copy = options.copy.required()?;
    let done = store::backup::backup(&options.data, copy.backup())?;
    print(&format!(
        "{} までの履歴{}件を {} に写しました。\n",
        done.at,
        done.position,
        copy.data.shown()
    ))?;
    if store::has_numbers(&options.data) {
        print(&format!("{}\n", store::NUMBERS_APART))?;
    }
    Ok(ExitCode::SUCCESS)
}
