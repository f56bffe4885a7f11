//! Groups: one transaction, one commit, many acts.

use super::act::Draft;
use super::line::{self, Line};
use super::notes::Notes;
use super::touched::{self, Touched};
use crate::failure::Failure;
use crate::keyring::Keys;
use crate::names::Names;
use crate::postgres::session::{Answered, Batch, Session, Wants};
use crate::writer::{Step, Work};
use crate::{codec, db};
use kernel::RecordId;
use kernel::port::ReadNote;
use std::collections::{HashMap, VecDeque};

/// The lock under which positions are given. Each installation has its own, by the name of its schema.
const POSITIONS: &str =
    "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' positions', 0))";

/// Waits for the turn to give positions, until the transaction ends.
pub(crate) fn lock_positions(session: &Session) -> Result<(), Failure> {
    session.rows(POSITIONS, &[]).map(drop)
}

/// A transaction under way.
pub(super) struct Group<'g> {
    pub(super) session: &'g Session,
    /// Gives numbers to names in transactions of its own, so that no other copy waits for them.
    pub(super) aside: &'g Session,
    pub(super) names: &'g Names,
    pub(super) keys: &'g dyn Keys,
    known: HashMap<RecordId, Touched>,
    rows: VecDeque<i64>,
    lines: Vec<Line>,
    /// Whether a savepoint is there, and whether it is that of the act under way.
    has_savepoint: bool,
    in_act: bool,
}

impl<'g> Group<'g> {
    /// Begins: reads and locks what the acts expect, and fetches local numbers for new records.
    pub(super) fn begin(
        session: &'g Session,
        aside: &'g Session,
        names: &'g Names,
        keys: &'g dyn Keys,
        works: &[&Work],
    ) -> Result<Self, Failure> {
        let mut group = Self {
            session,
            aside,
            names,
            keys,
            known: HashMap::new(),
            rows: VecDeque::new(),
            lines: Vec::new(),
            has_savepoint: false,
            in_act: false,
        };
        let mut expected: Vec<RecordId> = works
            .iter()
            .flat_map(|work| &work.expects)
            .map(|expect| expect.record)
            .collect();
        expected.sort_unstable();
        expected.dedup();
        for last in [false, false, true] {
            session.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED")?;
            match group.load(&expected) {
                Err(Failure::Postgres(refused)) if refused.is_conflict() && !last => {
                    session.batch_execute("ROLLBACK")?;
                }
                other => {
                    other?;
                    break;
                }
            }
        }
        let new: usize = works.iter().map(|work| new_records(work)).sum();
        if new > 0 {
            group.fetch_rows(new)?;
        }
        Ok(group)
    }

    fn fetch_rows(&mut self, many: usize) -> Result<(), Failure> {
        let rows = self.session.rows(
            "SELECT nextval('record_row') AS row FROM generate_series(1, $1::bigint)",
            &[&codec::limit(many)],
        )?;
        for row in &rows {
            self.rows
                .push_back(row.try_get("row").map_err(Failure::damaged)?);
        }
        Ok(())
    }

    /// The local number of a new record.
    pub(super) fn next_row(&mut self) -> Result<i64, Failure> {
        if self.rows.is_empty() {
            self.fetch_rows(1)?;
        }
        self.rows.pop_front().ok_or(Failure::NoRow)
    }

    /// Reads and locks records that are not known yet.
    pub(super) fn load(&mut self, ids: &[RecordId]) -> Result<(), Failure> {
        touched::load(self.session, ids, &mut self.known)
    }

    /// Whether some were not read yet.
    pub(super) fn is_strange(&self, ids: &[RecordId]) -> bool {
        ids.iter().any(|id| !self.known.contains_key(id))
    }

    pub(super) fn known(&self, id: RecordId) -> Result<&Touched, Failure> {
        self.known.get(&id).ok_or(Failure::NoRow)
    }

    /// An act is done: what it has left is what the next one finds.
    pub(super) fn keep(&mut self, draft: Draft) {
        self.known.extend(draft.touched);
        self.lines.extend(draft.lines);
    }

    /// The next act begins; nothing of it is undone with the one before.
    pub(super) fn next(&mut self) {
        self.in_act = false;
    }

    /// Puts the savepoint of the act at the head of its statements, if it is not there yet.
    pub(super) fn begin_act(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure> {
        if self.in_act {
            return Ok(());
        }
        self.release(batch)?;
        batch.push(self.session, "SAVEPOINT act", Vec::new(), Wants::Count)?;
        (self.has_savepoint, self.in_act) = (true, true);
        Ok(())
    }

    fn release(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure> {
        if self.has_savepoint {
            batch.push(self.session, "RELEASE act", Vec::new(), Wants::Count)?;
            self.has_savepoint = false;
        }
        Ok(())
    }

    /// Undoes what the act under way has written.
    pub(super) fn undo(&mut self) -> Result<(), Failure> {
        if self.in_act {
            self.session.batch_execute("ROLLBACK TO SAVEPOINT act")?;
        }
        Ok(())
    }

    /// Does any other write; one that met another copy's is tried again.
    pub(super) fn write(&mut self, write: &super::Write) -> Result<u64, Failure> {
        self.next();
        let mut batch = Batch::default();
        self.begin_act(&mut batch)?;
        for answer in self.session.pipeline(&batch)? {
            answer?;
        }
        let mut tries = 0;
        loop {
            let outcome = write(&db::Connection::Postgres(self.session));
            if outcome.as_ref().is_err_and(Failure::is_away) {
                return outcome;
            }
            if outcome.is_err() {
                self.undo()?;
            }
            tries += 1;
            match &outcome {
                Err(Failure::Postgres(refused)) if refused.is_conflict() && tries < 3 => {}
                _ => return outcome,
            }
        }
    }

    /// Gives the events their positions and commits. The lock is taken last and held until the commit, so positions
    /// stand in the order of commits and a reader never sees a gap.
    pub(super) fn commit(mut self, notes: &[ReadNote]) -> Result<(), Failure> {
        let lines = std::mem::take(&mut self.lines);
        let notes = Notes::of(self.session, notes)?;
        let mut batch = Batch::default();
        self.release(&mut batch)?;
        notes.write(self.session, &mut batch)?;
        if !lines.is_empty() {
            batch.push(self.session, POSITIONS, Vec::new(), Wants::Rows)?;
            let last = "SELECT coalesce(max(position), 0) AS last FROM event";
            batch.push(self.session, last, Vec::new(), Wants::Rows)?;
            let mut last = 0;
            for answer in self.session.pipeline(&batch)? {
                if let Answered::Rows(rows) = answer?
                    && let Some(row) = rows.first()
                {
                    last = row.try_get("last").unwrap_or(last);
                }
            }
            batch = Batch::default();
            line::write(self.session, &mut batch, &lines, last)?;
        }
        batch.push(self.session, "COMMIT", Vec::new(), Wants::Count)?;
        for answer in self.session.pipeline(&batch)? {
            answer?;
        }
        Ok(())
    }
}

/// How many records a work makes, as far as that is known before its numbers are drawn.
fn new_records(work: &Work) -> usize {
    match &work.step {
        Step::Ready(ready) => ready
            .prepared
            .events
            .iter()
            .filter(|event| event.header.seq == 1)
            .count(),
        Step::Draw(..) => work.expects.iter().filter(|one| one.version == 0).count(),
    }
}
