//! An action's input and a record type as clients need them.

use super::field::{fields_schema, schema};
use crate::model::{Action, Field, FieldKind, Form, RecordType, Service, Who};
use serde_json::{Value as Json, json};

/// The fields that an action asks for, what it asks besides the record's own included. `any` means what the forms of the same people's other actions name, so that a
/// draft never takes what only the desk may enter; where none names any, all that are entered but remarks.
#[must_use]
pub fn form_fields<'a>(rt: &'a RecordType, action: &'a Action) -> Vec<&'a Field> {
    let mut fields = record_fields(rt, action);
    fields.extend(&action.extra);
    fields
}

/// Those of an action's fields that the record keeps.
#[must_use]
pub fn record_fields<'a>(rt: &'a RecordType, action: &Action) -> Vec<&'a Field> {
    let entered = |field: &&Field| field.value.is_none();
    match &action.form {
        Form::None => Vec::new(),
        Form::Fields(names) => names
            .iter()
            .filter_map(|name| rt.fields.get(name))
            .filter(entered)
            .collect(),
        Form::Any => {
            let same = rt
                .actions
                .values()
                .filter(|other| !other.note && other.by.iter().any(|who| action.by.contains(who)));
            let named: Vec<&String> = same
                .filter_map(|other| {
                    if let Form::Fields(names) = &other.form {
                        Some(names)
                    } else {
                        None
                    }
                })
                .flatten()
                .collect();
            let fields = rt
                .fields
                .values()
                .filter(entered)
                .filter(|field| !matches!(field.kind, FieldKind::Remarks) && !field.internal);
            fields
                .filter(|field| named.is_empty() || named.contains(&&field.name))
                .collect()
        }
    }
}

/// JSON Schema 2020-12 of an action's input. Codes have their titles under `x-titles`; `x-show-if` is the expression under
/// which a field is asked for, `x-order` the order of the form.
#[must_use]
pub fn input_schema(service: &Service, rt: &RecordType, action: &Action) -> Json {
    let draft = action.form == Form::Any;
    let fields = form_fields(rt, action)
        .into_iter()
        .map(|field| (field, field.required && !draft));
    let mut schema = fields_schema(service, fields);
    if let Some(members) = schema.as_object_mut() {
        members.insert(
            "$schema".into(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        members.insert("title".into(), json!(action.title));
    }
    schema
}

/// What a client is told of a record type: title, fields, states, and the actions that open one.
#[must_use]
pub fn type_schema(service: &Service, rt: &RecordType) -> Json {
    let fields: serde_json::Map<String, Json> = rt
        .fields
        .values()
        .filter(|field| !field.internal)
        .map(|field| (field.name.clone(), field_json(service, field)))
        .collect();
    let states: Vec<Json> = rt
        .states
        .values()
        .map(|state| json!({"name": state.name, "title": state.title, "ended": state.ended, "waits_for": state.waits_for.as_ref().map(Who::to_string), "line": state.line}))
        .collect();
    let open_with: Vec<Json> = rt
        .actions
        .values()
        .filter(|action| action.opens)
        .map(|action| json!({"name": action.name, "title": action.title, "by": action.by.iter().map(Who::to_string).collect::<Vec<_>>(), "input_schema": input_schema(service, rt, action)}))
        .collect();
    let indexes: Vec<Json> = rt.indexes.iter().map(|index| json!({"name": index.name, "keys": index.keys.iter().map(crate::model::IndexKey::path).collect::<Vec<_>>()})).collect();
    json!({
        "name": rt.name,
        "title": rt.title,
        "help": rt.help,
        "register": rt.register,
        "fields": fields,
        "order": rt.fields.values().filter(|field| !field.internal).map(|field| &field.name).collect::<Vec<_>>(),
        "states": states,
        "children": rt.has.values().map(|child| (child.slot.clone(), json!({"title": child.title, "type": child.record_type}))).collect::<serde_json::Map<String, Json>>(),
        "indexes": indexes,
        "open_with": open_with,
    })
}

fn field_json(service: &Service, field: &Field) -> Json {
    let mut json = schema(service, field, field.required);
    if let Some(members) = json.as_object_mut() {
        members.insert("x-required".into(), json!(field.required));
        if let Some(value) = &field.value {
            members.insert("readOnly".into(), json!(true));
            members.insert("x-value".into(), json!(value.source()));
        }
    }
    json
}
