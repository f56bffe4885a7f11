//! The periods of a report: a month (`2026-10`), a quarter of a fiscal year (`FY2026Q2`: July to September 2026), a
//! fiscal year (`FY2026`: April 2026 to March 2027), a calendar year (`2026`).

use definition::model::Period;
use jiff::civil::{Date, date};

/// One period, whole months long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its kind.
    pub kind: Period,
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
}

impl Span {
    /// Reads a name; none if it names no period.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (kind, year, month) = match text.strip_prefix("FY") {
            Some(rest) => match rest.split_once('Q') {
                Some((year, quarter)) => (Period::Quarter, year, digits(quarter, 1)? * 3 + 1),
                None => (Period::FiscalYear, rest, 4),
            },
            None => match text.split_once('-') {
                Some((year, month)) => (Period::Month, year, digits(month, 2)?),
                None => (Period::Year, text, 1),
            },
        };
        let year = digits(year, 4)?;
        // The fourth quarter of a fiscal year lies in the next calendar year.
        let (year, month) = match (kind, month) {
            (Period::Quarter, 4..=12) => (year, month),
            (Period::Quarter, 13) => (year + 1, 1),
            (Period::Quarter, _) => return None,
            _ => (year, month),
        };
        let first = Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
        Some(Self::from(kind, first))
    }

    /// The period of a kind in which a day lies.
    #[must_use]
    pub fn around(kind: Period, day: Date) -> Self {
        let (year, month) = (day.year(), day.month());
        let fiscal = if month < 4 { year - 1 } else { year };
        let first = match kind {
            Period::Month => day.first_of_month(),
            Period::Quarter => date(year, (month - 1) / 3 * 3 + 1, 1),
            Period::FiscalYear => date(fiscal, 4, 1),
            Period::Year => date(year, 1, 1),
        };
        Self::from(kind, first)
    }

    fn from(kind: Period, first: Date) -> Self {
        let months = match kind {
            Period::Month => 1,
            Period::Quarter => 3,
            Period::FiscalYear | Period::Year => 12,
        };
        let last = (1..months).fold(first, |month, _| next(month));
        Self {
            kind,
            first,
            last: last.last_of_month(),
        }
    }

    /// Its name, as [`Span::read`] takes it.
    #[must_use]
    pub fn name(&self) -> String {
        let (year, month) = (self.first.year(), self.first.month());
        let fiscal = if month < 4 { year - 1 } else { year };
        match self.kind {
            Period::Month => format!("{year:04}-{month:02}"),
            Period::Quarter => format!("FY{fiscal:04}Q{}", (month + 8) % 12 / 3 + 1),
            Period::FiscalYear => format!("FY{fiscal:04}"),
            Period::Year => format!("{year:04}"),
        }
    }

    /// Its months by name, in order.
    #[must_use]
    pub fn months(&self) -> Vec<String> {
        let mut months = Vec::new();
        let mut month = self.first;
        while month <= self.last {
            months.push(Self::from(Period::Month, month).name());
            month = next(month);
        }
        months
    }
}

fn next(month: Date) -> Date {
    month.last_of_month().tomorrow().unwrap_or(Date::MAX)
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i16> {
    let all = text.len() == count && text.bytes().all(|one| one.is_ascii_digit());
    text.parse().ok().filter(|_| all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_the_days_they_stand_for() {
        for (name, first, last) in [
            ("2026-10", date(2026, 10, 1), date(2026, 10, 31)),
            ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
            ("FY2026Q1", date(2026, 4, 1), date(2026, 6, 30)),
            ("FY2026Q4", date(2027, 1, 1), date(2027, 3, 31)),
            ("FY2026", date(2026, 4, 1), date(2027, 3, 31)),
            ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ] {
            let span = Span::read(name).unwrap();
            assert_eq!((span.first, span.last), (first, last), "{name}");
            assert_eq!(span.name(), name);
        }
        for text in [
            "", "2026-13", "2026-1", "FY2026Q0", "FY2026Q5", "FY26", "20261", "FY2026Q", "+026-01",
        ] {
            assert_eq!(Span::read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_day_lies_in_one_period_of_a_kind(days in 0..40_000_i32) {
            let day = date(1990, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            for kind in [Period::Month, Period::Quarter, Period::FiscalYear, Period::Year] {
                let span = Span::around(kind, day);
                prop_assert!(span.first <= day && day <= span.last);
                prop_assert_eq!(Span::read(&span.name()), Some(span));
                let month = Span::around(Period::Month, day).name();
                prop_assert!(span.months().contains(&month));
                let after = Span::around(kind, span.last.tomorrow().unwrap());
                prop_assert!(after.first > span.last && after != span);
            }
        }
    }
}
