//! What the engine needs of a store. `store` implements it; only `tsumugi` and the benches wire it in.
//! All reads are keyset reads over keys: their cost does not grow with the number of records.

use crate::decision::{Derived, Expect, OutboxEntry, Posting, Reach, Said};
use crate::event::Event;
use crate::ids::{AccountId, ActId, AttachmentId, EffectId, PartyId, RecordId, RunId};
pub use crate::looks::ReadNote;
use crate::snapshot::Snapshot;
use feel::Predicate;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

/// A future of a store call.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A fault of the store itself: never a fault of the actor.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not available now: disk full, database away, overloaded. Nothing was acknowledged.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// What was read is not what was written.
    #[error("store damaged: {0}")]
    Damaged(String),
}

/// Makes what is written from the numbers drawn. Pure and short: it runs on the writer.
pub type Finish = Box<dyn FnOnce(&[u64]) -> Prepared + Send>;

/// One act to be committed, all or nothing.
pub struct Commit {
    /// Versions re-checked inside the transaction.
    pub expects: Vec<Expect>,
    /// Counters to draw from, in order.
    pub draws: Vec<String>,
    /// What is written, once the numbers are drawn.
    pub finish: Finish,
}

/// What is written.
pub struct Prepared {
    /// Events in order.
    pub events: Vec<Event>,
    /// Touched records with what makes them found.
    pub records: Vec<(Snapshot, Derived)>,
    /// Postings.
    pub postings: Vec<Posting>,
    /// Effects.
    pub effects: Vec<OutboxEntry>,
    /// Uploads taken into use, by which record.
    pub attachments: Vec<(AttachmentId, RecordId)>,
    /// The idempotency key, if the request had one.
    pub idempotency: Option<Idempotency>,
}

/// A remembered request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idempotency {
    /// Whose key: the account, or `system`.
    pub owner: String,
    /// The key.
    pub key: String,
    /// SHA-256 (hex) over method, path and body.
    pub request: String,
    /// The act that answered it.
    pub act: ActId,
    /// The record that was answered with.
    pub record: RecordId,
    /// Its version then.
    pub version: u64,
    /// The HTTP status of the answer.
    pub status: u16,
    /// When.
    pub at: Timestamp,
}

/// How a commit ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Committed {
    /// Durable. The touched records as written (numbers filled in).
    Done(Vec<Snapshot>),
    /// A record has another version by now: gather and decide again.
    Moved(RecordId),
    /// A unique value is taken by another record.
    Taken {
        /// The constraint's name in the definition.
        constraint: String,
        /// What the definition says to the person.
        message: String,
        /// The record that has the value.
        by: RecordId,
    },
    /// A balance would fall below its floor.
    BelowFloor {
        /// The ledger's name.
        ledger: String,
        /// Which balance of it.
        key: String,
    },
    /// The idempotency key was used; this is what it answered.
    Repeated(Idempotency),
    /// An upload is not there (collected as an orphan).
    AttachmentMissing(AttachmentId),
}

/// One page of a declared index.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// Service slug.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// The actor's scope keys; the index streams of all are merged without duplicates.
    pub scopes: Vec<String>,
    /// Name of the index.
    pub index: String,
    /// Key names in the index's order (paths joined with `.`), to resolve `filter`.
    pub keys: Vec<String>,
    /// Filter over the index's keys alone; the engine has checked that the index serves it.
    pub filter: Predicate,
    /// How many leading keys are fixed by equality in `filter`; the order is by the keys after them.
    pub fixed: usize,
    /// Whether a record may have several entries in the index (`ListIndex::many`): it then stands in the list once, where
    /// the first of its entries that fits stands.
    pub many: bool,
    /// Descending order.
    pub descending: bool,
    /// Where the last page ended.
    pub after: Option<ListCursor>,
    /// At most so many records.
    pub limit: usize,
}

/// Where a page ended: opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCursor {
    /// Keys of the last entry.
    pub keys: Vec<Vec<u8>>,
    /// Its record's local number.
    pub row: i64,
}

