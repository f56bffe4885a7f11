//! Slows guessing. A pair of name and address that keeps failing waits longer each time, and so does an address that
//! tries many names; a name alone is never locked, so that nobody can lock another out. Failures are counted in the
//! store, for all copies of the program together, under digests that name nobody.

use engine::{Engine, Failure};
use jiff::Timestamp;
use kernel::guard::Guesses;

/// Failures of a pair that cost nothing.
const FREE_FAILURES_OF_PAIR: u32 = 5;
/// Failures of an address, over all names, that cost nothing: an office has one address for many people.
const FREE_FAILURES_OF_ADDRESS: u32 = 50;
/// The longest wait.
const MAX_WAIT_SECONDS: i64 = 15 * 60;
/// So long after the last failure all are forgotten.
const MEMORY_SECONDS: i64 = 4 * MAX_WAIT_SECONDS;

/// Seconds to wait before the next try; none if it may be tried now.
pub(super) async fn wait_seconds(
    engine: &Engine,
    login: &str,
    address: &str,
) -> Result<Option<u32>, Failure> {
    let known = engine.guesses(&keys(login, address)).await?;
    let now = engine.now();
    let free = [FREE_FAILURES_OF_PAIR, FREE_FAILURES_OF_ADDRESS];
    let waits = known.iter().zip(free).filter_map(|(guesses, free)| {
        let seconds = wait_left((*guesses)?, free, now);
        u32::try_from(seconds).ok().filter(|seconds| *seconds > 0)
    });
    Ok(waits.max())
}

/// A failed try.
pub(super) async fn failed(engine: &Engine, login: &str, address: &str) -> Result<(), Failure> {
    let forget = later(engine.now(), -MEMORY_SECONDS);
    engine.guess_failed(&keys(login, address), forget).await
}

/// A successful sign-in clears the pair, not the address.
pub(super) async fn succeeded(engine: &Engine, login: &str, address: &str) -> Result<(), Failure> {
    let [pair, _] = keys(login, address);
    // Most people never failed: then nothing is written.
    if engine.guesses(std::slice::from_ref(&pair)).await? == [None] {
        return Ok(());
    }
    engine.guess_succeeded(&pair).await
}

/// Letters that one place may ask for at no cost.
const FREE_LETTERS: u32 = 30;

/// Notes that a place asks for a letter to an address; seconds to wait where it has asked for too many. Counted apart from
/// signing in, so that neither keeps anybody from the other.
pub(crate) async fn asks_for_letter(engine: &Engine, place: &str) -> Result<Option<u32>, Failure> {
    let key = [super::digest(&[b"letters", place.as_bytes()])];
    let known = engine.guesses(&key).await?.pop().flatten();
    let left = known.map_or(0, |asked| wait_left(asked, FREE_LETTERS, engine.now()));
    if left > 0 {
        return Ok(u32::try_from(left).ok());
    }
    let forget = later(engine.now(), -MEMORY_SECONDS);
    engine.guess_failed(&key, forget).await?;
    Ok(None)
}

/// The pair, and the address.
fn keys(login: &str, address: &str) -> [String; 2] {
    [
        super::digest(&[login.as_bytes(), address.as_bytes()]),
        super::digest(&[address.as_bytes()]),
    ]
}

fn wait_left(guesses: Guesses, free: u32, now: Timestamp) -> i64 {
    let past = now.as_second() - guesses.last.as_second();
    let Some(over) = guesses.failures.checked_sub(free) else {
        return 0;
    };
    let wait = 2_i64.saturating_pow(over.min(20)).min(MAX_WAIT_SECONDS);
    wait - past
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let after = |failures, second| {
            let guesses = Guesses {
                failures,
                last: at(0),
            };
            wait_left(guesses, FREE_FAILURES_OF_PAIR, at(second))
        };
        assert_eq!(after(4, 0), 0);
        assert_eq!(after(5, 0), 1);
        assert_eq!(after(8, 0), 8);
        assert_eq!(after(8, 5), 3);
        assert_eq!(after(200, 0), MAX_WAIT_SECONDS);
    }
}
