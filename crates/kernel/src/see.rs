//! Who may see: scope keys for lists, and the same rules as a point check. The two agree, by property test.

use crate::act::{Actor, Seat};
use crate::closed::closable;
use crate::glass::Pass;
use crate::ids::RecordId;
use crate::invite::invites;
use crate::scope::{Around, RecordScope};
use crate::snapshot::Snapshot;
use definition::model::{
    BreakGlass, Field, FieldSet, RecordType, ScopeKind, SeeRule, Service, Who,
};
use feel::Typed;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Under this key stand the records of types that a lookup or an import leads to, and money that is counted for each
/// day, so that the platform finds them whoever asks; no actor holds it, and who may see what was found is checked
/// record by record.
pub const PLATFORM_SCOPE: &str = "platform";

/// Names that say nothing about anybody: whoever sees the record at all sees these.
const OPEN: [&str; 13] = [
    "state",
    "state_title",
    "waits_for",
    "number",
    "authority",
    "office",
    "municipality",
    "arrived_on",
    "as_of",
    "today",
    "now",
    "created_on",
    "due",
];

/// What an actor sees of a record: which of its fields, and whether the names of its people. The two are apart, since
/// who may not read an account number may well know whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Fields, by name.
    pub fields: FieldSet,
    /// Whether parties, who acted, notes, and what related records tell.
    pub names: bool,
}

impl Sight {
    /// Whether a field shows.
    #[must_use]
    pub fn shows(&self, name: &str) -> bool {
        shows(&self.fields, name)
    }

    /// Whether one may be told what a name in an expression stands for. Machinery tells what it is computed from.
    #[must_use]
    pub fn tells(&self, rt: &RecordType, head: &str) -> bool {
        match rt.fields.get(head) {
            Some(_) if self.shows(head) => true,
            Some(field) => machinery(field, |head| self.tells(rt, head)),
            None if head == "label" => rt.label.iter().all(|label| self.tells_all(rt, label)),
            None => self.names || OPEN.contains(&head),
        }
    }

    /// Whether one may be told what an expression over the record comes to.
    #[must_use]
    pub fn tells_all(&self, rt: &RecordType, typed: &Typed) -> bool {
        let reads = typed.reads();
        let mut heads = reads.iter().filter_map(|path| path.first());
        heads.all(|head| self.tells(rt, head))
    }
}

/// Whether a field of the platform's own is computed from nothing but what passes. It may read itself.
fn machinery(field: &Field, passes: impl Fn(&str) -> bool) -> bool {
    let Some(value) = field.value.as_ref().filter(|_| field.internal) else {
        return false;
    };
    let heads = value.reads().iter().filter_map(|path| path.first());
    heads
        .filter(|head| **head != field.name)
        .all(|head| passes(head))
}

/// The keys that an actor holds for a record type: it sees the records whose scopes have one of them.
#[must_use]
pub fn scope_keys(service: &Service, rt: &RecordType, actor: &Actor) -> Vec<String> {
    scope_keys_where(service, rt, actor, |_| true)
}

/// Those of the keys that stand on rules of a kind: for lists of one's own, and for filters over fields that only
/// some rules show.
#[must_use]
pub fn scope_keys_where(
    service: &Service,
    rt: &RecordType,
    actor: &Actor,
    wanted: impl Fn(&SeeRule) -> bool,
) -> Vec<String> {
    let mut keys = BTreeSet::new();
    let closable = closable(service, rt);
    for rule in rules(rt, actor).filter(|rule| wanted(rule)) {
        let closed = closable.then(|| closed_reaches(rule, actor));
        let closed = closed.into_iter().flatten();
        for reach in reaches(rt, rule, actor).into_iter().chain(closed) {
            keys.insert(key(rule, &reach));
        }
    }
    if broken_by(rt, actor).is_some_and(|glass| wanted(&glass.rule)) {
        keys.extend(actor.passes.iter().map(|pass| glass_key(pass.record)));
    }
    keys.into_iter().collect()
}

