//! Laws of routes: whatever people try in whatever order, the drafter never decides, no step that is needed is
//! skipped, 専決 binds, every 代決 leaves a 後閲, and many acts in a run are as many acts one by one.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
mod common;

use common::build::{desk, see, typed};
use common::sample::sample;
use common::town::{Town, official, person};
use definition::model::*;
use kernel::*;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Draft by an examiner; 審査 by an examiner or clerk; 合議 of clerk and manager where more than three years; decision
/// by the manager for short terms, else by the approver. All but the draft may be taken by substitutes.
fn service() -> Arc<Service> {
    let mut service = (*sample(false, true)).clone();
    let env = feel::Env::new().variable("years", feel::Type::Number);
    let step = |title: &str, by: &[&str]| RouteStep {
        title: title.into(),
        by: by.iter().map(|role| desk(role)).collect(),
        when: None,
        every: false,
        delegated: None,
        substitute: true,
    };
    let steps = vec![
        step("審査", &["examiner", "clerk"]),
        RouteStep {
            every: true,
            when: Some(typed("years > 3", &env)),
            ..step("合議", &["clerk", "manager"])
        },
        RouteStep {
            delegated: Some(typed(
                r#"if years <= 3 then "manager" else "approver""#,
                &env,
            )),
            ..step("決定", &["manager", "approver"])
        },
    ];
    let route = Route {
        name: "route".into(),
        title: "決裁".into(),
        draft_by: vec![desk("examiner")],
        draft_required: true,
        steps,
    };
    service.routes.insert("route".into(), route);
    let item = Arc::make_mut(service.types.get_mut("item").unwrap());
    for role in ["clerk", "manager"] {
        item.see.push(see(
            desk(role),
            ScopeKind::Office,
            None,
            FieldSet::All,
            role,
        ));
    }
    let apples = typed(
        r#"what = "apple""#,
        &feel::Env::new().variable("what", feel::Type::Text),
    );
    item.actions.get_mut("decide").unwrap().batch = Some(Batch::If(apples));
    Arc::new(service)
}

fn with_seats(n: u128, roles: &[&str]) -> Actor {
    let mut actor = person(n);
    actor.seats = roles
        .iter()
        .flat_map(|role| official(n, role, Some("北")).seats)
        .collect();
    actor
}

/// A seat of another's, held while they are away.
fn standing_in(mut actor: Actor, role: &str, absent: &Actor) -> Actor {
    let mut seat = official(0, role, Some("北")).seats.remove(0);
    seat.substitute = Some(Substitution {
        absent: Absent {
            account: absent.account.unwrap(),
            name: absent.name.clone(),
        },
        from: jiff::civil::date(2026, 11, 1),
        until: jiff::civil::date(2026, 12, 31),
    });
    actor.seats.push(seat);
    actor
}

/// People of all kinds: some hold several seats, some stand in for others.
fn people() -> Vec<Actor> {
    let examiner = with_seats(20, &["examiner"]);
    let chief = with_seats(21, &["examiner", "clerk", "manager", "approver"]);
    let manager = with_seats(22, &["manager"]);
    let approver = with_seats(23, &["approver"]);
    let clerk = standing_in(with_seats(24, &["clerk"]), "manager", &manager);
    let deputy = standing_in(with_seats(25, &["examiner"]), "approver", &approver);
    let friend = standing_in(with_seats(26, &["manager"]), "approver", &chief);
    vec![examiner, chief, manager, approver, clerk, deputy, friend]
}

fn items(town: &mut Town, count: usize) -> Vec<RecordId> {
    for _ in 0..count {
        let lines = json!([{"what": "apple", "kind": "new"}]);
        let input = json!({"place": {"municipality": "13202", "line": "柴崎町2-21-19"}, "water": "public", "lines": lines});
        let request = town.open(&person(1), "request", "submit", input).unwrap();
        let examiner = with_seats(20, &["examiner"]);
        town.go(&examiner, request, "pass", json!({})).unwrap();
    }
    town.of_type("item")
}

const DEEDS: [&str; 6] = [
    "decide_draft",
    "decide_pass",
    "decide_send_back",
    "decide_pull_back",
    "decide_acknowledge",
    "decide",
];

fn input(deed: &str, years: u8, back_to: u8) -> Json {
    match deed {
        "decide_draft" => json!({"years": years, "comment": "伺います"}),
        "decide_send_back" if back_to == 0 => json!({"reason": "直してください"}),
        "decide_send_back" => json!({"reason": "もう一度", "back_to": (back_to - 1).to_string()}),
        _ => json!({}),
    }
}

/// The last round of the route: from the last draft on.
fn round(trail: &[RouteMark]) -> &[RouteMark] {
    let start = trail
        .iter()
        .rposition(|mark| mark.deed == RouteDeed::Drafted)
        .unwrap_or(trail.len());
    &trail[start..]
}

