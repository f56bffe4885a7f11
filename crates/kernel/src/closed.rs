//! Records closed beyond role (閲覧制限): for everybody but a circle they do not exist. What stands in the snapshot is
//! enough to tell who is in it, for a record and for what hangs on it. See `docs/decisions/0041-closed-records.md`.

use crate::act::Actor;
use crate::decision::Decision;
use crate::event::Patch;
use crate::facts::Facts;
use crate::ids::{AccountId, PartyId, RecordId};
use crate::refusal::Refusal;
use crate::scope::{Around, RecordScope};
use crate::see;
use crate::snapshot::Snapshot;
use crate::world::{Doing, World, unread};
use definition::model::{Closed, RecordType, Service, Who};
use feel::Value;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::VecDeque;

/// Name under which the journal has what a record above did to those that hang on it.
pub const FOLLOWS: &str = "@closed";

/// That a record is closed, and to whom it is not. The ground is sensitive and does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// What the circle reads (閲覧制限).
    pub title: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
    /// The day by which it is to be examined anew; it stays closed after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Roles whose own seats at the office are in the circle.
    pub roles: Vec<String>,
    /// That office; none where the record had none: then no seat is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Officials who are in it by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountId>,
    /// Parties to whom it is closed as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hides_from: Vec<PartyId>,
    /// Whether measures go on counting it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counted: bool,
}

impl std::fmt::Debug for Closing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Closing")
            .field("roles", &self.roles)
            .field("office", &self.office)
            .field("accounts", &self.accounts)
            .finish_non_exhaustive()
    }
}

/// Generations that are gone up through: more than acts reach.
const GENERATIONS: usize = 8;

/// Whether records of a type can be closed: by their own rule, or with what they hang on.
#[must_use]
pub fn closable(service: &Service, rt: &RecordType) -> bool {
    closable_within(service, rt, GENERATIONS)
}

fn closable_within(service: &Service, rt: &RecordType, generations: usize) -> bool {
    let above = |(parent, _): &(String, String)| {
        let parent = service.types.get(parent);
        parent.is_some_and(|parent| closable_within(service, parent, generations - 1))
    };
    rt.closed.is_some() || (generations > 0 && rt.child_of.iter().any(above))
}

/// The records that a decision closes or opens and whose own children were not gathered: with those it is to be decided
/// again. An act reads one generation below its record, and closing goes down through all.
#[must_use]
pub fn unread_below(facts: &Facts, decision: &Decision) -> Vec<RecordId> {
    let own = facts.record.as_ref();
    let before = |id: RecordId| own.filter(|one| one.id == id).or(facts.related.get(&id));
    let is_own = |id: RecordId| own.is_some_and(|one| one.id == id);
    let has_children = |one: &Snapshot| {
        let rt = facts.service.types.get(&one.record_type);
        rt.is_some_and(|rt| !rt.has.is_empty())
    };
    decision
        .snapshots
        .iter()
        .filter(|one| !is_own(one.id) && has_children(one))
        .filter(|one| before(one.id).is_some_and(|before| before.closed != one.closed))
        .map(|one| one.id)
        .collect()
}

/// Closes and opens what the act left so that it is to be closed or opened, and what hangs on it.
pub(crate) fn settle(world: &mut World<'_>) -> Result<(), Refusal> {
    let service = &world.facts.service;
    if service.types.values().all(|rt| rt.closed.is_none()) {
        return Ok(());
    }
    let mut open: VecDeque<RecordId> = world.touched().into();
    while let Some(id) = open.pop_front() {
        let around = world.around();
        let Some(snapshot) = around.record(id) else {
            continue;
        };
        let Some(rt) = service.types.get(&snapshot.record_type) else {
            continue;
        };
        let wanted = wanted(around, rt, snapshot)?;
        if wanted == snapshot.closed {
            continue;
        }
        let below: Vec<RecordId> = below(world, id);
        let doing = Doing {
            id,
            rt,
            action: FOLLOWS,
            who: &Who::System,
        };
        world.join(&doing)?;
        world.put(id, Patch::Closed(wanted.map(Box::new)));
        open.extend(below);
    }
    Ok(())
}

