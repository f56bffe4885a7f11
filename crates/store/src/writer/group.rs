//! Groups: one transaction, one fsync, many acts.

use super::heal::{self, Trust};
use super::pending::Pending;
use super::{Job, KEY_COUNTER, Turn};
use crate::codec;
use crate::counters::Counters;
use crate::failure::Failure;
use crate::house::looks::chain;
use crate::keyring::{BATCH, Keyring};
use crate::names::Names;
use crate::queue::{self, Notes, Waiting};
use crate::slow::Slow;
use kernel::port::{ReadNote, StoreError};
use parking_lot::Mutex;
use rusqlite::{Connection, params};
use std::cell::Cell;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Jobs of a group, among few callers: more would keep those of the first waiting, and when they all wait at once, a core has
/// nothing to do. Of so many an fsync costs each a twentieth.
const SMALL_GROUP: usize = 20;
/// Among many callers a group takes one of so many that wait: the others are decided and answered meanwhile.
const PART_OF_WAITING: usize = 4;
/// And never more.
const GROUP_AT_MOST: usize = 256;
/// A group that waits for more is closed when none comes for this long.
const PAUSE: Duration = Duration::from_micros(1_500);
/// A group waits for at most so many; more join if they are there.
const WANTED_AT_MOST: usize = 16;
/// Every so many groups one asks for more than the last had.
const PROBE_EVERY: u32 = 8;
/// While the store cannot be written, it is looked so often whether it can.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Pages in the write-ahead log that call for a checkpoint (32 MB).
const CHECKPOINT_PAGES: i32 = 8_000;

pub(super) struct Writer {
    pub(super) db: Connection,
    pub(super) keys: Arc<Keyring>,
    pub(super) names: Names,
    pub(super) pending: Pending,
    /// The database.
    pub(super) path: PathBuf,
    slow: Slow,
    pub(super) trust: Trust,
    pub(super) health: Arc<Mutex<Option<String>>>,
    counters: Arc<Counters>,
    notes: Notes,
    log: Arc<Log>,
    last_key: Cell<u64>,
    turn: Turn,
}

/// The write-ahead log, as each commit tells of it.
#[derive(Default)]
struct Log {
    /// Pages that call for a checkpoint.
    pages: AtomicI32,
    /// Frames of acknowledged commits.
    frames: AtomicI32,
}

/// What a writer begins with.
pub(crate) struct Parts {
    pub(crate) db: Connection,
    pub(crate) path: PathBuf,
    /// Watches connections for statements that take long.
    pub(crate) slow: Slow,
    pub(crate) keys: Arc<Keyring>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) health: Arc<Mutex<Option<String>>>,
    pub(crate) turn: Turn,
}

impl Writer {
    pub(super) fn new(parts: Parts, notes: Notes) -> Self {
        let mut writer = Self {
            db: parts.db,
            keys: parts.keys,
            names: Names::default(),
            pending: Pending::default(),
            path: parts.path,
            slow: parts.slow,
            trust: Trust::Whole,
            health: parts.health,
            counters: parts.counters,
            notes,
            log: Arc::default(),
            last_key: Cell::new(0),
            turn: parts.turn,
        };
        writer.watch_log();
        writer
    }

