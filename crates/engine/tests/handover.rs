//! Work of officials who leave is found by who it names, handed over in one run, told once, and can be given back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use common::{Bench, acting, done, opening, seat, with_key};
use definition::Catalogue;
use engine::{Chosen, Failure, IdempotencyKey, Leaving, RunRequest, RunStatus};
use jiff::ToSpan;
use kernel::port::Store;
use kernel::{Actor, RecordId, RunId};
use serde_json::{Map, json};

const SLUG: &str = "cases";
const OFFICE: &str = "多摩立川保健所";
const PLACE: (&str, &str, &str) = (SLUG, "case", "holder");
const ACTION: &str = "hand_over_holder";

const ROLES: &str = "roles: { clerk: 係, chief: 係長 }";

const CASE: &str = r#"
title: 訪問
label: name
authority: '"13000"'
office: '"多摩立川保健所"'
parties:
  owner: { title: 出した人, is: [person], owner: true }
fields:
  name: { type: text, title: 名前, required: true }
  holder:
    type: text
    title: 担当
    official: { that: 'some s in it.seats satisfies s.office = office', else: この所の職員を選んでください。 }
    copies: { holder_name: it.name }
    handed_over_by: desk.chief
  holder_name: { type: text, title: 担当の名前 }
states:
  open: { title: 未処理, waits_for: desk.clerk }
  done: { title: 済み, ended: true }
actions:
  hand_in: { title: 出す, by: owner, opens: true, to: open, form: [name] }
  take: { title: 担当を決める, by: desk.clerk, from: open, form: [holder] }
  finish: { title: 終える, by: desk.clerk, from: open, to: done }
see:
  - { who: owner, scope: own }
  - { who: [desk.clerk, desk.chief], scope: office }
"#;

fn catalogue() -> Catalogue {
    common::sound(&common::one_service(SLUG, "訪問", ROLES, &[("case", CASE)]))
}

struct Office {
    bench: Bench,
    chief: Actor,
    clerk: Actor,
    owner: Actor,
    _dir: tempfile::TempDir,
}

impl Office {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bench = Bench::new(dir.path(), catalogue(), 1);
        let at = |role| vec![seat(role, Some(OFFICE))];
        Self {
            chief: bench.person("chief", at("chief")).await,
            clerk: bench.person("clerk", at("clerk")).await,
            owner: bench.person("owner", Vec::new()).await,
            bench,
            _dir: dir,
        }
    }

    /// Open cases that name somebody; nobody where it is empty.
    async fn cases(&self, to: &str, count: usize) -> Vec<RecordId> {
        let engine = &self.bench.engine;
        let mut ids = Vec::new();
        for no in 0..count {
            let input = json!({"name": format!("{to}{no}")});
            let handed = opening(&self.owner, SLUG, "case", "hand_in", input);
            let case = done(engine.perform(handed).await);
            if !to.is_empty() {
                let on = (SLUG, "case", case.id);
                let take = acting(&self.clerk, on, case.version, "take", json!({"holder": to}));
                done(engine.perform(take).await);
            }
            ids.push(case.id);
        }
        ids
    }

    /// Somebody is appointed clerk from so many days from now on, until so many days.
    async fn appoint(&self, login: &str, kind: &str, from: i64, until: Option<i64>, code: &str) {
        let engine = &self.bench.engine;
        let today = engine.today();
        let mut said = json!({
            "login": login, "name": login, "kind": kind, "role": "clerk", "body": "metropolis",
            "office_code": code, "first_day": (today + from.days()).to_string(),
        });
        if let Some(until) = until {
            said["last_day"] = (today + until.days()).to_string().into();
        }
        let on = ("appointments", "appointment");
        let administrator = vec![seat("administrator", None)];
        let administrator = self.bench.person("admin", administrator).await;
        let drafted = opening(&administrator, on.0, on.1, "draft", said);
        let drafted = done(engine.perform(drafted).await);
        let approver = vec![seat("approver", drafted.office.as_deref())];
        let approver = self.bench.person("approver", approver).await;
        let on = (on.0, on.1, drafted.id);
        let order = acting(&approver, on, drafted.version, "order", json!({}));
        done(engine.perform(order).await);
    }

    async fn leaving(&self) -> Vec<(Option<String>, Leaving)> {
        let handings = self.bench.engine.handings(&self.chief).await.unwrap();
        assert_eq!(handings.len(), 1);
        let holders = handings.into_iter().flat_map(|one| one.holders);
        holders.map(|one| (one.name, one.leaving)).collect()
    }

    fn run(&self, to: &str, records: &[RecordId], key: &str) -> RunRequest {
        RunRequest {
            actor: self.chief.clone(),
            purpose: None,
            service: SLUG.into(),
            record_type: "case".into(),
            action: ACTION.into(),
            input: Map::from_iter([("holder".to_owned(), json!(to))]),
            chosen: Chosen::Records(records.iter().map(|id| (*id, None)).collect()),
            idempotency: Some(IdempotencyKey {
                key: key.into(),
                request: format!("{to}:{key}"),
            }),
        }
    }

    async fn held(&self, case: RecordId) -> (String, String) {
        let found = self.bench.store.snapshots(&[case]).await.unwrap();
        let text = |name: &str| {
            let value = found[0].fields.get(name).and_then(|one| one.as_str());
            value.unwrap_or_default().to_owned()
        };
        (text("holder"), text("holder_name"))
    }

    async fn back(&self, run: RunId) -> Result<RunId, Failure> {
        self.bench.engine.hand_back(&self.chief, run).await
    }
}

