//! A store that is as good as the one inside, behind a hook: tests have a call fail, lose its answer, or wait. Every method
//! of the port stands here once.

mod vault;

use evidence::{Hash, Tile, TileName, Tiles};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::guard::{Guard, Guesses};
use kernel::identity::{Identities, Link};
use kernel::keep::{Disposal, Gone, Keeper, Revived};
use kernel::log::{EventLog, LogKeyRow, SealedEvent, Seed, SignedHead};
use kernel::looks::{Look, LookPage, LookQuery, Looks, NewestLook, Sealed};
use kernel::mailroom::{Channel, Contact, Delivery, DeliveryRow, Mailroom, Tried};
use kernel::port::{
    Account, Attachment, Commit, Committed, DueTimer, Idempotency, Lane, ListQuery, MessageRow,
    OutboxRow, Page, ReadNote, SearchQuery, Session, Store, StoreError, Stored, Task,
};
use kernel::proofs::{ProofStore, Proofs};
use kernel::quarantine::{Held, HeldCounts, Quarantine};
use kernel::reviews::{Boxed, Reviews};
use kernel::slips::{SlipRow, SlipStore, Spending};
use kernel::vault::Vault;
use kernel::{AccountId, AttachmentId, EffectId, PartyId, RecordId, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// What stands between a caller and the store.
pub trait Hook: Send + Sync + 'static {
    /// Does the call, or not. `name` is the method's; `delivery_sent` is the note that a provider took a delivery.
    fn around<'a, T: Send + 'a>(
        &'a self,
        name: &'static str,
        call: impl FnOnce() -> Task<'a, T> + Send + 'a,
    ) -> Task<'a, T>;

    /// Notes a reading. The store keeps it when it next writes; who must decide when things are kept does it here.
    ///
    /// # Errors
    /// As [`Store::note_read`].
    fn note(&self, inner: &dyn Store, note: ReadNote) -> Result<(), StoreError> {
        inner.note_read(note)
    }
}

/// A store behind a hook.
pub struct Hooked<H> {
    inner: Arc<dyn Store>,
    hook: H,
}

impl<H: Hook> Hooked<H> {
    /// Puts a hook before a store.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, hook: H) -> Self {
        Self { inner, hook }
    }
}

