//! The log of evidence: what is committed is appended and signed, whoever has a receipt can have it checked anywhere.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Bench, Count, acting, catalogue, done, opening};
use definition::Catalogue;
use engine::{Engine, Failure, Receipted, Worker};
use evidence::{Head, Receipt, Verifier};
use jiff::SignedDuration;
use kernel::port::{Commit, Prepared, Store as _};
use kernel::{ActId, Body, Derived, Event, Expect, Header, Patch, RecordId, RefusalKind};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

const NAME: &str = "tsumugi.example/log";

/// Records with one event each, straight into the store.
async fn many(bench: &Bench, from: u128, events: u128) {
    let now = bench.engine.now();
    let event = |n: u128| Event {
        header: Header {
            record: RecordId(Uuid::from_u128(n)),
            service: "s".into(),
            record_type: "t".into(),
            seq: 1,
            act: ActId(Uuid::from_u128(n)),
            action: "open".into(),
            recorded_at: now,
            occurred_at: now,
            effective_on: bench.engine.today(),
            actor: None,
            on_behalf_of: None,
            acted_as: "system".into(),
            seat_office: None,
            definition: "d".into(),
        },
        body: Body {
            patches: vec![Patch::State("open".into())],
            ..Body::default()
        },
    };
    let events: Vec<Event> = (from..from + events).map(event).collect();
    let records = events
        .iter()
        .map(|event| (kernel::evolve(None, event).unwrap(), Derived::default()));
    let prepared = Prepared {
        records: records.collect(),
        postings: Vec::new(),
        effects: Vec::new(),
        attachments: Vec::new(),
        idempotency: None,
        events,
    };
    let expects = prepared.records.iter().map(|(record, _)| Expect {
        record: record.id,
        version: 0,
    });
    let commit = Commit {
        expects: expects.collect(),
        draws: Vec::new(),
        finish: Box::new(move |_| prepared),
    };
    bench.store.commit(commit).await.unwrap();
}

async fn head(bench: &Bench) -> Head {
    let verifiers = bench.engine.log_verifiers().await.unwrap();
    let checkpoint = bench.engine.log_checkpoint().await.unwrap().unwrap();
    Verifier::new(verifiers.last().unwrap())
        .unwrap()
        .head(&checkpoint)
        .unwrap()
}

fn later(bench: &Bench, seconds: i64) {
    let now = bench.engine.now();
    bench
        .clock
        .set(now.checked_add(SignedDuration::from_secs(seconds)).unwrap());
}

#[tokio::test]
async fn what_is_committed_is_signed_within_a_minute_and_after_a_large_import_batch_by_batch() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), Catalogue::default(), 1);
    assert_eq!(
        bench.engine.sequence().await.unwrap(),
        0,
        "without a key nothing is signed"
    );
    bench.engine.prepare_log(NAME).await.unwrap();
    bench
        .engine
        .prepare_log("another.example/log")
        .await
        .unwrap();
    assert_eq!(bench.engine.log_verifiers().await.unwrap().len(), 1);
    many(&bench, 1, 3).await;
    assert_eq!(
        bench.engine.sequence().await.unwrap(),
        0,
        "the last head is fresh"
    );
    later(&bench, 30);
    let worker = Worker::new(Arc::clone(&bench.engine));
    worker.tick().await.unwrap();
    assert_eq!(
        (head(&bench).await.size, head(&bench).await.at),
        (3, bench.engine.now())
    );
    later(&bench, 100);
    assert_eq!(
        bench.engine.sequence().await.unwrap(),
        0,
        "nothing new is not signed again"
    );
    // A whole batch waits for nothing; what is left of it follows at once.
    many(&bench, 10, 9_000).await;
    assert_eq!(bench.engine.sequence().await.unwrap(), 9_000);
    let replayed = bench.store.replay().unwrap();
    assert_eq!(
        (replayed.difference, replayed.logged, replayed.heads),
        (None, 9_003, 5)
    );
    // A clock that was put back does not keep the log waiting.
    many(&bench, 20_000, 1).await;
    later(&bench, -7_200);
    assert_eq!(bench.engine.sequence().await.unwrap(), 1);
    // Another engine over the same store goes on where this one is, and this one finds it.
    let other = Engine::new(
        bench.store.clone(),
        bench.clock.clone(),
        Count::from(7),
        Catalogue::default(),
    );
    for (n, engine) in [(1, &other), (2, &*bench.engine), (3, &other)] {
        many(&bench, 30_000 + n, 1).await;
        later(&bench, 30);
        assert_eq!(engine.sequence().await.unwrap(), 1);
    }
    assert_eq!(head(&bench).await.size, 9_007);
    drop(other);
    assert_eq!(bench.store.replay().unwrap().difference, None);
}

