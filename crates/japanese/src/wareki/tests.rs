use super::{ERAS, era, format, parse};
use jiff::civil::{Date, date};
use proptest::prelude::*;

#[test]
fn eras_change_on_their_days() {
    for (day, text) in [
        (date(1873, 1, 1), "明治6年1月1日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2026, 11, 22), "令和8年11月22日"),
    ] {
        assert_eq!(format(day), text);
        assert_eq!(parse(text).unwrap(), day);
    }
    assert_eq!(era(date(1872, 12, 31)), None);
    assert_eq!(format(date(1850, 2, 3)), "1850年2月3日");
    assert_eq!(parse("1850年2月3日").unwrap(), date(1850, 2, 3));
}

#[test]
fn many_spellings_are_one_day() {
    for text in [
        "令和8年11月22日",
        "令和８年１１月２２日",
        "令和 8 年 11 月 22 日（日）",
        "令和八年十一月二十二日(日曜日)",
        "㋿8年11月22日",
        "R8.11.22",
        "r08/11/22",
        "R.8.11.22",
        "令8.11.22",
        "2026-11-22",
        "2026/11/22",
        "２０２６．１１．２２",
        "2026年11月22日",
        "二〇二六年十一月二十二日",
        "20261122",
    ] {
        assert_eq!(parse(text).unwrap(), date(2026, 11, 22), "{text}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    for (text, code) in [
        ("", "date_format"),
        ("明日", "date_format"),
        ("26-11-22", "date_format"),
        ("2026-11/22", "date_format"),
        ("2026年11-22", "date_format"),
        ("2026-11-22-1", "date_format"),
        ("令和8年11月", "date_incomplete"),
        ("2026", "date_incomplete"),
        ("2026-02-30", "date_impossible"),
        ("令和8年13月1日", "date_impossible"),
        ("20260231", "date_impossible"),
        ("平成32年1月1日", "era_range"),
        ("令和元年4月30日", "era_range"),
        ("昭和64年1月8日", "era_range"),
        ("令和0年1月1日", "era_range"),
        ("明治5年12月2日", "date_lunar"),
    ] {
        assert_eq!(parse(text).unwrap_err().code, code, "{text}");
    }
    let detail = parse("平成31年5月1日").unwrap_err().detail;
    assert!(
        detail.contains("平成は平成元年1月8日から平成31年4月30日まで"),
        "{detail}"
    );
}

/// The answers of an independent library; `tests/fixtures/wareki.cjs` writes them.
#[test]
fn an_independent_library_agrees() {
    let mut count = 0;
    for line in include_str!("../../tests/fixtures/wareki.csv")
        .lines()
        .skip(1)
    {
        let (day, text) = line.split_once(',').unwrap();
        let day: Date = day.parse().unwrap();
        assert_eq!(format(day), text);
        assert_eq!(parse(text).unwrap(), day);
        count += 1;
    }
    assert!(count > 300, "{count}");
}

fn any_day() -> impl Strategy<Value = Date> {
    (1000_i16..9999, 1_i8..=12, 1_i8..=31)
        .prop_filter_map("no such day", |(y, m, d)| Date::new(y, m, d).ok())
}

proptest! {
    #[test]
    fn what_is_written_is_read(day in any_day()) {
        prop_assert_eq!(parse(&format(day)).unwrap(), day);
        prop_assert_eq!(parse(&day.to_string()).unwrap(), day);
        let compact = day.to_string().replace('-', "");
        prop_assert_eq!(parse(&compact).unwrap(), day);
        if let Some(wareki) = era(day) {
            let letter = ERAS.iter().find(|era| era.name == wareki.era).unwrap().letter;
            let (year, month, number) = (wareki.year, day.month(), day.day());
            let short = std::format!("{letter}{year}.{month}.{number}");
            prop_assert_eq!(parse(&short).unwrap(), day);
        }
    }

    #[test]
    fn never_panics(text in any::<String>(), dateish in "[RHSTM令和平成昭元明]{0,2}[0-9一十〇年月日不詳./-]{0,14}") {
        let _ = (parse(&text), parse(&dateish));
        let _ = (crate::partial_date::PartialDate::parse(&text), crate::partial_date::PartialDate::parse(&dateish));
    }
}
