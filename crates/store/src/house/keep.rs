//! Disposal: what it takes out of the data, and what remains.
//!
//! The event is appended and everything plain goes in one commit, which also notes the keys that are to be destroyed. The
//! keys go after it, wherever they lie; what a kill leaves undone is done from that note. So a record is either there or
//! disposed of, never half.

use super::journal::{self, Evidence};
use super::looks;
use super::messages;
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use crate::keyring::{Doomed, Keys};
use crate::replay::found::Beside;
use crate::seal;
use kernel::keep::{Certificate, Deed, Disposal, Gone, certificate};
use kernel::port::RunOutcome;
use kernel::{Event, Expect, Header, RecordId, Refusal};
use std::collections::HashSet;
use uuid::Uuid;

/// Keys destroyed in one round.
const MOST: usize = 2_000;

/// Disposes of records, wholly or not at all; answers how many. Zero if one has moved on: nothing has changed then.
pub(crate) fn dispose(
    db: &Connection,
    keys: &dyn Keys,
    disposal: &Disposal,
    fresh: &[u64],
) -> Result<u64, Failure> {
    for (expect, _) in &disposal.records {
        // An update that changes nothing holds the row against other copies of the program, on either database.
        let mut hold = db
            .prepare_cached("UPDATE record SET version = version WHERE id = ?1 AND version = ?2")?;
        let values = params![expect.record.0.into_bytes(), codec::column(expect.version)?];
        if hold.execute(values)? == 0 {
            return Ok(0);
        }
    }
    for ((expect, event), key) in disposal.records.iter().zip(fresh) {
        dispose_one(db, keys, expect, event, *key)?;
    }
    Ok(disposal.records.len() as u64)
}

fn dispose_one(
    db: &Connection,
    keys: &dyn Keys,
    expect: &Expect,
    event: &Event,
    fresh: u64,
) -> Result<(), Failure> {
    let certificate =
        certificate(event).ok_or_else(|| Failure::damaged("a disposal has no certificate"))?;
    let record = expect.record;
    let head = Head::of(db, record)?;
    append(db, keys, event, &head, fresh)?;
    let beside = Beside::of(db, record)?;
    unfind(db, &beside)?;
    for sql in [
        "DELETE FROM unique_value WHERE record = ?1",
        "DELETE FROM timer WHERE record = ?1",
        "DELETE FROM delivery WHERE record = ?1",
        "DELETE FROM record WHERE id = ?1",
    ] {
        db.prepare_cached(sql)?
            .execute(params![record.0.into_bytes()])?;
    }
    looks::prune::forget(db, record)?;
    messages::forget(db, record)?;
    undeliver(db, record)?;
    unsay(db, record)?;
    let_files_go(db, record)?;
    remember(db, &event.header, certificate, head.key)
}

/// What the last event of a record must follow.
struct Head {
    key: u64,
    hash: [u8; 32],
    authority: Option<String>,
}

impl Head {
    fn of(db: &Connection, record: RecordId) -> Result<Self, Failure> {
        let mut find =
            db.prepare_cached("SELECT key, last_hash, authority FROM record WHERE id = ?1")?;
        find.query_row(params![record.0.into_bytes()], |row| {
            Ok(Self {
                key: codec::count(row.get("key")?)?,
                hash: codec::hash(&row.get::<_, Vec<u8>>("last_hash")?)?,
                authority: row.get("authority")?,
            })
        })
    }
}

/// Appends the event, sealed under a key that stays.
fn append(
    db: &Connection,
    keys: &dyn Keys,
    event: &Event,
    head: &Head,
    fresh: u64,
) -> Result<(), Failure> {
    let header = &event.header;
    let plain = seal::canonical(header, head.authority.as_deref())?;
    let sealed = seal::seal(&keys.key(fresh)?, &plain, &serde_json::to_vec(&event.body)?)?;
    let hash = seal::sha256(&[&head.hash, &plain, &sealed]);
    let evidence = Evidence {
        authority: head.authority.as_deref(),
        previous: &head.hash,
        hash: &hash,
        key: fresh,
        sealed: &sealed,
    };
    journal::append(db, journal::last_position(db)? + 1, header, &evidence)
}

