//! The port, one call after another. Reads run where they are called, see [`crate::pool::Pool::read`].

use crate::db::Connection;
use crate::failure::Failure;
use crate::house::loose::{self, Flight};
use crate::house::{accounts, attachments, messages, packages, runs, sessions, work};
use crate::open::SqliteStore;
use crate::{read, writer};
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

impl SqliteStore {
    /// Does a write of which only the success matters.
    pub(crate) fn write<'a>(
        &'a self,
        write: impl FnOnce(&Connection<'_>) -> Result<u64, Failure> + Send + 'static,
    ) -> Task<'a, ()> {
        Box::pin(async move { self.writer.write(write).await.map(drop) })
    }
}

impl Store for SqliteStore {
    fn commit(&self, commit: Commit) -> Task<'_, Committed> {
        Box::pin(self.writer.act(commit))
    }

    fn snapshots<'a>(&'a self, ids: &'a [RecordId]) -> Task<'a, Vec<Snapshot>> {
        Box::pin(async move { self.read(|db| read::snapshots(db, ids)) })
    }

    fn scopes<'a>(&'a self, id: RecordId) -> Task<'a, Vec<String>> {
        Box::pin(async move { self.read(|db| read::scopes(db, &self.names, id)) })
    }

    fn children(&self, parent: RecordId, limit: usize) -> Task<'_, Vec<Snapshot>> {
        Box::pin(async move { self.read(|db| read::children(db, parent, limit)) })
    }

    fn list<'a>(&'a self, query: &'a ListQuery) -> Task<'a, Page> {
        Box::pin(async move { self.pool_read(|db| read::list(db, &self.names, query)) })
    }

    fn search<'a>(&'a self, query: &'a SearchQuery) -> Task<'a, Page> {
        Box::pin(async move { self.pool_read(|db| read::search(db, &self.names, query)) })
    }

    fn history(&self, record: RecordId, after: u64, limit: usize) -> Task<'_, Vec<Stored>> {
        Box::pin(async move {
            self.read(|db| read::history(db, self.keys.as_ref(), record, after, limit))
        })
    }

    fn changes(&self, after: u64, limit: usize) -> Task<'_, Vec<Stored>> {
        Box::pin(async move { self.read(|db| read::changes(db, self.keys.as_ref(), after, limit)) })
    }

    fn balances<'a>(
        &'a self,
        ledger: &'a str,
        prefix: &'a str,
        limit: usize,
    ) -> Task<'a, Vec<(String, Decimal)>> {
        Box::pin(async move { self.read(|db| read::balances(db, ledger, prefix, limit)) })
    }

    fn balance<'a>(&'a self, ledger: &'a str, key: &'a str) -> Task<'a, (Decimal, Decimal)> {
        Box::pin(async move { self.read(|db| read::balance(db, ledger, key)) })
    }

    fn idempotency<'a>(&'a self, owner: &'a str, key: &'a str) -> Task<'a, Option<Idempotency>> {
        Box::pin(async move { self.read(|db| writer::side::find_idempotency(db, owner, key)) })
    }

    fn put_run(&self, run: RunRow, items: Vec<RunItem>) -> Task<'_, ()> {
        self.write(move |db| runs::put(db, &run, &items))
    }

    fn run(&self, id: RunId) -> Task<'_, Option<(RunRow, Vec<RunItem>)>> {
        Box::pin(async move { self.read(|db| runs::get(db, id)) })
    }

    fn run_item_done(&self, id: RunId, no: u32, outcome: RunOutcome) -> Task<'_, ()> {
        self.write(move |db| runs::item_done(db, id, no, &outcome))
    }

    fn run_done(&self, id: RunId, at: Timestamp) -> Task<'_, ()> {
        self.write(move |db| runs::done(db, id, at))
    }

    fn open_runs(&self, limit: usize) -> Task<'_, Vec<RunId>> {
        Box::pin(async move { self.read(|db| runs::open(db, limit)) })
    }

    fn last_looks<'a>(
        &'a self,
        account: AccountId,
        records: &'a [RecordId],
    ) -> Task<'a, Vec<(RecordId, Timestamp)>> {
        Box::pin(async move { self.read(|db| read::last_looks(db, account, records)) })
    }

    fn put_attachment(&self, mut meta: Attachment, content: Vec<u8>) -> Task<'_, Attachment> {
        Box::pin(async move {
            let (files, keys, id) = (self.files.clone(), Arc::clone(&self.keys), meta.id);
            let flight = self.loose.begin(id);
            meta.bytes = content.len() as u64;
            // The file goes on being written when the caller goes away, so the flight goes with it.
            let (flight, written) = aside(move || {
                let written = attachments::write_file(&files, keys.as_ref(), id, &content);
                Ok((flight, written))
            })
            .await?;
            let (key, sha256) = written?;
            self.put_row(flight, &mut meta, key, sha256).await?;
            Ok(meta)
        })
    }

    fn attachments<'a>(&'a self, ids: &'a [AttachmentId]) -> Task<'a, Vec<Attachment>> {
        Box::pin(async move { self.read(|db| attachments::known(db, ids)) })
    }

    fn attachment_content(&self, id: AttachmentId) -> Task<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            let Some((key, sha256)) = self.read(|db| attachments::seal_of(db, id))? else {
                return Ok(None);
            };
            let (files, keys) = (self.files.clone(), Arc::clone(&self.keys));
            aside(move || attachments::read_file(&files, keys.as_ref(), id, key, &sha256))
                .await
                .map(Some)
        })
    }

    fn collect_orphans(&self, before: Timestamp) -> Task<'_, usize> {
        Box::pin(async move {
            self.writer
                .write(move |db| attachments::doom(db, before))
                .await?;
            let doomed = self.read(attachments::doomed)?;
            let (files, ids) = (self.files.clone(), doomed.clone());
            aside(move || {
                ids.iter()
                    .try_for_each(|id| attachments::remove_file(&files, *id))
            })
            .await?;
            let removed = self
                .writer
                .write(move |db| attachments::forget(db, &doomed))
                .await?;
            let removed = usize::try_from(removed).unwrap_or(usize::MAX);
            Ok(removed.saturating_add(self.collect_loose().await?))
        })
    }

    fn due_timers(&self, today: Date, limit: usize) -> Task<'_, Vec<DueTimer>> {
        Box::pin(async move { self.read(|db| work::due_timers(db, today, limit)) })
    }

    fn late_timers(&self, today: Date, most: usize) -> Task<'_, u64> {
        Box::pin(async move { self.read(|db| work::late_timers(db, today, most)) })
    }

    fn timer_done<'a>(&'a self, record: RecordId, timer: &'a Timer) -> Task<'a, ()> {
        let timer = timer.clone();
        self.write(move |db| work::timer_done(db, record, &timer))
    }

    fn outbox(&self, lane: Lane, now: Timestamp, limit: usize) -> Task<'_, Vec<OutboxRow>> {
        Box::pin(async move { self.read(|db| work::outbox(db, lane, now, limit)) })
    }

    fn hurry_effects(&self, lane: Lane, now: Timestamp) -> Task<'_, ()> {
        self.write(move |db| work::hurry(db, lane, now))
    }

    fn outbox_waiting(&self) -> Task<'_, BTreeMap<String, (u64, Timestamp)>> {
        Box::pin(async move { self.read(work::waiting) })
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
        Box::pin(async move { self.read(|db| work::stuck(db, limit)) })
    }

    fn messages<'a>(
        &'a self,
        mailboxes: &'a [String],
        before: Option<EffectId>,
        limit: usize,
    ) -> Task<'a, Vec<MessageRow>> {
        Box::pin(async move { self.read(|db| messages::of(db, mailboxes, before, limit)) })
    }

    fn message_read<'a>(&'a self, mailbox: &'a str, id: EffectId, at: Timestamp) -> Task<'a, ()> {
        let mailbox = mailbox.to_owned();
        self.write(move |db| messages::read(db, &mailbox, id, at))
    }

    fn put_account(&self, account: Account) -> Task<'_, ()> {
        self.write(move |db| accounts::put(db, &account))
    }

    fn account_by_login<'a>(&'a self, login: &'a str) -> Task<'a, Option<Account>> {
        Box::pin(async move { self.read(|db| accounts::by_login(db, login)) })
    }

    fn account(&self, id: AccountId) -> Task<'_, Option<Account>> {
        Box::pin(async move { self.read(|db| accounts::by_id(db, id)) })
    }

    fn put_session(&self, session: Session) -> Task<'_, ()> {
        self.write(move |db| sessions::put(db, &session))
    }

    fn session<'a>(&'a self, secret: &'a str) -> Task<'a, Option<Session>> {
        Box::pin(async move { self.read(|db| sessions::one(db, secret)) })
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
        Box::pin(async move { self.read(|db| packages::files(db, hash)) })
    }

    fn current_package<'a>(&'a self, slug: &'a str) -> Task<'a, Option<String>> {
        Box::pin(async move { self.read(|db| packages::current(db, slug)) })
    }

    fn setting<'a>(&'a self, name: &'a str) -> Task<'a, Option<String>> {
        Box::pin(async move { self.read(|db| accounts::setting(db, name)) })
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

    fn copying(&self) -> Option<kernel::port::Copying> {
        Self::copying(self)
    }
}

