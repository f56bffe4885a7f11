//! The parts of the port for open data, imports, messages, the user review and what slows guessing.

use super::copy;
use super::open::PostgresStore;
use crate::codec;
use crate::house::{contacts, deliveries, departures, guesses, messages, reviews, shelf};
use jiff::{Timestamp, civil::Date};
use kernel::guard::{Guard, Guesses};
use kernel::mailroom::{Channel, Contact, Delivery, DeliveryRow, Mailroom, Tried};
use kernel::port::{MessageRow, Task};
use kernel::reviews::{Boxed, Reviews};
use kernel::shelf::{Departure, Edition, ImportRun, RejectedRow, Shelf};
use kernel::{EffectId, PartyId, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Imports that one copy carries out at a time.
const IMPORTS: usize = 1_000;

impl Shelf for PostgresStore {
    fn records_of<'a>(
        &'a self,
        service: &'a str,
        record_type: &'a str,
        after: i64,
        limit: usize,
    ) -> Task<'a, (Vec<Snapshot>, i64)> {
        let names = Arc::clone(&self.names);
        let (service, record_type) = (service.to_owned(), record_type.to_owned());
        self.read(move |db| shelf::records_of(db, &names, &service, &record_type, after, limit))
    }

    fn position(&self) -> Task<'_, u64> {
        self.read(shelf::position)
    }

    fn package_at<'a>(&'a self, slug: &'a str, at: Timestamp) -> Task<'a, Option<String>> {
        let slug = slug.to_owned();
        self.read(move |db| shelf::package_at(db, &slug, at))
    }

    fn put_edition(&self, edition: Edition, content: Vec<u8>) -> Task<'_, ()> {
        self.write(move |db| shelf::put_edition(db, &edition, &content))
    }

    fn editions<'a>(
        &'a self,
        service: &'a str,
        publication: &'a str,
        upto: Option<Date>,
        limit: usize,
    ) -> Task<'a, Vec<Edition>> {
        let (service, publication) = (service.to_owned(), publication.to_owned());
        self.read(move |db| shelf::editions(db, &service, &publication, upto, limit))
    }

    fn edition_content<'a>(
        &'a self,
        service: &'a str,
        publication: &'a str,
        day: Date,
    ) -> Task<'a, Option<Vec<u8>>> {
        let (service, publication) = (service.to_owned(), publication.to_owned());
        self.read(move |db| shelf::content(db, &service, &publication, day))
    }

    fn put_run(&self, run: ImportRun, rejected: Vec<RejectedRow>) -> Task<'_, ()> {
        self.write(move |db| shelf::put_run(db, &run, &rejected))
    }

    fn rejected(
        &self,
        run: Uuid,
        going: bool,
        after: usize,
        limit: usize,
    ) -> Task<'_, Vec<RejectedRow>> {
        self.read(move |db| shelf::rejected(db, run, going, after, limit))
    }

    fn run(&self, id: Uuid) -> Task<'_, Option<ImportRun>> {
        self.read(move |db| shelf::run(db, id))
    }

    fn runs<'a>(
        &'a self,
        service: &'a str,
        import: &'a str,
        limit: usize,
    ) -> Task<'a, Vec<ImportRun>> {
        let (service, import) = (service.to_owned(), import.to_owned());
        self.read(move |db| shelf::runs(db, &service, &import, limit))
    }

    fn runs_going(&self) -> Task<'_, Vec<ImportRun>> {
        let sql = copy::take("import_run", "going = 1", "at", "body", "");
        self.take(sql, IMPORTS, Vec::new(), |row| {
            codec::json(row.get::<_, String>("body")?.as_bytes())
        })
    }

    fn put_departure(&self, departure: Departure) -> Task<'_, ()> {
        self.write(move |db| departures::put(db, &departure))
    }

    fn departures(&self, limit: usize) -> Task<'_, Vec<Departure>> {
        self.read(move |db| departures::newest(db, limit))
    }
}

