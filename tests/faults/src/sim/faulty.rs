//! The store as the simulation sees it: the real one, behind chance. Before each call others may have their turn; a call
//! may fail before it is done, or be done and its answer lost.

use super::steps::{Others, wait};
use evidence::{Hash, Tile, TileName, Tiles};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::guard::{Guard, Guesses};
use kernel::keep::{Disposal, Gone, Keeper, Revived};
use kernel::log::{EventLog, LogKeyRow, SealedEvent, Seed, SignedHead};
use kernel::mailroom::{Channel, Contact, Delivery, DeliveryRow, Mailroom, Tried};
use kernel::port::{
    Account, Attachment, Commit, Committed, DueTimer, Idempotency, Lane, ListQuery, MessageRow,
    OutboxRow, Page, ReadNote, SearchQuery, Session, Store, StoreError, Stored, Task,
};
use kernel::reviews::{Boxed, Reviews};
use kernel::{AccountId, AttachmentId, EffectId, PartyId, RecordId, Snapshot};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _, SeedableRng as _};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Everything that a machine leaves to chance, from one seed.
pub(crate) struct Chance(Mutex<State>);

struct State {
    dice: StdRng,
    /// How likely a call fails, in a thousand.
    faulty: u32,
    faults: u64,
    tells: bool,
}

impl Chance {
    pub(crate) fn new(seed: u64, tells: bool) -> Arc<Self> {
        let mut dice = StdRng::seed_from_u64(seed);
        let faulty = [0, 5, 30, 120][dice.random_range(0..4)];
        let state = State {
            dice,
            faulty,
            faults: 0,
            tells,
        };
        Arc::new(Self(Mutex::new(state)))
    }

    pub(crate) fn below(&self, limit: usize) -> usize {
        self.0.lock().dice.random_range(0..limit)
    }

    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().dice.fill_bytes(bytes);
    }

    /// From now on nothing fails.
    pub(crate) fn calm(&self) {
        self.0.lock().faulty = 0;
    }

    pub(crate) fn faults(&self) -> u64 {
        self.0.lock().faults
    }

    /// Tells what happens, where one seed is looked at.
    #[expect(
        clippy::print_stdout,
        reason = "a command-line tool speaks on standard output"
    )]
    pub(crate) fn tell(&self, what: impl FnOnce() -> String) {
        if self.0.lock().tells {
            println!("  {}", what());
        }
    }

    fn breaks(&self) -> bool {
        let mut state = self.0.lock();
        let faulty = state.faulty;
        let breaks = state.dice.random_range(0..1_000) < faulty;
        state.faults += u64::from(breaks);
        breaks
    }
}

/// The store behind chance.
pub(crate) struct Sim {
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) chance: Arc<Chance>,
}

impl Sim {
    fn call<'a, T: Send + 'a>(
        &'a self,
        name: &'static str,
        call: impl FnOnce() -> Task<'a, T> + Send + 'a,
    ) -> Task<'a, T> {
        Box::pin(async move {
            Others(u32::try_from(self.chance.below(4)).unwrap_or(0)).await;
            if self.chance.breaks() {
                self.chance.tell(|| format!("{name} fails"));
                return Err(StoreError::Unavailable("a fault of the simulation".into()));
            }
            // Done in one step: the store's own thread must not decide whose turn it is.
            let done = wait(call());
            self.chance.tell(|| format!("{name} is done"));
            let lost = self.chance.breaks();
            Others(u32::try_from(self.chance.below(3)).unwrap_or(0)).await;
            if lost {
                self.chance.tell(|| format!("the answer of {name} is lost"));
                return Err(StoreError::Unavailable(
                    "an answer lost in the simulation".into(),
                ));
            }
            done
        })
    }
}

