//! Uploads that are held.

use crate::codec;
use crate::db::{Connection, Row, params};
use crate::failure::Failure;
use jiff::Timestamp;
use kernel::AttachmentId;
use kernel::quarantine::{Held, HeldCounts};

/// Holds one, or says anew what is known of it.
pub(crate) fn hold(db: &Connection, held: &Held) -> Result<u64, Failure> {
    let mut put = db.prepare_cached(
        "INSERT INTO held_upload(attachment, since, tries, next_try, said) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT(attachment) DO UPDATE SET tries = excluded.tries, next_try = excluded.next_try, said = excluded.said",
    )?;
    let put = put.execute(params![
        held.attachment.0.into_bytes(),
        codec::nanos(held.since),
        i64::from(held.tries),
        held.next_try.map(codec::nanos),
        held.said,
    ])?;
    Ok(put as u64)
}

fn one(row: Row<'_>) -> Result<Held, Failure> {
    let next_try: Option<i64> = row.get("next_try")?;
    Ok(Held {
        attachment: AttachmentId(codec::id(&row.get::<_, Vec<u8>>("attachment")?)?),
        since: codec::instant(row.get("since")?)?,
        tries: u32::try_from(row.get::<_, i64>("tries")?).unwrap_or(u32::MAX),
        next_try: next_try.map(codec::instant).transpose()?,
        said: row.get("said")?,
    })
}

/// Which of some are held.
pub(crate) fn of(db: &Connection, ids: &[AttachmentId]) -> Result<Vec<Held>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT attachment, since, tries, next_try, said FROM held_upload WHERE attachment = ?1",
    )?;
    let mut found = Vec::new();
    for id in ids {
        let mut rows = find.query(params![id.0.into_bytes()])?;
        if let Some(row) = rows.next()? {
            found.push(one(row)?);
        }
    }
    Ok(found)
}

/// Those that are to be asked about.
pub(crate) fn due(db: &Connection, now: Timestamp, limit: usize) -> Result<Vec<Held>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT attachment, since, tries, next_try, said FROM held_upload WHERE next_try <= ?1 ORDER BY next_try LIMIT ?2",
    )?;
    let mut rows = find.query(params![codec::nanos(now), codec::limit(limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(one(row)?);
    }
    Ok(found)
}

/// Lets one go.
pub(crate) fn release(db: &Connection, id: AttachmentId) -> Result<u64, Failure> {
    let mut remove = db.prepare_cached("DELETE FROM held_upload WHERE attachment = ?1")?;
    Ok(remove.execute(params![id.0.into_bytes()])? as u64)
}

/// How many are held: there are few.
pub(crate) fn counts(db: &Connection) -> Result<HeldCounts, Failure> {
    let mut find =
        db.prepare_cached("SELECT count(*) AS n, count(next_try) AS waiting FROM held_upload")?;
    find.query_row(params![], |row| {
        let (all, waiting): (i64, i64) = (row.get("n")?, row.get("waiting")?);
        Ok(HeldCounts {
            waiting: codec::count(waiting)?,
            refused: codec::count(all - waiting)?,
        })
    })
}
