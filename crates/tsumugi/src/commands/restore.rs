//! `tsumugi restore`: a data directory from its copy, as it was at a moment; then everything in it is verified.

use super::copy_options::CopyOptions;
use super::{print, verify};
use anyhow::{Context as _, Result};
use jiff::Timestamp;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `restore`.
#[derive(clap::Args)]
pub struct Options {
    /// 戻す先のフォルダー（まだデータのない所）
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// この時刻の姿に戻す（例：2026-11-22T14:00:00+09:00）。なければ写しのいちばん新しい所
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Timestamp>,
    #[command(flatten)]
    copy: CopyOptions,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let hint = |_| "時刻は 2026-11-22T14:00:00+09:00 の形で書いてください".to_owned();
    text.parse().map_err(hint)
}

/// Restores and verifies.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let copy = options.copy.required()?;
    let restored = store::backup::restore(&*copy.data, &*copy.keys, options.at, &options.data)
        .context("戻せませんでした。途中まで書いたフォルダーは消してからやり直してください")?;
    print(&format!(
        "{} までの履歴{}件と添付{}件を戻しました。\n",
        restored.at, restored.position, restored.uploads
    ))?;
    // What was disposed of since the moment that was restored stays so.
    let again = crate::dispose_again(&options.data, None)?;
    if again > 0 {
        print(&format!(
            "廃棄した記録{again}件を、もう一度廃棄しました。\n"
        ))?;
    }
    let (replayed, referred) = crate::verify_restored(&options.data)?;
    let verified = verify::tell(&replayed)?;
    if referred > 0 {
        print(&format!(
            "個人番号{referred}件は写しにありません。docs/operate/backup.md のとおり保管庫（numbers）を戻し、tsumugi verify で確かめてください。\n"
        ))?;
    }
    if restored.missing.is_empty() {
        return Ok(verified);
    }
    print(&format!(
        "写しにない添付が{}件あります。\n",
        restored.missing.len()
    ))?;
    for id in &restored.missing {
        print(&format!("  {id}\n"))?;
    }
    Ok(ExitCode::FAILURE)
}