/// Takes it out of lists and search.
fn unfind(db: &Connection, beside: &Beside) -> Result<(), Failure> {
    let mut remove = db.prepare_cached(
        "DELETE FROM list_entry WHERE index_no = ?1 AND scope = ?2 AND k1 = ?3 AND k2 = ?4 AND k3 = ?5 AND k4 = ?6 AND row = ?7",
    )?;
    for (index, scope, entry) in beside.places() {
        let key = |at: usize| entry.get(at).map_or(&[][..], Vec::as_slice);
        let scope = i64::from(scope);
        remove.execute(params![
            index,
            scope,
            key(0),
            key(1),
            key(2),
            key(3),
            beside.row
        ])?;
    }
    if let Connection::Sqlite(db) = db {
        db.prepare_cached("DELETE FROM search_index WHERE rowid = ?1")?
            .execute([beside.row])?;
    }
    db.prepare_cached("DELETE FROM found WHERE row = ?1")?
        .execute(params![beside.row])?;
    Ok(())
}

/// Effects that were never delivered. The outbox holds what is under way, so it is short.
fn undeliver(db: &Connection, record: RecordId) -> Result<(), Failure> {
    let named = record.to_string().into_bytes();
    let sql = match db {
        Connection::Sqlite(_) => "DELETE FROM outbox WHERE instr(body, ?1) > 0",
        Connection::Postgres(_) => "DELETE FROM outbox WHERE position(?1 in body) > 0",
    };
    db.prepare_cached(sql)?.execute(params![named])?;
    Ok(())
}

/// Why a run was refused on it may quote it.
fn unsay(db: &Connection, record: RecordId) -> Result<(), Failure> {
    let gone = serde_json::to_vec(&RunOutcome::Refused(Refusal::gone()))?;
    db.prepare_cached(
        "UPDATE run_item SET outcome = ?2 WHERE record = ?1 AND outcome IS NOT NULL",
    )?
    .execute(params![record.0.into_bytes(), gone])?;
    Ok(())
}

/// Files that nobody else uses are doomed; others go over to the next of their records.
fn let_files_go(db: &Connection, record: RecordId) -> Result<(), Failure> {
    let id = record.0.into_bytes();
    db.prepare_cached("DELETE FROM attachment_use WHERE record = ?1")?
        .execute(params![id])?;
    let mut own = db.prepare_cached("SELECT id FROM attachment WHERE record = ?1")?;
    let own = own.query_map(params![id], |row| row.get::<_, Vec<u8>>("id"))?;
    for file in own.collect::<Result<Vec<_>, _>>()? {
        let mut next = db.prepare_cached(
            "SELECT record FROM attachment_use WHERE attachment = ?1 ORDER BY record LIMIT 1",
        )?;
        let next = next.query_row(params![file], |row| row.get::<_, Vec<u8>>("record"));
        if let Some(next) = next.optional()? {
            db.prepare_cached("UPDATE attachment SET record = ?2 WHERE id = ?1")?
                .execute(params![file, next])?;
            db.prepare_cached("DELETE FROM attachment_use WHERE attachment = ?1 AND record = ?2")?
                .execute(params![file, next])?;
        } else {
            db.prepare_cached(
                "UPDATE attachment SET record = NULL, owner = NULL, name = '', sha256 = '', doomed = 1 WHERE id = ?1",
            )?
            .execute(params![file])?;
        }
    }
    Ok(())
}

/// Writes down that a record was disposed of, and that its key is to be destroyed.
pub(crate) fn remember(
    db: &Connection,
    header: &Header,
    certificate: &Certificate,
    key: u64,
) -> Result<(), Failure> {
    let record = header.record.0.into_bytes();
    let mut add = db.prepare_cached(
        "INSERT INTO disposed(record, service, record_type, number, office, deed, round, is_part, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    add.execute(params![
        record,
        header.service,
        header.record_type,
        certificate.number,
        certificate.office,
        certificate.deed.name(),
        certificate.round.0.into_bytes(),
        certificate.part_of.is_some(),
        codec::nanos(header.recorded_at)
    ])?;
    db.prepare_cached("INSERT INTO doomed_key(key, record, certificate) VALUES (?1, ?2, ?3)")?
        .execute(params![
            codec::column(key)?,
            record,
            serde_json::to_string(certificate)?
        ])?;
    Ok(())
}

