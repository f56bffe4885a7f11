//! `tsumugi verify`: whether everything that the store shows follows from its journal, and the journal is the one that was
//! signed; `tsumugi verify --receipt FILE`: whether a receipt holds, without any data.

use super::database::DatabaseOptions;
use super::print;
use anyhow::{Context as _, Result, bail};
use evidence::{Proven, Receipt, Verifier};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::Replayed;

/// Options of `verify`.
#[derive(clap::Args)]
pub struct Options {
    /// データのフォルダー
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
    /// 受付の証明（電子）のファイル。データがなくても確かめられる
    #[arg(long, value_name = "FILE", conflicts_with = "checkpoint")]
    receipt: Option<PathBuf>,
    /// 公開されている鍵（名前+番号+…）、またはそれを書いたファイル。--receipt とともに使う
    #[arg(long, value_name = "PUBLICKEY", requires = "receipt")]
    key: Option<String>,
    /// 外で保管してある署名（checkpoint）のファイル。履歴がその続きであることも確かめる
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

/// Prints what was gone through, and the first thing that does not fit.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    if let Some(receipt) = &options.receipt {
        return check(receipt, options.key.as_deref());
    }
    let checkpoint = options.checkpoint.as_deref().map(read).transpose()?;
    let replayed = crate::verify(
        &options.data,
        options.database.read().as_ref(),
        checkpoint.as_deref(),
    )?;
    tell(&replayed)
}

/// Prints what a replay found.
pub(super) fn tell(replayed: &Replayed) -> Result<ExitCode> {
    print(&told(replayed))?;
    Ok(match replayed.difference {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

fn told(replayed: &Replayed) -> String {
    let Some(difference) = &replayed.difference else {
        let numbers = match (replayed.numbers, replayed.destroyed_numbers) {
            (0, 0) => String::new(),
            (there, gone) => format!("、個人番号{there}件（ほかに廃棄済み{gone}件）"),
        };
        return format!(
            "履歴{}件、記録{}件、残高{}件、署名{}件（履歴{}件分）、閲覧の記録{}件{numbers}を確かめました。食いちがいはありません。\n",
            replayed.events,
            replayed.records,
            replayed.balances,
            replayed.heads,
            replayed.logged,
            replayed.looks
        );
    };
    let record = difference
        .record
        .map_or_else(String::new, |record| format!("記録 {record}："));
    let position = difference
        .position
        .map_or_else(String::new, |position| format!("履歴の{position}番目："));
    format!(
        "食いちがいがあります。{record}{position}{}\n",
        difference.what
    )
}

fn check(file: &Path, key: Option<&str>) -> Result<ExitCode> {
    let text = read(file)?;
    let given = key.map(public_key).transpose()?;
    let proven = Receipt::read(&text).and_then(|receipt| {
        let key = given.as_deref().unwrap_or_else(|| receipt.key());
        receipt.verify(&Verifier::new(key)?)
    });
    match proven {
        Ok(proven) => {
            print(&holds(&proven, given.is_some())?)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            print(&format!("この証明は確かめられません：{fault}\n"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What a receipt says, for whoever holds it.
fn holds(proven: &Proven, key_is_given: bool) -> Result<String> {
    let header: Vec<Vec<Option<serde_json::Value>>> =
        serde_json::from_str(&proven.subject.header).context("証明の中の記録の見出し")?;
    let part = |list: usize, at: usize| -> &str {
        let part = header.get(list).and_then(|list| list.get(at));
        part.and_then(|part| part.as_ref()?.as_str())
            .unwrap_or_default()
    };
    let (number, head) = (&proven.subject.number, &proven.head);
    let recorded: jiff::Timestamp = part(1, 0).parse().context("記録した時")?;
    let mut text = String::from("この証明は正しいものです。\n");
    let number = if number.is_empty() {
        "（番号のない記録）"
    } else {
        number
    };
    writeln!(text, "番号：{number}")?;
    writeln!(text, "記録：{}/{}/{}", part(0, 4), part(0, 5), part(0, 1))?;
    writeln!(
        text,
        "操作：{}（{} に記録）",
        part(0, 6),
        engine::tokyo(recorded)
    )?;
    writeln!(
        text,
        "履歴の{}番目として、{} に署名された{}件の中にあります。",
        proven.subject.index + 1,
        engine::tokyo(head.at),
        head.size
    )?;
    if !key_is_given {
        text.push_str("証明の中に書かれた鍵で確かめました。公開されている鍵と同じかを確かめるには、--key にその鍵を指定してください。\n");
    }
    Ok(text)
}

/// A public key as text, or in a file of which the last line counts.
fn public_key(key: &str) -> Result<String> {
    if key.matches('+').count() == 2 && !Path::new(key).exists() {
        return Ok(key.to_owned());
    }
    let text = read(Path::new(key))?;
    match text.lines().rfind(|line| !line.trim().is_empty()) {
        Some(line) => Ok(line.trim().to_owned()),
        None => bail!("{key} に鍵が書かれていません"),
    }
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} を読めません", file.display()))
}
