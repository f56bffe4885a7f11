//! When an edition falls due.

use definition::model::Schedule;
use jiff::civil::Date;

/// Whether an edition is to be made today, the newest being of the day `last`. A day that was missed (the machine was
/// off) is made up for once.
#[must_use]
pub fn falls_due(schedule: Schedule, last: Option<Date>, today: Date) -> bool {
    let Some(last) = last else { return true };
    let wanted = match schedule {
        Schedule::Daily => today,
        Schedule::Monthly(day) => {
            let this = in_month(today, day);
            if this <= today {
                this
            } else {
                let before = today.first_of_month().yesterday().unwrap_or(today);
                in_month(before, day)
            }
        }
    };
    last < wanted
}

/// The day of a month, its last where the month is shorter.
fn in_month(month: Date, day: u8) -> Date {
    let day = i8::try_from(day)
        .unwrap_or(1)
        .clamp(1, month.days_in_month());
    month.with().day(day).build().unwrap_or(month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn editions_fall_due() {
        let today = date(2026, 11, 22);
        assert!(falls_due(Schedule::Daily, None, today));
        assert!(falls_due(Schedule::Daily, Some(date(2026, 11, 21)), today));
        assert!(!falls_due(Schedule::Daily, Some(today), today));
        let first = Schedule::Monthly(1);
        assert!(!falls_due(first, Some(date(2026, 11, 1)), today));
        assert!(!falls_due(first, Some(date(2026, 11, 20)), today));
        assert!(falls_due(first, Some(date(2026, 10, 31)), today));
        let last = Schedule::Monthly(31);
        assert!(!falls_due(last, Some(date(2026, 10, 31)), today));
        assert!(falls_due(
            last,
            Some(date(2026, 10, 31)),
            date(2026, 11, 30)
        ));
        assert!(falls_due(last, Some(date(2026, 1, 31)), date(2026, 2, 28)));
    }
}