#[tokio::test]
async fn a_new_key_is_vouched_for_by_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), Catalogue::default(), 1);
    assert!(matches!(
        bench.engine.turn_log_key().await,
        Err(Failure::Internal(_))
    ));
    bench.engine.prepare_log(NAME).await.unwrap();
    many(&bench, 1, 300).await;
    later(&bench, 30);
    let new = bench.engine.turn_log_key().await.unwrap();
    let verifiers = bench.engine.log_verifiers().await.unwrap();
    assert_eq!(verifiers.last(), Some(&new));
    let turns = bench.engine.log_turns().await.unwrap();
    let [old, new] = [&verifiers[0], &verifiers[1]].map(|key| Verifier::new(key).unwrap());
    assert_eq!(old.origin(), NAME);
    assert_eq!(old.head(&turns[1]).unwrap(), new.head(&turns[1]).unwrap());
    assert_eq!(new.head(&turns[1]).unwrap().size, 300);
    many(&bench, 1_000, 5).await;
    later(&bench, 30);
    assert_eq!(bench.engine.sequence().await.unwrap(), 5);
    let checkpoint = bench.engine.log_checkpoint().await.unwrap().unwrap();
    assert!(old.head(&checkpoint).is_err() && new.head(&checkpoint).is_ok());
    let replayed = bench.store.replay().unwrap();
    assert_eq!(
        (replayed.difference, replayed.logged, replayed.heads),
        (None, 305, 4)
    );
    // The secrets lie with the other keys: a start anew signs on.
    drop(bench);
    let bench = Bench::new(dir.path(), Catalogue::default(), 9);
    many(&bench, 2_000, 1).await;
    later(&bench, 600);
    assert_eq!(bench.engine.sequence().await.unwrap(), 1);
    assert!(
        new.head(&bench.engine.log_checkpoint().await.unwrap().unwrap())
            .is_ok()
    );
}

#[tokio::test]
async fn a_receipt_is_for_whoever_sees_the_record_and_is_checked_with_the_key_alone() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    bench.engine.prepare_log(NAME).await.unwrap();
    let owner = bench.person("owner", vec![]).await;
    let other = bench.person("other", vec![]).await;
    let input = json!({
        "group": "みどりの会", "representative": {"full": "緑 葉子"}, "phone": "03-0000-0000",
        "place": {"municipality": "13202", "line": "柴崎町2-21"}, "plot": "north", "area": 12,
        "has_tap": true, "helpers": [{"who": "一", "hours": 6}], "agreement": true,
    });
    let (service, kind) = ("reference", "application");
    let saved = opening(&owner, service, kind, "save", input);
    let saved = done(bench.engine.perform(saved).await);
    let ask = |actor: kernel::Actor| {
        let engine = Arc::clone(&bench.engine);
        async move { engine.receipt(&actor, None, service, kind, saved.id).await }
    };
    let Err(Failure::Refused(draft)) = ask(owner.clone()).await else {
        panic!("a draft has arrived nowhere")
    };
    assert_eq!(draft.kind, RefusalKind::WrongState);
    let submit = acting(&owner, (service, kind, saved.id), 1, "submit", json!({}));
    let record = done(bench.engine.perform(submit).await);
    assert!(matches!(ask(owner.clone()).await, Ok(Receipted::Soon)));
    later(&bench, 30);
    bench.engine.sequence().await.unwrap();
    assert!(
        matches!(ask(other).await, Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::NotFound)
    );
    let Ok(Receipted::Ready { receipt, number }) = ask(owner.clone()).await else {
        panic!("signed")
    };
    assert_eq!(Some(&number), record.number.as_ref());
    let text = serde_json::to_string(&receipt).unwrap();
    let verifier = bench.engine.log_verifiers().await.unwrap().remove(0);
    let proven = Receipt::read(&text)
        .unwrap()
        .verify(&Verifier::new(&verifier).unwrap());
    let proven = proven.unwrap();
    assert_eq!(proven.subject.number, number);
    assert!(
        proven.subject.header.contains("\"submit\""),
        "{}",
        proven.subject.header
    );
    // After the key has turned, receipts are of the new key; the one handed out stays good.
    bench.engine.turn_log_key().await.unwrap();
    let Ok(Receipted::Ready { receipt, .. }) = ask(owner).await else {
        panic!("signed")
    };
    assert_ne!(receipt.key(), verifier);
    assert!(
        receipt
            .verify(&Verifier::new(receipt.key()).unwrap())
            .is_ok()
    );
}
