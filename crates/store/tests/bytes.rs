//! One changed byte, of a row or of the database file: whatever changes content or evidence is named by a replay.
//!
//! What a replay vouches for is the journal and the log over it, and all that follows from the journal: snapshots, what
//! records are found by, unique values, numbers, balances and their postings, and the names behind small numbers. A change
//! that leaves all of that as it was (free space of a page, an index that disagrees with nothing) may pass.
//! `TSUMUGI_CHANGES=10000` makes so many changes of each kind.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::books::{Known, TABLES, changes, filled};
use common::{open, own_of};
use kernel::Snapshot;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rusqlite::Connection;
use rusqlite::types::Value;
use store::{Difference, SqliteStore};

fn told(store: &SqliteStore, known: &Known) -> Option<Difference> {
    let own = |snapshot: &Snapshot, _: &str| own_of(known, snapshot.id);
    match store.replay_with(&own, &[]) {
        Ok(replayed) => replayed.difference,
        Err(fault) => Some(Difference {
            position: None,
            record: None,
            what: fault.to_string(),
        }),
    }
}

fn rows(db: &Connection, table: &str) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut find = db.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = find.column_count();
    let read = find.query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?;
    read.collect()
}

/// All of it as it reads, in no order; none where it cannot be read.
fn content(db: &Connection) -> rusqlite::Result<Vec<String>> {
    db.execute_batch("CREATE VIRTUAL TABLE IF NOT EXISTS temp.token USING fts5vocab('main', 'search_index', 'instance')")?;
    let mut all = Vec::new();
    for table in TABLES {
        // How far keys are counted ahead of those in use is neither content nor evidence.
        let rows = rows(db, table)?;
        let of_keys = |row: &Vec<Value>| row.contains(&Value::Text("@key".into()));
        let rows = rows.iter().filter(|row| !of_keys(row));
        all.extend(rows.map(|row| format!("{table} {row:?}")));
    }
    let mut tokens = db.prepare("SELECT term, doc FROM temp.token")?;
    let tokens = tokens.query_map([], |row| {
        Ok(format!(
            "{} {}",
            row.get::<_, String>(0)?,
            row.get::<_, i64>(1)?
        ))
    })?;
    all.extend(tokens.collect::<rusqlite::Result<Vec<_>>>()?);
    all.sort_unstable();
    Ok(all)
}

/// The value with one byte changed.
fn changed(value: &Value, random: &mut StdRng) -> Option<Value> {
    let mut flip = |bytes: &mut [u8]| {
        let at = random.random_range(0..bytes.len());
        bytes[at] ^= 1 << random.random_range(0..8);
    };
    Some(match value {
        Value::Integer(number) => {
            let mut bytes = number.to_be_bytes();
            flip(&mut bytes);
            Value::Integer(i64::from_be_bytes(bytes))
        }
        Value::Text(text) if !text.is_empty() => {
            let mut bytes = text.clone().into_bytes();
            flip(&mut bytes);
            Value::Text(String::from_utf8(bytes).ok()?)
        }
        Value::Blob(bytes) if !bytes.is_empty() => {
            let mut bytes = bytes.clone();
            flip(&mut bytes);
            Value::Blob(bytes)
        }
        _ => return None,
    })
}

/// One value of one row, changed behind the store's back and put back again.
struct Change {
    table: &'static str,
    column: String,
    before: Vec<Value>,
    after: Value,
    columns: Vec<String>,
}

impl Change {
    fn any(db: &Connection, random: &mut StdRng) -> Option<Self> {
        let table = TABLES[random.random_range(0..TABLES.len())];
        let rows = rows(db, table).unwrap();
        let before = rows[random.random_range(0..rows.len())].clone();
        let find = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns: Vec<String> = find.column_names().map(Into::into).collect();
        let at = random.random_range(0..columns.len());
        let of_keys = before.contains(&Value::Text("@key".into()));
        let after = changed(&before[at], random).filter(|_| !of_keys)?;
        Some(Self {
            table,
            column: columns[at].clone(),
            before,
            after,
            columns,
        })
    }

    fn at(&self) -> usize {
        self.columns
            .iter()
            .position(|name| *name == self.column)
            .unwrap()
    }

