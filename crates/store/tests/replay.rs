//! A replay finds whatever was changed behind the store's back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Draft, create, derived, field, open, own_of};
use kernel::{Derived, Entry, RecordId, Snapshot, UniqueValue};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rusqlite::Connection;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use store::{Difference, SqliteStore};

/// Twenty records with a few events each, and postings; closed, so that all lies in the one file.
async fn filled(dir: &Path) {
    let store = open(dir);
    let mut all: Vec<Snapshot> = Vec::new();
    for n in 0..20 {
        all.push(create(&store, n, derived(&["all"], "柴崎町の店", vec![])).await);
    }
    for turn in 0..40 {
        let before = all[turn * 7 % 20].clone();
        let patches = vec![
            field("remarks", json!(format!("補正の内容 {turn}"))),
            kernel::Patch::Number(format!("本-{turn:05}")),
        ];
        let draft = Draft::new().put(
            Some(&before),
            before.id,
            patches,
            derived(&["all"], "柴崎町の店", vec![]),
        );
        let draft = draft.post(
            before.id,
            if turn % 2 == 0 { "seats" } else { "stock" },
            3,
            Some(0),
        );
        let kernel::port::Committed::Done(done) = draft.go(&store).await else {
            panic!("done")
        };
        all[turn * 7 % 20] = done[0].clone();
    }
    assert_eq!(store.replay().unwrap().difference, None);
}