impl<H: Hook> Store for Hooked<H> {
    fn commit(&self, commit: Commit) -> Task<'_, Committed> {
        self.hook
            .around("commit", move || self.inner.commit(commit))
    }
    fn snapshots<'a>(&'a self, ids: &'a [RecordId]) -> Task<'a, Vec<Snapshot>> {
        self.hook
            .around("snapshots", move || self.inner.snapshots(ids))
    }
    fn scopes<'a>(&'a self, id: RecordId) -> Task<'a, Vec<String>> {
        self.hook.around("scopes", move || self.inner.scopes(id))
    }
    fn children(&self, parent: RecordId, limit: usize) -> Task<'_, Vec<Snapshot>> {
        self.hook
            .around("children", move || self.inner.children(parent, limit))
    }
    fn list<'a>(&'a self, query: &'a ListQuery) -> Task<'a, Page> {
        self.hook.around("list", move || self.inner.list(query))
    }
    fn search<'a>(&'a self, query: &'a SearchQuery) -> Task<'a, Page> {
        self.hook.around("search", move || self.inner.search(query))
    }
    fn history(&self, record: RecordId, after: u64, limit: usize) -> Task<'_, Vec<Stored>> {
        self.hook
            .around("history", move || self.inner.history(record, after, limit))
    }
    fn changes(&self, after: u64, limit: usize) -> Task<'_, Vec<Stored>> {
        self.hook
            .around("changes", move || self.inner.changes(after, limit))
    }
    fn balance<'a>(
        &'a self,
        ledger: &'a str,
        key: &'a str,
    ) -> Task<'a, (rust_decimal::Decimal, rust_decimal::Decimal)> {
        self.hook
            .around("balance", move || self.inner.balance(ledger, key))
    }
    fn balances<'a>(
        &'a self,
        ledger: &'a str,
        prefix: &'a str,
        limit: usize,
    ) -> Task<'a, Vec<(String, rust_decimal::Decimal)>> {
        self.hook.around("balances", move || {
            self.inner.balances(ledger, prefix, limit)
        })
    }
    fn idempotency<'a>(&'a self, owner: &'a str, key: &'a str) -> Task<'a, Option<Idempotency>> {
        self.hook
            .around("idempotency", move || self.inner.idempotency(owner, key))
    }
    fn put_run(
        &self,
        run: kernel::port::RunRow,
        items: Vec<kernel::port::RunItem>,
    ) -> Task<'_, ()> {
        self.hook
            .around("put_run", move || self.inner.put_run(run, items))
    }
    fn run(
        &self,
        id: kernel::RunId,
    ) -> Task<'_, Option<(kernel::port::RunRow, Vec<kernel::port::RunItem>)>> {
        self.hook.around("run", move || self.inner.run(id))
    }
    fn run_item_done(
        &self,
        id: kernel::RunId,
        no: u32,
        outcome: kernel::port::RunOutcome,
    ) -> Task<'_, ()> {
        self.hook.around("run_item_done", move || {
            self.inner.run_item_done(id, no, outcome)
        })
    }
    fn run_done(&self, id: kernel::RunId, at: Timestamp) -> Task<'_, ()> {
        self.hook
            .around("run_done", move || self.inner.run_done(id, at))
    }
    fn open_runs(&self, limit: usize) -> Task<'_, Vec<kernel::RunId>> {
        self.hook
            .around("open_runs", move || self.inner.open_runs(limit))
    }
    fn last_looks<'a>(
        &'a self,
        account: AccountId,
        records: &'a [RecordId],
    ) -> Task<'a, Vec<(RecordId, Timestamp)>> {
        self.hook.around("last_looks", move || {
            self.inner.last_looks(account, records)
        })
    }
    fn put_attachment(&self, meta: Attachment, content: Vec<u8>) -> Task<'_, Attachment> {
        self.hook.around("put_attachment", move || {
            self.inner.put_attachment(meta, content)
        })
    }
    fn attachments<'a>(&'a self, ids: &'a [AttachmentId]) -> Task<'a, Vec<Attachment>> {
        self.hook
            .around("attachments", move || self.inner.attachments(ids))
    }
    fn attachment_content(&self, id: AttachmentId) -> Task<'_, Option<Vec<u8>>> {
        self.hook.around("attachment_content", move || {
            self.inner.attachment_content(id)
        })
    }
    fn collect_orphans(&self, before: Timestamp) -> Task<'_, usize> {
        self.hook.around("collect_orphans", move || {
            self.inner.collect_orphans(before)
        })
    }
    fn due_timers(&self, today: Date, limit: usize) -> Task<'_, Vec<DueTimer>> {
        self.hook
            .around("due_timers", move || self.inner.due_timers(today, limit))
    }
    fn late_timers(&self, today: Date, most: usize) -> Task<'_, u64> {
        self.hook
            .around("late_timers", move || self.inner.late_timers(today, most))
    }
    fn timer_done<'a>(&'a self, record: RecordId, timer: &'a kernel::Timer) -> Task<'a, ()> {
        self.hook
            .around("timer_done", move || self.inner.timer_done(record, timer))
    }
    fn outbox(&self, lane: Lane, now: Timestamp, limit: usize) -> Task<'_, Vec<OutboxRow>> {
        self.hook
            .around("outbox", move || self.inner.outbox(lane, now, limit))
    }
    fn hurry_effects(&self, lane: Lane, now: Timestamp) -> Task<'_, ()> {
        self.hook
            .around("hurry_effects", move || self.inner.hurry_effects(lane, now))
    }
    fn outbox_waiting(&self) -> Task<'_, BTreeMap<String, (u64, Timestamp)>> {
        self.hook
            .around("outbox_waiting", move || self.inner.outbox_waiting())
    }
    fn effect_done(&self, id: EffectId) -> Task<'_, ()> {
        self.hook
            .around("effect_done", move || self.inner.effect_done(id))
    }
    fn effect_failed<'a>(
        &'a self,
        id: EffectId,
        error: &'a str,
        next_try: Option<Timestamp>,
    ) -> Task<'a, ()> {
        self.hook.around("effect_failed", move || {
            self.inner.effect_failed(id, error, next_try)
        })
    }
    fn stuck(&self, limit: usize) -> Task<'_, Vec<OutboxRow>> {
        self.hook.around("stuck", move || self.inner.stuck(limit))
    }
    fn messages<'a>(
        &'a self,
        mailboxes: &'a [String],
        before: Option<EffectId>,
        limit: usize,
    ) -> Task<'a, Vec<MessageRow>> {
        self.hook.around("messages", move || {
            self.inner.messages(mailboxes, before, limit)
        })
    }
    fn message_read<'a>(&'a self, mailbox: &'a str, id: EffectId, at: Timestamp) -> Task<'a, ()> {
        self.hook.around("message_read", move || {
            self.inner.message_read(mailbox, id, at)
        })
    }
    fn put_account(&self, account: Account) -> Task<'_, ()> {
        self.hook
            .around("put_account", move || self.inner.put_account(account))
    }
    fn account_by_login<'a>(&'a self, login: &'a str) -> Task<'a, Option<Account>> {
        self.hook.around("account_by_login", move || {
            self.inner.account_by_login(login)
        })
    }
    fn account(&self, id: AccountId) -> Task<'_, Option<Account>> {
        self.hook.around("account", move || self.inner.account(id))
    }
    fn put_session(&self, session: Session) -> Task<'_, ()> {
        self.hook
            .around("put_session", move || self.inner.put_session(session))
    }
    fn session<'a>(&'a self, secret: &'a str) -> Task<'a, Option<Session>> {
        self.hook
            .around("session", move || self.inner.session(secret))
    }
    fn end_session<'a>(&'a self, secret: &'a str) -> Task<'a, ()> {
        self.hook
            .around("end_session", move || self.inner.end_session(secret))
    }
    fn put_package<'a>(
        &'a self,
        slug: &'a str,
        hash: &'a str,
        files: &'a BTreeMap<String, Vec<u8>>,
        at: Timestamp,
    ) -> Task<'a, ()> {
        self.hook.around("put_package", move || {
            self.inner.put_package(slug, hash, files, at)
        })
    }
    fn package<'a>(&'a self, hash: &'a str) -> Task<'a, Option<BTreeMap<String, Vec<u8>>>> {
        self.hook
            .around("package", move || self.inner.package(hash))
    }
    fn current_package<'a>(&'a self, slug: &'a str) -> Task<'a, Option<String>> {
        self.hook
            .around("current_package", move || self.inner.current_package(slug))
    }
    fn setting<'a>(&'a self, name: &'a str) -> Task<'a, Option<String>> {
        self.hook
            .around("setting", move || self.inner.setting(name))
    }
    fn put_setting<'a>(&'a self, name: &'a str, value: &'a str) -> Task<'a, ()> {
        self.hook
            .around("put_setting", move || self.inner.put_setting(name, value))
    }
    fn note_read(&self, note: ReadNote) -> Result<(), StoreError> {
        self.hook.note(&*self.inner, note)
    }
    fn looks(&self) -> &dyn Looks {
        self
    }
    fn shelf(&self) -> &dyn kernel::shelf::Shelf {
        self.inner.shelf()
    }
    fn keeper(&self) -> &dyn Keeper {
        self
    }
    fn quarantine(&self) -> &dyn Quarantine {
        self
    }
    fn vault(&self) -> &dyn Vault {
        self
    }
    fn log(&self) -> &dyn EventLog {
        self
    }
    fn health(&self) -> Option<String> {
        self.inner.health()
    }
}