    fn watch_log(&mut self) {
        let log = Arc::clone(&self.log);
        let hooked = self
            .db
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
                log.pages.store(count, Relaxed);
                log.frames.store(count, Relaxed);
                Ok(())
            }));
        if let Err(error) = hooked {
            tracing::warn!(%error, "the write-ahead log is not watched and will grow until the store is closed");
        }
    }

    /// Frames of the write-ahead log after the last commit.
    pub(super) fn frames(&self) -> i32 {
        self.log.frames.load(Relaxed)
    }

    /// From here on this connection writes.
    pub(super) fn take_over(&mut self, fresh: Connection) {
        self.db = fresh;
        if let Err(error) = self.slow.watch(&mut self.db) {
            tracing::warn!(%error, "slow statements of the writer are not seen");
        }
        self.names.forget();
        self.last_key.set(0);
        self.watch_log();
    }

    /// A commit of nothing.
    pub(super) fn probe(&mut self) -> Result<(), Failure> {
        let turn = Arc::clone(&self.turn);
        let _turn = turn.lock();
        let outcome = heal::commit_nothing(&self.db, codec::column(self.keys.last_taken())?);
        self.roll_back();
        outcome
    }

    /// Works until the last sender is gone.
    pub(super) fn run(&mut self, inbox: &Receiver<Job>) {
        let mut pace = Pace::default();
        while let Some(first) = self.first(inbox) {
            let first = queue::unhurried(first, inbox);
            self.group(&mut pace.group(inbox, first, self.counters.waiting()));
            self.tidy_up();
        }
        // A reader that still stands, as the copier does, is not waited for: whoever closes last does the rest.
        let _ = self.db.busy_timeout(std::time::Duration::ZERO);
        self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// The first job of the next group. While the store cannot be written, nobody may ask for it, so it looks by itself.
    fn first(&mut self, inbox: &Receiver<Job>) -> Option<Job> {
        while self.health.lock().is_some() {
            match inbox.recv_timeout(LOOK_AGAIN) {
                Ok(first) => return Some(first),
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        inbox.recv().ok()
    }

    fn group(&mut self, jobs: &mut dyn Iterator<Item = Job>) {
        let mut notes = Vec::new();
        let mut waiting = Vec::with_capacity(SMALL_GROUP);
        let turn = Arc::clone(&self.turn);
        let turn = turn.lock();
        let begun = self.counters.now();
        let outcome = self.transaction(jobs, &mut notes, &mut waiting);
        self.counters.group(waiting.len(), begun, outcome.is_ok());
        drop(turn);
        self.pending.clear();
        match &outcome {
            Ok(()) => *self.health.lock() = waiting.iter().find_map(Waiting::fault),
            Err(failure) => self.failed(failure, notes),
        }
        queue::answer(waiting, &outcome, &self.counters);
    }

    /// Each job is done as it comes, so that the group grows while it is being written.
    fn transaction(
        &mut self,
        jobs: &mut dyn Iterator<Item = Job>,
        notes: &mut Vec<ReadNote>,
        waiting: &mut Vec<Waiting>,
    ) -> Result<(), Failure> {
        self.names.begin();
        let mut failed = self
            .heal()
            .and_then(|()| Ok(self.db.execute_batch("BEGIN IMMEDIATE")?));
        for job in jobs {
            match job {
                Job::Act(work, answer) => {
                    let outcome = if failed.is_ok() {
                        self.act(*work).map_err(|failure| self.suspect(failure))
                    } else {
                        Err(not_tried())
                    };
                    waiting.push(Waiting::Act(answer, outcome));
                }
                Job::Write(write, answer) => {
                    let outcome = if failed.is_ok() {
                        self.write(write).map_err(|failure| self.suspect(failure))
                    } else {
                        Err(not_tried())
                    };
                    waiting.push(Waiting::Write(answer, outcome));
                }
                Job::Notes => {}
            }
            // A full disk or a failing file ends the whole transaction: no later act may run outside of it.
            if failed.is_ok() && self.db.is_autocommit() {
                failed = Err(Failure::Unavailable("the disk is full or failing".into()));
            }
        }
        failed?;
        *notes = std::mem::take(&mut *self.notes.lock());
        self.finish(notes)
    }

    /// A failure that ended the whole transaction says how far the disk can be trusted.
    fn suspect(&mut self, failure: Failure) -> StoreError {
        if self.db.is_autocommit() {
            self.trust = self.trust.after(&failure);
        }
        failure.into()
    }

    fn finish(&mut self, notes: &[ReadNote]) -> Result<(), Failure> {
        self.pending.flush(&self.db)?;
        chain::append(&(&self.db).into(), notes)?;
        let key = self.keys.last_taken();
        if key != self.last_key.get() {
            let mut keep = self.db.prepare_cached(
                "INSERT INTO counter(name, last) VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET last = excluded.last",
            )?;
            keep.execute(params![KEY_COUNTER, codec::column(key)?])?;
            self.last_key.set(key);
        }
        self.db.execute_batch("COMMIT")?;
        Counters::add(&self.counters.groups, 1);
        Ok(())
    }

    fn write(&self, write: super::Write) -> Result<u64, Failure> {
        self.in_savepoint(|writer| write(&writer.db), |_| true)
    }

    /// Runs one act's writes so that only they are undone when it fails or is not `kept`.
    pub(super) fn in_savepoint<T>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Failure>,
        kept: impl Fn(&T) -> bool,
    ) -> Result<T, Failure> {
        self.db.prepare_cached("SAVEPOINT act")?.execute([])?;
        let outcome = work(self);
        if !outcome.as_ref().is_ok_and(kept) && !self.db.is_autocommit() {
            self.db.execute_batch("ROLLBACK TO act")?;
            self.names.forget();
        }
        if !self.db.is_autocommit() {
            self.db.prepare_cached("RELEASE act")?.execute([])?;
        }
        outcome
    }

    fn roll_back(&self) {
        if !self.db.is_autocommit() {
            // If this fails too, the connection rolls back when it is used next.
            let _ = self.db.execute_batch("ROLLBACK");
        }
    }

    fn failed(&mut self, failure: &Failure, notes: Vec<ReadNote>) {
        tracing::error!(%failure, "a group could not be committed; nothing of it was acknowledged");
        self.roll_back();
        self.trust = self.trust.after(failure);
        self.names.forget();
        self.last_key.set(0);
        *self.health.lock() = Some(failure.to_string());
        let mut waiting = self.notes.lock();
        let newer = std::mem::replace(&mut *waiting, notes);
        waiting.extend(newer);
    }

    /// What can wait until the answers are out.
    fn tidy_up(&mut self) {
        if let Err(failure) = self.keys.refill(BATCH / 4) {
            *self.health.lock() = Some(failure.to_string());
        }
        if self.log.pages.load(Relaxed) >= CHECKPOINT_PAGES {
            self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
        }
    }

    fn checkpoint(&mut self, sql: &str) {
        self.log.pages.store(0, Relaxed);
        match self.db.query_row(sql, [], |row| row.get::<_, i64>(0)) {
            Ok(_) => Counters::add(&self.counters.checkpoints, 1),
            Err(error) => {
                let failure = Failure::from(error);
                self.trust = self.trust.after(&failure);
                *self.health.lock() = Some(format!("checkpoint: {failure}"));
            }
        }
    }
}

/// How large groups become. How many acts are worth waiting for follows from how many came before: alone, an act never
/// waits; among many callers, a group stays open while acts keep coming, so that many share an fsync.
struct Pace {
    /// Acts that a group waits for.
    want: usize,
    groups: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { want: 1, groups: 0 }
    }
}