impl Store for Sim {
    fn commit(&self, commit: Commit) -> Task<'_, Committed> {
        self.call("commit", move || self.inner.commit(commit))
    }
    fn snapshots<'a>(&'a self, ids: &'a [RecordId]) -> Task<'a, Vec<Snapshot>> {
        self.call("snapshots", move || self.inner.snapshots(ids))
    }
    fn scopes<'a>(&'a self, id: RecordId) -> Task<'a, Vec<String>> {
        self.call("scopes", move || self.inner.scopes(id))
    }
    fn children(&self, parent: RecordId, limit: usize) -> Task<'_, Vec<Snapshot>> {
        self.call("children", move || self.inner.children(parent, limit))
    }
    fn list<'a>(&'a self, query: &'a ListQuery) -> Task<'a, Page> {
        self.call("list", move || self.inner.list(query))
    }
    fn search<'a>(&'a self, query: &'a SearchQuery) -> Task<'a, Page> {
        self.call("search", move || self.inner.search(query))
    }
    fn history(&self, record: RecordId, after: u64, limit: usize) -> Task<'_, Vec<Stored>> {
        self.call("history", move || self.inner.history(record, after, limit))
    }
    fn changes(&self, after: u64, limit: usize) -> Task<'_, Vec<Stored>> {
        self.call("changes", move || self.inner.changes(after, limit))
    }
    fn balance<'a>(
        &'a self,
        ledger: &'a str,
        key: &'a str,
    ) -> Task<'a, (rust_decimal::Decimal, rust_decimal::Decimal)> {
        self.call("balance", move || self.inner.balance(ledger, key))
    }
    fn balances<'a>(
        &'a self,
        ledger: &'a str,
        prefix: &'a str,
        limit: usize,
    ) -> Task<'a, Vec<(String, rust_decimal::Decimal)>> {
        self.call("balances", move || {
            self.inner.balances(ledger, prefix, limit)
        })
    }
    fn idempotency<'a>(&'a self, owner: &'a str, key: &'a str) -> Task<'a, Option<Idempotency>> {
        self.call("idempotency", move || self.inner.idempotency(owner, key))
    }
    fn put_run(
        &self,
        run: kernel::port::RunRow,
        items: Vec<kernel::port::RunItem>,
    ) -> Task<'_, ()> {
        self.call("put_run", move || self.inner.put_run(run, items))
    }
    fn run(
        &self,
        id: kernel::RunId,
    ) -> Task<'_, Option<(kernel::port::RunRow, Vec<kernel::port::RunItem>)>> {
        self.call("run", move || self.inner.run(id))
    }
    fn run_item_done(
        &self,
        id: kernel::RunId,
        no: u32,
        outcome: kernel::port::RunOutcome,
    ) -> Task<'_, ()> {
        self.call("run_item_done", move || {
            self.inner.run_item_done(id, no, outcome)
        })
    }
    fn run_done(&self, id: kernel::RunId, at: Timestamp) -> Task<'_, ()> {
        self.call("run_done", move || self.inner.run_done(id, at))
    }
    fn open_runs(&self, limit: usize) -> Task<'_, Vec<kernel::RunId>> {
        self.call("open_runs", move || self.inner.open_runs(limit))
    }
    fn last_looks<'a>(
        &'a self,
        account: AccountId,
        records: &'a [RecordId],
    ) -> Task<'a, Vec<(RecordId, Timestamp)>> {
        self.call("last_looks", move || {
            self.inner.last_looks(account, records)
        })
    }
    fn put_attachment(&self, meta: Attachment, content: Vec<u8>) -> Task<'_, Attachment> {
        self.call("put_attachment", move || {
            self.inner.put_attachment(meta, content)
        })
    }
    fn attachments<'a>(&'a self, ids: &'a [AttachmentId]) -> Task<'a, Vec<Attachment>> {
        self.call("attachments", move || self.inner.attachments(ids))
    }
    fn attachment_content(&self, id: AttachmentId) -> Task<'_, Option<Vec<u8>>> {
        self.call("attachment_content", move || {
            self.inner.attachment_content(id)
        })
    }
    fn collect_orphans(&self, before: Timestamp) -> Task<'_, usize> {
        self.call("collect_orphans", move || {
            self.inner.collect_orphans(before)
        })
    }
    fn due_timers(&self, today: Date, limit: usize) -> Task<'_, Vec<DueTimer>> {
        self.call("due_timers", move || self.inner.due_timers(today, limit))
    }
    fn late_timers(&self, today: Date, most: usize) -> Task<'_, u64> {
        self.call("late_timers", move || self.inner.late_timers(today, most))
    }
    fn timer_done<'a>(&'a self, record: RecordId, timer: &'a kernel::Timer) -> Task<'a, ()> {
        self.call("timer_done", move || self.inner.timer_done(record, timer))
    }
    fn outbox(&self, lane: Lane, now: Timestamp, limit: usize) -> Task<'_, Vec<OutboxRow>> {
        self.call("outbox", move || self.inner.outbox(lane, now, limit))
    }
    fn hurry_effects(&self, lane: Lane, now: Timestamp) -> Task<'_, ()> {
        self.call("hurry_effects", move || self.inner.hurry_effects(lane, now))
    }
    fn outbox_waiting(&self) -> Task<'_, BTreeMap<String, (u64, Timestamp)>> {
        self.call("outbox_waiting", move || self.inner.outbox_waiting())
    }
    fn effect_done(&self, id: EffectId) -> Task<'_, ()> {
        self.call("effect_done", move || self.inner.effect_done(id))
    }
    fn effect_failed<'a>(
        &'a self,
        id: EffectId,
        error: &'a str,
        next_try: Option<Timestamp>,
    ) -> Task<'a, ()> {
        self.call("effect_failed", move || {
            self.inner.effect_failed(id, error, next_try)
        })
    }
    fn stuck(&self, limit: usize) -> Task<'_, Vec<OutboxRow>> {
        self.call("stuck", move || self.inner.stuck(limit))
    }
    fn messages<'a>(
        &'a self,
        mailboxes: &'a [String],
        before: Option<EffectId>,
        limit: usize,
    ) -> Task<'a, Vec<MessageRow>> {
        self.call("messages", move || {
            self.inner.messages(mailboxes, before, limit)
        })
    }
    fn message_read<'a>(&'a self, mailbox: &'a str, id: EffectId, at: Timestamp) -> Task<'a, ()> {
        self.call("message_read", move || {
            self.inner.message_read(mailbox, id, at)
        })
    }
    fn put_account(&self, account: Account) -> Task<'_, ()> {
        self.call("put_account", move || self.inner.put_account(account))
    }
    fn account_by_login<'a>(&'a self, login: &'a str) -> Task<'a, Option<Account>> {
        self.call("account_by_login", move || {
            self.inner.account_by_login(login)
        })
    }
    fn account(&self, id: AccountId) -> Task<'_, Option<Account>> {
        self.call("account", move || self.inner.account(id))
    }
    fn put_session(&self, session: Session) -> Task<'_, ()> {
        self.call("put_session", move || self.inner.put_session(session))
    }
    fn session<'a>(&'a self, secret: &'a str) -> Task<'a, Option<Session>> {
        self.call("session", move || self.inner.session(secret))
    }
    fn end_session<'a>(&'a self, secret: &'a str) -> Task<'a, ()> {
        self.call("end_session", move || self.inner.end_session(secret))
    }
    fn put_package<'a>(
        &'a self,
        slug: &'a str,
        hash: &'a str,
        files: &'a BTreeMap<String, Vec<u8>>,
        at: Timestamp,
    ) -> Task<'a, ()> {
        self.call("put_package", move || {
            self.inner.put_package(slug, hash, files, at)
        })
    }
    fn package<'a>(&'a self, hash: &'a str) -> Task<'a, Option<BTreeMap<String, Vec<u8>>>> {
        self.call("package", move || self.inner.package(hash))
    }
    fn current_package<'a>(&'a self, slug: &'a str) -> Task<'a, Option<String>> {
        self.call("current_package", move || self.inner.current_package(slug))
    }
    fn setting<'a>(&'a self, name: &'a str) -> Task<'a, Option<String>> {
        self.call("setting", move || self.inner.setting(name))
    }
    fn put_setting<'a>(&'a self, name: &'a str, value: &'a str) -> Task<'a, ()> {
        self.call("put_setting", move || self.inner.put_setting(name, value))
    }
    fn note_read(&self, note: ReadNote) {
        self.inner.note_read(note)
    }
    fn shelf(&self) -> &dyn kernel::shelf::Shelf {
        self.inner.shelf()
    }
    fn keeper(&self) -> &dyn Keeper {
        self
    }
    fn log(&self) -> &dyn EventLog {
        self
    }
    fn health(&self) -> Option<String> {
        self.inner.health()
    }
}

