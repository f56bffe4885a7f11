//! Laws over random definitions and random acts: no sequence of acts reaches what the definition does not allow, a
//! refusal names every faulty field, the journal replays to the snapshots, lists and point checks agree.
mod common;

use common::build::*;
use common::town::{Town, official, person, uuid};
use definition::model::*;
use kernel::closed::Closing;
use kernel::*;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

const STATES: [&str; 4] = ["s0", "s1", "s2", "s3"];
const FIELDS: [&str; 4] = ["a", "b", "c", "e"];

#[derive(Clone, Debug)]
struct RandomAction {
    by: usize,
    from: u8,
    to: Option<usize>,
    opens: bool,
    form: u8,
}

#[derive(Clone, Debug)]
struct RandomSee {
    who: usize,
    scope: usize,
    states: Option<u8>,
    /// Whether it keeps the individual number closed.
    hides: bool,
}

#[derive(Clone, Debug)]
struct RandomAct {
    actor: usize,
    action: usize,
    record: usize,
    bad: u8,
    give: u8,
    behind: u64,
}

fn whos() -> [Who; 6] {
    [
        party("applicant"),
        desk("examiner"),
        desk("clerk"),
        Who::SignedIn,
        Who::Public,
        party("agent"),
    ]
}

fn actors() -> Vec<Actor> {
    let mut behalf = person(5);
    behalf.on_behalf_of = person(1).party;
    behalf.on_behalf_kind = Some("person".into());
    vec![
        person(1),
        person(2),
        official(3, "examiner", Some("北")),
        official(4, "examiner", None),
        official(6, "clerk", None),
        behalf,
        Actor::public(),
        official(7, "examiner", Some("南")),
    ]
}

fn mask(bits: u8) -> Vec<&'static str> {
    STATES
        .iter()
        .enumerate()
        .filter(|(at, _)| bits & (1 << at) != 0)
        .map(|(_, s)| *s)
        .collect()
}

fn form(bits: u8) -> Vec<String> {
    FIELDS
        .iter()
        .enumerate()
        .filter(|(at, _)| bits & (1 << at) != 0)
        .map(|(_, f)| (*f).to_owned())
        .collect()
}

fn scope(at: usize) -> ScopeKind {
    [
        ScopeKind::Own,
        ScopeKind::Office,
        ScopeKind::Municipality,
        ScopeKind::Authority,
        ScopeKind::All,
    ][at]
}

/// A number that one of two roles may open.
fn individual() -> FieldKind {
    FieldKind::IndividualNumber(Box::new(IndividualRule {
        ground: "番号法第9条第1項 別表".into(),
        open: vec!["examiner".into()],
        purposes: [("look".to_owned(), "確認のため".to_owned())].into(),
        assurance: Assured::default(),
    }))
}

