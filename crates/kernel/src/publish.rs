//! One record as a line of a publication. Whether a line goes out is decided here for every service alike: what the
//! definition filters, what its holder has asked to leave out, and what would name a person.

use crate::scope::{Around, Layer, RecordScope, evaluate};
use crate::snapshot::Snapshot;
use definition::model::{Field, FieldKind, Publication, RecordType};
use feel::{EvalError, Scope, Typed, Value};
use indexmap::IndexMap;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What becomes of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// The publication is not about it.
    Outside,
    /// Left out at its holder's wish.
    OptedOut,
    /// A text in it equals a person's name, and nobody has decided yet whether it may go out.
    Held,
    /// The same, and staff have decided that it does not.
    Kept,
    /// It goes out: a value a column, none where it is absent.
    Row(Vec<Option<Value>>),
}

/// The line of a record, the `number`th of the edition if it goes out. `around` needs no related records: expressions of publications read none.
///
/// # Errors
/// What evaluating an expression gives: no row in a table, division by zero … The record is then left out and shown to
/// the staff.
pub fn line(
    around: Around<'_>,
    rt: &RecordType,
    publication: &Publication,
    snapshot: &Snapshot,
    number: u64,
) -> Result<Line, EvalError> {
    if snapshot.closed.is_some() {
        return Ok(Line::Outside);
    }
    let scope = RecordScope::new(around.telling(snapshot), rt, snapshot, None);
    if !holds(&scope, publication.condition.as_ref(), true)? {
        return Ok(Line::Outside);
    }
    if holds(&scope, publication.opt_out.as_ref(), false)? {
        return Ok(Line::OptedOut);
    }
    let numbered = rt.fields.contains_key("line");
    let number = Value::from(number);
    let layer = (!numbered).then(|| Layer::name(&scope, "line", number));
    let names: &dyn Scope = layer.as_ref().map_or(&scope, |layer| layer);
    let cells = publication
        .columns
        .iter()
        .map(|column| evaluate(&column.value, names))
        .collect::<Result<Vec<_>, _>>()?;
    let persons = persons(rt, publication, snapshot);
    let named = cells.iter().flatten().any(|cell| match cell {
        Value::Text(text) => persons.contains(&folded(text)),
        _ => false,
    });
    if named && !holds(&scope, publication.release.as_ref(), false)? {
        let kept = holds(&scope, publication.keep.as_ref(), false)?;
        return Ok(if kept { Line::Kept } else { Line::Held });
    }
    Ok(Line::Row(cells))
}

/// A condition; what it needs being absent, it does not hold.
fn holds(
    scope: &RecordScope<'_>,
    condition: Option<&Typed>,
    without: bool,
) -> Result<bool, EvalError> {
    let Some(condition) = condition else {
        return Ok(without);
    };
    Ok(scope.value(condition)? == Some(Value::Boolean(true)))
}

/// The names of the people in a record, folded: its parties that are persons, every field for a person's name, and the
/// texts that the publication says hold one.
fn persons(rt: &RecordType, publication: &Publication, snapshot: &Snapshot) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for party in snapshot
        .parties
        .iter()
        .filter(|party| party.kind == "person")
    {
        names.insert(folded(&party.name));
    }
    in_fields(&rt.fields, &|id| snapshot.fields.get(id), &mut names);
    for field in publication
        .persons
        .iter()
        .filter_map(|name| rt.fields.get(name))
    {
        let text = snapshot.fields.get(&field.id).and_then(Json::as_str);
        names.insert(folded(text.unwrap_or_default()));
    }
    names.remove("");
    names
}

fn in_fields<'a>(
    fields: &IndexMap<String, Field>,
    value: &dyn Fn(&str) -> Option<&'a Json>,
    names: &mut BTreeSet<String>,
) {
    for field in fields.values() {
        let Some(json) = value(&field.id) else {
            continue;
        };
        match &field.kind {
            FieldKind::PersonName => {
                let part = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default();
                names.insert(folded(part("full")));
                names.insert(folded(&format!("{}{}", part("family"), part("given"))));
                names.insert(folded(part("kana")));
                names.insert(folded(part("latin")));
            }
            FieldKind::Rows { fields, .. } => {
                for row in json.as_array().into_iter().flatten() {
                    in_fields(fields, &|id| row.get(id), names);
                }
            }
            _ => {}
        }
    }
}

/// One form for all spellings of a name: width, 旧字, kana, and no blanks or dots between.
fn folded(name: &str) -> String {
    japanese::fold::search_key(name)
        .chars()
        .filter(|c| !matches!(c, ' ' | '・' | '･' | '.' | ','))
        .collect()
}
