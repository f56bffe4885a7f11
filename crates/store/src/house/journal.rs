//! Events that are appended one by one, with hashes and keys that their caller knows. (Acts go in groups, by the writers.)

use crate::codec;
use crate::db::{Connection, params};
use crate::failure::Failure;
use crate::postgres;
use kernel::Header;

/// What stands in the journal beside a header.
pub(crate) struct Evidence<'e> {
    pub(crate) authority: Option<&'e str>,
    pub(crate) previous: &'e [u8],
    pub(crate) hash: &'e [u8],
    /// Number of the key that sealed the body.
    pub(crate) key: u64,
    pub(crate) sealed: &'e [u8],
}

/// The last position that was given; nobody else gives one until the transaction ends.
pub(crate) fn last_position(db: &Connection<'_>) -> Result<i64, Failure> {
    if let Connection::Postgres(session) = db {
        postgres::lock_positions(session)?;
    }
    let mut last = db.prepare_cached("SELECT coalesce(max(position), 0) AS last FROM event")?;
    last.query_row(params![], |row| row.get("last"))
}

/// Appends an event at a position.
pub(crate) fn append(
    db: &Connection<'_>,
    position: i64,
    header: &Header,
    evidence: &Evidence<'_>,
) -> Result<(), Failure> {
    let mut add = db.prepare_cached(
        "INSERT INTO event(position, record, seq, act, service, record_type, action, definition, authority, recorded_at,
           occurred_at, effective_on, actor, on_behalf_of, acted_as, seat_office, previous, hash, key, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?;
    add.execute(params![
        position,
        header.record.0.into_bytes(),
        codec::column(header.seq)?,
        header.act.0.into_bytes(),
        header.service,
        header.record_type,
        header.action,
        header.definition,
        evidence.authority,
        header.recorded_at.to_string(),
        header.occurred_at.to_string(),
        header.effective_on.to_string(),
        header.actor.map(|id| id.0.into_bytes()),
        header.on_behalf_of.map(|id| id.0.into_bytes()),
        header.acted_as,
        header.seat_office,
        evidence.previous,
        evidence.hash,
        codec::column(evidence.key)?,
        evidence.sealed,
    ])?;
    Ok(())
}