fn below(world: &World<'_>, id: RecordId) -> Vec<RecordId> {
    let hangs = |one: &&Snapshot| one.parent.as_ref().is_some_and(|above| above.id == id);
    let known = world.facts.related.values().filter(hangs);
    let mut below: Vec<RecordId> = known.map(|one| one.id).collect();
    let opened = world.touched().into_iter().filter_map(|id| world.get(id));
    below.extend(opened.filter(hangs).map(|one| one.id));
    below
}

/// How a record is to be closed: as what it hangs on, else by its own rule.
fn wanted(
    around: Around<'_>,
    rt: &RecordType,
    snapshot: &Snapshot,
) -> Result<Option<Closing>, Refusal> {
    let service = around.service();
    let above = |(parent, _): &(String, String)| {
        let parent = service.types.get(parent);
        parent.is_some_and(|rt| closable(service, rt))
    };
    if let Some(parent) = &snapshot.parent
        && rt.child_of.iter().any(above)
    {
        let parent = around.record(parent.id).ok_or_else(unread)?;
        if parent.closed.is_some() {
            return Ok(parent.closed.clone());
        }
    }
    let Some(rule) = &rt.closed else {
        return Ok(None);
    };
    let scope = RecordScope::new(around, rt, snapshot, None);
    Ok(scope
        .holds(&rule.when)
        .then(|| closing(rule, rt, &scope, snapshot)))
}

/// The facts without what is closed to an actor: what a page says of a record over its relatives is made of these.
#[must_use]
pub fn veiled<'f>(facts: &'f Facts, actor: &Actor) -> Cow<'f, Facts> {
    let hidden = |one: &Snapshot| {
        let rt = facts.service.types.get(&one.record_type);
        one.closed.is_some()
            && rt.is_none_or(|rt| see::may_see(&facts.service, rt, actor, one).is_none())
    };
    let looked_up = facts.lookups.values().flatten();
    if !facts.related.values().chain(looked_up).any(hidden) {
        return Cow::Borrowed(facts);
    }
    let mut facts = facts.clone();
    facts.related.retain(|_, one| !hidden(one));
    for found in facts.lookups.values_mut() {
        found.retain(|one| !hidden(one));
    }
    Cow::Owned(facts)
}

/// Whether a lookup from one record finds another: what is closed is found by nothing but what is closed to the same
/// circle, whoever asks, since what a lookup finds goes into fields that everybody reads who reads the record.
#[must_use]
pub fn finds(from: &Snapshot, found: &Snapshot) -> bool {
    let circle = |one: &Closing| (one.roles.clone(), one.office.clone(), one.accounts.clone());
    match (&from.closed, &found.closed) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(from), Some(found)) => circle(from) == circle(found),
    }
}

/// Whether a party is one of those to whom a record is closed.
#[must_use]
pub fn hides_from(record: &Snapshot, party: PartyId) -> bool {
    let closing = record.closed.as_ref();
    closing.is_some_and(|closing| closing.hides_from.contains(&party))
}

fn closing(
    rule: &Closed,
    rt: &RecordType,
    scope: &RecordScope<'_>,
    snapshot: &Snapshot,
) -> Closing {
    let value = |typed: &Option<_>| scope.value(typed.as_ref()?).ok()?;
    let named = rule.named.iter();
    let named = named.filter_map(|name| snapshot.text(rt, name)?.parse().ok());
    let hidden = snapshot.parties.iter();
    let hidden = hidden.filter(|party| rule.hides_from.contains(&party.role));
    Closing {
        title: rule.title.clone(),
        ground: value(&rule.ground).map(|ground| ground.to_string()),
        until: match value(&rule.until) {
            Some(Value::Date(day)) => Some(day),
            _ => None,
        },
        roles: rule.circle.clone(),
        office: snapshot.office.clone(),
        accounts: named.collect(),
        hides_from: hidden.map(|party| party.id).collect(),
        counted: rule.counted,
    }
}