fn define(acts: &[RandomAction], sees: &[RandomSee]) -> Arc<Service> {
    let env = feel::Env::new()
        .variable("b", feel::Type::Number)
        .variable("c", feel::Type::Text);
    let mut list: Vec<Action> = acts
        .iter()
        .enumerate()
        .map(|(at, a)| Action {
            opens: a.opens,
            form: Form::Fields(form(a.form)),
            ..action(
                &format!("x{at}"),
                whos()[a.by].clone(),
                &mask(a.from),
                a.to.map_or("", |to| STATES[to]),
            )
        })
        .collect();
    list.push(Action {
        opens: true,
        form: Form::Any,
        ..action("begin", Who::SignedIn, &[], "s0")
    });
    let mut rules: Vec<SeeRule> = sees
        .iter()
        .map(|s| {
            let states = s.states.map(mask);
            // Rules with equal scope and states share a class, as the definition makes them.
            let class = format!("{:?}{states:?}", scope(s.scope));
            see(
                whos()[s.who].clone(),
                scope(s.scope),
                states.as_deref(),
                match s.hides {
                    true => FieldSet::Except(vec!["n".into()]),
                    false => FieldSet::All,
                },
                &class,
            )
        })
        .collect();
    rules.push(see(
        party("applicant"),
        ScopeKind::Own,
        None,
        FieldSet::All,
        "OwnNone",
    ));
    let rt = RecordType {
        authority: Some(typed(r#""13000""#, &env)),
        office: Some(typed(r#"if c = "n" then "北" else "南""#, &env)),
        municipality: Some(typed(r#""13202""#, &env)),
        parties: owner("applicant"),
        fields: fields(vec![
            required("a", text()),
            field(
                "b",
                FieldKind::Number {
                    scale: 2,
                    min: None,
                    max: Some(100.into()),
                    unit: None,
                },
            ),
            required("c", inline(&[("n", "北"), ("s", "南")])),
            Field {
                value: Some(typed("b * 2", &env)),
                ..field(
                    "d",
                    FieldKind::Number {
                        scale: 2,
                        min: None,
                        max: None,
                        unit: None,
                    },
                )
            },
            field("e", FieldKind::Date),
            field("n", individual()),
        ]),
        states: states(STATES.map(|s| state(s, s, None, false)).into()),
        actions: common::build::actions(list),
        see: rules,
        ..record_type("thing")
    };
    Arc::new(service("sample", vec![rt]))
}

fn random_action() -> impl Strategy<Value = RandomAction> {
    (
        0usize..5,
        0u8..16,
        prop::option::of(0usize..4),
        any::<bool>(),
        0u8..16,
    )
        .prop_map(|(by, from, to, opens, form)| RandomAction {
            by,
            from,
            to,
            opens,
            form,
        })
}

fn random_see() -> impl Strategy<Value = RandomSee> {
    let parts = (
        0usize..6,
        0usize..5,
        prop::option::of(0u8..16),
        any::<bool>(),
    );
    parts.prop_map(|(who, scope, states, hides)| RandomSee {
        who,
        scope,
        states,
        hides,
    })
}

fn random_act() -> impl Strategy<Value = RandomAct> {
    (
        0usize..8,
        0usize..6,
        0usize..4,
        prop_oneof![3 => Just(0u8), 1 => 0u8..16],
        any::<u8>(),
        prop_oneof![4 => Just(0u64), 1 => 0u64..3],
    )
        .prop_map(|(actor, action, record, bad, give, behind)| RandomAct {
            actor,
            action,
            record,
            bad,
            give,
            behind,
        })
}

/// An input for a form, with the pointers that a refusal of it must name.
fn input(form: &[String], act: &RandomAct) -> (Json, Vec<String>) {
    let good = [
        json!("山田"),
        json!("１，０"),
        json!("n"),
        json!("2026-11-22"),
    ];
    let bad = [
        json!("あ".repeat(101)),
        json!("abc"),
        json!("x"),
        json!("2026-02-30"),
    ];
    let mut object = Map::new();
    let mut faulty = vec![];
    for (at, name) in FIELDS.iter().enumerate() {
        let wrong = act.bad & (1 << at) != 0;
        if !form.iter().any(|f| f == name) {
            if wrong {
                object.insert((*name).to_owned(), good[at].clone());
                faulty.push(format!("/input/{name}"));
            }
        } else if wrong {
            object.insert((*name).to_owned(), bad[at].clone());
            faulty.push(format!("/input/{name}"));
        } else if act.give & (1 << at) != 0 {
            object.insert((*name).to_owned(), good[at].clone());
        }
    }
    (Json::Object(object), faulty)
}

fn check_views(town: &Town) {
    let service = closable(&town.service);
    for record in town.records.values() {
        check_view(town, &service, record);
        check_glass(town, &service, record);
        check_numbers(town, &service, record);
        for closed in closings(record) {
            check_view(town, &service, &closed);
            check_glass(town, &service, &closed);
            check_numbers(town, &service, &closed);
        }
    }
}

/// The record closed to circles of roles and of officials by name, at every office, some of its people left out.
fn closings(record: &Snapshot) -> Vec<Snapshot> {
    let seated = actors().into_iter().filter(|actor| !actor.seats.is_empty());
    let seated: Vec<Actor> = seated.collect();
    let roles: Vec<String> = (seated.iter().flat_map(|actor| &actor.seats))
        .map(|seat| seat.role.clone())
        .collect();
    let account: Vec<_> = seated.iter().filter_map(|actor| actor.account).collect();
    let circles = [
        (roles.clone(), Vec::new()),
        (Vec::new(), account[..1].to_vec()),
        (roles[..1].to_vec(), account),
        (Vec::new(), Vec::new()),
    ];
    let offices = [None, Some("北".to_owned()), Some("南".to_owned())];
    let offices = offices.into_iter().chain([record.office.clone()]);
    let closed = |office: Option<String>| {
        let one = move |(roles, accounts): &(Vec<String>, Vec<_>)| Snapshot {
            closed: Some(Closing {
                title: "閲覧制限".into(),
                ground: None,
                until: None,
                roles: roles.clone(),
                office: office.clone(),
                accounts: accounts.clone(),
                hides_from: record.parties.iter().take(1).map(|one| one.id).collect(),
                counted: false,
            }),
            ..record.clone()
        };
        circles.iter().map(one).collect::<Vec<_>>()
    };
    offices.flat_map(closed).collect()
}

/// Somebody else who acts for each of the record's parties, and for one that has no part in it.
fn hats(record: &Snapshot) -> Vec<Actor> {
    let parties = record.parties.iter().map(|party| party.id);
    let acting = |party: PartyId| Actor {
        on_behalf_of: Some(party),
        on_behalf_kind: Some("person".into()),
        on_behalf_name: Some("任せた人".into()),
        ..person(77)
    };
    parties.chain([PartyId(uuid(78))]).map(acting).collect()
}

/// By a mandate one sees and does what one would by right, where it reaches; elsewhere nobody's records are one's own,
/// and nothing can be done.
fn check_hat(town: &Town, record: &Snapshot, scopes: &[String], hat: &Actor) {
    let rt = &town.service.types["thing"];
    let only = |what: &str| MandateScope::Only(vec![what.to_owned()]);
    let all_but = |what: &str| MandateScope::AllBut(what.to_owned());
    for (scope, reaches) in [
        (all_but("mandates"), true),
        (only("sample"), true),
        (only("sample/thing"), true),
        (only("sample/thing/begin"), true),
        (all_but("sample"), false),
        (only("sample/other"), false),
        (only("another"), false),
    ] {
        let day = town.today;
        let mandate = Mandate {
            record: record.id,
            capacity: String::new(),
            scope: scope.clone(),
            from: day,
            until: day,
        };
        let actor = Actor {
            mandates: Some(vec![mandate]),
            ..hat.clone()
        };
        let held = scope_keys(&town.service, rt, &actor);
        let listed = held.iter().any(|key| scopes.contains(key));
        let seen = may_see(&town.service, rt, &actor, record);
        assert_eq!(listed, seen.is_some(), "{scope:?} {held:?} {scopes:?}");
        let facts = town.facts(Some(record.id));
        let offered = |actor: &Actor| -> Vec<String> {
            let possible = kernel::actions(&facts, "thing", actor);
            possible.iter().map(|action| action.name.clone()).collect()
        };
        if reaches {
            assert_eq!(seen, may_see(&town.service, rt, hat, record), "{scope:?}");
        } else {
            assert!(!kernel::see::is_own(rt, &actor, record), "{scope:?}");
            assert!(offered(&actor).is_empty(), "{scope:?}");
        }
        if matches!(&scope, MandateScope::Only(named) if named[0].ends_with("begin")) {
            assert!(offered(&actor).iter().all(|name| name == "begin"));
        } else if reaches {
            assert_eq!(offered(&actor), offered(hat), "{scope:?}");
        }
    }
}

/// The rule by which the type can be closed at all; only that it is there counts here.
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn closable(service: &definition::model::Service) -> definition::model::Service {
    let mut service = service.clone();
    let rt = service.types.get_mut("thing").unwrap();
    let mut rt_closed = (**rt).clone();
    let when = Some(typed("true", &feel::Env::default()));
    rt_closed.closed = when.map(|when| definition::model::Closed {
        title: String::new(),
        when,
        circle: vec![],
        named: vec![],
        ground: None,
        until: None,
        hides_from: vec![],
        counted: false,
    });
    assert!(rt_closed.closed.is_some());
    rt_closed.break_glass = Some(breakable());
    *rt = rt_closed.into();
    service
}

/// Officials of one role may read it in an emergency.
fn breakable() -> definition::model::BreakGlass {
    use definition::model::{BreakGlass, FieldSet, ScopeKind, SeeRule, Who};
    let role = actors()
        .iter()
        .find_map(|actor| Some(actor.seats.first()?.role.clone()));
    let role = role.unwrap_or_default();
    BreakGlass {
        roles: vec![role.clone()],
        hours: 1,
        reasons: indexmap::IndexMap::new(),
        find: vec![],
        tell: None,
        rule: SeeRule {
            who: Who::Desk(role),
            scope: ScopeKind::All,
            of: None,
            states: None,
            fields: FieldSet::All,
            names: true,
            class: "@glass".into(),
            ground: None,
        },
    }
}

/// With a pass to a record, to another one, or to what it hangs on: lists and point checks agree, and it lets read only.
fn check_glass(town: &Town, service: &definition::model::Service, record: &Snapshot) {
    let rt = &service.types["thing"];
    let mut facts = town.facts(Some(record.id));
    facts.service = service.clone().into();
    facts.record = Some(record.clone());
    let derived = derive(service, rt, record, Around::of(&facts), town.today);
    let pass = |record| kernel::Pass {
        id: kernel::RecordId(uuid(90)),
        record,
        reason: "生命の危険".into(),
        until: jiff::Timestamp::MAX,
    };
    let other = kernel::RecordId(uuid(91));
    let parent = record.parent.as_ref().map(|parent| parent.id);
    for (to, opens) in [(other, false), (record.id, true)]
        .into_iter()
        .chain(parent.map(|id| (id, !rt.child_of.is_empty())))
    {
        for plain in actors() {
            let actor = Actor {
                passes: vec![pass(to)],
                ..plain.clone()
            };
            let held = scope_keys(service, rt, &actor);
            let listed = held.iter().any(|key| derived.scopes.contains(key));
            let seen = may_see(service, rt, &actor, record).is_some();
            assert_eq!(listed, seen, "{actor:?} {held:?} {:?}", derived.scopes);
            let without = may_see(service, rt, &plain, record).is_some();
            let may = kernel::see::may_break_glass(rt, &actor).is_some();
            assert_eq!(seen, without || (opens && may), "{actor:?}");
            assert_eq!(
                kernel::see::by_glass(rt, &actor, record).is_some(),
                seen && !without
            );
            if !without {
                assert!(kernel::actions(&facts, "thing", &actor).is_empty());
                assert!(!kernel::see::may_name(rt, &actor, record));
                assert!(!kernel::see::desk_sees(rt, &actor, record));
                assert!(!kernel::see::is_own(rt, &actor, record));
            }
        }
    }
}

/// Everybody, and what must not help them: a substitute's seat beside their own, a pass, acting for another, being a system.
fn readers(record: &Snapshot) -> Vec<(Actor, bool)> {
    let stands_in = |office: &str| {
        let mut seat = official(9, "examiner", Some(office)).seats.remove(0);
        seat.substitute = Some(Substitution {
            absent: kernel::Absent {
                account: AccountId(uuid(79)),
                name: "休む人".into(),
            },
            from: jiff::civil::Date::MIN,
            until: jiff::civil::Date::MAX,
        });
        seat
    };
    let pass = kernel::Pass {
        id: kernel::RecordId(uuid(90)),
        record: record.id,
        reason: "生命の危険".into(),
        until: jiff::Timestamp::MAX,
    };
    let mut all = Vec::new();
    for plain in actors() {
        all.push((
            Actor {
                seats: ["北", "南"].map(stands_in).into(),
                ..plain.clone()
            },
            false,
        ));
        let mut beside = plain.clone();
        beside.seats.extend(["北", "南"].map(stands_in));
        beside.passes = vec![pass.clone()];
        all.push((beside, true));
        let hat = Actor {
            on_behalf_of: person(1).party,
            ..plain.clone()
        };
        let system = Actor {
            reads: Some(vec!["sample".into()]),
            ..plain.clone()
        };
        all.extend([(hat, false), (system, false), (plain, true)]);
    }
    all
}

/// Who opens an individual number is who finds the record in a list by a seat of their own alone, of a role that the field
/// names, under rules for officials that show the field. Nothing else opens it.
fn check_numbers(town: &Town, service: &definition::model::Service, record: &Snapshot) {
    let rt = &service.types["thing"];
    let field = &rt.fields["n"];
    let mut narrow = (**rt).clone();
    narrow.break_glass = None;
    narrow.see.retain(|rule| {
        let hides = matches!(&rule.fields, FieldSet::Except(names) if names.contains(&field.name));
        matches!(rule.who, Who::Desk(_)) && rule.scope != ScopeKind::Own && !hides
    });
    let mut alone = service.clone();
    alone.types.insert("thing".into(), narrow.into());
    let narrow = &alone.types["thing"];
    let facts = town.facts(Some(record.id));
    let derived = derive(&alone, narrow, record, Around::of(&facts), town.today);
    for (actor, counts) in readers(record) {
        let opened = kernel::see::may_open_number(rt, field, &actor, record);
        let lists = |seat: &Seat| {
            let from_it = Actor {
                seats: vec![seat.clone()],
                passes: vec![],
                ..actor.clone()
            };
            let held = scope_keys(&alone, narrow, &from_it);
            seat.substitute.is_none()
                && seat.role == "examiner"
                && held.iter().any(|key| derived.scopes.contains(key))
        };
        let may = counts && !actor.system && actor.seats.iter().any(lists);
        assert_eq!(opened.is_some(), may, "{actor:?} {:?}", derived.scopes);
        assert!(opened.is_none_or(lists), "{opened:?}");
        let seen = may_see(service, rt, &actor, record);
        assert!(opened.is_none() || seen.is_some_and(|sight| sight.shows("n")));
    }
}

fn check_view(town: &Town, service: &definition::model::Service, record: &Snapshot) {
    let rt = &service.types["thing"];
    let facts = town.facts(Some(record.id));
    let derived = derive(service, rt, record, Around::of(&facts), town.today);
    let substitutes = actors().into_iter().map(|mut actor| {
        for seat in &mut actor.seats {
            seat.substitute = Some(Substitution {
                absent: kernel::Absent {
                    account: AccountId(uuid(79)),
                    name: "休む人".into(),
                },
                from: town.today,
                until: town.today,
            });
        }
        actor
    });
    for actor in actors().into_iter().chain(substitutes) {
        let held = scope_keys(service, rt, &actor);
        let listed = held.iter().any(|key| derived.scopes.contains(key));
        let seen = may_see(service, rt, &actor, record).is_some();
        assert_eq!(
            listed, seen,
            "{actor:?} {:?} {held:?} {:?}",
            record.state, derived.scopes
        );
        let hidden = record.closed.as_ref().is_some_and(|closing| {
            let own = |seat: &kernel::Seat| {
                let by_role = closing.roles.contains(&seat.role) && closing.office == seat.office;
                let by_name = actor
                    .account
                    .is_some_and(|id| closing.accounts.contains(&id));
                seat.substitute.is_none() && (by_role || by_name)
            };
            let party = actor.acting_party();
            let theirs = party.is_some_and(|id| {
                record.parties.iter().any(|one| one.id == id) && !closing.hides_from.contains(&id)
            });
            !actor.system && !theirs && !actor.seats.iter().any(own)
        });
        assert!(!(hidden && seen), "{actor:?} {:?}", record.closed);
    }
    if record.closed.is_none() {
        for hat in hats(record) {
            check_hat(town, record, &derived.scopes, &hat);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn random_acts_keep_the_laws(
        defined in prop::collection::vec(random_action(), 1..6),
        sees in prop::collection::vec(random_see(), 0..6),
        acts in prop::collection::vec(random_act(), 1..25),
    ) {
        let service = define(&defined, &sees);
        let mut town = Town::new(service.clone());
        let rt = &service.types["thing"];
        let all = actors();
        for act in &acts {
            town.today = town.today.tomorrow().unwrap();
            let name = if act.action < defined.len() { format!("x{}", act.action) } else { "begin".to_owned() };
            let action = &rt.actions[&name];
            let actor = &all[act.actor];
            let known = town.of_type("thing").get(act.record).copied();
            let form: Vec<String> = form_fields(rt, action).iter().map(|f| f.name.clone()).collect();
            let (given, faulty) = input(&form, act);
            let before = known.map(|id| town.records[&id].clone());
            let offered = kernel::actions(&town.facts(known), "thing", actor).iter().any(|a| a.name == name);
            let version = before.as_ref().map(|r| r.version.saturating_sub(act.behind));
            let made = town.act(actor, "thing", known, &name, version, given);
            match town.perform(&made) {
                Ok(decision) => {
                    prop_assert!(offered && faulty.is_empty());
                    let after = &town.records[&made.record];
                    let from = before.as_ref().map(|b| b.state.as_str());
                    prop_assert!(from.map_or(action.opens, |from| action.from.iter().any(|f| f == from)));
                    let expected = action.to.as_deref().or(from).unwrap_or(STATES[0]);
                    prop_assert_eq!(&after.state, expected);
                    prop_assert_eq!(after.version, before.as_ref().map_or(0, |b| b.version) + 1);
                    prop_assert_eq!(decision.events.len(), 1);
                    let asked = form_fields(rt, action).into_iter().filter(|f| f.required && action.form != Form::Any);
                    for field in asked {
                        prop_assert!(after.fields.contains_key(&field.id));
                    }
                    prop_assert_eq!(after.fields.contains_key("b"), after.fields.contains_key("d"));
                }
                Err(refusal) => {
                    let told: Vec<&str> = refusal.faults.iter().map(|f| f.pointer.as_str()).collect();
                    match refusal.kind {
                        RefusalKind::Invalid => {
                            prop_assert!(offered && !told.is_empty());
                            for pointer in &faulty {
                                prop_assert!(told.contains(&pointer.as_str()), "{pointer} not in {told:?}");
                            }
                            prop_assert!(refusal.faults.iter().all(|f| !f.detail.is_empty()));
                        }
                        RefusalKind::Stale => prop_assert!(offered && act.behind > 0 && !told.is_empty()),
                        RefusalKind::NotFound | RefusalKind::WrongState => prop_assert!(!offered, "{refusal}"),
                        other => prop_assert!(false, "{:?}", other),
                    }
                }
            }
        }
        check_views(&town);
        prop_assert_eq!(town.replay(), town.records);
    }
}
