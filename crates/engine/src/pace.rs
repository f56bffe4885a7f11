//! How much is asked of somebody outside who may be away: nothing for a while after they did not answer, then one to
//! see whether they are back, then twice as much each time until it is as much as they take. So hours without them cost
//! next to nothing and keep nobody else waiting, and they are not flooded when they come back. Pure: the time comes in.

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

/// The longest pause between two questions whether they are back.
const LONGEST_PAUSE_SECONDS: i64 = 60;

/// The pace towards one of them.
pub(crate) struct Pace {
    usual: usize,
    state: Mutex<State>,
}

struct State {
    room: usize,
    /// Rounds in a row in which nobody answered.
    silent: u32,
    until: Option<Timestamp>,
}

/// What a round has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Whether somebody answered, yes or no.
    pub(crate) answered: bool,
    /// Whether somebody did not.
    pub(crate) silent: bool,
}

impl Pace {
    /// `usual`: as many in a round as they take.
    pub(crate) fn new(usual: usize) -> Self {
        let state = State {
            room: usual.max(1),
            silent: 0,
            until: None,
        };
        Self {
            usual: usual.max(1),
            state: Mutex::new(state),
        }
    }

    /// How many may be asked now.
    pub(crate) fn room(&self, now: Timestamp) -> usize {
        let state = self.state.lock();
        match state.until {
            Some(until) if now < until => 0,
            _ => state.room,
        }
    }

    /// Whether nobody answered last.
    pub(crate) fn is_silent(&self) -> bool {
        self.state.lock().silent > 0
    }

    /// Learns from a round; answers whether they have just come back.
    pub(crate) fn learn(&self, seen: Seen, now: Timestamp) -> bool {
        let mut state = self.state.lock();
        if seen.answered {
            let is_back = state.silent > 0;
            (state.silent, state.until) = (0, None);
            state.room = if seen.silent {
                1
            } else {
                (state.room * 2).min(self.usual)
            };
            return is_back && !seen.silent;
        }
        if seen.silent {
            state.silent = state.silent.saturating_add(1);
            state.room = 1;
            let seconds = 1_i64.checked_shl(state.silent - 1).unwrap_or(i64::MAX);
            let pause = SignedDuration::from_secs(seconds.clamp(1, LONGEST_PAUSE_SECONDS));
            state.until = now.checked_add(pause).ok();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    const YES: Seen = Seen {
        answered: true,
        silent: false,
    };
    const NO: Seen = Seen {
        answered: false,
        silent: true,
    };

    #[test]
    fn hours_of_silence_cost_one_question_a_minute_and_the_return_is_gentle() {
        let pace = Pace::new(20);
        let (mut asked, mut second) = (0, 0);
        while second < 4 * 3600 {
            let room = pace.room(at(second));
            if room > 0 {
                asked += room;
                pace.learn(NO, at(second));
            }
            second += 1;
        }
        assert!((240..=270).contains(&asked), "{asked}");
        second += LONGEST_PAUSE_SECONDS;
        let rooms: Vec<usize> = (0..7)
            .map(|n| {
                let room = pace.room(at(second + n));
                assert_eq!(pace.learn(YES, at(second + n)), n == 0);
                room
            })
            .collect();
        assert_eq!(rooms, [1, 2, 4, 8, 16, 20, 20]);
    }

    proptest! {
        /// Whatever comes, they are asked again within a minute, and never more than they take.
        #[test]
        fn nobody_waits_for_ever(rounds in prop::collection::vec((any::<bool>(), any::<bool>(), 0_i64..100), 0..200)) {
            let pace = Pace::new(8);
            let mut second = 0;
            for (answered, silent, later) in rounds {
                second += later;
                prop_assert!(pace.room(at(second)) <= 8);
                prop_assert!(pace.room(at(second + LONGEST_PAUSE_SECONDS)) >= 1);
                pace.learn(Seen { answered, silent }, at(second));
            }
        }
    }
}