impl Pace {
    /// The jobs of the next group, as they come, where so many callers wait.
    fn group<'p>(
        &'p mut self,
        inbox: &'p Receiver<Job>,
        first: Job,
        waiting: u64,
    ) -> Gathering<'p> {
        let waiting = usize::try_from(waiting).unwrap_or(usize::MAX);
        let most = (waiting / PART_OF_WAITING).clamp(SMALL_GROUP, GROUP_AT_MOST);
        self.groups = self.groups.wrapping_add(1);
        // Now and then it asks for more than came last: else small groups would stay small.
        let probe = self.groups.is_multiple_of(PROBE_EVERY);
        let want = if probe {
            self.want + self.want / 2 + 1
        } else {
            self.want
        };
        let more = inbox.try_iter().take(most - 1);
        Gathering {
            here: std::iter::once(first).chain(more).collect(),
            pace: self,
            inbox,
            want,
            most,
            came: 0,
        }
    }
}

/// A group that is still open.
struct Gathering<'p> {
    pace: &'p mut Pace,
    inbox: &'p Receiver<Job>,
    /// What waited when the group began.
    here: VecDeque<Job>,
    want: usize,
    most: usize,
    came: usize,
}

impl Gathering<'_> {
    /// A job that comes while the group is being written.
    fn late(&self) -> Option<Job> {
        if self.came >= self.most {
            return None;
        }
        self.inbox.try_recv().ok().or_else(|| {
            let waits = self.came < self.want;
            waits.then(|| self.inbox.recv_timeout(PAUSE).ok()).flatten()
        })
    }
}

impl Iterator for Gathering<'_> {
    type Item = Job;

    fn next(&mut self) -> Option<Job> {
        let next = self.here.pop_front().or_else(|| self.late());
        match &next {
            Some(_) => self.came += 1,
            None => self.pace.want = self.came.min(WANTED_AT_MOST),
        }
        next
    }
}

fn not_tried() -> StoreError {
    StoreError::Unavailable("another act of the group failed with the disk".into())
}
