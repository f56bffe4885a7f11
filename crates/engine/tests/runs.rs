//! Runs over the real store: each act its own commit, what is refused does not stop the rest, and a run that was cut
//! off goes on after a restart without doing anything twice. What an official last looked at is remembered.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Bench, acting, done, opening, seat};
use definition::{Catalogue, Source};
use engine::{Chosen, IdempotencyKey, RunRequest, RunStatus, Worker};
use jiff::SignedDuration;
use kernel::port::{RunItem, RunRow, Store};
use kernel::{Actor, RecordId, RunId};
use serde_json::{Map, json};

const SLUG: &str = "slips";

const SERVICE: &str = r#"
title: 伝票
initiatives: ["001"]
area: 共通
category: "01"
status: running
owner: 見本局
summary: 伝票に印を押します。
roles: { clerk: 係 }
"#;

const SLIP: &str = r#"
title: 伝票
label: 'string(count)'
authority: '"13000"'
office: '"見本係"'
parties:
  owner: { title: 出した人, is: [person], owner: true }
fields:
  count: { type: number, title: 枚数, required: true }
states:
  open: { title: 未処理, waits_for: desk.clerk }
  done: { title: 済み, ended: true }
actions:
  hand_in: { title: 出す, by: owner, opens: true, to: open, form: [count] }
  recount: { title: 数え直す, by: owner, from: open, form: [count] }
  stamp: { title: 印を押す, by: desk.clerk, from: open, to: done, batch: 'count < 90' }
see:
  - { who: owner, scope: own }
  - { who: desk.clerk, scope: office }
indexes:
  by_state: { keys: [state, created_at] }
views:
  waiting: { title: 待つもの, for: [desk.clerk], index: by_state, filter: 'state = "open"', columns: { 枚数: count }, batch: [stamp] }
"#;

fn catalogue() -> Catalogue {
    let source = Source::from_files([
        ("common/001-slips/service.yaml", SERVICE),
        ("common/001-slips/records/slip.yaml", SLIP),
    ]);
    let loaded = definition::load(&source, common::TODAY);
    let said: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    assert!(!loaded.has_errors(), "{}", said.join("\n"));
    loaded.catalogue
}

async fn clerk(bench: &Bench) -> Actor {
    bench
        .person("clerk", vec![seat("clerk", Some("見本係"))])
        .await
}

async fn slips(bench: &Bench, counts: &[u32]) -> Vec<RecordId> {
    let owner = bench.person("owner", Vec::new()).await;
    let mut ids = Vec::new();
    for count in counts {
        let handed = opening(&owner, SLUG, "slip", "hand_in", json!({"count": count}));
        ids.push(done(bench.engine.perform(handed).await).id);
    }
    ids
}

async fn stamps(bench: &Bench, slip: RecordId) -> usize {
    let events = bench.store.history(slip, 0, 100).await.unwrap();
    let stamped = events.iter().filter(|e| e.event.header.action == "stamp");
    stamped.count()
}

fn kept(id: RunId, clerk: &Actor, at: jiff::Timestamp) -> RunRow {
    RunRow {
        id,
        account: clerk.account.unwrap(),
        on_behalf_of: None,
        purpose: None,
        service: SLUG.into(),
        record_type: "slip".into(),
        action: "stamp".into(),
        input: Map::new(),
        request: "r".into(),
        at,
        done_at: None,
    }
}

