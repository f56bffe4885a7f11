//! The part of the port that holds uploads, on PostgreSQL.

use super::open::PostgresStore;
use crate::house::quarantine;
use jiff::Timestamp;
use kernel::AttachmentId;
use kernel::port::Task;
use kernel::quarantine::{Held, HeldCounts, Quarantine};

impl Quarantine for PostgresStore {
    fn hold(&self, held: Held) -> Task<'_, ()> {
        self.write(move |db| quarantine::hold(db, &held))
    }

    fn held<'a>(&'a self, ids: &'a [AttachmentId]) -> Task<'a, Vec<Held>> {
        let ids = ids.to_vec();
        self.read(move |db| quarantine::of(db, &ids))
    }

    fn held_due(&self, now: Timestamp, limit: usize) -> Task<'_, Vec<Held>> {
        self.read(move |db| quarantine::due(db, now, limit))
    }

    fn release(&self, id: AttachmentId) -> Task<'_, ()> {
        self.write(move |db| quarantine::release(db, id))
    }

    fn held_counts(&self) -> Task<'_, HeldCounts> {
        self.read(quarantine::counts)
    }
}
