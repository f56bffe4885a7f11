//! Routes (決裁): drafted, passed, sent back, pulled back, decided; never by the one who drafted.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
mod common;

use common::sample::sample;
use common::town::{Town, official, person};
use kernel::*;
use serde_json::json;

struct Case {
    town: Town,
    item: RecordId,
    examiner: Actor,
    approver: Actor,
    chief: Actor,
}

fn case(pass_first: bool, draft_required: bool) -> Case {
    let mut town = Town::new(sample(pass_first, draft_required));
    let examiner = official(2, "examiner", Some("北"));
    let lines = json!([{"what": "apple", "kind": "new"}]);
    let input = json!({"place": {"municipality": "13202", "line": "柴崎町2-21-19"}, "water": "public", "lines": lines});
    let request = town.open(&person(1), "request", "submit", input).unwrap();
    town.go(&examiner, request, "pass", json!({})).unwrap();
    let item = town.of_type("item")[0];
    Case {
        town,
        item,
        examiner,
        approver: official(3, "approver", Some("北")),
        chief: official(4, "approver", Some("北")),
    }
}

fn names(case: &Case, actor: &Actor) -> Vec<String> {
    let facts = case.town.facts(Some(case.item));
    actions(&facts, "item", actor)
        .iter()
        .map(|a| a.name.clone())
        .collect()
}

#[test]
fn the_drafter_never_decides() {
    let mut case = case(false, true);
    let refusal = case
        .town
        .go(&case.approver, case.item, "decide", json!({"years": 5}))
        .unwrap_err();
    assert!(refusal.title.contains("起案"), "{}", refusal.title);
    case.town
        .go(
            &case.approver,
            case.item,
            "decide_draft",
            json!({"years": "5年", "terms": "案"}),
        )
        .unwrap();
    let record = &case.town.records[&case.item];
    assert_eq!(record.state, "open");
    assert!(
        !record.fields.contains_key("years"),
        "a draft changes no field"
    );
    assert_eq!(record.route.as_ref().unwrap().input["years"], json!(5));
    let refusal = case
        .town
        .go(&case.approver, case.item, "decide", json!({}))
        .unwrap_err();
    assert_eq!(
        refusal.title,
        "起案した人は決定できません。ほかの決裁者が決定します。"
    );
    assert_eq!(names(&case, &case.approver), ["decide_pull_back"]);
    assert_eq!(names(&case, &case.chief), ["decide", "decide_send_back"]);
    case.town
        .go(&case.chief, case.item, "decide", json!({"terms": "決"}))
        .unwrap();
    let record = &case.town.records[&case.item];
    assert_eq!(
        (
            record.state.as_str(),
            &record.fields["years"],
            &record.fields["terms"]
        ),
        ("granted", &json!(5), &json!("決"))
    );
    assert_eq!(record.route, None);
    assert_eq!(case.town.replay(), case.town.records);
}

#[test]
fn a_draft_is_checked_like_the_act_and_goes_through_its_steps() {
    let mut case = case(true, true);
    let refusal = case
        .town
        .go(
            &case.examiner,
            case.item,
            "decide_draft",
            json!({"years": 10, "year": 1}),
        )
        .unwrap_err();
    let found: Vec<_> = refusal
        .faults
        .iter()
        .map(|f| (f.pointer.as_str(), f.code.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("/input/year", "unknown_field"),
            ("/input/years", "too_large")
        ]
    );
    case.town
        .go(
            &case.examiner,
            case.item,
            "decide_draft",
            json!({"years": 5}),
        )
        .unwrap();
    assert!(names(&case, &case.examiner).contains(&"decide_pull_back".to_owned()));
    let refusal = case
        .town
        .go(&case.approver, case.item, "decide", json!({}))
        .unwrap_err();
    assert!(refusal.title.contains("審査の途中"), "{}", refusal.title);
    assert_eq!(
        case.town
            .go(&case.examiner, case.item, "decide_pass", json!({}))
            .unwrap_err()
            .kind,
        RefusalKind::WrongState
    );
    case.town
        .go(&case.approver, case.item, "decide_pass", json!({}))
        .unwrap();
    let route = case.town.records[&case.item].route.clone().unwrap();
    assert_eq!(
        (route.step, route.passed_by),
        (1, vec![case.approver.account.unwrap()])
    );
    case.town
        .go(&case.approver, case.item, "decide", json!({}))
        .unwrap();
    assert_eq!(case.town.records[&case.item].state, "granted");
}

#[test]
fn sent_back_with_a_reason_and_drafted_anew() {
    let mut case = case(false, true);
    case.town
        .go(
            &case.examiner,
            case.item,
            "decide_draft",
            json!({"years": 5, "terms": "案"}),
        )
        .unwrap();
    let other = case
        .town
        .go(&case.chief, case.item, "refuse", json!({"reasons": "別"}))
        .unwrap_err();
    assert!(
        other.title.contains("決裁が進んでいます"),
        "{}",
        other.title
    );
    let refusal = case
        .town
        .go(&case.chief, case.item, "decide_send_back", json!({}))
        .unwrap_err();
    assert_eq!(refusal.faults[0].pointer, "/input/reason");
    case.town
        .go(
            &case.chief,
            case.item,
            "decide_send_back",
            json!({"reason": "年数を直してください"}),
        )
        .unwrap();
    let facts = case.town.facts(Some(case.item));
    let rt = &case.town.service.types["item"];
    assert_eq!(
        scope::waits_for(&facts.service, rt, facts.record.as_ref().unwrap()).as_deref(),
        Some("desk.examiner")
    );
    assert!(
        case.town
            .go(&case.chief, case.item, "decide", json!({"years": 5}))
            .is_err(),
        "needs a draft"
    );
    case.town
        .go(
            &case.examiner,
            case.item,
            "decide_draft",
            json!({"years": 4}),
        )
        .unwrap();
    let route = case.town.records[&case.item].route.clone().unwrap();
    assert_eq!(
        (
            &route.input["years"],
            &route.input["terms"],
            route.sent_back
        ),
        (&json!(4), &json!("案"), None)
    );
}

#[test]
fn pulled_back_only_by_the_drafter() {
    let mut case = case(false, false);
    case.town
        .go(
            &case.approver,
            case.item,
            "decide_draft",
            json!({"years": 5}),
        )
        .unwrap();
    assert!(
        case.town
            .go(&case.chief, case.item, "decide_pull_back", json!({}))
            .is_err()
    );
    case.town
        .go(&case.approver, case.item, "decide_pull_back", json!({}))
        .unwrap();
    // Without a draft under way whoever may decide does so at once, but not who drafted it.
    assert!(
        case.town
            .go(&case.approver, case.item, "decide", json!({"years": 5}))
            .is_err()
    );
    case.town
        .go(&case.chief, case.item, "decide", json!({"years": 5}))
        .unwrap();
    assert_eq!(case.town.records[&case.item].state, "granted");
}
