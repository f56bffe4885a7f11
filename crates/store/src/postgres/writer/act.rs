//! One act within a group: one way to the database and back, once its numbers are drawn.

use super::group::Group;
use super::line::Line;
use super::touched::Touched;
use crate::failure::Failure;
use crate::postgres::session::{Answered, Batch, Wants};
use crate::writer::{Ready, Step, Work};
use crate::{codec, seal};
use kernel::port::{Committed, Prepared};
use kernel::{AttachmentId, RecordId};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// What the answer to a statement of an act must be.
pub(super) enum Check {
    /// Nothing is asked of it.
    Any,
    /// The key was not there.
    Idempotency,
    /// The upload is there.
    Attachment(AttachmentId),
    /// The balance after a posting: ledger and key.
    Balance(String, String),
    /// Nobody else has the unique values.
    Unique(RecordId),
}

/// The statements of one act and what they must answer.
#[derive(Default)]
pub(super) struct Script<'s> {
    pub(super) batch: Batch<'s>,
    pub(super) checks: Vec<Check>,
}

/// What an act has touched and written so far; the group takes it over once it is done.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) touched: HashMap<RecordId, Touched>,
    pub(super) lines: Vec<Line>,
}

impl Group<'_> {
    /// Does one act, wholly or not at all.
    pub(super) fn act(&mut self, work: Work) -> Result<Committed, Failure> {
        let expected: Vec<RecordId> = work.expects.iter().map(|expect| expect.record).collect();
        self.load(&expected)?;
        for expect in &work.expects {
            if self.known(expect.record)?.version != expect.version {
                return Ok(Committed::Moved(expect.record));
            }
        }
        let subject = expected.first().copied();
        let ready = match work.step {
            Step::Ready(ready) => *ready,
            Step::Draw(counters, finish) => match self.draw(&counters) {
                Ok(numbers) => Ready::new(finish(&numbers))?,
                Err(failure) => return self.given_up(failure, subject),
            },
        };
        match self.write_act(&ready) {
            Ok(Committed::Done(done)) => Ok(Committed::Done(done)),
            Ok(answer) => {
                self.undo()?;
                Ok(answer)
            }
            Err(failure) => {
                let subject = subject.or(ready.prepared.records.first().map(|(one, _)| one.id));
                self.given_up(failure, subject)
            }
        }
    }

    /// Undoes an act that failed. Where another copy was quicker the engine decides anew; else it is a fault.
    fn given_up(
        &mut self,
        failure: Failure,
        subject: Option<RecordId>,
    ) -> Result<Committed, Failure> {
        if failure.is_away() {
            return Err(failure);
        }
        self.undo()?;
        match (&failure, subject) {
            (Failure::Postgres(refused), Some(record)) if refused.is_conflict() => {
                Ok(Committed::Moved(record))
            }
            _ => Err(failure),
        }
    }

    fn draw(&mut self, counters: &[String]) -> Result<Vec<u64>, Failure> {
        let mut batch = Batch::default();
        self.begin_act(&mut batch)?;
        for name in counters {
            batch.push(
                self.session,
                "INSERT INTO counter(name, last) VALUES ($1, 1) ON CONFLICT(name) DO UPDATE SET last = counter.last + 1
                 RETURNING last",
                vec![Box::new(name)],
                Wants::Rows,
            )?;
        }
        let mut numbers = Vec::with_capacity(counters.len());
        for answer in self.session.pipeline(&batch)? {
            if let Answered::Rows(rows) = answer? {
                let row = rows.first().ok_or(Failure::NoRow)?;
                numbers.push(codec::count(
                    row.try_get("last").map_err(Failure::damaged)?,
                )?);
            }
        }
        Ok(numbers)
    }

    fn write_act(&mut self, ready: &Ready) -> Result<Committed, Failure> {
        let prepared = &ready.prepared;
        let ids: Vec<RecordId> = prepared
            .events
            .iter()
            .map(|event| event.header.record)
            .chain(prepared.records.iter().map(|(snapshot, _)| snapshot.id))
            .collect();
        if self.is_strange(&ids) {
            // What was not expected may be locked by another copy: then only this act is undone.
            let mut batch = Batch::default();
            self.begin_act(&mut batch)?;
            for answer in self.session.pipeline(&batch)? {
                answer?;
            }
            self.load(&ids)?;
        }
        let mut draft = Draft::default();
        if let Some(moved) = self.append(&mut draft, ready)? {
            return Ok(Committed::Moved(moved));
        }
        let mut script = Script::default();
        self.side(&mut script, prepared)?;
        self.records(&mut script, &mut draft, ready)?;
        if let Some(lost) = draft
            .touched
            .iter()
            .find(|(_, touched)| touched.row.is_none() && touched.version > 0)
        {
            return Err(Failure::damaged(format!(
                "record {} has events and no snapshot",
                lost.0
            )));
        }
        let mut batch = Batch::default();
        self.begin_act(&mut batch)?;
        let head = batch.len();
        batch.append(script.batch);
        let answers = self.session.pipeline(&batch)?;
        let mut balances = HashMap::new();
        let checks = (0..head).map(|_| Check::Any).chain(script.checks);
        for (answer, check) in answers.into_iter().zip(checks) {
            if let Some(refused) = self.judge(prepared, answer?, check, &mut balances)? {
                return Ok(refused);
            }
        }
        if let Some(below) = below_floor(prepared, &balances) {
            return Ok(below);
        }
        self.keep(draft);
        let records = prepared.records.iter();
        Ok(Committed::Done(
            records.map(|(snapshot, _)| snapshot.clone()).collect(),
        ))
    }

    /// Seals and chains the events; they are written at the end of the group, when they get their positions. Answers
    /// the record that another has moved on.
    fn append(&self, draft: &mut Draft, ready: &Ready) -> Result<Option<RecordId>, Failure> {
        for (event, body) in ready.prepared.events.iter().zip(&ready.bodies) {
            let header = &event.header;
            let mut touched = self.latest(draft, header.record)?;
            if header.seq != touched.version + 1 {
                return Ok(Some(header.record));
            }
            if touched.key == 0 {
                touched.key = self.keys.take()?;
            }
            let authority = ready
                .prepared
                .records
                .iter()
                .find(|(snapshot, _)| snapshot.id == header.record)
                .and_then(|(snapshot, _)| snapshot.authority.clone());
            let plain = seal::canonical(header, authority.as_deref())?;
            let sealed = seal::seal(&self.keys.key(touched.key)?, &plain, body)?;
            let hash = seal::sha256(&[&touched.hash, &plain, &sealed]);
            draft.lines.push(Line {
                header: header.clone(),
                authority,
                previous: touched.hash,
                hash,
                key: codec::column(touched.key)?,
                sealed,
            });
            touched.version = header.seq;
            touched.hash = hash;
            draft.touched.insert(header.record, touched);
        }
        Ok(None)
    }

    fn judge(
        &self,
        prepared: &Prepared,
        answer: Answered,
        check: Check,
        balances: &mut HashMap<(String, String), Decimal>,
    ) -> Result<Option<Committed>, Failure> {
        Ok(match (check, answer) {
            (Check::Idempotency, Answered::Count(0)) => {
                let key = prepared.idempotency.as_ref().ok_or(Failure::NoRow)?;
                let db = self.session.into();
                let earlier = crate::writer::side::find_idempotency(&db, &key.owner, &key.key)?;
                Some(Committed::Repeated(earlier.ok_or(Failure::NoRow)?))
            }
            (Check::Attachment(id), Answered::Count(0)) => Some(Committed::AttachmentMissing(id)),
            (Check::Unique(record), Answered::Rows(rows)) => match rows.first() {
                None => None,
                Some(row) => {
                    let rule: String = row.try_get("rule").map_err(Failure::damaged)?;
                    let by: uuid::Uuid = row.try_get("record").map_err(Failure::damaged)?;
                    Some(taken(prepared, record, rule, RecordId(by)))
                }
            },
            (Check::Balance(ledger, key), Answered::Rows(rows)) => {
                let row = rows.first().ok_or(Failure::NoRow)?;
                let sum = |column: &str| -> Result<Decimal, Failure> {
                    codec::decimal(row.try_get(column).map_err(Failure::damaged)?)
                };
                let free = sum("posted")?.checked_sub(sum("held")?);
                let free = free.ok_or_else(|| Failure::damaged("a balance has too many digits"))?;
                balances.insert((ledger, key), free);
                None
            }
            _ => None,
        })
    }

    /// The record as this act has left it so far.
    pub(super) fn latest(&self, draft: &Draft, id: RecordId) -> Result<Touched, Failure> {
        match draft.touched.get(&id) {
            Some(touched) => Ok(touched.clone()),
            None => self.known(id).cloned(),
        }
    }
}

/// Within one act the order of postings does not matter: the floors are looked at when all are posted.
fn below_floor(
    prepared: &Prepared,
    balances: &HashMap<(String, String), Decimal>,
) -> Option<Committed> {
    let below = prepared.postings.iter().find(|posting| {
        let place = (posting.ledger.clone(), posting.key.clone());
        match (posting.floor, balances.get(&place)) {
            (Some(floor), Some(free)) => *free < floor,
            _ => false,
        }
    })?;
    Some(Committed::BelowFloor {
        ledger: below.ledger.clone(),
        key: below.key.clone(),
    })
}

fn taken(prepared: &Prepared, record: RecordId, constraint: String, by: RecordId) -> Committed {
    let message = prepared
        .records
        .iter()
        .filter(|(snapshot, _)| snapshot.id == record)
        .flat_map(|(_, derived)| &derived.unique)
        .find(|unique| unique.constraint == constraint)
        .map(|unique| unique.message.clone())
        .unwrap_or_default();
    Committed::Taken {
        constraint,
        message,
        by,
    }
}
