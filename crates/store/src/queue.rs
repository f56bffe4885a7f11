//! The way to the one writer of a store: a queue of acts and other writes, and notes of reading that go along with them.

use crate::counters::Counters;
use crate::failure::Failure;
use crate::writer::Work;
use kernel::port::{Commit, Committed, ReadNote, StoreError};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Notes are waited for this long before they are written alone: so many readers share one commit.
pub(crate) const NOTES_PAUSE: Duration = Duration::from_millis(100);
/// So many notes are not waited with.
const NOTES_WAKE: usize = 512;
/// Notes of reading that wait at most: beyond it nothing may be read.
pub(crate) const NOTES_AT_MOST: usize = 8_192;

/// Notes of reading that wait for the next group.
pub(crate) type Notes = Arc<Mutex<Vec<ReadNote>>>;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// What a writer is asked. `W` is how its store does any other write.
pub(crate) enum Job<W> {
    Act(Box<Work>, Answer<Committed>),
    /// Any other write; answers a count.
    Write(W, Answer<u64>),
    /// There are notes to be written.
    Notes,
}

/// The way to the writer.
pub(crate) struct Queue<W> {
    jobs: Option<SyncSender<Job<W>>>,
    notes: Notes,
    counters: Arc<Counters>,
    thread: Option<JoinHandle<()>>,
}

impl<W: Send + 'static> Queue<W> {
    /// Starts the writer's thread. It works until the last sender is gone; `room` jobs may wait for it.
    pub(crate) fn spawn(
        counters: Arc<Counters>,
        room: usize,
        work: impl FnOnce(&Receiver<Job<W>>, Notes) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (jobs, inbox) = sync_channel(room);
        let notes = Notes::default();
        let waiting = Arc::clone(&notes);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || work(&inbox, waiting))?;
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
        let _waits = self.counters.waits();
        self.send(Job::Act(Box::new(Work::new(commit)?), answer))?;
        answered.await.map_err(|_| gone())?
    }

    /// Does any other write in the next group.
    pub(crate) async fn put(&self, write: W) -> Result<u64, StoreError> {
        let (answer, answered) = oneshot::channel();
        let _waits = self.counters.waits();
        self.send(Job::Write(write, answer))?;
        answered.await.map_err(|_| gone())?
    }

    /// Leaves a note for the next group. Never waits; with too many waiting it is refused, and counted.
    pub(crate) fn note(&self, note: ReadNote) -> Result<(), StoreError> {
        let mut notes = self.notes.lock();
        if notes.len() >= NOTES_AT_MOST {
            Counters::add(&self.counters.notes_refused, 1);
            let what = "who looks cannot be written down now, so nothing may be read";
            return Err(StoreError::Unavailable(what.into()));
        }
        notes.push(note);
        let wake = notes.len() == 1 || notes.len().is_multiple_of(NOTES_WAKE);
        drop(notes);
        if wake {
            // A full queue will be emptied soon, and the notes with it.
            let _ = self.send(Job::Notes);
        }
        Ok(())
    }

    fn send(&self, job: Job<W>) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                StoreError::Unavailable("too many acts are waiting to be written".into())
            }
            TrySendError::Disconnected(_) => gone(),
        })
    }
}

/// What a group begins with. Notes alone wait a little for an act to go along with, or for more of them.
pub(crate) fn unhurried<W>(first: Job<W>, inbox: &Receiver<Job<W>>) -> Job<W> {
    match first {
        Job::Notes => inbox.recv_timeout(NOTES_PAUSE).unwrap_or(Job::Notes),
        job => job,
    }
}

impl<W> Drop for Queue<W> {
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

/// An answer that waits for the group's commit.
pub(crate) enum Waiting {
    Act(Answer<Committed>, Result<Committed, StoreError>),
    Write(Answer<u64>, Result<u64, StoreError>),
}

impl Waiting {
    /// The fault of an act that failed by itself.
    pub(crate) fn fault(&self) -> Option<String> {
        match self {
            Self::Act(_, Err(fault)) | Self::Write(_, Err(fault)) => Some(fault.to_string()),
            _ => None,
        }
    }

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

/// Answers everybody of a group once it is committed or lost, and counts the acts that are done.
pub(crate) fn answer(waiting: Vec<Waiting>, group: &Result<(), Failure>, counters: &Counters) {
    if group.is_ok() {
        let done = waiting.iter().filter(|answer| answer.is_done()).count();
        Counters::add(&counters.acts, done as u64);
    }
    for answer in waiting {
        answer.send(group);
    }
}
