//! Between the JSON forms that records keep and the values that expressions work with.

use definition::model::{Field, FieldKind};
use feel::Value;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The value of a stored JSON form; `Null` for what is absent or does not fit the kind. Rows are stored by field id
/// and become contexts by field name.
#[must_use]
pub fn to_value(kind: &FieldKind, json: &Json) -> Value {
    match (kind, json) {
        (FieldKind::Rows { fields, .. }, Json::Array(rows)) => {
            Value::List(rows.iter().map(|row| row_value(fields, row)).collect())
        }
        _ => kind.to_feel(json),
    }
}

/// The context of one stored row, by field name.
#[must_use]
pub fn row_value(fields: &IndexMap<String, Field>, row: &Json) -> Value {
    let mut context = BTreeMap::new();
    for (name, field) in fields {
        if let Some(json) = row.get(&field.id) {
            context.insert(Arc::from(name.as_str()), to_value(&field.kind, json));
        }
    }
    Value::Context(context)
}

/// A JSON number of one form for equal values: 100, never 100.0.
#[must_use]
pub fn number_json(n: Decimal) -> Json {
    Value::Number(n.normalize()).to_json()
}

/// The JSON form in which a value is kept in a field of this kind; `null` for an absent one.
#[must_use]
pub fn to_json(kind: &FieldKind, value: &Value) -> Json {
    match (kind, value) {
        (FieldKind::Rows { fields, .. }, Value::List(rows)) => {
            Json::Array(rows.iter().map(|row| row_json(fields, row)).collect())
        }
        _ => kind.from_feel(value),
    }
}

fn row_json(fields: &IndexMap<String, Field>, row: &Value) -> Json {
    let mut object = Map::new();
    for (name, field) in fields {
        if let Some(value) = row.get(name) {
            object.insert(field.id.clone(), to_json(&field.kind, value));
        }
    }
    Json::Object(object)
}

/// A stored value as clients see it: members of rows by name instead of id.
#[must_use]
pub fn outward(kind: &FieldKind, json: &Json) -> Json {
    let FieldKind::Rows { fields, .. } = kind else {
        return json.clone();
    };
    let Json::Array(rows) = json else {
        return json.clone();
    };
    let rename = |row: &Json| {
        fields
            .iter()
            .filter_map(|(name, f)| Some((name.clone(), outward(&f.kind, row.get(&f.id)?))))
            .collect::<Map<_, _>>()
    };
    Json::Array(rows.iter().map(|row| Json::Object(rename(row))).collect())
}
