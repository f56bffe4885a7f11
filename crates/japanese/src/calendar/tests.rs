use super::{Calendar, CalendarError};
use jiff::{
    ToSpan as _,
    civil::{Date, date},
};
use proptest::prelude::*;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../../services/_registers/calendar/tables/holidays.csv");

static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::from_csv(TABLE).unwrap());

#[test]
fn offices_close_on_holidays_and_over_new_year() {
    for closed in [
        date(2026, 11, 3),
        date(2026, 11, 22),
        date(2026, 11, 23),
        date(2026, 9, 22),
        date(2026, 5, 6),
        date(2026, 12, 29),
        date(2027, 1, 1),
        date(2024, 1, 3),
        date(2019, 5, 1),
    ] {
        assert!(!CALENDAR.is_business_day(closed), "{closed}");
    }
    for open in [
        date(2026, 11, 24),
        date(2026, 12, 28),
        date(2027, 1, 4),
        date(2026, 5, 7),
    ] {
        assert!(CALENDAR.is_business_day(open), "{open}");
    }
    assert_eq!(CALENDAR.holiday(date(2026, 11, 23)), Some("勤労感謝の日"));
    assert_eq!(CALENDAR.holiday(date(2026, 11, 24)), None);
}

#[test]
fn a_period_leaves_out_its_first_day() {
    // Sunday 22 and Monday 23 November 2026 are closed: 24, 25, 26 count.
    assert_eq!(
        CALENDAR.add_business_days(date(2026, 11, 20), 3),
        date(2026, 11, 26)
    );
    assert_eq!(
        CALENDAR.add_business_days(date(2026, 12, 28), 1),
        date(2027, 1, 4)
    );
    assert_eq!(
        CALENDAR.add_business_days(date(2026, 11, 22), 0),
        date(2026, 11, 22)
    );
    assert_eq!(
        CALENDAR.next_business_day(date(2026, 11, 21)),
        date(2026, 11, 24)
    );
    assert_eq!(
        CALENDAR.business_days_between(date(2026, 11, 20), date(2026, 11, 26)),
        3
    );
    assert_eq!(
        CALENDAR.business_days_between(date(2026, 11, 26), date(2026, 11, 20)),
        0
    );
    assert_eq!(
        CALENDAR.add_business_days(date(9999, 12, 20), 100),
        Date::MAX
    );
}

#[test]
fn the_table_says_which_years_it_knows() {
    assert!(CALENDAR.covers(date(2019, 1, 1)) && CALENDAR.covers(date(2030, 12, 31)));
    assert!(!CALENDAR.covers(date(2018, 12, 31)) && !CALENDAR.covers(date(2031, 1, 1)));
}

#[test]
fn a_bad_table_names_its_line() {
    let read = |text: &str| Calendar::from_csv(text).unwrap_err();
    assert_eq!(read(""), CalendarError::Empty);
    assert_eq!(read("date\n"), CalendarError::Empty);
    assert_eq!(read("day\n2026-01-01"), CalendarError::NoDateColumn);
    assert_eq!(
        read("date\n2026-01-01\n2026/1/2"),
        CalendarError::BadDate { line: 3 }
    );
    assert_eq!(
        read("date\n2026-01-01\n2026-01-01"),
        CalendarError::Twice { line: 3 }
    );
    assert_eq!(
        read("date\n2026-01-01\n2028-01-01"),
        CalendarError::MissingYear { year: 2027 }
    );
}

