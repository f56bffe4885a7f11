//! From the JSON forms that records keep to those that clients see.

use definition::model::FieldKind;
use feel::Value;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

/// A JSON number of one form for equal values: 100, never 100.0.
#[must_use]
pub fn number_json(n: Decimal) -> Json {
    Value::Number(n.normalize()).to_json()
}

/// An individual number, kept or typed, as anybody may see it: what stands there is nobody's, that something does is told.
#[must_use]
pub fn given(json: &Json) -> Json {
    match json {
        Json::Null => Json::Null,
        _ => serde_json::json!({ "given": true }),
    }
}

/// A stored value as clients see it: members of rows by name instead of id.
#[must_use]
pub fn outward(kind: &FieldKind, json: &Json) -> Json {
    if matches!(kind, FieldKind::IndividualNumber(_)) {
        return given(json);
    }
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
