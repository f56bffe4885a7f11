//! Callbacks of a gateway by the thousand, sent to the product's own address: repeated, reordered, forged, late, of wrong
//! amounts, after a withdrawal, after the counter has taken the money. Never is anything paid twice, never is a state
//! illegal, and at the end the books of both sides differ by nothing. `TSUMUGI_CALLBACKS=10000` sends as many.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it must"
)]

mod callbacks_support;

use callbacks_support::{Dice, OTHER_OFFICE, SLUG, TODAY, Town, clerk, person};
use connect::payment::sandbox::body;
use engine::{
    Charge, Gateway as _, GatewayError, GiveBack, Holder, News, NewsKind, Reference, Share, Taken,
};
use jiff::{SignedDuration, ToSpan};
use kernel::{EffectId, RecordId};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

const APPLICATIONS: usize = 160;
/// Callbacks, where the environment asks for no other number.
const CALLBACKS: usize = 2_000;
const STRAYS: usize = 20;
/// Callbacks under way at the same time.
const LANES: usize = 32;

/// One thing that happens.
#[derive(Clone)]
enum Happening {
    /// A callback: headers and body, and whether it is the gateway's own.
    Callback([String; 3], Vec<u8>, bool),
    Withdraw(usize),
    Counter(usize),
}

struct Case {
    application: RecordId,
    payment: RecordId,
    number: String,
    fee: u64,
}

/// How many callbacks are sent.
#[expect(clippy::disallowed_methods, reason = "how many is said from outside")]
fn callbacks() -> usize {
    let asked = std::env::var("TSUMUGI_CALLBACKS").ok();
    asked.map_or(CALLBACKS, |number| number.parse().unwrap())
}

async fn apply(town: &Town, at: usize) -> Case {
    apply_for(town, at, 1_000 + at as u64).await
}

async fn apply_for(town: &Town, at: usize, fee: u64) -> Case {
    let owner = person(at as u128 + 1);
    let input = json!({"name": format!("申請{at}"), "fee": fee});
    let opened = town.perform(&owner, None, "ask", input).await.unwrap();
    let payment = &opened.view.children["payments"][0];
    Case {
        application: opened.view.id,
        payment: payment.id,
        number: payment.number.clone().unwrap(),
        fee,
    }
}

fn reference(case: &Case) -> Reference {
    Reference {
        service: SLUG.into(),
        record_type: "payment".into(),
        record: case.payment,
    }
}

/// Sessions by reference, as the gateway gave them out.
async fn session(town: &Town, case: &Case) -> String {
    let view = town
        .look(&kernel::Actor::system(), "payment", case.payment)
        .await;
    view.fields["gateway_session"].as_str().unwrap().to_owned()
}

/// Money for records that are not there.
async fn strays(town: &Town) -> Vec<News> {
    let mut news = Vec::new();
    for at in 0..STRAYS {
        let record = RecordId(Uuid::from_u128(7_000_000 + at as u128));
        let charge = Charge {
            key: EffectId(Uuid::from_u128(8_000_000 + at as u128)),
            reference: Reference {
                service: if at % 2 == 0 { SLUG } else { "gone" }.into(),
                record_type: "payment".into(),
                record,
            },
            amount_yen: 500,
            title: "宛先のない納付".into(),
            until: town.engine.now(),
            return_path: "/".into(),
        };
        let session = town.sandbox.open(&charge).await.unwrap();
        news.push(
            town.sandbox
                .money_arrives(&session.id, "card", 500)
                .unwrap(),
        );
    }
    news
}

/// What the gateway has to tell: for each case no, one, two or three payments, some of another amount.
async fn money(town: &Town, cases: &[Case], dice: &mut Dice) -> Vec<News> {
    let mut all = Vec::new();
    for case in cases {
        let session = session(town, case).await;
        for _ in 0..[0, 1, 1, 1, 2, 3][dice.below(6)] {
            let wrong = dice.below(5) == 0;
            let yen = if wrong { case.fee + 1 } else { case.fee };
            let method = ["card", "konbini", "pay_easy"][dice.below(3)];
            all.push(town.sandbox.money_arrives(&session, method, yen).unwrap());
        }
        if dice.below(4) == 0 {
            all.push(News {
                kind: NewsKind::Expired,
                reference: reference(case).to_string(),
                session: Some(session),
                amount_yen: case.fee,
                at: town.engine.now(),
            });
        }
    }
    all
}

