//! Which office receives something, from the municipality alone: for types whose office follows from an address.

use super::error::PageError;
use super::visitor::Visitor;
use definition::model::{Field, FieldKind, RecordType, Service, Status};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// The answer.
pub(super) struct Office {
    pub(super) municipality: String,
    pub(super) name: Option<String>,
    /// What else follows from the municipality alone, in the definition's words.
    pub(super) notes: Vec<String>,
    /// Whether something that follows says no.
    pub(super) elsewhere: bool,
}

/// What an expression may read beside the field itself.
const DAYS: &[&str] = &["as_of", "today"];

/// The type that a person opens here, and the field that decides its office.
pub(super) fn deciding(service: &Service) -> Option<(&RecordType, &Field)> {
    if service.status != Status::Running {
        return None;
    }
    service
        .types
        .values()
        .filter(|rt| rt.actions.values().any(|action| action.opens))
        .find_map(|rt| {
            let reads = rt.office.as_ref()?.reads();
            let field = rt.fields.values().find(|field| follows(field, reads))?;
            Some((rt.as_ref(), field))
        })
}

/// Whether an expression reads nothing but the day and this field's municipality.
fn follows(field: &Field, reads: &BTreeSet<Vec<String>>) -> bool {
    let own = |path: &Vec<String>| match field.kind {
        FieldKind::Address => path.len() == 2 && path[0] == field.name && path[1] == "municipality",
        FieldKind::Municipality => path.len() == 1 && path[0] == field.name,
        _ => false,
    };
    let day = |path: &Vec<String>| path.len() == 1 && DAYS.contains(&path[0].as_str());
    reads.iter().any(own) && reads.iter().all(|path| own(path) || day(path))
}

/// The office for a municipality.
pub(super) async fn find(
    visitor: &Visitor,
    service: &Service,
    rt: &RecordType,
    field: &Field,
    code: &str,
) -> Result<Office, PageError> {
    let value: Json = if matches!(field.kind, FieldKind::Address) {
        json!({"municipality": code})
    } else {
        code.into()
    };
    let input: Map<String, Json> = [(field.name.clone(), value)].into_iter().collect();
    let sketch = visitor
        .app
        .engine
        .sketch(&visitor.signed.actor, &service.slug, &rt.name, None, &input)
        .await?;
    let mut notes = Vec::new();
    let mut elsewhere = false;
    for other in rt.fields.values().filter(|other| {
        other
            .value
            .as_ref()
            .is_some_and(|typed| follows(field, typed.reads()))
    }) {
        match (&other.kind, sketch.fields.get(&other.name)) {
            (FieldKind::Text { .. }, Some(Json::String(text))) if !text.is_empty() => {
                notes.push(text.clone())
            }
            (FieldKind::Boolean, Some(Json::Bool(false))) => elsewhere = true,
            _ => {}
        }
    }
    Ok(Office {
        municipality: visitor.places().full_name(code),
        name: sketch.office,
        notes,
        elsewhere,
    })
}
