//! Slows guessing. A pair of name and address that keeps failing waits longer each time, and so does an address that
//! tries many names; a name alone is never locked, so that nobody can lock another out.

use jiff::Timestamp;
use parking_lot::Mutex;
use std::collections::HashMap;

/// Failures of a pair that cost nothing.
const FREE_FAILURES_OF_PAIR: u32 = 5;
/// Failures of an address, over all names, that cost nothing: an office has one address for many people.
const FREE_FAILURES_OF_ADDRESS: u32 = 50;
/// The longest wait.
const MAX_WAIT_SECONDS: i64 = 15 * 60;
/// More entries than this are pruned of those that have expired, then of all.
const MAX_ENTRIES: usize = 20_000;

/// Failed sign-ins of late. Kept in memory: a restart forgives.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<String, Entry>>);

#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    free_at: Timestamp,
    forget_at: Timestamp,
}

impl Throttle {
    /// Seconds to wait before the next try; none if it may be tried now.
    pub(super) fn wait_seconds(&self, login: &str, address: &str, now: Timestamp) -> Option<u32> {
        let entries = self.0.lock();
        let free_at = keys(login, address)
            .iter()
            .filter_map(|(key, _)| entries.get(key))
            .map(|entry| entry.free_at)
            .max()?;
        let seconds = free_at.as_second() - now.as_second();
        u32::try_from(seconds).ok().filter(|seconds| *seconds > 0)
    }

    /// A failed try.
    pub(super) fn failed(&self, login: &str, address: &str, now: Timestamp) {
        let mut entries = self.0.lock();
        if entries.len() > MAX_ENTRIES {
            entries.retain(|_, entry| entry.forget_at > now);
        }
        if entries.len() > MAX_ENTRIES {
            entries.clear();
        }
        for (key, free) in keys(login, address) {
            let entry = entries.entry(key).or_insert(Entry {
                failures: 0,
                free_at: now,
                forget_at: now,
            });
            if entry.forget_at < now {
                entry.failures = 0;
            }
            entry.failures = entry.failures.saturating_add(1);
            entry.free_at = later(now, wait_after(entry.failures, free));
            entry.forget_at = later(now, 4 * MAX_WAIT_SECONDS);
        }
    }

    /// A successful sign-in clears the pair, not the address.
    pub(super) fn succeeded(&self, login: &str, address: &str) {
        let [(pair, _), _] = keys(login, address);
        self.0.lock().remove(&pair);
    }
}

fn keys(login: &str, address: &str) -> [(String, u32); 2] {
    let pair = super::digest(&[login.as_bytes(), address.as_bytes()]);
    [
        (pair, FREE_FAILURES_OF_PAIR),
        (
            super::digest(&[address.as_bytes()]),
            FREE_FAILURES_OF_ADDRESS,
        ),
    ]
}

fn wait_after(failures: u32, free: u32) -> i64 {
    match failures.checked_sub(free) {
        None => 0,
        Some(over) => 2_i64.saturating_pow(over.min(20)).min(MAX_WAIT_SECONDS),
    }
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn the_pair_waits_longer_each_time_and_others_do_not() {
        let throttle = Throttle::default();
        for _ in 0..4 {
            throttle.failed("a", "1.1.1.1", at(0));
        }
        assert_eq!(throttle.wait_seconds("a", "1.1.1.1", at(0)), None);
        for _ in 0..4 {
            throttle.failed("a", "1.1.1.1", at(0));
        }
        assert_eq!(throttle.wait_seconds("a", "1.1.1.1", at(0)), Some(8));
        assert_eq!(throttle.wait_seconds("a", "1.1.1.1", at(8)), None);
        assert_eq!(
            throttle.wait_seconds("a", "2.2.2.2", at(0)),
            None,
            "the victim signs in from elsewhere"
        );
        throttle.succeeded("a", "1.1.1.1");
        assert_eq!(throttle.wait_seconds("a", "1.1.1.1", at(0)), None);
    }

    #[test]
    fn an_address_that_tries_many_names_waits_at_most_a_quarter_of_an_hour() {
        let throttle = Throttle::default();
        for name in 0..200 {
            throttle.failed(&name.to_string(), "1.1.1.1", at(0));
        }
        assert_eq!(throttle.wait_seconds("new", "1.1.1.1", at(0)), Some(900));
    }
}
