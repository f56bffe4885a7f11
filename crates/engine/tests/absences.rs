//! Substitutions (代決) are records: asking, changing and ending are events with who, when and why; the seat follows the
//! register at once, and nobody makes one for a seat that is not theirs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Bench, acting, catalogue, done, opening, seat};
use engine::{ABSENCE, ABSENCES, AbsenceRequest, Failure};
use jiff::ToSpan;
use kernel::port::Stored;
use kernel::{Actor, Patch};
use serde_json::json;

const OFFICE: &str = "多摩立川保健所";

async fn sitting(bench: &Bench, role: &str) -> Actor {
    let actor = bench.person(role, vec![seat(role, Some(OFFICE))]).await;
    let until = bench.engine.now().checked_add(4_000.hours()).unwrap();
    let account = actor.account.unwrap();
    let opened = bench.engine.open_session(role, account, "bearer", until);
    opened.await.unwrap();
    actor
}

/// Whose seats somebody holds today besides their own.
async fn stands_in_for(bench: &Bench, login: &str) -> Vec<String> {
    let account = bench.engine.session_account(login).await.unwrap().unwrap();
    let actor = bench.engine.actor(&account, None).unwrap();
    let absent = |seat: &kernel::Seat| Some(seat.substitute.as_ref()?.absent.name.clone());
    actor.seats.iter().filter_map(absent).collect()
}

fn later_by(bench: &Bench, days: i64) {
    let then = bench.engine.now() + jiff::SignedDuration::from_hours(24 * days);
    bench.clock.set(then);
}

async fn register(bench: &Bench) -> Vec<Stored> {
    let mut journal = bench.journal().await;
    journal.retain(|one| one.event.header.service == ABSENCES);
    journal
}

fn asks(bench: &Bench, substitute: &str) -> AbsenceRequest {
    AbsenceRequest {
        role: "approver".into(),
        substitute: substitute.into(),
        from: None,
        until: Some(bench.engine.today() + 5.days()),
        reason: "trip".into(),
        note: "大阪へ".into(),
    }
}

fn pointers(failure: Failure) -> Vec<String> {
    match failure {
        Failure::Refused(refusal) => refusal.faults.into_iter().map(|f| f.pointer).collect(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_step_of_a_substitution_is_an_event_and_the_seat_follows() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let approver = sitting(&bench, "approver").await;
    let chief = sitting(&bench, "chief").await;
    let asked = asks(&bench, "chief");
    let named = bench.engine.name_substitute(&approver, &asked).await;
    let named = named.unwrap();
    assert_eq!(stands_in_for(&bench, "chief").await, ["approver"]);

    let later = json!({"last_day": (bench.engine.today() + 9.days()).to_string(), "changed_because": "出張がのびた"});
    let on = (ABSENCES, ABSENCE, named.id);
    let by_another = acting(&chief, on, named.version, "change", later.clone());
    assert!(
        bench.engine.perform(by_another).await.is_err(),
        "the absent one alone"
    );
    done(
        bench
            .engine
            .perform(acting(&approver, on, named.version, "change", later))
            .await,
    );
    later_by(&bench, 8);
    assert_eq!(stands_in_for(&bench, "chief").await, ["approver"]);
    later_by(&bench, 2);
    assert!(
        stands_in_for(&bench, "chief").await.is_empty(),
        "its time is over"
    );

    bench
        .engine
        .name_substitute(&approver, &asks(&bench, "chief"))
        .await
        .unwrap();
    assert_eq!(stands_in_for(&bench, "chief").await, ["approver"]);
    bench.engine.end_absences(&approver).await.unwrap();
    assert!(
        stands_in_for(&bench, "chief").await.is_empty(),
        "they are back"
    );

    let journal = register(&bench).await;
    let steps: Vec<&str> = journal
        .iter()
        .map(|one| one.event.header.action.as_str())
        .collect();
    assert_eq!(steps, ["name", "change", "name", "end"]);
    for one in &journal {
        assert_eq!(one.event.header.actor, approver.account, "who");
        let said = |patch: &Patch| {
            matches!(patch, Patch::Field { id, value }
            if ["reason", "changed_because", "ended_because"].contains(&id.as_str()) && value.is_string())
        };
        assert!(
            one.event.body.patches.iter().any(said),
            "why: {}",
            one.event.header.action
        );
    }
    assert_eq!(bench.store.replay().unwrap().difference, None);
    // A colleague reads the history of the office; another office does not find it.
    let history = bench
        .engine
        .history(&chief, ABSENCES, ABSENCE, named.id, 0, 50);
    assert_eq!(history.await.unwrap().items.len(), 2);
    let far = bench
        .person("far", vec![seat("chief", Some("西多摩保健所"))])
        .await;
    let history = bench
        .engine
        .history(&far, ABSENCES, ABSENCE, named.id, 0, 50);
    assert!(history.await.is_err());
}

#[tokio::test]
async fn only_an_own_seat_and_only_a_colleague_and_all_that_is_wrong_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let approver = sitting(&bench, "approver").await;
    let chief = sitting(&bench, "chief").await;
    bench
        .person("far", vec![seat("chief", Some("西多摩保健所"))])
        .await;
    let wrong = AbsenceRequest {
        until: Some(bench.engine.today() - 1.days()),
        reason: String::new(),
        ..asks(&bench, "far")
    };
    let refused = bench.engine.name_substitute(&approver, &wrong).await;
    assert_eq!(
        pointers(refused.err().unwrap()),
        ["/substitute", "/reason", "/until"]
    );
    // Through the register's own door: somebody else's seat.
    let input = json!({
        "absent_account": approver.account, "role": "approver", "role_title": "決裁者", "office_name": OFFICE,
        "authority_code": "13000", "substitute_account": "chief",
        "first_day": bench.engine.today().to_string(), "last_day": bench.engine.today().to_string(), "reason": "trip",
    });
    let stolen = opening(&chief, ABSENCES, ABSENCE, "name", input.clone());
    assert_eq!(
        pointers(bench.engine.perform(stolen).await.err().unwrap()),
        [
            "/input/absent_account",
            "/input/role",
            "/input/substitute_account"
        ]
    );
    let citizen = bench.person("citizen", Vec::new()).await;
    let stolen = opening(&citizen, ABSENCES, ABSENCE, "name", input);
    assert!(bench.engine.perform(stolen).await.is_err());
    assert!(register(&bench).await.is_empty());
    // Who loses the seat takes the substitution along.
    bench
        .engine
        .name_substitute(&approver, &asks(&bench, "chief"))
        .await
        .unwrap();
    bench
        .person("approver", vec![seat("examiner", Some(OFFICE))])
        .await;
    assert!(stands_in_for(&bench, "chief").await.is_empty());
}

#[tokio::test]
async fn what_ends_on_one_copy_ends_on_the_other_within_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let actor = sitting(&bench, "approver").await;
    let other = engine::Engine::new(
        bench.store.clone(),
        bench.clock.clone(),
        common::Count::from(1_000_000),
        catalogue(),
    );
    let account = actor.account.unwrap();
    assert!(other.session_account("approver").await.unwrap().is_some());
    bench.engine.end_sessions_of(account, None).await.unwrap();
    let here = bench.engine.session_account("approver").await;
    assert!(here.unwrap().is_none(), "at once where it was ended");
    bench
        .clock
        .set(bench.engine.now() + jiff::SignedDuration::from_secs(1));
    assert!(other.session_account("approver").await.unwrap().is_none());
}
