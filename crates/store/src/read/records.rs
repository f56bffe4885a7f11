//! Point reads.

use crate::codec;
use crate::db::{Connection, OptionalExtension, Row, params};
use crate::failure::Failure;
use crate::names::{Names, unpack_scopes};
use jiff::Timestamp;
use kernel::{AccountId, RecordId, Snapshot};
use rust_decimal::Decimal;

/// Records by id; those not there are left out.
pub(crate) fn snapshots(db: &Connection, ids: &[RecordId]) -> Result<Vec<Snapshot>, Failure> {
    let mut find = db.prepare_cached("SELECT body FROM record WHERE id = ?1")?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let mut rows = find.query([id.0.as_bytes().as_slice()])?;
        if let Some(row) = rows.next()? {
            found.push(parse(row)?);
        }
    }
    Ok(found)
}

/// Records by local number, in the given order.
pub(super) fn by_rows<'c>(
    db: impl Into<Connection<'c>>,
    numbers: impl Iterator<Item = i64>,
) -> Result<Vec<Snapshot>, Failure> {
    let db = db.into();
    let mut find = db.prepare_cached("SELECT body FROM record WHERE row = ?1")?;
    let mut found = Vec::with_capacity(numbers.size_hint().0);
    for number in numbers {
        let mut rows = find.query([number])?;
        let row = rows.next()?.ok_or_else(|| {
            Failure::damaged(format!("record {number} is indexed, yet not there"))
        })?;
        found.push(parse(row)?);
    }
    Ok(found)
}

fn parse(row: Row<'_>) -> Result<Snapshot, Failure> {
    let body = row.get_ref("body")?;
    codec::json(body.as_blob().map_err(Failure::damaged)?)
}

/// When an account last looked at each of some records; those never looked at are left out.
pub(crate) fn last_looks(
    db: &Connection,
    account: AccountId,
    records: &[RecordId],
) -> Result<Vec<(RecordId, Timestamp)>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT max(at) AS at FROM read_note WHERE account = ?1 AND record = ?2 AND more IS NULL",
    )?;
    let mut looks = Vec::new();
    for record in records {
        let at: Option<i64> = find.query_row(
            params![account.0.into_bytes(), record.0.into_bytes()],
            |row| row.get("at"),
        )?;
        if let Some(at) = at {
            looks.push((*record, codec::instant(at)?));
        }
    }
    Ok(looks)
}

/// Scope keys of a record; none if it is not there.
pub(crate) fn scopes(db: &Connection, names: &Names, id: RecordId) -> Result<Vec<String>, Failure> {
    let mut find = db.prepare_cached("SELECT found.scopes AS scopes FROM record JOIN found ON found.row = record.row WHERE record.id = ?1")?;
    let packed: Option<Vec<u8>> = find
        .query_row([id.0.as_bytes().as_slice()], |row| row.get("scopes"))
        .optional()?;
    unpack_scopes(&packed.unwrap_or_default())
        .map(|scope| names.scope_name(db, scope))
        .collect()
}

/// Children of a record, oldest first.
pub(crate) fn children(
    db: &Connection,
    parent: RecordId,
    limit: usize,
) -> Result<Vec<Snapshot>, Failure> {
    let mut find =
        db.prepare_cached("SELECT body FROM record WHERE parent = ?1 ORDER BY row LIMIT ?2")?;
    let mut rows = find.query(params![parent.0.as_bytes().as_slice(), codec::limit(limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(parse(row)?);
    }
    Ok(found)
}

/// Posted and held balance; zero for a key never posted to.
pub(crate) fn balance(
    db: &Connection,
    ledger: &str,
    key: &str,
) -> Result<(Decimal, Decimal), Failure> {
    let mut find =
        db.prepare_cached("SELECT CAST(posted AS TEXT) AS posted, CAST(held AS TEXT) AS held FROM balance WHERE ledger = ?1 AND key = ?2")?;
    let found: Option<(String, String)> = find
        .query_row([ledger, key], |row| {
            Ok((row.get("posted")?, row.get("held")?))
        })
        .optional()?;
    found.map_or(Ok((Decimal::ZERO, Decimal::ZERO)), |(posted, held)| {
        Ok((codec::decimal(&posted)?, codec::decimal(&held)?))
    })
}

/// Posted balances by the beginning of their keys: a range of the primary key.
pub(crate) fn balances(
    db: &Connection,
    ledger: &str,
    prefix: &str,
    limit: usize,
) -> Result<Vec<(String, Decimal)>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT key, CAST(posted AS TEXT) AS posted FROM balance WHERE ledger = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4",
    )?;
    // No key goes on with the last character that there is.
    let end = format!("{prefix}\u{10ffff}");
    let mut rows = find.query(params![ledger, prefix, end, codec::limit(limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let posted: String = row.get("posted")?;
        found.push((row.get("key")?, codec::decimal(&posted)?));
    }
    Ok(found)
}
