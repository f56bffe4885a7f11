//! Who may see: scope keys for lists, and the same rules as a point check. The two agree, by property test.

use crate::act::{Actor, Seat};
use crate::invite::invites;
use crate::scope::{Around, RecordScope};
use crate::snapshot::Snapshot;
use definition::model::{Field, FieldSet, RecordType, ScopeKind, SeeRule, Service, Who};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Under this key stand the records of types that a lookup leads to, and money that is counted for each day, so that
/// the platform finds them whoever asks; no actor holds it, and who may see what was found is checked record by record.
/// Under this key stand the records of types that a lookup or an import leads to, so that the platform finds them whoever asks;
/// no actor holds it, and who may see what was found is checked record by record.
pub const PLATFORM_SCOPE: &str = "platform";

/// The keys that an actor holds for a record type: it sees the records whose scopes have one of them.
#[must_use]
pub fn scope_keys(service: &Service, rt: &RecordType, actor: &Actor) -> Vec<String> {
    scope_keys_where(service, rt, actor, |_| true)
}

/// Those of the keys that stand on rules of a kind: for lists of one's own, and for filters over fields that only
/// some rules show.
#[must_use]
pub fn scope_keys_where(
    _service: &Service,
    rt: &RecordType,
    actor: &Actor,
    wanted: impl Fn(&SeeRule) -> bool,
) -> Vec<String> {
    let mut keys = BTreeSet::new();
    for rule in rt.see.iter().filter(|rule| wanted(rule)) {
        for reach in reaches(rule, actor) {
            keys.insert(key(rule, &reach));
        }
    }
    keys.into_iter().collect()
}

/// The scope keys of a record.
pub(crate) fn scopes(service: &Service, rt: &RecordType, snapshot: &Snapshot) -> Vec<String> {
    let mut keys = BTreeSet::new();
    if service
        .types
        .values()
        .any(|other| other.lookups.values().any(|lookup| lookup.of == rt.name))
        || rt
            .gateway
            .as_ref()
            .is_some_and(|g| g.counted.is_some() || g.day.is_some())
        || service
            .imports
            .values()
            .any(|import| import.into == rt.name)
    {
        keys.insert(PLATFORM_SCOPE.to_owned());
    }
    for rule in rt.see.iter().filter(|rule| in_state(rule, snapshot)) {
        for reach in within(rt, rule, snapshot) {
            keys.insert(key(rule, &reach));
        }
    }
    keys.into_iter().collect()
}

/// Whether the actor may see the record, and which fields. The platform itself sees all.
#[must_use]
pub fn may_see(
    _service: &Service,
    rt: &RecordType,
    actor: &Actor,
    snapshot: &Snapshot,
) -> Option<FieldSet> {
    if actor.system {
        return Some(FieldSet::Only(rt.fields.keys().cloned().collect()));
    }
    let matching: Vec<&SeeRule> = matching(rt, actor, snapshot).collect();
    (!matching.is_empty()).then(|| union(rt, &matching))
}

/// Whether the actor may name the record in a record of their own and so act upon it: it is theirs, or a seat of
/// theirs sees it. What everybody may read nobody may name for that, nor what one was invited to go on with.
#[must_use]
pub fn may_name(rt: &RecordType, actor: &Actor, snapshot: &Snapshot) -> bool {
    let for_all = |rule: &&SeeRule| {
        matches!(rule.who, Who::Public | Who::SignedIn) && rule.scope != ScopeKind::Own
    };
    let as_guest =
        |rule: &&SeeRule| matches!(&rule.who, Who::Party(role) if invites(rt, role).is_some());
    actor.system || matching(rt, actor, snapshot).any(|rule| !for_all(&rule) && !as_guest(&rule))
}

/// The rules under which an actor sees a record.
fn matching<'a>(
    rt: &'a RecordType,
    actor: &'a Actor,
    snapshot: &'a Snapshot,
) -> impl Iterator<Item = &'a SeeRule> {
    rt.see
        .iter()
        .filter(move |rule| in_state(rule, snapshot))
        .filter(move |rule| {
            let held = reaches(rule, actor);
            within(rt, rule, snapshot)
                .iter()
                .any(|reach| held.contains(reach))
        })
}

