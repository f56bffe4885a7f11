//! Acts under concurrency, repetition, staleness, restart and faults.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::loom::{SLUG, loom};
use common::{
    Bench, TODAY, acting, done, faulty::Faulty, morning, opening, refusal, seat, with_key,
};
use engine::{Engine, Failure, RecordView, Worker};
use jiff::{SignedDuration, ToSpan};
use kernel::port::Store;
use kernel::{Actor, RecordId, RefusalKind};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use std::sync::Arc;

fn wishes(count: usize) -> Json {
    (0..count)
        .map(|n| json!({"what": format!("品{n}")}))
        .collect()
}

async fn basket(bench: &Bench, owner: &Actor, count: usize) -> RecordView {
    let input = json!({"name": "かご", "wishes": wishes(count)});
    done(
        bench
            .engine
            .perform(opening(owner, SLUG, "basket", "start", input))
            .await,
    )
}

async fn look(engine: &Engine, actor: &Actor, record_type: &str, id: RecordId) -> RecordView {
    engine
        .record(actor, None, SLUG, record_type, id, None)
        .await
        .unwrap()
}

async fn stock(bench: &Bench) -> Decimal {
    bench
        .store
        .balance(&format!("{SLUG}/stock"), "all")
        .await
        .unwrap()
        .0
}

