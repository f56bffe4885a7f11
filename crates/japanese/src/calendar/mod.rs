//! Business days of the metropolis's offices.
//!
//! Closed are Saturdays, Sundays, national holidays (国民の祝日に関する法律) and
//! 29 December to 3 January: 地方自治法 第4条の2 and 東京都の休日に関する条例
//! (平成元年東京都条例第10号) 第1条.

mod csv;

use jiff::civil::{Date, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// Why a table of holidays cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The heading names no column `date`.
    #[error("祝日の表の見出しに date の列がありません。")]
    NoDateColumn,
    /// A row's date cannot be read; lines count from 1, the heading included.
    #[error("祝日の表の{line}行目の日付を読めません。2026-11-03のように書いてください。")]
    BadDate {
        /// Line of the file.
        line: usize,
    },
    /// A date stands twice.
    #[error("祝日の表の{line}行目の日付は前の行にもあります。")]
    Twice {
        /// Line of the file.
        line: usize,
    },
    /// A year between the first and the last has no row, so it was forgotten.
    #[error("祝日の表に{year}年の行がありません。")]
    MissingYear {
        /// The year.
        year: i16,
    },
    /// There is no row at all.
    #[error("祝日の表に行がありません。")]
    Empty,
}

/// National holidays of whole years, and the reckoning of days that rests on them.
///
/// Outside the table's years (see [`Calendar::covers`]) only weekends and the
/// turn of the year are closed: good enough to plan by, not to bind anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    holidays: BTreeMap<Date, String>,
}

impl Calendar {
    /// Reads a table with a heading, a column `date` (`2026-11-03`) and, if it is
    /// there, `title`; other columns are left alone. A byte-order mark, CRLF and
    /// quoted cells are fine.
    ///
    /// # Errors
    /// The first [`CalendarError`].
    pub fn from_csv(text: &str) -> Result<Self, CalendarError> {
        let mut rows = csv::rows(text);
        let (_, heading) = rows.next().ok_or(CalendarError::Empty)?;
        let column = |name: &str| heading.iter().position(|cell| cell == name);
        let date_at = column("date").ok_or(CalendarError::NoDateColumn)?;
        let title_at = column("title");
        let mut holidays = BTreeMap::new();
        for (line, row) in rows {
            let date: Date = row
                .get(date_at)
                .and_then(|cell| cell.parse().ok())
                .ok_or(CalendarError::BadDate { line })?;
            let title = title_at
                .and_then(|at| row.get(at))
                .cloned()
                .unwrap_or_default();
            if holidays.insert(date, title).is_some() {
                return Err(CalendarError::Twice { line });
            }
        }
        Self::checked(holidays)
    }

    /// From holidays that were read elsewhere, such as a published table.
    ///
    /// # Errors
    /// [`CalendarError::Empty`] and [`CalendarError::MissingYear`].
    pub fn from_holidays(
        holidays: impl IntoIterator<Item = (Date, String)>,
    ) -> Result<Self, CalendarError> {
        Self::checked(holidays.into_iter().collect())
    }

    fn checked(holidays: BTreeMap<Date, String>) -> Result<Self, CalendarError> {
        let years: BTreeSet<i16> = holidays.keys().map(|date| date.year()).collect();
        let (Some(first), Some(last)) = (years.first(), years.last()) else {
            return Err(CalendarError::Empty);
        };
        match (*first..=*last).find(|year| !years.contains(year)) {
            Some(year) => Err(CalendarError::MissingYear { year }),
            None => Ok(Self { holidays }),
        }
    }

    /// The name of the national holiday on that day.
    #[must_use]
    pub fn holiday(&self, date: Date) -> Option<&str> {
        self.holidays.get(&date).map(String::as_str)
    }

    /// Whether offices are open: no Saturday, Sunday, national holiday, nor a day
    /// from 29 December to 3 January.
    #[must_use]
    pub fn is_business_day(&self, date: Date) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        let turn_of_year = matches!((date.month(), date.day()), (12, 29..) | (1, ..=3));
        !weekend && !turn_of_year && !self.holidays.contains_key(&date)
    }

    /// The day on which a period of `n` business days ends. Its first day is not
    /// counted (民法 第140条), so 1 gives the next business day after `date`, and 0
    /// gives `date` itself. Stops at the calendar's last day, 9999-12-31.
    #[must_use]
    pub fn add_business_days(&self, date: Date, n: u32) -> Date {
        let mut day = date;
        for _ in 0..n {
            match day.tomorrow() {
                Ok(next) => day = self.next_business_day(next),
                Err(_) => break,
            }
        }
        day
    }

    /// How many business days lie after `from` up to and including `until`; 0 when
    /// `until` is not later. The inverse of [`Calendar::add_business_days`].
    #[must_use]
    pub fn business_days_between(&self, from: Date, until: Date) -> u32 {
        let mut count = 0;
        let mut day = from;
        while day < until {
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            count += u32::from(self.is_business_day(day));
        }
        count
    }

    /// `date` itself when offices are open, else the first open day after it: when a
    /// period that ends on a closed day ends (民法 第142条, 地方自治法 第4条の2第4項).
    #[must_use]
    pub fn next_business_day(&self, date: Date) -> Date {
        let mut day = date;
        while !self.is_business_day(day) {
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        day
    }

    /// Whether the table speaks of this day's year.
    #[must_use]
    pub fn covers(&self, date: Date) -> bool {
        let year = date.year();
        let first = self.holidays.keys().next().map(|day| day.year());
        let last = self.holidays.keys().next_back().map(|day| day.year());
        first.is_some_and(|first| first <= year) && last.is_some_and(|last| year <= last)
    }
}

#[cfg(test)]
mod tests;