fn copy(from: &Path, to: &Path) {
    for file in ["tsumugi.sqlite", "keys.bin"] {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
}

/// Whether opening or replaying tells that something is wrong.
fn is_found(dir: &Path) -> bool {
    SqliteStore::open(dir, common::options(1)).map_or(
        true,
        |store| !matches!(store.replay(), Ok(replayed) if replayed.difference.is_none()),
    )
}

/// Bytes that carry something: the cells of the b-tree pages of tables to which only is added.
fn places(dir: &Path, bytes: &[u8]) -> Vec<usize> {
    let db = Connection::open(dir.join("tsumugi.sqlite")).unwrap();
    let mut find = db
        .prepare("SELECT pageno, pagetype FROM dbstat WHERE name IN ('event', 'sqlite_autoindex_event_1', 'posting') AND pagetype IN ('leaf', 'internal')")
        .unwrap();
    let pages: Vec<u32> = find
        .query_map([], |row| row.get::<_, u32>(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let cells = |page: u32| {
        let start = (usize::try_from(page).unwrap() - 1) * 4096;
        let free = usize::from(u16::from_be_bytes([bytes[start + 1], bytes[start + 2]]));
        assert_eq!(free, 0, "a table to which only is added has no holes");
        start + usize::from(u16::from_be_bytes([bytes[start + 5], bytes[start + 6]]))..start + 4096
    };
    pages.into_iter().flat_map(cells).collect()
}

#[tokio::test]
async fn any_flipped_byte_of_the_journal_is_found() {
    let (dir, copied) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    filled(dir.path()).await;
    let whole = std::fs::read(dir.path().join("tsumugi.sqlite")).unwrap();
    copy(dir.path(), copied.path());
    let places = places(copied.path(), &whole);
    assert!(!is_found(copied.path()), "the copy itself is well");
    let mut random = StdRng::seed_from_u64(3);
    for _ in 0..200 {
        let (place, bit) = (
            places[random.random_range(0..places.len())],
            random.random_range(0..8),
        );
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << bit;
        std::fs::write(copied.path().join("tsumugi.sqlite"), &bytes).unwrap();
        assert!(
            is_found(copied.path()),
            "byte {place} bit {bit}: page {} offset {}",
            place / 4096 + 1,
            place % 4096
        );
    }
}

#[tokio::test]
async fn any_changed_column_of_snapshots_and_balances_is_found() {
    let (dir, copied) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    filled(dir.path()).await;
    let changes = [
        ("record", "version"),
        ("record", "key"),
        ("record", "last_hash"),
        ("record", "state"),
        ("record", "authority"),
        ("record", "office"),
        ("record", "number"),
        ("record", "created_at"),
        ("record", "updated_at"),
        ("record", "body"),
        ("record", "id"),
        ("record", "kind"),
        ("kind", "service"),
        ("kind", "record_type"),
        ("balance", "posted"),
        ("balance", "held"),
        ("balance", "key"),
        ("posting", "posted"),
        ("posting", "ledger"),
    ];
    let mut random = StdRng::seed_from_u64(4);
    for (table, column) in changes.iter().cycle().take(120) {
        copy(dir.path(), copied.path());
        flip(copied.path(), table, column, &mut random);
        assert!(is_found(copied.path()), "{table}.{column}");
    }
}

/// Changes one byte, or adds one to a number, in one row.
fn flip(dir: &Path, table: &str, column: &str, random: &mut StdRng) {
    use rusqlite::types::Value;
    let db = Connection::open(dir.join("tsumugi.sqlite")).unwrap();
    let sql = format!(
        "SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY random() LIMIT 1"
    );
    let before: Value = db.query_row(&sql, [], |row| row.get(0)).unwrap();
    let mut change = |bytes: &mut [u8]| {
        let at = random.random_range(0..bytes.len());
        bytes[at] ^= 1;
    };
    let after = match &before {
        Value::Integer(number) => Value::Integer(number + 1),
        Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            change(&mut bytes);
            Value::Blob(bytes)
        }
        Value::Text(text) => {
            let mut bytes = text.clone().into_bytes();
            change(&mut bytes);
            Value::Text(String::from_utf8(bytes).unwrap_or_else(|_| format!("{text}x")))
        }
        other => panic!("{other:?}"),
    };
    let sql = format!(
        "UPDATE {table} SET {column} = ?1 WHERE rowid IN (SELECT rowid FROM {table} WHERE {column} = ?2 LIMIT 1)"
    );
    let keyed = format!(
        "UPDATE {table} SET {column} = ?1 WHERE (ledger, key) IN (SELECT ledger, key FROM {table} WHERE {column} = ?2 LIMIT 1)"
    );
    assert_eq!(
        db.execute(
            if table == "balance" { &keyed } else { &sql },
            [after, before]
        )
        .unwrap(),
        1
    );
}

/// Records with entries of indexes, search text and unique values, and what each is found by.
async fn indexed(dir: &Path) -> BTreeMap<RecordId, Derived> {
    let store = open(dir);
    let of = |n: i64, turn: i64| Derived {
        scopes: vec!["all".into(), format!("office:{}", n % 3)],
        entries: (0..=n % 3)
            .map(|row| Entry {
                index: "by_n".into(),
                keys: vec![
                    vec![2, u8::try_from(n).unwrap()],
                    vec![3, u8::try_from(row + turn).unwrap()],
                ],
            })
            .collect(),
        search: format!("柴崎町の店 {n}号 | 改{turn}"),
        unique: vec![UniqueValue {
            constraint: "books/loan/number".into(),
            value: vec![u8::try_from(n).unwrap()],
            message: String::new(),
        }],
        timers: vec![],
    };
    let mut known = BTreeMap::new();
    for n in 0..12 {
        let first = create(&store, n, of(n, 0)).await;
        known.insert(first.id, of(n, 0));
        if n % 2 == 0 {
            let derived = of(n, 1);
            known.insert(first.id, derived.clone());
            let draft =
                Draft::new().put(Some(&first), first.id, vec![field("x", json!(1))], derived);
            draft.go(&store).await;
        }
    }
    known
}

fn told(dir: &Path, known: &BTreeMap<RecordId, Derived>) -> Option<Difference> {
    let store = SqliteStore::open(dir, common::options(1)).unwrap();
    let own = |snapshot: &Snapshot, _: &str| own_of(known, snapshot.id);
    store.replay_with(&own, &[]).unwrap().difference
}

#[tokio::test]
async fn what_records_are_found_by_is_checked_and_the_record_is_named() {
    let (dir, copied) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let known = indexed(dir.path()).await;
    assert_eq!(told(dir.path(), &known), None);
    // What changed in the file; whether the damage tells whose it is.
    for (sql, is_named) in [
        (
            "UPDATE list_entry SET k1 = x'0263' WHERE row = 5 AND scope = 1",
            true,
        ),
        (
            "UPDATE list_entry SET scope = 1 - scope WHERE row = 7",
            true,
        ),
        ("DELETE FROM list_entry WHERE row = 3", true),
        (
            "INSERT INTO list_entry SELECT index_no, scope, x'02ff', k2, k3, k4, row FROM list_entry WHERE row = 4 LIMIT 1",
            true,
        ),
        (
            "INSERT INTO list_entry SELECT index_no, scope, k1, k2, k3, k4, 99 FROM list_entry WHERE row = 4",
            false,
        ),
        ("UPDATE found SET scopes = x'01000000' WHERE row = 6", true),
        ("UPDATE found SET text = text || '本' WHERE row = 6", true),
        ("UPDATE found SET entries = x'' WHERE row = 2", true),
        ("DELETE FROM search_index WHERE rowid = 8", true),
        (
            "INSERT INTO search_index(rowid, tokens) VALUES (9, '偽り')",
            true,
        ),
        (
            "INSERT INTO search_index(rowid, tokens) VALUES (1000, '偽り')",
            false,
        ),
        (
            "UPDATE unique_value SET value = x'ff' WHERE value = x'03'",
            true,
        ),
        (
            "UPDATE unique_value SET rule = 'books/loan/other' WHERE value = x'03'",
            true,
        ),
        ("DELETE FROM unique_value WHERE value = x'04'", true),
        (
            "UPDATE unique_value SET record = zeroblob(16) WHERE value = x'05'",
            true,
        ),
        (
            "INSERT INTO unique_value VALUES ('books/loan/number', x'f0', zeroblob(16))",
            false,
        ),
    ] {
        copy(dir.path(), copied.path());
        let db = Connection::open(copied.path().join("tsumugi.sqlite")).unwrap();
        assert!(db.execute(sql, []).unwrap() > 0, "{sql}");
        drop(db);
        let found = told(copied.path(), &known);
        let named = found.as_ref().map(|found| found.record.is_some());
        assert_eq!(named, Some(is_named), "{sql}: {found:?}");
    }
    // A text that was changed together with its postings agrees with itself, and not with the definition.
    copy(dir.path(), copied.path());
    let mut other = known.clone();
    other
        .values_mut()
        .for_each(|derived| derived.search.push('別'));
    let found = told(copied.path(), &other).unwrap();
    assert_eq!(found.what, "its search text is not that of its definition");
}

#[tokio::test]
async fn an_event_cut_out_of_the_end_is_missed() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let db = Connection::open(dir.path().join("tsumugi.sqlite")).unwrap();
    db.execute_batch("DROP TRIGGER event_never_deleted; DELETE FROM event WHERE position = (SELECT max(position) FROM event)").unwrap();
    drop(db);
    assert!(is_found(dir.path()));
}
