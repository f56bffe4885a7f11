//! Rows (明細): each row is read like a small form. Stored by the members' ids.

use super::{Read, Reader, blank, escape, faulty, unknown};
use crate::refusal::Fault;
use definition::model::Field;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

pub(super) fn rows(
    reader: &mut Reader<'_>,
    field: &Field,
    members: &IndexMap<String, Field>,
    max: usize,
    json: &Json,
    pointer: &str,
) -> Read {
    let Json::Array(items) = json else {
        return faulty(
            pointer,
            "format",
            format!("「{}」は1件ずつの一覧で渡してください。", field.title),
        );
    };
    if items.len() > max {
        return faulty(
            pointer,
            "too_many",
            format!("「{}」は{max}件までにしてください。", field.title),
        );
    }
    let mut rows = Vec::with_capacity(items.len());
    let mut faults = Vec::new();
    // Blank rows at the end are left over from a form; one in between keeps its place, so that pointers stay true.
    let used = items
        .iter()
        .rposition(|item| !blank(item))
        .map_or(0, |last| last + 1);
    for (at, item) in items.iter().take(used).enumerate() {
        match row(reader, members, item, &format!("{pointer}/{at}")) {
            Ok(row) => rows.push(Json::Object(row)),
            Err(more) => faults.extend(more),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok((!rows.is_empty()).then_some(Json::Array(rows)))
}

fn row(
    reader: &mut Reader<'_>,
    members: &IndexMap<String, Field>,
    item: &Json,
    pointer: &str,
) -> Result<Map<String, Json>, Vec<Fault>> {
    let Json::Object(given) = item else {
        return Err(vec![Fault::new(
            pointer,
            "format",
            "1件ずつ、項目に分けて入力してください。",
        )]);
    };
    let mut row = Map::new();
    let mut faults = Vec::new();
    for (name, value) in given {
        let at = format!("{pointer}/{}", escape(name));
        match members.get(name) {
            None => faults.push(unknown(at, name, members.keys().map(String::as_str))),
            // What the platform computes comes back with what was read; it is computed anew.
            Some(member) if member.value.is_some() => {}
            Some(member) => match reader.read(member, value, &at) {
                Ok(read) => row.extend(read.map(|v| (member.id.clone(), v))),
                Err(more) => faults.extend(more),
            },
        }
    }
    if faults.is_empty() {
        Ok(row)
    } else {
        Err(faults)
    }
}
