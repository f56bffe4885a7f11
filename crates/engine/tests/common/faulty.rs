//! A store that is as good as the one inside, but fails to show messages as often as it is told.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::guard::{Guard, Guesses};
use kernel::mailroom::{Channel, Contact, Delivery, DeliveryRow, Mailroom, Tried};
use kernel::port::{
    Account, Attachment, Commit, Committed, DueTimer, Idempotency, Lane, ListQuery, MessageRow,
    OutboxRow, Page, ReadNote, SearchQuery, Session, Store, StoreError, Stored, Task,
};
use kernel::reviews::{Boxed, Reviews};
use kernel::{AccountId, AttachmentId, EffectId, PartyId, RecordId, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

pub struct Faulty {
    inner: Arc<dyn Store>,
    left: AtomicU32,
    /// Notes of what was sent fail, not messages.
    of_sent: bool,
}

impl Faulty {
    /// Fails the next `times` messages.
    pub fn new(inner: Arc<dyn Store>, times: u32) -> Self {
        Self {
            inner,
            left: AtomicU32::new(times),
            of_sent: false,
        }
    }

    /// Loses the next `times` notes of what a provider took.
    pub fn of_sent(inner: Arc<dyn Store>, times: u32) -> Self {
        Self {
            of_sent: true,
            ..Self::new(inner, times)
        }
    }

    fn breaks(&self) -> bool {
        self.left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
    }
}

impl Store for Faulty {
    fn commit(&self, commit: Commit) -> Task<'_, Committed> {
        self.inner.commit(commit)
    }
    fn snapshots<'a>(&'a self, ids: &'a [RecordId]) -> Task<'a, Vec<Snapshot>> {
        self.inner.snapshots(ids)
    }
    fn scopes<'a>(&'a self, id: RecordId) -> Task<'a, Vec<String>> {
        self.inner.scopes(id)
    }
    fn children(&self, parent: RecordId, limit: usize) -> Task<'_, Vec<Snapshot>> {
        self.inner.children(parent, limit)
    }
    fn list<'a>(&'a self, query: &'a ListQuery) -> Task<'a, Page> {
        self.inner.list(query)
    }
    fn search<'a>(&'a self, query: &'a SearchQuery) -> Task<'a, Page> {
        self.inner.search(query)
    }
    fn history(&self, record: RecordId, after: u64, limit: usize) -> Task<'_, Vec<Stored>> {
        self.inner.history(record, after, limit)
    }
    fn changes(&self, after: u64, limit: usize) -> Task<'_, Vec<Stored>> {
        self.inner.changes(after, limit)
    }
    fn balance<'a>(
        &'a self,
        ledger: &'a str,
        key: &'a str,
    ) -> Task<'a, (rust_decimal::Decimal, rust_decimal::Decimal)> {
        self.inner.balance(ledger, key)
    }
    fn balances<'a>(
        &'a self,
        ledger: &'a str,
        prefix: &'a str,
        limit: usize,
    ) -> Task<'a, Vec<(String, rust_decimal::Decimal)>> {
        self.inner.balances(ledger, prefix, limit)
    }
    fn idempotency<'a>(&'a self, owner: &'a str, key: &'a str) -> Task<'a, Option<Idempotency>> {
        self.inner.idempotency(owner, key)
    }
    fn put_run(
        &self,
        run: kernel::port::RunRow,
        items: Vec<kernel::port::RunItem>,
    ) -> Task<'_, ()> {
        self.inner.put_run(run, items)
    }
    fn run(
        &self,
        id: kernel::RunId,
    ) -> Task<'_, Option<(kernel::port::RunRow, Vec<kernel::port::RunItem>)>> {
        self.inner.run(id)
    }
    fn run_item_done(
        &self,
        id: kernel::RunId,
        no: u32,
        outcome: kernel::port::RunOutcome,
    ) -> Task<'_, ()> {
        self.inner.run_item_done(id, no, outcome)
    }
    fn run_done(&self, id: kernel::RunId, at: Timestamp) -> Task<'_, ()> {
        self.inner.run_done(id, at)
    }
    fn open_runs(&self, limit: usize) -> Task<'_, Vec<kernel::RunId>> {
        self.inner.open_runs(limit)
    }
    fn last_looks<'a>(
        &'a self,
        account: AccountId,
        records: &'a [RecordId],
    ) -> Task<'a, Vec<(RecordId, Timestamp)>> {
        self.inner.last_looks(account, records)
    }
    fn put_attachment(&self, meta: Attachment, content: Vec<u8>) -> Task<'_, Attachment> {
        self.inner.put_attachment(meta, content)
    }
    fn attachments<'a>(&'a self, ids: &'a [AttachmentId]) -> Task<'a, Vec<Attachment>> {
        self.inner.attachments(ids)
    }
    fn attachment_content(&self, id: AttachmentId) -> Task<'_, Option<Vec<u8>>> {
        self.inner.attachment_content(id)
    }
    fn collect_orphans(&self, before: Timestamp) -> Task<'_, usize> {
        self.inner.collect_orphans(before)
    }
    fn due_timers(&self, today: Date, limit: usize) -> Task<'_, Vec<DueTimer>> {
        self.inner.due_timers(today, limit)
    }
    fn late_timers(&self, today: Date, most: usize) -> Task<'_, u64> {
        self.inner.late_timers(today, most)
    }
    fn timer_done<'a>(&'a self, record: RecordId, timer: &'a kernel::Timer) -> Task<'a, ()> {
        self.inner.timer_done(record, timer)
    }
    fn outbox(&self, lane: Lane, now: Timestamp, limit: usize) -> Task<'_, Vec<OutboxRow>> {
        self.inner.outbox(lane, now, limit)
    }
    fn hurry_effects(&self, lane: Lane, now: Timestamp) -> Task<'_, ()> {
        self.inner.hurry_effects(lane, now)
    }
    fn outbox_waiting(&self) -> Task<'_, BTreeMap<String, (u64, Timestamp)>> {
        self.inner.outbox_waiting()
    }
    fn effect_done(&self, id: EffectId) -> Task<'_, ()> {
        self.inner.effect_done(id)
    }
    fn effect_failed<'a>(
        &'a self,
        id: EffectId,
        error: &'a str,
        next_try: Option<Timestamp>,
    ) -> Task<'a, ()> {
        self.inner.effect_failed(id, error, next_try)
    }
    fn stuck(&self, limit: usize) -> Task<'_, Vec<OutboxRow>> {
        self.inner.stuck(limit)
    }
    fn messages<'a>(
        &'a self,
        mailboxes: &'a [String],
        before: Option<EffectId>,
        limit: usize,
    ) -> Task<'a, Vec<MessageRow>> {
        self.inner.messages(mailboxes, before, limit)
    }
    fn message_read<'a>(&'a self, mailbox: &'a str, id: EffectId, at: Timestamp) -> Task<'a, ()> {
        self.inner.message_read(mailbox, id, at)
    }
    fn put_account(&self, account: Account) -> Task<'_, ()> {
        self.inner.put_account(account)
    }
    fn account_by_login<'a>(&'a self, login: &'a str) -> Task<'a, Option<Account>> {
        self.inner.account_by_login(login)
    }
    fn account(&self, id: AccountId) -> Task<'_, Option<Account>> {
        self.inner.account(id)
    }
    fn put_session(&self, session: Session) -> Task<'_, ()> {
        self.inner.put_session(session)
    }
    fn session<'a>(&'a self, secret: &'a str) -> Task<'a, Option<Session>> {
        self.inner.session(secret)
    }
    fn end_session<'a>(&'a self, secret: &'a str) -> Task<'a, ()> {
        self.inner.end_session(secret)
    }
    fn put_package<'a>(
        &'a self,
        slug: &'a str,
        hash: &'a str,
        files: &'a BTreeMap<String, Vec<u8>>,
        at: Timestamp,
    ) -> Task<'a, ()> {
        self.inner.put_package(slug, hash, files, at)
    }
    fn package<'a>(&'a self, hash: &'a str) -> Task<'a, Option<BTreeMap<String, Vec<u8>>>> {
        self.inner.package(hash)
    }
    fn current_package<'a>(&'a self, slug: &'a str) -> Task<'a, Option<String>> {
        self.inner.current_package(slug)
    }
    fn setting<'a>(&'a self, name: &'a str) -> Task<'a, Option<String>> {
        self.inner.setting(name)
    }
    fn put_setting<'a>(&'a self, name: &'a str, value: &'a str) -> Task<'a, ()> {
        self.inner.put_setting(name, value)
    }
    fn note_read(&self, note: ReadNote) {
        self.inner.note_read(note)
    }
    fn shelf(&self) -> &dyn kernel::shelf::Shelf {
        self.inner.shelf()
    }
    fn log(&self) -> &dyn kernel::log::EventLog {
        self.inner.log()
    }
    fn keeper(&self) -> &dyn kernel::keep::Keeper {
        self.inner.keeper()
    }
    fn health(&self) -> Option<String> {
        self.inner.health()
    }
}

