//! The vocabulary: each sentence that a package's scenarios may use, and what it does. No sentence knows a service.
//! `README.md` of this crate is its manual; a test holds the two together.

mod acting;
mod checks;
mod deeds;
mod inviting;
mod keeping;
mod letters;
mod looking;
mod months;
mod numbers;
mod pages;
mod paying;
mod reaching;
mod receipts;

pub(crate) use inviting::Invited;
pub(crate) use letters::Letter;

use std::sync::LazyLock;

use anyhow::{Result, bail};
use regex::{Captures, Regex};

use crate::gherkin::Step;
use crate::world::World;

/// What a sentence does: with the scenario, the words found in it, and the JSON below it.
type Deed = fn(&mut World<'_>, &Captures<'_>, Option<&str>) -> Result<()>;

/// Whether a sentence can stand after an act that was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// It speaks of the answer itself.
    Anything,
    /// Not before another sentence has looked at the refusal.
    Success,
}

struct Sentence {
    pattern: &'static str,
    regex: Regex,
    after: After,
    deed: Deed,
}

static SENTENCES: LazyLock<Vec<Sentence>> = LazyLock::new(|| {
    let all = deeds::ALL
        .iter()
        .map(|(pattern, deed)| (After::Success, *pattern, *deed));
    let all = all.chain(
        paying::ALL
            .iter()
            .chain(letters::ALL)
            .chain(reaching::ALL)
            .chain(months::ALL)
            .chain(keeping::ALL)
            .chain(looking::ALL)
            .chain(numbers::ALL)
            .chain(receipts::ALL)
            .chain(acting::ALL)
            .chain(inviting::ALL)
            .chain(pages::ALL)
            .map(|(pattern, deed)| (After::Success, *pattern, *deed)),
    );
    let all = all.chain(
        checks::OF_ANSWERS
            .iter()
            .map(|(pattern, deed)| (After::Anything, *pattern, *deed)),
    );
    let all = all.chain(
        checks::OF_RECORDS
            .iter()
            .map(|(pattern, deed)| (After::Success, *pattern, *deed)),
    );
    all.filter_map(|(after, pattern, deed)| {
        Some(Sentence {
            pattern,
            regex: regex(pattern)?,
            after,
            deed,
        })
    })
    .collect()
});

/// `{}` is something in quotes, `{n}` a whole number, `{day}` a day, `{value}` what stands there, in quotes or bare.
fn regex(pattern: &str) -> Option<Regex> {
    let text = regex::escape(pattern)
        .replace(' ', " *")
        .replace(r"\{\}", "\"([^\"]*)\"")
        .replace(r"\{query\}", "\"(.*)\"")
        .replace(r"\{n\}", "([0-9]+)")
        .replace(r"\{day\}", "([0-9]{4}-[0-9]{2}-[0-9]{2})")
        .replace(r"\{value\}", "(\".*\"|[^\" ]+)");
    Regex::new(&format!("^{text}[:：]?$")).ok()
}

/// Does one step.
///
/// # Errors
/// What the step found otherwise than it says; or that nobody knows this sentence.
pub(crate) fn perform(world: &mut World<'_>, step: &Step) -> Result<()> {
    for sentence in SENTENCES.iter() {
        let Some(words) = sentence.regex.captures(&step.text) else {
            continue;
        };
        if sentence.after == After::Success {
            world.nothing_unread()?;
        }
        return (sentence.deed)(world, &words, step.doc.as_deref());
    }
    let known: Vec<&str> = SENTENCES.iter().map(|sentence| sentence.pattern).collect();
    bail!(
        "この手順の文は知りません。使えるのは:\n      {}",
        known.join("\n      ")
    )
}

