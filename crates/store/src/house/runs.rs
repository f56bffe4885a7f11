//! Runs (一括処理): kept whole before the first act, and item by item as they are done, so that a restart goes on.

use crate::codec;
use crate::db::{Connection, OptionalExtension, params};
use crate::failure::Failure;
use jiff::Timestamp;
use kernel::port::{RunItem, RunOutcome, RunRow};
use kernel::{RecordId, RunId};

/// Keeps a new run with its items; one that is there stays as it is.
pub(crate) fn put(db: &Connection, run: &RunRow, items: &[RunItem]) -> Result<u64, Failure> {
    let id = run.id.0.into_bytes();
    let added = db
        .prepare_cached("INSERT INTO run(id, body, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![id, serde_json::to_vec(run)?, codec::nanos(run.at)])?;
    if added == 0 {
        return Ok(0);
    }
    let mut add = db
        .prepare_cached("INSERT INTO run_item(run, no, record, version) VALUES (?1, ?2, ?3, ?4)")?;
    for (no, item) in (0_i64..).zip(items) {
        let version = codec::column(item.version)?;
        add.execute(params![id, no, item.record.0.into_bytes(), version])?;
    }
    Ok(1)
}

/// A run with its items in order.
pub(crate) fn get(db: &Connection, id: RunId) -> Result<Option<(RunRow, Vec<RunItem>)>, Failure> {
    let key = id.0.into_bytes();
    let found = db
        .prepare_cached("SELECT body, done_at FROM run WHERE id = ?1")?
        .query_row([key], |row| {
            Ok((
                row.get::<_, Vec<u8>>("body")?,
                row.get::<_, Option<i64>>("done_at")?,
            ))
        })
        .optional()?;
    let Some((body, done_at)) = found else {
        return Ok(None);
    };
    let mut run: RunRow = codec::json(&body)?;
    run.done_at = done_at.map(codec::instant).transpose()?;
    let mut find = db.prepare_cached(
        "SELECT record, version, outcome FROM run_item WHERE run = ?1 ORDER BY no",
    )?;
    let mut rows = find.query([key])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let outcome: Option<Vec<u8>> = row.get("outcome")?;
        items.push(RunItem {
            record: RecordId(codec::id(&row.get::<_, Vec<u8>>("record")?)?),
            version: codec::count(row.get("version")?)?,
            outcome: outcome.map(|bytes| codec::json(&bytes)).transpose()?,
        });
    }
    Ok(Some((run, items)))
}

/// What became of an item.
pub(crate) fn item_done(
    db: &Connection,
    id: RunId,
    no: u32,
    outcome: &RunOutcome,
) -> Result<u64, Failure> {
    let done = db
        .prepare_cached("UPDATE run_item SET outcome = ?3 WHERE run = ?1 AND no = ?2")?
        .execute(params![id.0.into_bytes(), no, serde_json::to_vec(outcome)?])?;
    Ok(done as u64)
}

/// All items have been seen to.
pub(crate) fn done(db: &Connection, id: RunId, at: Timestamp) -> Result<u64, Failure> {
    let done = db
        .prepare_cached("UPDATE run SET done_at = ?2 WHERE id = ?1 AND done_at IS NULL")?
        .execute(params![id.0.into_bytes(), codec::nanos(at)])?;
    Ok(done as u64)
}

/// Runs that have items left, oldest first.
pub(crate) fn open(db: &Connection, limit: usize) -> Result<Vec<RunId>, Failure> {
    let mut find =
        db.prepare_cached("SELECT id FROM run WHERE done_at IS NULL ORDER BY at LIMIT ?1")?;
    let mut rows = find.query([codec::limit(limit)])?;
    let mut open = Vec::new();
    while let Some(row) = rows.next()? {
        open.push(RunId(codec::id(&row.get::<_, Vec<u8>>("id")?)?));
    }
    Ok(open)
}
