//! The port, one call after another. Arguments go along to the thread that waits for the database.

use super::open::PostgresStore;
use super::{copy, list, reads, search, uploads};
use crate::db::Row;
use crate::failure::Failure;
use crate::house::{accounts, attachments, messages, packages, runs, sessions, work};
use crate::{codec, read, writer};
use jiff::{Timestamp, civil::Date};
use kernel::port::{
    Account, Attachment, Commit, Committed, DueTimer, Idempotency, Lane, ListQuery, MessageRow,
    OutboxRow, Page, ReadNote, RunItem, RunOutcome, RunRow, SearchQuery, Session, Store,
    StoreError, Stored, Task,
};
use kernel::{AccountId, AttachmentId, EffectId, RecordId, RunId, Snapshot, Timer};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_postgres::types::ToSql;

impl PostgresStore {
    /// Takes rows for this copy to see to, and reads them.
    pub(super) fn take<'a, T: Send + 'static>(
        &'a self,
        sql: String,
        limit: usize,
        values: Vec<Box<dyn ToSql + Send + Sync>>,
        read: fn(Row<'_>) -> Result<T, Failure>,
    ) -> Task<'a, Vec<T>> {
        let (copy, limit) = (self.copy.number(), codec::limit(limit));
        self.native(move |session| {
            let mut all: Vec<&(dyn ToSql + Sync)> = vec![&copy, &limit];
            all.extend(values.iter().map(|value| &**value as &(dyn ToSql + Sync)));
            let rows = session.rows(&sql, &all)?;
            rows.iter().map(|row| read(Row::Postgres(row))).collect()
        })
    }
}