/// Which of some records were disposed of.
pub(crate) fn disposed(db: &Connection, records: &[RecordId]) -> Result<Vec<Gone>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT service, record_type, number, office, deed, round, at FROM disposed WHERE record = ?1",
    )?;
    let mut all = Vec::new();
    for record in records {
        let found = find.query_row(params![record.0.into_bytes()], |row| {
            let deed: String = row.get("deed")?;
            Ok(Gone {
                record: *record,
                service: row.get("service")?,
                record_type: row.get("record_type")?,
                number: row.get("number")?,
                office: row.get("office")?,
                deed: Deed::read(&deed).ok_or_else(|| Failure::damaged("an unknown deed"))?,
                round: RecordId(codec::id(&row.get::<_, Vec<u8>>("round")?)?),
                at: codec::instant(row.get("at")?)?,
            })
        });
        all.extend(found.optional()?);
    }
    Ok(all)
}

/// How many records a round has disposed of, without their parts. A round is short, and its records lie together.
pub(crate) fn disposed_by(db: &Connection, round: RecordId) -> Result<u64, Failure> {
    let mut find =
        db.prepare_cached("SELECT count(*) AS n FROM disposed WHERE round = ?1 AND is_part = ?2")?;
    let n = find.query_row(params![round.0.into_bytes(), false], |row| row.get("n"))?;
    codec::count(n)
}

/// Keys that are to be destroyed.
pub(crate) fn doomed(db: &Connection) -> Result<Vec<Doomed>, Failure> {
    let mut find =
        db.prepare_cached("SELECT key, record, certificate FROM doomed_key ORDER BY key LIMIT ?1")?;
    let mut rows = find.query(params![codec::limit(MOST)])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let record: Option<Vec<u8>> = row.get("record")?;
        all.push(Doomed {
            key: codec::count(row.get("key")?)?,
            record: codec::optional_id(record)?,
            certificate: row.get("certificate")?,
        });
    }
    Ok(all)
}

/// Keys of which some are about to be destroyed. Those count as gone: the process may have ended in the midst of it, and
/// half a key is neither there nor zero.
pub(crate) struct Left<'k> {
    keys: &'k dyn Keys,
    doomed: HashSet<u64>,
}

impl<'k> Left<'k> {
    /// Those that stay, as the database says.
    pub(crate) fn of(db: &Connection, keys: &'k dyn Keys) -> Result<Self, Failure> {
        let mut find = db.prepare_cached("SELECT key FROM doomed_key")?;
        let found = find.query_map(params![], |row| codec::count(row.get("key")?))?;
        let doomed = found.collect::<Result<_, _>>()?;
        Ok(Self { keys, doomed })
    }
}

impl Keys for Left<'_> {
    fn take(&self) -> Result<u64, Failure> {
        self.keys.take()
    }

    fn key(&self, id: u64) -> Result<[u8; 32], Failure> {
        if self.doomed.contains(&id) {
            return Err(Failure::Destroyed(id));
        }
        self.keys.key(id)
    }

    fn expect(&self, ids: &[u64]) -> Result<(), Failure> {
        self.keys.expect(ids)
    }

    fn destroy(&self, doomed: &[Doomed]) -> Result<(), Failure> {
        self.keys.destroy(doomed)
    }

    fn destroyed(&self, after: usize) -> Result<Vec<(Uuid, String)>, Failure> {
        self.keys.destroyed(after)
    }
}

/// Dooms the key of an upload whose row is about to go.
pub(crate) fn doom_key(db: &Connection, attachment: Uuid) -> Result<(), Failure> {
    let mut doom = db.prepare_cached(
        "INSERT INTO doomed_key(key) SELECT key FROM attachment WHERE id = ?1 AND doomed = 1 ON CONFLICT DO NOTHING",
    )?;
    doom.execute(params![attachment.into_bytes()])?;
    Ok(())
}

/// Keys that are destroyed need no note any more; answers how many of them were records'.
pub(crate) fn destroyed(db: &Connection, keys: &[u64]) -> Result<u64, Failure> {
    let mut records = 0;
    for key in keys {
        let key = codec::column(*key)?;
        // Of two copies of the program that do the same, one counts.
        let sql = "DELETE FROM doomed_key WHERE key = ?1 AND record IS NOT NULL";
        records += db.prepare_cached(sql)?.execute(params![key])? as u64;
        db.prepare_cached("DELETE FROM doomed_key WHERE key = ?1")?
            .execute(params![key])?;
    }
    Ok(records)
}

/// Records among these that are there.
pub(crate) fn standing(db: &Connection, records: &[Uuid]) -> Result<Vec<Uuid>, Failure> {
    let mut find = db.prepare_cached("SELECT 1 FROM record WHERE id = ?1")?;
    let mut there = Vec::new();
    for record in records {
        if find.exists(params![record.into_bytes()])? {
            there.push(*record);
        }
    }
    Ok(there)
}
