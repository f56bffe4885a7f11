//! Several copies of the program over one PostgreSQL database.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{
    AnyStore, Draft, World, account, at, create, current, derived, field, id, n, notice, options,
};
use jiff::civil::date;
use kernel::identity::Link;
use kernel::port::{Attachment, Committed, Store, StoreError};
use kernel::{AttachmentId, Derived, EffectId, RecordId, Timer, UniqueValue};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::PostgresStore;

async fn two(world: &World) -> [Arc<AnyStore>; 2] {
    [
        Arc::new(world.open_with(options(1)).await),
        Arc::new(world.open_with(options(2)).await),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_timer_and_one_effect_go_to_one_copy_and_to_the_other_when_it_is_gone() {
    let Some(world) = World::postgres() else {
        return;
    };
    let [a, b] = two(&world).await;
    let record = RecordId(id());
    let timer = Timer {
        clock: "標準処理期間".into(),
        what: "due".into(),
        on: date(2026, 11, 20),
    };
    let seen = Derived {
        timers: vec![timer],
        ..derived(&["all"], "", vec![])
    };
    let mut act = Draft::new().put(None, record, vec![], seen);
    act.prepared.effects = (0..40).map(|_| notice(record)).collect();
    act.go(&a).await;
    let day = date(2026, 11, 22);
    let (in_a, in_b) = tokio::join!(a.due_timers(day, 9), b.due_timers(day, 9));
    assert_eq!(in_a.unwrap().len() + in_b.unwrap().len(), 1);
    let (in_a, in_b) = tokio::join!(
        a.outbox(kernel::port::Lane::Inside, at(9), 25),
        b.outbox(kernel::port::Lane::Inside, at(9), 25)
    );
    let of = |rows: Vec<kernel::port::OutboxRow>| -> BTreeSet<EffectId> {
        rows.into_iter().map(|row| row.entry.id).collect()
    };
    let (in_a, in_b) = (of(in_a.unwrap()), of(in_b.unwrap()));
    assert!(in_a.is_disjoint(&in_b), "no effect goes to both");
    assert!(!in_a.is_empty() || !in_b.is_empty());
    // What a copy took stays its own as long as it is there; then the other has all of it at once.
    drop(a);
    let mut left = BTreeSet::new();
    while left.len() < 40 {
        left = of(b
            .outbox(kernel::port::Lane::Inside, at(9), 100)
            .await
            .unwrap());
    }
    assert_eq!(b.due_timers(day, 9).await.unwrap().len(), 1);
    for effect in left {
        b.effect_done(effect).await.unwrap();
    }
    assert!(
        b.outbox(kernel::port::Lane::Inside, at(9), 100)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_that_start_together_on_nothing_make_one_installation() {
    let Some(world) = World::postgres() else {
        return;
    };
    let world = Arc::new(world);
    let mut starts = Vec::new();
    for copy in 0..6 {
        let world = Arc::clone(&world);
        starts.push(tokio::spawn(
            async move { world.open_with(options(copy)).await },
        ));
    }
    for start in starts {
        create(&start.await.unwrap(), 1, derived(&["all"], "", vec![])).await;
    }
    assert_eq!(world.sql("SELECT count(*) FROM record").await, Ok(6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_copy_makes_at_its_start_the_next_one_finds() {
    let Some(World::Postgres(database)) = World::postgres() else {
        return;
    };
    let mut starts = Vec::new();
    for copy in 0..4 {
        let database = database.clone();
        starts.push(tokio::spawn(async move {
            let alone = PostgresStore::alone(database.clone()).await.unwrap();
            let store = PostgresStore::open(database, options(copy)).await.unwrap();
            // As a secret is made: asked for, and written if it is not there.
            if store.setting("secret").await.unwrap().is_none() {
                store
                    .put_setting("secret", &copy.to_string())
                    .await
                    .unwrap();
            }
            drop(alone);
            store.setting("secret").await.unwrap()
        }));
    }
    let mut seen = BTreeSet::new();
    for start in starts {
        seen.insert(start.await.unwrap());
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_submit_to_two_copies_is_one_act() {
    let Some(world) = World::postgres() else {
        return;
    };
    let [a, b] = two(&world).await;
    for turn in 0..30 {
        let key = format!("k{turn}");
        let act = || {
            let all = derived(&["all"], "", vec![]);
            Draft::new()
                .put(None, RecordId(id()), vec![], all)
                .key(&key, "abc")
        };
        let (first, second) = (act(), act());
        let (in_a, in_b) = tokio::join!(first.go(&a), second.go(&b));
        match (in_a, in_b) {
            (Committed::Done(_), Committed::Repeated(_))
            | (Committed::Repeated(_), Committed::Done(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.sql("SELECT count(*) FROM record").await.unwrap(), 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_the_feed_sees_every_event_in_order_while_two_copies_write() {
    let Some(world) = World::postgres() else {
        return;
    };
    let writers = two(&world).await;
    let reader = Arc::new(world.open_with(options(3)).await);
    let mut shared = Vec::new();
    for _ in 0..6 {
        shared.push(
            create(&writers[0], 0, derived(&["all"], "本", vec![]))
                .await
                .id,
        );
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let feed = {
        let (reader, is_over) = (Arc::clone(&reader), Arc::clone(&is_over));
        tokio::spawn(async move {
            let mut last = 0;
            loop {
                let ends = is_over.load(Ordering::SeqCst);
                let changes = reader.changes(last, 500).await.unwrap();
                for change in &changes {
                    assert_eq!(change.position, last + 1, "no gap, and nothing comes later");
                    last = change.position;
                }
                if ends && changes.is_empty() {
                    return last;
                }
            }
        })
    };
    let mut callers = Vec::new();
    for caller in 0..16_usize {
        let (store, shared) = (Arc::clone(&writers[caller % 2]), shared.clone());
        callers.push(tokio::spawn(async move {
            let mut done = 0;
            for turn in 0..12 {
                done += count_on(&store, shared[(caller + turn) % shared.len()]).await;
            }
            done
        }));
    }
    let mut done = 0;
    for caller in callers {
        done += caller.await.unwrap();
    }
    is_over.store(true, Ordering::SeqCst);
    let last = feed.await.unwrap();
    let all = reader.snapshots(&shared).await.unwrap();
    assert_eq!(all.iter().map(n).sum::<i64>(), done);
    assert_eq!(
        reader.balance("books/shelf", "total").await.unwrap().0,
        done.into()
    );
    let replayed = reader.replay().await.unwrap();
    assert_eq!((replayed.difference, replayed.events), (None, last));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_sessions_are_opened_anew_and_no_act_is_done_twice() {
    let Some(world) = World::postgres() else {
        return;
    };
    let World::Postgres(database) = &world else {
        return;
    };
    let store = world.open().await;
    let first = create(&store, 0, derived(&["all"], "本", vec![])).await;
    let cut = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tsumugi {}'",
        database.schema
    );
    assert!(world.sql(&cut).await.unwrap() > 1);
    assert_eq!(
        current(&store, first.id).await,
        first,
        "a read is done once more"
    );
    let mut refused = 0;
    loop {
        let act = Draft::new().put(None, RecordId(id()), vec![], derived(&["all"], "", vec![]));
        match store.commit(act.key("k", "abc").commit()).await {
            Ok(Committed::Done(_)) => break,
            Err(StoreError::Unavailable(_)) => refused += 1,
            other => panic!("{:?}", other.is_ok()),
        }
    }
    assert_eq!(refused, 1, "the act that met the lost session was not done");
    assert_eq!(store.health(), None);
    assert_eq!(store.replay().await.unwrap().records, 2);
}

/// Counts a record on, with a number drawn and a unique value taken, however often another copy is quicker.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_copies_never_take_the_last_way_in_between_them() {
    let Some(world) = World::postgres() else {
        return;
    };
    let [a, b] = two(&world).await;
    for no in 0..60_u128 {
        let account = account(&format!("login {no}"));
        let link = |subject: &str| Link {
            issuer: "https://issuer.example".into(),
            subject: format!("{subject}{no}"),
            account: account.id,
            hats: Vec::new(),
            seats: false,
        };
        for subject in ["x", "y"] {
            a.put_linked(account.clone(), link(subject)).await.unwrap();
        }
        let (first, second) = tokio::join!(
            a.remove_link(account.clone(), link("x"), false),
            b.remove_link(account.clone(), link("y"), false)
        );
        let gone = [first.unwrap(), second.unwrap()];
        assert_ne!(gone[0], gone[1], "one of them goes");
        assert_eq!(a.links_of(account.id).await.unwrap().len(), 1);
    }
}

async fn count_on(store: &AnyStore, record: RecordId) -> i64 {
    loop {
        let before = current(store, record).await;
        let more = n(&before) + 1;
        let unique = UniqueValue {
            constraint: "books/loan/place".into(),
            value: format!("{record} {more}").into_bytes(),
            message: String::new(),
        };
        let seen = Derived {
            unique: vec![unique],
            ..derived(&["all", "office:1"], "柴崎町の店", vec![])
        };
        let draft = Draft::new()
            .put(Some(&before), record, vec![field("n", json!(more))], seen)
            .put(None, RecordId(id()), vec![], derived(&["all"], "", vec![]))
            .post(record, "total", 1, Some(0));
        match store.commit(draft.commit()).await {
            Ok(Committed::Done(_)) => return 1,
            Ok(Committed::Moved(_)) | Err(StoreError::Unavailable(_)) => {}
            other => panic!("{:?}", other.is_ok()),
        }
    }
}

/// An upload is begun on a fresh session, which takes the place of one that lay idle: however many come, the database is
/// asked for no more sessions than may be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_do_not_use_up_the_sessions_of_a_database() {
    // Other tests have sessions on the same server.
    const MANY: i64 = 120;
    let Some(world) = World::postgres() else {
        return;
    };
    let store = world.open().await;
    let sessions =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()".to_owned();
    let put = || {
        let upload = Attachment {
            id: AttachmentId(id()),
            name: "図面.png".into(),
            media_type: "image/png".into(),
            bytes: 0,
            sha256: String::new(),
            owner: None,
            record: None,
            also: Vec::new(),
            at: at(0),
        };
        store.put_attachment(upload, b"content".to_vec())
    };
    put().await.unwrap();
    let before = world.sql(&sessions).await.unwrap();
    for _ in 0..MANY {
        put().await.unwrap();
    }
    let after = world.sql(&sessions).await.unwrap();
    assert!(after < before + MANY / 2, "{before} and {after}");
}