/// The table against the law itself: each year has the holidays of 国民の祝日に関する
/// 法律 第2条 on their days, but for the years that special laws rearranged.
#[test]
fn the_table_follows_the_law() {
    let monday = |year, month, nth: i8| {
        date(year, month, 1)
            .nth_weekday_of_month(nth, jiff::civil::Weekday::Monday)
            .unwrap()
    };
    for year in 2022..=2030 {
        let expected = [
            (date(year, 1, 1), "元日"),
            (monday(year, 1, 2), "成人の日"),
            (date(year, 2, 11), "建国記念の日"),
            (date(year, 2, 23), "天皇誕生日"),
            (equinox(year, 3, 20.8431), "春分の日"),
            (date(year, 4, 29), "昭和の日"),
            (date(year, 5, 3), "憲法記念日"),
            (date(year, 5, 4), "みどりの日"),
            (date(year, 5, 5), "こどもの日"),
            (monday(year, 7, 3), "海の日"),
            (date(year, 8, 11), "山の日"),
            (monday(year, 9, 3), "敬老の日"),
            (equinox(year, 9, 23.2488), "秋分の日"),
            (monday(year, 10, 2), "スポーツの日"),
            (date(year, 11, 3), "文化の日"),
            (date(year, 11, 23), "勤労感謝の日"),
        ];
        for (day, title) in expected {
            assert_eq!(CALENDAR.holiday(day), Some(title), "{day}");
        }
        let others = CALENDAR
            .holidays
            .iter()
            .filter(|(day, _)| day.year() == year && !expected.iter().any(|(d, _)| d == *day));
        for (day, title) in others {
            let before = day.yesterday().unwrap();
            let after = day.tomorrow().unwrap();
            match title.as_str() {
                "振替休日" => assert!(follows_a_sunday_holiday(*day), "{day}"),
                "国民の休日" => assert!(
                    CALENDAR.holiday(before).is_some() && CALENDAR.holiday(after).is_some(),
                    "{day}"
                ),
                _ => panic!("{day} {title}"),
            }
        }
        for (day, _) in expected
            .iter()
            .filter(|(day, _)| day.weekday() == jiff::civil::Weekday::Sunday)
        {
            let mut next = day.tomorrow().unwrap();
            while expected.iter().any(|(d, _)| *d == next) {
                next = next.tomorrow().unwrap();
            }
            assert_eq!(CALENDAR.holiday(next), Some("振替休日"), "{next}");
        }
    }
}

/// The usual approximation of 国立天文台's equinoxes, good from 1980 to 2099.
fn equinox(year: i16, month: i8, base: f64) -> Date {
    let since = f64::from(year - 1980);
    let day = (base + 0.242_194 * since).floor() - (since / 4.0).floor();
    date(year, month, day as i8)
}

/// 第3条第2項: unbroken holidays back to one on a Sunday.
fn follows_a_sunday_holiday(day: Date) -> bool {
    let mut day = day;
    loop {
        day = day.yesterday().unwrap();
        match CALENDAR.holiday(day) {
            None => return false,
            Some(_) if day.weekday() == jiff::civil::Weekday::Sunday => return true,
            Some(_) => {}
        }
    }
}

fn any_day() -> impl Strategy<Value = Date> {
    (0_i32..4380).prop_map(|days| date(2019, 1, 1).checked_add(days.days()).unwrap())
}

proptest! {
    #[test]
    fn adding_and_counting_are_inverse(day in any_day(), n in 0_u32..80) {
        let end = CALENDAR.add_business_days(day, n);
        prop_assert_eq!(CALENDAR.business_days_between(day, end), n);
        if n > 0 {
            prop_assert!(CALENDAR.is_business_day(end) && end > day);
        }
    }

    #[test]
    fn the_next_business_day_skips_only_closed_days(day in any_day()) {
        let next = CALENDAR.next_business_day(day);
        prop_assert!(CALENDAR.is_business_day(next) && next >= day);
        prop_assert_eq!(next == day, CALENDAR.is_business_day(day));
        if next > day {
            prop_assert_eq!(CALENDAR.business_days_between(day, next), 1);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), rows in "(date|title|\"|,|\n|2026-01-0[1-9]){0,30}") {
        let _ = (Calendar::from_csv(&text), Calendar::from_csv(&rows));
    }
}
