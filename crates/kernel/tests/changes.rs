//! An act over several records and a ledger: whole or not at all, and what follows it.
mod common;

use common::build::*;
use common::town::{Town, official, person};
use definition::model::*;
use kernel::*;
use serde_json::json;
use std::sync::Arc;

fn t(source: &str) -> feel::Typed {
    let child = feel::Type::context(
        "",
        [
            ("state", feel::Type::Text),
            ("n", feel::Type::Number.optional()),
        ],
    );
    let env = feel::Env::new()
        .variable("n", feel::Type::Number.optional())
        .variable("sum", feel::Type::Number.optional())
        .variable("state", feel::Type::Text)
        .variable("kids", feel::Type::list(child.clone()))
        .variable("parent", child)
        .variable("row", feel::Type::Any);
    typed(source, &env)
}

fn set(field: &str, value: &str) -> SetField {
    SetField {
        field: field.into(),
        value: t(value),
    }
}

fn everybody_sees() -> Vec<SeeRule> {
    vec![see(Who::Public, ScopeKind::All, None, FieldSet::All, "p")]
}

fn number() -> FieldKind {
    FieldKind::Number {
        scale: 0,
        min: None,
        max: None,
        unit: None,
    }
}

/// `top` opens one `kid` a row; `kid` tells `top`; `top` closes when all kids are done.
fn family(rows_max: usize) -> Arc<Service> {
    let open = Change::Open {
        record_type: "kid".into(),
        slot: Some("kids".into()),
        link: None,
        for_each: Some("rows".into()),
        when: None,
        state: None,
        with: vec![set("n", "row.n")],
        parties: true,
    };
    let top = RecordType {
        parties: owner("applicant"),
        fields: fields(vec![
            field(
                "rows",
                FieldKind::Rows {
                    fields: fields(vec![field("n", number())]),
                    min: 0,
                    max: rows_max,
                },
            ),
            field("sum", number()),
            field("n", number()),
        ]),
        has: [(
            "kids".to_owned(),
            Child {
                slot: "kids".into(),
                title: "子".into(),
                record_type: "kid".into(),
            },
        )]
        .into_iter()
        .collect(),
        states: states(vec![
            state("open", "始め", None, false),
            state("told", "知った", None, false),
            state("done", "終わり", None, true),
        ]),
        actions: common::build::actions(vec![
            Action {
                opens: true,
                form: Form::Fields(names(&["rows"])),
                change: vec![open],
                ..action("begin", party("applicant"), &[], "open")
            },
            Action {
                change: vec![Change::Set {
                    on: Target::This,
                    when: None,
                    fields: vec![set("n", "get or else(n, 0) + 1")],
                }],
                ..action("hear", Who::System, &["open", "told"], "told")
            },
            Action {
                when: Some(t(
                    r#"count(kids) > 0 and every k in kids satisfies k.state = "done""#,
                )),
                ..action("close", Who::System, &["told"], "done")
            },
            Action {
                change: vec![Change::Act {
                    on: Target::Children("kids".into()),
                    action: "stop".into(),
                    when: None,
                    with: vec![],
                }],
                ..action("stop_all", party("applicant"), &["open", "told"], "done")
            },
        ]),
        see: everybody_sees(),
        ..record_type("top")
    };
    let tell = Change::Act {
        on: Target::Parent,
        action: "hear".into(),
        when: None,
        with: vec![],
    };
    let add = Change::Set {
        on: Target::Parent,
        when: None,
        fields: vec![set("sum", "get or else(n, 0) + 100")],
    };
    let hold = Change::Hold {
        ledger: "money".into(),
        key: t(r#""k""#),
        amount: t("get or else(n, 0)"),
    };
    let release = Change::Release {
        ledger: "money".into(),
        key: t(r#""k""#),
        amount: t("get or else(n, 0)"),
    };
    let kid = RecordType {
        parties: owner("applicant"),
        child_of: vec![("top".into(), "kids".into())],
        fields: fields(vec![field("n", number())]),
        states: states(vec![
            state("open", "始め", None, false),
            state("done", "終わり", None, true),
        ]),
        actions: common::build::actions(vec![
            Action {
                change: vec![tell, add, hold, release],
                ..action("finish", party("applicant"), &["open"], "done")
            },
            action("stop", Who::System, &["open"], "done"),
        ]),
        see: everybody_sees(),
        ..record_type("kid")
    };
    let mut service = service("sample", vec![top, kid]);
    let money = Ledger {
        name: "money".into(),
        title: "金".into(),
        unit: "円".into(),
        floor: Some(0.into()),
    };
    service.ledgers.insert("money".into(), money);
    Arc::new(service)
}

#[test]
fn over_three_records_and_a_ledger() {
    let mut town = Town::new(family(5));
    let me = person(1);
    let top = town
        .open(&me, "top", "begin", json!({"rows": [{"n": 1}, {"n": 2}]}))
        .unwrap();
    let kids = town.of_type("kid");
    assert_eq!(
        kids.iter()
            .map(|k| town.records[k].fields["n"].clone())
            .collect::<Vec<_>>(),
        [json!(1), json!(2)],
        "in the order of the rows"
    );
    let decision = town.go(&me, kids[0], "finish", json!({})).unwrap();
    assert_eq!(decision.snapshots.len(), 2);
    assert_eq!(
        (
            town.records[&top].state.as_str(),
            &town.records[&top].fields["sum"]
        ),
        ("told", &json!(101))
    );
    assert_eq!(
        decision.postings.iter().map(|p| p.held).collect::<Vec<_>>(),
        [1.into(), (-1).into()]
    );
    assert_eq!(decision.postings[0].ledger, "sample/money");
    town.go(&me, kids[1], "finish", json!({})).unwrap();
    assert_eq!(
        (
            town.records[&top].state.as_str(),
            &town.records[&top].fields["n"]
        ),
        ("done", &json!(2))
    );
    // The whole is refused where a part cannot be.
    let before = town.records.clone();
    let mut stuck = town.records[&kids[0]].clone();
    stuck.state = "open".into();
    town.records.insert(stuck.id, stuck);
    let refusal = town.go(&me, kids[0], "finish", json!({})).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::WrongState);
    assert!(refusal.title.contains("終わり"), "{}", refusal.title);
    town.records = before;
    assert_eq!(town.replay(), town.records);
}

#[test]
fn what_is_done_already_is_passed_over_among_many() {
    let mut town = Town::new(family(5));
    let me = person(1);
    let top = town
        .open(
            &me,
            "top",
            "begin",
            json!({"rows": [{"n": 1}, {"n": 2}, {"n": 3}]}),
        )
        .unwrap();
    let kids = town.of_type("kid");
    town.go(&me, kids[0], "finish", json!({})).unwrap();
    let decision = town.go(&me, top, "stop_all", json!({})).unwrap();
    assert_eq!(decision.events.len(), 3);
    assert!(kids.iter().all(|k| town.records[k].state == "done"));
    assert_eq!(town.replay(), town.records);
}

#[test]
fn more_than_a_hundred_records_are_refused_whole() {
    let mut town = Town::new(family(200));
    let rows: Vec<_> = (0..100).map(|n| json!({"n": n})).collect();
    let refusal = town
        .open(&person(1), "top", "begin", json!({"rows": rows}))
        .unwrap_err();
    assert!(refusal.title.contains("100件"), "{}", refusal.title);
    assert!(town.records.is_empty());
    town.open(&person(1), "top", "begin", json!({"rows": rows[..99]}))
        .unwrap();
    assert_eq!(town.records.len(), 100);
}

#[test]
fn a_desk_opens_at_the_counter_for_somebody() {
    let mut service = (*family(5)).clone();
    let mut top = (*service.types["top"]).clone();
    top.actions["begin"].by.push(desk("clerk"));
    service.types.insert("top".into(), Arc::new(top));
    let mut town = Town::new(Arc::new(service));
    let mut clerk = official(9, "clerk", None);
    let alone = town.open(&clerk, "top", "begin", json!({})).unwrap();
    assert!(town.records[&alone].parties.is_empty());
    assert_eq!(town.journal[0].header.acted_as, "desk.clerk");
    clerk.on_behalf_of = person(1).party;
    clerk.on_behalf_kind = Some("body".into());
    clerk.on_behalf_name = Some("会".into());
    let other = town.open(&clerk, "top", "begin", json!({})).unwrap();
    assert!(
        town.records[&other].parties.is_empty(),
        "of no kind that the role takes"
    );
    clerk.on_behalf_kind = Some("corporation".into());
    let id = town.open(&clerk, "top", "begin", json!({})).unwrap();
    let owner = &town.records[&id].parties[0];
    assert_eq!(
        (
            owner.role.as_str(),
            owner.kind.as_str(),
            owner.name.as_str(),
            Some(owner.id)
        ),
        ("applicant", "corporation", "会", person(1).party)
    );
    let event = town.journal.last().unwrap();
    assert_eq!(
        (event.header.on_behalf_of, event.header.actor),
        (person(1).party, clerk.account)
    );
    assert_eq!(
        town.open(&Actor::public(), "top", "begin", json!({}))
            .unwrap_err()
            .kind,
        RefusalKind::WrongState
    );
}

#[test]
fn ids_follow_from_the_act_and_the_order() {
    let act = ActId(common::town::uuid(5));
    let ids: Vec<RecordId> = (0..50).map(|n| newid::record(act, n)).collect();
    assert!(ids.is_sorted() && ids.iter().all(|id| id.0.get_version_num() == 7));
    assert_eq!(ids[0].0.as_bytes()[..6], act.0.as_bytes()[..6]);
    assert_eq!(newid::record(act, 7), ids[7]);
    assert_ne!(newid::letter(act, 7).0, ids[7].0);
}

#[test]
fn a_journal_with_a_hole_is_noticed() {
    let mut town = Town::new(family(5));
    let id = town.open(&person(1), "top", "begin", json!({})).unwrap();
    let mut event = town.journal[0].clone();
    event.header.seq = 3;
    assert_eq!(
        evolve(Some(town.records[&id].clone()), &event),
        Err(EvolveError::Gap {
            record: id,
            expected: 2,
            found: 3
        })
    );
    event.header.seq = 1;
    event.body.patches.clear();
    assert_eq!(evolve(None, &event), Err(EvolveError::NoState(id)));
}

#[test]
fn what_was_read_is_expected_at_the_commit() {
    let mut town = Town::new(family(5));
    let me = person(1);
    let top = town
        .open(&me, "top", "begin", json!({"rows": [{"n": 1}, {"n": 2}]}))
        .unwrap();
    let kids = town.of_type("kid");
    let decision = town.go(&me, kids[0], "finish", json!({})).unwrap();
    let mut expected: Vec<(RecordId, u64)> = decision
        .expects
        .iter()
        .map(|e| (e.record, e.version))
        .collect();
    expected.sort();
    let mut known = vec![(top, 1), (kids[0], 1), (kids[1], 1)];
    known.sort();
    assert_eq!(
        expected, known,
        "the sibling too: whether the whole closes hangs on it"
    );
    let opening = town.act(&me, "top", None, "begin", None, json!({}));
    let decision = town.perform(&opening).unwrap();
    assert_eq!(
        decision.expects,
        [Expect {
            record: opening.record,
            version: 0
        }]
    );
}
