//! The writer of one copy: a thread that takes whatever waits as one group, and commits it once.

mod act;
mod group;
mod line;
mod record;
mod side;
mod touched;

use super::copy::Copy;
use super::keys::PostgresKeys;
use super::session::Session;
use crate::counters::Counters;
use crate::db::Connection;
use crate::failure::Failure;
use crate::names::Names;
use crate::writer::Work;
use group::Group;
use kernel::port::{Commit, Committed, ReadNote, StoreError};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_postgres::Config;

/// Jobs in one transaction at most.
const GROUP_AT_MOST: usize = 128;
/// Notes of reading that wait at most.
const NOTES_AT_MOST: usize = 8_192;
/// While the database is away, it is asked for so often.
const ASK_AGAIN: Duration = Duration::from_millis(500);

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;
type Write = Box<dyn Fn(&Connection<'_>) -> Result<u64, Failure> + Send>;

enum Job {
    Act(Box<Work>, Answer<Committed>),
    /// Any other write; answers a count. It may be done a second time if the first met another copy's.
    Write(Write, Answer<u64>),
    /// There are notes to be written.
    Notes,
}

/// What the writer works with.
pub(super) struct Parts {
    pub(super) config: Config,
    pub(super) schema: String,
    pub(super) keys: Arc<PostgresKeys>,
    pub(super) names: Arc<Names>,
    pub(super) counters: Arc<Counters>,
    pub(super) health: Arc<Mutex<Option<String>>>,
    pub(super) copy: Arc<Copy>,
}

/// The way to the writer.
pub(super) struct Handle {
    jobs: Option<SyncSender<Job>>,
    notes: Arc<Mutex<Vec<ReadNote>>>,
    counters: Arc<Counters>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
    pub(super) fn start(parts: Parts, session: Session, queue: usize) -> std::io::Result<Self> {
        let (jobs, inbox) = sync_channel(queue);
        let notes = Arc::<Mutex<Vec<ReadNote>>>::default();
        let counters = Arc::clone(&parts.counters);
        let mut writer = Writer {
            parts,
            notes: Arc::clone(&notes),
            session: Some(session),
            aside: None,
        };
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
    pub(super) async fn act(&self, commit: Commit) -> Result<Committed, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Act(Box::new(Work::new(commit)?), answer))?;
        answered.await.map_err(|_| gone())?
    }

    /// Does any other write in the next group.
    pub(super) async fn write(
        &self,
        write: impl Fn(&Connection<'_>) -> Result<u64, Failure> + Send + 'static,
    ) -> Result<u64, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Write(Box::new(write), answer))?;
        answered.await.map_err(|_| gone())?
    }

    /// Leaves a note for the next group. Never waits: a note that finds no room is counted and dropped.
    pub(super) fn note(&self, note: ReadNote) {
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
    /// Lets the writer finish what waits.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has closed its session while unwinding.
            let _ = thread.join();
        }
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("the writer has ended".into())
}

struct Writer {
    parts: Parts,
    notes: Arc<Mutex<Vec<ReadNote>>>,
    session: Option<Session>,
    /// Gives numbers to names.
    aside: Option<Session>,
}

/// An answer that waits for the group's commit.
enum Waiting {
    Act(Answer<Committed>, Result<Committed, StoreError>),
    Write(Answer<u64>, Result<u64, StoreError>),
}

impl Writer {
    /// Works until the last sender is gone. While the database is away it looks now and then whether it is back.
    fn run(&mut self, inbox: &Receiver<Job>) {
        loop {
            match inbox.recv_timeout(ASK_AGAIN) {
                Ok(first) => {
                    let mut jobs = vec![first];
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
            session.run("SELECT 1", &[])?;
            Ok(())
        });
        match answered {
            Ok(()) => *self.parts.health.lock() = None,
            Err(_) => self.session = None,
        }
    }

    fn sessions(&mut self) -> Result<(&Session, &Session), Failure> {
        let open = || Session::open(&self.parts.config, &self.parts.schema);
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
        let outcome = self.transaction(jobs, &notes, &mut waiting);
        match &outcome {
            Ok(()) => *self.parts.health.lock() = None,
            Err(failure) => self.failed(failure, notes),
        }
        let done = waiting
            .iter()
            .filter(|answer| outcome.is_ok() && answer.is_done())
            .count();
        Counters::add(&self.parts.counters.acts, done as u64);
        for answer in waiting {
            answer.send(&outcome);
        }
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
        let room = NOTES_AT_MOST.saturating_sub(waiting.len());
        waiting.extend(notes.into_iter().take(room));
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

impl Waiting {
    fn is_done(&self) -> bool {
        matches!(self, Self::Act(_, Ok(Committed::Done(_))))
    }

    fn send(self, group: &Result<(), Failure>) {
        let lost = |failure: &Failure| StoreError::Unavailable(failure.to_string());
        // A caller that went away does not want the answer any more.
        match (self, group) {
            (Self::Act(answer, _), Err(failure)) => drop(answer.send(Err(lost(failure)))),
            (Self::Write(answer, _), Err(failure)) => drop(answer.send(Err(lost(failure)))),
            (Self::Act(answer, outcome), Ok(())) => drop(answer.send(outcome)),
            (Self::Write(answer, outcome), Ok(())) => drop(answer.send(outcome)),
        }
    }
}
