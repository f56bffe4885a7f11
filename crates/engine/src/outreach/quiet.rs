//! Hours of the night in which only urgent messages come.

use jiff::civil::Time;
use jiff::{Timestamp, ToSpan, tz};

/// When the quiet hours end in which `now` lies; none if it lies in none. `from` later than `until` spans midnight;
/// both equal are no hours at all.
pub(super) fn ends(quiet: Option<(Time, Time)>, now: Timestamp) -> Option<Timestamp> {
    let (from, until) = quiet?;
    let zone = tz::Offset::constant(9);
    let local = zone.to_datetime(now);
    let (day, time) = (local.date(), local.time());
    let end = match (from <= until, time) {
        (true, time) if from <= time && time < until => day,
        (false, time) if time >= from => day.checked_add(1.day()).ok()?,
        (false, time) if time < until => day,
        _ => return None,
    };
    zone.to_timestamp(end.to_datetime(until)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_night_spans_midnight_and_ends_in_the_morning() {
        let night = Some((Time::constant(21, 0, 0, 0), Time::constant(8, 0, 0, 0)));
        for (now, end) in [
            ("2026-11-22T20:59:59+09:00", None),
            (
                "2026-11-22T21:00:00+09:00",
                Some("2026-11-23T08:00:00+09:00"),
            ),
            (
                "2026-11-23T00:00:00+09:00",
                Some("2026-11-23T08:00:00+09:00"),
            ),
            (
                "2026-11-23T07:59:59+09:00",
                Some("2026-11-23T08:00:00+09:00"),
            ),
            ("2026-11-23T08:00:00+09:00", None),
        ] {
            assert_eq!(ends(night, at(now)), end.map(at), "{now}");
        }
    }

    #[test]
    fn a_nap_lies_within_one_day_and_no_hours_are_never_quiet() {
        let nap = Some((Time::constant(13, 0, 0, 0), Time::constant(15, 0, 0, 0)));
        let now = at("2026-11-22T14:00:00+09:00");
        assert_eq!(ends(nap, now), Some(at("2026-11-22T15:00:00+09:00")));
        assert_eq!(ends(nap, at("2026-11-22T15:00:00+09:00")), None);
        let never = Some((Time::midnight(), Time::midnight()));
        assert_eq!(ends(never, now), None);
        assert_eq!(ends(None, now), None);
    }
}
