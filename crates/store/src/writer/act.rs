//! One act within a group.

use super::group::Writer;
use super::pending::Document;
use super::ready::{Ready, Step, Work};
use crate::codec;
use crate::failure::Failure;
use kernel::RecordId;
use kernel::port::Committed;
use rusqlite::{OptionalExtension, params};

/// Why an act ends without being done: an answer for the engine, or a fault.
pub(super) enum Stop {
    Answer(Box<Committed>),
    Fault(Failure),
}

impl Stop {
    pub(super) fn answer(answer: Committed) -> Self {
        Self::Answer(Box::new(answer))
    }
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

/// A record that the act reads or writes, as the act has left it so far.
pub(super) struct Touched {
    pub(super) id: RecordId,
    /// Its local number; none before it is inserted.
    pub(super) row: Option<i64>,
    pub(super) version: u64,
    pub(super) hash: [u8; 32],
    /// The number of its key; 0 before it has one.
    pub(super) key: u64,
}

/// What the act has met, at most a hundred or so records: a list is quicker than a map.
#[derive(Default)]
pub(super) struct Met(pub(super) Vec<Touched>);

impl Writer {
    /// Does one act, wholly or not at all.
    pub(super) fn act(&mut self, work: Work) -> Result<Committed, Failure> {
        let mut documents = Vec::new();
        let committed = self.in_savepoint(
            |writer| match writer.try_act(work, &mut documents) {
                Ok(done) => Ok(done),
                Err(Stop::Answer(answer)) => Ok(*answer),
                Err(Stop::Fault(failure)) => Err(failure),
            },
            |committed| matches!(committed, Committed::Done(_)),
        )?;
        if matches!(committed, Committed::Done(_)) {
            self.pending.add(documents);
        }
        Ok(committed)
    }

    fn try_act(&self, work: Work, documents: &mut Vec<Document>) -> Result<Committed, Stop> {
        let mut met = Met::default();
        for expect in &work.expects {
            if self.touch(&mut met, expect.record)?.version != expect.version {
                return Err(Stop::answer(Committed::Moved(expect.record)));
            }
        }
        let Ready {
            prepared,
            bodies,
            snapshots,
            terms,
        } = match work.step {
            Step::Ready(ready) => *ready,
            Step::Draw(counters, finish) => Ready::new(finish(&self.draw(&counters)?))?,
        };
        self.remember(prepared.idempotency.as_ref())?;
        self.take_attachments(&prepared.attachments)?;
        self.post(&prepared)?;
        self.claim_unique(&prepared.records)?;
        for (event, body) in prepared.events.iter().zip(&bodies) {
            self.append(&mut met, event, body, &prepared.records)?;
        }
        for (((snapshot, derived), body), terms) in
            prepared.records.iter().zip(&snapshots).zip(terms)
        {
            let touched = self.touch(&mut met, snapshot.id)?;
            documents.extend(self.put_record(touched, snapshot, derived, body, terms)?);
        }
        if let Some(lost) = met
            .0
            .iter()
            .find(|touched| touched.row.is_none() && touched.version > 0)
        {
            return Err(
                Failure::damaged(format!("record {} has events and no snapshot", lost.id)).into(),
            );
        }
        self.send_off(&prepared)?;
        Ok(Committed::Done(
            prepared
                .records
                .into_iter()
                .map(|(snapshot, _)| snapshot)
                .collect(),
        ))
    }

    /// The record as this act sees it; version 0 if it is not there.
    pub(super) fn touch<'m>(
        &self,
        met: &'m mut Met,
        id: RecordId,
    ) -> Result<&'m mut Touched, Failure> {
        let at = match met.0.iter().position(|touched| touched.id == id) {
            Some(at) => at,
            None => {
                met.0.push(self.load(id)?);
                met.0.len() - 1
            }
        };
        Ok(&mut met.0[at])
    }

    fn load(&self, id: RecordId) -> Result<Touched, Failure> {
        let mut find = self
            .db
            .prepare_cached("SELECT row, version, last_hash, key FROM record WHERE id = ?1")?;
        let found = find
            .query_row([id.0.as_bytes().as_slice()], |row| {
                let hash: Vec<u8> = row.get("last_hash")?;
                Ok((
                    row.get::<_, i64>("row")?,
                    row.get::<_, i64>("version")?,
                    hash,
                    row.get::<_, i64>("key")?,
                ))
            })
            .optional()?;
        let Some((row, version, hash, key)) = found else {
            return Ok(Touched {
                id,
                row: None,
                version: 0,
                hash: [0; 32],
                key: 0,
            });
        };
        Ok(Touched {
            id,
            row: Some(row),
            version: codec::count(version)?,
            hash: codec::hash(&hash)?,
            key: codec::count(key)?,
        })
    }

    fn draw(&self, counters: &[String]) -> Result<Vec<u64>, Failure> {
        let mut next = self.db.prepare_cached(
            "INSERT INTO counter(name, last) VALUES (?1, 1) ON CONFLICT(name) DO UPDATE SET last = last + 1 RETURNING last",
        )?;
        let draw =
            |name: &String| codec::count(next.query_row(params![name], |row| row.get("last"))?);
        counters.iter().map(draw).collect()
    }
}
