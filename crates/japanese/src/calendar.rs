//! Business days.
use crate::Fault;
use jiff::civil::Date;

/// National holidays of a span of years.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    holidays: Vec<Date>,
}
impl Calendar {
    /// Reads `date,title,…`.
    pub fn from_csv(_csv: &str) -> Result<Self, Fault> {
        Ok(Self::default())
    }
    /// Neither Saturday, Sunday, holiday nor 12/29–1/3.
    #[must_use]
    pub fn is_business_day(&self, date: Date) -> bool {
        !self.holidays.contains(&date)
    }
    /// The day on which `n` business days end, first day excluded.
    #[must_use]
    pub fn add_business_days(&self, date: Date, _n: u32) -> Date {
        date
    }
    /// Business days after `from` up to and with `until`.
    #[must_use]
    pub fn business_days_between(&self, _from: Date, _until: Date) -> u32 {
        0
    }
    /// `date` itself, or the next business day.
    #[must_use]
    pub fn next_business_day(&self, date: Date) -> Date {
        date
    }
    /// Whether the table speaks of this day's year.
    #[must_use]
    pub fn covers(&self, _date: Date) -> bool {
        false
    }
}
