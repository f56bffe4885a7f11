//! An official comes in by what they are appointed to, from its day until its day, whatever their provider says of seats.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use common::{Bench, Issuer, acting, catalogue, done, opening, seat};
use engine::{Known, Proven, Vouched};
use jiff::ToSpan;
use kernel::{Actor, Assurance};
use serde_json::json;

const OFFICE: &str = "多摩立川保健所";
const ON: (&str, &str) = ("appointments", "appointment");

/// An issuer that knows numbers of employees and nothing of seats.
const STAFF: Issuer = Issuer("staff", Known::Officials);

/// Somebody's seats on coming in; none where they do not.
async fn comes_in(bench: &Bench, subject: &str, number: &str) -> Option<Vec<kernel::Seat>> {
    let proven = Proven {
        issuer: STAFF.0.into(),
        subject: subject.into(),
        session: None,
        name: Some("異動 花子".into()),
        corporation: None,
        seats: Vec::new(),
        number: Some(number.into()),
        assurance: Assurance::PASSWORD,
    };
    match bench.engine.account_from(&STAFF, &proven).await.unwrap() {
        Vouched::Open(account) => Some(account.seats),
        Vouched::Seatless => None,
        Vouched::Closed => panic!("closed"),
    }
}

struct Personnel {
    bench: Bench,
    administrator: Actor,
    approver: Actor,
    _dir: tempfile::TempDir,
}

impl Personnel {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bench = Bench::new(dir.path(), catalogue(), 1);
        let administrator = bench.person("a", vec![seat("administrator", None)]).await;
        let approver = bench
            .person("b", vec![seat("approver", Some(OFFICE))])
            .await;
        Self {
            bench,
            administrator,
            approver,
            _dir: dir,
        }
    }

    /// Somebody is appointed from so many days from now on.
    async fn appoint(&self, login: &str, kind: &str, role: &str, in_days: i64) {
        let engine = &self.bench.engine;
        let from = engine.today() + in_days.days();
        let said = json!({
            "login": login, "name": "異動 花子", "kind": kind, "role": role, "body": "metropolis",
            "office_code": "hc_tama_tachikawa", "first_day": from.to_string(),
        });
        let draft = opening(&self.administrator, ON.0, ON.1, "draft", said);
        let drafted = done(engine.perform(draft).await);
        let on = (ON.0, ON.1, drafted.id);
        let order = acting(&self.approver, on, drafted.version, "order", json!({}));
        done(engine.perform(order).await);
    }

    fn pass(&self, days: i64) {
        let then = self.bench.engine.now() + jiff::SignedDuration::from_hours(24 * days);
        self.bench.clock.set(then);
    }
}

#[tokio::test]
async fn who_is_appointed_comes_in_from_the_day_on() {
    let at = Personnel::new().await;
    assert_eq!(comes_in(&at.bench, "s1", "1001").await, None);
    at.appoint("staff:1001", "move", "examiner", 2).await;
    assert_eq!(comes_in(&at.bench, "s1", "1001").await, None, "not yet");
    at.pass(2);
    let seats = vec![seat("examiner", Some(OFFICE))];
    let came = comes_in(&at.bench, "s1", "1001").await;
    assert_eq!(came, Some(seats.clone()));
    let named = at.bench.engine.account_by_login("staff:1001").await;
    assert_eq!(named.unwrap().unwrap().seats, seats);
    let impostor = comes_in(&at.bench, "s2", "1001").await;
    assert_eq!(impostor, None, "the number is somebody's already");
}

#[tokio::test]
async fn a_move_takes_the_place_of_the_one_before_and_concurrent_seats_stay() {
    let at = Personnel::new().await;
    at.appoint("staff:1001", "move", "examiner", 0).await;
    at.appoint("staff:1001", "concurrent", "inspector", 0).await;
    at.appoint("staff:1001", "move", "chief", 3).await;
    let roles = |seats: Option<Vec<kernel::Seat>>| {
        let seats = seats.unwrap_or_default();
        seats.into_iter().map(|seat| seat.role).collect::<Vec<_>>()
    };
    let now = comes_in(&at.bench, "s1", "1001").await;
    assert_eq!(roles(now), ["examiner", "inspector"]);
    at.pass(3);
    let then = comes_in(&at.bench, "s1", "1001").await;
    assert_eq!(roles(then), ["chief", "inspector"]);
}

#[tokio::test]
async fn who_drafts_does_not_decide() {
    let at = Personnel::new().await;
    let mut both = at.administrator.clone();
    both.seats.extend(at.approver.seats.clone());
    let said = json!({
        "login": "b", "name": "自分", "kind": "concurrent", "role": "auditor", "body": "metropolis",
        "office_code": "hc_tama_tachikawa", "first_day": at.bench.engine.today().to_string(),
    });
    let engine = &at.bench.engine;
    let drafted = opening(&both, ON.0, ON.1, "draft", said);
    let drafted = done(engine.perform(drafted).await);
    let on = (ON.0, ON.1, drafted.id);
    let order = acting(&both, on, drafted.version, "order", json!({}));
    let refused = common::refusal(engine.perform(order).await);
    let told = format!("{} {:?}", refused.title, refused.faults);
    assert!(told.contains("起案した本人は決定できません"), "{told}");
}
