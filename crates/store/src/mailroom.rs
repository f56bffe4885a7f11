//! The part of the port that reaches people.

use crate::house::{contacts, deliveries, messages};
use crate::open::SqliteStore;
use jiff::Timestamp;
use kernel::mailroom::{Channel, Contact, Delivery, DeliveryRow, Mailroom, Tried};
use kernel::port::{MessageRow, StoreError, Task};
use kernel::{EffectId, PartyId};
use std::collections::BTreeMap;
use uuid::Uuid;

impl Mailroom for SqliteStore {
    fn put_message(&self, message: MessageRow, deliveries: Vec<Delivery>) -> Task<'_, ()> {
        self.write(move |db| messages::put(db, &message, &deliveries))
    }

    fn message<'a>(&'a self, mailbox: &'a str, id: EffectId) -> Task<'a, Option<MessageRow>> {
        Box::pin(async move { self.read(|db| messages::one(db, mailbox, id)) })
    }

    fn contact(&self, party: PartyId) -> Task<'_, Option<Contact>> {
        Box::pin(async move { self.read(|db| contacts::of(db, self.keys.as_ref(), party)) })
    }

    fn put_contact(&self, contact: Contact, desks: Option<Vec<String>>) -> Task<'_, bool> {
        Box::pin(async move {
            let sealed = contacts::seal(self.keys.as_ref(), &contact).map_err(StoreError::from)?;
            let written = self
                .writer
                .write(move |db| contacts::put(db, &sealed, desks.as_deref()))
                .await?;
            Ok(written > 0)
        })
    }

    fn watchers<'a>(&'a self, mailbox: &'a str) -> Task<'a, Vec<PartyId>> {
        Box::pin(async move { self.read(|db| contacts::watchers(db, mailbox)) })
    }

    fn put_code<'a>(&'a self, hash: &'a str, party: PartyId, until: Timestamp) -> Task<'a, ()> {
        let hash = hash.to_owned();
        self.write(move |db| contacts::put_code(db, &hash, party, until))
    }

    fn take_code<'a>(&'a self, hash: &'a str, now: Timestamp) -> Task<'a, Option<PartyId>> {
        Box::pin(async move {
            let Some(party) = self.read(|db| contacts::code(db, hash, now))? else {
                return Ok(None);
            };
            let hash = hash.to_owned();
            let taken = self
                .writer
                .write(move |db| contacts::take_code(db, &hash))
                .await?;
            Ok((taken > 0).then_some(party))
        })
    }

    fn deliveries(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: usize,
    ) -> Task<'_, Vec<DeliveryRow>> {
        Box::pin(async move { self.read(|db| deliveries::due(db, channel, now, limit)) })
    }

    fn hurry_deliveries(&self, channel: Channel, now: Timestamp) -> Task<'_, ()> {
        self.write(move |db| deliveries::hurry(db, channel, now))
    }

    fn delivery_tried(&self, id: Uuid, tried: Tried) -> Task<'_, ()> {
        self.write(move |db| deliveries::tried(db, id, &tried))
    }

    fn undelivered<'a>(
        &'a self,
        office: Option<&'a str>,
        limit: usize,
    ) -> Task<'a, Vec<DeliveryRow>> {
        Box::pin(async move { self.read(|db| deliveries::undelivered(db, office, limit)) })
    }

    fn delivery_seen(&self, id: Uuid) -> Task<'_, ()> {
        self.write(move |db| deliveries::seen(db, id))
    }

    fn waiting(&self) -> Task<'_, BTreeMap<Channel, (u64, Timestamp)>> {
        Box::pin(async move { self.read(deliveries::waiting) })
    }
}