#[tokio::test]
async fn whoever_leaves_and_work_of_nobody_are_found_and_whoever_stays_is_not() {
    let at = Office::new().await;
    for login in ["goes", "stays", "both", "gone", "lent"] {
        let seats = match login {
            "gone" => vec![seat("clerk", Some(OFFICE))],
            _ => Vec::new(),
        };
        at.bench.person(login, seats).await;
    }
    let (here, far) = ("hc_tama_tachikawa", "hc_minami_tama");
    at.appoint("goes", "move", -9, None, here).await;
    at.appoint("goes", "move", 10, None, far).await;
    at.appoint("stays", "move", -9, Some(200), here).await;
    // Moves away and keeps a seat here beside it (兼務).
    at.appoint("both", "move", -9, None, here).await;
    at.appoint("both", "concurrent", -5, None, here).await;
    at.appoint("both", "move", 10, None, far).await;
    at.appoint("lent", "concurrent", -5, Some(20), here).await;
    for login in ["", "goes", "stays", "both", "gone", "lent"] {
        at.cases(login, 3).await;
    }
    // What has ended is no work.
    let ended = at.cases("clerk", 1).await;
    at.bench.person("gone", Vec::new()).await;
    let day = |days: i64| Leaving::On(at.bench.engine.today() + days.days());
    let named = |name: &str, leaving| (Some(name.to_owned()), leaving);
    let expected = vec![
        (None, Leaving::Nobody),
        named("gone", Leaving::Gone),
        named("goes", day(9)),
        named("lent", day(20)),
    ];
    assert_eq!(at.leaving().await, expected);
    // Once the day is over the seat is gone.
    let then = at.bench.engine.now() + jiff::SignedDuration::from_hours(24 * 10);
    at.bench.clock.set(then);
    assert!(at.leaving().await.contains(&named("goes", Leaving::Gone)));
    // Nobody but who hands over is shown any of it.
    assert!(
        at.bench
            .engine
            .handings(&at.clerk)
            .await
            .unwrap()
            .is_empty()
    );
    let work = at.bench.engine.work_of(&at.clerk, PLACE, None, None).await;
    assert!(matches!(work, Err(Failure::Refused(_))));
    let finished = at
        .bench
        .acting(&at.clerk, (SLUG, "case", ended[0]), "finish", json!({}));
    done(at.bench.engine.perform(finished.await).await);
    let clerk = at.clerk.account;
    let work = at.bench.engine.work_of(&at.chief, PLACE, clerk, None).await;
    assert!(work.unwrap().items.is_empty());
}