/// The scope keys of a record.
pub(crate) fn scopes(service: &Service, rt: &RecordType, snapshot: &Snapshot) -> Vec<String> {
    let mut keys = BTreeSet::new();
    if rt.break_glass.is_some() {
        // Whoever asks in an emergency names the record, and the platform looks it up.
        keys.insert(PLATFORM_SCOPE.to_owned());
        keys.extend(opened_with(rt, snapshot).map(glass_key));
    }
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

/// Whether the actor may see the record, and what of it. The platform itself sees all.
#[must_use]
pub fn may_see(
    _service: &Service,
    rt: &RecordType,
    actor: &Actor,
    snapshot: &Snapshot,
) -> Option<Sight> {
    if actor.system {
        return Some(Sight {
            fields: FieldSet::All,
            names: true,
        });
    }
    let glass = glass_of(rt, actor, snapshot).map(|(glass, _)| &glass.rule);
    let matching: Vec<&SeeRule> = matching(rt, actor, snapshot).chain(glass).collect();
    (!matching.is_empty()).then(|| union(rt, &matching))
}

/// The seat from which an official may read an individual number (個人番号) of a record: their own, of a role that the field
/// names, that sees record and field by itself. Neither an emergency, nor a substitute's seat, nor a system, nor whoever acts
/// for another opens one; nor does its owner (番号法 19条 names to whom it may be given).
#[must_use]
pub fn may_open_number<'a>(
    rt: &RecordType,
    field: &Field,
    actor: &'a Actor,
    snapshot: &Snapshot,
) -> Option<&'a Seat> {
    let rule = field.kind.individual_rule()?;
    let is_official = actor.account.is_some() && actor.on_behalf_of.is_none();
    if actor.system || !is_official || actor.reads.is_some() {
        return None;
    }
    // By a rule for this very seat: what a further seat of theirs shows (a substitute's) does not count, nor what all may read.
    let shown = |seat: &Seat| {
        seat_rules(rt, (actor, seat), snapshot)
            .filter(|one| matches!(one.who, Who::Desk(_)))
            .any(|one| !hides(rt, one).contains(&field.name))
    };
    actor
        .seats
        .iter()
        .filter(|seat| seat.substitute.is_none() && rule.open.contains(&seat.role))
        .find(|seat| shown(seat))
}

/// The pass by which an official reads a record that no rule shows them (緊急閲覧). It lets read: nothing is their own by
/// it, no seat reaches by it, and nothing can be named.
#[must_use]
pub fn by_glass<'a>(rt: &RecordType, actor: &'a Actor, snapshot: &Snapshot) -> Option<&'a Pass> {
    let (_, pass) = glass_of(rt, actor, snapshot)?;
    matching(rt, actor, snapshot)
        .next()
        .is_none()
        .then_some(pass)
}

/// Who may ask to read records of a type in an emergency: officials with a seat of their own. A substitute's seat never
/// counts, nor does one who acts for another.
#[must_use]
pub fn may_break_glass<'r>(rt: &'r RecordType, actor: &Actor) -> Option<&'r BreakGlass> {
    broken_by(rt, actor).filter(|_| actor.account.is_some() && actor.reads.is_none())
}

fn broken_by<'r>(rt: &'r RecordType, actor: &Actor) -> Option<&'r BreakGlass> {
    let glass = rt.break_glass.as_ref()?;
    let own = |seat: &Seat| seat.substitute.is_none() && glass.roles.contains(&seat.role);
    let may = !actor.system && actor.on_behalf_of.is_none() && actor.may_read(&rt.service);
    (may && actor.seats.iter().any(own)).then_some(glass)
}

fn glass_of<'r, 'a>(
    rt: &'r RecordType,
    actor: &'a Actor,
    snapshot: &Snapshot,
) -> Option<(&'r BreakGlass, &'a Pass)> {
    let glass = broken_by(rt, actor)?;
    let opens = |pass: &&Pass| opened_with(rt, snapshot).any(|id| id == pass.record);
    Some((glass, actor.passes.iter().find(opens)?))
}

/// The records whose pass opens a record: its own, and what it hangs on.
fn opened_with(rt: &RecordType, snapshot: &Snapshot) -> impl Iterator<Item = RecordId> {
    let parent = snapshot.parent.as_ref().filter(|_| !rt.child_of.is_empty());
    std::iter::once(snapshot.id).chain(parent.map(|parent| parent.id))
}

fn glass_key(record: RecordId) -> String {
    format!("@glass:{record}")
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

/// The rules of a type, for somebody whom they may let see anything: a system is confined to the services that it was let
/// read, whatever its seats.
fn rules<'a>(rt: &'a RecordType, actor: &'a Actor) -> impl Iterator<Item = &'a SeeRule> {
    rt.see.iter().filter(move |_| actor.may_read(&rt.service))
}

/// The rules under which an actor sees a record.
fn matching<'a>(
    rt: &'a RecordType,
    actor: &'a Actor,
    snapshot: &'a Snapshot,
) -> impl Iterator<Item = &'a SeeRule> {
    rules(rt, actor)
        .filter(move |rule| in_state(rule, snapshot))
        .filter(move |rule| {
            let held = match snapshot.closed.is_some() && rule.scope != ScopeKind::Own {
                true => closed_reaches(rule, actor),
                false => reaches(rt, rule, actor),
            };
            within(rt, rule, snapshot)
                .iter()
                .any(|reach| held.contains(reach))
        })
}

/// Whether an official sees the record from one of their seats.
#[must_use]
pub fn desk_sees(rt: &RecordType, actor: &Actor, snapshot: &Snapshot) -> bool {
    let counter = actor.counter && snapshot.closed.is_none();
    actor.system || counter || seat_of(rt, actor, snapshot).is_some()
}

