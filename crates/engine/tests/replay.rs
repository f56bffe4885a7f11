//! The journal is enough: after the demo and a random walk over every package that runs, replaying it without any
//! definition gives the records as they stand.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::walk::{Dice, Walked, walk};
use common::{Bench, catalogue, packages};
use definition::model::Status;
use kernel::port::Store;
use kernel::{Actor, RecordId, Snapshot};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

const STEPS: usize = 400;

/// Citizens, and an official for every role at every office that the packages' demos use.
async fn people(bench: &Bench) -> Vec<Actor> {
    let mut people = Vec::new();
    for login in ["resident", "business", "other_business"] {
        people.push(bench.person(login, Vec::new()).await);
    }
    let catalogue = bench.engine.catalogue();
    let roles: BTreeSet<String> = catalogue
        .services
        .values()
        .filter(|s| s.status != Status::Preparing)
        .flat_map(|s| s.roles.keys().cloned())
        .collect();
    for role in roles {
        people.push(
            bench
                .person(&role, common::seats_at_all(bench, &role))
                .await,
        );
    }
    people
}

async fn folded(bench: &Bench) -> BTreeMap<RecordId, Snapshot> {
    let mut records: BTreeMap<RecordId, Snapshot> = BTreeMap::new();
    let journal = bench.journal().await;
    // What went by itself in the days of the walk can no longer be read, and is not there.
    let gone = journal
        .iter()
        .filter(|stored| kernel::keep::certificate(&stored.event).is_some());
    let gone: BTreeSet<RecordId> = gone.map(|stored| stored.event.header.record).collect();
    for stored in journal {
        let id = stored.event.header.record;
        if gone.contains(&id) {
            continue;
        }
        let before = records.remove(&id);
        records.insert(id, kernel::evolve(before, &stored.event).unwrap());
    }
    records
}

async fn holds(bench: &Bench) -> usize {
    let folded = folded(bench).await;
    let ids: Vec<RecordId> = folded.keys().copied().collect();
    let mut shown = BTreeMap::new();
    for part in ids.chunks(100) {
        shown.extend(
            bench
                .store
                .snapshots(part)
                .await
                .unwrap()
                .into_iter()
                .map(|snapshot| (snapshot.id, snapshot)),
        );
    }
    assert_eq!(folded.len(), shown.len());
    for (id, snapshot) in &folded {
        assert_eq!(Some(snapshot), shown.get(id));
    }
    let (own, texts) = (Cell::new(0), Cell::new(0));
    let replayed = bench.store.replay_with(
        &|snapshot, definition| {
            let found = bench.engine.own(snapshot, definition)?;
            own.set(own.get() + 1);
            texts.set(texts.get() + usize::from(found.search.is_some() && found.unique.is_some()));
            Some(found)
        },
        &[],
    );
    let replayed = replayed.unwrap();
    assert_eq!(replayed.difference, None);
    assert_eq!(own.get(), folded.len(), "each under its definition");
    assert!(
        texts.get() * 2 > folded.len(),
        "{} of {}",
        texts.get(),
        folded.len()
    );
    assert_eq!(usize::try_from(replayed.records).unwrap(), folded.len());
    folded.len()
}

/// What the acts counted is what the records say: counting anew from the records changes no number.
async fn counted(bench: &Bench) {
    let kept = numbers(bench).await;
    assert!(
        kept.iter().any(|(_, n)| !n.is_zero()),
        "nothing was counted"
    );
    assert!(bench.engine.recount().await.unwrap() > 0);
    assert_eq!(numbers(bench).await, kept);
    assert_eq!(bench.engine.recount().await.unwrap(), 0);
    assert_eq!(bench.store.replay().unwrap().difference, None);
}

async fn numbers(bench: &Bench) -> Vec<(String, rust_decimal::Decimal)> {
    let mut all = Vec::new();
    for service in bench.engine.catalogue().services.values() {
        for rt in service.types.values() {
            for measure in rt.measures.keys() {
                let ledger = kernel::measure::ledger(&service.slug, &rt.name, measure);
                let found = bench.store.balances(&ledger, "", usize::MAX).await.unwrap();
                all.extend(
                    found
                        .into_iter()
                        .map(|(key, n)| (format!("{ledger} {key}"), n.normalize())),
                );
            }
        }
    }
    all
}

#[tokio::test]
async fn the_demo_and_a_random_walk_replay_to_the_records_as_they_stand() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let people = people(&bench).await;
    bench.engine.publish(catalogue(), packages()).await.unwrap();
    let report = bench
        .engine
        .make_demo(
            &bench.clock,
            packages(),
            &engine::DemoScale::Small,
            &|_, _| {},
        )
        .await
        .unwrap();
    assert!(report.refused.is_empty(), "{}", report.refused.join("\n"));
    assert!(report.acts > 0);
    let demo = holds(&bench).await;
    assert!(demo > 0);
    let mut dice = Dice::new(20_261_122);
    let Walked { done, refused, .. } = walk(&bench, &people, STEPS, &mut dice).await;
    assert!(
        done > STEPS / 40,
        "the walk hardly moved: {done} done, {refused} refused"
    );
    assert!(holds(&bench).await > demo);
    counted(&bench).await;
    // The same after a restart.
    drop(bench);
    let again = Bench::new(dir.path(), catalogue(), 1 << 20);
    assert!(holds(&again).await > demo);
}

#[tokio::test(flavor = "multi_thread")]
async fn stories_of_a_full_demo_are_acts_like_any_other() {
    let mut told = Vec::new();
    for _ in 0..2 {
        let (dir, source) = (tempfile::tempdir().unwrap(), common::reference());
        let catalogue = definition::load(&source, common::TODAY).catalogue;
        let bench = Bench::new(dir.path(), catalogue.clone(), 1);
        people(&bench).await;
        bench.engine.publish(catalogue, &source).await.unwrap();
        let full = engine::DemoScale::Full(std::sync::Arc::default());
        let report = bench
            .engine
            .make_demo(&bench.clock, &source, &full, &|_, _| {})
            .await
            .unwrap();
        // The small acts want people at offices that this catalogue does not have.
        let refused: Vec<_> = report
            .refused
            .iter()
            .filter(|r| r.starts_with("reference/"))
            .collect();
        assert!(refused.is_empty(), "{refused:?}");
        assert!(holds(&bench).await > 0);
        let mut applications = BTreeMap::new();
        for stored in bench.store.changes(0, 1_000).await.unwrap() {
            if stored.event.header.record_type == "application" {
                let known: Option<Snapshot> = applications.remove(&stored.event.header.record);
                let now = kernel::evolve(known, &stored.event).unwrap();
                applications.insert(now.id, now);
            }
        }
        // Three stories, one act of the small demo, and as many more as fill the type up.
        assert_eq!(applications.len(), 8);
        let submitted = applications.values().filter(|s| s.state != "draft").count();
        assert_eq!(submitted, 4, "every story was told to its end");
        let mut fields: Vec<String> = applications
            .values()
            .map(|s| {
                // Uploads have ids of their own.
                let shown = s.fields.iter().filter(|(id, _)| *id != "photos");
                serde_json::to_string(&shown.collect::<BTreeMap<_, _>>()).unwrap()
            })
            .collect();
        fields.sort();
        told.push(fields);
    }
    assert_eq!(told[0], told[1], "equal seeds tell equal stories");
}
