//! Kinds of field as types and values of FEEL.

use crate::model::{Field, FieldKind, Options, Table};
use feel::{Closed, Type, Value};
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

const PERSON_NAME: &[(&str, bool)] = &[
    ("family", false),
    ("given", false),
    ("full", true),
    ("kana", false),
    ("latin", false),
];
const ADDRESS: &[(&str, bool)] = &[
    ("postal_code", false),
    ("municipality", true),
    ("town", false),
    ("line", true),
    ("building", false),
];
const ACCOUNT: &[(&str, bool)] = &[
    ("bank", true),
    ("branch", true),
    ("kind", true),
    ("number", true),
    ("holder", true),
];

/// The tables of a service by name.
pub(crate) type Tables = IndexMap<String, Arc<Table>>;

/// A text out of the options, all days together: what was taken away lives on in older records.
fn one_of(title: &str, options: &Options, tables: &Tables) -> Type {
    let texts = match options {
        Options::Inline(titles) => titles.keys().cloned().collect(),
        Options::Table(name) => {
            let codes = tables.get(name).and_then(|table| table.inputs.first());
            match codes.and_then(|(_, kind)| kind.closed.as_ref()) {
                Some(codes) => codes.texts.clone(),
                None => return Type::Text,
            }
        }
    };
    Type::OneOf(Arc::new(Closed {
        name: title.to_owned(),
        texts,
        all_occur: false,
    }))
}

impl FieldKind {
    /// The type of a value of this kind when it is there. Members of rows that may be empty are optional.
    #[must_use]
    pub fn feel_type(&self) -> Type {
        match self {
            Self::Text { .. } | Self::Kana | Self::Email | Self::Phone | Self::PostalCode => {
                Type::Text
            }
            Self::Municipality | Self::CorporateNumber | Self::Choice(_) | Self::PartialDate => {
                Type::Text
            }
            Self::Number { .. } | Self::Yen { .. } => Type::Number,
            Self::Boolean | Self::Declaration { .. } => Type::Boolean,
            Self::Date => Type::Date,
            Self::DateTime => Type::DateTime,
            Self::Choices(_) | Self::Files { .. } => Type::list(Type::Text),
            Self::PersonName => members("氏名", PERSON_NAME),
            Self::Address => members("所在地", ADDRESS),
            Self::Account => members("口座", ACCOUNT),
            // Nothing can be computed with it but whether it is there.
            Self::IndividualNumber(_) => Type::context("個人番号", [("given", Type::Boolean)]),
            Self::Rows { fields, .. } => Type::list(row_type(
                fields.values(),
                &|field| may_be_absent(field),
                &|field| field.kind.feel_type(),
            )),
            Self::Record(link) if link.many() => Type::list(Type::Named(link.of.clone())),
            Self::Record(link) => Type::Named(link.of.clone()),
            Self::Remarks => Type::list(Type::context(
                "補正の言葉",
                [
                    ("pointer", Type::Text),
                    ("text", Type::Text),
                    ("page", Type::Number.optional()),
                    ("at", Type::list(Type::Number).optional()),
                ],
            )),
        }
    }

    /// The same, where a choice is one of its options. For what is checked: at run time a record may still hold an
    /// option that was taken away since.
    pub(crate) fn closed_type(&self, title: &str, tables: &Tables) -> Type {
        match self {
            Self::Choice(options) => one_of(title, options, tables),
            Self::Choices(options) => Type::list(one_of(title, options, tables)),
            Self::Rows { fields, .. } => Type::list(row_type(
                fields.values(),
                &|field| may_be_absent(field),
                &|field| field.kind.closed_type(&field.title, tables),
            )),
            other => other.feel_type(),
        }
    }

    /// The parts of a compound kind with whether each must be there; empty for the others.
    #[must_use]
    pub fn parts(&self) -> &'static [(&'static str, bool)] {
        match self {
            Self::PersonName => PERSON_NAME,
            Self::Address => ADDRESS,
            Self::Account => ACCOUNT,
            _ => &[],
        }
    }

    /// A value in the JSON form that records keep as a value of FEEL; `Null` where it is absent or not of this kind.
    /// Rows are kept by field id and become contexts by field name.
    #[must_use]
    pub fn to_feel(&self, json: &Json) -> Value {
        match (self, json) {
            (_, Json::Null) => Value::Null,
            (Self::Number { .. } | Self::Yen { .. }, _) => {
                decimal(json).map_or(Value::Null, Value::Number)
            }
            (Self::Boolean | Self::Declaration { .. }, Json::Bool(yes)) => Value::Boolean(*yes),
            (Self::Date, Json::String(text)) => text.parse().map_or(Value::Null, Value::Date),
            (Self::DateTime, Json::String(text)) => {
                text.parse().map_or(Value::Null, Value::DateTime)
            }
            (Self::Choices(_) | Self::Files { .. }, Json::Array(items)) => {
                Value::List(items.iter().map(plain).collect())
            }
            (Self::Rows { fields, .. }, Json::Array(rows)) => Value::List(
                rows.iter()
                    .map(|row| Value::Context(row_to_feel(fields, row)))
                    .collect(),
            ),
            // A record is seen through its id: whoever knows the records puts them in its place.
            (Self::Record(_), Json::Array(ids)) => Value::List(ids.iter().map(plain).collect()),
            // Whatever stands there: no expression ever sees it.
            (Self::IndividualNumber(_), _) => {
                Value::Context([(Arc::from("given"), Value::Boolean(true))].into())
            }
            (Self::PersonName | Self::Address | Self::Account | Self::Remarks, _) => plain(json),
            (_, Json::String(text)) => Value::text(text),
            _ => Value::Null,
        }
    }

    /// A value of FEEL in the JSON form that records keep: rows by field id, numbers without needless zeros.
    #[must_use]
    pub fn from_feel(&self, value: &Value) -> Json {
        match (self, value) {
            (Self::Number { .. } | Self::Yen { .. }, Value::Number(number)) => {
                Value::Number(number.normalize()).to_json()
            }
            (Self::Rows { fields, .. }, Value::List(rows)) => rows
                .iter()
                .map(|row| row_from_feel(fields.values(), row))
                .collect(),
            (Self::Record(_), Value::List(records)) => records.iter().map(id_of).collect(),
            (Self::Record(_), one) => id_of(one),
            // No value of an expression is a number.
            (Self::IndividualNumber(_), _) => Json::Null,
            (_, Value::Context(_)) => without_nulls(value.to_json()),
            _ => value.to_json(),
        }
    }
}

