//! The life of a request, as the HTTP contract's transcript tells it.
mod common;

use common::sample::sample;
use common::town::{Town, official, person, uuid};
use kernel::*;
use serde_json::{Value as Json, json};

fn place() -> Json {
    json!({"postal_code": "190-0023", "municipality": "13202", "line": "柴崎町2-21-19"})
}

fn town() -> Town {
    Town::new(sample(false, false))
}

fn faults(refusal: &Refusal) -> Vec<(&str, &str)> {
    refusal
        .faults
        .iter()
        .map(|f| (f.pointer.as_str(), f.code.as_str()))
        .collect()
}

fn whole() -> Json {
    json!({"place": place(), "water": "public", "lines": [{"what": "apple", "kind": "new"}, {"what": "pear", "kind": "new"}]})
}

#[test]
fn a_draft_needs_only_what_it_has() {
    let mut town = town();
    let id = town
        .open(
            &person(1),
            "request",
            "save",
            json!({"place": {"municipality": "13202"}}),
        )
        .unwrap();
    let record = &town.records[&id];
    assert_eq!(
        (
            record.state.as_str(),
            record.version,
            record.office.as_deref()
        ),
        ("draft", 1, Some("北"))
    );
    assert_eq!(record.authority.as_deref(), Some("13000"));
    assert_eq!(record.number, None);
    assert_eq!(record.parties[0].role, "applicant");
}

#[test]
fn a_submission_names_all_that_is_missing_and_keeps_the_draft() {
    let mut town = town();
    let me = person(1);
    let id = town
        .open(&me, "request", "save", json!({"place": place()}))
        .unwrap();
    let before = town.records.clone();
    let input = json!({"water": "other", "lines": [{"what": "apple"}, {"what": "plum", "kind": "new"}], "watr": 1, "since": "2026-02-30"});
    let refusal = town.go(&me, id, "submit", input).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Invalid);
    assert_eq!(refusal.title, "入力を確かめてください");
    let found = faults(&refusal);
    assert!(
        found.contains(&("/input/watr", "unknown_field")),
        "{found:?}"
    );
    assert!(found.contains(&("/input/proof", "required")));
    assert!(found.contains(&("/input/lines/1/what", "option")));
    assert!(found.iter().any(|(pointer, _)| *pointer == "/input/since"));
    assert!(
        refusal
            .faults
            .iter()
            .any(|f| f.detail.contains("「water」ではありませんか"))
    );
    assert!(
        refusal
            .faults
            .iter()
            .any(|f| f.detail == "その他のときは証明が要ります。添付してください。")
    );
    assert_eq!(town.records, before);
    let refusal = town
        .go(
            &me,
            id,
            "submit",
            json!({"water": "public", "lines": [{"what": "apple"}]}),
        )
        .unwrap_err();
    assert_eq!(faults(&refusal), [("/input/lines/0/kind", "required")]);
}

