//! What left another installation arrives: written in pieces, each in one transaction with how far it is, so that a kill
//! leaves an installation that knows what it lacks. See `docs/decisions/0031-leaving.md`.

mod records;
mod rows;
mod write;

use crate::codec;
use crate::db::{Connection, params};
use crate::failure::Failure;
use crate::keyring::Keys;
use crate::leaving::{EventLine, FoundLine, Published};
use crate::open::SqliteStore;
use crate::read;
use crate::replay::{Fold, Stop};
use kernel::port::{Account, Task};
use kernel::{RecordId, Snapshot};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use write::write;

/// The setting that says how far an arrival is; there only until it is whole.
pub const UNDER_WAY: &str = "arriving";

/// A piece of what arrives.
pub enum Batch {
    /// A version of a definition, with its files.
    Package(Published, BTreeMap<String, Vec<u8>>),
    /// People; those whose id is there already stay as they are.
    Accounts(Vec<Account>),
    /// Events, each with the number of the key that it brings: the first of a record its key, the one that disposes of it
    /// that of its certificate.
    Events(Vec<(EventLine, Option<u64>)>),
    /// Records whose events have all arrived.
    Records(Vec<(Folded, FoundLine)>),
    /// Rows of the table at this place of [`crate::leaving::TABLES`].
    Rows(usize, Vec<Map<String, Json>>),
    /// Nothing but how far it is.
    Nothing,
}

/// A record as its events in this store give it.
#[derive(Clone, Debug)]
pub struct Folded {
    /// The record.
    pub snapshot: Snapshot,
    /// The definition of its last event.
    pub definition: String,
    hash: String,
    key: u64,
}

/// The part of a store that takes what arrives.
pub trait Arriving: Sync {
    /// Writes a piece and, in the same transaction, how far the arrival is; none: it is whole.
    fn arrive(&self, batch: Batch, under_way: Option<String>) -> Task<'_, ()>;
    /// Keeps keys of records under numbers of this store, which are answered in order. None: it was destroyed, and stays so.
    fn lay_keys(&self, keys: Vec<Option<[u8; 32]>>) -> Task<'_, Vec<u64>>;
    /// Records folded from their events, every hash and chain checked. What does not hold is damage that names the record.
    fn folded(&self, ids: Vec<RecordId>) -> Task<'_, Vec<Folded>>;
    /// The first of some services that has records here, or had some that were disposed of.
    fn holds(&self, services: Vec<String>) -> Task<'_, Option<String>>;
}

impl Arriving for SqliteStore {
    fn arrive(&self, batch: Batch, under_way: Option<String>) -> Task<'_, ()> {
        Box::pin(async move {
            let keys = Arc::clone(&self.keys);
            let written = self
                .writer
                .write(move |db| write(*db, keys.as_ref(), &batch, under_way.as_deref()));
            written.await.map(drop)
        })
    }

    fn lay_keys(&self, keys: Vec<Option<[u8; 32]>>) -> Task<'_, Vec<u64>> {
        Box::pin(async move {
            let numbers = keys.iter().map(|_| self.keys.take());
            let numbers = numbers.collect::<Result<Vec<u64>, Failure>>()?;
            // Every group notes the last number that was given out. Only once that is durable does another's key stand
            // under it: else a crash would have it given out a second time.
            self.writer.write(|_| Ok(0)).await?;
            let pairs: Vec<(u64, Option<[u8; 32]>)> = numbers.iter().copied().zip(keys).collect();
            self.keys.lay(&pairs)?;
            Ok(numbers)
        })
    }

    fn folded(&self, ids: Vec<RecordId>) -> Task<'_, Vec<Folded>> {
        Box::pin(async move { self.read(|db| folded(*db, self.keys.as_ref(), &ids)) })
    }

    fn holds(&self, services: Vec<String>) -> Task<'_, Option<String>> {
        Box::pin(async move { self.read(|db| holds(*db, &services)) })
    }
}

/// Folds the events of each record.
pub(crate) fn folded(
    db: Connection<'_>,
    keys: &dyn Keys,
    ids: &[RecordId],
) -> Result<Vec<Folded>, Failure> {
    ids.iter().map(|id| fold(db, keys, *id)).collect()
}

fn fold(db: Connection<'_>, keys: &dyn Keys, id: RecordId) -> Result<Folded, Failure> {
    let sql = format!(
        "SELECT {} FROM event WHERE record = ?1 ORDER BY seq",
        read::columns()
    );
    let mut find = db.prepare_cached(&sql)?;
    let mut rows = find.query(params![id.0.into_bytes()])?;
    keys.expect(&rows.ahead("key")?)?;
    let mut current: Option<Fold> = None;
    while let Some(row) = rows.next()? {
        let (stored, evidence) = read::stored_of(row, keys)?;
        let step = Fold::step(current, &stored, &evidence);
        current = Some(step.map_err(|stop| told(id, stop))?);
    }
    let fold = current.ok_or_else(|| Failure::damaged(format!("record {id} has no events")))?;
    Ok(Folded {
        key: fold.key(),
        hash: fold.hash().to_owned(),
        snapshot: fold
            .snapshot
            .ok_or_else(|| Failure::damaged(format!("record {id} was disposed of")))?,
        definition: fold.definition,
    })
}

/// A difference as damage that names the record.
fn told(id: RecordId, stop: Stop) -> Failure {
    match stop {
        Stop::Different(difference) => {
            Failure::damaged(format!("record {id}: {}", difference.what))
        }
        Stop::Fault(failure) => failure,
    }
}

/// The first of some services that has records, or had some: what was disposed of here does not come back from elsewhere.
pub(crate) fn holds(db: Connection<'_>, services: &[String]) -> Result<Option<String>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT 1 AS yes FROM record JOIN kind ON kind.id = record.kind WHERE kind.service = ?1 LIMIT 1",
    )?;
    let mut gone = db.prepare_cached("SELECT 1 AS yes FROM disposed WHERE service = ?1 LIMIT 1")?;
    for service in services {
        if find.exists([service])? || gone.exists([service])? {
            return Ok(Some(service.clone()));
        }
    }
    Ok(None)
}

impl Folded {
    fn last_hash(&self) -> Result<[u8; 32], Failure> {
        codec::unhex(&self.hash)
    }
}
