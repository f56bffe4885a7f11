//! Messages, of acts and of clocks.

use crate::decision::{EffectOrder, MessageTo};
use crate::facts::Facts;
use crate::render::parts;
use crate::scope::{Around, RecordScope};
use crate::snapshot::Snapshot;
use definition::model::{Recipient, RecordType};

/// To whom a message about a record goes.
fn recipients(snapshot: &Snapshot, to: &Recipient) -> Vec<MessageTo> {
    match to {
        Recipient::Party(role) => snapshot
            .parties
            .iter()
            .filter(|p| p.role == *role)
            .map(|p| MessageTo::Party(p.id))
            .collect(),
        Recipient::Desk(role) => vec![MessageTo::Desk {
            office: snapshot.office.clone().unwrap_or_default(),
            role: role.clone(),
        }],
    }
}

/// The message rendered for the record that the facts are about; nothing if either is not there.
#[must_use]
pub fn notify(facts: &Facts, to: &Recipient, message: &str) -> Vec<EffectOrder> {
    let Some(snapshot) = &facts.record else {
        return Vec::new();
    };
    let Some(rt) = facts.service.types.get(&snapshot.record_type) else {
        return Vec::new();
    };
    let around = Around::of(facts);
    orders(
        around,
        rt,
        &RecordScope::new(around, rt, snapshot, None),
        to,
        message,
    )
}

/// The message rendered over a scope, once for each of those to whom it goes.
pub(crate) fn orders(
    around: Around<'_>,
    rt: &RecordType,
    scope: &RecordScope<'_>,
    to: &Recipient,
    message: &str,
) -> Vec<EffectOrder> {
    let Some(text) = around.service().messages.get(message) else {
        return Vec::new();
    };
    let snapshot = scope.snapshot();
    let (subject, body) = (
        parts(around, rt, scope, &text.subject),
        parts(around, rt, scope, &text.body),
    );
    let order = |to| EffectOrder::Notify {
        record: snapshot.id,
        service: around.service().slug.clone(),
        record_type: rt.name.clone(),
        to,
        message: message.to_owned(),
        subject: subject.clone(),
        body: body.clone(),
    };
    recipients(snapshot, to).into_iter().map(order).collect()
}