#[test]
fn one_request_through_all_its_states() {
    let mut town = town();
    let (me, examiner, approver) = (
        person(1),
        official(2, "examiner", Some("北")),
        official(3, "approver", Some("北")),
    );
    let id = town
        .open(&me, "request", "save", json!({"place": place()}))
        .unwrap();
    let done = town.go(&me, id, "submit", json!({"water": "public", "lines": [{"what": "apple", "kind": "new"}, {"what": "pear", "kind": "new", "fee": 1}]})).unwrap();
    let record = town.records[&id].clone();
    assert_eq!((record.state.as_str(), record.version), ("submitted", 2));
    assert_eq!(record.number.as_deref(), Some("見-2026-00001"));
    assert_eq!(record.fields["total"], json!(29800));
    assert_eq!(record.fields["rows"][0]["fee"], json!(18300));
    let EffectOrder::Notify {
        subject, body, to, ..
    } = &done.effects[0]
    else {
        panic!("a message");
    };
    assert_eq!(subject, "見-2026-00001が届きました");
    assert!(
        body.contains("29,800円") && body.contains("令和8年11月24日"),
        "{body}"
    );
    assert_eq!(
        *to,
        MessageTo::Desk {
            office: "北".into(),
            role: Some("examiner".into())
        }
    );
    let items = town.of_type("item");
    assert_eq!(items.len(), 2);
    assert_eq!(
        town.records[&items[0]].fields["request_number"],
        json!("見-2026-00001")
    );
    assert_eq!(town.records[&items[0]].office.as_deref(), Some("北"));

    // Returned, and mended by somebody who had not seen the remarks.
    town.go(&examiner, id, "return", json!({"remarks": [{"pointer": "/fields/place", "text": "番地を確かめてください", "at": [0.41, 0.62]}]})).unwrap();
    let stale = town.act(
        &me,
        "request",
        Some(id),
        "submit",
        Some(2),
        json!({"water": "public"}),
    );
    let refusal = town.perform(&stale).unwrap_err();
    assert_eq!(
        (refusal.kind, refusal.title.as_str()),
        (RefusalKind::Stale, "補正の依頼が届いています")
    );
    assert_eq!(faults(&refusal), [("/fields/remarks", "changed")]);
    let bare = town.act(&me, "request", Some(id), "submit", None, json!({}));
    assert_eq!(
        town.perform(&bare).unwrap_err().kind,
        RefusalKind::VersionMissing
    );
    town.go(
        &me,
        id,
        "submit",
        json!({"place": {"municipality": "13202", "line": "柴崎町3-1"}}),
    )
    .unwrap();
    assert_eq!(town.records[&id].version, 4);
    assert_eq!(town.of_type("item").len(), 2, "opened once");

    let passed = town.go(&examiner, id, "pass", json!({})).unwrap();
    assert_eq!(passed.postings[0].key, "見-2026-00001");
    assert_eq!(passed.postings[0].posted, 29800.into());
    let granted = town
        .go(
            &approver,
            items[0],
            "decide",
            json!({"years": "５", "terms": null}),
        )
        .unwrap();
    assert_eq!(town.records[&items[0]].fields["years"], json!(5));
    assert_eq!(granted.draws.len(), 1);
    let grant = &town.records[&town.records[&items[0]].links["grant"][0]];
    assert_eq!(
        (grant.number.as_deref(), &grant.fields["until"]),
        (Some("許-001"), &json!("2031-11-24"))
    );
    assert_eq!(town.records[&id].state, "checking");
    town.go(
        &approver,
        items[1],
        "refuse",
        json!({"reasons": "足りません"}),
    )
    .unwrap();
    assert_eq!(
        town.records[&id].state, "closed",
        "follows when every item is decided"
    );
    let last = town.journal.last().unwrap();
    assert_eq!(
        (
            last.header.action.as_str(),
            last.header.acted_as.as_str(),
            last.header.actor
        ),
        ("close", "system", None)
    );
    assert_eq!(town.replay(), town.records);
}

#[test]
fn hidden_values_stay_in_a_draft_and_go_on_submission() {
    let mut town = town();
    let me = person(1);
    let file = AttachmentId(uuid(77));
    town.attachments.insert(
        file,
        AttachmentFact {
            media_type: "image/png".into(),
            bytes: 10,
            usable: true,
            pages: None,
        },
    );
    let draft = json!({"place": place(), "water": "other", "proof": [file.to_string()]});
    let id = town.open(&me, "request", "save", draft).unwrap();
    town.go(&me, id, "save", json!({"water": "public"}))
        .unwrap();
    assert!(town.records[&id].fields.contains_key("proof"));
    town.go(
        &me,
        id,
        "submit",
        json!({"lines": [{"what": "apple", "kind": "new"}]}),
    )
    .unwrap();
    assert!(!town.records[&id].fields.contains_key("proof"));
}

#[test]
fn files_are_what_they_claim() {
    let mut town = town();
    let ids: Vec<AttachmentId> = (0..3).map(|n| AttachmentId(uuid(70 + n))).collect();
    for (id, (media_type, bytes, usable)) in ids.iter().zip([
        ("image/png", 2000, true),
        ("text/html", 10, true),
        ("image/png", 10, false),
    ]) {
        town.attachments.insert(
            *id,
            AttachmentFact {
                media_type: media_type.into(),
                bytes,
                usable,
                pages: None,
            },
        );
    }
    let proof: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let refusal = town
        .open(
            &person(1),
            "request",
            "save",
            json!({"water": "other", "proof": proof}),
        )
        .unwrap_err();
    assert_eq!(
        faults(&refusal),
        [
            ("/input/proof/0", "too_large"),
            ("/input/proof/1", "media_type"),
            ("/input/proof/2", "unknown_upload")
        ]
    );
}

#[test]
fn others_find_nothing_and_the_wrong_hands_are_told() {
    let mut town = town();
    let me = person(1);
    let id = town
        .open(&me, "request", "save", json!({"place": place()}))
        .unwrap();
    assert_eq!(
        town.go(&person(9), id, "submit", json!({})).unwrap_err(),
        Refusal::not_found()
    );
    assert_eq!(
        town.go(
            &official(2, "examiner", Some("北")),
            id,
            "return",
            json!({})
        )
        .unwrap_err(),
        Refusal::not_found(),
        "drafts are not seen"
    );
    assert_eq!(
        town.go(&me, id, "nothing", json!({})).unwrap_err(),
        Refusal::not_found()
    );
    town.go(&me, id, "submit", whole()).unwrap();
    assert_eq!(
        town.go(
            &official(2, "examiner", Some("南")),
            id,
            "return",
            json!({})
        )
        .unwrap_err(),
        Refusal::not_found()
    );
    let refusal = town.go(&me, id, "return", json!({})).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::WrongState);
    assert!(refusal.title.contains("役割examiner"), "{}", refusal.title);
    let refusal = town.go(&me, id, "submit", json!({})).unwrap_err();
    assert!(refusal.title.contains("審査中"), "{}", refusal.title);
}

