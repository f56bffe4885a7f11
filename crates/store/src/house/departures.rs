//! What left the installation as a whole.

use crate::codec;
use crate::db::{Connection, Row, params};
use crate::failure::Failure;
use kernel::shelf::Departure;

/// Writes one down.
pub(crate) fn put(db: &Connection, departure: &Departure) -> Result<u64, Failure> {
    let mut add = db.prepare_cached("INSERT INTO departure(at, body) VALUES (?1, ?2)")?;
    let body = serde_json::to_string(departure)?;
    Ok(add.execute(params![codec::nanos(departure.at), body])? as u64)
}

/// Departures, newest first.
pub(crate) fn newest(db: &Connection, limit: usize) -> Result<Vec<Departure>, Failure> {
    let mut find = db.prepare_cached("SELECT body FROM departure ORDER BY no DESC LIMIT ?1")?;
    let rows = find.query_map([codec::limit(limit)], |row: Row<'_>| {
        row.get::<_, String>("body")
    })?;
    rows.map(|body| codec::json(body?.as_bytes())).collect()
}
