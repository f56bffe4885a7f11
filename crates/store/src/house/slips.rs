//! Letters to addresses with their links. Each is sealed under a key of its own.

use super::{accounts, contacts, sessions};
use crate::codec;
use crate::db::{Connection, Params, Row, params};
use crate::failure::Failure;
use crate::keyring::Keys;
use crate::seal;
use jiff::Timestamp;
use kernel::port::Account;
use kernel::slips::{Slip, SlipRow};
use uuid::Uuid;

/// A slip ready to be written.
pub(crate) struct Sealed {
    row: SlipRow,
    key: u64,
    bytes: Vec<u8>,
}

/// What is spent together, ready to be written.
pub(crate) struct Spent {
    pub(crate) account: Account,
    pub(crate) contact: Option<contacts::Sealed>,
}

/// What the seal is bound to.
fn label(id: Uuid) -> Vec<u8> {
    [b"slip ".as_slice(), id.as_bytes()].concat()
}

/// Seals a slip.
pub(crate) fn seal(keys: &dyn Keys, row: SlipRow) -> Result<Sealed, Failure> {
    let key = keys.take()?;
    let body = serde_json::to_vec(&row.slip)?;
    let bytes = seal::seal(&keys.key(key)?, &label(row.slip.id), &body)?;
    Ok(Sealed { row, key, bytes })
}

/// Writes it; removes those that ended before `now`.
pub(crate) fn put(db: &Connection, new: &Sealed, now: Timestamp) -> Result<u64, Failure> {
    db.prepare_cached("DELETE FROM mail_slip WHERE ends < ?1")?
        .execute([codec::nanos(now)])?;
    let mut put = db.prepare_cached(
        "INSERT INTO mail_slip(id, about, links, tries, next_try, ends, key, sealed)
           VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
    )?;
    let row = &new.row;
    Ok(put.execute(params![
        row.slip.id.into_bytes(),
        row.about,
        row.slip.words.is_none(),
        row.next_try.map(codec::nanos),
        codec::nanos(row.ends),
        codec::column(new.key)?,
        new.bytes,
    ])? as u64)
}

const SLIP: &str = "SELECT id, about, tries, next_try, ends, key, sealed FROM mail_slip";

/// A slip that has not ended.
pub(crate) fn one(
    db: &Connection,
    keys: &dyn Keys,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<SlipRow>, Failure> {
    let sql = format!("{SLIP} WHERE id = ?1 AND ends > ?2");
    let found = rows(db, keys, &sql, params![id.into_bytes(), codec::nanos(now)]);
    Ok(found?.pop())
}

/// Those that are to be sent.
pub(crate) fn due(
    db: &Connection,
    keys: &dyn Keys,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<SlipRow>, Failure> {
    let sql = format!("{SLIP} WHERE next_try <= ?1 AND ends > ?1 ORDER BY next_try, id LIMIT ?2");
    rows(
        db,
        keys,
        &sql,
        params![codec::nanos(now), codec::limit(limit)],
    )
}

fn rows(
    db: &Connection,
    keys: &dyn Keys,
    sql: &str,
    values: impl Params,
) -> Result<Vec<SlipRow>, Failure> {
    let mut find = db.prepare_cached(sql)?;
    let mut rows = find.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(slip(keys, row)?);
    }
    Ok(found)
}

fn slip(keys: &dyn Keys, row: Row<'_>) -> Result<SlipRow, Failure> {
    let id: Uuid = codec::id(&row.get::<_, Vec<u8>>("id")?)?;
    let key = keys.key(codec::count(row.get("key")?)?)?;
    let sealed: Vec<u8> = row.get("sealed")?;
    let slip: Slip = codec::json(&seal::open(&key, &label(id), &sealed)?)?;
    Ok(SlipRow {
        slip,
        about: row.get("about")?,
        tries: row.get("tries")?,
        next_try: row
            .get::<_, Option<i64>>("next_try")?
            .map(codec::instant)
            .transpose()?,
        ends: codec::instant(row.get("ends")?)?,
    })
}

/// Takes one that is to be sent; answers 0 if another took it.
pub(crate) fn claim(
    db: &Connection,
    id: Uuid,
    was: Timestamp,
    until: Timestamp,
) -> Result<u64, Failure> {
    let mut claim =
        db.prepare_cached("UPDATE mail_slip SET next_try = ?3 WHERE id = ?1 AND next_try = ?2")?;
    let values = params![id.into_bytes(), codec::nanos(was), codec::nanos(until)];
    Ok(claim.execute(values)? as u64)
}

/// Writes how sending went.
pub(crate) fn tried(
    db: &Connection,
    id: Uuid,
    next: Option<Timestamp>,
    ends: Timestamp,
) -> Result<u64, Failure> {
    let mut keep = db.prepare_cached(
        "UPDATE mail_slip SET tries = tries + 1, next_try = ?2, ends = ?3 WHERE id = ?1 AND next_try IS NOT NULL",
    )?;
    let values = params![id.into_bytes(), next.map(codec::nanos), codec::nanos(ends)];
    Ok(keep.execute(values)? as u64)
}

/// Those that failed are tried again at once.
pub(crate) fn hurry(db: &Connection, now: Timestamp) -> Result<u64, Failure> {
    let mut hurry =
        db.prepare_cached("UPDATE mail_slip SET next_try = ?1 WHERE tries > 0 AND next_try > ?1")?;
    Ok(hurry.execute([codec::nanos(now)])? as u64)
}

/// Spends a slip: whoever deletes it is the one. Its account is written with it, its sessions end, and the links of the same
/// address are worth nothing any more. Answers 0, with nothing written, where it is not there or the name is another's.
pub(crate) fn spend(
    db: &Connection,
    id: Uuid,
    now: Timestamp,
    spent: &Spent,
) -> Result<u64, Failure> {
    let account = &spent.account;
    let namesake = accounts::by_login(db, &account.login)?;
    if namesake.is_some_and(|one| one.id != account.id) {
        return Ok(0);
    }
    let Some(about) = about(db, id)? else {
        return Ok(0);
    };
    let mut take = db.prepare_cached("DELETE FROM mail_slip WHERE id = ?1 AND ends > ?2")?;
    if take.execute(params![id.into_bytes(), codec::nanos(now)])? == 0 {
        return Ok(0);
    }
    forget(db, &about)?;
    sessions::end_all(db, account.id, None)?;
    if let Some(contact) = &spent.contact {
        contacts::put(db, contact, None)?;
    }
    accounts::put(db, account)
}

fn about(db: &Connection, id: Uuid) -> Result<Option<String>, Failure> {
    let mut find = db.prepare_cached("SELECT about FROM mail_slip WHERE id = ?1")?;
    let mut rows = find.query(params![id.into_bytes()])?;
    let about = rows.next()?.map(|row| row.get("about")).transpose()?;
    Ok(about)
}

/// Forgets all with links of an address.
pub(crate) fn forget(db: &Connection, about: &str) -> Result<u64, Failure> {
    let mut forget = db.prepare_cached("DELETE FROM mail_slip WHERE about = ?1 AND links = 1")?;
    Ok(forget.execute([about])? as u64)
}
