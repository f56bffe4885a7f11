//! How long whoever is ready waits for a core.
//!
//! A read runs to its end in one poll of its task. So when the machine is full, requests queue in the scheduler, where
//! nobody can be refused, and nobody is ever seen inside. Whoever was let in therefore steps back once, so that everybody
//! who came meanwhile is looked at first. Stepping back costs a tenth of a read (it goes on on another core, with a cold
//! cache): while the machine is not full one in so many does it, and so sees whether it still is not.

use super::Monotonic;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// One in so many looks while cores are free.
const LOOKS: u32 = 16;
/// Whoever was away for longer stood behind others: several reads' time on each core.
const LONG: Duration = Duration::from_millis(10);
/// For so long everybody steps back after that.
const FULL_FOR: Duration = Duration::from_secs(1);

/// The scheduler's state as the last who looked found it.
#[derive(Default)]
pub(super) struct Pulse {
    passed: AtomicU32,
    /// Milliseconds until which everybody steps back.
    full_until: AtomicU64,
}

impl Pulse {
    /// Steps back, if it is this one's turn or everybody's.
    pub(super) async fn step_back(&self, monotonic: &Monotonic) {
        let before = monotonic();
        if !self.is_full(before) && !self.passed.fetch_add(1, Relaxed).is_multiple_of(LOOKS) {
            return;
        }
        tokio::task::yield_now().await;
        self.looked(before, monotonic());
    }

    fn is_full(&self, now: Duration) -> bool {
        millis(now) < self.full_until.load(Relaxed)
    }

    fn looked(&self, before: Duration, after: Duration) {
        if after.saturating_sub(before) >= LONG {
            self.full_until.fetch_max(millis(after + FULL_FOR), Relaxed);
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_away_for_long_makes_everybody_step_back_for_a_while() {
        let pulse = Pulse::default();
        let at = Duration::from_secs(5);
        pulse.looked(at, at + LONG / 2);
        assert!(!pulse.is_full(at + LONG));
        pulse.looked(at, at + LONG);
        assert!(pulse.is_full(at + LONG + FULL_FOR / 2));
        assert!(!pulse.is_full(at + LONG + FULL_FOR));
    }

    #[tokio::test]
    async fn one_in_so_many_looks_while_nobody_waits() {
        let looked = std::sync::Arc::new(AtomicU32::new(0));
        let counting = std::sync::Arc::clone(&looked);
        let monotonic: Monotonic = std::sync::Arc::new(move || {
            counting.fetch_add(1, Relaxed);
            Duration::ZERO
        });
        let pulse = Pulse::default();
        for _ in 0..LOOKS * 3 {
            pulse.step_back(&monotonic).await;
        }
        // Each asks for the time once, and once more if it stepped back.
        assert_eq!(looked.load(Relaxed), LOOKS * 3 + 3);
    }
}