impl<H: Hook> Mailroom for Hooked<H> {
    fn put_message(&self, message: MessageRow, deliveries: Vec<Delivery>) -> Task<'_, ()> {
        self.hook.around("put_message", move || {
            self.inner.put_message(message, deliveries)
        })
    }
    fn message<'a>(&'a self, mailbox: &'a str, id: EffectId) -> Task<'a, Option<MessageRow>> {
        self.hook
            .around("message", move || self.inner.message(mailbox, id))
    }
    fn contact(&self, party: PartyId) -> Task<'_, Option<Contact>> {
        self.hook
            .around("contact", move || self.inner.contact(party))
    }
    fn put_contact(&self, contact: Contact, desks: Option<Vec<String>>) -> Task<'_, bool> {
        self.hook.around("put_contact", move || {
            self.inner.put_contact(contact, desks)
        })
    }
    fn watchers<'a>(&'a self, mailbox: &'a str) -> Task<'a, Vec<PartyId>> {
        self.hook
            .around("watchers", move || self.inner.watchers(mailbox))
    }
    fn put_code<'a>(&'a self, hash: &'a str, party: PartyId, until: Timestamp) -> Task<'a, ()> {
        self.hook
            .around("put_code", move || self.inner.put_code(hash, party, until))
    }
    fn take_code<'a>(&'a self, hash: &'a str, now: Timestamp) -> Task<'a, Option<PartyId>> {
        self.hook
            .around("take_code", move || self.inner.take_code(hash, now))
    }
    fn deliveries(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: usize,
    ) -> Task<'_, Vec<DeliveryRow>> {
        self.hook.around("deliveries", move || {
            self.inner.deliveries(channel, now, limit)
        })
    }
    fn hurry_deliveries(&self, channel: Channel, now: Timestamp) -> Task<'_, ()> {
        self.hook.around("hurry_deliveries", move || {
            self.inner.hurry_deliveries(channel, now)
        })
    }
    fn delivery_tried(&self, id: Uuid, tried: Tried) -> Task<'_, ()> {
        let name = match tried {
            Tried::Sent(_) => "delivery_sent",
            _ => "delivery_tried",
        };
        self.hook
            .around(name, move || self.inner.delivery_tried(id, tried))
    }
    fn undelivered<'a>(
        &'a self,
        office: Option<&'a str>,
        limit: usize,
    ) -> Task<'a, Vec<DeliveryRow>> {
        self.hook
            .around("undelivered", move || self.inner.undelivered(office, limit))
    }
    fn delivery_seen(&self, id: Uuid) -> Task<'_, ()> {
        self.hook
            .around("delivery_seen", move || self.inner.delivery_seen(id))
    }
    fn waiting(&self) -> Task<'_, BTreeMap<Channel, (u64, Timestamp)>> {
        self.hook.around("waiting", move || self.inner.waiting())
    }
}

