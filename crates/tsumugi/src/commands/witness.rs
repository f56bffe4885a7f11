//! `tsumugi witness --to DIR`: a copy of the log for somebody outside, who takes only what continues what they have.

use super::database::DatabaseOptions;
use super::print;
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `witness`.
#[derive(clap::Args)]
pub struct Options {
    /// 写しを置くフォルダー（前の写しがあれば、その続きだけを足す）
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// データのフォルダー
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
}

/// Copies, and says what was copied.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let database = options.database.read();
    let copied = crate::witness(&options.data, database.as_ref(), &options.to)?;
    let before = match copied.from {
        Some(from) => format!("前の写し（{from}件）の続きであることを確かめました。\n"),
        None => format!(
            "はじめての写しです。鍵が公開されているものと同じかを確かめてください：\n{}\n",
            copied.key
        ),
    };
    print(&format!(
        "{} に、履歴{}件の署名（{}）と新しいタイル{}個を写しました。\n{before}",
        options.to.display(),
        copied.head.size,
        engine::tokyo(copied.head.at),
        copied.tiles
    ))?;
    Ok(ExitCode::SUCCESS)
}