/// A page of records.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records.
    pub items: Vec<Snapshot>,
    /// Where to go on; none at the end.
    pub next: Option<ListCursor>,
    /// True if the store stopped at its scan limit: there may be more that fits.
    pub stopped: bool,
}

/// A search, newest first.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    /// Service slug.
    pub service: String,
    /// Record types.
    pub record_types: Vec<String>,
    /// The actor's scope keys.
    pub scopes: Vec<String>,
    /// What was typed; each blank-separated word must be found.
    pub text: String,
    /// Local number of the last record of the page before.
    pub before: Option<i64>,
    /// At most so many records.
    pub limit: usize,
}

/// Events of one record with their hashes.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Position in the log of all events, in commit order, from 1.
    pub position: u64,
    /// The event, opened.
    pub event: Event,
    /// Hash over header, sealed body and the previous hash (hex).
    pub hash: String,
    /// Hash of the event before it in the record's history (hex; zeros for the first).
    pub previous: String,
}

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// File name as given, cleaned of paths and control characters.
    pub name: String,
    /// Media type as sniffed.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 (hex).
    pub sha256: String,
    /// Who uploaded it.
    pub owner: Option<AccountId>,
    /// The record that uses it; none while orphaned.
    pub record: Option<RecordId>,
    /// Further records that have named it since. Whether one still does, it says itself.
    #[serde(default)]
    pub also: Vec<RecordId>,
    /// When.
    pub at: Timestamp,
}

/// The most records that may name an upload: who asks for it is looked for among their readers. It is sent anew then.
pub const MAX_USES: usize = 50;

impl Attachment {
    /// The records that have named it, the first before the others.
    pub fn uses(&self) -> impl Iterator<Item = RecordId> {
        self.record.into_iter().chain(self.also.iter().copied())
    }
}

/// A timer that has come due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTimer {
    /// Record.
    pub record: RecordId,
    /// Service slug and record type.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// The timer.
    pub timer: crate::decision::Timer,
}

/// Effects that do not wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// What the platform does by itself: messages, letters, consents.
    Inside,
    /// What the payment gateway is asked.
    Gateway,
}

impl Lane {
    /// Kinds of its effects ([`crate::EffectOrder::kind`]). Effects from before kinds were kept have none.
    #[must_use]
    pub const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Inside => &["", "notify", "issue", "consent"],
            Self::Gateway => &["charge", "refund", "recall"],
        }
    }
}

/// An effect as the outbox holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// The entry.
    pub entry: OutboxEntry,
    /// Tries so far.
    pub tries: u32,
    /// When committed.
    pub since: Timestamp,
    /// When it is tried next; none once given up.
    pub next_try: Option<Timestamp>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// One act over many records (一括処理), as it was asked for. `Debug` does not print its input.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// Its id; the events of its acts carry it.
    pub id: RunId,
    /// Who asked for it; each act is theirs, with the seats they hold when it is done.
    pub account: AccountId,
    /// On whose behalf.
    pub on_behalf_of: Option<PartyId>,
    /// Stated purpose.
    pub purpose: Option<String>,
    /// Service slug.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// The action.
    pub action: String,
    /// Its input, the same for each record.
    pub input: serde_json::Map<String, serde_json::Value>,
    /// SHA-256 (hex) over the request, to tell a repeated one from another under the same key.
    pub request: String,
    /// When.
    pub at: Timestamp,
    /// When all items had been seen to.
    pub done_at: Option<Timestamp>,
}

/// One record of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunItem {
    /// The record.
    pub record: RecordId,
    /// The version that was seen.
    pub version: u64,
    /// What became of it; none while it waits.
    pub outcome: Option<RunOutcome>,
}

/// What became of one record of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Done: the record's version after it.
    Done(u64),
    /// Refused, and why.
    Refused(crate::refusal::Refusal),
}

