//! A copy over kills. Alone in its file: between the fork and the start of a child, every open file is the child's too.
#![expect(
    clippy::disallowed_methods,
    reason = "a drill goes by the machine's clock, and runs itself as a child that is killed"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::drill::{Places, copied, kept, rows, seen};
use common::{Draft, field, id, options};
use jiff::Timestamp;
use kernel::RecordId;
use kernel::port::{Committed, Store};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use store::SqliteStore;
use store::backup::Folder;

const DIR: &str = "STORE_TEST_BACKUP_DIR";

/// Not a test by itself: what the child does until it is killed.
#[test]
fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let dir = Path::new(&dir);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut options = options(7);
        let vault = |name: &str| Arc::new(Folder::new(&dir.join(name)));
        let mut backup = kept(vault("copy"), vault("keys"));
        backup.log_bytes = 256 << 10;
        options.backup = Some(backup);
        let store = SqliteStore::open(&dir.join("data"), options).unwrap();
        let mut n = 0;
        loop {
            let done = Draft::new()
                .put(None, RecordId(id()), vec![field("n", json!(n))], seen())
                .go(&store)
                .await;
            let Committed::Done(done) = done else {
                panic!("done")
            };
            n += 1;
            let mut out = std::io::stdout().lock();
            let nanos = Timestamp::now().as_nanosecond();
            writeln!(out, "acknowledged {} {nanos}", done[0].id).unwrap();
            out.flush().unwrap();
        }
    });
}

#[test]
fn a_copy_survives_kills_and_holds_all_that_was_acknowledged_before_its_moment() {
    let places = Places::new();
    let mut random = StdRng::seed_from_u64(5);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut said, mut lost, mut total, mut checked) = (Vec::new(), 0, 0, 0);
    for kill in 0..6 {
        let more = run_and_kill(&places, random.random_range(500..1_200));
        total += more.len();
        said.extend(more);
        let name = format!("restored-{kill}");
        let restored = places.restore(&name, None).unwrap();
        let store = common::open(&places.at(&name));
        assert_eq!(store.replay().unwrap().difference, None, "kill {kill}");
        let before: Vec<RecordId> = said
            .iter()
            .filter(|(_, nanos)| *nanos < restored.at.as_nanosecond())
            .map(|(record, _)| *record)
            .collect();
        let found = runtime.block_on(store.snapshots(&before)).unwrap();
        lost += before.len() - found.len();
        checked += before.len();
        drop(store);
        std::fs::remove_dir_all(places.at(&name)).unwrap();
    }
    assert_eq!(lost, 0, "of {total} acknowledged acts");
    assert!(checked > 100, "only {checked} acts: the test proves little");
    // And at last everything, once the copy has caught up.
    let store = places.open();
    runtime.block_on(copied(&store));
    drop(store);
    places.restore("all", None).unwrap();
    assert_eq!(rows(&places.at("all")), rows(&places.at("data")));
    let epochs = places.vault("copy").list("epochs/").unwrap();
    assert_eq!(epochs.len(), 1, "a kill does not begin it anew: {epochs:?}");
}

/// Lets it work until there is a base to go back to, and for so long after; answers what it acknowledged.
fn run_and_kill(places: &Places, millis: u64) -> Vec<(RecordId, i128)> {
    let copy = places.vault("copy");
    let has_base = move || {
        let names = copy.list("epoch/").unwrap_or_default();
        names.iter().any(|name| name.contains("/bases/"))
    };
    let until = move || {
        killed::wait_for(Duration::from_secs(60), has_base);
        std::thread::sleep(Duration::from_millis(millis));
    };
    let mut command = killed::itself("child").unwrap();
    let command = command.env(DIR, places.0.path()).stderr(Stdio::null());
    killed::said(command, until, |line| {
        let words = killed::after(line, "acknowledged")?;
        Some((words.first()?.parse().ok()?, words.get(1)?.parse().ok()?))
    })
    .unwrap()
}