    /// Writes the row anew where it stands as `of`; whether the table takes it.
    fn write(&self, db: &Connection, of: &[Value], value: &Value) -> bool {
        let (column, table) = (&self.column, self.table);
        let same: Vec<String> = self
            .columns
            .iter()
            .enumerate()
            .map(|(n, name)| format!("{name} IS ?{}", n + 2))
            .collect();
        let sql = format!(
            "UPDATE {table} SET {column} = ?1 WHERE {}",
            same.join(" AND ")
        );
        let values = std::iter::once(value).chain(of);
        db.execute(&sql, rusqlite::params_from_iter(values))
            .is_ok_and(|written| written == 1)
    }

    fn make(&self, db: &Connection) -> bool {
        self.write(db, &self.before, &self.after)
    }

    fn undo(&self, db: &Connection) {
        let mut now = self.before.clone();
        now[self.at()] = self.after.clone();
        assert!(self.write(db, &now, &self.before[self.at()]));
    }

    /// The position of the event, where an event was changed and not its position.
    fn event(&self) -> Option<u64> {
        match (&self.before[0], self.table) {
            (Value::Integer(position), "event") if self.column != "position" => {
                u64::try_from(*position).ok()
            }
            _ => None,
        }
    }
}

#[tokio::test]
async fn any_changed_byte_of_a_row_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let known = filled(&store).await;
    let db = Connection::open(dir.path().join("tsumugi.sqlite")).unwrap();
    let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
    let triggers: Vec<String> = {
        let mut find = db.prepare(triggers).unwrap();
        let found = find.query_map([], |row| row.get(0)).unwrap();
        found.collect::<Result<_, _>>().unwrap()
    };
    for trigger in triggers {
        db.execute_batch(&format!("DROP TRIGGER {trigger}"))
            .unwrap();
    }
    let mut random = StdRng::seed_from_u64(11);
    let mut made = 0;
    while made < changes() {
        let Some(change) = Change::any(&db, &mut random) else {
            continue;
        };
        if !change.make(&db) {
            continue;
        }
        let found = told(&store, &known);
        let (table, column) = (change.table, &change.column);
        let what = || {
            format!(
                "{table}.{column} of {:?}: {:?}",
                change.before, change.after
            )
        };
        let found = found.unwrap_or_else(|| panic!("not named: {}", what()));
        if let Some(position) = change.event() {
            assert_eq!(found.position, Some(position), "{}: {found:?}", what());
        }
        change.undo(&db);
        made += 1;
    }
    assert_eq!(told(&store, &known), None, "all was put back");
}

#[tokio::test]
async fn any_changed_byte_of_the_file_that_matters_is_named() {
    let (dir, copied) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let known = filled(&open(dir.path())).await;
    let [from, to] = [&dir, &copied].map(|dir| dir.path().join("tsumugi.sqlite"));
    let keys = |dir: &tempfile::TempDir| dir.path().join("keys.bin");
    let whole = std::fs::read(&from).unwrap();
    std::fs::copy(keys(&dir), keys(&copied)).unwrap();
    let before = content(&Connection::open(&from).unwrap()).unwrap();
    let mut random = StdRng::seed_from_u64(12);
    let (mut harmful, mut named) = (0, 0);
    for _ in 0..changes() {
        let (place, bit) = (
            random.random_range(0..whole.len()),
            random.random_range(0..8),
        );
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << bit;
        for beside in ["tsumugi.sqlite-wal", "tsumugi.sqlite-shm"] {
            let _ = std::fs::remove_file(copied.path().join(beside));
        }
        std::fs::write(&to, &bytes).unwrap();
        let after = Connection::open(&to).and_then(|db| content(&db));
        let is_found = SqliteStore::open(copied.path(), common::options(1))
            .map_or(true, |store| told(&store, &known).is_some());
        named += usize::from(is_found);
        if after.is_ok_and(|after| after == before) {
            continue;
        }
        harmful += 1;
        let page = place / 4096 + 1;
        assert!(
            is_found,
            "byte {place} bit {bit}: page {page} offset {}",
            place % 4096
        );
    }
    // Most of a small file is free space.
    assert!(
        harmful * 20 > changes() && named >= harmful,
        "{harmful} of {}",
        changes()
    );
}
