//! Numbers foreseen, so that an act that draws some is finished before it is the writer's turn.
//!
//! Numbers have no gaps, so the writer alone gives them out, one act after the other. But what it will give is nearly
//! always known when an act joins the queue: the last that was given, and one more for each act that is still before it.
//! An act that fails leaves its number to the next. Those behind it are then finished anew, by the writer, with theirs.

use parking_lot::Mutex;
use std::collections::HashMap;

/// So many counters are known at most; those that nobody waits for are forgotten beyond it.
const KNOWN_AT_MOST: usize = 4_096;

/// What the counters will give.
#[derive(Default)]
pub(crate) struct Forecast(Mutex<HashMap<String, Counter>>);

#[derive(Default)]
struct Counter {
    /// The last number given, if it is known.
    last: Option<u64>,
    /// Numbers that the acts in the queue will draw.
    wanted: u64,
}

impl Forecast {
    /// Has an act join the queue by `join`, which is told the numbers that it will probably draw. Acts join one after the
    /// other, so that they stand in the queue in the order of their numbers. One that cannot join draws none.
    pub(crate) fn join<E>(
        &self,
        draws: &[String],
        join: impl FnOnce(Option<Vec<u64>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut counters = self.0.lock();
        if counters.len() > KNOWN_AT_MOST {
            counters.retain(|_, counter| counter.wanted > 0);
        }
        let mut foreseen = Some(Vec::with_capacity(draws.len()));
        for name in draws {
            if !counters.contains_key(name) {
                counters.insert(name.clone(), Counter::default());
            }
            let Some(counter) = counters.get_mut(name) else {
                continue;
            };
            counter.wanted += 1;
            foreseen = counter.last.and_then(|last| {
                let mut numbers = foreseen.take()?;
                numbers.push(last + counter.wanted);
                Some(numbers)
            });
        }
        let joined = join(foreseen);
        if joined.is_err() {
            for name in draws {
                counters
                    .entry(name.clone())
                    .and_modify(|counter| counter.wanted -= 1);
            }
        }
        joined
    }

    /// An act has left the queue. `numbers` is what it drew, if it is done.
    pub(crate) fn left(&self, draws: &[String], numbers: Option<&[u64]>) {
        let mut counters = self.0.lock();
        for (at, name) in draws.iter().enumerate() {
            if let Some(counter) = counters.get_mut(name) {
                counter.wanted = counter.wanted.saturating_sub(1);
                if let Some(number) = numbers.and_then(|numbers| numbers.get(at)) {
                    counter.last = Some(*number);
                }
            }
        }
    }

    /// What was given last is not known any more: a group was not committed.
    pub(crate) fn forget(&self) {
        for counter in self.0.lock().values_mut() {
            counter.last = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Forecast;

    fn joins(forecast: &Forecast, draws: &[String]) -> Option<Vec<u64>> {
        let mut told = None;
        let joined: Result<(), ()> = forecast.join(draws, |numbers| {
            told = numbers;
            Ok(())
        });
        joined.unwrap();
        told
    }

    #[test]
    fn what_comes_is_foreseen_once_a_number_was_given() {
        let (forecast, draws) = (Forecast::default(), ["a".to_owned()]);
        assert_eq!(joins(&forecast, &draws), None);
        assert_eq!(joins(&forecast, &draws), None);
        forecast.left(&draws, Some(&[7]));
        assert_eq!(joins(&forecast, &draws), Some(vec![9]));
        forecast.left(&draws, Some(&[8]));
        forecast.left(&draws, None);
        assert_eq!(joins(&forecast, &draws), Some(vec![9]), "it was given back");
        let refused = forecast.join(&draws, |_| Err("full"));
        assert_eq!(refused, Err("full"));
        assert_eq!(joins(&forecast, &draws), Some(vec![10]));
        forecast.forget();
        assert_eq!(joins(&forecast, &draws), None);
    }

    #[test]
    fn an_act_may_draw_twice_from_one_counter_and_once_from_another() {
        let forecast = Forecast::default();
        let draws = ["a".to_owned(), "b".to_owned(), "a".to_owned()];
        assert_eq!(joins(&forecast, &draws), None);
        forecast.left(&draws, Some(&[1, 5, 2]));
        assert_eq!(joins(&forecast, &draws), Some(vec![3, 6, 4]));
        assert_eq!(joins(&forecast, &draws[..2]), Some(vec![5, 7]));
    }
}
