//! `tsumugi affected`: whose records were read, by an account, in a session or in a span of time.

use super::database::DatabaseOptions;
use super::print;
use crate::place::Opened;
use crate::world::{RandomIds, SystemClock};
use anyhow::{Context as _, Result};
use engine::{Breach, Clock as _, Engine, day_begins, tokyo_day};
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan, tz};
use kernel::{Actor, RecordId};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Options of `affected`.
#[derive(clap::Args)]
pub struct Options {
    /// 見た利用者（ログインに使う名前、または利用者のID）
    #[arg(long, value_name = "ACCOUNT", required_unless_present_any = ["session", "record"])]
    by: Option<String>,
    /// 見たときのログインの印（閲覧の監査の画面に出るもの）
    #[arg(long, value_name = "DIGEST")]
    session: Option<String>,
    /// 見られた記録のID
    #[arg(long, value_name = "ID")]
    record: Option<RecordId>,
    /// いつから（2026-11-22、または 2026-11-22T09:00。日本時間）
    #[arg(long, value_name = "DAY", value_parser = begins)]
    from: Option<Timestamp>,
    /// いつまで（日だけなら、その日を含む）
    #[arg(long, value_name = "DAY", value_parser = ends)]
    to: Option<Timestamp>,
    /// CSV を書くファイル
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// データのフォルダー
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
    /// サービスの定義のフォルダー（名前を出すため）
    #[arg(long, value_name = "DIR", default_value = "services")]
    services: PathBuf,
}

/// Writes the file and says how many records are in it.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let breach = Breach {
        by: options.by.clone(),
        session: options.session.clone(),
        record: options.record,
        from: options.from,
        until: options.to,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let (bytes, records) = runtime.block_on(async {
        let opened = Opened::existing(&options.data, options.database.read().as_ref()).await?;
        let today = tokyo_day(SystemClock.now());
        let catalogue = crate::load_packages(&options.services, today)?.catalogue;
        let ids = Arc::new(RandomIds::default());
        let engine = Engine::new(opened.store(), Arc::new(SystemClock), ids, catalogue);
        anyhow::Ok(engine.affected(&Actor::system(), &breach).await?)
    })?;
    std::fs::write(&options.out, bytes)
        .with_context(|| format!("{} に書けません", options.out.display()))?;
    print(&format!(
        "見られた記録{records}件の人と連絡先を {} に書きました。個人情報が入っています。\n",
        options.out.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The beginning of a day, or a time of it, in Asia/Tokyo.
fn begins(text: &str) -> Result<Timestamp, String> {
    match text.parse::<Date>() {
        Ok(day) if !text.contains('T') => Ok(day_begins(day)),
        _ => instant(text),
    }
}

/// The end of a day, or a time of it.
fn ends(text: &str) -> Result<Timestamp, String> {
    match text.parse::<Date>() {
        Ok(day) if !text.contains('T') => Ok(day_begins(day.saturating_add(1.day()))),
        _ => instant(text),
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let wrong = || "日（2026-11-22）か、日時（2026-11-22T09:00）で書いてください".to_owned();
    let at: DateTime = text.parse().map_err(|_| wrong())?;
    tz::Offset::constant(9)
        .to_timestamp(at)
        .map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::{begins, ends};

    #[test]
    fn days_are_days_of_tokyo_and_the_last_one_counts() {
        assert_eq!(
            begins("2026-11-22").unwrap().to_string(),
            "2026-11-21T15:00:00Z"
        );
        assert_eq!(
            ends("2026-11-22").unwrap().to_string(),
            "2026-11-22T15:00:00Z"
        );
        assert_eq!(
            ends("2026-11-22T09:30").unwrap().to_string(),
            "2026-11-22T00:30:00Z"
        );
        assert!(begins("きのう").is_err());
    }
}
