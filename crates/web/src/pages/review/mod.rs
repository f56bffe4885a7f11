//! 利用者の声: asked after a procedure or at a counter, shown as sums to everyone and as voices to staff.

mod ask;
mod results;
mod staff;

pub(crate) use ask::random_id;
pub(super) use ask::{answer, at_counter, of_case};
pub(super) use results::public;
pub(super) use staff::{all, poster, publish, service};

use crate::i18n::say;
use engine::review::{QUESTIONS, Results, Row, Share};

/// A share as people read it: `77.8%`.
fn percent(share: Share) -> String {
    share.permille().map_or_else(
        || "—".to_owned(),
        |permille| format!("{}.{}%", permille / 10, permille % 10),
    )
}

/// One line of a table.
pub(super) struct Line {
    name: String,
    /// Answers and share; none where it is not told.
    told: Option<(u64, String)>,
    /// Width of the bar, 0 to 100.
    bar: u64,
}

/// One table of the sums.
pub(super) struct Table {
    title: &'static str,
    head: &'static str,
    lines: Vec<Line>,
}

fn line(row: &Row, name: impl Fn(&str) -> String) -> Line {
    Line {
        name: name(&row.name),
        told: row.share.map(|share| (share.answers, percent(share))),
        bar: row.share.and_then(|share| share.permille()).unwrap_or(0) / 10,
    }
}

fn tables(results: &Results) -> Vec<Table> {
    let table =
        |title: &'static str, head: &'static str, rows: &[Row], name: fn(&str) -> String| Table {
            title: say(title),
            head: say(head),
            lines: rows.iter().map(|row| line(row, name)).collect(),
        };
    vec![
        table("問いごと", "問い", &results.questions, question),
        table("手続きの方法ごと", "方法", &results.channels, channel),
        table("月ごと", "月", &results.months, month),
        table("事務所ごと", "事務所", &results.offices, str::to_owned),
    ]
}

/// A question in the language of the page; its name in Japanese where it has none here.
fn question(name: &str) -> String {
    let titled = QUESTIONS.iter().find(|(known, _)| *known == name);
    say(match name {
        "speed" => "早さ：思ったより早くすみましたか",
        "simple" => "かんたんさ：迷わずにできましたか",
        "usable" => "使いやすさ：使いやすかったですか",
        other => titled.map_or(other, |(_, title)| title),
    })
    .to_owned()
}

fn channel(name: &str) -> String {
    say(match name {
        "online" => "オンライン",
        "counter" => "窓口",
        other => other,
    })
    .to_owned()
}

/// `2026年11月`.
fn month(name: &str) -> String {
    match name.split_once('-') {
        Some((year, month)) => {
            crate::i18n::with("{0}年{1}月", &[&year, &month.trim_start_matches('0')])
        }
        None => name.to_owned(),
    }
}