/// Whether an official sees the record from one of their seats.
#[must_use]
pub fn desk_sees(rt: &RecordType, actor: &Actor, snapshot: &Snapshot) -> bool {
    actor.system || actor.counter || actor.seats.iter().any(|seat| seat_sees(rt, seat, snapshot))
}

/// Whether a seat by itself reaches the record: what an official may act upon is what they see from that seat.
pub(crate) fn seat_sees(rt: &RecordType, seat: &Seat, snapshot: &Snapshot) -> bool {
    rt.see
        .iter()
        .filter(|rule| in_state(rule, snapshot))
        .any(|rule| {
            let about = matches!(&rule.who, Who::Desk(role) if *role == seat.role)
                || matches!(rule.who, Who::SignedIn | Who::Public);
            let held = seat_reach(rule.scope, seat);
            about && held.is_some_and(|held| within(rt, rule, snapshot).contains(&held))
        })
}

/// What a rule's key stands for besides its class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    All,
    /// An owner's party; for rules that are not about one role of the record.
    Owner(String),
    Party(String),
    Place(String),
}

fn key(rule: &SeeRule, reach: &Reach) -> String {
    match reach {
        Reach::All => rule.class.clone(),
        Reach::Owner(id) => format!("{}:owner:{id}", rule.class),
        Reach::Party(id) | Reach::Place(id) => format!("{}:{id}", rule.class),
    }
}

fn in_state(rule: &SeeRule, snapshot: &Snapshot) -> bool {
    rule.states
        .as_ref()
        .is_none_or(|states| states.contains(&snapshot.state))
}

/// What the actor holds under a rule.
fn reaches(rule: &SeeRule, actor: &Actor) -> Vec<Reach> {
    if actor.system {
        return Vec::new();
    }
    let own = || actor.acting_party().map(|id| id.to_string());
    match (&rule.who, rule.scope) {
        (Who::System, _) => Vec::new(),
        (Who::Party(_), ScopeKind::Own) => own().map(Reach::Party).into_iter().collect(),
        // A party that sees more than its own records needs no more than to be somebody.
        (Who::Party(_), ScopeKind::All) => own().map(|_| Reach::All).into_iter().collect(),
        (Who::Party(_), _) => Vec::new(),
        (Who::Desk(role), scope) => {
            let seats = actor.seats.iter().filter(|seat| seat.role == *role);
            match scope {
                ScopeKind::Own => seats
                    .take(1)
                    .filter_map(|_| own().map(Reach::Owner))
                    .collect(),
                scope => seats.filter_map(|seat| seat_reach(scope, seat)).collect(),
            }
        }
        (Who::SignedIn, _) if actor.account.is_none() => Vec::new(),
        (Who::SignedIn | Who::Public, ScopeKind::Own) => {
            own().map(Reach::Owner).into_iter().collect()
        }
        (Who::SignedIn | Who::Public, ScopeKind::All) => vec![Reach::All],
        (Who::SignedIn | Who::Public, scope) => actor
            .seats
            .iter()
            .filter_map(|seat| seat_reach(scope, seat))
            .collect(),
    }
}

fn seat_reach(scope: ScopeKind, seat: &Seat) -> Option<Reach> {
    match scope {
        ScopeKind::All => Some(Reach::All),
        // A seat without an office is in none: those who see all offices have a rule with the scope `all`.
        ScopeKind::Office => seat.office.clone().map(Reach::Place),
        ScopeKind::Municipality => seat.municipality.clone().map(Reach::Place),
        ScopeKind::Authority => seat.authority.clone().map(Reach::Place),
        ScopeKind::Own => None,
    }
}

/// Under which keys of a rule the record stands.
fn within(rt: &RecordType, rule: &SeeRule, snapshot: &Snapshot) -> Vec<Reach> {
    let place = |place: &Option<String>| match &rule.of {
        None => place.clone().map(Reach::Place),
        Some(name) => rt
            .fields
            .get(name)
            .and_then(|field| snapshot.fields.get(&field.id)?.as_str())
            .map(|text| Reach::Place(text.to_owned())),
    };
    match rule.scope {
        ScopeKind::All => vec![Reach::All],
        ScopeKind::Office => place(&snapshot.office).into_iter().collect(),
        ScopeKind::Municipality => place(&snapshot.municipality).into_iter().collect(),
        ScopeKind::Authority => place(&snapshot.authority).into_iter().collect(),
        ScopeKind::Own => match &rule.who {
            Who::Party(role) => snapshot
                .parties
                .iter()
                .filter(|p| p.role == *role)
                .map(|p| Reach::Party(p.id.to_string()))
                .collect(),
            _ => {
                let owner = |role: &str| rt.parties.get(role).is_some_and(|rule| rule.owner);
                snapshot
                    .parties
                    .iter()
                    .filter(|p| owner(&p.role))
                    .map(|p| Reach::Owner(p.id.to_string()))
                    .collect()
            }
        },
    }
}

