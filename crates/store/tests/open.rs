//! Opening a directory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{create, current, derived, open, options};
use kernel::port::{Committed, Store, StoreError};
use std::os::unix::fs::PermissionsExt;
use store::{OpenError, SqliteStore};

#[tokio::test]
async fn a_directory_is_open_once_and_keeps_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let record = create(&store, 4, derived(&["all"], "", vec![])).await;
    assert!(matches!(
        SqliteStore::open(dir.path(), options(1)),
        Err(OpenError::Locked(_))
    ));
    drop(store);
    let store = open(dir.path());
    assert_eq!(current(&store, record.id).await, record);
    create(&store, 5, derived(&["all"], "", vec![])).await;
    assert_eq!(store.replay().unwrap().difference, None);
}

#[tokio::test]
async fn files_are_for_the_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    create(&store, 4, derived(&["all"], "", vec![])).await;
    let mut files = 0;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            assert_eq!(
                file.metadata().unwrap().permissions().mode() & 0o777,
                0o600,
                "{:?}",
                file.path()
            );
            files += 1;
        }
    }
    assert!(files >= 4, "database, log, keys, lock");
}

#[tokio::test]
async fn a_newer_schema_is_refused_in_plain_words() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let db = rusqlite::Connection::open(dir.path().join("tsumugi.sqlite")).unwrap();
    db.execute("INSERT INTO schema_version(version) VALUES (99)", [])
        .unwrap();
    drop(db);
    let Err(refused) = SqliteStore::open(dir.path(), options(1)) else {
        panic!("refused")
    };
    assert!(refused.to_string().contains("schema 99"), "{refused}");
    assert!(refused.to_string().contains("newer version"), "{refused}");
}

#[tokio::test]
async fn keys_that_a_crash_left_empty_are_passed_over_and_none_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let record = create(&store, 4, derived(&["all"], "", vec![])).await;
    drop(store);
    let path = dir.path().join("keys.bin");
    let before = std::fs::read(&path).unwrap();
    let mut torn = before.clone();
    torn.truncate(32 * 3 + 5);
    torn[32..].fill(0);
    std::fs::write(&path, &torn).unwrap();
    let store = open(dir.path());
    let next = create(&store, 5, derived(&["all"], "", vec![])).await;
    assert_eq!(store.replay().unwrap().difference, None);
    assert_eq!(std::fs::read(&path).unwrap()[..32], before[..32]);
    drop(store);
    std::fs::write(&path, b"").unwrap();
    assert!(
        matches!(
            SqliteStore::open(dir.path(), options(1)),
            Err(OpenError::Unusable { .. })
        ),
        "{} {}",
        record.id,
        next.id
    );
}

#[tokio::test]
async fn while_it_cannot_write_nothing_is_acknowledged_and_later_it_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let other = rusqlite::Connection::open(dir.path().join("tsumugi.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let act = || {
        common::Draft::new().put(
            None,
            kernel::RecordId(common::id()),
            vec![],
            derived(&["all"], "", vec![]),
        )
    };
    let refused = store.commit(act().commit()).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert!(store.health().is_some());
    other.execute_batch("ROLLBACK").unwrap();
    assert!(matches!(act().go(&store).await, Committed::Done(_)));
    assert_eq!(store.health(), None);
    assert_eq!(store.replay().unwrap().records, 1);
}
