//! Pausing neither loses nor gains a day.

use japanese::calendar::Calendar;
use jiff::ToSpan;
use kernel::clock::{Pull, before, start, step, used};
use kernel::{ClockPhase, ClockState};
use proptest::prelude::*;

proptest! {
    /// However a clock is paused, the days used are the business days of its running stretches, and what is left
    /// when it goes on is what was allowed less that.
    #[test]
    fn days_are_kept(steps in prop::collection::vec((0i64..15, any::<bool>()), 0..12), days in 1u32..40) {
        let calendar = Calendar::default();
        let mut day = jiff::civil::date(2026, 11, 24);
        let mut clock = start(&calendar, day, days);
        let mut counted = 0;
        for (ahead, pause) in steps {
            let next = day.checked_add(ahead.days()).unwrap();
            if clock.phase == ClockPhase::Running {
                counted += calendar.business_days_between(day, next);
            }
            clock = step(&calendar, &clock, if pause { Pull::Pause } else { Pull::Run }, next);
            day = next;
            prop_assert_eq!(used(&calendar, &clock, day), counted);
            match clock.phase {
                ClockPhase::Running if counted < days => {
                    let due = clock.due.unwrap();
                    prop_assert_eq!(calendar.business_days_between(day, due), days - counted);
                }
                ClockPhase::Paused => prop_assert_eq!(clock.due, None),
                _ => {}
            }
        }
        let ended = step(&calendar, &clock, Pull::End, day);
        prop_assert_eq!((ended.phase, ended.used_days, ended.ended_on, ended.due), (ClockPhase::Ended, counted, Some(day), None));
        prop_assert_eq!(step(&calendar, &ended, Pull::Run, day), ended);
    }

    /// Paused and resumed on one day is as if it had never been.
    #[test]
    fn a_pause_within_a_day_is_none(ahead in 0i64..30, days in 1u32..40) {
        let calendar = Calendar::default();
        let begun = jiff::civil::date(2026, 11, 24);
        let day = begun.checked_add(ahead.days()).unwrap();
        let clock = start(&calendar, begun, days);
        let paused = step(&calendar, &clock, Pull::Pause, day);
        let resumed: ClockState = step(&calendar, &paused, Pull::Run, day);
        if used(&calendar, &clock, day) < days {
            prop_assert_eq!(resumed.due, clock.due);
        }
        let later = day.checked_add(20.days()).unwrap();
        prop_assert_eq!(used(&calendar, &resumed, later), used(&calendar, &clock, later));
    }
}

#[test]
fn the_first_day_does_not_count() {
    let calendar = Calendar::from_csv("date,title\n2026-11-23,勤労感謝の日\n").unwrap();
    let friday = jiff::civil::date(2026, 11, 20);
    assert_eq!(
        start(&calendar, friday, 1).due,
        Some(jiff::civil::date(2026, 11, 24)),
        "Monday is a holiday"
    );
}

proptest! {
    /// A reminder so many business days before stands on an open day from which so many are left.
    #[test]
    fn a_reminder_leaves_its_business_days(ahead in 0i64..400, n in 1u32..60) {
        let calendar = Calendar::from_csv("date,title\n2026-11-23,勤労感謝の日\n2027-01-01,元日\n").unwrap();
        let begun = jiff::civil::date(2026, 11, 1).checked_add(ahead.days()).unwrap();
        let due = start(&calendar, begun, 70).due.unwrap();
        let on = before(&calendar, due, n);
        prop_assert!(calendar.is_business_day(on));
        prop_assert_eq!(calendar.add_business_days(on, n), due);
    }
}

#[test]
fn a_reminder_leaps_over_closed_days() {
    let calendar = Calendar::from_csv("date,title\n2026-11-23,勤労感謝の日\n").unwrap();
    let wednesday = jiff::civil::date(2026, 11, 25);
    assert_eq!(before(&calendar, wednesday, 0), wednesday);
    assert_eq!(
        before(&calendar, wednesday, 3),
        jiff::civil::date(2026, 11, 19),
        "not Sunday, the 22nd"
    );
}