/// A message on My Page or at a desk.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// The effect that brought it: a retry does not show it twice.
    pub id: EffectId,
    /// Mailbox: `party:{id}`, `account:{id}`, `desk:{office}:{role}` or `desk:{office}:`.
    pub mailbox: String,
    /// The record it is about.
    pub record: RecordId,
    /// Service slug.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// Subject.
    pub subject: String,
    /// Body.
    pub body: String,
    /// The same in other languages, by tag.
    pub others: BTreeMap<String, Said>,
    /// What may go outside My Page, and when.
    pub reach: Reach,
    /// When sent.
    pub at: Timestamp,
    /// When read.
    pub read_at: Option<Timestamp>,
}

pub use crate::identity::Session;

/// An account, its party and its seats. Secrets and names do not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Sign-in name (mail address or persona).
    pub login: String,
    /// Name shown.
    pub name: String,
    /// Argon2id hash in PHC form; none where it cannot sign in with a password.
    pub password: Option<String>,
    /// The person behind it.
    pub party: PartyId,
    /// Parties that it may act for, besides its own.
    pub hats: Vec<Party>,
    /// Posts held.
    pub seats: Vec<crate::act::Seat>,
    /// What it may read in an emergency. Never written down: it is derived from the register whenever an account becomes
    /// an actor.
    #[serde(skip)]
    pub passes: Vec<crate::glass::Pass>,
    /// Made as a demo persona.
    pub demo: bool,
    /// Since when nobody may sign in with it; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
}

/// A person, corporation or body.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its id.
    pub id: PartyId,
    /// `person`, `corporation`, `body`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// 13 digits, for corporations that have one.
    pub corporate_number: Option<String>,
    /// What it gave the account to do; none where the account acts for it by right. Never written down: it is derived
    /// from the register whenever an account becomes an actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandates: Option<Vec<crate::mandate::Mandate>>,
}

impl Party {
    /// Whether one may act for it on a day.
    #[must_use]
    pub fn is_held(&self, day: jiff::civil::Date) -> bool {
        self.mandates
            .as_ref()
            .is_none_or(|all| all.iter().any(|one| one.in_force(day)))
    }
}

/// How far the copy of an installation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copying {
    /// What the place is called.
    pub to: String,
    /// Everything acknowledged before this moment is copied.
    pub at: Option<Timestamp>,
    /// The last event that is copied.
    pub position: u64,
    /// When the whole was copied last.
    pub base_at: Option<Timestamp>,
    /// Why the last round failed; none if it did not.
    pub fault: Option<String>,
    /// Whether there is a vault of individual numbers (個人番号), which is never in this copy: it is copied apart.
    pub lacks_numbers: bool,
}

impl Copying {
    /// A copy that lies back further than this is behind, in seconds.
    pub const BEHIND_SECONDS: i64 = 60;

    /// Whether an operator must see to it.
    #[must_use]
    pub fn is_behind(&self, now: Timestamp) -> bool {
        let late = |at: Timestamp| now.as_second() - at.as_second() > Self::BEHIND_SECONDS;
        self.fault.is_some() || self.at.is_some_and(late)
    }
}

