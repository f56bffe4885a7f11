//! A disk that refuses to write, for real: the child may not make files larger (`RLIMIT_FSIZE`), which fails SQLite's writes
//! in the middle of a transaction. Nothing unacknowledged is said to be there, reading goes on, and when the disk is
//! well again the store writes on by itself, over a connection of its own.
#![expect(
    clippy::disallowed_methods,
    reason = "a test that runs itself as a child talks to it through the environment"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Draft, derived, field, open};
use kernel::RecordId;
use kernel::port::{Committed, Store};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const DIR: &str = "STORE_TEST_BROKEN_DIR";

fn largest_file(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(
        Resource::Fsize,
        Rlimit {
            current: bytes,
            maximum,
        },
    )
    .unwrap();
}

async fn write(store: &store::SqliteStore, bytes: usize) -> Option<RecordId> {
    let id = RecordId(common::id());
    let fields = vec![field("title", json!("x".repeat(bytes)))];
    let draft = Draft::new().put(None, id, fields, derived(&[], "", Vec::new()));
    match store.commit(draft.commit()).await {
        Ok(Committed::Done(_)) => Some(id),
        Ok(other) => panic!("{other:?}"),
        Err(_) => None,
    }
}

/// Not a test by itself: what the child does. Does nothing unless the parent asks.
#[test]
fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = open(Path::new(&dir));
        let mut kept = vec![write(&store, 1_000).await.unwrap()];
        largest_file(Some(2 * 1024 * 1024));
        let mut refused = 0;
        for _ in 0..200 {
            match write(&store, 40_000).await {
                Some(id) => kept.push(id),
                None => refused += 1,
            }
            if refused == 3 {
                break;
            }
        }
        println!("refused {refused} kept {}", kept.len());
        println!("red {}", store.health().is_some());
        let read = store.snapshots(&kept).await.unwrap();
        println!("reads {}", read.len() == kept.len());
        largest_file(None);
        // Nobody writes: it looks by itself.
        for _ in 0..100 {
            if store.health().is_none() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        println!("green {}", store.health().is_none());
        for _ in 0..20 {
            kept.push(write(&store, 40_000).await.unwrap());
        }
        for id in &kept {
            println!("acknowledged {id}");
        }
        // It ends as a killed process does: nothing is closed.
        std::process::abort();
    });
}

#[tokio::test]
async fn a_disk_that_fails_stops_writing_and_writing_goes_on_when_it_is_well() {
    let dir = tempfile::tempdir().unwrap();
    // The signal is ignored, so that a write beyond the limit fails with EFBIG as a disk's error would.
    let mut child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(DIR, dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(|line| line.unwrap())
        .collect();
    let _ = child.wait();
    let said = |what: &str| lines.iter().any(|line| line.ends_with(what));
    for what in ["red true", "reads true", "green true"] {
        assert!(said(what), "{what} in {lines:#?}");
    }
    assert!(
        lines.iter().any(|line| line.contains("refused 3")),
        "{lines:#?}"
    );
    let acknowledged: Vec<RecordId> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("acknowledged "))
        .map(|id| id.parse().unwrap())
        .collect();
    assert!(acknowledged.len() > 20, "{lines:#?}");
    let store = open(dir.path());
    let found = store.snapshots(&acknowledged).await.unwrap();
    assert_eq!(found.len(), acknowledged.len());
    assert_eq!(store.replay().unwrap().difference, None);
}
