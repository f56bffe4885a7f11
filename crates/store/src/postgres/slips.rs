//! The part of the port that keeps letters to addresses with their links, on PostgreSQL.

use super::PostgresStore;
use crate::house::{contacts, slips};
use jiff::Timestamp;
use kernel::port::Task;
use kernel::slips::{SlipRow, SlipStore, Spending};
use std::sync::Arc;
use uuid::Uuid;

impl SlipStore for PostgresStore {
    fn put_slip(&self, row: SlipRow, now: Timestamp) -> Task<'_, ()> {
        let keys = Arc::clone(&self.keys);
        self.write(move |db| slips::put(db, &slips::seal(&*keys, row.clone())?, now))
    }

    fn slip(&self, id: Uuid, now: Timestamp) -> Task<'_, Option<SlipRow>> {
        let keys = Arc::clone(&self.keys);
        self.read(move |db| slips::one(db, &*keys, id, now))
    }

    fn slips_due(&self, now: Timestamp, limit: usize) -> Task<'_, Vec<SlipRow>> {
        let keys = Arc::clone(&self.keys);
        self.read(move |db| slips::due(db, &*keys, now, limit))
    }

    fn claim_slip(&self, id: Uuid, was: Timestamp, until: Timestamp) -> Task<'_, bool> {
        Box::pin(async move {
            let claim = self.counted(move |db| slips::claim(db, id, was, until));
            Ok(claim.await? > 0)
        })
    }

    fn slip_tried(&self, id: Uuid, next: Option<Timestamp>, ends: Timestamp) -> Task<'_, ()> {
        self.write(move |db| slips::tried(db, id, next, ends))
    }

    fn hurry_slips(&self, now: Timestamp) -> Task<'_, ()> {
        self.write(move |db| slips::hurry(db, now))
    }

    fn spend_slip(&self, id: Uuid, now: Timestamp, spending: Spending) -> Task<'_, bool> {
        let keys = Arc::clone(&self.keys);
        Box::pin(async move {
            let spend = self.counted(move |db| {
                let contact = spending.contact.as_ref();
                let contact = contact.map(|one| contacts::seal(&*keys, one));
                let spent = slips::Spent {
                    account: spending.account.clone(),
                    contact: contact.transpose()?,
                };
                slips::spend(db, id, now, &spent)
            });
            Ok(spend.await? > 0)
        })
    }

    fn forget_slips<'a>(&'a self, about: &'a str) -> Task<'a, ()> {
        let about = about.to_owned();
        self.write(move |db| slips::forget(db, &about))
    }
}