#[tokio::test]
async fn handed_over_in_one_run_told_once_and_given_back_to_whoever_left() {
    let at = Office::new().await;
    let old = at
        .bench
        .person("old", vec![seat("clerk", Some(OFFICE))])
        .await;
    let new = at
        .bench
        .person("new", vec![seat("clerk", Some(OFFICE))])
        .await;
    let far = vec![seat("clerk", Some("南多摩保健所"))];
    at.bench.person("far", far).await;
    let cases = at.cases("old", 130).await;
    at.bench.person("old", Vec::new()).await;
    let (engine, account) = (&at.bench.engine, |one: &Actor| {
        one.account.unwrap().to_string()
    });

    let stranger = engine.try_run(&at.run("far", &cases, "a")).await.unwrap();
    assert_eq!(stranger.counts(), (0, 130, 0));
    let all = engine
        .all_work(&at.chief, PLACE, old.account)
        .await
        .unwrap();
    assert_eq!(all.len(), 130);

    // Begun, gone on with by the worker, asked for again: once each.
    let run = engine.start_run(&at.run("new", &cases, "b")).await.unwrap();
    at.bench.tick().await;
    assert_eq!(
        engine.start_run(&at.run("new", &cases, "b")).await.unwrap(),
        run
    );
    at.bench.tick().await;
    let view = engine.run(&at.chief, run).await.unwrap();
    assert_eq!(view.counts(), (130, 0, 0));
    assert_eq!(at.held(cases[7]).await, (account(&new), "new".to_owned()));
    let events = at.bench.store.history(cases[7], 0, 100).await.unwrap();
    let handed = events
        .iter()
        .filter(|one| one.event.header.action == ACTION);
    assert_eq!(handed.count(), 1);
    let told = at.bench.messages(&new).await;
    let told: Vec<&str> = told.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(told, ["130件を引き継ぎました（訪問）"]);

    // One of them is handed on before all are given back.
    let on = (SLUG, "case", cases[0]);
    let on = at
        .bench
        .acting(&at.chief, on, ACTION, json!({"holder": "clerk"}));
    done(engine.perform(with_key(on.await, "on")).await);
    let back = at.back(run).await.unwrap();
    at.bench.tick().await;
    assert_eq!(at.back(run).await.unwrap(), back);
    let held = at.held(cases[7]).await;
    assert_eq!(held, (account(&old), "old".to_owned()), "who has no seat");
    assert_eq!(at.held(cases[0]).await.0, account(&at.clerk), "stays");
    let view = engine.run(&at.chief, back).await.unwrap();
    let refused = |s: &RunStatus| matches!(s, RunStatus::Refused(_));
    assert!(view.items.iter().all(|one| !refused(&one.status)));

    // Nobody else gives back, and who merely had a seat once is not taken by that.
    let other = engine.hand_back(&at.clerk, run);
    assert!(matches!(other.await, Err(Failure::Refused(_))));
    let nobody = at.cases("", 1).await;
    let refused = engine.try_run(&at.run("old", &nobody, "e")).await.unwrap();
    assert_eq!(refused.counts(), (0, 1, 0));
}

#[tokio::test]
async fn work_of_nobody_is_given_to_somebody_and_taken_back() {
    let at = Office::new().await;
    let cases = at.cases("", 2).await;
    let run = at.run("clerk", &cases, "a");
    let run = at.bench.engine.start_run(&run).await.unwrap();
    assert!(at.leaving().await.is_empty());
    at.back(run).await.unwrap();
    assert_eq!(at.held(cases[0]).await, Default::default());
    assert_eq!(at.leaving().await, [(None, Leaving::Nobody)]);
}
