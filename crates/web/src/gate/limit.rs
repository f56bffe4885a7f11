//! How many requests are let in at once: more while answers are quick, fewer when they are slow (additive increase,
//! multiplicative decrease, as TCP does; by how long answers take, as Netflix' concurrency-limits does). Pure.

use std::time::Duration;

/// Answers are to take no longer than this once they were let in.
const TARGET: Duration = Duration::from_millis(200);
/// Fewer places would leave a core without work while a commit waits for the disk.
const LEAST: usize = 16;
/// More would only wait inside.
const MOST: usize = 512;
/// Where it begins: as many acts as share an fsync well.
const FIRST: usize = 64;
/// Answers that are looked at together: few, so that slow ones are noticed soon.
const WINDOW: u32 = 16;

/// The number of places.
pub(super) struct Limit {
    places: usize,
    seen: u32,
    took: Duration,
    /// Whether all places were taken in this window: else quick answers say nothing.
    was_full: bool,
}

impl Default for Limit {
    fn default() -> Self {
        Self {
            places: FIRST,
            seen: 0,
            took: Duration::ZERO,
            was_full: false,
        }
    }
}

impl Limit {
    pub(super) fn places(&self) -> usize {
        self.places
    }

    /// Somebody found no place.
    pub(super) fn full(&mut self) {
        self.was_full = true;
    }

    /// An answer was given after so long inside.
    pub(super) fn answered(&mut self, took: Duration) {
        self.seen += 1;
        self.took += took;
        if self.seen < WINDOW {
            return;
        }
        let mean = self.took / self.seen;
        if mean > TARGET {
            // Far too slow is answered by more: half of the places at most.
            let share = (TARGET.as_secs_f64() / mean.as_secs_f64()).clamp(0.5, 0.9);
            self.places = ((self.places as f64 * share) as usize).max(LEAST);
        } else if self.was_full && mean < TARGET / 2 {
            self.places = (self.places + (self.places / 16).max(1)).min(MOST);
        }
        (self.seen, self.took, self.was_full) = (0, Duration::ZERO, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn windows(limit: &mut Limit, many: usize, took: Duration, full: bool) {
        for _ in 0..many * WINDOW as usize {
            if full {
                limit.full();
            }
            limit.answered(took);
        }
    }

    #[test]
    fn slow_answers_take_places_away_and_quick_ones_give_them_back_when_wanted() {
        let mut limit = Limit::default();
        windows(&mut limit, 2, Duration::from_millis(900), true);
        assert_eq!(limit.places(), LEAST, "soon");
        windows(&mut limit, 10, Duration::from_millis(5), false);
        assert_eq!(limit.places(), LEAST, "nobody wanted more");
        windows(&mut limit, 200, Duration::from_millis(5), true);
        assert_eq!(limit.places(), MOST);
    }

    /// A house whose answers take longer the more are inside, as those of a machine do: places settle where answers
    /// take about as long as they may.
    #[test]
    fn it_settles_near_the_target() {
        let mut limit = Limit::default();
        for _ in 0..400 {
            let took = Duration::from_millis(2) * u32::try_from(limit.places()).unwrap();
            windows(&mut limit, 1, took, true);
        }
        assert!((50..=101).contains(&limit.places()), "{}", limit.places());
    }

    proptest! {
        #[test]
        fn it_stays_between_its_bounds(answers in prop::collection::vec((0_u64..5_000, any::<bool>()), 0..2_000)) {
            let mut limit = Limit::default();
            for (millis, full) in answers {
                if full {
                    limit.full();
                }
                limit.answered(Duration::from_millis(millis));
                prop_assert!((LEAST..=MOST).contains(&limit.places()));
            }
        }
    }
}