impl<H: Hook> ProofStore for Hooked<H> {
    fn proofs(&self, account: AccountId) -> Task<'_, Option<Proofs>> {
        self.hook
            .around("proofs", move || self.inner.proofs(account))
    }
    fn put_proofs(&self, proofs: Proofs, credentials: Vec<String>) -> Task<'_, bool> {
        self.hook.around("put_proofs", move || {
            self.inner.put_proofs(proofs, credentials)
        })
    }
    fn passkey_owner<'a>(&'a self, credential: &'a str) -> Task<'a, Option<AccountId>> {
        self.hook.around("passkey_owner", move || {
            self.inner.passkey_owner(credential)
        })
    }
}

impl<H: Hook> SlipStore for Hooked<H> {
    fn put_slip(&self, row: SlipRow, now: Timestamp) -> Task<'_, ()> {
        self.hook
            .around("put_slip", move || self.inner.put_slip(row, now))
    }
    fn slip(&self, id: Uuid, now: Timestamp) -> Task<'_, Option<SlipRow>> {
        self.hook.around("slip", move || self.inner.slip(id, now))
    }
    fn slips_due(&self, now: Timestamp, limit: usize) -> Task<'_, Vec<SlipRow>> {
        self.hook
            .around("slips_due", move || self.inner.slips_due(now, limit))
    }
    fn claim_slip(&self, id: Uuid, was: Timestamp, until: Timestamp) -> Task<'_, bool> {
        self.hook
            .around("claim_slip", move || self.inner.claim_slip(id, was, until))
    }
    fn slip_tried(&self, id: Uuid, next: Option<Timestamp>, ends: Timestamp) -> Task<'_, ()> {
        self.hook
            .around("slip_tried", move || self.inner.slip_tried(id, next, ends))
    }
    fn hurry_slips(&self, now: Timestamp) -> Task<'_, ()> {
        self.hook
            .around("hurry_slips", move || self.inner.hurry_slips(now))
    }
    fn spend_slip(&self, id: Uuid, now: Timestamp, spending: Spending) -> Task<'_, bool> {
        self.hook.around("spend_slip", move || {
            self.inner.spend_slip(id, now, spending)
        })
    }
    fn forget_slips<'a>(&'a self, about: &'a str) -> Task<'a, ()> {
        self.hook
            .around("forget_slips", move || self.inner.forget_slips(about))
    }
}

