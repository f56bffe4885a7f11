//! Individual numbers (個人番号): each row is sealed under a key of its own, out of a ring that seals nothing else, in a
//! database that holds nothing else. A row that was destroyed stays without its content, and says when it went.

use crate::codec;
use crate::db::{Connection, OptionalExtension as _, Row, params};
use crate::failure::Failure;
use crate::keyring::{Doomed, Keys};
use crate::seal;
use jiff::Timestamp;
use kernel::RecordId;
use kernel::vault::{Number, NumberPlace};
use uuid::Uuid;

/// What the seal is bound to: a row of one record never opens in the place of another's.
fn label(id: Uuid, record: RecordId, field: &str) -> Vec<u8> {
    [
        b"individual number ".as_slice(),
        id.as_bytes(),
        record.0.as_bytes(),
        field.as_bytes(),
    ]
    .concat()
}

/// A number ready to be written.
pub(crate) struct Sealed {
    place: NumberPlace,
    key: u64,
    bytes: Vec<u8>,
}

/// Seals a number under a fresh key.
pub(crate) fn seal(
    keys: &dyn Keys,
    place: NumberPlace,
    number: &Number,
) -> Result<Sealed, Failure> {
    let key = keys.take()?;
    let label = label(place.id, place.record, &place.field);
    let bytes = seal::seal(&keys.key(key)?, &label, number.reveal().as_bytes())?;
    Ok(Sealed { place, key, bytes })
}

/// Writes it.
pub(crate) fn put(db: &Connection<'_>, new: &Sealed) -> Result<(), Failure> {
    let place = &new.place;
    db.prepare_cached(
        "INSERT INTO number(id, record, field, at, settled, key, sealed) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        place.id.into_bytes(),
        place.record.0.into_bytes(),
        place.field,
        codec::nanos(place.at),
        codec::column(new.key)?,
        new.bytes
    ])?;
    Ok(())
}

/// Opens one of a record; none where it was destroyed.
pub(crate) fn open(
    db: &Connection<'_>,
    keys: &dyn Keys,
    id: Uuid,
    record: RecordId,
) -> Result<Option<Number>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT field, key, sealed FROM number WHERE id = ?1 AND record = ?2 AND gone IS NULL",
    )?;
    let found = find.query_row(params![id.into_bytes(), record.0.into_bytes()], |row| {
        let field: String = row.get("field")?;
        let sealed: Vec<u8> = row.get("sealed")?;
        Ok((field, codec::count(row.get("key")?)?, sealed))
    });
    let Some((field, key, sealed)) = found.optional()? else {
        return Ok(None);
    };
    let key = match keys.key(key) {
        Err(Failure::Destroyed(_)) => return Ok(None),
        key => key?,
    };
    let digits = seal::open(&key, &label(id, record, &field), &sealed)?;
    let digits = String::from_utf8(digits).map_err(Failure::damaged)?;
    Ok(Some(Number::kept(digits)))
}

/// What is left of a record.
pub(crate) fn of(db: &Connection<'_>, record: RecordId) -> Result<Vec<NumberPlace>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT id, record, field, at FROM number WHERE record = ?1 AND gone IS NULL ORDER BY id",
    )?;
    find.query_map(params![record.0.into_bytes()], |row| place(&row))?
        .collect()
}

/// Whether a record is known to refer to it.
pub(crate) fn settle(db: &Connection<'_>, id: Uuid, settled: bool) -> Result<(), Failure> {
    db.prepare_cached("UPDATE number SET settled = ?2 WHERE id = ?1 AND gone IS NULL")?
        .execute(params![id.into_bytes(), i64::from(settled)])?;
    Ok(())
}

/// Those that nobody settled.
pub(crate) fn unsettled(
    db: &Connection<'_>,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<NumberPlace>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT id, record, field, at FROM number WHERE settled = 0 AND gone IS NULL AND at < ?1 ORDER BY at, id LIMIT ?2",
    )?;
    find.query_map(params![codec::nanos(before), codec::limit(limit)], |row| {
        place(&row)
    })?
    .collect()
}

/// All that are there.
pub(crate) fn all(
    db: &Connection<'_>,
    after: Option<Uuid>,
    limit: usize,
) -> Result<Vec<NumberPlace>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT id, record, field, at FROM number WHERE id > ?1 AND gone IS NULL ORDER BY id LIMIT ?2",
    )?;
    let after = after.unwrap_or_default().into_bytes();
    find.query_map(params![after, codec::limit(limit)], |row| place(&row))?
        .collect()
}

/// Destroys some: the keys first, so that whatever is cut off in between leaves nothing that opens.
pub(crate) fn destroy(
    db: &Connection<'_>,
    keys: &dyn Keys,
    ids: &[Uuid],
    at: Timestamp,
) -> Result<(), Failure> {
    let mut doomed = Vec::new();
    for id in ids {
        let mut find =
            db.prepare_cached("SELECT key FROM number WHERE id = ?1 AND gone IS NULL")?;
        let key = find.query_row(params![id.into_bytes()], |row| {
            codec::count(row.get("key")?)
        });
        doomed.extend(key.optional()?.map(|key| Doomed {
            key,
            record: None,
            certificate: None,
        }));
    }
    if doomed.is_empty() {
        return Ok(());
    }
    keys.destroy(&doomed)?;
    let mut forget = db.prepare_cached(
        "UPDATE number SET gone = ?2, settled = 1, sealed = ?3 WHERE id = ?1 AND gone IS NULL",
    )?;
    for id in ids {
        let nothing: &[u8] = &[];
        forget.execute(params![id.into_bytes(), codec::nanos(at), nothing])?;
    }
    Ok(())
}

/// How many were destroyed.
pub(crate) fn destroyed(db: &Connection<'_>) -> Result<u64, Failure> {
    let mut find = db.prepare_cached("SELECT count(*) AS n FROM number WHERE gone IS NOT NULL")?;
    codec::count(find.query_row(params![], |row| row.get("n"))?)
}

/// The key of digests: a key of the ring that seals nothing.
pub(crate) fn blinding(db: &Connection<'_>) -> Result<Option<u64>, Failure> {
    let mut find = db.prepare_cached("SELECT key FROM blinding")?;
    let key = find.query_row(params![], |row| codec::count(row.get("key")?));
    key.optional()
}

/// Chooses it, unless there is one.
pub(crate) fn choose_blinding(db: &Connection<'_>, key: u64) -> Result<(), Failure> {
    db.prepare_cached("INSERT INTO blinding(one, key) VALUES (1, ?1) ON CONFLICT DO NOTHING")?
        .execute(params![codec::column(key)?])?;
    Ok(())
}

/// A digest under it.
pub(crate) fn blind(keys: &dyn Keys, key: u64, text: &str) -> Result<String, Failure> {
    let digest = seal::sha256(&[b"tsumugi blind", &keys.key(key)?, text.as_bytes()]);
    Ok(codec::hex(&digest))
}

fn place(row: &Row<'_>) -> Result<NumberPlace, Failure> {
    Ok(NumberPlace {
        id: codec::id(&row.get::<_, Vec<u8>>("id")?)?,
        record: RecordId(codec::id(&row.get::<_, Vec<u8>>("record")?)?),
        field: row.get("field")?,
        at: codec::instant(row.get("at")?)?,
    })
}