impl Store for PostgresStore {
    fn commit(&self, commit: Commit) -> Task<'_, Committed> {
        Box::pin(self.writer.act(commit))
    }

    fn snapshots<'a>(&'a self, ids: &'a [RecordId]) -> Task<'a, Vec<Snapshot>> {
        let ids = ids.to_vec();
        self.native(move |session| reads::snapshots(session, &ids))
    }

    fn scopes<'a>(&'a self, id: RecordId) -> Task<'a, Vec<String>> {
        let names = Arc::clone(&self.names);
        self.read(move |db| read::scopes(db, &names, id))
    }

    fn children(&self, parent: RecordId, limit: usize) -> Task<'_, Vec<Snapshot>> {
        self.read(move |db| read::children(db, parent, limit))
    }

    fn list<'a>(&'a self, query: &'a ListQuery) -> Task<'a, Page> {
        let (names, query) = (Arc::clone(&self.names), query.clone());
        self.native(move |session| list::list(session, &names, &query))
    }

    fn search<'a>(&'a self, query: &'a SearchQuery) -> Task<'a, Page> {
        let (names, query) = (Arc::clone(&self.names), query.clone());
        self.native(move |session| search::search(session, &names, &query))
    }

    fn history(&self, record: RecordId, after: u64, limit: usize) -> Task<'_, Vec<Stored>> {
        let keys = Arc::clone(&self.keys);
        self.read(move |db| read::history(db, &*keys, record, after, limit))
    }

    fn changes(&self, after: u64, limit: usize) -> Task<'_, Vec<Stored>> {
        let keys = Arc::clone(&self.keys);
        self.read(move |db| read::changes(db, &*keys, after, limit))
    }

    fn balances<'a>(
        &'a self,
        ledger: &'a str,
        prefix: &'a str,
        limit: usize,
    ) -> Task<'a, Vec<(String, Decimal)>> {
        let (ledger, prefix) = (ledger.to_owned(), prefix.to_owned());
        self.read(move |db| read::balances(db, &ledger, &prefix, limit))
    }

    fn balance<'a>(&'a self, ledger: &'a str, key: &'a str) -> Task<'a, (Decimal, Decimal)> {
        let (ledger, key) = (ledger.to_owned(), key.to_owned());
        self.read(move |db| read::balance(db, &ledger, &key))
    }

    fn idempotency<'a>(&'a self, owner: &'a str, key: &'a str) -> Task<'a, Option<Idempotency>> {
        let (owner, key) = (owner.to_owned(), key.to_owned());
        self.read(move |db| writer::side::find_idempotency(db, &owner, &key))
    }

    fn put_run(&self, run: RunRow, items: Vec<RunItem>) -> Task<'_, ()> {
        self.write(move |db| runs::put(db, &run, &items))
    }

    fn run(&self, id: RunId) -> Task<'_, Option<(RunRow, Vec<RunItem>)>> {
        self.read(move |db| runs::get(db, id))
    }

    fn run_item_done(&self, id: RunId, no: u32, outcome: RunOutcome) -> Task<'_, ()> {
        self.write(move |db| runs::item_done(db, id, no, &outcome))
    }

    fn run_done(&self, id: RunId, at: Timestamp) -> Task<'_, ()> {
        self.write(move |db| runs::done(db, id, at))
    }

    fn open_runs(&self, limit: usize) -> Task<'_, Vec<RunId>> {
        let sql = copy::take("run", "done_at IS NULL", "at", "id", "");
        self.take(sql, limit, Vec::new(), |row| {
            Ok(RunId(codec::id(&row.get::<_, Vec<u8>>("id")?)?))
        })
    }

    fn last_looks<'a>(
        &'a self,
        account: AccountId,
        records: &'a [RecordId],
    ) -> Task<'a, Vec<(RecordId, Timestamp)>> {
        let records = records.to_vec();
        self.native(move |session| reads::last_looks(session, account, &records))
    }

    fn put_attachment(&self, meta: Attachment, content: Vec<u8>) -> Task<'_, Attachment> {
        let keys = Arc::clone(&self.keys);
        let put = move |session: &super::Session| uploads::put(session, &*keys, meta, &content);
        Box::pin(self.pool.once(put))
    }

    fn attachments<'a>(&'a self, ids: &'a [AttachmentId]) -> Task<'a, Vec<Attachment>> {
        let ids = ids.to_vec();
        self.read(move |db| attachments::known(db, &ids))
    }

    fn attachment_content(&self, id: AttachmentId) -> Task<'_, Option<Vec<u8>>> {
        let keys = Arc::clone(&self.keys);
        self.native(move |session| uploads::content(session, &*keys, id))
    }

    fn collect_orphans(&self, before: Timestamp) -> Task<'_, usize> {
        Box::pin(async move {
            let removed = self.counted(move |db| {
                attachments::doom(db, before)?;
                let doomed = attachments::doomed(db)?;
                attachments::forget(db, &doomed)
            });
            Ok(usize::try_from(removed.await?).unwrap_or(usize::MAX))
        })
    }

    fn due_timers(&self, today: Date, limit: usize) -> Task<'_, Vec<DueTimer>> {
        let sql = copy::take(
            "timer",
            "due <= $3",
            "due",
            "taken.record, kind.service, kind.record_type, taken.clock, taken.what, taken.due",
            "JOIN record ON record.id = taken.record JOIN kind ON kind.id = record.kind",
        );
        self.take(
            sql,
            limit,
            vec![Box::new(today.to_string())],
            work::due_timer,
        )
    }

    fn late_timers(&self, today: Date, most: usize) -> Task<'_, u64> {
        self.read(move |db| work::late_timers(db, today, most))
    }

    fn timer_done<'a>(&'a self, record: RecordId, timer: &'a Timer) -> Task<'a, ()> {
        let timer = timer.clone();
        self.write(move |db| work::timer_done(db, record, &timer))
    }

    fn outbox(&self, lane: Lane, now: Timestamp, limit: usize) -> Task<'_, Vec<OutboxRow>> {
        let which = format!("{} AND next_try <= $3", work::of_lane(lane));
        let sql = copy::take("outbox", &which, "next_try, no", "*", "");
        self.take(sql, limit, vec![Box::new(codec::nanos(now))], work::effect)
    }

    fn hurry_effects(&self, lane: Lane, now: Timestamp) -> Task<'_, ()> {
        self.write(move |db| work::hurry(db, lane, now))
    }

    fn outbox_waiting(&self) -> Task<'_, BTreeMap<String, (u64, Timestamp)>> {
        self.read(work::waiting)
    }

    fn effect_done(&self, id: EffectId) -> Task<'_, ()> {
        self.write(move |db| work::effect_done(db, id))
    }

    fn effect_failed<'a>(
        &'a self,
        id: EffectId,
        error: &'a str,
        next_try: Option<Timestamp>,
    ) -> Task<'a, ()> {
        let error = error.to_owned();
        self.write(move |db| work::effect_failed(db, id, &error, next_try))
    }

    fn stuck(&self, limit: usize) -> Task<'_, Vec<OutboxRow>> {
        self.read(move |db| work::stuck(db, limit))
    }

    fn messages<'a>(
        &'a self,
        mailboxes: &'a [String],
        before: Option<EffectId>,
        limit: usize,
    ) -> Task<'a, Vec<MessageRow>> {
        let mailboxes = mailboxes.to_vec();
        self.read(move |db| messages::of(db, &mailboxes, before, limit))
    }

    fn message_read<'a>(&'a self, mailbox: &'a str, id: EffectId, at: Timestamp) -> Task<'a, ()> {
        let mailbox = mailbox.to_owned();
        self.write(move |db| messages::read(db, &mailbox, id, at))
    }

    fn put_account(&self, account: Account) -> Task<'_, ()> {
        self.write(move |db| accounts::put(db, &account))
    }

    fn account_by_login<'a>(&'a self, login: &'a str) -> Task<'a, Option<Account>> {
        let login = login.to_owned();
        self.read(move |db| accounts::by_login(db, &login))
    }

    fn account(&self, id: AccountId) -> Task<'_, Option<Account>> {
        self.read(move |db| accounts::by_id(db, id))
    }

    fn put_session(&self, session: Session) -> Task<'_, ()> {
        self.write(move |db| sessions::put(db, &session))
    }

    fn session<'a>(&'a self, secret: &'a str) -> Task<'a, Option<Session>> {
        let secret = secret.to_owned();
        self.read(move |db| sessions::one(db, &secret))
    }

    fn end_session<'a>(&'a self, secret: &'a str) -> Task<'a, ()> {
        let secret = secret.to_owned();
        self.write(move |db| sessions::end(db, &secret))
    }

    fn put_package<'a>(
        &'a self,
        slug: &'a str,
        hash: &'a str,
        files: &'a BTreeMap<String, Vec<u8>>,
        at: Timestamp,
    ) -> Task<'a, ()> {
        let (slug, hash, files) = (slug.to_owned(), hash.to_owned(), files.clone());
        self.write(move |db| packages::put(db, &slug, &hash, &files, at))
    }

    fn package<'a>(&'a self, hash: &'a str) -> Task<'a, Option<BTreeMap<String, Vec<u8>>>> {
        let hash = hash.to_owned();
        self.read(move |db| packages::files(db, &hash))
    }

    fn current_package<'a>(&'a self, slug: &'a str) -> Task<'a, Option<String>> {
        let slug = slug.to_owned();
        self.read(move |db| packages::current(db, &slug))
    }

    fn setting<'a>(&'a self, name: &'a str) -> Task<'a, Option<String>> {
        let name = name.to_owned();
        self.read(move |db| accounts::setting(db, &name))
    }

    fn put_setting<'a>(&'a self, name: &'a str, value: &'a str) -> Task<'a, ()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.write(move |db| accounts::put_setting(db, &name, &value))
    }

    fn note_read(&self, note: ReadNote) -> Result<(), StoreError> {
        self.writer.note(note)
    }

    fn looks(&self) -> &dyn kernel::looks::Looks {
        self
    }

    fn shelf(&self) -> &dyn kernel::shelf::Shelf {
        self
    }

    fn log(&self) -> &dyn kernel::log::EventLog {
        self
    }

    fn keeper(&self) -> &dyn kernel::keep::Keeper {
        self
    }

    fn vault(&self) -> &dyn kernel::vault::Vault {
        &self.numbers
    }

    fn quarantine(&self) -> &dyn kernel::quarantine::Quarantine {
        self
    }

    fn health(&self) -> Option<String> {
        self.health.lock().clone()
    }
}
