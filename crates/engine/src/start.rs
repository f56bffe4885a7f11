//! What may be begun from a record: records of other types that name it.

use crate::view::StartView;
use definition::model::{Action, Field, RecordType, Who};
use feel::Value;
use kernel::scope::record_value;
use kernel::{Actor, Around, Facts, Layer, RecordScope, Snapshot};

/// The records that the actor may begin from this one, in the order of the definition.
pub(crate) fn of(
    facts: &Facts,
    actor: &Actor,
    rt: &RecordType,
    snapshot: &Snapshot,
) -> Vec<StartView> {
    let mut starts = Vec::new();
    if !kernel::may_name(rt, actor, snapshot) {
        return starts;
    }
    let own = is_own(rt, actor, snapshot);
    for other in facts.service.types.values() {
        let mut opening = other.actions.values().filter(|action| action.opens);
        if !opening.any(|action| may(other, action, actor, own)) {
            continue;
        }
        for field in other.fields.values() {
            let Some(title) = words(field, rt).filter(|_| fits(facts, rt, snapshot, field)) else {
                continue;
            };
            starts.push(StartView {
                title,
                record_type: other.name.clone(),
                field: field.name.clone(),
            });
        }
    }
    starts
}

fn words(field: &Field, rt: &RecordType) -> Option<String> {
    let link = field.kind.record_link().filter(|link| link.of == rt.name)?;
    link.start.clone()
}

/// Whether the acting party owns the record.
fn is_own(rt: &RecordType, actor: &Actor, snapshot: &Snapshot) -> bool {
    let owner = |role: &str| rt.parties.get(role).is_some_and(|rule| rule.owner);
    let mut parties = snapshot.parties.iter();
    parties.any(|party| Some(party.id) == actor.party_in(rt) && owner(&party.role))
}

/// Whether this actor may open a record with the action, as far as can be told before it is tried. An official may name
/// records of others too, but what they began as a party would be in their own name.
fn may(rt: &RecordType, action: &Action, actor: &Actor, own: bool) -> bool {
    let opened = |who: &Who| match who {
        Who::Party(role) => own && rt.parties.get(role).is_some_and(|rule| rule.owner),
        Who::SignedIn => actor.account.is_some(),
        Who::Public => true,
        Who::Desk(_) | Who::System => false,
    };
    action.by.iter().any(opened)
}

/// Whether the record is what the field asks for. A condition that reads more than the record is tried later.
fn fits(facts: &Facts, rt: &RecordType, snapshot: &Snapshot, field: &Field) -> bool {
    let Some(condition) = field
        .kind
        .record_link()
        .and_then(|link| link.condition.as_ref())
    else {
        return true;
    };
    let around = Around::of(facts);
    let scope = RecordScope::new(around, rt, snapshot, None);
    let layer = Layer::name(&scope, "it", record_value(around, rt, snapshot));
    !matches!(condition.evaluate(&layer), Ok(Value::Boolean(false)))
}