async fn stocked(bench: &Bench, amount: u32) -> Actor {
    let clerk = bench
        .person("clerk", vec![seat("clerk", Some("見本係"))])
        .await;
    done(
        bench
            .engine
            .perform(opening(
                &clerk,
                SLUG,
                "delivery",
                "book",
                json!({"amount": amount}),
            ))
            .await,
    );
    clerk
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_over_three_records_and_a_ledger_is_done_wholly_or_not_at_all() {
    const CALLERS: usize = 64;
    const STOCK: u32 = 40;
    let dir = tempfile::tempdir().unwrap();
    let bench = Arc::new(Bench::new(dir.path(), loom(), 1));
    stocked(&bench, STOCK).await;
    let mut tasks = Vec::new();
    for n in 0..CALLERS {
        let bench = Arc::clone(&bench);
        tasks.push(tokio::spawn(async move {
            let owner = bench.person(&format!("owner-{n}"), Vec::new()).await;
            let basket = basket(&bench, &owner, 1).await;
            let item = basket.children["items"][0].id;
            let outcome = bench
                .engine
                .perform(acting(&owner, (SLUG, "item", item), 1, "take", json!({})))
                .await;
            let refused = outcome.err().map(|failure| match failure {
                Failure::Refused(refusal) => refusal,
                other => panic!("{other:?}"),
            });
            (owner, basket.id, item, refused)
        }));
    }
    let mut taken = 0;
    for task in tasks {
        let (owner, basket, item, refused) = task.await.unwrap();
        let basket = look(&bench.engine, &owner, "basket", basket)
            .await
            .to_json();
        let item = look(&bench.engine, &owner, "item", item).await.to_json();
        match refused {
            None => {
                taken += 1;
                assert_eq!(
                    (&item["state"], &basket["fields"]["taken"]),
                    (&json!("taken"), &json!(1))
                );
                assert!(item["links"]["ticket"].is_string(), "{item}");
            }
            Some(refusal) => {
                assert_eq!(
                    (refusal.kind, refusal.faults[0].code.as_str()),
                    (RefusalKind::Invalid, "floor")
                );
                assert_eq!(
                    (&item["state"], &item["version"], &item["links"]),
                    (&json!("waiting"), &json!(1), &json!({}))
                );
                assert!(basket["fields"].get("taken").is_none(), "{basket}");
            }
        }
    }
    assert_eq!((taken, stock(&bench).await), (STOCK, Decimal::ZERO));
    let tickets = bench
        .journal()
        .await
        .iter()
        .filter(|one| one.event.header.record_type == "ticket")
        .count();
    assert_eq!(tickets, taken as usize);
    assert_eq!(bench.store.replay().unwrap().difference, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_that_meet_on_one_record_are_all_counted() {
    const CALLERS: usize = 64;
    let dir = tempfile::tempdir().unwrap();
    let bench = Arc::new(Bench::new(dir.path(), loom(), 1));
    stocked(&bench, 1_000).await;
    let owner = bench.person("owner", Vec::new()).await;
    let basket = basket(&bench, &owner, CALLERS).await;
    let mut tasks = Vec::new();
    for item in &basket.children["items"] {
        let (bench, owner, item) = (Arc::clone(&bench), owner.clone(), item.id);
        tasks.push(tokio::spawn(async move {
            loop {
                match bench
                    .engine
                    .perform(acting(&owner, (SLUG, "item", item), 1, "take", json!({})))
                    .await
                {
                    Ok(_) => return,
                    // What a client does with 503 and Retry-After.
                    Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Busy => {
                        tokio::task::yield_now().await
                    }
                    Err(failure) => panic!("{failure:?}"),
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let basket = look(&bench.engine, &owner, "basket", basket.id).await;
    assert_eq!(basket.fields["taken"], json!(CALLERS));
    assert!(
        basket.children["items"]
            .iter()
            .all(|item| item.state == "taken")
    );
    assert_eq!(stock(&bench).await, Decimal::from(1_000 - CALLERS));
    assert_eq!(bench.store.replay().unwrap().difference, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_do_the_same_at_once_do_it_once() {
    const CALLERS: usize = 64;
    let dir = tempfile::tempdir().unwrap();
    let bench = Arc::new(Bench::new(dir.path(), loom(), 1));
    stocked(&bench, 10).await;
    let owner = bench.person("owner", Vec::new()).await;
    let basket = basket(&bench, &owner, 1).await;
    let item = basket.children["items"][0].id;
    let tasks: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (bench, owner) = (Arc::clone(&bench), owner.clone());
            tokio::spawn(async move {
                bench
                    .engine
                    .perform(acting(&owner, (SLUG, "item", item), 1, "take", json!({})))
                    .await
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => done += 1,
            Err(Failure::Refused(refusal)) => assert!(
                matches!(refusal.kind, RefusalKind::WrongState | RefusalKind::Stale),
                "{refusal:?}"
            ),
            Err(failure) => panic!("{failure:?}"),
        }
    }
    assert_eq!((done, stock(&bench).await), (1, Decimal::from(9)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_submit_with_one_key_is_one_act() {
    const CALLERS: usize = 64;
    let dir = tempfile::tempdir().unwrap();
    let bench = Arc::new(Bench::new(dir.path(), loom(), 1));
    let owner = bench.person("owner", Vec::new()).await;
    let request = with_key(
        opening(
            &owner,
            SLUG,
            "basket",
            "start",
            json!({"name": "かご", "wishes": wishes(2)}),
        ),
        "one",
    );
    let tasks: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (bench, request) = (Arc::clone(&bench), request.clone());
            tokio::spawn(async move { bench.engine.perform(request).await })
        })
        .collect();
    let mut answers = Vec::new();
    let mut first = 0;
    for task in tasks {
        let outcome = task
            .await
            .unwrap()
            .unwrap_or_else(|failure| panic!("{failure:?}"));
        assert!(outcome.opened);
        first += usize::from(!outcome.repeated);
        answers.push(outcome.view.to_json());
    }
    assert_eq!(first, 1);
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    let acts: std::collections::BTreeSet<_> = bench
        .journal()
        .await
        .iter()
        .map(|one| one.event.header.act)
        .collect();
    assert_eq!(acts.len(), 1);
    let other = with_key(
        opening(
            &owner,
            SLUG,
            "basket",
            "start",
            json!({"name": "別", "wishes": wishes(1)}),
        ),
        "one",
    );
    let refused = refusal(bench.engine.perform(other).await);
    assert_eq!(
        (refused.kind, refused.faults[0].pointer.as_str()),
        (RefusalKind::Invalid, "/headers/Idempotency-Key")
    );
}

#[tokio::test]
async fn stale_is_only_what_was_read_written_or_shown() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), loom(), 1);
    let clerk = bench
        .person("clerk", vec![seat("clerk", Some("見本係"))])
        .await;
    let owner = bench.person("owner", Vec::new()).await;
    let basket = basket(&bench, &owner, 1).await;
    let on = (SLUG, "basket", basket.id);
    let act = |actor: &Actor, version, action: &str, input| {
        bench
            .engine
            .perform(acting(actor, on, version, action, input))
    };
    assert_eq!(
        done(act(&owner, 1, "write", json!({"note": "一"})).await).version,
        2
    );
    // Another field, from the base before: passes.
    assert_eq!(
        done(act(&owner, 1, "paint", json!({"colour": "赤"})).await).version,
        3
    );
    // The field written in between.
    let written = refusal(act(&owner, 1, "write", json!({"note": "二"})).await);
    assert_eq!(written.kind, RefusalKind::Stale);
    assert_eq!(
        (
            written.faults[0].pointer.as_str(),
            written.faults[0].code.as_str()
        ),
        ("/fields/note", "changed")
    );
    // A field that the condition reads.
    let read = refusal(act(&clerk, 2, "approve", json!({"approved": true})).await);
    assert_eq!(
        (read.kind, read.faults[0].pointer.as_str()),
        (RefusalKind::Stale, "/fields/colour")
    );
    // Not one that it does not: the note changes, the approval passes.
    assert_eq!(
        done(act(&owner, 3, "write", json!({"note": "三"})).await).version,
        4
    );
    assert_eq!(
        done(act(&clerk, 3, "approve", json!({"approved": true})).await).version,
        5
    );
    // The state.
    done(act(&owner, 5, "close", json!({})).await);
    assert!(matches!(
        refusal(act(&owner, 5, "paint", json!({"colour": "青"})).await).kind,
        RefusalKind::WrongState | RefusalKind::Stale
    ));
    // A refusal leaves nothing.
    assert_eq!(
        look(&bench.engine, &owner, "basket", basket.id)
            .await
            .version,
        6
    );
    let missing = engine::ActRequest {
        version: None,
        ..acting(&owner, on, 0, "paint", json!({"colour": "青"}))
    };
    assert!(matches!(
        refusal(bench.engine.perform(missing).await).kind,
        RefusalKind::VersionMissing | RefusalKind::WrongState
    ));
}

#[tokio::test]
async fn messages_of_one_instant_stand_in_the_order_of_their_acts() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), loom(), 1);
    stocked(&bench, 20).await;
    let owner = bench.person("owner", Vec::new()).await;
    let basket = basket(&bench, &owner, 12).await;
    let mut acts: Vec<RecordId> = basket.children["items"]
        .iter()
        .map(|item| item.id)
        .collect();
    for item in &acts {
        let take = acting(&owner, (SLUG, "item", *item), 1, "take", json!({}));
        done(bench.engine.perform(take).await);
    }
    bench.tick().await;
    let shown: Vec<RecordId> = bench
        .messages(&owner)
        .await
        .iter()
        .map(|m| m.record)
        .collect();
    acts.reverse();
    assert_eq!(shown, acts, "newest first, although the clock stood still");
}

#[tokio::test]
async fn clocks_and_timers_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (owner, basket, due) = {
        let bench = Bench::new(dir.path(), loom(), 1);
        let owner = bench.person("owner", Vec::new()).await;
        let basket = basket(&bench, &owner, 1).await;
        bench.tick().await;
        (owner, basket.id, basket.due.unwrap())
    };
    let bench = Bench::new(dir.path(), loom(), 1 << 20);
    let clerk = bench
        .person("clerk", vec![seat("clerk", Some("見本係"))])
        .await;
    let subjects = async || {
        bench
            .messages(&clerk)
            .await
            .into_iter()
            .map(|m| m.subject)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        look(&bench.engine, &owner, "basket", basket).await.due,
        Some(due)
    );
    let calendar = bench.engine.catalogue().calendar.clone();
    assert_eq!(due, calendar.add_business_days(TODAY, 5));
    let mut day = TODAY;
    while day < due {
        day = day.checked_add(1.day()).unwrap();
        bench.clock.set(morning(day));
        bench.tick().await;
        bench.tick().await;
        let found = subjects()
            .await
            .iter()
            .filter(|subject| *subject == "期限が近づいています")
            .count();
        let reminded = usize::from(day >= kernel::clock::before(&calendar, due, 2));
        // On the day before and the days between, once; the due day reminds once more.
        assert_eq!(found, reminded + usize::from(day == due), "{day}");
    }
    assert!(!subjects().await.is_empty());
    let late = look(&bench.engine, &owner, "basket", basket).await;
    assert_eq!(late.state, "late");
    let acts: Vec<String> = bench
        .journal()
        .await
        .iter()
        .filter(|one| one.event.header.record == basket)
        .map(|one| one.event.header.action.clone())
        .collect();
    assert_eq!(acts, ["start", "run_out"]);
}

#[tokio::test]
async fn an_effect_that_fails_is_tried_again_and_shown_until_it_is_done() {
    const FAILS: u32 = 2;
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), loom(), 1);
    stocked(&bench, 5).await;
    let owner = bench.person("owner", Vec::new()).await;
    let operator = bench
        .person("operator", vec![seat("administrator", None)])
        .await;
    let store = Faulty::messages(bench.store.clone(), FAILS);
    let engine = Arc::new(Engine::new(
        store,
        bench.clock.clone(),
        common::Count::from(1 << 20),
        loom(),
    ));
    let worker = Worker::new(Arc::clone(&engine));
    let basket = basket(&bench, &owner, 1).await;
    done(
        engine
            .perform(acting(
                &owner,
                (SLUG, "item", basket.children["items"][0].id),
                1,
                "take",
                json!({}),
            ))
            .await,
    );
    let mut now = morning(TODAY);
    for tries in 1..=FAILS {
        worker.tick().await.unwrap();
        worker.tick().await.unwrap();
        let stuck = engine.stuck(&operator, None).await.unwrap();
        assert_eq!(stuck.len(), 1);
        assert_eq!(stuck[0].tries, tries, "not tried again before its time");
        assert!(stuck[0].error.is_some() && stuck[0].next_try.is_some_and(|next| next > now));
        assert!(engine.messages(&owner, None, 10).await.unwrap().is_empty());
        now = now
            .checked_add(SignedDuration::from_secs(1 << tries))
            .unwrap();
        bench.clock.set(now);
    }
    worker.tick().await.unwrap();
    worker.tick().await.unwrap();
    assert!(engine.stuck(&operator, None).await.unwrap().is_empty());
    assert_eq!(engine.messages(&owner, None, 10).await.unwrap().len(), 1);
    assert!(
        engine.stuck(&owner, None).await.is_err(),
        "only the administrator sees what is stuck"
    );
}
