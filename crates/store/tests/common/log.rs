//! A sequencer as small as can be, for the store's own tests; the engine's is tested where it is.

use super::{Port, at};
use evidence::{Growing, Head, LogKey, edge};
use kernel::log::{LogKeyRow, SignedHead};

/// Gives the log its first key.
pub async fn begin(store: &impl Port) {
    let log = store.port().log();
    let (seed, secret) = log.fresh_seed().await.unwrap();
    let key = LogKey::new("log.example", &secret.0).unwrap();
    let head = Head {
        size: 0,
        root: Growing::default().root(),
        at: at(0),
    };
    let row = LogKeyRow {
        no: 1,
        seed,
        verifier: key.verifier().to_string(),
    };
    let first = SignedHead {
        no: 1,
        key: 1,
        checkpoint: key.sign_head(&head).unwrap(),
    };
    assert!(log.put_log_key(row, first).await.unwrap());
}

/// The key that signs.
pub async fn key(store: &impl Port) -> (u64, LogKey) {
    let log = store.port().log();
    let row = log.log_keys().await.unwrap().pop().unwrap();
    let secret = log.log_seed(row.seed).await.unwrap();
    (row.no, LogKey::new("log.example", &secret.0).unwrap())
}

/// The head that is next, over at most so many more events, and its tiles.
pub async fn next(store: &impl Port, most: usize) -> (Vec<evidence::Tile>, SignedHead) {
    let log = store.port().log();
    let (no, key) = key(store).await;
    let newest = log.newest_head().await.unwrap().unwrap();
    let head = key.verifier().head(&newest.checkpoint).unwrap();
    let tiles = log.tiles(edge(head.size)).await.unwrap();
    let mut growing = Growing::resume(head.size, |name| tiles.get(&name).cloned()).unwrap();
    for hash in log.event_hashes(head.size, most).await.unwrap() {
        growing.push(&hash);
    }
    let head = Head {
        size: growing.size(),
        root: growing.root(),
        at: at(i64::try_from(newest.no).unwrap()),
    };
    let signed = SignedHead {
        no: newest.no + 1,
        key: no,
        checkpoint: key.sign_head(&head).unwrap(),
    };
    (growing.take(), signed)
}

/// Appends at most so many more events under one head.
pub async fn sign(store: &impl Port, most: usize) {
    let (tiles, head) = next(store, most).await;
    assert!(store.port().log().append_tiles(tiles, head).await.unwrap());
}
