//! The part of the port that holds uploads, on SQLite.

use crate::house::quarantine;
use crate::open::SqliteStore;
use jiff::Timestamp;
use kernel::AttachmentId;
use kernel::port::Task;
use kernel::quarantine::{Held, HeldCounts, Quarantine};

impl Quarantine for SqliteStore {
    fn hold(&self, held: Held) -> Task<'_, ()> {
        self.write(move |db| quarantine::hold(db, &held))
    }

    fn held<'a>(&'a self, ids: &'a [AttachmentId]) -> Task<'a, Vec<Held>> {
        Box::pin(async move { self.read(|db| quarantine::of(db, ids)) })
    }

    fn held_due(&self, now: Timestamp, limit: usize) -> Task<'_, Vec<Held>> {
        Box::pin(async move { self.read(|db| quarantine::due(db, now, limit)) })
    }

    fn release(&self, id: AttachmentId) -> Task<'_, ()> {
        self.write(move |db| quarantine::release(db, id))
    }

    fn held_counts(&self) -> Task<'_, HeldCounts> {
        Box::pin(async move { self.read(quarantine::counts) })
    }
}