impl Mailroom for Faulty {
    fn put_message(&self, message: MessageRow, deliveries: Vec<Delivery>) -> Task<'_, ()> {
        if !self.of_sent && self.breaks() {
            return Box::pin(async {
                Err(StoreError::Unavailable("試験のための故障".into()))
            });
        }
        self.inner.put_message(message, deliveries)
    }
    fn message<'a>(&'a self, mailbox: &'a str, id: EffectId) -> Task<'a, Option<MessageRow>> {
        self.inner.message(mailbox, id)
    }
    fn contact(&self, party: PartyId) -> Task<'_, Option<Contact>> {
        self.inner.contact(party)
    }
    fn put_contact(&self, contact: Contact, desks: Option<Vec<String>>) -> Task<'_, bool> {
        self.inner.put_contact(contact, desks)
    }
    fn watchers<'a>(&'a self, mailbox: &'a str) -> Task<'a, Vec<PartyId>> {
        self.inner.watchers(mailbox)
    }
    fn put_code<'a>(&'a self, hash: &'a str, party: PartyId, until: Timestamp) -> Task<'a, ()> {
        self.inner.put_code(hash, party, until)
    }
    fn take_code<'a>(&'a self, hash: &'a str, now: Timestamp) -> Task<'a, Option<PartyId>> {
        self.inner.take_code(hash, now)
    }
    fn deliveries(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: usize,
    ) -> Task<'_, Vec<DeliveryRow>> {
        self.inner.deliveries(channel, now, limit)
    }
    fn hurry_deliveries(&self, channel: Channel, now: Timestamp) -> Task<'_, ()> {
        self.inner.hurry_deliveries(channel, now)
    }
    fn delivery_tried(&self, id: Uuid, tried: Tried) -> Task<'_, ()> {
        // As if the machine had stopped between the provider's yes and the note of it.
        if self.of_sent && matches!(tried, Tried::Sent(_)) && self.breaks() {
            return Box::pin(async {
                Err(StoreError::Unavailable("試験のための故障".into()))
            });
        }
        self.inner.delivery_tried(id, tried)
    }
    fn undelivered<'a>(
        &'a self,
        office: Option<&'a str>,
        limit: usize,
    ) -> Task<'a, Vec<DeliveryRow>> {
        self.inner.undelivered(office, limit)
    }
    fn delivery_seen(&self, id: Uuid) -> Task<'_, ()> {
        self.inner.delivery_seen(id)
    }
    fn waiting(&self) -> Task<'_, BTreeMap<Channel, (u64, Timestamp)>> {
        self.inner.waiting()
    }
}

impl Guard for Faulty {
    fn guesses<'a>(&'a self, keys: &'a [String]) -> Task<'a, Vec<Option<Guesses>>> {
        self.inner.guesses(keys)
    }
    fn guess_failed<'a>(
        &'a self,
        keys: &'a [String],
        now: Timestamp,
        forget: Timestamp,
    ) -> Task<'a, ()> {
        self.inner.guess_failed(keys, now, forget)
    }
    fn guess_succeeded<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        self.inner.guess_succeeded(key)
    }
}

impl Reviews for Faulty {
    fn put_review<'a>(&'a self, ticket: &'a str, answer: Boxed) -> Task<'a, bool> {
        self.inner.put_review(ticket, answer)
    }
    fn review_spent<'a>(&'a self, ticket: &'a str) -> Task<'a, bool> {
        self.inner.review_spent(ticket)
    }
    fn boxed_reviews(&self, before: Date, limit: usize) -> Task<'_, Vec<Boxed>> {
        self.inner.boxed_reviews(before, limit)
    }
    fn unbox_review(&self, id: Uuid) -> Task<'_, ()> {
        self.inner.unbox_review(id)
    }
}
