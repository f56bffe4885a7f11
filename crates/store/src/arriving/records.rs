//! Records and what they are found by.

use super::Folded;
use crate::codec;
use crate::db::{Connection, Row, params};
use crate::failure::Failure;
use crate::leaving::FoundLine;
use crate::names::{Names, pack_entries, pack_scopes};
use crate::places::Found;
use crate::postgres;
use crate::tokens;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kernel::{Derived, Entry, Snapshot};

/// Writes a record behind those that are there.
pub(super) fn put(db: Connection<'_>, folded: &Folded, line: &FoundLine) -> Result<(), Failure> {
    let snapshot = &folded.snapshot;
    // Not remembered from piece to piece: numbers of a transaction that was undone are no numbers.
    let names = Names::default();
    let kind = names.make_kind(db, &snapshot.service, &snapshot.record_type)?;
    let row = insert(db, kind, folded)?;
    let derived = Derived {
        scopes: line.scopes.clone(),
        entries: entries(line)?,
        ..Derived::default()
    };
    let found = Found::numbered(&names, db, kind, &derived)?;
    match db {
        Connection::Sqlite(_) => find(db, row, kind, &found, &line.search)?,
        Connection::Postgres(session) => {
            postgres::find(session, row, kind, &found, &line.search)?;
        }
    }
    unique(db, snapshot, line)?;
    timers(db, snapshot, line)
}

fn insert(db: Connection<'_>, kind: i64, folded: &Folded) -> Result<i64, Failure> {
    let snapshot = &folded.snapshot;
    let next = match db {
        Connection::Sqlite(_) => "(SELECT coalesce(max(row), 0) + 1 FROM record)",
        Connection::Postgres(_) => "nextval('record_row')",
    };
    let sql = format!(
        "INSERT INTO record(row, id, kind, version, key, last_hash, state, authority, office, number, parent, slot, created_at,
           updated_at, body)
         VALUES ({next}, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) RETURNING row"
    );
    let parent = snapshot.parent.as_ref();
    let read = |row: Row<'_>| row.get("row");
    db.prepare_cached(&sql)?.query_row(
        params![
            snapshot.id.0.into_bytes(),
            kind,
            codec::column(snapshot.version)?,
            codec::column(folded.key)?,
            folded.last_hash()?,
            snapshot.state,
            snapshot.authority,
            snapshot.office,
            snapshot.number,
            parent.map(|parent| parent.id.0.into_bytes()),
            parent.map(|parent| &parent.slot),
            codec::nanos(snapshot.created_at),
            codec::nanos(snapshot.updated_at),
            serde_json::to_vec(snapshot)?,
        ],
        read,
    )
}

fn entries(line: &FoundLine) -> Result<Vec<Entry>, Failure> {
    let one = |entry: &crate::leaving::EntryLine| {
        let keys = entry.keys.iter().map(|key| bytes(key));
        Ok(Entry {
            index: entry.index.clone(),
            keys: keys.collect::<Result<_, Failure>>()?,
        })
    };
    line.entries.iter().map(one).collect()
}

fn bytes(text: &str) -> Result<Vec<u8>, Failure> {
    let read = BASE64_STANDARD.decode(text);
    read.map_err(|_| Failure::damaged("a key of an index is no base64"))
}

fn find(db: Connection<'_>, row: i64, kind: i64, found: &Found, text: &str) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO found(row, kind, scopes, text, entries) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        row,
        kind,
        pack_scopes(&found.scopes),
        text,
        pack_entries(&found.entries)
    ])?;
    let mut add = db.prepare_cached(
        "INSERT INTO list_entry(row, index_no, scope, k1, k2, k3, k4) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (index, scope, keys) in found.places() {
        let key = |at: usize| keys.get(at).map_or(&[][..], Vec::as_slice);
        add.execute(params![row, index, scope, key(0), key(1), key(2), key(3)])?;
    }
    db.prepare_cached("INSERT INTO search_index(rowid, tokens) VALUES (?1, ?2)")?
        .execute(params![row, tokens::document(text, kind, &found.scopes)])?;
    Ok(())
}

fn unique(db: Connection<'_>, snapshot: &Snapshot, line: &FoundLine) -> Result<(), Failure> {
    let mut claim = db.prepare_cached(
        "INSERT INTO unique_value(rule, value, record) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    for one in &line.unique {
        let id = snapshot.id;
        if claim.execute(params![one.rule, bytes(&one.value)?, id.0.into_bytes()])? == 0 {
            let rule = &one.rule;
            return Err(Failure::damaged(format!(
                "record {id} has a value of {rule} that another has already"
            )));
        }
    }
    Ok(())
}

fn timers(db: Connection<'_>, snapshot: &Snapshot, line: &FoundLine) -> Result<(), Failure> {
    let mut set = db.prepare_cached(
        "INSERT INTO timer(record, clock, what, due) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for one in &line.timers {
        set.execute(params![
            snapshot.id.0.into_bytes(),
            one.clock,
            one.what,
            one.due
        ])?;
    }
    Ok(())
}
