//! Whether what was disposed of is gone: nothing of it may stand anywhere, and its key must be destroyed.

use super::Stop;
use crate::db::{Connection, params};
use kernel::RecordId;

/// Where something of a record would stand, and what that is called.
const PLACES: [(&str, &str); 8] = [
    (
        "SELECT 1 FROM record WHERE id = ?1",
        "what was disposed of is there again",
    ),
    (
        "SELECT 1 FROM unique_value WHERE record = ?1",
        "a unique value of what was disposed of is there again",
    ),
    (
        "SELECT 1 FROM timer WHERE record = ?1",
        "a deadline of what was disposed of is there again",
    ),
    (
        "SELECT 1 FROM message WHERE record = ?1",
        "a message about what was disposed of is there again",
    ),
    (
        "SELECT 1 FROM delivery WHERE record = ?1",
        "a delivery about what was disposed of is there again",
    ),
    (
        "SELECT 1 FROM attachment WHERE record = ?1",
        "a file of what was disposed of is there again",
    ),
    (
        "SELECT 1 FROM attachment_use WHERE record = ?1",
        "a use of a file by what was disposed of is there again",
    ),
    (
        "SELECT 1 FROM read_note WHERE record = ?1 AND purpose IS NOT NULL",
        "what somebody said of what was disposed of is there again",
    ),
];

/// `unread` is the position of the first of its events that could not be read.
pub(super) fn check(
    db: &Connection<'_>,
    record: RecordId,
    position: u64,
    unread: Option<u64>,
) -> Result<(), Stop> {
    let id = record.0.into_bytes();
    for (sql, what) in PLACES {
        if db.prepare_cached(sql)?.exists(params![id])? {
            return Err(Stop::record(record, what));
        }
    }
    let mut known = db.prepare_cached("SELECT 1 FROM disposed WHERE record = ?1")?;
    if !known.exists(params![id])? {
        let what = "it was disposed of, and the list of disposals does not say so";
        return Err(Stop::at(position, record, what));
    }
    // Between the disposal and the destruction of its key the store remembers what is left to do.
    let mut waits = db.prepare_cached("SELECT 1 FROM doomed_key WHERE record = ?1")?;
    if unread.is_none() && !waits.exists(params![id])? {
        let what = "the key of what was disposed of is there again";
        return Err(Stop::at(position, record, what));
    }
    Ok(())
}
