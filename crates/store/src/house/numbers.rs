//! Individual numbers (個人番号): each row is sealed under a key of its own, out of a ring that seals nothing else, in a
//! database that holds nothing else. A row that was destroyed stays without its content, and says when it went.

use crate::codec;
use crate::db::{Connection, OptionalExtension as _, Row, params};
use crate::failure::Failure;
use crate::keyring::{Doomed, Keys};
use crate::port::aside;
use crate::seal as cipher;
use jiff::Timestamp;
use kernel::RecordId;
use kernel::port::Task;
use kernel::vault::{Number, NumberPlace, Vault};
use std::sync::Arc;
use uuid::Uuid;

/// Where the rows and keys of a vault lie. Both wait for a disk or a database.
pub(crate) trait Place: Send + Sync + 'static {
    /// Whether there is a vault: told without waiting. Where there is none, nothing can be read of it, or changed in it.
    fn is_there(&self) -> bool;

    /// What is read of it.
    fn read<T>(
        &self,
        work: impl Fn(&Connection<'_>, &dyn Keys) -> Result<T, Failure>,
    ) -> Result<T, Failure>;

    /// What is written, all or nothing; the vault is made if it is not there. It may be done twice, which each statement bears.
    fn write<T>(
        &self,
        work: impl Fn(&Connection<'_>, &dyn Keys) -> Result<T, Failure>,
    ) -> Result<T, Failure>;
}

/// The vault of a store.
pub(crate) struct Numbers<P>(pub(crate) Arc<P>);

impl<P: Place> Numbers<P> {
    /// Work on the vault, off the threads that answer requests.
    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&P) -> Result<T, Failure> + Send + 'static,
    ) -> Task<'_, T> {
        let place = Arc::clone(&self.0);
        Box::pin(aside(move || work(&place)))
    }

    /// The same where there is a vault; `T`'s nothing, at once, where there is none.
    fn if_there<T: Default + Send + 'static>(
        &self,
        work: impl FnOnce(&P) -> Result<T, Failure> + Send + 'static,
    ) -> Task<'_, T> {
        if self.0.is_there() {
            self.with(work)
        } else {
            Box::pin(async { Ok(T::default()) })
        }
    }
}

impl<P: Place> Vault for Numbers<P> {
    fn keep_number(&self, place: NumberPlace, number: Number) -> Task<'_, ()> {
        self.with(move |vault| {
            vault.write(|db, keys| put(db, &seal(keys, place.clone(), &number)?))
        })
    }

    fn number(&self, id: Uuid, record: RecordId) -> Task<'_, Option<Number>> {
        self.if_there(move |vault| vault.read(|db, keys| open(db, keys, id, record)))
    }

    fn numbers_of(&self, record: RecordId) -> Task<'_, Vec<NumberPlace>> {
        self.if_there(move |vault| vault.read(|db, _| of(db, record)))
    }

    fn settle_number(&self, id: Uuid, settled: bool) -> Task<'_, ()> {
        self.if_there(move |vault| vault.write(|db, _| settle(db, id, settled)))
    }

    fn unsettled_numbers(&self, before: Timestamp, limit: usize) -> Task<'_, Vec<NumberPlace>> {
        self.if_there(move |vault| vault.read(|db, _| unsettled(db, before, limit)))
    }

    fn all_numbers(&self, after: Option<Uuid>, limit: usize) -> Task<'_, Vec<NumberPlace>> {
        self.if_there(move |vault| vault.read(|db, _| all(db, after, limit)))
    }

    fn destroy_numbers(&self, ids: Vec<Uuid>, at: Timestamp) -> Task<'_, ()> {
        if ids.is_empty() {
            return Box::pin(async { Ok(()) });
        }
        self.if_there(move |vault| vault.write(|db, keys| destroy(db, keys, &ids, at)))
    }

    fn destroyed_numbers(&self) -> Task<'_, u64> {
        self.if_there(|vault| vault.read(|db, _| destroyed(db)))
    }

    fn blind<'a>(&'a self, text: &'a str) -> Task<'a, String> {
        let text = text.to_owned();
        self.with(move |vault| {
            let key = vault.write(chosen_blinding)?;
            vault.read(|_, keys| blind(keys, key, &text))
        })
    }
}

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
struct Sealed {
    place: NumberPlace,
    key: u64,
    bytes: Vec<u8>,
}

/// Seals a number under a fresh key.
fn seal(keys: &dyn Keys, place: NumberPlace, number: &Number) -> Result<Sealed, Failure> {
    let key = keys.take()?;
    let label = label(place.id, place.record, &place.field);
    let bytes = cipher::seal(&keys.key(key)?, &label, number.reveal().as_bytes())?;
    Ok(Sealed { place, key, bytes })
}

/// Writes it.
fn put(db: &Connection<'_>, new: &Sealed) -> Result<(), Failure> {
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
fn open(
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
    let digits = cipher::open(&key, &label(id, record, &field), &sealed)?;
    let digits = String::from_utf8(digits).map_err(Failure::damaged)?;
    Ok(Some(Number::kept(digits)))
}

/// What is left of a record.
fn of(db: &Connection<'_>, record: RecordId) -> Result<Vec<NumberPlace>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT id, record, field, at FROM number WHERE record = ?1 AND gone IS NULL ORDER BY id",
    )?;
    find.query_map(params![record.0.into_bytes()], |row| place(&row))?
        .collect()
}

/// Whether a record is known to refer to it.
fn settle(db: &Connection<'_>, id: Uuid, settled: bool) -> Result<(), Failure> {
    db.prepare_cached("UPDATE number SET settled = ?2 WHERE id = ?1 AND gone IS NULL")?
        .execute(params![id.into_bytes(), i64::from(settled)])?;
    Ok(())
}

/// Those that nobody settled.
fn unsettled(
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
fn all(
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
fn destroy(
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
fn destroyed(db: &Connection<'_>) -> Result<u64, Failure> {
    let mut find = db.prepare_cached("SELECT count(*) AS n FROM number WHERE gone IS NOT NULL")?;
    codec::count(find.query_row(params![], |row| row.get("n"))?)
}

/// The key of digests, a key of the ring that seals nothing: chosen unless there is one.
fn chosen_blinding(db: &Connection<'_>, keys: &dyn Keys) -> Result<u64, Failure> {
    if let Some(key) = blinding(db)? {
        return Ok(key);
    }
    db.prepare_cached("INSERT INTO blinding(one, key) VALUES (1, ?1) ON CONFLICT DO NOTHING")?
        .execute(params![codec::column(keys.take()?)?])?;
    // Of two copies of the program that choose at once, one has chosen.
    blinding(db)?.ok_or(Failure::NoRow)
}

fn blinding(db: &Connection<'_>) -> Result<Option<u64>, Failure> {
    let mut find = db.prepare_cached("SELECT key FROM blinding")?;
    let key = find.query_row(params![], |row| codec::count(row.get("key")?));
    key.optional()
}

/// A digest under it.
fn blind(keys: &dyn Keys, key: u64, text: &str) -> Result<String, Failure> {
    let digest = cipher::sha256(&[b"tsumugi blind", &keys.key(key)?, text.as_bytes()]);
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
