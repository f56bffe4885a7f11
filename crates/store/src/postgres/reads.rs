//! Reads of many records in one go.

use super::session::Session;
use crate::codec;
use crate::failure::Failure;
use jiff::Timestamp;
use kernel::{AccountId, RecordId, Snapshot};
use std::collections::HashMap;
use std::hash::Hash;
use tokio_postgres::types::FromSqlOwned;
use uuid::Uuid;

/// Records by id, in the given order; those not there are left out.
pub(super) fn snapshots(session: &Session, ids: &[RecordId]) -> Result<Vec<Snapshot>, Failure> {
    let wanted: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = session.rows(
        "SELECT id AS place, body FROM record WHERE id = ANY($1)",
        &[&wanted],
    )?;
    let mut found: HashMap<Uuid, Snapshot> = parsed(&rows)?;
    // One that is asked for twice is answered twice.
    let last: HashMap<Uuid, usize> = wanted.iter().copied().zip(0..).collect();
    let mut all = Vec::with_capacity(found.len());
    for (at, id) in wanted.iter().enumerate() {
        match last.get(id) == Some(&at) {
            true => all.extend(found.remove(id)),
            false => all.extend(found.get(id).cloned()),
        }
    }
    Ok(all)
}

/// Records by local number, in the given order.
pub(super) fn by_rows(session: &Session, numbers: &[i64]) -> Result<Vec<Snapshot>, Failure> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let rows = session.rows(
        "SELECT row AS place, body FROM record WHERE row = ANY($1)",
        &[&numbers],
    )?;
    let mut found: HashMap<i64, Snapshot> = parsed(&rows)?;
    numbers
        .iter()
        .map(|number| {
            found.remove(number).ok_or_else(|| {
                Failure::damaged(format!("record {number} is indexed, yet not there"))
            })
        })
        .collect()
}

fn parsed<K: FromSqlOwned + Eq + Hash>(
    rows: &[tokio_postgres::Row],
) -> Result<HashMap<K, Snapshot>, Failure> {
    rows.iter()
        .map(|row| {
            let body: &[u8] = row.try_get("body").map_err(Failure::damaged)?;
            let place = row.try_get("place").map_err(Failure::damaged)?;
            Ok((place, codec::json(body)?))
        })
        .collect()
}

/// The local number after the last.
pub(super) fn next_row(session: &Session) -> Result<i64, Failure> {
    let rows = session.rows("SELECT coalesce(max(row), 0) + 1 AS next FROM record", &[])?;
    rows.first()
        .ok_or(Failure::NoRow)?
        .try_get("next")
        .map_err(Failure::damaged)
}

/// When an account last looked at each of some records; those never looked at are left out.
pub(super) fn last_looks(
    session: &Session,
    account: AccountId,
    records: &[RecordId],
) -> Result<Vec<(RecordId, Timestamp)>, Failure> {
    let wanted: Vec<Uuid> = records.iter().map(|id| id.0).collect();
    let rows = session.rows(
        "SELECT record, max(at) AS at FROM read_note WHERE account = $1 AND record = ANY($2) AND more IS NULL GROUP BY record",
        &[&account.0, &wanted],
    )?;
    let mut looks: HashMap<Uuid, i64> = HashMap::new();
    for row in &rows {
        looks.insert(
            row.try_get("record").map_err(Failure::damaged)?,
            row.try_get("at").map_err(Failure::damaged)?,
        );
    }
    records
        .iter()
        .filter_map(|record| {
            let at = looks.get(&record.0)?;
            Some(codec::instant(*at).map(|at| (*record, at)))
        })
        .collect()
}
