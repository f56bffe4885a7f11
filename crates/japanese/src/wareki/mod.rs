//! 和暦: dates as people write them and offices print them. Inside the system
//! dates are Gregorian; eras live only at the edges.

pub(crate) mod reading;

use crate::Fault;
use jiff::civil::{Date, date};
use reading::Reading;
use std::fmt;

/// An era since the Gregorian calendar came.
#[derive(Debug, PartialEq, Eq)]
pub struct Era {
    /// `令和`.
    pub name: &'static str,
    /// `令`, as on old forms.
    pub short: char,
    /// `R`, as on machine-read forms.
    pub letter: char,
    /// The first day that bears its name.
    pub start: Date,
    /// The Gregorian year that is its year 1.
    pub first_year: i16,
}

/// Newest first.
///
/// 令和: 平成31年政令第143号 (in force 2019-05-01). 平成: 昭和64年政令第1号 (from
/// the day after). 昭和, 大正: 改元の詔書 of 1926-12-25 and 1912-07-30, each from
/// that very day. 明治 here begins with the Gregorian calendar, 1873-01-01
/// (明治5年太政官布告第337号); earlier days were lunar.
pub const ERAS: [Era; 5] = [
    Era {
        name: "令和",
        short: '令',
        letter: 'R',
        start: date(2019, 5, 1),
        first_year: 2019,
    },
    Era {
        name: "平成",
        short: '平',
        letter: 'H',
        start: date(1989, 1, 8),
        first_year: 1989,
    },
    Era {
        name: "昭和",
        short: '昭',
        letter: 'S',
        start: date(1926, 12, 25),
        first_year: 1926,
    },
    Era {
        name: "大正",
        short: '大',
        letter: 'T',
        start: date(1912, 7, 30),
        first_year: 1912,
    },
    Era {
        name: "明治",
        short: '明',
        letter: 'M',
        start: date(1873, 1, 1),
        first_year: 1868,
    },
];

/// A year of an era, as in 令和8年.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wareki {
    /// `令和`, `平成`, `昭和`, `大正` or `明治`.
    pub era: &'static str,
    /// From 1, which is written 元.
    pub year: u16,
}

impl fmt::Display for Wareki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            1 => write!(f, "{}元年", self.era),
            year => write!(f, "{}{year}年", self.era),
        }
    }
}

/// The era and its year on that day; `None` before 1873-01-01.
#[must_use]
pub fn era(date: Date) -> Option<Wareki> {
    let era = ERAS.iter().find(|era| era.start <= date)?;
    let year = u16::try_from(date.year() - era.first_year + 1).ok()?;
    Some(Wareki {
        era: era.name,
        year,
    })
}

/// A date for people: `令和8年11月22日`, `令和元年5月1日`; before 1873 `1850年1月1日`.
#[must_use]
pub fn format(date: Date) -> String {
    format!("{}{}月{}日", year_text(date), date.month(), date.day())
}

/// `令和8年`, or `1850年` before there were eras here.
pub(crate) fn year_text(date: Date) -> String {
    era(date).map_or_else(|| format!("{}年", date.year()), |wareki| wareki.to_string())
}

/// Reads a whole date: `令和8年11月22日`, `令和元年5月1日`, `R8.11.22`, `令8/11/22`,
/// `2026-11-22`, `2026/11/22`, `2026年11月22日`, `20261122`, in any width, with
/// kanji numerals or a day of the week behind.
///
/// # Errors
/// `date_format`, `date_incomplete` (day or month missing), `date_impossible`
/// (31 April), `era_range` (平成32年), `date_lunar` (明治 before 1873).
pub fn parse(text: &str) -> Result<Date, Fault> {
    let reading = Reading::of(text)?;
    let (Some(month), Some(day)) = (reading.month, reading.day) else {
        return Err(Fault::new(
            "date_incomplete",
            "年月日をすべて書いてください。例：令和8年11月22日",
        ));
    };
    let date = civil(reading.year, month, day)?;
    reading.check_era(date, date)?;
    Ok(date)
}

pub(crate) fn civil(year: i16, month: i8, day: i8) -> Result<Date, Fault> {
    Date::new(year, month, day).map_err(|_| {
        Fault::new(
            "date_impossible",
            "暦にない日付です。月と日を確かめてください。",
        )
    })
}

#[cfg(test)]
mod tests;
