//! Records that a group reads or writes, as it has left them so far.

use crate::codec;
use crate::failure::Failure;
use crate::postgres::session::Session;
use kernel::RecordId;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// One record.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    /// Its local number; none before it is written.
    pub(super) row: Option<i64>,
    pub(super) version: u64,
    pub(super) hash: [u8; 32],
    /// The number of its key; 0 before it has one.
    pub(super) key: u64,
    pub(super) found: FoundRow,
}

/// What stands beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct FoundRow {
    pub(super) scopes: Vec<u8>,
    pub(super) text: String,
    pub(super) entries: Vec<u8>,
}

/// Reads and locks records, in the order of their ids so that copies do not wait for each other in a circle. Those not
/// there have version 0.
pub(super) fn load(
    session: &Session,
    ids: &[RecordId],
    known: &mut HashMap<RecordId, Touched>,
) -> Result<(), Failure> {
    let missing: Vec<Uuid> = ids
        .iter()
        .filter(|id| !known.contains_key(id))
        .map(|id| id.0)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let rows = session.rows(
        "SELECT record.id, record.row, record.version, record.last_hash, record.key, found.scopes, found.text, found.entries
         FROM record JOIN found ON found.row = record.row WHERE record.id = ANY($1) ORDER BY record.id
         FOR UPDATE OF record, found",
        &[&missing],
    )?;
    for id in missing {
        known.insert(RecordId(id), Touched::default());
    }
    for row in &rows {
        let (id, touched) = read(row).map_err(Failure::damaged)?;
        known.insert(RecordId(id), touched?);
    }
    Ok(())
}

fn read(row: &Row) -> Result<(Uuid, Result<Touched, Failure>), tokio_postgres::Error> {
    let (version, key): (i64, i64) = (row.try_get("version")?, row.try_get("key")?);
    let hash: &[u8] = row.try_get("last_hash")?;
    let (local, found) = (
        row.try_get("row")?,
        FoundRow {
            scopes: row.try_get("scopes")?,
            text: row.try_get("text")?,
            entries: row.try_get("entries")?,
        },
    );
    let touched = || {
        Ok(Touched {
            row: Some(local),
            version: codec::count(version)?,
            hash: codec::hash(hash)?,
            key: codec::count(key)?,
            found,
        })
    };
    Ok((row.try_get("id")?, touched()))
}
