//! The log of evidence: hashes in commit order, tiles, signed heads, keys.

use crate::codec;
use crate::db::{Connection, OptionalExtension as _, Row, params};
use crate::failure::Failure;
use crate::read;
use crate::seal;
use evidence::{Hash, Tile, TileName, Tiles};
use kernel::RecordId;
use kernel::log::{LogKeyRow, SealedEvent, SignedHead};

/// The lock under which one copy at a time appends to the log. It is not waited for: whoever has it appends the same.
const APPENDING: &str =
    "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' log', 0)) AS got";

/// Hashes of the events after a position, up to the first gap. That nothing comes before a gap is damage: an entry's place
/// in the log is its event's position.
pub(crate) fn event_hashes(
    db: &Connection,
    after: u64,
    limit: usize,
) -> Result<Vec<Hash>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT position, hash FROM event WHERE position > ?1 ORDER BY position LIMIT ?2",
    )?;
    let mut rows = find.query(params![codec::column(after)?, codec::limit(limit)])?;
    let mut hashes = Vec::new();
    while let Some(row) = rows.next()? {
        let next = after + 1 + hashes.len() as u64;
        if codec::count(row.get("position")?)? != next {
            if hashes.is_empty() {
                return Err(Failure::damaged(format!(
                    "there is no event at position {next}"
                )));
            }
            break;
        }
        let hash = row.get_ref("hash")?;
        hashes.push(codec::hash(hash.as_blob().map_err(Failure::damaged)?)?);
    }
    Ok(hashes)
}

/// One event as it was hashed.
pub(crate) fn sealed_event(
    db: &Connection,
    record: RecordId,
    seq: u64,
) -> Result<Option<SealedEvent>, Failure> {
    let sql = format!(
        "SELECT {} FROM event WHERE record = ?1 AND seq = ?2",
        read::columns()
    );
    let mut find = db.prepare_cached(&sql)?;
    let found = find.query_row(
        params![record.0.as_bytes().as_slice(), codec::column(seq)?],
        |row| {
            let header = read::header_of(row)?;
            let authority: Option<String> = row.get("authority")?;
            let plain = seal::canonical(&header, authority.as_deref())?;
            Ok(SealedEvent {
                position: codec::count(row.get("position")?)?,
                header: String::from_utf8(plain).map_err(Failure::damaged)?,
                sealed: row.get("sealed")?,
                previous: codec::hash(&row.get::<_, Vec<u8>>("previous")?)?,
                hash: codec::hash(&row.get::<_, Vec<u8>>("hash")?)?,
            })
        },
    );
    found.optional()
}

/// Tiles by name; those not there are left out.
pub(crate) fn tiles(db: &Connection, names: &[TileName]) -> Result<Tiles, Failure> {
    let mut find =
        db.prepare_cached("SELECT hashes FROM log_tile WHERE level = ?1 AND number = ?2")?;
    let mut tiles = Tiles::new();
    for name in names {
        let place = params![i64::from(name.level), codec::column(name.number)?];
        let found = find.query_row(place, |row| row.get("hashes")).optional()?;
        if let Some(hashes) = found {
            tiles.insert(*name, hashes);
        }
    }
    Ok(tiles)
}

/// How many tiles there are.
pub(crate) fn count_tiles(db: &Connection) -> Result<u64, Failure> {
    let mut count = db.prepare_cached("SELECT count(*) AS n FROM log_tile")?;
    codec::count(count.query_row(params![], |row| row.get("n"))?)
}

/// The newest signed head.
pub(crate) fn newest_head(db: &Connection) -> Result<Option<SignedHead>, Failure> {
    let mut find =
        db.prepare_cached("SELECT no, key, checkpoint FROM log_head ORDER BY no DESC LIMIT 1")?;
    find.query_row(params![], head).optional()
}

/// Heads after a number, in order.
pub(crate) fn heads(db: &Connection, after: u64, limit: usize) -> Result<Vec<SignedHead>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT no, key, checkpoint FROM log_head WHERE no > ?1 ORDER BY no LIMIT ?2",
    )?;
    find.query_map(params![codec::column(after)?, codec::limit(limit)], head)?
        .collect()
}

/// The first head of each key.
pub(crate) fn turns(db: &Connection) -> Result<Vec<SignedHead>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT no, key, checkpoint FROM log_head
         WHERE no IN (SELECT min(no) FROM log_head GROUP BY key) ORDER BY no",
    )?;
    find.query_map(params![], head)?.collect()
}

fn head(row: Row<'_>) -> Result<SignedHead, Failure> {
    Ok(SignedHead {
        no: codec::count(row.get("no")?)?,
        key: codec::count(row.get("key")?)?,
        checkpoint: row.get("checkpoint")?,
    })
}

/// All keys that ever signed.
pub(crate) fn keys(db: &Connection) -> Result<Vec<LogKeyRow>, Failure> {
    let mut find = db.prepare_cached("SELECT no, seed, verifier FROM log_key ORDER BY no")?;
    let rows = find.query_map(params![], |row| {
        Ok(LogKeyRow {
            no: codec::count(row.get("no")?)?,
            seed: codec::count(row.get("seed")?)?,
            verifier: row.get("verifier")?,
        })
    })?;
    rows.collect()
}

/// Puts a key in force with its first head; 0 if another was quicker.
pub(crate) fn put_key(
    db: &Connection,
    key: &LogKeyRow,
    first: &SignedHead,
) -> Result<u64, Failure> {
    let last = keys(db)?.last().map_or(0, |key| key.no);
    if last + 1 != key.no || !may_append(db, first)? {
        return Ok(0);
    }
    let mut put =
        db.prepare_cached("INSERT INTO log_key(no, seed, verifier) VALUES (?1, ?2, ?3)")?;
    put.execute(params![
        codec::column(key.no)?,
        codec::column(key.seed)?,
        key.verifier
    ])?;
    put_head(db, first)
}

/// Appends tiles and the head over them; 0 if another was quicker.
pub(crate) fn append(db: &Connection, tiles: &[Tile], head: &SignedHead) -> Result<u64, Failure> {
    if !may_append(db, head)? {
        return Ok(0);
    }
    let mut put = db.prepare_cached(
        "INSERT INTO log_tile(level, number, hashes) VALUES (?1, ?2, ?3)
         ON CONFLICT(level, number) DO UPDATE SET hashes = excluded.hashes",
    )?;
    for Tile { name, data } in tiles {
        put.execute(params![
            i64::from(name.level),
            codec::column(name.number)?,
            data
        ])?;
    }
    put_head(db, head)
}

fn put_head(db: &Connection, head: &SignedHead) -> Result<u64, Failure> {
    let mut put =
        db.prepare_cached("INSERT INTO log_head(no, key, checkpoint) VALUES (?1, ?2, ?3)")?;
    let put = put.execute(params![
        codec::column(head.no)?,
        codec::column(head.key)?,
        head.checkpoint
    ])?;
    Ok(put as u64)
}

/// Whether this head follows the newest, and no other copy is appending right now.
fn may_append(db: &Connection, head: &SignedHead) -> Result<bool, Failure> {
    if let Connection::Postgres(_) = db {
        let mut lock = db.prepare_cached(APPENDING)?;
        if !lock.query_row(params![], |row| row.get("got"))? {
            return Ok(false);
        }
    }
    Ok(newest_head(db)?.map_or(0, |newest| newest.no) + 1 == head.no)
}