impl<H: Hook> Identities for Hooked<H> {
    fn sessions_of(&self, account: AccountId, now: Timestamp) -> Task<'_, Vec<Session>> {
        self.hook
            .around("sessions_of", move || self.inner.sessions_of(account, now))
    }
    fn replace_session<'a>(&'a self, old: &'a str, new: Session) -> Task<'a, ()> {
        self.hook.around("replace_session", move || {
            self.inner.replace_session(old, new)
        })
    }
    fn end_session_of(&self, account: AccountId, id: Uuid) -> Task<'_, ()> {
        self.hook.around("end_session_of", move || {
            self.inner.end_session_of(account, id)
        })
    }
    fn end_sessions_of(&self, account: AccountId, keep: Option<Uuid>) -> Task<'_, ()> {
        self.hook.around("end_sessions_of", move || {
            self.inner.end_sessions_of(account, keep)
        })
    }
    fn end_sessions_from<'a>(&'a self, outside: &'a str) -> Task<'a, ()> {
        self.hook.around("end_sessions_from", move || {
            self.inner.end_sessions_from(outside)
        })
    }
    fn sessions_used(&self, uses: Vec<(String, Timestamp)>, now: Timestamp) -> Task<'_, ()> {
        self.hook
            .around("sessions_used", move || self.inner.sessions_used(uses, now))
    }
    fn put_account_anew(&self, account: Account, keep: Option<Uuid>) -> Task<'_, ()> {
        self.hook.around("put_account_anew", move || {
            self.inner.put_account_anew(account, keep)
        })
    }
    fn link<'a>(&'a self, issuer: &'a str, subject: &'a str) -> Task<'a, Option<Link>> {
        self.hook
            .around("link", move || self.inner.link(issuer, subject))
    }
    fn put_linked(&self, account: Account, link: Link) -> Task<'_, bool> {
        self.hook
            .around("put_linked", move || self.inner.put_linked(account, link))
    }
    fn links_of(&self, account: AccountId) -> Task<'_, Vec<Link>> {
        self.hook
            .around("links_of", move || self.inner.links_of(account))
    }
    fn remove_link(&self, account: Account, link: Link, other_ways: bool) -> Task<'_, bool> {
        self.hook.around("remove_link", move || {
            self.inner.remove_link(account, link, other_ways)
        })
    }
    fn party_of_number<'a>(&'a self, number: &'a str) -> Task<'a, Option<PartyId>> {
        self.hook.around("party_of_number", move || {
            self.inner.party_of_number(number)
        })
    }
    fn claim_number<'a>(&'a self, number: &'a str, party: PartyId) -> Task<'a, PartyId> {
        self.hook.around("claim_number", move || {
            self.inner.claim_number(number, party)
        })
    }
}

