//! The one writer: a thread that takes whatever waits as one group, and commits it with one fsync.

mod act;
mod event;
mod group;
mod ledger;
mod pending;
mod ready;
mod record;
pub(crate) mod side;

use crate::counters::Counters;
use crate::failure::Failure;
use crate::keyring::Keyring;
use kernel::port::{Commit, Committed, ReadNote, StoreError};
use parking_lot::Mutex;
use ready::Work;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The row of `counter` that says which key was given out last.
pub(crate) const KEY_COUNTER: &str = "@key";

/// Notes of reading that wait at most.
const NOTES_AT_MOST: usize = 8_192;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;
type Write = Box<dyn FnOnce(&Connection) -> Result<u64, Failure> + Send>;

/// What the writer is asked.
enum Job {
    Act(Box<Work>, Answer<Committed>),
    /// Any other write; answers a count.
    Write(Write, Answer<u64>),
    /// There are notes to be written.
    Notes,
}

/// Opens the writing connection.
pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    // Deleted personal data is overwritten. Checkpoints are ours to time: after the answers, not before them.
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -24000; PRAGMA wal_autocheckpoint = 0; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = OFF;",
    )?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}

/// The way to the writer.
pub(crate) struct Handle {
    jobs: Option<SyncSender<Job>>,
    notes: Arc<Mutex<Vec<ReadNote>>>,
    counters: Arc<Counters>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
    pub(crate) fn start(
        db: Connection,
        keys: Arc<Keyring>,
        counters: Arc<Counters>,
        health: Arc<Mutex<Option<String>>>,
        queue: usize,
    ) -> std::io::Result<Self> {
        let (jobs, inbox) = sync_channel(queue);
        let notes = Arc::default();
        let mut writer =
            group::Writer::new(db, keys, Arc::clone(&counters), health, Arc::clone(&notes));
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer.run(&inbox))?;
        Ok(Self {
            jobs: Some(jobs),
            notes,
            counters,
            thread: Some(thread),
        })
    }

    /// Commits one act.
    pub(crate) async fn act(&self, commit: Commit) -> Result<Committed, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Act(Box::new(Work::new(commit)?), answer))?;
        answered.await.map_err(|_| gone())?
    }

    /// Does any other write in the next group.
    pub(crate) async fn write(
        &self,
        write: impl FnOnce(&Connection) -> Result<u64, Failure> + Send + 'static,
    ) -> Result<u64, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Write(Box::new(write), answer))?;
        answered.await.map_err(|_| gone())?
    }

    /// Leaves a note for the next group. Never waits: a note that finds no room is counted and dropped.
    pub(crate) fn note(&self, note: ReadNote) {
        let mut notes = self.notes.lock();
        if notes.len() >= NOTES_AT_MOST {
            Counters::add(&self.counters.notes_dropped, 1);
            return;
        }
        notes.push(note);
        let wake = notes.len() == 1;
        drop(notes);
        if wake {
            // A full queue will be emptied soon, and the notes with it.
            let _ = self.send(Job::Notes);
        }
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                StoreError::Unavailable("too many acts are waiting to be written".into())
            }
            TrySendError::Disconnected(_) => gone(),
        })
    }
}

impl Drop for Handle {
    /// Lets the writer finish what waits, then close the database.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has closed its connection while unwinding.
            let _ = thread.join();
        }
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("the writer has ended".into())
}