impl Mailroom for Sim {
    fn put_message(&self, message: MessageRow, deliveries: Vec<Delivery>) -> Task<'_, ()> {
        self.call("put_message", move || {
            self.inner.put_message(message, deliveries)
        })
    }
    fn message<'a>(&'a self, mailbox: &'a str, id: EffectId) -> Task<'a, Option<MessageRow>> {
        self.call("message", move || self.inner.message(mailbox, id))
    }
    fn contact(&self, party: PartyId) -> Task<'_, Option<Contact>> {
        self.call("contact", move || self.inner.contact(party))
    }
    fn put_contact(&self, contact: Contact, desks: Option<Vec<String>>) -> Task<'_, bool> {
        self.call("put_contact", move || {
            self.inner.put_contact(contact, desks)
        })
    }
    fn watchers<'a>(&'a self, mailbox: &'a str) -> Task<'a, Vec<PartyId>> {
        self.call("watchers", move || self.inner.watchers(mailbox))
    }
    fn put_code<'a>(&'a self, hash: &'a str, party: PartyId, until: Timestamp) -> Task<'a, ()> {
        self.call("put_code", move || self.inner.put_code(hash, party, until))
    }
    fn take_code<'a>(&'a self, hash: &'a str, now: Timestamp) -> Task<'a, Option<PartyId>> {
        self.call("take_code", move || self.inner.take_code(hash, now))
    }
    fn deliveries(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: usize,
    ) -> Task<'_, Vec<DeliveryRow>> {
        self.call("deliveries", move || {
            self.inner.deliveries(channel, now, limit)
        })
    }
    fn hurry_deliveries(&self, channel: Channel, now: Timestamp) -> Task<'_, ()> {
        self.call("hurry_deliveries", move || {
            self.inner.hurry_deliveries(channel, now)
        })
    }
    fn delivery_tried(&self, id: Uuid, tried: Tried) -> Task<'_, ()> {
        self.call("delivery_tried", move || {
            self.inner.delivery_tried(id, tried)
        })
    }
    fn undelivered<'a>(
        &'a self,
        office: Option<&'a str>,
        limit: usize,
    ) -> Task<'a, Vec<DeliveryRow>> {
        self.call("undelivered", move || self.inner.undelivered(office, limit))
    }
    fn delivery_seen(&self, id: Uuid) -> Task<'_, ()> {
        self.call("delivery_seen", move || self.inner.delivery_seen(id))
    }
    fn waiting(&self) -> Task<'_, BTreeMap<Channel, (u64, Timestamp)>> {
        self.call("waiting", move || self.inner.waiting())
    }
}