impl<H: Hook> Guard for Hooked<H> {
    fn guesses<'a>(&'a self, keys: &'a [String]) -> Task<'a, Vec<Option<Guesses>>> {
        self.hook
            .around("guesses", move || self.inner.guesses(keys))
    }
    fn guess_failed<'a>(
        &'a self,
        keys: &'a [String],
        now: Timestamp,
        forget: Timestamp,
    ) -> Task<'a, ()> {
        self.hook.around("guess_failed", move || {
            self.inner.guess_failed(keys, now, forget)
        })
    }
    fn guess_succeeded<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        self.hook
            .around("guess_succeeded", move || self.inner.guess_succeeded(key))
    }
}

impl<H: Hook> Reviews for Hooked<H> {
    fn put_review<'a>(&'a self, ticket: &'a str, answer: Boxed) -> Task<'a, bool> {
        self.hook
            .around("put_review", move || self.inner.put_review(ticket, answer))
    }
    fn review_spent<'a>(&'a self, ticket: &'a str) -> Task<'a, bool> {
        self.hook
            .around("review_spent", move || self.inner.review_spent(ticket))
    }
    fn boxed_reviews(&self, before: Date, limit: usize) -> Task<'_, Vec<Boxed>> {
        self.hook.around("boxed_reviews", move || {
            self.inner.boxed_reviews(before, limit)
        })
    }
    fn unbox_review(&self, id: Uuid) -> Task<'_, ()> {
        self.hook
            .around("unbox_review", move || self.inner.unbox_review(id))
    }
}

impl<H: Hook> Keeper for Hooked<H> {
    fn dispose(&self, disposal: Disposal) -> Task<'_, bool> {
        self.hook
            .around("dispose", move || self.inner.keeper().dispose(disposal))
    }
    fn disposed<'a>(&'a self, records: &'a [RecordId]) -> Task<'a, Vec<Gone>> {
        self.hook
            .around("disposed", move || self.inner.keeper().disposed(records))
    }
    fn disposed_by(&self, round: RecordId) -> Task<'_, u64> {
        self.hook.around("disposed_by", move || {
            self.inner.keeper().disposed_by(round)
        })
    }
    fn destroy(&self) -> Task<'_, u64> {
        self.hook
            .around("destroy", move || self.inner.keeper().destroy())
    }
    fn revived(&self) -> Task<'_, Vec<Revived>> {
        self.hook
            .around("revived", move || self.inner.keeper().revived())
    }
    fn forget_words(&self) -> Task<'_, bool> {
        self.hook
            .around("forget_words", move || self.inner.keeper().forget_words())
    }
}

