//! Fields laid side by side for an official (自動化技術による処理支援): what is the same though written otherwise, what
//! differs, and what cannot be compared, each with its reason. It proposes; a person decides.

use definition::model::{Compare, Field, FieldKind, RecordType};
use japanese::fold::search_key;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What came of comparing two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 一致.
    Same,
    /// 相違.
    Differs,
    /// 照合できない.
    Unknown,
}

/// One field of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Own field.
    pub field: String,
    /// The other's field.
    pub other: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Why, where it does not show by itself.
    pub reason: Option<&'static str>,
}

/// Compares the visible values of two records as a definition says.
#[must_use]
pub fn compare(
    rule: &Compare,
    own: (&RecordType, &BTreeMap<String, Json>),
    other: (&RecordType, &BTreeMap<String, Json>),
) -> Vec<Line> {
    let line = |(name, theirs): (&String, &String)| {
        let a = own.0.fields.get(name)?;
        let b = other.0.fields.get(theirs)?;
        let (verdict, reason) = judge(a, own.1.get(name), b, other.1.get(theirs));
        Some(Line {
            field: name.clone(),
            other: theirs.clone(),
            verdict,
            reason,
        })
    };
    rule.fields.iter().filter_map(line).collect()
}

type Judged = (Verdict, Option<&'static str>);

const fn unknown(reason: &'static str) -> Judged {
    (Verdict::Unknown, Some(reason))
}

const fn differs(reason: &'static str) -> Judged {
    (Verdict::Differs, Some(reason))
}

const fn same(reason: &'static str) -> Judged {
    (Verdict::Same, Some(reason))
}

fn judge(a: &Field, own: Option<&Json>, b: &Field, other: Option<&Json>) -> Judged {
    let there = |json: Option<&Json>| json.is_some_and(|json| !blank(json));
    match (there(own), there(other)) {
        (false, false) => return unknown("どちらの記録にも書かれていません。"),
        (false, true) => return unknown("この記録に書かれていません。"),
        (true, false) => return unknown("相手の記録に書かれていません。"),
        (true, true) => {}
    }
    let (Some(x), Some(y)) = (own, other) else {
        return unknown("比べられません。");
    };
    match (&a.kind, &b.kind) {
        (FieldKind::Address, FieldKind::Address) => addresses(x, y),
        (FieldKind::CorporateNumber, _) | (_, FieldKind::CorporateNumber) => corporations(x, y),
        (FieldKind::Phone | FieldKind::PostalCode, _) => plainly(digits(x) == digits(y), x == y),
        (FieldKind::PersonName, FieldKind::PersonName) => names(x, y),
        (
            FieldKind::Files { .. }
            | FieldKind::Remarks
            | FieldKind::Rows { .. }
            | FieldKind::IndividualNumber(_),
            _,
        )
        | (
            _,
            FieldKind::Files { .. }
            | FieldKind::Remarks
            | FieldKind::Rows { .. }
            | FieldKind::IndividualNumber(_),
        ) => unknown("この項目は機械では比べられません。目で確かめてください。"),
        (FieldKind::Number { .. } | FieldKind::Yen { .. }, _) => plainly(
            text(x).parse::<rust_decimal::Decimal>().ok() == text(y).parse().ok(),
            true,
        ),
        (
            FieldKind::Choice(_) | FieldKind::Choices(_) | FieldKind::Date | FieldKind::Boolean,
            _,
        ) => plainly(x == y, true),
        _ => texts(&text(x), &text(y)),
    }
}

fn plainly(equal: bool, to_the_letter: bool) -> Judged {
    match (equal, to_the_letter) {
        (true, true) => (Verdict::Same, None),
        (true, false) => same("書き方だけがちがいます。"),
        (false, _) => (Verdict::Differs, None),
    }
}

fn texts(a: &str, b: &str) -> Judged {
    if a == b {
        return (Verdict::Same, None);
    }
    let (x, y) = (folded(a), folded(b));
    if x == y {
        return same("全角と半角、かな、旧字、空白のちがいだけです。");
    }
    if bare(&x) == bare(&y) && !bare(&x).is_empty() {
        return same("法人の種類の書き方（株式会社・㈱など）だけがちがいます。");
    }
    (Verdict::Differs, None)
}

fn names(a: &Json, b: &Json) -> Judged {
    let part = |json: &Json, name: &str| json.get(name).map(text).unwrap_or_default();
    let (full, kana) = (
        texts(&part(a, "full"), &part(b, "full")),
        folded(&part(a, "kana")) == folded(&part(b, "kana")),
    );
    match full.0 {
        Verdict::Differs if kana && !part(a, "kana").is_empty() => {
            differs("漢字はちがいますが、カナは同じです。本人かどうか確かめてください。")
        }
        _ => full,
    }
}

fn corporations(a: &Json, b: &Json) -> Judged {
    let number = |json: &Json| japanese::check::corporate_number(&text(json)).ok();
    match (number(a), number(b)) {
        (Some(x), Some(y)) if x == y => (Verdict::Same, None),
        (Some(_), Some(_)) => (Verdict::Differs, None),
        _ => unknown("法人番号の桁か検査数字が正しくありません。"),
    }
}

/// Municipality first, then town and number whatever their spelling, then the building.
fn addresses(a: &Json, b: &Json) -> Judged {
    let part = |json: &Json, name: &str| json.get(name).map(text).unwrap_or_default();
    if part(a, "municipality") != part(b, "municipality") {
        return differs("区市町村がちがいます。");
    }
    let line = |json: &Json| format!("{}{}", part(json, "town"), part(json, "line"));
    let (x, y) = (line(a), line(b));
    if x.is_empty() || y.is_empty() {
        return unknown("町名や番地がないので比べられません。");
    }
    if x != y && !japanese::place::same_place(&x, &y) {
        return (Verdict::Differs, None);
    }
    let (p, q) = (folded(&part(a, "building")), folded(&part(b, "building")));
    match (p == q, p.is_empty() || q.is_empty(), x == y) {
        (true, _, true) => (Verdict::Same, None),
        (true, _, false) => same("書き方はちがいますが、同じ番地です。"),
        (false, true, _) => same("番地は同じです。建物や部屋は片方だけに書かれています。"),
        (false, false, _) => differs("番地は同じですが、建物や部屋がちがいます。"),
    }
}

/// Folded for equality: without blanks and the dots and dashes within names.
fn folded(text: &str) -> String {
    let drop = |c: &char| {
        !c.is_whitespace() && !matches!(c, '・' | '･' | '-' | 'ー' | '.' | ',' | '、' | '。')
    };
    search_key(text).chars().filter(drop).collect()
}

/// Without the kind of corporation, however it is written.
fn bare(folded: &str) -> String {
    let kinds = [
        "株式会社",
        "有限会社",
        "合同会社",
        "合資会社",
        "合名会社",
        "一般社団法人",
        "社会福祉法人",
        "医療法人",
        "(株)",
        "(有)",
        "(同)",
        "㈱",
        "㈲",
    ];
    let mut rest = folded.to_owned();
    for kind in kinds {
        rest = rest.replace(&folded_kind(kind), "");
    }
    rest
}

fn folded_kind(kind: &str) -> String {
    folded(kind)
}

fn digits(json: &Json) -> String {
    let plus = |text: String| {
        text.strip_prefix("+81")
            .map_or(text.clone(), |rest| format!("0{rest}"))
    };
    let folded = search_key(&text(json));
    plus(folded).chars().filter(char::is_ascii_digit).collect()
}

fn text(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn blank(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        Json::Array(all) => all.is_empty(),
        Json::Object(members) => members.values().all(blank),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn verdict(judged: Judged) -> Verdict {
        judged.0
    }

    #[test]
    fn spellings_of_a_name_are_one_name() {
        for (a, b) in [
            ("喫茶ﾊﾅ", "喫茶ハナ"),
            ("髙橋商店", "高橋商店"),
            ("カフェ　みほん", "カフェみほん"),
            ("株式会社見本", "㈱見本"),
            ("(株)見本フーズ", "見本フーズ株式会社"),
        ] {
            assert_eq!(verdict(texts(a, b)), Verdict::Same, "{a} {b}");
            assert!(texts(a, b).1.is_some(), "{a} {b}");
        }
        assert_eq!(texts("喫茶ハナ", "喫茶ハナ"), (Verdict::Same, None));
        assert_eq!(verdict(texts("喫茶ハナ", "喫茶ハル")), Verdict::Differs);
    }

    #[test]
    fn an_address_is_compared_by_place_then_by_building() {
        let place = |code: &str, line: &str, building: &str| json!({"municipality": code, "line": line, "building": building});
        let one = place("13202", "柴崎町2-21-19", "");
        for (other, expected) in [
            (place("13202", "柴崎町二丁目21番19号", ""), Verdict::Same),
            (
                place("13202", "柴崎町2-21-19", "見本ビル2階"),
                Verdict::Same,
            ),
            (place("13202", "柴崎町2-21-20", ""), Verdict::Differs),
            (place("13201", "柴崎町2-21-19", ""), Verdict::Differs),
            (place("13202", "", ""), Verdict::Unknown),
        ] {
            assert_eq!(verdict(addresses(&one, &other)), expected, "{other}");
            assert_eq!(verdict(addresses(&other, &one)), expected, "{other}");
        }
        let (a, b) = (
            place("13202", "柴崎町2-21-19", "1階"),
            place("13202", "柴崎町2-21-19", "2階"),
        );
        assert_eq!(verdict(addresses(&a, &b)), Verdict::Differs);
    }

    #[test]
    fn a_corporate_number_with_a_wrong_check_digit_compares_with_nothing() {
        assert_eq!(
            verdict(corporations(
                &json!("8000020130001"),
                &json!("８００００２０１３０００１")
            )),
            Verdict::Same
        );
        assert_eq!(
            verdict(corporations(
                &json!("7000020130001"),
                &json!("7000020130001")
            )),
            Verdict::Unknown
        );
    }

    #[test]
    fn a_name_in_other_kanji_with_the_same_kana_asks_for_a_look() {
        let person = |full: &str, kana: &str| json!({"full": full, "kana": kana});
        let (a, b) = (
            person("佐藤 花子", "サトウ ハナコ"),
            person("佐藤 華子", "サトウ ハナコ"),
        );
        let (verdict, reason) = names(&a, &b);
        assert_eq!(verdict, Verdict::Differs);
        assert!(reason.is_some_and(|reason| reason.contains("カナ")));
    }
}
