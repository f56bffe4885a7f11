//! Dates known to the month or the year only, as registers of people have them.

use crate::{
    Fault,
    wareki::{self, reading::Reading},
};
use jiff::civil::Date;
use std::{fmt, str::FromStr};

/// A date known to the day, the month or the year. As text and in JSON it is
/// `2026-11-22`, `2026-11` or `2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PartialDate {
    /// Gregorian year.
    pub year: i16,
    /// 1 to 12, if known.
    pub month: Option<i8>,
    /// 1 to 31, if known; never without a month.
    pub day: Option<i8>,
}

impl PartialDate {
    /// Reads what [`wareki::parse`] reads and its beginnings: `2026`, `2026-11`,
    /// `令和8年`, `昭和20年3月`, also `昭和20年月日不詳` and `昭和20年3月日不詳`.
    ///
    /// # Errors
    /// As [`wareki::parse`], but a date may be incomplete.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let reading = Reading::of(text)?;
        let partial = Self {
            year: reading.year,
            month: reading.month,
            day: reading.day,
        };
        wareki::civil(
            partial.year,
            partial.month.unwrap_or(1),
            partial.day.unwrap_or(1),
        )?;
        reading.check_era(partial.earliest(), partial.latest())?;
        Ok(partial)
    }

    /// For people: `令和8年11月22日`, `令和8年11月`, `令和8年`. In a month or year in
    /// which the era changed, the later era's name stands.
    #[must_use]
    pub fn format(&self) -> String {
        let year = wareki::year_text(self.latest());
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{year}{month}月{day}日"),
            (Some(month), None) => format!("{year}{month}月"),
            _ => year,
        }
    }

    /// The first day that it may be.
    #[must_use]
    pub fn earliest(&self) -> Date {
        self.at(self.month.unwrap_or(1), self.day.unwrap_or(1))
    }

    /// The last day that it may be.
    #[must_use]
    pub fn latest(&self) -> Date {
        let month = self.month.unwrap_or(12);
        match self.day {
            Some(day) => self.at(month, day),
            None => self.at(month, 1).last_of_month(),
        }
    }

    /// The day itself, when it is known wholly.
    #[must_use]
    pub fn exact(&self) -> Option<Date> {
        self.day.map(|_| self.earliest())
    }

    /// Hand-made values may name a day that is none; the nearest stands then.
    fn at(&self, month: i8, day: i8) -> Date {
        let first =
            Date::new(self.year.clamp(-9999, 9999), month.clamp(1, 12), 1).unwrap_or(Date::ZERO);
        first
            .with()
            .day(day.clamp(1, first.days_in_month()))
            .build()
            .unwrap_or(first)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl FromStr for PartialDate {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        Self::parse(text)
    }
}

impl TryFrom<String> for PartialDate {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        Self::parse(&text)
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.to_string()
    }
}

impl From<Date> for PartialDate {
    fn from(date: Date) -> Self {
        Self {
            year: date.year(),
            month: Some(date.month()),
            day: Some(date.day()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PartialDate;
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    #[test]
    fn spans_are_what_is_known() {
        for (text, iso, shown, earliest, latest) in [
            (
                "昭和20年",
                "1945",
                "昭和20年",
                date(1945, 1, 1),
                date(1945, 12, 31),
            ),
            (
                "S20.2",
                "1945-02",
                "昭和20年2月",
                date(1945, 2, 1),
                date(1945, 2, 28),
            ),
            (
                "昭和20年月日不詳",
                "1945",
                "昭和20年",
                date(1945, 1, 1),
                date(1945, 12, 31),
            ),
            (
                "昭和20年3月日不詳",
                "1945-03",
                "昭和20年3月",
                date(1945, 3, 1),
                date(1945, 3, 31),
            ),
            (
                "2024-02",
                "2024-02",
                "令和6年2月",
                date(2024, 2, 1),
                date(2024, 2, 29),
            ),
            (
                "平成31年",
                "2019",
                "令和元年",
                date(2019, 1, 1),
                date(2019, 12, 31),
            ),
            (
                "昭和64年1月",
                "1989-01",
                "平成元年1月",
                date(1989, 1, 1),
                date(1989, 1, 31),
            ),
            (
                "2026-11-22",
                "2026-11-22",
                "令和8年11月22日",
                date(2026, 11, 22),
                date(2026, 11, 22),
            ),
        ] {
            let partial = PartialDate::parse(text).unwrap();
            assert_eq!(partial.to_string(), iso, "{text}");
            assert_eq!(partial.format(), shown, "{text}");
            assert_eq!(
                (partial.earliest(), partial.latest()),
                (earliest, latest),
                "{text}"
            );
        }
    }

    #[test]
    fn eras_bound_parts_too() {
        for text in ["平成32年", "令和元年4月", "昭和64年2月"] {
            assert_eq!(
                PartialDate::parse(text).unwrap_err().code,
                "era_range",
                "{text}"
            );
        }
        assert_eq!(
            PartialDate::parse("2026-13").unwrap_err().code,
            "date_impossible"
        );
        assert_eq!(
            PartialDate::parse("明治5年").unwrap_err().code,
            "date_lunar"
        );
    }

    #[test]
    fn an_exact_day_is_told_from_a_span() {
        assert_eq!(
            PartialDate::parse("2026-11-22").unwrap().exact(),
            Some(date(2026, 11, 22))
        );
        assert_eq!(PartialDate::parse("2026-11").unwrap().exact(), None);
        let odd = PartialDate {
            year: 2026,
            month: Some(2),
            day: Some(31),
        };
        assert_eq!(odd.latest(), date(2026, 2, 28));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(year in 1000_i16..9999, month in 1_i8..=12, day in 1_i8..=31, known in 0_u8..3) {
            let day = (known == 2).then_some(day);
            let month = (known >= 1).then_some(month);
            if Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).is_err() {
                return Ok(());
            }
            let partial = PartialDate { year, month, day };
            prop_assert_eq!(PartialDate::parse(&partial.to_string()), Ok(partial));
            prop_assert!(partial.earliest() <= partial.latest());
            prop_assert_eq!(PartialDate::parse(&partial.format()), Ok(partial));
        }
    }
}
