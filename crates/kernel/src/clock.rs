//! Clocks: business days, the first day excluded (民法140条). A day counts towards the clock on which it is paused,
//! and does not count on the day on which it goes on, so that pausing neither loses nor gains a day.

use crate::snapshot::{ClockPhase, ClockState, Pause};
use japanese::calendar::Calendar;
use jiff::civil::Date;

/// What a state does to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    /// It runs.
    Run,
    /// It stands still.
    Pause,
    /// It is over.
    End,
}

/// A clock that begins on a day.
#[must_use]
pub fn start(calendar: &Calendar, day: Date, days: u32) -> ClockState {
    let due = Some(calendar.add_business_days(day, days));
    ClockState {
        phase: ClockPhase::Running,
        since: day,
        used_days: 0,
        days,
        due,
        ended_on: None,
        pauses: Vec::new(),
    }
}

/// The day that lies `n` business days before a due day, so that as many are left: the business day of which
/// [`Calendar::add_business_days`] leads to it.
#[must_use]
pub fn before(calendar: &Calendar, due: Date, n: u32) -> Date {
    let mut day = due;
    for _ in 0..n {
        loop {
            let Ok(earlier) = day.yesterday() else {
                return day;
            };
            day = earlier;
            if calendar.is_business_day(day) {
                break;
            }
        }
    }
    day
}

/// The clock after it met a state on a day.
#[must_use]
pub fn step(calendar: &Calendar, clock: &ClockState, pull: Pull, day: Date) -> ClockState {
    let mut next = clock.clone();
    match (clock.phase, pull) {
        (ClockPhase::Running, Pull::Pause | Pull::End) => {
            next.used_days = used(calendar, clock, day);
            next.due = None;
        }
        (ClockPhase::Paused, Pull::Run) => {
            next.since = day;
            next.due =
                Some(calendar.add_business_days(day, clock.days.saturating_sub(clock.used_days)));
        }
        _ => {}
    }
    match (clock.phase, pull) {
        (ClockPhase::Ended, _) => {}
        (_, Pull::Run) => next.phase = ClockPhase::Running,
        (_, Pull::Pause) => next.phase = ClockPhase::Paused,
        (_, Pull::End) => {
            next.phase = ClockPhase::Ended;
            next.ended_on = Some(day);
        }
    }
    next
}

/// Notes when and in which state a clock stopped, and when it went on.
pub fn note_pause(before: ClockPhase, clock: &mut ClockState, state: &str, day: Date) {
    let open = clock.pauses.last_mut().filter(|p| p.until.is_none());
    match (open, clock.phase) {
        (Some(pause), ClockPhase::Paused) if pause.state == state => return,
        (Some(pause), _) => pause.until = Some(day),
        (None, _) => {}
    }
    if clock.phase == ClockPhase::Paused && before != ClockPhase::Ended {
        clock.pauses.push(Pause {
            state: state.to_owned(),
            from: day,
            until: None,
        });
    }
}

/// Business days used up to and with a day.
#[must_use]
pub fn used(calendar: &Calendar, clock: &ClockState, day: Date) -> u32 {
    match clock.phase {
        ClockPhase::Running if day > clock.since => {
            clock.used_days + calendar.business_days_between(clock.since, day)
        }
        _ => clock.used_days,
    }
}
