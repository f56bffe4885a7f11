//! No text makes a reader of this crate panic.

use crate::calendar::Calendar;
use crate::{check, fold, money, partial_date, place, text, wareki};
use fuzzed::fuzz_text;

const DATES: &[&str] = &[
    "令和8年11月22日",
    "R8.11.22",
    "2026-11-22",
    "昭和64年1月7日",
    "明治5年12月3日",
    "平成元年",
    "H01/02/29",
];
const DATE_WORDS: &[&str] = &[
    "年", "月", "日", "元", "昭和", "平成", "大正", "明治", "R", "S", "十", "二十", "百", "千",
    "万", "不詳",
];

#[test]
fn dates() {
    fuzz_text("dates", DATES, DATE_WORDS, |text| {
        let _ = (wareki::parse(text), partial_date::PartialDate::parse(text));
    });
}

#[test]
fn numbers_and_contacts() {
    let seeds = [
        "１，２３４円",
        "7000012050002",
        "123456789018",
        "０４２－５２４－５１７１",
        "190-0023",
        "hanako@example.jp",
        "13202",
        "132021",
        "カ)ヒマワリ",
    ];
    fuzz_text(
        "numbers",
        &seeds,
        &["円", "−", "＋", "（", "@", "，"],
        |text| {
            let _ = (money::parse_yen(text), money::grouped(text));
            let _ = (
                check::corporate_number(text),
                check::individual_number(text),
                check::municipality_code(text),
            );
            let _ = (
                check::postal_code(text),
                check::phone(text),
                check::email(text),
                check::zengin_kana(text),
                check::kana(text),
            );
        },
    );
}

#[test]
fn words() {
    let seeds = [
        "サトウ ハナコ",
        "ｻﾄｳ",
        "東京都立川市柴崎町二丁目21番19号",
        "髙﨑",
        "ヴゔｳﾞ",
    ];
    fuzz_text(
        "words",
        &seeds,
        &["丁目", "番地", "号", "の", "ー", "ｰ", "゛"],
        |text| {
            let key = fold::search_key(text);
            let _ = (
                fold::terms(text),
                fold::query_terms(text),
                fold::matches(&key, text),
            );
            let _ = (
                text::to_full_kana(text),
                text::to_half(text),
                text::normalise_spaces(text),
                text::has_gaiji(text),
            );
            let _ = (
                place::address_key(text),
                place::same_place(text, "柴崎町2-21-19"),
            );
        },
    );
}

#[test]
fn calendars() {
    let seed = "国民の祝日・休日月日,国民の祝日・休日名称\n2026/1/1,元日\n2026-05-03,憲法記念日\n";
    fuzz_text("calendars", &[seed], &["2026/", "名称"], |text| {
        let _ = Calendar::from_csv(text);
    });
}