/// A callback that the gateway did not send so.
fn forged(town: &Town, news: &News, dice: &mut Dice) -> Happening {
    let honest = body(news);
    let [id, time, signature] = town.sandbox.sealed("msg", &honest);
    let mut more = news.clone();
    more.amount_yen += 1;
    let (headers, sent) = match dice.below(5) {
        0 => ([id, time, signature], body(&more)),
        1 => (["other".into(), time, signature], honest),
        2 => ([id, "1600000000".into(), signature], honest),
        3 => ([id, time, "v1,AAAA".into()], honest),
        _ => ([id, time, String::new()], honest),
    };
    Happening::Callback(headers, sent, false)
}

fn happenings(town: &Town, cases: usize, news: &[News], dice: &mut Dice) -> Vec<Happening> {
    let honest = |news: &News, n: usize| {
        let sent = body(news);
        Happening::Callback(town.sandbox.sealed(&format!("msg_{n}"), &sent), sent, true)
    };
    // Each at least once, the rest at random: again, or forged.
    let mut all: Vec<Happening> = news
        .iter()
        .enumerate()
        .map(|(n, one)| honest(one, n))
        .collect();
    while all.len() < callbacks() {
        let one = &news[dice.below(news.len())];
        all.push(match dice.below(4) {
            0 => forged(town, one, dice),
            _ => honest(one, all.len()),
        });
    }
    for at in 0..cases {
        match dice.below(6) {
            0 => all.push(Happening::Withdraw(at)),
            1 => all.push(Happening::Counter(at)),
            _ => {}
        }
    }
    dice.shuffle(&mut all);
    all
}

async fn happen(town: &Town, cases: &[Case], what: Happening) {
    match what {
        Happening::Callback(headers, sent, honest) => {
            let wanted = if honest { 200 } else { 401 };
            let mut status = town.callback(&headers, &sent).await;
            // Whoever is told to come back comes back, as a gateway does.
            while status == 503 {
                tokio::task::yield_now().await;
                status = town.callback(&headers, &sent).await;
            }
            assert_eq!(status, wanted, "a forgery is seen, and nothing else");
        }
        // Either may come too late; then it is refused, which is all right.
        Happening::Withdraw(at) => {
            let owner = person(at as u128 + 1);
            let record = Some(("application", cases[at].application));
            drop(town.perform(&owner, record, "withdraw", json!({})).await);
        }
        Happening::Counter(at) => {
            let record = Some(("application", cases[at].application));
            drop(town.perform(&clerk(), record, "take", json!({})).await);
        }
    }
}

async fn run(town: &Arc<Town>, cases: &Arc<Vec<Case>>, all: Vec<Happening>) {
    let mut lanes: Vec<Vec<Happening>> = vec![Vec::new(); LANES];
    for (at, one) in all.into_iter().enumerate() {
        lanes[at % LANES].push(one);
    }
    let lanes: Vec<_> = lanes
        .into_iter()
        .map(|lane| {
            let (town, cases) = (Arc::clone(town), Arc::clone(cases));
            tokio::spawn(async move {
                for one in lane {
                    happen(&town, &cases, one).await;
                }
            })
        })
        .collect();
    for lane in lanes {
        lane.await.unwrap();
    }
}

