//! `tsumugi secrets`: secrets that the installation made itself, turned and retired.

use super::database::DatabaseOptions;
use super::print;
use crate::secrets::{Turn, Turnable, turn};
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `secrets`.
#[derive(clap::Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// 新しい秘密を使い始める。前の秘密も、retire するまでは通じる（サーバーを止めてから）
    Rotate(Which),
    /// いちばん新しい秘密だけを残す（サーバーを止めてから）
    Retire(Which),
}

#[derive(clap::Args)]
struct Which {
    /// どの秘密か
    #[arg(value_enum)]
    secret: Turnable,
    /// データのフォルダー
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
}

/// Turns or retires a secret. Nothing of it is printed.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let (which, done) = match &options.what {
        What::Rotate(which) => (which, Turn::New),
        What::Retire(which) => (which, Turn::Retire),
    };
    let many = turn(
        &which.data,
        which.database.read().as_ref(),
        which.secret,
        done,
    )?;
    print(&match done {
        Turn::New => format!(
            "新しい秘密にしました。いま通じる秘密は{many}個です。サーバーを起動してください。\n"
        ),
        Turn::Retire => {
            "いちばん新しい秘密だけを残しました。サーバーを起動してください。\n".to_owned()
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
