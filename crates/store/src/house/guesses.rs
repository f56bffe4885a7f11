//! Failed tries at what is guarded against guessing, counted for all copies together.

use crate::codec;
use crate::db::{Connection, params};
use crate::failure::Failure;
use jiff::Timestamp;
use kernel::guard::Guesses;

/// What is known of keys, in their order; none of a key without failures.
pub(crate) fn of(db: &Connection, keys: &[String]) -> Result<Vec<Option<Guesses>>, Failure> {
    let mut find = db.prepare_cached("SELECT failures, last FROM guess WHERE key = ?1")?;
    keys.iter()
        .map(|key| {
            let mut rows = find.query([key])?;
            let Some(row) = rows.next()? else {
                return Ok(None);
            };
            let failures = codec::count(row.get("failures")?)?;
            Ok(Some(Guesses {
                failures: u32::try_from(failures).unwrap_or(u32::MAX),
                last: codec::instant(row.get("last")?)?,
            }))
        })
        .collect()
}

/// Counts a failure of each key. What is older than `forget` counts no longer, and goes.
pub(crate) fn failed(
    db: &Connection,
    keys: &[String],
    now: Timestamp,
    forget: Timestamp,
) -> Result<u64, Failure> {
    let mut count = db.prepare_cached(
        "INSERT INTO guess(key, failures, last) VALUES (?1, 1, ?2) ON CONFLICT(key) DO UPDATE
           SET failures = CASE WHEN guess.last < ?3 THEN 1 ELSE guess.failures + 1 END, last = excluded.last",
    )?;
    let (now, forget) = (codec::nanos(now), codec::nanos(forget));
    for key in keys {
        count.execute(params![key, now, forget])?;
    }
    db.prepare_cached("DELETE FROM guess WHERE last < ?1")?
        .execute([forget])?;
    Ok(keys.len() as u64)
}

/// Forgets the failures of a key.
pub(crate) fn succeeded(db: &Connection, key: &str) -> Result<u64, Failure> {
    let mut forget = db.prepare_cached("DELETE FROM guess WHERE key = ?1")?;
    Ok(forget.execute([key])? as u64)
}