impl SqliteStore {
    async fn put_row(
        &self,
        mut flight: Flight,
        meta: &mut Attachment,
        key: u64,
        sha256: String,
    ) -> Result<(), StoreError> {
        meta.sha256 = sha256;
        let row = meta.clone();
        if let Some(fresh) = &self.fresh {
            fresh.lock().push(row.id);
        }
        flight.send();
        self.writer
            .write(move |db| attachments::put(db, &row, key))
            .await?;
        flight.landed();
        Ok(())
    }

    /// Removes files that have no row, if there may be any: after the start, and after uploads that were given up.
    async fn collect_loose(&self) -> Result<usize, StoreError> {
        if !self.loose.search_begins() {
            return Ok(0);
        }
        let removed = self.search_loose().await;
        if removed.is_err() {
            self.loose.search_failed();
        }
        removed
    }

    async fn search_loose(&self) -> Result<usize, StoreError> {
        let files = self.files.clone();
        let mut removed = 0;
        for directory in aside(move || loose::directories(&files)).await? {
            let files = self.files.clone();
            let found = aside(move || loose::found_in(&files, &directory)).await?;
            let found = self.loose.at_rest(found);
            let found = self.read(|db| loose::without_row(db, found))?;
            removed += found.len();
            if !found.is_empty() {
                aside(move || loose::remove(&found)).await?;
            }
        }
        Ok(removed)
    }
}

/// Runs work on a thread that may wait: an fsync takes milliseconds, uploads are large, and keys of a database have a session
/// of their own.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, StoreError> {
    let outcome = tokio::task::spawn_blocking(work).await;
    Ok(outcome.map_err(|error| StoreError::Unavailable(error.to_string()))??)
}