#[test]
fn a_condition_names_its_field_and_no_row_its_place() {
    let mut town = town();
    let mut input = whole();
    input["lines"] = json!([0; 6].map(|_| json!({"what": "apple", "kind": "new"})));
    let refusal = town
        .open(&person(1), "request", "submit", input.clone())
        .unwrap_err();
    assert_eq!(faults(&refusal), [("/input/lines", "too_many")]);
    input["lines"] = whole()["lines"].clone();
    input["place"]["municipality"] = json!("13103");
    let refusal = town
        .open(&person(1), "request", "submit", input)
        .unwrap_err();
    assert_eq!(faults(&refusal), [("/input/place", "computed")]);
}

#[test]
fn an_older_base_passes_where_nothing_that_matters_changed() {
    let mut town = town();
    let me = person(1);
    let id = town
        .open(&me, "request", "save", json!({"place": place()}))
        .unwrap();
    town.go(&me, id, "save", json!({"water": "public"}))
        .unwrap();
    let act = town.act(
        &me,
        "request",
        Some(id),
        "save",
        Some(1),
        json!({"note": "メモ"}),
    );
    town.perform(&act).unwrap();
    let act = town.act(
        &me,
        "request",
        Some(id),
        "save",
        Some(1),
        json!({"water": "other"}),
    );
    assert_eq!(
        faults(&town.perform(&act).unwrap_err()),
        [("/fields/water", "changed")]
    );
}

#[test]
fn sensitive_fields_show_only_where_named() {
    let mut town = town();
    let mut input = whole();
    input["note"] = json!("秘密");
    let id = town.open(&person(1), "request", "submit", input).unwrap();
    let facts = town.facts(Some(id));
    let (service, record) = (&town.service, &town.records[&id]);
    let rt = &service.types["request"];
    let shown = |actor: &Actor| {
        let set = may_see(service, rt, actor, record).unwrap();
        visible_fields(rt, record, &set, Around::of(&facts))
            .into_keys()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        shown(&person(1)),
        ["lines", "note", "place", "total", "water"]
    );
    assert_eq!(
        shown(&official(2, "examiner", Some("北"))),
        ["lines", "place", "total", "water"]
    );
    assert_eq!(
        shown(&official(2, "approver", Some("北"))),
        ["lines", "place", "total"]
    );
    assert_eq!(may_see(service, rt, &Actor::public(), record), None);
    let set = may_see(service, rt, &person(1), record).unwrap();
    assert_eq!(
        visible_fields(rt, record, &set, Around::of(&facts))["lines"][0]["fee"],
        json!(18300)
    );
    for actor in [
        person(1),
        official(2, "examiner", Some("北")),
        official(2, "approver", Some("北")),
    ] {
        let sight = may_see(service, rt, &actor, record).unwrap();
        assert!(
            sight.names && sight.tells(rt, "applicant"),
            "{}",
            actor.name
        );
    }
}

/// Every kind of rule on a field that is plain, sensitive or machinery: what shows follows from the rule and the
/// field, the names of people from the rule alone.
#[test]
fn hiding_a_field_hides_no_name() {
    use definition::model::{FieldSet, ScopeKind};
    let mut town = town();
    let id = town.open(&person(1), "request", "submit", whole()).unwrap();
    let record = &town.records[&id];
    let only = |name: &str| FieldSet::Only(vec![name.into()]);
    let except = |name: &str| FieldSet::Except(vec![name.into()]);
    let sets = [
        FieldSet::All,
        only("place"),
        only("water"),
        except("place"),
        except("water"),
    ];
    for scope in [ScopeKind::Own, ScopeKind::Office] {
        for (set, names) in sets.iter().flat_map(|set| [(set, true), (set, false)]) {
            for (sensitive, internal) in [(false, false), (true, false), (false, true)] {
                let mut rt = (*town.service.types["request"]).clone();
                rt.see.retain(|rule| rule.scope == scope);
                rt.see.truncate(1);
                rt.see[0].fields = set.clone();
                rt.see[0].names = names;
                let place = rt.fields.get_mut("place").unwrap();
                (place.sensitive, place.internal) = (sensitive, internal);
                let (actor, own) = match scope {
                    ScopeKind::Own => (person(1), true),
                    _ => (official(2, "examiner", Some("北")), false),
                };
                let sight = may_see(&town.service, &rt, &actor, record).unwrap();
                let expected = match set {
                    FieldSet::Only(named) => named[0] == "place",
                    FieldSet::Except(named) if named[0] == "place" => false,
                    _ => !internal && (own || !sensitive),
                };
                let told = format!("{scope:?} {set:?} {sensitive} {internal}");
                assert_eq!(sight.shows("place"), expected, "{told}");
                assert_eq!(sight.names, names, "{told}");
                assert_eq!(sight.tells(&rt, "applicant"), names, "{told}");
                assert!(sight.tells(&rt, "state_title"), "{told}");
            }
        }
    }
}