/// Whether records of a type are about people, so that it is written down who reads them: they have parties, are a part of
/// what has, or say something sensitive.
#[must_use]
pub fn is_personal(rt: &RecordType) -> bool {
    !rt.parties.is_empty()
        || !rt.child_of.is_empty()
        || rt
            .fields
            .values()
            .any(|field| field.sensitive || field.kind.individual_rule().is_some())
}

/// Whether a record is the actor's own: they see it as one of its parties.
#[must_use]
pub fn is_own(rt: &RecordType, actor: &Actor, snapshot: &Snapshot) -> bool {
    !actor.system && matching(rt, actor, snapshot).any(|rule| rule.scope == ScopeKind::Own)
}

/// The seat from which an official sees a record: the first that reaches it.
#[must_use]
pub fn seat_of<'a>(rt: &RecordType, actor: &'a Actor, snapshot: &Snapshot) -> Option<&'a Seat> {
    let mut seats = actor.seats.iter();
    seats.find(|seat| seat_sees(rt, (actor, seat), snapshot))
}

/// Whether a seat by itself reaches the record: what an official may act upon is what they see from that seat.
pub(crate) fn seat_sees(
    rt: &RecordType,
    (actor, seat): (&Actor, &Seat),
    snapshot: &Snapshot,
) -> bool {
    seat_rules(rt, (actor, seat), snapshot).next().is_some()
}

/// The rules under which a seat by itself reaches the record.
fn seat_rules<'a>(
    rt: &'a RecordType,
    (actor, seat): (&'a Actor, &'a Seat),
    snapshot: &'a Snapshot,
) -> impl Iterator<Item = &'a SeeRule> {
    rules(rt, actor)
        .filter(|rule| in_state(rule, snapshot))
        .filter(move |rule| {
            let about = matches!(&rule.who, Who::Desk(role) if *role == seat.role)
                || matches!(rule.who, Who::SignedIn | Who::Public);
            let held = match snapshot.closed {
                Some(_) => circles(rule, actor, seat),
                None => seat_reach(rule.scope, seat).into_iter().collect(),
            };
            let within = || within(rt, rule, snapshot);
            about && !held.is_empty() && within().iter().any(|reach| held.contains(reach))
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
    /// Of what a rule reaches, what is closed to all but a part of the circle.
    Closed(Box<Reach>, Circle),
}

/// A part of the circle of closed records.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Circle {
    /// Own seats of a role at an office.
    Seat { role: String, office: String },
    /// An official.
    Account(String),
}

fn key(rule: &SeeRule, reach: &Reach) -> String {
    match reach {
        Reach::All => rule.class.clone(),
        Reach::Owner(id) => format!("{}:owner:{id}", rule.class),
        Reach::Party(id) | Reach::Place(id) => format!("{}:{id}", rule.class),
        Reach::Closed(reach, Circle::Seat { role, office }) => {
            format!("{}#{role}@{office}", key(rule, reach))
        }
        Reach::Closed(reach, Circle::Account(id)) => format!("{}#{id}", key(rule, reach)),
    }
}

fn in_state(rule: &SeeRule, snapshot: &Snapshot) -> bool {
    rule.states
        .as_ref()
        .is_none_or(|states| states.contains(&snapshot.state))
}