/// What several rules show together. A sensitive field shows only where a rule names it, or to the party itself;
/// machinery only where a rule names it, and who sees all the rest sees the record whole.
fn union(rt: &RecordType, rules: &[&SeeRule]) -> FieldSet {
    let shown = |name: &String, field: &Field| {
        rules.iter().any(|rule| match &rule.fields {
            FieldSet::Only(names) => names.contains(name),
            FieldSet::All => !field.internal && !closed(rule, field),
            FieldSet::Except(names) => {
                !names.contains(name) && !field.internal && !closed(rule, field)
            }
        })
    };
    let plain = !rt.fields.values().any(|f| f.sensitive);
    if plain && rules.iter().any(|rule| rule.fields == FieldSet::All) {
        let machinery = rt.fields.iter().filter(|(_, field)| field.internal);
        let hidden: Vec<String> = machinery
            .filter(|(name, field)| !shown(name, field))
            .map(|(name, _)| name.clone())
            .collect();
        return if hidden.is_empty() {
            FieldSet::All
        } else {
            FieldSet::Except(hidden)
        };
    }
    FieldSet::Only(
        rt.fields
            .iter()
            .filter(|(name, field)| shown(name, field))
            .map(|(name, _)| name.clone())
            .collect(),
    )
}

/// Whether a rule that names no field keeps a sensitive one closed.
fn closed(rule: &SeeRule, field: &Field) -> bool {
    field.sensitive && rule.scope != ScopeKind::Own
}

/// Whether a set that [`may_see`] gave is the whole record; machinery does not count.
#[must_use]
pub fn whole(rt: &RecordType, set: &FieldSet) -> bool {
    let read = |field: &&Field| !field.internal;
    !matches!(set, FieldSet::Only(_))
        || rt
            .fields
            .values()
            .filter(read)
            .all(|field| shows(set, &field.name))
}

/// Whether a rule lets one filter and sort by a field. Machinery tells what it is computed from.
#[must_use]
pub fn rule_tells(rt: &RecordType, rule: &SeeRule, name: &str) -> bool {
    let Some(field) = rt.fields.get(name) else {
        return true;
    };
    let named = matches!(&rule.fields, FieldSet::Only(names) if names.iter().any(|n| n == name));
    match &field.value {
        _ if named => true,
        Some(value) if field.internal => {
            let heads = value.reads().iter().filter_map(|path| path.first());
            heads
                .filter(|head| *head != name)
                .all(|head| rule_tells(rt, rule, head))
        }
        _ => shows(&rule.fields, name) && !closed(rule, field),
    }
}

/// Whether a set that [`may_see`] gave shows a field.
#[must_use]
pub fn shows(set: &FieldSet, name: &str) -> bool {
    match set {
        FieldSet::All => true,
        FieldSet::Only(names) => names.iter().any(|n| n == name),
        FieldSet::Except(names) => !names.iter().any(|n| n == name),
    }
}

/// The record's values by field name as this set shows them: hidden ones and those whose `show_if` does not hold
/// left out, members of rows by name.
#[must_use]
pub fn visible_fields(
    rt: &RecordType,
    snapshot: &Snapshot,
    set: &FieldSet,
    around: Around<'_>,
) -> BTreeMap<String, Json> {
    let scope = RecordScope::new(around, rt, snapshot, None);
    let mut fields = BTreeMap::new();
    for (name, field) in &rt.fields {
        let Some(json) = snapshot.fields.get(&field.id) else {
            continue;
        };
        if shows(set, name) && scope.shown(field) {
            fields.insert(name.clone(), crate::convert::outward(&field.kind, json));
        }
    }
    fields
}
