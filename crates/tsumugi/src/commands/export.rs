//! `tsumugi export`: whole services as files, for another installation or another system.

use super::database::DatabaseOptions;
use super::print;
use crate::leaving::{Asked, NUMBERS_LEFT, export};
use anyhow::{Result, bail};
use engine::Clock as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `export`.
#[derive(clap::Args)]
pub struct Options {
    /// 書き出すサービスの名前（番号を除いたもの）。いくつでも指定できる
    #[arg(
        long,
        value_name = "SLUG",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    service: Vec<String>,
    /// すべてのサービスを書き出す
    #[arg(long)]
    all: bool,
    /// 作るフォルダー（まだない名前）
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// 書き出す人の所属と氏名。記録に残る
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 書き出す目的。記録に残る
    #[arg(long, value_name = "TEXT")]
    purpose: String,
    /// データのフォルダー（サーバーが使っていてもよい）
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
}

/// Writes the folder and says what is in it.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let (by, purpose) = (options.by.trim(), options.purpose.trim());
    if by.is_empty() || purpose.is_empty() {
        bail!(
            "--by に書き出す人の所属と氏名を、--purpose に目的を書いてください。個人情報を書き出した記録として残ります。"
        );
    }
    let asked = Asked {
        to: options.to.clone(),
        services: (!options.all).then(|| options.service.clone()),
        by: by.to_owned(),
        purpose: purpose.to_owned(),
        at: crate::SystemClock.now(),
    };
    let exported = export(&options.data, options.database.read().as_ref(), &asked)?;
    let count = |what: &str| exported.counts.get(what).copied().unwrap_or_default();
    print(&format!(
        "{} を {} に書き出しました。\n記録{}件、履歴{}件（{}番目まで）、添付{}件。\nmanifest.json の SHA-256：{}\n",
        exported.services.join("、"),
        options.to.display(),
        count("records"),
        count("events"),
        exported.cut,
        count("attachments"),
        exported.manifest
    ))?;
    if count(NUMBERS_LEFT) > 0 {
        print(&format!(
            "個人番号{}件は、書き出していません（保管庫に残っています）。取り込む先で必要な事務なら、本人か窓口がもう一度入れます（docs/operate/export.md）。\n",
            count(NUMBERS_LEFT)
        ))?;
    }
    if exported.lost > 0 {
        print(&format!(
            "内容が失われている添付が{}件あります（manifest.json の lost）。\n",
            exported.lost
        ))?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
