//! Records named by their ids: one's own, or those that one's seat sees.

use super::{Read, Reader, faulty};
use crate::ids::RecordId;
use crate::refusal::Fault;
use crate::scope::ids_in;
use crate::see::may_name;
use definition::model::{Field, RecordLink};
use serde_json::Value as Json;

pub(super) fn records(
    reader: &Reader<'_>,
    field: &Field,
    link: &RecordLink,
    json: &Json,
    pointer: &str,
) -> Read {
    if !link.many() {
        return one(reader, field, link, json, pointer).map(Some);
    }
    let Json::Array(named) = json else {
        let detail = format!("「{}」は一覧で選んでください。", field.title);
        return faulty(pointer, "type", detail);
    };
    if named.len() > link.max {
        let detail = format!("「{}」は{}件まで選べます。", field.title, link.max);
        return faulty(pointer, "too_many", detail);
    }
    let mut ids: Vec<Json> = Vec::with_capacity(named.len());
    let mut faults = Vec::new();
    for (at, json) in named.iter().enumerate() {
        match one(reader, field, link, json, &format!("{pointer}/{at}")) {
            Ok(id) if !ids.contains(&id) => ids.push(id),
            Ok(_) => {}
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() {
        Ok(Some(Json::Array(ids)))
    } else {
        Err(faults)
    }
}

/// The id, if it is that of a record of the type which the actor may name; what they may not is not there.
fn one(
    reader: &Reader<'_>,
    field: &Field,
    link: &RecordLink,
    json: &Json,
    pointer: &str,
) -> Result<Json, Vec<Fault>> {
    let id = json.as_str().and_then(|text| text.parse::<RecordId>().ok());
    let service = &reader.facts.service;
    let seen = id
        .and_then(|id| reader.facts.related.get(&id))
        .filter(|found| found.record_type == link.of)
        .zip(service.types.get(&link.of))
        .is_some_and(|(found, rt)| {
            stands(reader, field, found.id) || may_name(rt, reader.actor, found)
        });
    match id.filter(|_| seen) {
        Some(id) => Ok(Json::String(id.to_string())),
        None => {
            let detail = format!(
                "「{}」に選んだ記録が見つかりません。一覧から選び直してください。",
                field.title
            );
            Err(vec![Fault::new(pointer, "record", detail)])
        }
    }
}

/// Whether the record names it already: whoever goes on with what another began leaves it in its place.
fn stands(reader: &Reader<'_>, field: &Field, id: RecordId) -> bool {
    let record = reader.facts.record.as_ref();
    let named = record.and_then(|record| record.fields.get(&field.id));
    named.is_some_and(|json| ids_in(json).any(|named| named == id))
}
