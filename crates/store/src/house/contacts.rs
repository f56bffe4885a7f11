//! Where people want to be reached. Each writing is sealed under a key of its own, so that no nonce is used twice.

use crate::codec;
use crate::db::{Connection, OptionalExtension, params};
use crate::failure::Failure;
use crate::keyring::Keys;
use crate::seal;
use jiff::Timestamp;
use kernel::PartyId;
use kernel::mailroom::Contact;

/// A contact ready to be written.
pub(crate) struct Sealed {
    party: PartyId,
    revision: u64,
    key: u64,
    bytes: Vec<u8>,
}

/// What the seal is bound to.
fn label(party: PartyId, revision: u64) -> Vec<u8> {
    let revision = revision.to_be_bytes();
    [b"contact ".as_slice(), party.0.as_bytes(), &revision].concat()
}

/// Seals a contact as its next revision.
pub(crate) fn seal(keys: &dyn Keys, contact: &Contact) -> Result<Sealed, Failure> {
    let (key, revision) = (keys.take()?, contact.revision + 1);
    let body = serde_json::to_vec(contact)?;
    let bytes = seal::seal(&keys.key(key)?, &label(contact.party, revision), &body)?;
    Ok(Sealed {
        party: contact.party,
        revision,
        key,
        bytes,
    })
}

/// Writes it over the revision before; answers 0 if another was there.
pub(crate) fn put(db: &Connection, new: &Sealed, desks: Option<&[String]>) -> Result<u64, Failure> {
    let party = new.party.0.into_bytes();
    let (revision, key) = (codec::column(new.revision)?, codec::column(new.key)?);
    let written = if new.revision == 1 {
        db.prepare_cached(
            "INSERT INTO contact(party, revision, key, sealed) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![party, revision, key, new.bytes])?
    } else {
        db.prepare_cached(
            "UPDATE contact SET revision = ?2, key = ?3, sealed = ?4 WHERE party = ?1 AND revision = ?5",
        )?
        .execute(params![party, revision, key, new.bytes, revision - 1])?
    };
    if let (1.., Some(desks)) = (written, desks) {
        db.prepare_cached("DELETE FROM contact_desk WHERE party = ?1")?
            .execute(params![party])?;
        let mut watch = db.prepare_cached(
            "INSERT INTO contact_desk(mailbox, party) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?;
        for mailbox in desks {
            watch.execute(params![mailbox, party])?;
        }
    }
    Ok(written as u64)
}

/// How a party wants to be reached.
pub(crate) fn of(
    db: &Connection,
    keys: &dyn Keys,
    party: PartyId,
) -> Result<Option<Contact>, Failure> {
    let mut find =
        db.prepare_cached("SELECT revision, key, sealed FROM contact WHERE party = ?1")?;
    let mut rows = find.query(params![party.0.into_bytes()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let revision = codec::count(row.get("revision")?)?;
    let key = keys.key(codec::count(row.get("key")?)?)?;
    let sealed: Vec<u8> = row.get("sealed")?;
    let mut contact: Contact = codec::json(&seal::open(&key, &label(party, revision), &sealed)?)?;
    contact.revision = revision;
    Ok(Some(contact))
}

/// Parties that get the messages of a desk's mailbox.
pub(crate) fn watchers(db: &Connection, mailbox: &str) -> Result<Vec<PartyId>, Failure> {
    let mut find = db.prepare_cached("SELECT party FROM contact_desk WHERE mailbox = ?1")?;
    let parties = find.query_map([mailbox], |row| row.get::<_, Vec<u8>>("party"))?;
    parties
        .map(|party| Ok(PartyId(codec::id(&party?)?)))
        .collect()
}

/// Keeps a code, and forgets those whose time is over.
pub(crate) fn put_code(
    db: &Connection,
    hash: &str,
    party: PartyId,
    until: Timestamp,
) -> Result<u64, Failure> {
    db.prepare_cached("DELETE FROM contact_code WHERE party = ?1")?
        .execute(params![party.0.into_bytes()])?;
    let mut put = db.prepare_cached(
        "INSERT INTO contact_code(hash, party, until) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    Ok(put.execute(params![hash, party.0.into_bytes(), codec::nanos(until)])? as u64)
}

/// Whose code it is, if its time is not over.
pub(crate) fn code(
    db: &Connection,
    hash: &str,
    now: Timestamp,
) -> Result<Option<PartyId>, Failure> {
    let mut find =
        db.prepare_cached("SELECT party FROM contact_code WHERE hash = ?1 AND until > ?2")?;
    let found: Option<Vec<u8>> = find
        .query_row(params![hash, codec::nanos(now)], |row| row.get("party"))
        .optional()?;
    found
        .map(|party| Ok(PartyId(codec::id(&party)?)))
        .transpose()
}

/// Forgets a code; answers 1 to the one who took it.
pub(crate) fn take_code(db: &Connection, hash: &str) -> Result<u64, Failure> {
    Ok(db
        .prepare_cached("DELETE FROM contact_code WHERE hash = ?1")?
        .execute([hash])? as u64)
}
