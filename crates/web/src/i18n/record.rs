//! A record as a reader of a language sees it: the engine answers in Japanese.

use super::say;
use super::service::Localised;
use crate::Lang;
use definition::model::{RecordType, Service};
use engine::{HistoryEntry, RecordView, RelatedView};
use std::sync::Arc;

/// The record with the titles of its type, state and actions in a language. What was entered stays.
pub(crate) fn view(kept: &Localised, lang: Lang, mut record: RecordView) -> RecordView {
    if lang == Lang::Ja {
        return record;
    }
    let service = kept.of(&record.service, lang);
    record.record_type = typed(&service, &record.record_type);
    let rt = Arc::clone(&record.record_type);
    if let Some(state) = rt.states.get(&record.state) {
        record.state_title.clone_from(&state.title);
        if record.line.is_some() {
            record.line.clone_from(&state.line);
        }
    }
    for action in &mut record.actions {
        if let Some(known) = rt.actions.get(&action.name) {
            action.title.clone_from(&known.title);
        }
    }
    for start in &mut record.starts {
        let words = service
            .types
            .get(&start.record_type)
            .and_then(|of| of.fields.get(&start.field))
            .and_then(|field| field.kind.record_link()?.start.clone());
        start.title = words.unwrap_or_else(|| start.title.clone());
    }
    let beside = [&mut record.children, &mut record.links, &mut record.lookups];
    for other in beside
        .into_iter()
        .flat_map(|map| map.values_mut())
        .flatten()
    {
        related(&service, other);
    }
    if let Some(parent) = &mut record.parent {
        related(&service, parent);
    }
    record.service = service;
    record
}

fn typed(service: &Service, rt: &Arc<RecordType>) -> Arc<RecordType> {
    service
        .types
        .get(&rt.name)
        .map_or_else(|| Arc::clone(rt), Arc::clone)
}

fn related(service: &Service, other: &mut RelatedView) {
    other.record_type = typed(service, &other.record_type);
    if let Some(state) = other.record_type.states.get(&other.state) {
        other.state_title.clone_from(&state.title);
    }
}

/// The titles in a history, of a record that [`view`] has translated.
pub(crate) fn history(lang: Lang, record: &RecordView, entries: &mut [HistoryEntry]) {
    if lang == Lang::Ja {
        return;
    }
    let rt = &record.record_type;
    for entry in entries {
        if let Some(action) = rt.actions.get(&entry.action) {
            entry.action_title.clone_from(&action.title);
        } else if let Some(title) = of_invitations(&entry.action) {
            title.clone_into(&mut entry.action_title);
        }
        let capacity = match entry.acted_as.strip_prefix("desk.") {
            Some(role) => record.service.roles.get(role).map(|role| &role.title),
            None => rt.parties.get(&entry.acted_as).map(|party| &party.title),
        };
        if let Some(title) = capacity {
            entry.acted_as_title.clone_from(title);
        }
        for change in &mut entry.changes {
            if let Some(field) = rt.fields.get(&change.field) {
                change.title.clone_from(&field.title);
            }
        }
        if let Some((name, title)) = &mut entry.state
            && let Some(state) = rt.states.get(name)
        {
            title.clone_from(&state.title);
        }
    }
}

/// Title of an act upon an invitation, which no definition names.
fn of_invitations(action: &str) -> Option<&'static str> {
    Some(match action {
        kernel::invite::OFFERED => say("続きを頼む"),
        kernel::invite::ACCEPTED => say("続きを引き受ける"),
        kernel::invite::MISSED => say("招待の番号のまちがい"),
        kernel::invite::REVOKED => say("続きを頼むのを取りやめる"),
        _ => return None,
    })
}
