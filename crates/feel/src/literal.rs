//! Texts that mean dates, instants and durations (ISO 8601).

use jiff::{SignedDuration, Timestamp, civil};

use crate::{Value, value::TOKYO};

/// `2026-04-01`, in full.
pub(crate) fn date(text: &str) -> Option<civil::Date> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(n, b)| {
            if n == 4 || n == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    if shaped { text.parse().ok() } else { None }
}

/// `2026-04-01T09:00:00+09:00`; without an offset the time is Tokyo's.
pub(crate) fn date_time(text: &str) -> Option<Timestamp> {
    date(text.get(..10)?)?;
    if text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    text.parse::<Timestamp>().ok().or_else(|| {
        TOKYO
            .to_timestamp(text.parse::<civil::DateTime>().ok()?)
            .ok()
    })
}

/// `P3DT4H` or `P1Y2M`: either days and time, or years and months, never both.
pub(crate) fn duration(text: &str) -> Option<Value> {
    let (negative, rest) = text
        .strip_prefix('-')
        .map_or((false, text), |rest| (true, rest));
    let rest = rest.strip_prefix('P')?;
    let (days, time) = rest
        .split_once('T')
        .map_or((rest, None), |(days, time)| (days, Some(time)));
    if days.ends_with(['Y', 'M']) && time.is_none() {
        let [years, months] = parts(days, [('Y', 12), ('M', 1)])?;
        let months = years.checked_add(months)?;
        return Some(Value::YearsMonths(if negative { -months } else { months }));
    }
    let [days] = if days.is_empty() && time.is_some() {
        [0]
    } else {
        parts(days, [('D', 86_400)])?
    };
    let (time, nanos) = match time {
        None => (0, 0),
        Some(time) => time_parts(time)?,
    };
    let seconds = days.checked_add(time)?;
    let duration = SignedDuration::new(seconds, nanos);
    Some(Value::DaysTime(if negative {
        duration.checked_neg()?
    } else {
        duration
    }))
}

/// `4H30M15.5S` in seconds and nanoseconds.
fn time_parts(text: &str) -> Option<(i64, i32)> {
    let (text, nanos) = match text.split_once('.') {
        None => (text.to_owned(), 0),
        Some((whole, fraction)) => {
            let digits = fraction.strip_suffix('S')?;
            let fits =
                (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            (
                format!("{whole}S"),
                if fits {
                    format!("{digits:0<9}").parse().ok()?
                } else {
                    return None;
                },
            )
        }
    };
    let [hours, minutes, seconds] = parts(&text, [('H', 3600), ('M', 60), ('S', 1)])?;
    Some((hours.checked_add(minutes)?.checked_add(seconds)?, nanos))
}

/// Numbers each followed by its unit, in the order of the units, at least one.
fn parts<const N: usize>(text: &str, units: [(char, i64); N]) -> Option<[i64; N]> {
    let (mut rest, mut found) = (text, [0; N]);
    if text.is_empty() {
        return None;
    }
    for (slot, (unit, factor)) in found.iter_mut().zip(units) {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        if digits > 0 && rest.get(digits..)?.starts_with(unit) {
            *slot = rest
                .get(..digits)?
                .parse::<i64>()
                .ok()?
                .checked_mul(factor)?;
            rest = rest.get(digits + 1..)?;
        }
    }
    rest.is_empty().then_some(found)
}

/// The literal `@"…"`.
pub(crate) fn at(text: &str) -> Option<Value> {
    date(text)
        .map(Value::Date)
        .or_else(|| date_time(text).map(Value::DateTime))
        .or_else(|| duration(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_of_days_or_of_months() {
        let shown = |text: &str| duration(text).map(|value| value.to_string());
        for same in [
            "P3D",
            "PT4H",
            "P1DT2H3M4S",
            "PT0.5S",
            "P1Y2M",
            "P11M",
            "-P3D",
            "-P1Y",
            "PT0S",
        ] {
            assert_eq!(shown(same).as_deref(), Some(same));
        }
        assert_eq!(shown("PT36H").as_deref(), Some("P1DT12H"));
        for wrong in [
            "P",
            "PT",
            "3D",
            "P1Y3D",
            "P1D2H",
            "PD",
            "P99999999999999999999D",
            "P1DT",
            "P9223372036854775807Y",
        ] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_without_an_offset_is_tokyos() {
        assert_eq!(
            date_time("2026-04-01T09:00:00"),
            date_time("2026-04-01T00:00:00Z")
        );
        assert_eq!(date_time("2026-04-01"), None);
        assert_eq!(date("2026-02-30"), None);
        assert_eq!(date("20260401"), None);
    }
}
