//! The counter: a clerk acts for a party without an account (窓口・代行入力).

use crate::act::Actor;
use crate::see;
use crate::snapshot::Snapshot;
use definition::model::RecordType;
use std::borrow::Cow;

/// Whether the actor may key in what people bring to the counter for records of the type.
#[must_use]
pub fn sits(rt: &RecordType, actor: &Actor) -> bool {
    let Some(counter) = &rt.counter else {
        return false;
    };
    actor
        .seats
        .iter()
        .any(|seat| counter.roles.contains(&seat.role))
}

/// The actor in place of the party that a clerk once keyed in, if it is one and the clerk sits at a counter of the
/// record's office; else as they are. The history then names the clerk, in the party's capacity.
#[must_use]
pub fn stand_in<'a>(rt: &RecordType, actor: &'a Actor, snapshot: &Snapshot) -> Cow<'a, Actor> {
    let same = |office: &Option<String>| {
        office.is_none() || snapshot.office.is_none() || *office == snapshot.office
    };
    let near = |counter: &definition::model::Counter| {
        actor
            .seats
            .iter()
            .any(|seat| counter.roles.contains(&seat.role) && same(&seat.office))
    };
    let party = snapshot.parties.iter().find(|party| party.counter);
    // What is closed is closed at the counter too.
    if snapshot.closed.is_some() && see::seat_of(rt, actor, snapshot).is_none() {
        return Cow::Borrowed(actor);
    }
    match (party, &rt.counter) {
        (Some(party), Some(counter)) if actor.on_behalf_of.is_none() && near(counter) => {
            Cow::Owned(Actor {
                on_behalf_of: Some(party.id),
                on_behalf_kind: Some(party.kind.clone()),
                on_behalf_name: Some(party.name.clone()),
                counter: true,
                ..actor.clone()
            })
        }
        _ => Cow::Borrowed(actor),
    }
}
