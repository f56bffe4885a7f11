//! Timers and outbox: what the workers take.

use crate::codec;
use crate::db::{Connection, Params, Row, params};
use crate::failure::Failure;
use jiff::{Timestamp, civil::Date};
use kernel::port::{DueTimer, Lane, OutboxRow};
use kernel::{EffectId, OutboxEntry, RecordId, Timer};
use std::collections::BTreeMap;

/// Timers due on or before a day, earliest first.
pub(crate) fn due_timers(
    db: &Connection,
    today: Date,
    limit: usize,
) -> Result<Vec<DueTimer>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT timer.record AS record, kind.service AS service, kind.record_type AS record_type, timer.clock AS clock,
           timer.what AS what, timer.due AS due
         FROM timer JOIN record ON record.id = timer.record JOIN kind ON kind.id = record.kind
         WHERE timer.due <= ?1 ORDER BY timer.due LIMIT ?2",
    )?;
    let mut rows = find.query(params![today.to_string(), codec::limit(limit)])?;
    let mut due = Vec::new();
    while let Some(row) = rows.next()? {
        due.push(due_timer(row)?);
    }
    Ok(due)
}

/// How many were due before a day, counted to `most`.
pub(crate) fn late_timers(db: &Connection, today: Date, most: usize) -> Result<u64, Failure> {
    let mut count = db.prepare_cached(
        "SELECT count(*) AS many FROM (SELECT 1 AS one FROM timer WHERE due < ?1 LIMIT ?2) AS late",
    )?;
    let values = params![today.to_string(), codec::limit(most)];
    count.query_row(values, |row| codec::count(row.get("many")?))
}

/// A timer of a row with its record's service and type.
pub(crate) fn due_timer(row: Row<'_>) -> Result<DueTimer, Failure> {
    let on: String = row.get("due")?;
    Ok(DueTimer {
        record: RecordId(codec::id(&row.get::<_, Vec<u8>>("record")?)?),
        service: row.get("service")?,
        record_type: row.get("record_type")?,
        timer: Timer {
            clock: row.get("clock")?,
            what: row.get("what")?,
            on: codec::parsed(&on)?,
        },
    })
}

/// Removes a timer that has been seen to.
pub(crate) fn timer_done(db: &Connection, record: RecordId, timer: &Timer) -> Result<u64, Failure> {
    let mut remove = db.prepare_cached(
        "DELETE FROM timer WHERE record = ?1 AND clock = ?2 AND what = ?3 AND due = ?4",
    )?;
    Ok(remove.execute(params![
        record.0.into_bytes(),
        timer.clock,
        timer.what,
        timer.on.to_string()
    ])? as u64)
}

const OUTBOX: &str = "SELECT id, body, since, tries, next_try, error FROM outbox";

/// SQL: effects of a lane.
pub(crate) fn of_lane(lane: Lane) -> String {
    let kinds = lane.kinds().iter().map(|kind| format!("'{kind}'"));
    format!("kind IN ({})", kinds.collect::<Vec<_>>().join(", "))
}

/// Effects whose time has come, oldest first.
pub(crate) fn outbox(
    db: &Connection,
    lane: Lane,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<OutboxRow>, Failure> {
    let of_lane = of_lane(lane);
    let sql = format!("{OUTBOX} WHERE {of_lane} AND next_try <= ?1 ORDER BY next_try, no LIMIT ?2");
    rows(db, &sql, params![codec::nanos(now), codec::limit(limit)])
}

/// Those that have failed are tried again at once.
pub(crate) fn hurry(db: &Connection, lane: Lane, now: Timestamp) -> Result<u64, Failure> {
    let of_lane = of_lane(lane);
    let sql =
        format!("UPDATE outbox SET next_try = ?1 WHERE {of_lane} AND tries > 0 AND next_try > ?1");
    Ok(db
        .prepare_cached(&sql)?
        .execute(params![codec::nanos(now)])? as u64)
}

/// How many there are, by kind, and since when the oldest: read from an index that holds nothing else.
pub(crate) fn waiting(db: &Connection) -> Result<BTreeMap<String, (u64, Timestamp)>, Failure> {
    let mut count = db.prepare_cached(
        "SELECT kind, count(*) AS many, min(since) AS first FROM outbox GROUP BY kind",
    )?;
    let mut rows = count.query(params![])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let first = codec::instant(row.get("first")?)?;
        found.insert(row.get("kind")?, (codec::count(row.get("many")?)?, first));
    }
    Ok(found)
}

/// Effects that have failed at least once, oldest first.
pub(crate) fn stuck(db: &Connection, limit: usize) -> Result<Vec<OutboxRow>, Failure> {
    let sql = format!("{OUTBOX} WHERE tries > 0 ORDER BY no LIMIT ?1");
    rows(db, &sql, params![codec::limit(limit)])
}

fn rows(db: &Connection, sql: &str, values: impl Params) -> Result<Vec<OutboxRow>, Failure> {
    let mut find = db.prepare_cached(sql)?;
    let mut rows = find.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(effect(row)?);
    }
    Ok(found)
}

/// An effect of a row.
pub(crate) fn effect(row: Row<'_>) -> Result<OutboxRow, Failure> {
    let (id, body): (Vec<u8>, Vec<u8>) = (row.get("id")?, row.get("body")?);
    Ok(OutboxRow {
        entry: OutboxEntry {
            id: EffectId(codec::id(&id)?),
            order: codec::json(&body)?,
        },
        tries: row.get("tries")?,
        since: codec::instant(row.get("since")?)?,
        next_try: row
            .get::<_, Option<i64>>("next_try")?
            .map(codec::instant)
            .transpose()?,
        error: row.get("error")?,
    })
}

/// An effect was delivered.
pub(crate) fn effect_done(db: &Connection, id: EffectId) -> Result<u64, Failure> {
    Ok(db
        .prepare_cached("DELETE FROM outbox WHERE id = ?1")?
        .execute(params![id.0.into_bytes()])? as u64)
}

/// An effect failed.
pub(crate) fn effect_failed(
    db: &Connection,
    id: EffectId,
    error: &str,
    next_try: Option<Timestamp>,
) -> Result<u64, Failure> {
    let mut keep = db.prepare_cached(
        "UPDATE outbox SET tries = tries + 1, error = ?2, next_try = ?3 WHERE id = ?1",
    )?;
    Ok(keep.execute(params![
        id.0.into_bytes(),
        error,
        next_try.map(codec::nanos)
    ])? as u64)
}