/// The n-th word found.
fn word<'t>(words: &'t Captures<'_>, n: usize) -> &'t str {
    words.get(n).map_or("", |found| found.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> Vec<&'static str> {
        SENTENCES
            .iter()
            .filter(|sentence| sentence.regex.is_match(text))
            .map(|sentence| sentence.pattern)
            .collect()
    }

    #[test]
    fn every_pattern_is_a_sentence() {
        assert_eq!(
            SENTENCES.len(),
            deeds::ALL.len()
                + paying::ALL.len()
                + letters::ALL.len()
                + reaching::ALL.len()
                + inviting::ALL.len()
                + pages::ALL.len()
                + months::ALL.len()
                + receipts::ALL.len()
                + keeping::ALL.len()
                + looking::ALL.len()
                + numbers::ALL.len()
                + acting::ALL.len()
                + checks::OF_ANSWERS.len()
                + checks::OF_RECORDS.len()
        );
    }

    #[test]
    fn a_sentence_means_one_thing() {
        let texts = [
            "今日は2026-11-24である",
            "\"a\" が \"b\" を \"c\" で開く:",
            "\"a\" が \"d\" の \"b\" を \"c\" で開く:",
            "順に行う:",
            "\"a\" が窓口で \"山田\" に代わって \"b\" を \"c\" で開く:",
            "記録 \"申請\" とする",
            "\"a\" が \"申請\" に \"submit\" をする",
            "\"a\" が \"申請\" に \"submit\" を版 2 でする:",
            "\"a\" が版 1 で \"申請\" に \"submit\" をする:",
            "\"a\" が \"申請\" を見る",
            "\"a\" が図面 \"図面.png\" をアップロードして \"図面\" とする",
            "\"a\" が3ページのPDFの図面 \"図面.pdf\" をアップロードして \"図面\" とする",
            "\"a\" が鍵のかかったPDFの図面 \"図面.pdf\" をアップロードして \"図面\" とする",
            "\"a\" は \"図面\" の2ページ目を画像で見られる",
            "\"a\" は \"図面\" の2ページ目を見られない",
            "\"a\" が \"申請\" の画面を開く",
            "\"a\" は \"図面\" のファイルを受け取れる",
            "\"a\" が \"b\" に、\"approver\" の席の代決を 2026-12-01 まで頼む",
            "\"a\" が \"trade_case\" の \"unchanged\" の全部に \"decide\" をまとめて試す",
            "\"a\" が \"trade_case\" の \"unchanged\" の全部に \"decide\" をまとめて行う",
            "3 営業日たつ",
            "30日たつ",
            "\"a\" が \"permit\" を一覧する: \"q=x&filter=trade = \"y\" and z > date(\"2030-01-01\")\"",
            "\"a\" が \"permit\" を一覧する",
            "\"申請\" の \"children.items[0]\" を \"飲食店\" とする",
            "\"a\" は \"申請\" を納付画面で \"カード\" で納める",
            "\"a\" は \"申請\" を納付画面で \"カード\" で納め、知らせが 2 回届く",
            "\"a\" は \"申請\" の払込票を受け取る",
            "\"a\" は払込票を店で払う",
            "にせの納付の知らせを \"申請\" に送る",
            "納付の代行会社につながらない",
            "納付の代行会社につながる",
            "\"a\" が \"treasury\" の \"day\" を一覧する",
            "応答は 200 である",
            "誤り \"/input/x\" は \"required\" である",
            "誤りの文に \"…\" がある",
            "\"申請\" の \"fields.fee\" は 29800 である",
            "\"申請\" の \"fields.fee\" は \"29 800\" である",
            "\"申請\" の \"fields.fee\" はない",
            "\"申請\" の \"children.items\" は 2 件である",
            "一覧は 1 件である",
            "\"a\" に通知 \"届きました\" が届いている",
            "履歴に \"return\" がある",
            "\"申請\" の履歴に \"return\" がない",
            "\"b\" には \"申請\" が見えない",
            "\"b\" が \"許可\" の文書 \"certificate\" を受け取る",
            "\"b\" は \"許可\" の文書 \"certificate\" を受け取れない",
            "\"許可\" の文書 \"certificate\" は作れず、応答は 409 である",
            "文書に \"許可\" の \"number\" がある",
            "文書に \"許可します\" がある",
            "文書に \"再発行\" はない",
            "文書の二次元コードを開く",
            "開いた画面に \"有効です\" がある",
            "開いた画面に \"有効です\" はない",
            "\"b\" がメールの宛先 \"b@example.jp\" を足し、届いた番号で確かめる",
            "\"b\" がお知らせを \"en\" の言葉で、\"20:00\" から \"07:00\" までを除いて受け取ることにする",
            "22 時になる",
            "\"b@example.jp\" 宛てにメール \"申請\" が届いている",
            "\"b@example.jp\" 宛てにメール \"申請\" は届いていない",
            "\"b@example.jp\" 宛てのメールに \"申請\" はない",
            "メールのサーバーにつながらない",
            "メールのサーバーにつながる",
            "\"a\" が窓口 \"b\" に貼ったポスターから、来た人が \"c\" の声を答える",
            "\"a\" が \"南多摩保健所\" の \"examiner\" の席に着いている",
            "\"a\" が公開 \"mhlw\" のファイルを取込み \"mhlw\" で \"permit\" に取り込む",
            "\"administrator\" が画面 \"/admin/stuck\" を開く",
            "\"a\" が \"permit\" の月報 \"monthly\" の \"2026-11\" を締める",
            "\"a\" が \"permit\" の月報 \"monthly\" の \"2026-11\" を \"遅れ\" という理由で訂正する",
            "\"a\" が \"permit\" の月報 \"monthly\" の \"2026-11\" の締めを \"誤り\" という理由で解く",
            "\"a\" が \"permit\" の月報 \"monthly\" の \"2026-11\" の表を \"b\" として受け取る",
            "表 \"b\" と表 \"c\" は同じである",
            "表 \"b\" に \"飲食店\" がある",
            "\"a\" が保守作業 \"障害-1\" を \"2026-11-24T00:00\" から \"2026-11-24T23:59\" まで申し込む",
            "\"a\" は画面 \"/admin/state\" を開けない",
        ];
        for text in texts {
            assert_eq!(meant(text).len(), 1, "{text}: {:?}", meant(text));
        }
    }

    #[test]
    fn the_manual_names_every_sentence() {
        let manual = include_str!("../README.md");
        for sentence in SENTENCES.iter() {
            assert!(
                manual.contains(&format!("`{}`", sentence.pattern)),
                "{}",
                sentence.pattern
            );
        }
    }
}