/// The store.
pub trait Store:
    crate::guard::Guard
    + crate::identity::Identities
    + crate::proofs::ProofStore
    + crate::mailroom::Mailroom
    + crate::reviews::Reviews
    + crate::slips::SlipStore
    + Send
    + Sync
    + 'static
{
    /// Commits one act; many acts share one fsync. When it answers `Done`, the act is durable.
    fn commit(&self, commit: Commit) -> Task<'_, Committed>;
    /// Records by id; those not there are left out.
    fn snapshots<'a>(&'a self, ids: &'a [RecordId]) -> Task<'a, Vec<Snapshot>>;
    /// The record with what `derive` made for it, to check a point read by scope keys.
    fn scopes<'a>(&'a self, id: RecordId) -> Task<'a, Vec<String>>;
    /// Children of a record in all slots, oldest first, at most `limit`.
    fn children(&self, parent: RecordId, limit: usize) -> Task<'_, Vec<Snapshot>>;
    /// One page of an index.
    fn list<'a>(&'a self, query: &'a ListQuery) -> Task<'a, Page>;
    /// A search; `next` cursors carry only `row`.
    fn search<'a>(&'a self, query: &'a SearchQuery) -> Task<'a, Page>;
    /// Events of a record after `seq`, oldest first, at most `limit`.
    fn history(&self, record: RecordId, after: u64, limit: usize) -> Task<'_, Vec<Stored>>;
    /// All events after a position in commit order, at most `limit`.
    fn changes(&self, after: u64, limit: usize) -> Task<'_, Vec<Stored>>;
    /// Posted and held balance.
    fn balance<'a>(
        &'a self,
        ledger: &'a str,
        key: &'a str,
    ) -> Task<'a, (rust_decimal::Decimal, rust_decimal::Decimal)>;
    /// Keeps a run before its first act; one of this id that is there stays as it is.
    fn put_run(&self, run: RunRow, items: Vec<RunItem>) -> Task<'_, ()>;
    /// A run with its items in order.
    fn run(&self, id: RunId) -> Task<'_, Option<(RunRow, Vec<RunItem>)>>;
    /// What became of an item of a run, by its place.
    fn run_item_done(&self, id: RunId, no: u32, outcome: RunOutcome) -> Task<'_, ()>;
    /// All items of a run have been seen to.
    fn run_done(&self, id: RunId, at: Timestamp) -> Task<'_, ()>;
    /// Runs that have items left, oldest first, at most `limit`.
    fn open_runs(&self, limit: usize) -> Task<'_, Vec<RunId>>;
    /// When an account last looked at each of these records; those never looked at are left out.
    fn last_looks<'a>(
        &'a self,
        account: AccountId,
        records: &'a [RecordId],
    ) -> Task<'a, Vec<(RecordId, Timestamp)>>;
    /// Posted balances of a ledger whose keys begin with `prefix`, in the order of the keys, at most `limit`.
    fn balances<'a>(
        &'a self,
        ledger: &'a str,
        prefix: &'a str,
        limit: usize,
    ) -> Task<'a, Vec<(String, rust_decimal::Decimal)>>;
    /// What an idempotency key answered.
    fn idempotency<'a>(&'a self, owner: &'a str, key: &'a str) -> Task<'a, Option<Idempotency>>;

    /// Writes an upload: hashed, fsynced, then acknowledged.
    fn put_attachment(&self, meta: Attachment, content: Vec<u8>) -> Task<'_, Attachment>;
    /// What is known of uploads.
    fn attachments<'a>(&'a self, ids: &'a [AttachmentId]) -> Task<'a, Vec<Attachment>>;
    /// Content of an upload, opened and checked against its hash.
    fn attachment_content(&self, id: AttachmentId) -> Task<'_, Option<Vec<u8>>>;
    /// Removes uploads older than `before` that no record uses; answers how many.
    fn collect_orphans(&self, before: Timestamp) -> Task<'_, usize>;

    /// Timers due on or before a day, at most `limit`. They stay until the record's next commit replaces them or
    /// [`Store::timer_done`].
    fn due_timers(&self, today: Date, limit: usize) -> Task<'_, Vec<DueTimer>>;
    /// How many timers were due before a day, counted to `most`.
    fn late_timers(&self, today: Date, most: usize) -> Task<'_, u64>;
    /// Removes a timer that has been seen to.
    fn timer_done<'a>(
        &'a self,
        record: RecordId,
        timer: &'a crate::decision::Timer,
    ) -> Task<'a, ()>;
    /// Effects of a lane whose time has come, oldest first, at most `limit`.
    fn outbox(&self, lane: Lane, now: Timestamp, limit: usize) -> Task<'_, Vec<OutboxRow>>;
    /// Effects of a lane that have failed are tried again at once: whoever they were for is back.
    fn hurry_effects(&self, lane: Lane, now: Timestamp) -> Task<'_, ()>;
    /// How many effects there are, by kind, and since when the oldest.
    fn outbox_waiting(&self) -> Task<'_, BTreeMap<String, (u64, Timestamp)>>;
    /// An effect was delivered.
    fn effect_done(&self, id: EffectId) -> Task<'_, ()>;
    /// An effect failed; it is tried again at `next_try`, or never if none.
    fn effect_failed<'a>(
        &'a self,
        id: EffectId,
        error: &'a str,
        next_try: Option<Timestamp>,
    ) -> Task<'a, ()>;
    /// Effects that have failed at least once, oldest first: the page of what is stuck.
    fn stuck(&self, limit: usize) -> Task<'_, Vec<OutboxRow>>;
    /// Messages of mailboxes, newest first.
    fn messages<'a>(
        &'a self,
        mailboxes: &'a [String],
        before: Option<EffectId>,
        limit: usize,
    ) -> Task<'a, Vec<MessageRow>>;
    /// Marks a message as read.
    fn message_read<'a>(&'a self, mailbox: &'a str, id: EffectId, at: Timestamp) -> Task<'a, ()>;

    /// Adds or replaces an account.
    fn put_account(&self, account: Account) -> Task<'_, ()>;
    /// An account by sign-in name.
    fn account_by_login<'a>(&'a self, login: &'a str) -> Task<'a, Option<Account>>;
    /// An account by id.
    fn account(&self, id: AccountId) -> Task<'_, Option<Account>>;
    /// Adds a session or token.
    fn put_session(&self, session: Session) -> Task<'_, ()>;
    /// A session by the hash of its secret.
    fn session<'a>(&'a self, secret: &'a str) -> Task<'a, Option<Session>>;
    /// Ends a session.
    fn end_session<'a>(&'a self, secret: &'a str) -> Task<'a, ()>;

    /// Keeps the files of a published package under its hash, so that pinned records can be opened for ever.
    fn put_package<'a>(
        &'a self,
        slug: &'a str,
        hash: &'a str,
        files: &'a BTreeMap<String, Vec<u8>>,
        at: Timestamp,
    ) -> Task<'a, ()>;
    /// The files of a package by hash.
    fn package<'a>(&'a self, hash: &'a str) -> Task<'a, Option<BTreeMap<String, Vec<u8>>>>;
    /// The hash that was last published for a slug.
    fn current_package<'a>(&'a self, slug: &'a str) -> Task<'a, Option<String>>;

    /// A setting of the installation (`demo`, …).
    fn setting<'a>(&'a self, name: &'a str) -> Task<'a, Option<String>>;
    /// Writes a setting.
    fn put_setting<'a>(&'a self, name: &'a str, value: &'a str) -> Task<'a, ()>;
    /// Writes that somebody read personal data. Group-committed; not waited for.
    ///
    /// # Errors
    /// If so many wait that no more can be kept: nothing may be read then.
    fn note_read(&self, note: ReadNote) -> Result<(), StoreError>;
    /// Who looked.
    fn looks(&self) -> &dyn crate::looks::Looks;
    /// Open data and imports.
    fn shelf(&self) -> &dyn crate::shelf::Shelf;
    /// The log of evidence.
    fn log(&self) -> &dyn crate::log::EventLog;
    /// Disposal.
    fn keeper(&self) -> &dyn crate::keep::Keeper;
    /// Individual numbers (個人番号).
    fn vault(&self) -> &dyn crate::vault::Vault;
    /// Uploads that are held.
    fn quarantine(&self) -> &dyn crate::quarantine::Quarantine;
    /// Faults that an operator should see (`None` when all is well): full disk, failing fsync.
    fn health(&self) -> Option<String>;
    /// How far the copy of the installation is; none where none is kept by the program itself.
    fn copying(&self) -> Option<Copying> {
        None
    }
}
