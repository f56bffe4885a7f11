//! The fold: events into snapshots. Needs no definition, so that ten-year-old journals replay.

use crate::event::{Event, Patch};
use crate::ids::RecordId;
use crate::snapshot::{Issued, ParentRef, Snapshot};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Key of the state in `field_versions`.
pub const STATE: &str = "@state";
/// Key of the route in `field_versions`.
pub const ROUTE: &str = "@route";
/// Key of the clocks in `field_versions`.
pub const CLOCK: &str = "@clock";

/// The most marks of routes that a snapshot keeps; the journal has them all.
const MAX_MARKS: usize = 200;

/// A journal that does not fit together. Never the fault of an actor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvolveError {
    /// An event is missing or came twice.
    #[error("record {record}: event {found} where {expected} was due")]
    Gap {
        /// The record.
        record: RecordId,
        /// The position that was due.
        expected: u64,
        /// The position that came.
        found: u64,
    },
    /// The event is of another record.
    #[error("event of record {found} met the snapshot of {expected}")]
    OtherRecord {
        /// The snapshot's record.
        expected: RecordId,
        /// The event's record.
        found: RecordId,
    },
    /// The first event sets no state.
    #[error("the first event of record {0} sets no state")]
    NoState(RecordId),
}

/// The snapshot after one more event; `None` stands before the first.
///
/// # Errors
/// See [`EvolveError`].
pub fn evolve(snapshot: Option<Snapshot>, event: &Event) -> Result<Snapshot, EvolveError> {
    let header = &event.header;
    let mut now = snapshot.unwrap_or_else(|| blank(event));
    if now.id != header.record {
        return Err(EvolveError::OtherRecord {
            expected: now.id,
            found: header.record,
        });
    }
    let expected = now.version + 1;
    if header.seq != expected {
        return Err(EvolveError::Gap {
            record: now.id,
            expected,
            found: header.seq,
        });
    }
    for patch in &event.body.patches {
        apply(&mut now, patch, header.seq);
        if matches!(patch, Patch::State(_)) {
            now.state_since = Some(header.effective_on);
        }
    }
    if now.state.is_empty() {
        return Err(EvolveError::NoState(now.id));
    }
    now.version = header.seq;
    now.updated_at = header.recorded_at;
    Ok(now)
}

fn blank(event: &Event) -> Snapshot {
    let header = &event.header;
    Snapshot {
        id: header.record,
        service: header.service.clone(),
        record_type: header.record_type.clone(),
        number: None,
        state: String::new(),
        version: 0,
        authority: None,
        office: None,
        municipality: None,
        parties: Vec::new(),
        parent: None,
        links: BTreeMap::new(),
        fields: BTreeMap::new(),
        field_versions: BTreeMap::new(),
        definition: header.definition.clone(),
        arrived_on: None,
        clocks: BTreeMap::new(),
        route: None,
        trail: Vec::new(),
        issued: Vec::new(),
        invitations: Vec::new(),
        state_since: None,
        kept: None,
        closed: None,
        created_at: header.recorded_at,
        updated_at: header.recorded_at,
    }
}

/// Applies one patch; `seq` is the version that the record will have.
pub(crate) fn apply(now: &mut Snapshot, patch: &Patch, seq: u64) {
    match patch {
        Patch::Field { id, value } => {
            if value.is_null() {
                now.fields.remove(id);
            } else {
                now.fields.insert(id.clone(), value.clone());
            }
            now.field_versions.insert(id.clone(), seq);
        }
        Patch::State(state) => {
            now.state.clone_from(state);
            mark(now, STATE, seq);
        }
        Patch::Number(number) => now.number = Some(number.clone()),
        Patch::Place {
            authority,
            office,
            municipality,
        } => {
            now.authority.clone_from(authority);
            now.office.clone_from(office);
            now.municipality.clone_from(municipality);
        }
        Patch::Party(party) => match now.parties.iter_mut().find(|p| p.role == party.role) {
            Some(old) => *old = party.clone(),
            None => now.parties.push(party.clone()),
        },
        Patch::Parent { id, slot } => {
            now.parent = Some(ParentRef {
                id: *id,
                slot: slot.clone(),
            })
        }
        Patch::Link { name, id } => {
            let ids = now.links.entry(name.clone()).or_default();
            if !ids.contains(id) {
                ids.push(*id);
            }
        }
        Patch::Arrived(day) => now.arrived_on = Some(*day),
        Patch::Clock { name, clock } => {
            now.clocks.insert(name.clone(), clock.clone());
            mark(now, CLOCK, seq);
        }
        Patch::Route(route) => {
            now.route.clone_from(route);
            mark(now, ROUTE, seq);
        }
        Patch::Mark(mark) => {
            if now.trail.len() >= MAX_MARKS {
                now.trail.remove(0);
            }
            now.trail.push(mark.clone());
        }
        Patch::Reviewed { mark, review } => {
            if let Some(mark) = now.trail.get_mut(*mark) {
                mark.reviewed = Some(review.clone());
            }
        }
        Patch::Pin(hash) => now.definition.clone_from(hash),
        Patch::Issued { letter, .. } => now.issued.push(Issued {
            seq,
            ..letter.clone()
        }),
        Patch::Invitation(invitation) => crate::invite::apply(now, invitation),
        Patch::Kept(kept) => now.kept = Some(kept.clone()),
        Patch::Closed(closing) => now.closed = closing.as_deref().cloned(),
        Patch::Posted { .. } | Patch::Disposed(_) => {}
    }
}

fn mark(now: &mut Snapshot, what: &str, seq: u64) {
    now.field_versions.insert(what.to_owned(), seq);
}

/// Whether a patch would change the snapshot: what changes nothing is not written.
pub(crate) fn changes(now: &Snapshot, patch: &Patch) -> bool {
    match patch {
        Patch::Field { id, value } => now.fields.get(id).unwrap_or(&Json::Null) != value,
        Patch::State(state) => &now.state != state,
        Patch::Number(number) => now.number.as_ref() != Some(number),
        Patch::Place {
            authority,
            office,
            municipality,
        } => {
            &now.authority != authority
                || &now.office != office
                || &now.municipality != municipality
        }
        Patch::Party(party) => !now.parties.contains(party),
        Patch::Parent { id, slot } => !now
            .parent
            .as_ref()
            .is_some_and(|p| p.id == *id && &p.slot == slot),
        Patch::Link { name, id } => !now.links.get(name).is_some_and(|ids| ids.contains(id)),
        Patch::Arrived(day) => now.arrived_on != Some(*day),
        Patch::Clock { name, clock } => now.clocks.get(name) != Some(clock),
        Patch::Route(route) => &now.route != route,
        Patch::Pin(hash) => &now.definition != hash,
        Patch::Issued { letter, .. } => !now.issued.iter().any(|known| known.id == letter.id),
        Patch::Closed(closing) => now.closed.as_ref() != closing.as_deref(),
        Patch::Invitation(one) => !now.invitations.contains(one),
        Patch::Posted { .. }
        | Patch::Mark(_)
        | Patch::Reviewed { .. }
        | Patch::Kept(_)
        | Patch::Disposed(_) => true,
    }
}

/// A snapshot before its first event, to which patches are applied while an act is being decided.
pub(crate) fn unborn(event: &Event) -> Snapshot {
    blank(event)
}