/// What the actor holds under a rule.
fn reaches(rt: &RecordType, rule: &SeeRule, actor: &Actor) -> Vec<Reach> {
    if actor.system {
        return Vec::new();
    }
    let own = || actor.party_in(rt).map(|id| id.to_string());
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

/// What the actor holds of closed records under a rule that is not about their own.
fn closed_reaches(rule: &SeeRule, actor: &Actor) -> Vec<Reach> {
    let seats = actor.seats.iter();
    seats.flat_map(|seat| circles(rule, actor, seat)).collect()
}

/// What a seat holds of closed records under a rule. Only seats of one's own: a substitute is not in the circle.
fn circles(rule: &SeeRule, actor: &Actor, seat: &Seat) -> Vec<Reach> {
    let of_role = matches!(&rule.who, Who::Desk(role) if *role == seat.role);
    let own = seat.substitute.is_none() && !actor.system;
    let Some(reach) = seat_reach(rule.scope, seat).filter(|_| of_role && own) else {
        return Vec::new();
    };
    let office = seat.office.iter().map(|office| Circle::Seat {
        role: seat.role.clone(),
        office: office.clone(),
    });
    let account = actor.account.map(|id| Circle::Account(id.to_string()));
    office
        .chain(account)
        .map(|circle| Reach::Closed(Box::new(reach.clone()), circle))
        .collect()
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
    let reaches = open_within(rt, rule, snapshot);
    match (&snapshot.closed, &rule.who) {
        (None, _) => reaches,
        (Some(closing), _) if rule.scope == ScopeKind::Own => {
            let hidden: Vec<String> = closing.hides_from.iter().map(ToString::to_string).collect();
            let shown = |reach: &Reach| !matches!(reach, Reach::Owner(id) | Reach::Party(id) if hidden.contains(id));
            reaches.into_iter().filter(shown).collect()
        }
        (Some(closing), Who::Desk(role)) => {
            let seat = closing
                .office
                .clone()
                .filter(|_| closing.roles.contains(role));
            let seat = seat.map(|office| Circle::Seat {
                role: role.clone(),
                office,
            });
            let accounts = closing.accounts.iter();
            let accounts = accounts.map(|id| Circle::Account(id.to_string()));
            let circles: Vec<Circle> = seat.into_iter().chain(accounts).collect();
            let closed = |reach: Reach| {
                let each = circles.iter();
                each.map(move |circle| Reach::Closed(Box::new(reach.clone()), circle.clone()))
            };
            reaches.into_iter().flat_map(closed).collect()
        }
        // What is for everybody is for nobody while it is closed.
        (Some(_), _) => Vec::new(),
    }
}

/// The same, as if it were open.
fn open_within(rt: &RecordType, rule: &SeeRule, snapshot: &Snapshot) -> Vec<Reach> {
    let place = |place: &Option<String>| match &rule.of {
        None => place.clone().map(Reach::Place),
        Some(name) => snapshot
            .text(rt, name)
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
/// machinery only where a rule names it. Hiding a field takes no names away: those go by the rules alone.
fn union(rt: &RecordType, rules: &[&SeeRule]) -> Sight {
    let mut hidden = rules.iter().map(|rule| hides(rt, rule));
    let first = hidden.next().unwrap_or_default();
    let hidden = hidden.fold(first, |mut all, more| {
        all.retain(|name| more.contains(name));
        all
    });
    let fields = if hidden.is_empty() {
        FieldSet::All
    } else {
        FieldSet::Except(hidden)
    };
    Sight {
        fields,
        names: rules.iter().any(|rule| rule.names),
    }
}

/// The fields that a rule by itself does not show.
pub(crate) fn hides(rt: &RecordType, rule: &SeeRule) -> Vec<String> {
    let shown = |field: &Field| match &rule.fields {
        FieldSet::Only(names) => names.contains(&field.name),
        set => shows(set, &field.name) && !field.internal && !closed(rule, field),
    };
    let hidden = rt.fields.values().filter(|field| !shown(field));
    hidden.map(|field| field.name.clone()).collect()
}

/// Whether a rule that names no field keeps a sensitive one closed.
fn closed(rule: &SeeRule, field: &Field) -> bool {
    field.sensitive && rule.scope != ScopeKind::Own
}

/// What a search for words looks into, numbers aside.
pub fn searched(rt: &RecordType) -> impl Iterator<Item = String> {
    let label = rt.label.iter().flat_map(Typed::reads);
    let heads = rt
        .search
        .iter()
        .chain(label)
        .filter_map(|path| path.first());
    heads.cloned()
}

/// Whether a rule lets one filter and sort by a field. Machinery tells what it is computed from.
#[must_use]
pub fn rule_tells(rt: &RecordType, rule: &SeeRule, name: &str) -> bool {
    let Some(field) = rt.fields.get(name) else {
        return rule.names || !rt.parties.contains_key(name);
    };
    let named = matches!(&rule.fields, FieldSet::Only(names) if names.iter().any(|n| n == name));
    let seen = shows(&rule.fields, name) && !closed(rule, field);
    named
        || match field.internal {
            true => machinery(field, |head| rule_tells(rt, rule, head)),
            false => seen,
        }
}

/// Whether a set shows a field.
fn shows(set: &FieldSet, name: &str) -> bool {
    match set {
        FieldSet::All => true,
        FieldSet::Only(names) => names.iter().any(|n| n == name),
        FieldSet::Except(names) => !names.iter().any(|n| n == name),
    }
}

/// The record's values by field name as this sight shows them: hidden ones and those whose `show_if` does not hold
/// left out, members of rows by name.
#[must_use]
pub fn visible_fields(
    rt: &RecordType,
    snapshot: &Snapshot,
    sight: &Sight,
    around: Around<'_>,
) -> BTreeMap<String, Json> {
    let scope = RecordScope::new(around, rt, snapshot, None);
    let shown = snapshot.fields.iter().filter_map(|(id, json)| {
        let field = rt.field_by_id(id)?;
        let shows = sight.shows(&field.name) && scope.shown(field);
        shows.then(|| {
            (
                field.name.clone(),
                crate::convert::outward(&field.kind, json),
            )
        })
    });
    shown.collect()
}
