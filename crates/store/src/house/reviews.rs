//! The box of the user review.

use crate::codec;
use crate::db::{Connection, params};
use crate::failure::Failure;
use jiff::civil::Date;
use kernel::reviews::Boxed;
use uuid::Uuid;

/// Spends the ticket and keeps the answer; 0 if the ticket was spent before.
pub(crate) fn put(db: &Connection, ticket: &str, answer: &Boxed) -> Result<u64, Failure> {
    let mut spend =
        db.prepare_cached("INSERT INTO review_spent(ticket) VALUES (?1) ON CONFLICT DO NOTHING")?;
    if spend.execute([ticket])? == 0 {
        return Ok(0);
    }
    let mut keep =
        db.prepare_cached("INSERT INTO review_box(id, day, body) VALUES (?1, ?2, ?3)")?;
    let id = answer.id.into_bytes();
    Ok(keep.execute(params![id, answer.day.to_string(), answer.body])? as u64)
}

/// Whether a ticket was spent.
pub(crate) fn spent(db: &Connection, ticket: &str) -> Result<bool, Failure> {
    let mut find = db.prepare_cached("SELECT 1 FROM review_spent WHERE ticket = ?1")?;
    find.exists([ticket])
}

/// Answers of days that are over.
pub(crate) fn boxed(db: &Connection, before: Date, limit: usize) -> Result<Vec<Boxed>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT id, day, body FROM review_box WHERE day < ?1 ORDER BY day, id LIMIT ?2",
    )?;
    let mut rows = find.query(params![before.to_string(), codec::limit(limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let day: String = row.get("day")?;
        found.push(Boxed {
            id: codec::id(&row.get::<_, Vec<u8>>("id")?)?,
            day: codec::parsed(&day)?,
            body: row.get("body")?,
        });
    }
    Ok(found)
}

/// Takes an answer out of the box.
pub(crate) fn unbox(db: &Connection, id: Uuid) -> Result<u64, Failure> {
    Ok(db
        .prepare_cached("DELETE FROM review_box WHERE id = ?1")?
        .execute(params![id.into_bytes()])? as u64)
}