impl Mailroom for PostgresStore {
    fn put_message(&self, message: MessageRow, deliveries: Vec<Delivery>) -> Task<'_, ()> {
        self.write(move |db| messages::put(db, &message, &deliveries))
    }

    fn message<'a>(&'a self, mailbox: &'a str, id: EffectId) -> Task<'a, Option<MessageRow>> {
        let mailbox = mailbox.to_owned();
        self.read(move |db| messages::one(db, &mailbox, id))
    }

    fn contact(&self, party: PartyId) -> Task<'_, Option<Contact>> {
        let keys = Arc::clone(&self.keys);
        self.read(move |db| contacts::of(db, &*keys, party))
    }

    fn put_contact(&self, contact: Contact, desks: Option<Vec<String>>) -> Task<'_, bool> {
        let keys = Arc::clone(&self.keys);
        Box::pin(async move {
            let written = self.counted(move |db| {
                let sealed = contacts::seal(&*keys, &contact)?;
                contacts::put(db, &sealed, desks.as_deref())
            });
            Ok(written.await? > 0)
        })
    }

    fn watchers<'a>(&'a self, mailbox: &'a str) -> Task<'a, Vec<PartyId>> {
        let mailbox = mailbox.to_owned();
        self.read(move |db| contacts::watchers(db, &mailbox))
    }

    fn put_code<'a>(&'a self, hash: &'a str, party: PartyId, until: Timestamp) -> Task<'a, ()> {
        let hash = hash.to_owned();
        self.write(move |db| contacts::put_code(db, &hash, party, until))
    }

    fn take_code<'a>(&'a self, hash: &'a str, now: Timestamp) -> Task<'a, Option<PartyId>> {
        let hash = hash.to_owned();
        Box::pin(async move {
            let asked = hash.clone();
            let found = self.read(move |db| contacts::code(db, &asked, now)).await?;
            let Some(party) = found else { return Ok(None) };
            let taken = self
                .counted(move |db| contacts::take_code(db, &hash))
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
        let which = "channel = $3 AND next_try <= $4";
        let sql = copy::take("delivery", which, "next_try, no", "*", "");
        let values: Vec<Box<dyn tokio_postgres::types::ToSql + Send + Sync>> =
            vec![Box::new(channel.name()), Box::new(codec::nanos(now))];
        self.take(sql, limit, values, deliveries::delivery)
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
        let office = office.map(str::to_owned);
        self.read(move |db| deliveries::undelivered(db, office.as_deref(), limit))
    }

    fn delivery_seen(&self, id: Uuid) -> Task<'_, ()> {
        self.write(move |db| deliveries::seen(db, id))
    }

    fn waiting(&self) -> Task<'_, BTreeMap<Channel, (u64, Timestamp)>> {
        self.read(deliveries::waiting)
    }
}

impl Guard for PostgresStore {
    fn guesses<'a>(&'a self, keys: &'a [String]) -> Task<'a, Vec<Option<Guesses>>> {
        let keys = keys.to_vec();
        self.read(move |db| guesses::of(db, &keys))
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

impl Reviews for PostgresStore {
    fn put_review<'a>(&'a self, ticket: &'a str, answer: Boxed) -> Task<'a, bool> {
        let ticket = ticket.to_owned();
        Box::pin(async move {
            let put = self.counted(move |db| reviews::put(db, &ticket, &answer));
            Ok(put.await? > 0)
        })
    }

    fn review_spent<'a>(&'a self, ticket: &'a str) -> Task<'a, bool> {
        let ticket = ticket.to_owned();
        self.read(move |db| reviews::spent(db, &ticket))
    }

    fn boxed_reviews(&self, before: Date, limit: usize) -> Task<'_, Vec<Boxed>> {
        self.read(move |db| reviews::boxed(db, before, limit))
    }

    fn unbox_review(&self, id: Uuid) -> Task<'_, ()> {
        self.write(move |db| reviews::unbox(db, id))
    }
}
