//! Who may act: in which capacity an actor stands towards a record.

use crate::act::{Actor, Seat};
use crate::see;
use crate::snapshot::Snapshot;
use definition::model::{Action, PartyRule, RecordType, Who};

/// The name of a capacity in events and lists: `applicant`, `desk.examiner`, `system`, `signed_in`, `public`.
#[must_use]
pub fn who_name(who: &Who) -> String {
    match who {
        Who::Party(role) => role.clone(),
        Who::Desk(role) => format!("desk.{role}"),
        Who::System => "system".into(),
        Who::SignedIn => "signed_in".into(),
        Who::Public => "public".into(),
    }
}

/// In which capacity the actor may take the action by who they are; states, routes and conditions aside. Without a
/// snapshot: may they open a record with it? A desk's seat counts before the official's own person, unless the act
/// is done on somebody's behalf.
#[must_use]
pub fn acting_as(
    rt: &RecordType,
    action: &Action,
    actor: &Actor,
    snapshot: Option<&Snapshot>,
) -> Option<Who> {
    if actor.system {
        return action.by.contains(&Who::System).then_some(Who::System);
    }
    if !actor.is_let(rt, &action.name) {
        return None;
    }
    // What is read in an emergency is read, and no more.
    if snapshot.is_some_and(|s| see::by_glass(rt, actor, s).is_some()) {
        return None;
    }
    let fits = |who: &&Who| match snapshot {
        Some(snapshot) => stands_as(rt, who, actor, snapshot, action.substitute),
        None => may_open_as(rt, who, actor),
    };
    let desk_first = snapshot.is_none() && actor.on_behalf_of.is_none();
    let rank = |who: &&Who| match who {
        Who::Desk(_) if desk_first => 0,
        Who::Party(_) => 1,
        Who::Desk(_) => 2,
        Who::SignedIn => 3,
        Who::Public | Who::System => 4,
    };
    action.by.iter().filter(fits).min_by_key(rank).cloned()
}

/// A seat held for another counts only where substitutes may act, and never for the one who drafted.
fn counts(seat: &Seat, snapshot: &Snapshot, substitutes: bool) -> bool {
    seat.substitute.as_ref().is_none_or(|held| {
        let drafter = snapshot.route.as_ref().and_then(|route| route.drafter);
        substitutes && drafter != Some(held.absent.account)
    })
}

fn stands_as(
    rt: &RecordType,
    who: &Who,
    actor: &Actor,
    snapshot: &Snapshot,
    substitutes: bool,
) -> bool {
    match who {
        Who::Party(role) => {
            let party = actor.party_in(rt);
            party.is_some()
                && snapshot
                    .parties
                    .iter()
                    .any(|p| &p.role == role && Some(p.id) == party)
        }
        Who::Desk(role) => actor.seats.iter().any(|seat| {
            &seat.role == role
                && counts(seat, snapshot, substitutes)
                && see::seat_sees(rt, (actor, seat), snapshot)
        }),
        Who::SignedIn => actor.account.is_some(),
        Who::Public => true,
        Who::System => false,
    }
}

fn may_open_as(rt: &RecordType, who: &Who, actor: &Actor) -> bool {
    match who {
        Who::Party(role) => rt
            .parties
            .get(role)
            .is_some_and(|rule| rule.invited.is_none() && party_fits(rt, rule, actor)),
        Who::Desk(role) => actor
            .seats
            .iter()
            .any(|seat| &seat.role == role && seat.substitute.is_none()),
        Who::SignedIn => actor.account.is_some(),
        Who::Public => true,
        Who::System => false,
    }
}

/// Whether the acting party is of a kind that the role takes.
pub(crate) fn party_fits(rt: &RecordType, rule: &PartyRule, actor: &Actor) -> bool {
    actor.party_in(rt).is_some()
        && (rule.is.is_empty() || rule.is.contains(&acting_kind(rule, actor)))
}

/// The kind of the acting party: a person, unless it acts on behalf of another whose kind is known.
pub(crate) fn acting_kind(rule: &PartyRule, actor: &Actor) -> String {
    match (&actor.on_behalf_of, &actor.on_behalf_kind) {
        (None, _) => "person".into(),
        (Some(_), Some(kind)) => kind.clone(),
        (Some(_), None) => rule.is.first().cloned().unwrap_or_else(|| "person".into()),
    }
}

/// The seat with which an official acts.
pub(crate) fn seat_used<'a>(
    rt: &RecordType,
    who: &Who,
    actor: &'a Actor,
    snapshot: Option<&Snapshot>,
) -> Option<&'a Seat> {
    let Who::Desk(role) = who else {
        // A clerk at the counter acts for a party, from the clerk's own seat.
        let by_right = actor.on_behalf_of.filter(|_| actor.mandates.is_none());
        return by_right.and(actor.seats.first());
    };
    let sees = |seat: &&Seat| snapshot.is_none_or(|s| see::seat_sees(rt, (actor, seat), s));
    let own_first = |seat: &&Seat| seat.substitute.is_some();
    actor
        .seats
        .iter()
        .filter(|seat| &seat.role == role)
        .filter(sees)
        .min_by_key(own_first)
}

/// Titles of those who may, for sentences: 申請者、審査担当.
pub(crate) fn titles(service: &definition::model::Service, rt: &RecordType, by: &[Who]) -> String {
    let title = |who: &Who| match who {
        Who::Party(role) => rt
            .parties
            .get(role)
            .map_or_else(|| role.clone(), |p| p.title.clone()),
        Who::Desk(role) => service
            .roles
            .get(role)
            .map_or_else(|| role.clone(), |r| r.title.clone()),
        Who::System => "システム".into(),
        Who::SignedIn => "サインインした方".into(),
        Who::Public => "どなたでも".into(),
    };
    by.iter().map(title).collect::<Vec<_>>().join("、")
}