/// What one case has come to: yen by the gateway's number, and the receipts that are kept unallocated.
async fn settled(town: &Town, case: &Case) -> (BTreeMap<String, u64>, Vec<RecordId>) {
    let system = kernel::Actor::system();
    let application = town.look(&clerk(), "application", case.application).await;
    let payment = town.look(&system, "payment", case.payment).await;
    let receipts = &payment.children["receipts"];
    let of = |state: &str| {
        let some = receipts.iter().filter(|receipt| receipt.state == state);
        some.map(|receipt| receipt.fields["received_amount"].as_u64().unwrap())
            .collect::<Vec<u64>>()
    };
    let (allocated, kept) = (of("allocated"), of("unallocated"));
    assert_eq!(
        allocated.len() + kept.len(),
        receipts.len(),
        "no other state"
    );
    assert!(allocated.len() <= 1, "never paid twice");
    assert!(allocated.iter().all(|yen| *yen == case.fee));
    let paid = allocated.len() == 1;
    let expected: (&[&str], &str) = match application.state.as_str() {
        "done" => (&["paid"], "paid"),
        "withdrawn" => (&["cancelled"], "not"),
        "fee_due" => (&["ready", "lapsed"], "not"),
        other => panic!("{other} is no state of an application"),
    };
    assert!(
        expected.0.contains(&payment.state.as_str()),
        "{}",
        payment.state
    );
    assert_eq!(paid, expected.1 == "paid");
    let owed = if payment.state == "cancelled" {
        0
    } else {
        case.fee
    };
    let collected = if paid { case.fee } else { 0 };
    assert_eq!(
        town.balance("assessed", &case.number).await,
        i64::try_from(owed).unwrap()
    );
    assert_eq!(
        town.balance("collected", &case.number).await,
        i64::try_from(collected).unwrap()
    );
    let surplus: u64 = kept.iter().sum();
    assert_eq!(
        town.balance("unallocated", &case.number).await,
        i64::try_from(surplus).unwrap()
    );
    let numbered = receipts.iter().filter_map(|receipt| {
        let number = receipt.fields.get("gateway_payment")?.as_str()?;
        Some((
            number.to_owned(),
            receipt.fields["received_amount"].as_u64()?,
        ))
    });
    let kept = receipts.iter().filter(|receipt| {
        receipt.state == "unallocated" && receipt.fields.contains_key("gateway_payment")
    });
    let kept = kept.map(|receipt| receipt.id).collect();
    (numbered.collect(), kept)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_bad_callbacks_leave_no_difference() {
    let dir = tempfile::tempdir().unwrap();
    let town = Arc::new(Town::new(dir.path()));
    let mut dice = Dice(0x2026_1124);
    let opened: Vec<_> = (0..APPLICATIONS)
        .map(|at| {
            let town = Arc::clone(&town);
            tokio::spawn(async move { apply(&town, at).await })
        })
        .collect();
    let mut cases = Vec::new();
    for one in opened {
        cases.push(one.await.unwrap());
    }
    town.tick().await;
    let mut news = money(&town, &cases, &mut dice).await;
    news.extend(strays(&town).await);
    let cases = Arc::new(cases);
    let all = happenings(&town, cases.len(), &news, &mut dice);
    // A third comes four minutes later: still within the signature's time.
    let (late, soon) = {
        let at = all.len() / 3;
        let mut all = all;
        (all.split_off(all.len() - at), all)
    };
    run(&town, &cases, soon).await;
    town.tick().await;
    let later = town.engine.now().checked_add(SignedDuration::from_mins(4));
    town.clock.set(later.unwrap());
    run(&town, &cases, late).await;
    town.tick().await;

    let mut ours: BTreeMap<String, u64> = BTreeMap::new();
    let mut kept = Vec::new();
    for case in cases.iter() {
        let (numbered, surplus) = settled(&town, case).await;
        ours.extend(numbered);
        kept.extend(surplus);
    }
    let theirs: BTreeMap<String, u64> = news
        .iter()
        .filter_map(|one| match &one.kind {
            NewsKind::Paid { payment, .. } => Some((payment.clone(), one.amount_yen)),
            _ => None,
        })
        .collect();
    let strayed: BTreeSet<&String> = theirs
        .keys()
        .filter(|number| !ours.contains_key(*number))
        .collect();
    assert_eq!(
        strayed.len(),
        STRAYS,
        "all other money stands at its payment"
    );
    assert!(ours.iter().all(|(number, yen)| theirs[number] == *yen));
    assert!(!kept.is_empty());

    let compared = town.engine.compare_day(TODAY).await.unwrap();
    assert_eq!(compared.differences, []);
    assert_eq!(compared.difference_yen(), 0);
    assert_eq!(compared.file_count, theirs.len());
    assert_eq!(compared.counted_yen, theirs.values().sum::<u64>());

    refund(&town, &kept).await;
    for case in cases.iter() {
        let counter = town.balance("unallocated", &case.number).await;
        assert_eq!(counter, 0, "what was too much is given back");
    }
}

/// Gives back what is kept, through the gateway; its news come twice.
async fn refund(town: &Town, kept: &[RecordId]) {
    for id in kept {
        let reason = json!({"reason": "二重に納められたため"});
        town.perform(&clerk(), Some(("receipt", *id)), "refund", reason)
            .await
            .unwrap();
        let again = town
            .perform(
                &clerk(),
                Some(("receipt", *id)),
                "refund",
                json!({"reason": "もう一度"}),
            )
            .await;
        assert!(again.is_err(), "asked for once");
    }
    town.tick().await;
    let day = engine::tokyo_day(town.engine.now());
    for _ in 0..2 {
        for row in town.sandbox.settled(day).await.unwrap() {
            let Some(refund) = row.refund else { continue };
            let news = News {
                kind: NewsKind::Refunded { refund },
                reference: row.reference,
                session: None,
                amount_yen: row.amount_yen,
                at: row.at,
            };
            let taken = town.engine.take_news("sandbox", &news).await.unwrap();
            assert!(matches!(taken, Taken::Done(_)));
        }
    }
    for id in kept {
        let receipt = town.look(&clerk(), "receipt", *id).await;
        assert_eq!(receipt.state, "refunded");
    }
}

#[tokio::test]
async fn what_was_never_told_is_learnt_from_the_daily_file() {
    let dir = tempfile::tempdir().unwrap();
    let town = Town::new(dir.path());
    let case = apply(&town, 1).await;
    town.tick().await;
    let session = session(&town, &case).await;
    town.sandbox
        .money_arrives(&session, "card", case.fee)
        .unwrap();
    assert_eq!(
        town.look(&clerk(), "payment", case.payment).await.state,
        "ready"
    );
    town.clock.set(callbacks_support::morning(
        TODAY.checked_add(1.day()).unwrap(),
    ));
    town.tick().await;
    assert_eq!(
        town.look(&clerk(), "payment", case.payment).await.state,
        "paid"
    );
    let compared = town.engine.compare_day(TODAY).await.unwrap();
    assert_eq!(
        (compared.file_yen, compared.counted_yen),
        (case.fee, case.fee)
    );
}

#[tokio::test]
async fn what_differs_is_told_by_office() {
    let dir = tempfile::tempdir().unwrap();
    let town = Town::new(dir.path());
    let near = apply(&town, 1).await;
    let far = apply_for(&town, 2, 200_000).await;
    town.tick().await;
    for (case, less) in [(&near, 0), (&far, 50)] {
        let session = session(&town, case).await;
        let arrives = town.sandbox.money_arrives(&session, "card", case.fee);
        let mut news = arrives.unwrap();
        news.amount_yen -= less;
        town.engine.take_news("sandbox", &news).await.unwrap();
    }
    let compared = town.engine.compare_day(TODAY).await.unwrap();
    let holder = |office: &str| {
        Some(Holder {
            service: SLUG.into(),
            office: office.into(),
        })
    };
    let share = |file_yen, counted_yen, differences| Share {
        file_yen,
        counted_yen,
        differences,
    };
    let expected = [
        (holder(OTHER_OFFICE), share(200_000, 199_950, 1)),
        (holder(callbacks_support::OFFICE), share(1_001, 1_001, 0)),
    ];
    assert_eq!(compared.holders, BTreeMap::from(expected));
    let day = town.day(TODAY).await;
    let first = &day.fields["offices"][0];
    assert_eq!(day.state, "open");
    assert_eq!(
        (&first["office"], &first["difference"]),
        (&json!(OTHER_OFFICE), &json!(50))
    );
    assert_eq!(day.fields["offices"][1]["difference"], 0);
    assert_eq!(day.fields["differences"][0]["office"], OTHER_OFFICE);
}

#[tokio::test]
async fn a_gateway_that_is_away_is_asked_again() {
    let dir = tempfile::tempdir().unwrap();
    let town = Town::new(dir.path());
    town.sandbox.go_away(true);
    let case = apply(&town, 1).await;
    town.tick().await;
    let view = town.look(&person(2), "payment", case.payment).await;
    assert_eq!((view.state.as_str(), view.pay), ("requested", None));
    use kernel::port::Store as _;
    let stuck = town.store.stuck(10).await.unwrap();
    assert_eq!(stuck.len(), 1, "visible to an operator");
    town.sandbox.go_away(false);
    town.clock.set(
        town.engine
            .now()
            .checked_add(SignedDuration::from_hours(3))
            .unwrap(),
    );
    town.tick().await;
    let view = town.look(&person(2), "payment", case.payment).await;
    assert_eq!(view.state, "ready");
    assert!(view.pay.is_some_and(|path| path.starts_with("/pay/")));
    assert!(
        town.look(&clerk(), "payment", case.payment)
            .await
            .pay
            .is_none()
    );
}

#[tokio::test]
async fn hours_without_the_gateway_hold_nothing_else_up_and_are_caught_up_with() {
    const CASES: usize = 30;
    let dir = tempfile::tempdir().unwrap();
    let town = Town::new(dir.path());
    town.sandbox.go_away(true);
    let mut cases = Vec::new();
    for at in 1..=CASES {
        cases.push(apply(&town, at).await);
    }
    use kernel::port::{Lane, Store as _};
    for _ in 0..60 {
        town.tick().await;
        let now = town.engine.now();
        let inside = town.store.outbox(Lane::Inside, now, 100).await.unwrap();
        assert!(inside.is_empty(), "messages and letters wait for nobody");
        town.clock
            .set(now.checked_add(SignedDuration::from_mins(5)).unwrap());
    }
    let stuck = town.store.stuck(200).await.unwrap();
    let tries: u32 = stuck.iter().map(|row| row.tries).sum();
    assert!(
        (1..=150).contains(&tries),
        "one question after a pause, not {tries}"
    );
    assert!(
        stuck.iter().all(|row| row.next_try.is_some()),
        "none is given up"
    );
    assert_eq!(town.engine.pulse().await.unwrap().silent, ["payment"]);
    town.sandbox.go_away(false);
    let later = town
        .engine
        .now()
        .checked_add(SignedDuration::from_mins(5))
        .unwrap();
    town.clock.set(later);
    town.tick().await;
    for (at, case) in cases.iter().enumerate() {
        let view = town
            .look(&person(at as u128 + 2), "payment", case.payment)
            .await;
        assert_eq!(view.state, "ready", "case {at}");
    }
    assert!(town.engine.pulse().await.unwrap().silent.is_empty());
}

#[tokio::test]
async fn the_book_outlives_the_sandbox() {
    use connect::payment::sandbox::{Choice, Sandbox};
    let dir = tempfile::tempdir().unwrap();
    let book = dir.path().join("book.jsonl");
    let town = Town::new(dir.path());
    let open = || {
        let clock = Arc::clone(&town.clock) as Arc<dyn engine::Clock>;
        Sandbox::open(callbacks_support::secret(), clock, &book).unwrap()
    };
    let reference = Reference {
        service: SLUG.into(),
        record_type: "payment".into(),
        record: RecordId(Uuid::from_u128(1)),
    };
    let charge = Charge {
        key: EffectId(Uuid::from_u128(2)),
        reference: reference.clone(),
        amount_yen: 18_300,
        title: "見本の手数料".into(),
        until: callbacks_support::morning(TODAY.checked_add(3.days()).unwrap()),
        return_path: "/pay/x".into(),
    };
    let first = open();
    let session = first.open(&charge).await.unwrap();
    assert_eq!(
        first.open(&charge).await.unwrap(),
        session,
        "asked twice, opened once"
    );
    assert!(first.choose(&session.id, "card", Choice::Pay));
    drop(first);
    // A line that a crash cut off.
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&book)
        .unwrap();
    file.write_all(b"{\"what\":\"paid\",\"ses").unwrap();
    drop(file);
    let second = open();
    assert!(
        !second.choose(&session.id, "card", Choice::Pay),
        "paid is paid"
    );
    let told = second.query(&session.id).await.unwrap();
    let NewsKind::Paid { payment, .. } = &told[0].kind else {
        panic!("paid")
    };
    let refund = |key: u128, amount_yen| GiveBack {
        key: EffectId(Uuid::from_u128(key)),
        reference: reference.clone(),
        payment: payment.clone(),
        amount_yen,
        reason: "二重".into(),
    };
    second.refund(&refund(3, 18_300)).await.unwrap();
    second.refund(&refund(3, 18_300)).await.unwrap();
    let more = second.refund(&refund(4, 1)).await;
    assert!(
        matches!(more, Err(GatewayError::Refused(_))),
        "no more than was paid"
    );
    assert_eq!(second.settled(TODAY).await.unwrap().len(), 2);
}
