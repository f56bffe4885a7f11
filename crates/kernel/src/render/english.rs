//! What English readers read.

use jiff::civil::Date;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `22 November 2026`.
pub(super) fn day(day: Date) -> String {
    let month = usize::try_from(day.month() - 1).unwrap_or_default();
    let month = MONTHS.get(month).copied().unwrap_or_default();
    format!("{} {month} {}", day.day(), day.year())
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_are_read_as_in_english() {
        assert_eq!(super::day(jiff::civil::date(2026, 1, 2)), "2 January 2026");
        assert_eq!(
            super::day(jiff::civil::date(2027, 12, 31)),
            "31 December 2027"
        );
    }
}
