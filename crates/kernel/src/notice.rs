//! Messages, of acts and of clocks.

use crate::decision::{EffectOrder, MessageTo, Reach, Said};
use crate::facts::Facts;
use crate::refusal::{Fault, Refusal, RefusalKind};
use crate::render::{Speaker, parts};
use crate::scope::{Around, RecordScope};
use crate::snapshot::Snapshot;
use definition::model::{Message, Part, Recipient, RecordType};
use feel::{Typed, Value};
use std::collections::BTreeMap;

/// The office whose desk is told: the one that the expression names, else the record's own. None: no office is.
pub(crate) fn desk(
    scope: &RecordScope<'_>,
    named: Option<&Typed>,
) -> Result<Option<String>, Refusal> {
    let Some(named) = named else {
        return Ok(Some(scope.snapshot().office.clone().unwrap_or_default()));
    };
    match scope.value(named) {
        Ok(Some(Value::Text(office))) if !office.is_empty() => Ok(Some(office.to_string())),
        Ok(_) => Ok(None),
        Err(error) => {
            let detail = format!("知らせる事務所を決められません。{error}");
            let fault = Fault::new("/input", "computed", detail);
            Err(Refusal::new(
                RefusalKind::Invalid,
                "入力を確かめてください",
                vec![fault],
            ))
        }
    }
}

/// To whom a message about a record goes.
fn recipients(snapshot: &Snapshot, to: &Recipient, desk: Option<String>) -> Vec<MessageTo> {
    match to {
        Recipient::Party(role) => snapshot
            .parties
            .iter()
            .filter(|p| p.role == *role)
            .map(|p| MessageTo::Party(p.id))
            .collect(),
        Recipient::Desk(role) => desk
            .into_iter()
            .map(|office| MessageTo::Desk {
                office,
                role: role.clone(),
            })
            .collect(),
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
        (to, Some(snapshot.office.clone().unwrap_or_default())),
        message,
    )
}

/// The message in the other languages that the package has it in.
fn said_elsewhere(
    around: Around<'_>,
    rt: &RecordType,
    scope: &RecordScope<'_>,
    message: &Message,
) -> BTreeMap<String, Said> {
    let said = |(lang, (subject, body)): (&String, &(Vec<Part>, Vec<Part>))| {
        let speaker = Speaker::of(around, rt, scope).speaking(lang);
        let said = Said {
            subject: speaker.say(subject),
            body: speaker.say(body),
        };
        (lang.clone(), said)
    };
    message.translated.iter().map(said).collect()
}

/// Whether a part of a subject may be read by whoever looks at the person's telephone: text, or the record's number.
fn tells_nothing(part: &Part) -> bool {
    match part {
        Part::Literal(_) => true,
        Part::Value(typed) => typed.source().trim() == "number",
    }
}

/// The message rendered over a scope, once for each of those to whom it goes: a party, or the desk of an office.
pub(crate) fn orders(
    around: Around<'_>,
    rt: &RecordType,
    scope: &RecordScope<'_>,
    (to, desk): (&Recipient, Option<String>),
    message: &str,
) -> Vec<EffectOrder> {
    let Some(text) = around.service().messages.get(message) else {
        return Vec::new();
    };
    let snapshot = scope.snapshot();
    let (around, scope) = (around.telling(snapshot), scope.telling());
    let (subject, body) = (
        parts(around, rt, &scope, &text.subject),
        parts(around, rt, &scope, &text.body),
    );
    let others = said_elsewhere(around, rt, &scope, text);
    let reach = Reach {
        outside: text.outside,
        urgent: text.urgent,
        plain_subject: text.subject.iter().all(tells_nothing),
    };
    let order = |to| EffectOrder::Notify {
        record: snapshot.id,
        service: around.service().slug.clone(),
        record_type: rt.name.clone(),
        to,
        message: message.to_owned(),
        subject: subject.clone(),
        body: body.clone(),
        others: others.clone(),
        reach,
    };
    recipients(snapshot, to, desk)
        .into_iter()
        .map(order)
        .collect()
}
