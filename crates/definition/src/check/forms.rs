//! Fields that are needed but that nobody is asked for.

use super::Subject;
use crate::diagnostic::Sink;
use crate::model::{Change, FieldKind, Form};
use crate::yaml::Node;

pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    let rt = subject.rt;
    for (key, node) in subject
        .node
        .get("fields")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let Some(field) = rt
            .fields
            .get(&key.name)
            .filter(|field| field.value.is_none())
        else {
            continue;
        };
        let asked = rt.actions.values().any(|action| match &action.form {
            Form::Any => true,
            Form::Fields(names) => names.contains(&field.name),
            Form::None => false,
        });
        let told = sink.has_errors() && named(subject, &field.name);
        if !asked && field.required && !told && !set(subject, &field.name) {
            sink.error(
                &key.at,
                "never-asked",
                format!(
                    "必ず要る項目「{}」を書いてもらう操作がありません。",
                    key.name
                ),
            )
            .hint("どれかの操作の form に入れるか、change で値を入れてください。");
        }
        if let FieldKind::Rows { fields, .. } = &field.kind
            && fields.is_empty()
            && node.get("fields").is_some()
        {
            sink.error(
                &key.at,
                "empty-rows",
                format!("明細「{}」に項目がありません。", key.name),
            );
        }
    }
}

/// Whether a change that could not be typed names the field: its own fault is told already.
fn named(subject: &Subject<'_>, field: &str) -> bool {
    let changes = subject
        .records
        .values()
        .filter_map(|record| record.get("actions"))
        .flat_map(Node::entries)
        .filter_map(|(_, action)| action.get("change"))
        .flat_map(Node::items);
    changes
        .flat_map(|change| {
            ["with", "fields"]
                .into_iter()
                .filter_map(|word| change.get(word))
        })
        .any(|with| with.get(field).is_some())
}

/// Whether a change somewhere in the service gives the field a value.
pub(super) fn set(subject: &Subject<'_>, field: &str) -> bool {
    let rt = subject.rt;
    let copied = rt
        .fields
        .values()
        .filter_map(|other| other.kind.record_link())
        .any(|link| link.copies.iter().any(|set| set.field == field));
    copied
        || subject.types.values().any(|other| {
            other
                .actions
                .values()
                .flat_map(|action| &action.change)
                .any(|change| match change {
                    Change::Open {
                        record_type, with, ..
                    } => *record_type == rt.name && with.iter().any(|set| set.field == field),
                    Change::Set { on, fields, .. } => {
                        on.leads(other, rt) && fields.iter().any(|set| set.field == field)
                    }
                    Change::Act { on, with, .. } => {
                        on.leads(other, rt) && with.iter().any(|set| set.field == field)
                    }
                    _ => false,
                })
        })
}