/// Who passed a step and was not sent back over it.
fn passed<'m>(round: &'m [RouteMark], step: &str) -> Vec<&'m RouteMark> {
    let order = ["審査", "合議", "決定"];
    let place = |title: &str| order.iter().position(|one| *one == title);
    let mut standing: Vec<&RouteMark> = Vec::new();
    for mark in round {
        match mark.deed {
            RouteDeed::Passed => standing.push(mark),
            RouteDeed::SentBack => {
                let to = mark.back_to.as_deref().and_then(place).unwrap_or(0);
                standing.retain(|mark| place(&mark.step) < Some(to));
            }
            _ => {}
        }
    }
    standing.retain(|mark| mark.step == step);
    standing
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_drafter_never_decides_and_no_step_is_skipped(
        deeds in prop::collection::vec((0usize..6, 0usize..7, 1u8..9, 0u8..3), 1..60)
    ) {
        let mut town = Town::new(service());
        let item = items(&mut town, 1)[0];
        let people = people();
        for (deed, who, years, back_to) in deeds {
            let deed = DEEDS[deed];
            let before = town.records[&item].clone();
            let offered = actions(&town.facts(Some(item)), "item", &people[who])
                .iter()
                .any(|action| action.name == deed);
            let outcome = town.go(&people[who], item, deed, input(deed, years, back_to));
            if outcome.is_ok() {
                prop_assert!(offered, "{deed} was done and had not been offered");
            }
            let Some(last) = town.records[&item].trail.last().filter(|_| outcome.is_ok()) else {
                continue;
            };
            let state = before.route.as_ref();
            match last.deed {
                RouteDeed::Passed => prop_assert!(last.account != state.unwrap().drafter),
                RouteDeed::Decided if deed == "decide" => {
                    let state = state.unwrap();
                    prop_assert!(last.account != state.drafter, "the drafter decided");
                    prop_assert!(last.absent.as_ref().map(|a| Some(a.account)) != Some(state.drafter), "for the drafter");
                    prop_assert_eq!(&town.records[&item].state, "granted");
                    let years = state.input["years"].as_u64().unwrap();
                    let marks = round(&before.trail);
                    prop_assert!(!passed(marks, "審査").is_empty(), "no 審査");
                    if years > 3 {
                        let joint = passed(marks, "合議");
                        for role in ["desk.clerk", "desk.manager"] {
                            prop_assert!(joint.iter().any(|mark| mark.role == role), "no 合議 of {}", role);
                        }
                        prop_assert!(joint.iter().all(|one| joint.iter().filter(|other| other.account == one.account).count() == 1), "one person for two");
                        prop_assert_eq!(&last.role, "desk.approver", "専決 was overstepped");
                    }
                }
                _ => {}
            }
            // 代決 always leaves a 後閲, and only the absent one takes it away.
            for (at, mark) in town.records[&item].trail.iter().enumerate() {
                let Some(absent) = &mark.absent else { continue };
                let known = before.trail.get(at).is_some_and(|old| old.reviewed.is_some());
                if mark.reviewed.is_some() && !known {
                    prop_assert_eq!(deed, "decide_acknowledge");
                    prop_assert_eq!(people[who].account, Some(absent.account));
                }
                if mark.reviewed.is_none() {
                    prop_assert_eq!(mark.waits_for(), Some(absent.account));
                }
            }
        }
        prop_assert_eq!(town.replay(), town.records);
    }

    /// What a run does to many is what single acts do to each; only the journal says that they belong together.
    #[test]
    fn a_run_is_the_sum_of_its_acts(years in prop::collection::vec(1u8..10, 1..6)) {
        let people = people();
        let mut together = Town::new(service());
        let all = items(&mut together, years.len());
        for (item, years) in all.iter().zip(&years) {
            // Pears need a look at each.
            let fruit = if years % 2 == 0 { "pear" } else { "apple" };
            together.records.get_mut(item).unwrap().fields.insert("what".into(), json!(fruit));
            let drafted = together.go(&people[0], *item, "decide_draft", json!({"years": years}));
            prop_assert!(drafted.is_ok());
            together.go(&people[1], *item, "decide_pass", json!({})).unwrap();
        }
        let mut alone = Town::new(Arc::clone(&together.service));
        alone.records = together.records.clone();
        alone.counters = together.counters.clone();
        alone.acts = together.acts;
        let run = RunId(common::town::uuid(9));
        for item in &all {
            let version = together.records[item].version;
            let mut act = together.act(&people[3], "item", Some(*item), "decide", Some(version), json!({}));
            alone.acts = together.acts;
            let single = alone.perform(&act);
            act.run = Some(run);
            let many = together.perform(&act);
            match (single, many) {
                (Ok(_), Ok(decision)) => {
                    prop_assert!(decision.events.iter().all(|event| event.body.run == Some(run)));
                }
                (Err(one), Err(other)) => prop_assert_eq!(one, other),
                (Ok(_), Err(refusal)) => {
                    // Only where the definition says that this one is not for many.
                    prop_assert!(refusal.title.contains("まとめて"), "{}", refusal.title);
                    prop_assert_eq!(&together.records[item].fields["what"], "pear");
                }
                (Err(one), Ok(_)) => prop_assert!(false, "{}", one.title),
            }
            if together.records[item].route.is_none() {
                prop_assert_eq!(&together.records[item], &alone.records[item]);
            }
        }
    }
}