/// Whether a field that is entered may be absent although it is asked for, or a computed one may have no value.
#[must_use]
pub fn may_be_absent(field: &Field) -> bool {
    match &field.value {
        Some(value) => value.ty().is_optional() || field.show_if.is_some(),
        None => !field.required || field.show_if.is_some(),
    }
}

/// The context of a row.
pub(crate) fn row_type<'a>(
    fields: impl Iterator<Item = &'a Field>,
    absent: &dyn Fn(&Field) -> bool,
    type_of: &dyn Fn(&Field) -> Type,
) -> Type {
    let typed: Vec<(&str, Type)> = fields
        .map(|field| {
            let ty = type_of(field);
            (
                field.name.as_str(),
                if absent(field) { ty.optional() } else { ty },
            )
        })
        .collect();
    Type::context("行", typed)
}

fn members(name: &str, parts: &[(&'static str, bool)]) -> Type {
    Type::context(
        name,
        parts.iter().map(|(part, always)| {
            (
                *part,
                if *always {
                    Type::Text
                } else {
                    Type::Text.optional()
                },
            )
        }),
    )
}

/// The members of one kept row by field name; what is absent is left out.
#[must_use]
pub fn row_to_feel(fields: &IndexMap<String, Field>, row: &Json) -> BTreeMap<Arc<str>, Value> {
    let mut members = BTreeMap::new();
    for (name, field) in fields {
        let value = row
            .get(&field.id)
            .map_or(Value::Null, |json| field.kind.to_feel(json));
        if value != Value::Null {
            members.insert(Arc::from(name.as_str()), value);
        }
    }
    members
}

fn row_from_feel<'a>(fields: impl Iterator<Item = &'a Field>, row: &Value) -> Json {
    fields
        .filter_map(|field| {
            row.get(&field.name)
                .map(|value| (field.id.clone(), field.kind.from_feel(value)))
        })
        .collect()
}

/// The id of a record as a value.
fn id_of(record: &Value) -> Json {
    record.get("id").unwrap_or(record).to_json()
}

fn without_nulls(json: Json) -> Json {
    match json {
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .collect(),
        ),
        other => other,
    }
}

fn decimal(json: &Json) -> Option<Decimal> {
    match json {
        Json::Number(number) => {
            let text = number.to_string();
            text.parse()
                .ok()
                .or_else(|| Decimal::from_scientific(&text).ok())
        }
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// JSON without a kind: texts stay texts.
fn plain(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(yes) => Value::Boolean(*yes),
        Json::Number(_) => decimal(json).map_or(Value::Null, Value::Number),
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::List(items.iter().map(plain).collect()),
        Json::Object(map) => Value::Context(
            map.iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (Arc::from(name.as_str()), plain(value)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_go_there_and_back() {
        let yen = FieldKind::Yen {
            min: None,
            max: None,
        };
        assert_eq!(yen.from_feel(&yen.to_feel(&json!(29800))), json!(29800));
        assert_eq!(
            yen.from_feel(&Value::Number(Decimal::new(2_980_000, 2))),
            json!(29800)
        );
        assert_eq!(
            FieldKind::Date.from_feel(&FieldKind::Date.to_feel(&json!("2026-11-22"))),
            json!("2026-11-22")
        );
        let place = json!({"municipality": "13202", "line": "柴崎町2-21-19"});
        assert_eq!(
            FieldKind::Address.from_feel(&FieldKind::Address.to_feel(&place)),
            place
        );
        assert_eq!(FieldKind::Date.to_feel(&json!("2026-02-30")), Value::Null);
    }

    #[test]
    fn rows_are_kept_by_id_and_read_by_name() {
        let yen = FieldKind::Yen {
            min: None,
            max: None,
        };
        let member = Field {
            id: "old".into(),
            ..Field::plain("new", "", yen, false)
        };
        let rows = FieldKind::Rows {
            fields: [("new".to_owned(), member)].into(),
            min: 0,
            max: 9,
        };
        let kept = json!([{"old": 5}, {}]);
        let read = rows.to_feel(&kept);
        let Value::List(items) = &read else {
            unreachable!("rows are a list");
        };
        assert_eq!(items[0].get("new"), Some(&Value::Number(Decimal::from(5))));
        assert_eq!(rows.from_feel(&read), kept);
    }
}
