//! `tsumugi log-key`: the public keys of the log; `--turn` puts a new one in force.

use super::database::DatabaseOptions;
use super::print;
use crate::witness::Log;
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `log-key`.
#[derive(clap::Args)]
pub struct Options {
    /// データのフォルダー
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
    /// 鍵を新しくする（フォルダーのデータでは、サーバーを止めてから）
    #[arg(long)]
    turn: bool,
}

/// Prints the public keys, the one in force last. Secrets are never printed.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let database = options.database.read();
    if options.turn {
        let key = crate::turn_log_key(&options.data, database.as_ref())?;
        print(&format!("{key}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let keys = Log::open(&options.data, database.as_ref())?.keys()?;
    let lines: Vec<String> = keys.into_iter().map(|key| key.verifier + "\n").collect();
    print(&lines.concat())?;
    Ok(ExitCode::SUCCESS)
}
