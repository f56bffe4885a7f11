//! The part of the port that slows guessing.

use crate::house::guesses;
use crate::open::SqliteStore;
use jiff::Timestamp;
use kernel::guard::{Guard, Guesses};
use kernel::port::Task;

impl Guard for SqliteStore {
    fn guesses<'a>(&'a self, keys: &'a [String]) -> Task<'a, Vec<Option<Guesses>>> {
        Box::pin(async move { self.read(|db| guesses::of(db, keys)) })
    }

    fn guess_failed<'a>(
        &'a self,
        keys: &'a [String],
        now: Timestamp,
        forget: Timestamp,
    ) -> Task<'a, ()> {
        let keys = keys.to_vec();
        self.write(move |db| guesses::failed(db, &keys, now, forget))
    }

    fn guess_succeeded<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        let key = key.to_owned();
        self.write(move |db| guesses::succeeded(db, &key))
    }
}