impl Guard for Sim {
    fn guesses<'a>(&'a self, keys: &'a [String]) -> Task<'a, Vec<Option<Guesses>>> {
        self.call("guesses", move || self.inner.guesses(keys))
    }
    fn guess_failed<'a>(
        &'a self,
        keys: &'a [String],
        now: Timestamp,
        forget: Timestamp,
    ) -> Task<'a, ()> {
        self.call("guess_failed", move || {
            self.inner.guess_failed(keys, now, forget)
        })
    }
    fn guess_succeeded<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        self.call("guess_succeeded", move || self.inner.guess_succeeded(key))
    }
}

impl Reviews for Sim {
    fn put_review<'a>(&'a self, ticket: &'a str, answer: Boxed) -> Task<'a, bool> {
        self.call("put_review", move || self.inner.put_review(ticket, answer))
    }
    fn review_spent<'a>(&'a self, ticket: &'a str) -> Task<'a, bool> {
        self.call("review_spent", move || self.inner.review_spent(ticket))
    }
    fn boxed_reviews(&self, before: Date, limit: usize) -> Task<'_, Vec<Boxed>> {
        self.call("boxed_reviews", move || {
            self.inner.boxed_reviews(before, limit)
        })
    }
    fn unbox_review(&self, id: Uuid) -> Task<'_, ()> {
        self.call("unbox_review", move || self.inner.unbox_review(id))
    }
}

