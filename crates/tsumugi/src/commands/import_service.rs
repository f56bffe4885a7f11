//! `tsumugi import-service`: what `tsumugi export` wrote, into an installation that has no records of these services.

use super::database::DatabaseOptions;
use super::{default_services, print, today, verify};
use crate::leaving::{Arrived, From, NUMBERS_LEFT, import};
use crate::load_packages;
use anyhow::Result;
use engine::Clock as _;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `import-service`.
#[derive(clap::Args)]
pub struct Options {
    /// tsumugi export が作ったフォルダー
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// 書き出し元を止めて、ここへ移す。送る途中だったものを、ここから送る（付けなければ止めておく）
    #[arg(long)]
    take_over: bool,
    /// サービスの定義のフォルダー。同じか新しい定義があるかを確かめる
    #[arg(long, value_name = "DIR", default_value_os_t = default_services())]
    services: PathBuf,
    /// データのフォルダー（サーバーが使っていないもの。なければ作る）
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
}

/// Imports, verifies, and says what is to be done.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let from = From {
        folder: options.from.clone(),
        takes_over: options.take_over,
        at: crate::SystemClock.now(),
    };
    let arrived = import(&options.data, options.database.read().as_ref(), &from)?;
    let code = verify::tell(&arrived.verified)?;
    if arrived.verified.difference.is_some() {
        print("取り込みは終わっていません。サーバーは起動しません。\n")?;
        return Ok(code);
    }
    print(&said(&arrived, &options.from, &options.services)?)?;
    Ok(code)
}

fn said(arrived: &Arrived, from: &Path, services: &Path) -> Result<String> {
    let count = |what: &str| arrived.counts.get(what).copied().unwrap_or_default();
    let mut text = format!(
        "記録{}件、履歴{}件、添付{}件を取り込みました。\n",
        count("records"),
        count("events"),
        count("attachments")
    );
    if count(NUMBERS_LEFT) > 0 {
        writeln!(
            text,
            "個人番号{}件は、移っていません。画面には「登録あり」と出ますが、開けません。必要な事務なら、本人か窓口がもう一度入れます（docs/operate/export.md）。",
            count(NUMBERS_LEFT)
        )?;
    }
    if arrived.held > 0 {
        writeln!(
            text,
            "送る途中だったもの{}件は止めてあります。運用の画面で確かめて送り直してください。",
            arrived.held
        )?;
    }
    let here = load_packages(services, today()).ok();
    for (slug, hash) in &arrived.services {
        let service = here
            .as_ref()
            .and_then(|here| here.catalogue.services.get(slug));
        let folder = from.join("definitions").join(hash);
        match service {
            Some(service) if service.hash == *hash => {}
            Some(_) => writeln!(
                text,
                "サービス {slug} の定義は、{} のものと違います。進行中の記録は書き出したときの定義で、新しい記録はここの定義で動きます。",
                folder.display()
            )?,
            None => writeln!(
                text,
                "サービス {slug} の定義が {} にありません。{} の中のフォルダーを加えてから起動してください。",
                services.display(),
                folder.display()
            )?,
        }
    }
    Ok(text)
}
