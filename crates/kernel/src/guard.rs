//! What slows guessing: failed tries, counted for all copies of the program together.

use crate::port::Task;
use jiff::Timestamp;

/// Failed tries under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// How many, without a success between them.
    pub failures: u32,
    /// When the last one was.
    pub last: Timestamp,
}

/// The part of the store that counts failed tries. Keys are digests: they name nobody.
pub trait Guard: Send + Sync + 'static {
    /// What is known of keys, in their order; none of a key without failures.
    fn guesses<'a>(&'a self, keys: &'a [String]) -> Task<'a, Vec<Option<Guesses>>>;
    /// Counts a failure of each key; failures before `forget` count no longer.
    fn guess_failed<'a>(
        &'a self,
        keys: &'a [String],
        now: Timestamp,
        forget: Timestamp,
    ) -> Task<'a, ()>;
    /// Forgets the failures of a key.
    fn guess_succeeded<'a>(&'a self, key: &'a str) -> Task<'a, ()>;
}
