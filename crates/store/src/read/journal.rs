//! Reads of the journal: bodies are opened, headers rebuilt from their columns.

use crate::codec;
use crate::db::{Connection, Row, params};
use crate::failure::Failure;
use crate::keyring::Keys;
use crate::seal;
use kernel::port::Stored;
use kernel::{AccountId, ActId, Body, Event, Header, PartyId, RecordId};

const COLUMNS: &str = "position, record, seq, act, service, record_type, action, definition, authority, recorded_at, occurred_at,
   effective_on, actor, on_behalf_of, acted_as, seat_office, previous, hash, key, sealed";

/// Events of a record after `seq`, oldest first.
pub(crate) fn history(
    db: &Connection,
    keys: &dyn Keys,
    record: RecordId,
    after: u64,
    limit: usize,
) -> Result<Vec<Stored>, Failure> {
    let sql =
        format!("SELECT {COLUMNS} FROM event WHERE record = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
    let mut find = db.prepare_cached(&sql)?;
    let mut rows = find.query(params![
        record.0.as_bytes().as_slice(),
        codec::column(after)?,
        codec::limit(limit)
    ])?;
    keys.expect(&rows.ahead("key")?)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(stored_of(row, keys)?.0);
    }
    Ok(found)
}

/// All events after a position, in commit order.
pub(crate) fn changes(
    db: &Connection,
    keys: &dyn Keys,
    after: u64,
    limit: usize,
) -> Result<Vec<Stored>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM event WHERE position > ?1 ORDER BY position LIMIT ?2");
    let mut find = db.prepare_cached(&sql)?;
    let mut rows = find.query(params![codec::column(after)?, codec::limit(limit)])?;
    keys.expect(&rows.ahead("key")?)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(stored_of(row, keys)?.0);
    }
    Ok(found)
}

/// What a verifier needs beside the event: the hash as it must be, and the number of the key.
pub(crate) struct Evidence {
    pub(crate) computed: [u8; 32],
    pub(crate) key: u64,
    /// Whether its body could be read: its key was not destroyed.
    pub(crate) is_opened: bool,
    pub(crate) authority: Option<String>,
}

/// One event of a row, opened; its body is empty where its key was destroyed.
pub(crate) fn stored_of(row: Row<'_>, keys: &dyn Keys) -> Result<(Stored, Evidence), Failure> {
    let header = header_of(row)?;
    let authority: Option<String> = row.get("authority")?;
    let plain = seal::canonical(&header, authority.as_deref())?;
    let (previous, hash): (Vec<u8>, Vec<u8>) = (row.get("previous")?, row.get("hash")?);
    let sealed: Vec<u8> = row.get("sealed")?;
    let key = codec::count(row.get("key")?)?;
    let body = match keys.key(key) {
        Ok(key) => Some(codec::json::<Body>(&seal::open(&key, &plain, &sealed)?)?),
        // What it said was disposed of; that it happened, and its hash, stay.
        Err(Failure::Destroyed(_)) => None,
        Err(failure) => return Err(failure),
    };
    let is_opened = body.is_some();
    let computed = seal::sha256(&[&codec::hash(&previous)?, &plain, &sealed]);
    let stored = Stored {
        position: codec::count(row.get("position")?)?,
        event: Event {
            header,
            body: body.unwrap_or_default(),
        },
        hash: codec::hex(&hash),
        previous: codec::hex(&previous),
    };
    Ok((
        stored,
        Evidence {
            computed,
            key,
            authority,
            is_opened,
        },
    ))
}

/// The header of a row.
pub(crate) fn header_of(row: Row<'_>) -> Result<Header, Failure> {
    let id =
        |name: &str| -> Result<uuid::Uuid, Failure> { codec::id(&row.get::<_, Vec<u8>>(name)?) };
    let text = |name: &str| row.get::<_, String>(name);
    Ok(Header {
        record: RecordId(id("record")?),
        service: text("service")?,
        record_type: text("record_type")?,
        seq: codec::count(row.get("seq")?)?,
        act: ActId(id("act")?),
        action: text("action")?,
        recorded_at: codec::parsed(&text("recorded_at")?)?,
        occurred_at: codec::parsed(&text("occurred_at")?)?,
        effective_on: codec::parsed(&text("effective_on")?)?,
        actor: codec::optional_id(row.get("actor")?)?.map(AccountId),
        on_behalf_of: codec::optional_id(row.get("on_behalf_of")?)?.map(PartyId),
        acted_as: text("acted_as")?,
        seat_office: row.get("seat_office")?,
        definition: text("definition")?,
    })
}

/// The columns that [`stored_of`] reads.
pub(crate) const fn columns() -> &'static str {
    COLUMNS
}
