//! What the writer has done, for metrics, tests and benches.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters of the writer since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Acts acknowledged as done.
    pub acts: u64,
    /// Commits to disk: each is one fsync, however many acts it carries.
    pub groups: u64,
    /// Checkpoints: two fsyncs each.
    pub checkpoints: u64,
    /// Batches of keys made: one fsync each.
    pub key_batches: u64,
    /// Notes of reading that were dropped since their buffer was full.
    pub notes_dropped: u64,
}

impl Counts {
    /// Fsyncs of database and keys together.
    #[must_use]
    pub fn fsyncs(&self) -> u64 {
        self.groups + 2 * self.checkpoints + self.key_batches
    }
}

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) acts: AtomicU64,
    pub(crate) groups: AtomicU64,
    pub(crate) checkpoints: AtomicU64,
    pub(crate) key_batches: AtomicU64,
    pub(crate) notes_dropped: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, by: u64) {
        counter.fetch_add(by, Relaxed);
    }

    pub(crate) fn read(&self) -> Counts {
        Counts {
            acts: self.acts.load(Relaxed),
            groups: self.groups.load(Relaxed),
            checkpoints: self.checkpoints.load(Relaxed),
            key_batches: self.key_batches.load(Relaxed),
            notes_dropped: self.notes_dropped.load(Relaxed),
        }
    }
}
