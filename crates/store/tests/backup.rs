//! The drill: what was acknowledged comes back from the copy, row by row.
#![expect(
    clippy::disallowed_methods,
    reason = "a drill goes by the machine's clock"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::drill::{Places, copied, kept, rows, seen};
use common::{Draft, create, current, field, id, options};
use jiff::Timestamp;
use kernel::port::Store;
use kernel::{AttachmentId, RecordId};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::SqliteStore;
use store::backup::{Folder, Vault, VaultError, backup, restore};

async fn put(store: &SqliteStore, content: &str) -> AttachmentId {
    let meta = common::drawing(id(), Timestamp::now());
    let put = store.put_attachment(meta, content.into()).await.unwrap();
    let mut act = Draft::new().put(None, RecordId(id()), vec![], seen());
    let record = act.prepared.records[0].0.id;
    act.prepared.attachments = vec![(put.id, record)];
    act.go(store).await;
    put.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_copied_comes_back_row_by_row_now_and_as_it_was() {
    let places = Places::new();
    let store = places.open();
    let first = create(&store, 1, seen()).await;
    let drawing = put(&store, "図面").await;
    copied(&store).await;
    let then = copied(&store).await;
    // As it was at that moment, in a copy that SQLite makes itself.
    let beside = places.at("beside");
    std::fs::create_dir(&beside).unwrap();
    rusqlite::Connection::open(places.at("data").join("tsumugi.sqlite"))
        .unwrap()
        .execute(
            "VACUUM INTO ?1",
            [beside.join("tsumugi.sqlite").to_str().unwrap()],
        )
        .unwrap();
    for n in 2..40 {
        let before = current(&store, first.id).await;
        let patches = vec![field("n", json!(n))];
        Draft::new()
            .put(Some(&before), first.id, patches, seen())
            .go(&store)
            .await;
        create(&store, n, seen()).await;
    }
    let later = put(&store, "後の図面").await;
    copied(&store).await;
    let restored = places.restore("now", None).unwrap();
    assert_eq!((restored.uploads, restored.missing.len()), (2, 0));
    let past = places.restore("past", Some(then)).unwrap();
    assert!(past.at <= then && past.uploads == 1, "{past:?}");
    drop(store);
    assert_eq!(rows(&places.at("now")), rows(&places.at("data")));
    assert_eq!(rows(&places.at("past")), rows(&beside));
    for (dir, uploads) in [("now", vec![drawing, later]), ("past", vec![drawing])] {
        let store = common::open(&places.at(dir));
        let replayed = store.replay().unwrap();
        assert_eq!(replayed.difference, None);
        for upload in uploads {
            assert!(store.attachment_content(upload).await.unwrap().is_some());
        }
        create(&store, 100, seen()).await;
    }
    let again = places.restore("now", None);
    assert!(again.is_err(), "nothing is written over an installation");
    let before = places.restore("before", Some(Timestamp::UNIX_EPOCH));
    assert!(before.is_err(), "there is no copy of that moment");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_goes_on_after_a_stop_and_whoever_wrote_without_it_begins_it_anew() {
    let places = Places::new();
    let epochs = || places.vault("copy").list("epochs/").unwrap().len();
    for n in 0..3 {
        let store = places.open();
        create(&store, n, seen()).await;
        copied(&store).await;
    }
    assert_eq!(epochs(), 1);
    create(&common::open(&places.at("data")), 3, seen()).await;
    let store = places.open();
    copied(&store).await;
    drop(store);
    assert_eq!(epochs(), 2);
    places.restore("restored", None).unwrap();
    assert_eq!(rows(&places.at("restored")), rows(&places.at("data")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_never_rests_stays_small_and_nothing_of_it_is_missed() {
    let places = Places::new();
    let mut options = options(7);
    let mut backup = places.backup();
    backup.log_bytes = 1 << 20;
    options.backup = Some(backup);
    let store = Arc::new(SqliteStore::open(&places.at("data"), options).unwrap());
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in 0..400 {
                    create(&store, n, seen()).await;
                }
            })
        })
        .collect();
    let mut most = 0;
    for writer in writers {
        writer.await.unwrap();
        let log = std::fs::metadata(places.at("data").join("tsumugi.sqlite-wal"));
        most = most.max(log.unwrap().len());
    }
    copied(&store).await;
    // All that is in the log is copied now, so it gives way: with the next that is written, if not before.
    for n in 400..420 {
        if began_anew(&places) {
            break;
        }
        create(&store, n, seen()).await;
        copied(&store).await;
    }
    assert!(began_anew(&places));
    assert_eq!(store.copying().unwrap().fault, None);
    drop(store);
    places.restore("restored", None).unwrap();
    assert_eq!(rows(&places.at("restored")), rows(&places.at("data")));
    assert!(most < 32 << 20, "the log grew to {most} bytes");
}

/// Whether the log has given way since the copy began.
fn began_anew(places: &Places) -> bool {
    let state = std::fs::read(places.at("data").join("copy-state")).unwrap();
    let state: serde_json::Value = serde_json::from_slice(&state).unwrap();
    state["log_began"].as_u64().unwrap() > 0
}

/// A vault that can be away.
struct Away(Folder, AtomicBool);

impl Away {
    fn here(&self) -> Result<(), VaultError> {
        if !self.1.load(Ordering::SeqCst) {
            return Ok(());
        }
        Err(VaultError {
            place: self.shown(),
            why: "away".into(),
        })
    }
}

impl Vault for Away {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
        self.here().and_then(|()| self.0.put(name, bytes))
    }
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        self.here().and_then(|()| self.0.get(name))
    }
    fn list(&self, below: &str) -> Result<Vec<String>, VaultError> {
        self.here().and_then(|()| self.0.list(below))
    }
    fn remove(&self, name: &str) -> Result<(), VaultError> {
        self.here().and_then(|()| self.0.remove(name))
    }
    fn shown(&self) -> String {
        self.0.shown()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_that_is_away_is_told_stops_no_act_and_is_caught_up_with() {
    let places = Places::new();
    let away = Arc::new(Away(Folder::new(&places.at("copy")), true.into()));
    let mut options = options(7);
    options.backup = Some(kept(
        Arc::clone(&away) as Arc<dyn Vault>,
        places.vault("keys"),
    ));
    let store = SqliteStore::open(&places.at("data"), options).unwrap();
    for n in 0..20 {
        create(&store, n, seen()).await;
    }
    while store.copying().unwrap().fault.is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(store.copying().unwrap().is_behind(Timestamp::now()));
    assert_eq!(store.health(), None);
    away.1.store(false, Ordering::SeqCst);
    copied(&store).await;
    assert!(!store.copying().unwrap().is_behind(Timestamp::now()));
    drop(store);
    places.restore("restored", None).unwrap();
    assert_eq!(rows(&places.at("restored")), rows(&places.at("data")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_copy_is_made_beside_a_working_server_and_not_over_that_of_another() {
    let places = Places::new();
    let store = common::open(&places.at("data"));
    create(&store, 1, seen()).await;
    put(&store, "図面").await;
    let done = backup(&places.at("data"), places.backup()).unwrap();
    assert_eq!(done.position, 2);
    create(&store, 2, seen()).await;
    backup(&places.at("data"), places.backup()).unwrap();
    drop(store);
    let restored = places.restore("restored", None).unwrap();
    assert_eq!((restored.position, restored.uploads), (3, 1));
    assert_eq!(rows(&places.at("restored")), rows(&places.at("data")));
    create(&common::open(&places.at("other")), 1, seen()).await;
    let refused = backup(&places.at("other"), places.backup()).unwrap_err();
    assert!(
        refused.to_string().contains("another installation"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_lacks_a_part_or_was_changed_is_refused() {
    let places = Places::new();
    let store = places.open();
    for n in 0..5 {
        create(&store, n, seen()).await;
        copied(&store).await;
    }
    drop(store);
    let vault = places.vault("copy");
    let segments: Vec<String> = vault.list("epoch/").unwrap();
    let segments: Vec<&String> = segments
        .iter()
        .filter(|name| name.contains("/segment/"))
        .collect();
    assert!(segments.len() >= 4, "{segments:?}");
    let one = segments[segments.len() / 2];
    let whole = vault.get(one).unwrap().unwrap();
    vault.remove(one).unwrap();
    let missing = places.restore("a", None).unwrap_err().to_string();
    assert!(missing.contains("missing"), "{missing}");
    let mut changed = whole.clone();
    changed[50] ^= 1;
    vault.put(one, &changed).unwrap();
    let refused = places.restore("b", None).unwrap_err().to_string();
    assert!(refused.contains("changed"), "{refused}");
    vault.put(one, &whole).unwrap();
    places.restore("c", None).unwrap();
    // Without the keys nothing opens.
    let none = Folder::new(&places.at("nothing"));
    assert!(restore(&*vault, &none, None, &places.at("d")).is_err());
}