impl Keeper for Sim {
    fn dispose(&self, disposal: Disposal) -> Task<'_, bool> {
        self.call("dispose", move || self.inner.keeper().dispose(disposal))
    }
    fn disposed<'a>(&'a self, records: &'a [RecordId]) -> Task<'a, Vec<Gone>> {
        self.call("disposed", move || self.inner.keeper().disposed(records))
    }
    fn disposed_by(&self, round: RecordId) -> Task<'_, u64> {
        self.call("disposed_by", move || {
            self.inner.keeper().disposed_by(round)
        })
    }
    fn destroy(&self) -> Task<'_, u64> {
        self.call("destroy", move || self.inner.keeper().destroy())
    }
    fn revived(&self) -> Task<'_, Vec<Revived>> {
        self.call("revived", move || self.inner.keeper().revived())
    }
    fn forget_words(&self) -> Task<'_, bool> {
        self.call("forget_words", move || self.inner.keeper().forget_words())
    }
}

impl EventLog for Sim {
    fn event_hashes(&self, after: u64, limit: usize) -> Task<'_, Vec<Hash>> {
        self.call("event_hashes", move || {
            self.inner.log().event_hashes(after, limit)
        })
    }
    fn sealed_event(&self, record: RecordId, seq: u64) -> Task<'_, Option<SealedEvent>> {
        self.call("sealed_event", move || {
            self.inner.log().sealed_event(record, seq)
        })
    }
    fn tiles(&self, names: Vec<TileName>) -> Task<'_, Tiles> {
        self.call("tiles", move || self.inner.log().tiles(names))
    }
    fn newest_head(&self) -> Task<'_, Option<SignedHead>> {
        self.call("newest_head", move || self.inner.log().newest_head())
    }
    fn turns(&self) -> Task<'_, Vec<SignedHead>> {
        self.call("turns", move || self.inner.log().turns())
    }
    fn log_keys(&self) -> Task<'_, Vec<LogKeyRow>> {
        self.call("log_keys", move || self.inner.log().log_keys())
    }
    fn log_seed(&self, number: u64) -> Task<'_, Seed> {
        self.call("log_seed", move || self.inner.log().log_seed(number))
    }
    fn fresh_seed(&self) -> Task<'_, (u64, Seed)> {
        self.call("fresh_seed", move || self.inner.log().fresh_seed())
    }
    fn put_log_key(&self, key: LogKeyRow, head: SignedHead) -> Task<'_, bool> {
        self.call("put_log_key", move || {
            self.inner.log().put_log_key(key, head)
        })
    }
    fn append_tiles(&self, tiles: Vec<Tile>, head: SignedHead) -> Task<'_, bool> {
        self.call("append_tiles", move || {
            self.inner.log().append_tiles(tiles, head)
        })
    }
}
