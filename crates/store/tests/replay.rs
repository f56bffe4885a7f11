//! A replay finds whatever was changed behind the store's back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Draft, create, derived, field, open};
use kernel::Snapshot;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rusqlite::Connection;
use serde_json::json;
use std::path::Path;
use store::SqliteStore;

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

#[tokio::test]
async fn an_event_cut_out_of_the_end_is_missed() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let db = Connection::open(dir.path().join("tsumugi.sqlite")).unwrap();
    db.execute_batch("DROP TRIGGER event_never_deleted; DELETE FROM event WHERE position = (SELECT max(position) FROM event)").unwrap();
    drop(db);
    assert!(is_found(dir.path()));
}