#[test]
fn what_may_not_be_done_to_many_is_refused_in_a_run_alone() {
    let mut town = Town::new(service());
    let item = items(&mut town, 1)[0];
    let people = people();
    let mut act = town.act(
        &people[0],
        "item",
        Some(item),
        "refuse_draft",
        Some(1),
        json!({"reasons": "足りません"}),
    );
    act.run = Some(RunId(common::town::uuid(9)));
    let refusal = town.perform(&act).unwrap_err();
    assert!(
        refusal.title.contains("まとめて行えません"),
        "{}",
        refusal.title
    );
    act.run = None;
    town.perform(&act).unwrap();
}

#[test]
fn a_substitute_decides_and_the_absent_one_acknowledges() {
    let mut town = Town::new(service());
    let item = items(&mut town, 1)[0];
    let people = people();
    let (approver, deputy) = (&people[3], &people[5]);
    town.go(&people[0], item, "decide_draft", json!({"years": 2}))
        .unwrap();
    town.go(
        &people[4],
        item,
        "decide_pass",
        json!({"comment": "よいと思います"}),
    )
    .unwrap();
    town.go(deputy, item, "decide", json!({})).unwrap();
    let trail = town.records[&item].trail.clone();
    let last = trail.last().unwrap();
    assert_eq!(
        (last.deed, last.absent.as_ref().unwrap().account),
        (RouteDeed::Decided, approver.account.unwrap())
    );
    assert_eq!(trail[1].comment.as_deref(), Some("よいと思います"));
    // It waits in the inbox of the absent one, by its index.
    let rt = &town.service.types["item"];
    let mut indexed = (**rt).clone();
    indexed.indexes = vec![ListIndex {
        name: "after_review".into(),
        keys: vec![IndexKey::AfterReview, IndexKey::UpdatedAt],
        only: None,
    }];
    let entries = |town: &Town| {
        let facts = town.facts(Some(item));
        derive(
            &town.service,
            &indexed,
            &town.records[&item],
            Around::of(&facts),
            town.today,
        )
        .entries
    };
    assert_eq!(entries(&town).len(), 1);
    assert!(
        town.go(deputy, item, "decide_acknowledge", json!({}))
            .is_err()
    );
    town.go(
        approver,
        item,
        "decide_acknowledge",
        json!({"comment": "見ました"}),
    )
    .unwrap();
    assert_eq!(entries(&town).len(), 0);
    assert!(
        town.go(approver, item, "decide_acknowledge", json!({}))
            .is_err()
    );
    assert_eq!(town.replay(), town.records);
}

#[test]
fn sent_back_to_an_earlier_step_it_waits_there_again() {
    let mut town = Town::new(service());
    let item = items(&mut town, 1)[0];
    let people = people();
    let (clerk, manager, approver) = (&people[4], &people[2], &people[3]);
    town.go(&people[0], item, "decide_draft", json!({"years": 5}))
        .unwrap();
    let refusal = town
        .go(
            clerk,
            item,
            "decide_send_back",
            json!({"reason": "x", "back_to": "1"}),
        )
        .unwrap_err();
    assert_eq!(refusal.faults[0].pointer, "/input/back_to");
    town.go(clerk, item, "decide_pass", json!({})).unwrap();
    town.go(manager, item, "decide_pass", json!({})).unwrap();
    assert_eq!(
        town.records[&item].route.as_ref().unwrap().step,
        1,
        "合議 needs the clerk too"
    );
    // The clerk's own seat counts, not the manager's, who has passed it.
    town.go(clerk, item, "decide_pass", json!({})).unwrap();
    assert_eq!(town.records[&item].route.as_ref().unwrap().step, 2);
    town.go(
        approver,
        item,
        "decide_send_back",
        json!({"reason": "審査からもう一度", "back_to": "0"}),
    )
    .unwrap();
    let route = town.records[&item].route.clone().unwrap();
    assert_eq!(
        (route.step, route.sent_back, route.taken.len()),
        (0, None, 0)
    );
    assert!(town.go(approver, item, "decide", json!({})).is_err());
}

#[test]
fn a_draft_that_changed_since_it_was_seen_is_not_decided() {
    let mut town = Town::new(service());
    let item = items(&mut town, 1)[0];
    let people = people();
    town.go(&people[0], item, "decide_draft", json!({"years": 2}))
        .unwrap();
    town.go(&people[4], item, "decide_pass", json!({})).unwrap();
    let seen = town.records[&item].version;
    town.go(&people[0], item, "decide_pull_back", json!({}))
        .unwrap();
    town.go(&people[0], item, "decide_draft", json!({"years": 3}))
        .unwrap();
    town.go(&people[4], item, "decide_pass", json!({})).unwrap();
    let act = town.act(
        &people[3],
        "item",
        Some(item),
        "decide",
        Some(seen),
        json!({}),
    );
    assert_eq!(town.perform(&act).unwrap_err().kind, RefusalKind::Stale);
}
