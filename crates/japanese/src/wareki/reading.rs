//! The parts of a written date, before it is known whether they make one.

use super::{ERAS, Era};
use crate::{Fault, place::number_of};
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization as _;

/// A written date or part of one; the year is Gregorian already.
pub(crate) struct Reading {
    era: Option<&'static Era>,
    pub(crate) year: i16,
    pub(crate) month: Option<i8>,
    pub(crate) day: Option<i8>,
}

/// What registers write for a part that nobody knows.
const UNKNOWN: [&str; 8] = [
    "月日不詳",
    "月日不明",
    "月不詳",
    "月不明",
    "日不詳",
    "日不明",
    "不詳",
    "不明",
];

impl Reading {
    pub(crate) fn of(text: &str) -> Result<Self, Fault> {
        let normal: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
        let bare = without_weekday(&normal);
        parts(bare).unwrap_or_else(|| {
            Err(Fault::new(
                "date_format",
                "日付は「令和8年11月22日」または「2026-11-22」のように書いてください。",
            ))
        })
    }

    /// Refuses a span of days of which none lies in the era that was written.
    pub(crate) fn check_era(&self, earliest: Date, latest: Date) -> Result<(), Fault> {
        let Some(era) = self.era else { return Ok(()) };
        if latest < era.start && era.name == "明治" {
            return Err(Fault::new(
                "date_lunar",
                "明治5年までは旧暦でした。西暦に直した日付を書いてください。",
            ));
        }
        let end = ERAS
            .iter()
            .take_while(|other| other.start > era.start)
            .last()
            .map(|next| next.start);
        if latest >= era.start && end.is_none_or(|end| earliest < end) {
            return Ok(());
        }
        let last = end
            .and_then(|end| end.yesterday().ok())
            .map_or_else(String::new, super::format);
        let span = format!(
            "{}は{}から{last}までです。",
            era.name,
            super::format(era.start)
        );
        Err(Fault::new(
            "era_range",
            span + "元号か西暦を確かめてください。",
        ))
    }
}

/// `None` where the form is unknown, a fault where it is known and wrong.
fn parts(text: &str) -> Option<Result<Reading, Fault>> {
    let (era, rest) = split_era(text);
    if era.is_none() && rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_digit()) {
        let reading = Reading {
            era: None,
            year: rest[..4].parse().ok()?,
            month: rest[4..6].parse().ok(),
            day: rest[6..].parse().ok(),
        };
        return Some(Ok(reading));
    }
    let (year, rest) = year_of(era, rest)?;
    let year = match year {
        Ok(year) => year,
        Err(fault) => return Some(Err(fault)),
    };
    let (month, day) = month_and_day(rest)?;
    Some(Ok(Reading {
        era,
        year,
        month,
        day,
    }))
}

fn split_era(text: &str) -> (Option<&'static Era>, &str) {
    for era in &ERAS {
        let upper = text
            .chars()
            .next()
            .is_some_and(|c| c.to_ascii_uppercase() == era.letter);
        if let Some(rest) = text
            .strip_prefix(era.name)
            .or_else(|| text.strip_prefix(era.short))
        {
            return (Some(era), rest);
        }
        if upper {
            return (
                Some(era),
                text.get(1..).unwrap_or_default().trim_start_matches('.'),
            );
        }
    }
    (None, text)
}

fn year_of<'a>(era: Option<&'static Era>, text: &'a str) -> Option<(Result<i16, Fault>, &'a str)> {
    let Some(era) = era else {
        let (number, rest) = number(text)?;
        if !(1000..=9999).contains(&number) {
            return Some((
                Err(Fault::new(
                    "date_format",
                    "西暦の年は4桁で書いてください。和暦は元号から書いてください。",
                )),
                rest,
            ));
        }
        return Some((Ok(i16::try_from(number).ok()?), rest));
    };
    let (number, rest) = match text.strip_prefix('元') {
        Some(rest) => (1, rest),
        None => number(text)?,
    };
    if !(1..=9999).contains(&number) {
        return Some((
            Err(Fault::new(
                "era_range",
                "和暦の年は1（元）年から数えます。元号と年を確かめてください。",
            )),
            rest,
        ));
    }
    Some((Ok(era.first_year + i16::try_from(number).ok()? - 1), rest))
}

/// What follows the year: nothing, a month, or month and day, in one style.
fn month_and_day(text: &str) -> Option<(Option<i8>, Option<i8>)> {
    if text.is_empty() {
        return Some((None, None));
    }
    let (after_month, after_day, rest) = match text.strip_prefix('年') {
        Some(rest) => ('月', "日", rest),
        None => {
            let separator = text.chars().next().filter(|c| "-/.".contains(*c))?;
            (separator, "", text.strip_prefix(separator)?)
        }
    };
    if after_month == '月' && (rest.is_empty() || UNKNOWN.contains(&rest)) {
        return Some((None, None));
    }
    let (month, rest) = number(rest)?;
    let month = Some(i8::try_from(month).ok()?);
    if rest.is_empty() && after_month != '月' {
        return Some((month, None));
    }
    let rest = rest.strip_prefix(after_month)?;
    if after_month == '月' && (rest.is_empty() || UNKNOWN.contains(&rest)) {
        return Some((month, None));
    }
    let (day, rest) = number(rest)?;
    (rest == after_day).then_some((month, Some(i8::try_from(day).ok()?)))
}

/// A number in front, in digits or kanji numerals.
fn number(text: &str) -> Option<(u32, &str)> {
    let split =
        |pick: fn(char) -> bool| text.split_at(text.find(|c| !pick(c)).unwrap_or(text.len()));
    let (digits, rest) = split(|c| c.is_ascii_digit());
    if !digits.is_empty() {
        return Some((digits.parse().ok()?, rest));
    }
    let (kanji, rest) = split(|c| "〇一二三四五六七八九十百千".contains(c));
    if kanji.is_empty() {
        return None;
    }
    let value = number_of(&kanji.chars().collect::<Vec<_>>())?;
    Some((u32::try_from(value).ok()?, rest))
}

/// Cuts `(日)` or `(日曜日)` off the end: what a person wrote for clarity.
fn without_weekday(text: &str) -> &str {
    let inner = text.strip_suffix(')').and_then(|t| t.rsplit_once('('));
    match inner {
        Some((before, day)) => {
            let day = day.trim_end_matches("曜日").trim_end_matches('曜');
            let known = day.chars().count() == 1 && "月火水木金土日祝".contains(day);
            if known { before } else { text }
        }
        None => text,
    }
}
