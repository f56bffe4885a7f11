//! Eras.
use crate::Fault;
use jiff::civil::Date;

/// A year of an era.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wareki {
    /// `令和` …
    pub era: &'static str,
    /// From 1.
    pub year: u16,
}
/// The era of a date.
#[must_use]
pub fn era(_date: Date) -> Option<Wareki> {
    None
}
/// 令和8年11月22日.
#[must_use]
pub fn format(date: Date) -> String {
    date.to_string()
}
/// Reads a date.
pub fn parse(text: &str) -> Result<Date, Fault> {
    text.parse()
        .map_err(|_| Fault::new("date", "日付を確かめてください。"))
}
