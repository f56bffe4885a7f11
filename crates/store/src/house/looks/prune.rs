//! Notes whose time is over, and purposes of what was disposed of.

use super::index;
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use jiff::Timestamp;
use kernel::RecordId;
use kernel::looks::LookQuery;

/// Deletes the oldest notes of before an instant, and remembers where the chain goes on. The newest note of all stays, so
/// that numbers go on.
pub(crate) fn prune(
    db: &Connection<'_>,
    before: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Result<u64, Failure> {
    let mut find = db.prepare_cached("SELECT no, at, hash FROM read_note ORDER BY no LIMIT ?1")?;
    let mut rows = find.query([codec::limit(limit.saturating_add(1))])?;
    let (mut last, mut many) = (None, 0);
    let mut next = rows.next()?.map(read).transpose()?;
    while let Some((no, at, hash)) = next.take() {
        next = rows.next()?.map(read).transpose()?;
        if at >= codec::nanos(before) || next.is_none() {
            break;
        }
        many += 1;
        let carried = last.and_then(|(_, hash): (i64, Option<Vec<u8>>)| hash);
        last = Some((no, hash.or(carried)));
    }
    let Some((upto, hash)) = last else {
        return Ok(0);
    };
    // What is not found by record yet would be found no more.
    if codec::count(upto)? > index::done(db)? {
        return Ok(0);
    }
    let hash = match hash {
        Some(hash) => Some(hash),
        None => pruned_hash(db)?,
    };
    db.prepare_cached("INSERT INTO look_pruned(upto, hash, before, at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![upto, hash, codec::nanos(before), codec::nanos(now)])?;
    for sql in [
        "DELETE FROM read_note WHERE no <= ?1",
        "DELETE FROM look_index WHERE last <= ?1",
        "DELETE FROM look_seal WHERE no <= ?1",
    ] {
        db.prepare_cached(sql)?.execute([upto])?;
    }
    Ok(many)
}

type Note = (i64, i64, Option<Vec<u8>>);

fn read(row: crate::db::Row<'_>) -> Result<Note, Failure> {
    Ok((row.get("no")?, row.get("at")?, row.get("hash")?))
}

fn pruned_hash(db: &Connection<'_>) -> Result<Option<Vec<u8>>, Failure> {
    let mut find = db.prepare_cached("SELECT hash FROM look_pruned ORDER BY upto DESC LIMIT 1")?;
    let hash = find.query_row(params![], |row| row.get("hash"));
    Ok(hash.optional()?.flatten())
}

/// Erases what readers said of a record: it may name people. That they looked stays.
pub(crate) fn forget(db: &Connection<'_>, record: RecordId) -> Result<(), Failure> {
    let mut erase =
        db.prepare_cached("UPDATE read_note SET purpose = NULL, salt = NULL WHERE no = ?1")?;
    let mut query = LookQuery {
        records: vec![record],
        limit: 500,
        ..LookQuery::default()
    };
    loop {
        let page = super::find::page(db, &query)?;
        for one in page.items.iter().filter(|one| one.note.purpose.is_some()) {
            erase.execute([codec::column(one.no)?])?;
        }
        if page.next.is_none() {
            return Ok(());
        }
        query.before = page.next;
    }
}
