//! The part of the port that keeps letters to addresses with their links.

use crate::house::{contacts, slips};
use crate::open::SqliteStore;
use jiff::Timestamp;
use kernel::port::{StoreError, Task};
use kernel::slips::{SlipRow, SlipStore, Spending};
use uuid::Uuid;

impl SlipStore for SqliteStore {
    fn put_slip(&self, row: SlipRow, now: Timestamp) -> Task<'_, ()> {
        Box::pin(async move {
            let sealed = slips::seal(self.keys.as_ref(), row).map_err(StoreError::from)?;
            let put = self.writer.write(move |db| slips::put(db, &sealed, now));
            put.await.map(drop)
        })
    }

    fn slip(&self, id: Uuid, now: Timestamp) -> Task<'_, Option<SlipRow>> {
        Box::pin(async move { self.read(|db| slips::one(db, self.keys.as_ref(), id, now)) })
    }

    fn slips_due(&self, now: Timestamp, limit: usize) -> Task<'_, Vec<SlipRow>> {
        Box::pin(async move { self.read(|db| slips::due(db, self.keys.as_ref(), now, limit)) })
    }

    fn claim_slip(&self, id: Uuid, was: Timestamp, until: Timestamp) -> Task<'_, bool> {
        Box::pin(async move {
            let claim = self
                .writer
                .write(move |db| slips::claim(db, id, was, until));
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
        Box::pin(async move {
            let contact = spending.contact.as_ref();
            let contact = contact.map(|one| contacts::seal(self.keys.as_ref(), one));
            let spent = slips::Spent {
                account: spending.account,
                contact: contact.transpose().map_err(StoreError::from)?,
            };
            let spend = self
                .writer
                .write(move |db| slips::spend(db, id, now, &spent));
            Ok(spend.await? > 0)
        })
    }

    fn forget_slips<'a>(&'a self, about: &'a str) -> Task<'a, ()> {
        let about = about.to_owned();
        self.write(move |db| slips::forget(db, &about))
    }
}
