//! Functions over dates.

use jiff::{Timestamp, civil::Date};

use crate::value::TOKYO;

/// The civil date of an instant in Tokyo.
pub(crate) fn tokyo(instant: Timestamp) -> Date {
    TOKYO.to_datetime(instant).date()
}

/// The midnight in Tokyo that begins a date.
pub(crate) fn midnight(date: Date) -> Option<Timestamp> {
    TOKYO
        .to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
        .ok()
}

/// Days later; `None` beyond the calendar.
pub(crate) fn add_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

/// Months later; a day that the month lacks becomes its last (31 January and a month: 28 February).
pub(crate) fn add_months(date: Date, months: i64) -> Option<Date> {
    date.checked_add(jiff::Span::new().try_months(months).ok()?)
        .ok()
}

/// Whole days from the first to the second.
pub(crate) fn days_between(from: Date, until: Date) -> i64 {
    let day = |date: Date| date.duration_since(Date::MIN).as_hours() / 24;
    day(until) - day(from)
}

/// Whole months from the first to the second; negative when it goes back.
pub(crate) fn months_between(from: Date, until: Date) -> i64 {
    let count = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
    let months = count(until) - count(from);
    match (
        months.signum(),
        until.day() < from.day(),
        until.day() > from.day(),
    ) {
        (1, true, _) => months - 1,
        (-1, _, true) => months + 1,
        _ => months,
    }
}

/// 年度: from 1 April to 31 March (会計年度, 地方自治法208条).
pub(crate) fn fiscal_year(date: Date) -> i64 {
    i64::from(date.year()) - i64::from(date.month() < 4)
}

/// Same clock time some months away.
pub(crate) fn instant_add_months(instant: Timestamp, months: i64) -> Option<Timestamp> {
    let local = TOKYO.to_datetime(instant);
    let moved = add_months(local.date(), months)?;
    TOKYO.to_timestamp(moved.to_datetime(local.time())).ok()
}

/// Whole days of a duration towards the past: -1 hour on a date is the day before.
pub(crate) fn floor_days(duration: jiff::SignedDuration) -> i64 {
    let seconds = duration.as_secs() - i64::from(duration.subsec_nanos() < 0);
    seconds.div_euclid(86_400)
}

/// A number of days as a duration.
pub(crate) fn days(count: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_secs(count.saturating_mul(86_400))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn months_are_whole() {
        assert_eq!(months_between(date(2026, 1, 31), date(2026, 2, 28)), 0);
        assert_eq!(months_between(date(2026, 1, 15), date(2027, 1, 15)), 12);
        assert_eq!(months_between(date(2026, 3, 1), date(2026, 1, 15)), -1);
        assert_eq!(add_months(date(2026, 1, 31), 1), Some(date(2026, 2, 28)));
        assert_eq!(add_days(Date::MAX, 1), None);
        assert_eq!(days_between(date(2026, 2, 28), date(2026, 3, 1)), 1);
        assert_eq!(floor_days(jiff::SignedDuration::from_hours(-1)), -1);
        assert_eq!(
            (
                fiscal_year(date(2026, 3, 31)),
                fiscal_year(date(2026, 4, 1))
            ),
            (2025, 2026)
        );
    }
}
