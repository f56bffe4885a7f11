//! Fifty kills while it writes: nothing that was acknowledged is lost.
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

use common::{Draft, create, derived, field, open};
use kernel::port::{Committed, Store};
use kernel::{Entry, RecordId, UniqueValue};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const DIR: &str = "STORE_TEST_KILL_DIR";
const KILLS: usize = 50;

/// Not a test by itself: what the child does until it is killed. Does nothing unless the parent asks.
#[test]
fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Arc::new(open(Path::new(&dir)));
        let writers: Vec<_> = (0..16)
            .map(|_| tokio::spawn(write_on(Arc::clone(&store))))
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

/// Opens a record, then changes it and opens two more, over and over; says each id once it is acknowledged.
async fn write_on(store: Arc<store::SqliteStore>) {
    let mut last = create(&store, 0, seen(RecordId(common::id()))).await;
    loop {
        let (a, b) = (RecordId(common::id()), RecordId(common::id()));
        let draft = Draft::new()
            .put(
                Some(&last),
                last.id,
                vec![field("n", json!(common::n(&last) + 1))],
                seen(last.id),
            )
            .put(None, a, vec![field("n", json!(0))], seen(a))
            .put(None, b, vec![field("n", json!(0))], seen(b))
            .post(a, "total", 2, None);
        let Committed::Done(done) = draft.go(&store).await else {
            panic!("done")
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {} {} {a} {b}", last.id, done[0].version).unwrap();
        out.flush().unwrap();
        last = done[if common::n(&done[0]) % 8 == 7 { 1 } else { 0 }].clone();
    }
}

fn seen(id: RecordId) -> kernel::Derived {
    let key = kernel::key::encode(&feel::Value::text(&id.to_string()));
    let unique = vec![UniqueValue {
        constraint: "books/loan/id".into(),
        value: key.clone(),
        message: String::new(),
    }];
    kernel::Derived {
        unique,
        ..derived(
            &["all"],
            "柴崎町の食品店",
            vec![Entry {
                index: "by_id".into(),
                keys: vec![key],
            }],
        )
    }
}

#[test]
fn fifty_kills_lose_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = StdRng::seed_from_u64(11);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        let said = run_and_kill(
            dir.path(),
            Duration::from_millis(random.random_range(5..100)),
        );
        acknowledged += said.len();
        let store = open(dir.path());
        runtime.block_on(async {
            for (record, version, others) in &said {
                let found = store
                    .snapshots(&[*record, others[0], others[1]])
                    .await
                    .unwrap();
                assert_eq!(
                    found.len(),
                    3,
                    "kill {kill}: an acknowledged record is lost"
                );
                assert!(
                    found[0].version >= *version,
                    "kill {kill}: an acknowledged change is lost"
                );
            }
        });
        if kill % 10 == 9 {
            let replayed = store.replay().unwrap();
            assert_eq!(replayed.difference, None, "kill {kill}");
            let total = runtime
                .block_on(store.balance("books/shelf", "total"))
                .unwrap()
                .0;
            assert!(total >= (i64::try_from(acknowledged).unwrap() * 2).into());
        }
    }
    assert!(
        acknowledged > KILLS * 10,
        "only {acknowledged} acts were acknowledged: the test proves little"
    );
}

type Said = (RecordId, u64, [RecordId; 2]);

fn run_and_kill(dir: &Path, after: Duration) -> Vec<Said> {
    let mut command = killed::itself("child").unwrap();
    let wait = move || std::thread::sleep(after);
    killed::said(command.env(DIR, dir), wait, parse).unwrap()
}

fn parse(line: &str) -> Option<Said> {
    let words = killed::after(line, "acknowledged")?;
    let id = |at: usize| words.get(at)?.parse().ok();
    Some((id(0)?, words.get(1)?.parse().ok()?, [id(2)?, id(3)?]))
}
