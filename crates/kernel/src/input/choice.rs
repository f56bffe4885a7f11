//! Choices.

use super::{Read, Reader, blank, faulty};
use crate::refusal::Fault;
use crate::tables::code_title;
use definition::model::{Field, Options};
use serde_json::Value as Json;

/// The title of a code on the reader's day; none if it is no option.
fn known(reader: &Reader<'_>, options: &Options, code: &str) -> bool {
    match options {
        Options::Inline(titles) => titles.contains_key(code),
        Options::Table(name) => reader
            .facts
            .service
            .tables
            .get(name)
            .is_some_and(|table| code_title(table, reader.day, code).is_some()),
    }
}

fn option_fault(field: &Field, pointer: &str) -> Fault {
    Fault::new(
        pointer,
        "option",
        format!("「{}」は、選択肢の中から選んでください。", field.title),
    )
}

fn code(
    reader: &Reader<'_>,
    field: &Field,
    options: &Options,
    json: &Json,
    pointer: &str,
) -> Result<Json, Fault> {
    let text = match json {
        Json::String(s) => s.trim().to_owned(),
        Json::Number(n) => n.to_string(),
        _ => return Err(option_fault(field, pointer)),
    };
    if known(reader, options, &text) {
        Ok(Json::String(text))
    } else {
        Err(option_fault(field, pointer))
    }
}

pub(super) fn one(
    reader: &Reader<'_>,
    field: &Field,
    options: &Options,
    json: &Json,
    pointer: &str,
) -> Read {
    code(reader, field, options, json, pointer)
        .map(Some)
        .map_err(|fault| vec![fault])
}

pub(super) fn several(
    reader: &Reader<'_>,
    field: &Field,
    options: &Options,
    json: &Json,
    pointer: &str,
) -> Read {
    let single = [json.clone()];
    let items = match json {
        Json::Array(items) => items.as_slice(),
        Json::String(_) => &single,
        _ => return faulty(pointer, "option", option_fault(field, pointer).detail),
    };
    let mut codes: Vec<Json> = Vec::new();
    let mut faults = Vec::new();
    for (at, item) in items.iter().enumerate().filter(|(_, item)| !blank(item)) {
        match code(reader, field, options, item, &format!("{pointer}/{at}")) {
            Ok(code) if codes.contains(&code) => {}
            Ok(code) => codes.push(code),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok((!codes.is_empty()).then_some(Json::Array(codes)))
}
