//! The writer of one copy: a thread that takes whatever waits as one group, and commits it once.

mod act;
mod group;
mod line;
mod notes;
mod record;
mod side;
mod touched;

use super::address::Address;
use super::copy::Copy;
use super::keys::PostgresKeys;
use super::session::Session;
use crate::counters::Counters;
use crate::db::Connection;
use crate::failure::Failure;
use crate::names::Names;
use crate::queue::{self, Notes, Queue, Waiting};
use crate::writer::Work;
use group::Group;
pub(crate) use group::lock_positions;
use kernel::port::{ReadNote, StoreError};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Jobs in one transaction at most.
const GROUP_AT_MOST: usize = 128;
/// While the database is away, it is asked for so often.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// It may be done a second time if the first met another copy's.
type Write = Box<dyn Fn(&Connection<'_>) -> Result<u64, Failure> + Send>;
type Job = queue::Job<Write>;
/// The way to the writer.
pub(super) type Handle = Queue<Write>;

/// What the writer works with.
pub(super) struct Parts {
    pub(super) address: Address,
    pub(super) schema: String,
    pub(super) keys: Arc<PostgresKeys>,
    pub(super) names: Arc<Names>,
    pub(super) counters: Arc<Counters>,
    pub(super) health: Arc<Mutex<Option<String>>>,
    pub(super) copy: Arc<Copy>,
}

impl Handle {
    pub(super) fn start(parts: Parts, session: Session, queue: usize) -> std::io::Result<Self> {
        Self::spawn(Arc::clone(&parts.counters), queue, move |inbox, notes| {
            let session = Some(session);
            let mut writer = Writer {
                parts,
                notes,
                session,
                aside: None,
            };
            writer.run(inbox);
        })
    }

    /// Does any other write in the next group.
    pub(super) async fn write(
        &self,
        write: impl Fn(&Connection<'_>) -> Result<u64, Failure> + Send + 'static,
    ) -> Result<u64, StoreError> {
        self.put(Box::new(write)).await
    }
}

struct Writer {
    parts: Parts,
    notes: Notes,
    session: Option<Session>,
    /// Gives numbers to names.
    aside: Option<Session>,
}

impl Writer {
    /// Works until the last sender is gone. While the database is away it looks now and then whether it is back.
    fn run(&mut self, inbox: &Receiver<Job>) {
        loop {
            match inbox.recv_timeout(ASK_AGAIN) {
                Ok(first) => {
                    let mut jobs = vec![queue::unhurried(first, inbox)];
                    jobs.extend(inbox.try_iter().take(GROUP_AT_MOST - 1));
                    self.group(jobs);
                }
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn look(&mut self) {
        if self.parts.health.lock().is_none() {
            return;
        }
        let answered = self.sessions().and_then(|(session, _)| {
            // A commit that has to reach the disk of a server that may write: more than to be there.
            session.rows(
                "SELECT pg_logical_emit_message(true, 'tsumugi', '')::text AS at",
                &[],
            )?;
            Ok(())
        });
        match answered {
            Ok(()) => *self.parts.health.lock() = None,
            Err(_) => self.session = None,
        }
    }

    fn sessions(&mut self) -> Result<(&Session, &Session), Failure> {
        let open = || Session::open(&self.parts.address, &self.parts.schema);
        if self.session.as_ref().is_none_or(Session::is_over) {
            let session = open()?;
            self.parts.copy.register(&session)?;
            self.session = Some(session);
        }
        if self.aside.as_ref().is_none_or(Session::is_over) {
            self.aside = Some(open()?);
        }
        match (&self.session, &self.aside) {
            (Some(session), Some(aside)) => Ok((session, aside)),
            _ => Err(Failure::NoRow),
        }
    }

    fn group(&mut self, jobs: Vec<Job>) {
        let notes = std::mem::take(&mut *self.notes.lock());
        let mut waiting = Vec::with_capacity(jobs.len());
        let begun = self.parts.counters.now();
        let outcome = self.transaction(jobs, &notes, &mut waiting);
        self.parts
            .counters
            .group(waiting.len(), begun, outcome.is_ok());
        match &outcome {
            Ok(()) => *self.parts.health.lock() = None,
            Err(failure) => self.failed(failure, notes),
        }
        queue::answer(waiting, &outcome, &self.parts.counters);
    }

    fn transaction(
        &mut self,
        jobs: Vec<Job>,
        notes: &[ReadNote],
        waiting: &mut Vec<Waiting>,
    ) -> Result<(), Failure> {
        let works: Vec<&Work> = jobs
            .iter()
            .filter_map(|job| match job {
                Job::Act(work, _) => Some(&**work),
                _ => None,
            })
            .collect();
        let (names, keys, counters) = (
            Arc::clone(&self.parts.names),
            Arc::clone(&self.parts.keys),
            Arc::clone(&self.parts.counters),
        );
        let begun = self
            .sessions()
            .and_then(|(session, aside)| Group::begin(session, aside, &names, &*keys, &works));
        let mut group = match begun {
            Ok(group) => group,
            Err(failure) => {
                waiting.extend(jobs.into_iter().filter_map(Job::not_tried));
                return Err(failure);
            }
        };
        let mut failed = None;
        for job in jobs {
            if failed.is_some() {
                waiting.extend(job.not_tried());
                continue;
            }
            let lost = match job {
                Job::Act(work, answer) => {
                    group.next();
                    let outcome = group.act(*work);
                    let lost = outcome.as_ref().is_err_and(Failure::is_away);
                    waiting.push(Waiting::Act(answer, outcome.map_err(StoreError::from)));
                    lost
                }
                Job::Write(write, answer) => {
                    let outcome = group.write(&write);
                    let lost = outcome.as_ref().is_err_and(Failure::is_away);
                    waiting.push(Waiting::Write(answer, outcome.map_err(StoreError::from)));
                    lost
                }
                Job::Notes => false,
            };
            if lost {
                failed = Some(Failure::Unavailable("the database is away".into()));
            }
        }
        if let Some(failure) = failed {
            return Err(failure);
        }
        group.commit(notes)?;
        Counters::add(&counters.groups, 1);
        Ok(())
    }

    fn failed(&mut self, failure: &Failure, notes: Vec<ReadNote>) {
        tracing::error!(%failure, "a group could not be committed; nothing of it was acknowledged");
        // Whatever state it is in, the database undoes it when the session ends. Both go the same way, so both are lost.
        self.session = None;
        self.aside = None;
        *self.parts.health.lock() = Some(failure.to_string());
        let mut waiting = self.notes.lock();
        let newer = std::mem::replace(&mut *waiting, notes);
        waiting.extend(newer);
    }
}

impl Job {
    fn not_tried(self) -> Option<Waiting> {
        let fault = || StoreError::Unavailable("the database is away".into());
        match self {
            Self::Act(_, answer) => Some(Waiting::Act(answer, Err(fault()))),
            Self::Write(_, answer) => Some(Waiting::Write(answer, Err(fault()))),
            Self::Notes => None,
        }
    }
}