/// Machinery shows to nobody but a role that a rule names it for; letters and filters over it tell no more than what
/// it is computed from.
#[test]
fn machinery_tells_what_it_is_computed_from() {
    use definition::model::FieldSet;
    let mut town = town();
    let id = town.open(&person(1), "request", "submit", whole()).unwrap();
    let facts = town.facts(Some(id));
    let record = &town.records[&id];
    let mut rt = (*town.service.types["request"]).clone();
    for (name, field) in &mut rt.fields {
        field.sensitive = false;
        field.internal = name == "total";
    }
    let actor = official(2, "examiner", Some("北"));
    let seen =
        |rt: &definition::model::RecordType| may_see(&town.service, rt, &actor, record).unwrap();
    for rule in &mut rt.see {
        rule.fields = FieldSet::All;
    }
    let set = seen(&rt);
    assert!(set.tells(&rt, "total") && !set.shows("total"));
    let fields = visible_fields(&rt, record, &set, Around::of(&facts));
    assert!(!fields.contains_key("total") && fields.contains_key("lines"));
    for rule in &mut rt.see {
        rule.fields = FieldSet::Only(vec!["total".into()]);
    }
    let set = seen(&rt);
    let named = visible_fields(&rt, record, &set, Around::of(&facts));
    assert_eq!(named.into_keys().collect::<Vec<_>>(), ["total"]);
    for rule in &mut rt.see {
        rule.fields = FieldSet::Except(vec!["lines".into()]);
    }
    assert!(
        !seen(&rt).tells(&rt, "total"),
        "it is computed from the lines"
    );
    let mut rule = rt.see[0].clone();
    rule.fields = FieldSet::Except(vec!["lines".into()]);
    assert!(
        !kernel::rule_tells(&rt, &rule, "total"),
        "the total is computed from the lines"
    );
    rule.fields = FieldSet::Except(vec!["place".into()]);
    assert!(kernel::rule_tells(&rt, &rule, "total"));
}

#[test]
fn what_derives_from_a_record() {
    let mut town = town();
    let id = town.open(&person(1), "request", "submit", whole()).unwrap();
    let facts = town.facts(Some(id));
    let service = town.service.clone();
    let (rt, record) = (&service.types["request"], &town.records[&id]);
    let derived = derive(&town.service, rt, record, Around::of(&facts), town.today);
    assert!(
        derived.scopes.contains(&"b:北".to_owned()) && !derived.scopes.contains(&"b:*".to_owned())
    );
    assert!(derived.scopes.contains(&format!("a:{}", uuid(1))));
    assert_eq!(
        derived
            .entries
            .iter()
            .filter(|e| e.index == "by_what")
            .count(),
        2
    );
    let due = derived
        .entries
        .iter()
        .find(|e| e.index == "by_due")
        .unwrap();
    assert_eq!(
        due.keys[0],
        key::encode(&feel::Value::text("desk.examiner"))
    );
    assert_eq!(derived.timers.len(), 2);
    assert!(
        japanese::fold::matches(&derived.search, "柴崎")
            && japanese::fold::matches(&derived.search, "00001")
    );
    assert!(derived.unique.is_empty());
    let nowhere = town.go(&official(2, "examiner", None), id, "pass", json!({}));
    assert_eq!(nowhere.unwrap_err().kind, RefusalKind::NotFound);
    town.go(&official(2, "examiner", Some("北")), id, "pass", json!({}))
        .unwrap();
    let record = &town.records[&id];
    let derived = derive(&town.service, rt, record, Around::of(&facts), town.today);
    let messages: Vec<&str> = derived
        .unique
        .iter()
        .map(|unique| unique.message.as_str())
        .collect();
    let line = record.fields["place"]["line"].as_str().unwrap();
    assert_eq!(messages, [format!("「{line}」の記録がすでにあります。")]);
}

#[test]
fn the_matrix_is_sorted_and_knows_the_steps_of_routes() {
    let text = authority_matrix(&sample(true, true));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.is_sorted());
    assert!(
        lines.contains(&"sample desk.examiner item do decide_draft from=open route=route"),
        "{text}"
    );
    assert!(!lines.contains(&"sample desk.examiner item do decide from=open route=route"));
    assert!(lines.contains(&"sample public request see all states=closed fields=place names=no"));
}
