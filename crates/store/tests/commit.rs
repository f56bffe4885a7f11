//! Acts are done wholly or not at all, many of them with one fsync.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Draft, Port, World, create, current, derived, field, id, n};
use kernel::port::{Commit, Committed, Prepared, StoreError};
use kernel::{AttachmentId, Patch, RecordId, UniqueValue};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use std::sync::Arc;

fn unique(value: &str) -> kernel::Derived {
    let value = UniqueValue {
        constraint: "books/loan/shelf".into(),
        value: value.into(),
        message: "使われています".into(),
    };
    kernel::Derived {
        unique: vec![value],
        ..derived(&["all"], "本", vec![])
    }
}

/// Adds one to three records and three to a ledger, or (`sound` false) the same with a floor that cannot hold.
async fn over_three(store: &impl Port, ids: &[RecordId], random: &mut StdRng, sound: bool) -> bool {
    let mut picked: Vec<RecordId> = Vec::new();
    while picked.len() < 3 {
        let one = ids[random.random_range(0..ids.len())];
        if !picked.contains(&one) {
            picked.push(one);
        }
    }
    loop {
        let mut draft = Draft::new();
        for before in store.port().snapshots(&picked).await.unwrap() {
            let more = n(&before) + 1;
            draft = draft.put(
                Some(&before),
                before.id,
                vec![field("n", json!(more))],
                derived(&["all"], "本", vec![]),
            );
        }
        draft = draft.post(picked[0], "total", 3, (!sound).then_some(i64::MAX));
        match draft.go(store).await {
            Committed::Done(done) => return done.len() == 3,
            Committed::BelowFloor { .. } => return false,
            Committed::Moved(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn an_act_over_three_records_and_a_ledger_is_whole_or_nothing_under_64_callers(world: World) {
    let store = Arc::new(world.open().await);
    let mut ids = Vec::new();
    for _ in 0..24 {
        ids.push(create(&store, 0, derived(&["all"], "本", vec![])).await.id);
    }
    let callers = (0..64_u64).map(|caller| {
        let (store, ids) = (Arc::clone(&store), ids.clone());
        tokio::spawn(async move {
            let mut random = StdRng::seed_from_u64(caller);
            let mut done = 0;
            for turn in 0..4 {
                let sound = turn != 2;
                assert_eq!(over_three(&store, &ids, &mut random, sound).await, sound);
                done += i64::from(sound);
            }
            done
        })
    });
    let mut done = 0;
    for caller in callers.collect::<Vec<_>>() {
        done += caller.await.unwrap();
    }
    let all = store.snapshots(&ids).await.unwrap();
    assert_eq!(all.iter().map(n).sum::<i64>(), done * 3);
    assert_eq!(
        store.balance("books/shelf", "total").await.unwrap().0,
        (done * 3).into()
    );
    let replayed = store.replay().await.unwrap();
    assert_eq!(replayed.difference, None);
    assert_eq!(replayed.events, 24 + u64::try_from(done).unwrap() * 3);
    assert_eq!(replayed.balances, 1);
}

async fn sixteen_acts_or_more_share_an_fsync_at_64_callers(world: World) {
    let store = Arc::new(world.open().await);
    let callers = (0..64).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for turn in 0..20 {
                create(
                    &store,
                    turn,
                    derived(&["all", "office:1"], "柴崎町の店", vec![]),
                )
                .await;
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let counts = store.counts();
    assert_eq!(counts.acts, 64 * 20);
    assert!(counts.acts >= 16 * counts.fsyncs(), "{counts:?}");
}

async fn a_record_that_moved_is_named_and_nothing_is_written(world: World) {
    let store = world.open().await;
    let first = create(&store, 1, derived(&["all"], "", vec![])).await;
    let act = |value: i64| {
        let other = RecordId(id());
        let draft = Draft::new()
            .put(None, other, vec![], derived(&["all"], "", vec![]))
            .put(
                Some(&first),
                first.id,
                vec![field("n", json!(value))],
                derived(&["all"], "", vec![]),
            );
        (draft, other)
    };
    let ((a, _), (b, never)) = (act(2), act(3));
    assert!(matches!(a.go(&store).await, Committed::Done(_)));
    assert_eq!(b.go(&store).await, Committed::Moved(first.id));
    assert_eq!(n(&current(&store, first.id).await), 2);
    assert!(store.snapshots(&[never]).await.unwrap().is_empty());
    let twice = Draft::new().put(None, first.id, vec![], derived(&["all"], "", vec![]));
    assert_eq!(twice.go(&store).await, Committed::Moved(first.id));
    assert_eq!(store.replay().await.unwrap().difference, None);
}

async fn a_unique_value_is_taken_once_let_go_of_and_can_be_swapped(world: World) {
    let store = world.open().await;
    let (a, b) = (
        create(&store, 1, unique("A")).await,
        create(&store, 2, unique("B")).await,
    );
    let clash = Draft::new().put(None, RecordId(id()), vec![], unique("A"));
    let Committed::Taken { by, constraint, .. } = clash.go(&store).await else {
        panic!("taken")
    };
    assert_eq!((by, constraint.as_str()), (a.id, "books/loan/shelf"));
    let swap = Draft::new().put(Some(&a), a.id, vec![], unique("B")).put(
        Some(&b),
        b.id,
        vec![],
        unique("A"),
    );
    let Committed::Done(swapped) = swap.go(&store).await else {
        panic!("swapped")
    };
    let gone = Draft::new().put(
        Some(&swapped[0]),
        a.id,
        vec![],
        derived(&["all"], "", vec![]),
    );
    assert!(matches!(gone.go(&store).await, Committed::Done(_)));
    assert!(matches!(
        Draft::new()
            .put(None, RecordId(id()), vec![], unique("B"))
            .go(&store)
            .await,
        Committed::Done(_)
    ));
}

async fn a_floor_holds_over_the_whole_act(world: World) {
    let store = world.open().await;
    let record = RecordId(id());
    let start = Draft::new()
        .put(None, record, vec![], derived(&["all"], "", vec![]))
        .post(record, "seats", 5, None);
    assert!(matches!(start.go(&store).await, Committed::Done(_)));
    let other = RecordId(id());
    let take = |amount| {
        Draft::new()
            .put(None, other, vec![], derived(&["all"], "", vec![]))
            .post(other, "seats", amount, Some(0))
    };
    let (ledger, key) = ("books/shelf".to_owned(), "seats".to_owned());
    assert_eq!(
        take(-6).go(&store).await,
        Committed::BelowFloor { ledger, key }
    );
    assert_eq!(
        store.balance("books/shelf", "seats").await.unwrap().0,
        5.into()
    );
    let through_below = take(-6).post(other, "seats", 1, Some(0));
    assert!(matches!(through_below.go(&store).await, Committed::Done(_)));
    assert_eq!(
        store.balance("books/shelf", "seats").await.unwrap().0,
        0.into()
    );
}

async fn a_used_key_answers_what_it_answered(world: World) {
    let store = world.open().await;
    let act = || {
        Draft::new()
            .put(None, RecordId(id()), vec![], derived(&["all"], "", vec![]))
            .key("k1", "abc")
    };
    let first = act();
    let record = first.prepared.records[0].0.id;
    assert!(matches!(first.go(&store).await, Committed::Done(_)));
    let Committed::Repeated(earlier) = act().go(&store).await else {
        panic!("repeated")
    };
    assert_eq!((earlier.record, earlier.status), (record, 201));
    assert_eq!(store.idempotency("a", "k1").await.unwrap(), Some(earlier));
    assert_eq!(store.idempotency("b", "k1").await.unwrap(), None);
    assert_eq!(store.replay().await.unwrap().records, 1);
}

/// Opens a record with a number, or (`fails`) cannot, for want of an upload.
fn numbered(fails: bool) -> Commit {
    let (record, act) = (RecordId(id()), Draft::new().act);
    let finish = Box::new(move |numbers: &[u64]| -> Prepared {
        let number = Patch::Number(format!("本-{:05}", numbers[0]));
        let mut draft = Draft::new();
        draft.act = act;
        draft = draft.put(None, record, vec![number], derived(&["all"], "", vec![]));
        if fails {
            let missing = (AttachmentId(id()), record);
            draft.prepared.attachments.push(missing);
        }
        draft.prepared
    });
    Commit {
        expects: vec![],
        draws: vec!["books/loan/13000/2026".into()],
        finish,
    }
}

/// The number that an act drew; none if it failed as it had to.
async fn number_of(store: &impl Port, act: Commit) -> Option<String> {
    match store.port().commit(act).await.unwrap() {
        Committed::Done(done) => done[0].number.clone(),
        Committed::AttachmentMissing(_) => None,
        other => panic!("{other:?}"),
    }
}

async fn numbers_are_drawn_without_gaps_and_in_order(world: World) {
    let store = world.open().await;
    for (fails, expected) in [
        (false, Some("本-00001")),
        (true, None),
        (false, Some("本-00002")),
    ] {
        let number = number_of(&store, numbered(fails)).await;
        assert_eq!(number.as_deref(), expected);
    }
}

async fn numbers_have_no_gaps_whoever_fails_at_once(world: World) {
    let store = Arc::new(world.open().await);
    let callers = (0..120).map(|turn| {
        let (store, act) = (Arc::clone(&store), numbered(turn % 3 == 0));
        tokio::spawn(async move { number_of(&*store, act).await })
    });
    let mut drawn = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        drawn.extend(caller.await.unwrap());
    }
    drawn.sort();
    let expected: Vec<String> = (1..=80).map(|n| format!("本-{n:05}")).collect();
    assert_eq!(drawn, expected);
    let replayed = store.replay().await.unwrap();
    assert_eq!((replayed.records, replayed.difference), (80, None));
}

async fn an_act_that_cannot_be_written_takes_no_other_with_it(world: World) {
    let store = Arc::new(world.open().await);
    let callers = (0..40).map(|turn| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut draft =
                Draft::new().put(None, RecordId(id()), vec![], derived(&["all"], "", vec![]));
            if turn % 4 == 0 {
                draft.prepared.records[0].0.version = 9;
                return matches!(
                    store.commit(draft.commit()).await,
                    Err(StoreError::Damaged(_))
                );
            }
            matches!(draft.go(&store).await, Committed::Done(_))
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert!(caller.await.unwrap());
    }
    let replayed = store.replay().await.unwrap();
    assert_eq!((replayed.records, replayed.difference), (30, None));
}

async fn the_journal_is_read_as_it_was_written_and_never_changed(world: World) {
    let store = world.open().await;
    let first = create(&store, 1, derived(&["all"], "", vec![])).await;
    let draft = Draft::new().put(
        Some(&first),
        first.id,
        vec![field("n", json!(2))],
        derived(&["all"], "", vec![]),
    );
    let written = draft.prepared.events[0].clone();
    draft.go(&store).await;
    let other = create(&store, 5, derived(&["all"], "", vec![])).await;
    let history = store.history(first.id, 0, 10).await.unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[1].event, written);
    assert_eq!(history[0].previous, "0".repeat(64));
    assert_eq!(history[1].previous, history[0].hash);
    assert_eq!(store.history(first.id, 1, 10).await.unwrap(), history[1..]);
    let changes = store.changes(1, 10).await.unwrap();
    assert_eq!(
        changes
            .iter()
            .map(|change| change.position)
            .collect::<Vec<_>>(),
        [2, 3]
    );
    assert_eq!(changes[1].event.header.record, other.id);
    drop(store);
    for sql in ["UPDATE event SET action = 'x'", "DELETE FROM event"] {
        assert!(world.sql(sql).await.unwrap_err().contains("append-only"));
    }
    let open = match world {
        World::Sqlite(_) => "SELECT count(*) FROM event WHERE instr(sealed, '佐藤') > 0",
        World::Postgres(_) => {
            "SELECT count(*) FROM event WHERE position(convert_to('佐藤', 'UTF8') IN sealed) > 0"
        }
    };
    assert_eq!(world.sql(open).await.unwrap(), 0);
}

on_both! {
    an_act_over_three_records_and_a_ledger_is_whole_or_nothing_under_64_callers
    sixteen_acts_or_more_share_an_fsync_at_64_callers
    a_record_that_moved_is_named_and_nothing_is_written
    a_unique_value_is_taken_once_let_go_of_and_can_be_swapped
    a_floor_holds_over_the_whole_act
    a_used_key_answers_what_it_answered
    numbers_are_drawn_without_gaps_and_in_order
    numbers_have_no_gaps_whoever_fails_at_once
    an_act_that_cannot_be_written_takes_no_other_with_it
    the_journal_is_read_as_it_was_written_and_never_changed
}