impl<H: Hook> EventLog for Hooked<H> {
    fn event_hashes(&self, after: u64, limit: usize) -> Task<'_, Vec<Hash>> {
        self.hook.around("event_hashes", move || {
            self.inner.log().event_hashes(after, limit)
        })
    }
    fn sealed_event(&self, record: RecordId, seq: u64) -> Task<'_, Option<SealedEvent>> {
        self.hook.around("sealed_event", move || {
            self.inner.log().sealed_event(record, seq)
        })
    }
    fn tiles(&self, names: Vec<TileName>) -> Task<'_, Tiles> {
        self.hook
            .around("tiles", move || self.inner.log().tiles(names))
    }
    fn newest_head(&self) -> Task<'_, Option<SignedHead>> {
        self.hook
            .around("newest_head", move || self.inner.log().newest_head())
    }
    fn turns(&self) -> Task<'_, Vec<SignedHead>> {
        self.hook.around("turns", move || self.inner.log().turns())
    }
    fn log_keys(&self) -> Task<'_, Vec<LogKeyRow>> {
        self.hook
            .around("log_keys", move || self.inner.log().log_keys())
    }
    fn log_seed(&self, number: u64) -> Task<'_, Seed> {
        self.hook
            .around("log_seed", move || self.inner.log().log_seed(number))
    }
    fn fresh_seed(&self) -> Task<'_, (u64, Seed)> {
        self.hook
            .around("fresh_seed", move || self.inner.log().fresh_seed())
    }
    fn put_log_key(&self, key: LogKeyRow, head: SignedHead) -> Task<'_, bool> {
        self.hook.around("put_log_key", move || {
            self.inner.log().put_log_key(key, head)
        })
    }
    fn append_tiles(&self, tiles: Vec<Tile>, head: SignedHead) -> Task<'_, bool> {
        self.hook.around("append_tiles", move || {
            self.inner.log().append_tiles(tiles, head)
        })
    }
}

impl<H: Hook> Looks for Hooked<H> {
    fn note_now(&self, note: ReadNote) -> Task<'_, ()> {
        self.hook
            .around("note_now", move || self.inner.looks().note_now(note))
    }
    fn looks(&self, query: LookQuery) -> Task<'_, LookPage> {
        self.hook
            .around("looks", move || self.inner.looks().looks(query))
    }
    fn fresh_looks(&self, limit: usize) -> Task<'_, Vec<Look>> {
        self.hook
            .around("fresh_looks", move || self.inner.looks().fresh_looks(limit))
    }
    fn index_looks(&self, upto: u64) -> Task<'_, ()> {
        self.hook
            .around("index_looks", move || self.inner.looks().index_looks(upto))
    }
    fn read_counts(&self, account: AccountId, from: i64) -> Task<'_, Vec<(i64, u64)>> {
        self.hook.around("read_counts", move || {
            self.inner.looks().read_counts(account, from)
        })
    }
    fn account_of(&self, party: PartyId) -> Task<'_, Option<AccountId>> {
        self.hook
            .around("account_of", move || self.inner.looks().account_of(party))
    }
    fn newest_look(&self) -> Task<'_, NewestLook> {
        self.hook
            .around("newest_look", move || self.inner.looks().newest_look())
    }
    fn put_look_seal(&self, sealed: Sealed) -> Task<'_, ()> {
        self.hook.around("put_look_seal", move || {
            self.inner.looks().put_look_seal(sealed)
        })
    }
    fn prune_looks(&self, before: Timestamp, now: Timestamp, limit: usize) -> Task<'_, u64> {
        self.hook.around("prune_looks", move || {
            self.inner.looks().prune_looks(before, now, limit)
        })
    }
}

impl<H: Hook> Quarantine for Hooked<H> {
    fn hold(&self, held: Held) -> Task<'_, ()> {
        self.hook
            .around("hold", move || self.inner.quarantine().hold(held))
    }
    fn held<'a>(&'a self, ids: &'a [AttachmentId]) -> Task<'a, Vec<Held>> {
        self.hook
            .around("held", move || self.inner.quarantine().held(ids))
    }
    fn held_due(&self, now: Timestamp, limit: usize) -> Task<'_, Vec<Held>> {
        self.hook.around("held_due", move || {
            self.inner.quarantine().held_due(now, limit)
        })
    }
    fn release(&self, id: AttachmentId) -> Task<'_, ()> {
        self.hook
            .around("release", move || self.inner.quarantine().release(id))
    }
    fn held_counts(&self) -> Task<'_, HeldCounts> {
        self.hook
            .around("held_counts", move || self.inner.quarantine().held_counts())
    }
}
