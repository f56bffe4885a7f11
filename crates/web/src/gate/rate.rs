//! How many are answered a second. Pure: the time comes in.

use std::time::Duration;

/// Long enough for a few answers of a slow house, short enough to follow a fast one.
const WINDOW: Duration = Duration::from_millis(250);

#[derive(Default)]
pub(super) struct Rate {
    since: Duration,
    answered: u32,
    a_second: f64,
}

impl Rate {
    /// One more was answered.
    pub(super) fn answered(&mut self, now: Duration) {
        let took = now.saturating_sub(self.since);
        if took >= WINDOW {
            self.a_second = f64::from(self.answered) / took.as_secs_f64();
            (self.since, self.answered) = (now, 0);
        }
        self.answered += 1;
    }

    /// How many are likely to be answered within a time.
    pub(super) fn within(&self, time: Duration) -> usize {
        (self.a_second * time.as_secs_f64()) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_what_is_answered() {
        let mut rate = Rate::default();
        assert_eq!(rate.within(Duration::from_secs(1)), 0, "nothing is known");
        for millis in 0..1_000 {
            rate.answered(Duration::from_millis(millis));
        }
        assert_eq!(rate.within(Duration::from_millis(100)), 100);
        for millis in (1_000..3_000).step_by(10) {
            rate.answered(Duration::from_millis(millis));
        }
        assert_eq!(rate.within(Duration::from_millis(100)), 10);
    }
}