#[tokio::test]
async fn a_run_that_was_cut_off_goes_on_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let id = RunId(uuid::Uuid::from_u128(77));
    let ids = {
        let bench = Bench::new(dir.path(), catalogue(), 1);
        let clerk = clerk(&bench).await;
        let ids = slips(&bench, &[1, 2, 3, 99, 5]).await;
        let items = ids.iter().map(|record| RunItem {
            record: *record,
            version: 1,
            outcome: None,
        });
        let row = kept(id, &clerk, bench.engine.now());
        bench.store.put_run(row, items.collect()).await.unwrap();
        assert!(!bench.engine.advance_run(id, 1).await.unwrap());
        // Cut off after the commit, before it was written down that the second was done.
        let mut act = acting(&clerk, (SLUG, "slip", ids[1]), 1, "stamp", json!({}));
        act.run = Some(id);
        act.idempotency = Some(IdempotencyKey {
            key: format!("run:{id}:{}", ids[1]),
            request: id.to_string(),
        });
        done(bench.engine.perform(act).await);
        ids
    };
    let bench = Bench::new(dir.path(), catalogue(), 1_000);
    let clerk = clerk(&bench).await;
    Worker::new(bench.engine.clone()).tick().await.unwrap();
    let run = bench.engine.run(&clerk, id).await.unwrap();
    let (ended, refused, pending) = run.counts();
    assert_eq!((ended, refused, pending), (4, 1, 0));
    assert!(run.done_at.is_some());
    assert!(matches!(run.items[3].status, RunStatus::Refused(_)));
    for (at, slip) in ids.iter().enumerate() {
        assert_eq!(
            stamps(&bench, *slip).await,
            usize::from(at != 3),
            "slip {at}"
        );
    }
    assert!(bench.store.open_runs(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_seat_that_was_lost_meanwhile_no_longer_counts() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let clerk = clerk(&bench).await;
    let ids = slips(&bench, &[1]).await;
    let id = RunId(uuid::Uuid::from_u128(78));
    let item = RunItem {
        record: ids[0],
        version: 1,
        outcome: None,
    };
    let row = kept(id, &clerk, bench.engine.now());
    bench.store.put_run(row, vec![item]).await.unwrap();
    bench.person("clerk", Vec::new()).await;
    assert!(bench.engine.advance_run(id, 10).await.unwrap());
    assert_eq!(stamps(&bench, ids[0]).await, 0);
    assert_eq!(
        bench.engine.run(&clerk, id).await.unwrap().counts(),
        (0, 1, 0)
    );
}

#[tokio::test]
async fn what_changed_since_the_last_look_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let clerk = clerk(&bench).await;
    let ids = slips(&bench, &[1, 2]).await;
    let board = || {
        bench
            .engine
            .view_page(&clerk, SLUG, "slip", "waiting", None)
    };
    assert!(
        board().await.unwrap().updated.is_empty(),
        "never looked at is new, not changed"
    );
    for id in &ids {
        bench
            .engine
            .record(&clerk, None, SLUG, "slip", *id, None)
            .await
            .unwrap();
    }
    // The notes of reading are not waited for: they are written with the next group.
    let owner = bench.person("owner", Vec::new()).await;
    bench.clock.set(
        bench
            .engine
            .now()
            .checked_add(SignedDuration::from_mins(5))
            .unwrap(),
    );
    let again = acting(
        &owner,
        (SLUG, "slip", ids[1]),
        1,
        "recount",
        json!({"count": 7}),
    );
    done(bench.engine.perform(again).await);
    let updated = board().await.unwrap().updated;
    assert_eq!(updated.into_iter().collect::<Vec<_>>(), [ids[1]]);
    assert!(
        bench
            .engine
            .last_look(&clerk, ids[0])
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        bench
            .engine
            .last_look(&owner, ids[0])
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_run_takes_what_was_seen() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let clerk = clerk(&bench).await;
    let ids = slips(&bench, &[1]).await;
    let owner = bench.person("owner", Vec::new()).await;
    let again = acting(
        &owner,
        (SLUG, "slip", ids[0]),
        1,
        "recount",
        json!({"count": 8}),
    );
    done(bench.engine.perform(again).await);
    let request = |version| RunRequest {
        actor: clerk.clone(),
        purpose: None,
        service: SLUG.into(),
        record_type: "slip".into(),
        action: "stamp".into(),
        input: Map::new(),
        chosen: Chosen::Records(vec![(ids[0], version)]),
        idempotency: None,
    };
    // The clerk chose it at version 1: what the act does not read may have changed since.
    let tried = bench.engine.try_run(&request(Some(1))).await.unwrap();
    assert_eq!(tried.items[0].status, RunStatus::Passes);
    let tried = bench.engine.try_run(&request(None)).await.unwrap();
    assert_eq!((tried.items[0].version, tried.counts()), (2, (1, 0, 0)));
}
