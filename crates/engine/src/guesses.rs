//! Failed tries at what is guarded against guessing: kept by the store, so that copies of the program count together.

use crate::{Engine, Failure};
use jiff::Timestamp;
use kernel::guard::Guesses;

impl Engine {
    /// What is known of keys, in their order; none of a key without failures.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn guesses(&self, keys: &[String]) -> Result<Vec<Option<Guesses>>, Failure> {
        Ok(self.store.guesses(keys).await?)
    }

    /// Counts a failure of each key; failures before `forget` count no longer.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn guess_failed(&self, keys: &[String], forget: Timestamp) -> Result<(), Failure> {
        Ok(self.store.guess_failed(keys, self.now(), forget).await?)
    }

    /// Forgets the failures of a key.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn guess_succeeded(&self, key: &str) -> Result<(), Failure> {
        Ok(self.store.guess_succeeded(key).await?)
    }
}
