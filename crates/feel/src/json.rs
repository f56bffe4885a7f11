//! JSON to values, by type: how records, tables and inputs enter an expression.

use rust_decimal::Decimal;

use crate::{Env, Type, Value, literal};

/// A JSON value that does not fit its type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("「{}」には{expected}が要ります。", path.join("."))]
pub struct JsonMismatch {
    /// Where it stands below the value that was read.
    pub path: Vec<String>,
    /// What was wanted, in Japanese.
    pub expected: String,
}

impl Value {
    /// Reads a value of a type as [`Value::to_json`] writes it. `null` and missing members are
    /// absent whatever the type; members that the type does not name are left out; under `Any`
    /// texts stay texts.
    ///
    /// # Errors
    /// The first place that does not fit.
    pub fn from_json(
        json: &serde_json::Value,
        ty: &Type,
        env: &Env,
    ) -> Result<Value, JsonMismatch> {
        read(json, ty, env).map_err(|(mut path, expected)| {
            path.reverse();
            JsonMismatch { path, expected }
        })
    }
}

/// The path grows outwards, so it is collected in reverse.
type Read = Result<Value, (Vec<String>, String)>;

fn read(json: &serde_json::Value, ty: &Type, env: &Env) -> Read {
    use serde_json::Value as Json;
    let text = json.as_str();
    let found = match (ty.open(), json) {
        (_, Json::Null) => Some(Value::Null),
        (Type::Optional(inner), _) => return read(json, inner, env),
        (Type::Any, _) => Some(untyped(json)),
        (Type::Boolean, Json::Bool(b)) => Some(Value::Boolean(*b)),
        (Type::Number, Json::Number(n)) => number(n).map(Value::Number),
        (Type::Text, Json::String(text)) => Some(Value::text(text)),
        (Type::Date, _) => text.and_then(literal::date).map(Value::Date),
        (Type::DateTime, _) => text.and_then(literal::date_time).map(Value::DateTime),
        (Type::DaysTime, _) => text
            .and_then(literal::duration)
            .filter(|v| matches!(v, Value::DaysTime(_))),
        (Type::YearsMonths, _) => text
            .and_then(literal::duration)
            .filter(|v| matches!(v, Value::YearsMonths(_))),
        (Type::List(of), Json::Array(items)) => return list(items, of, env),
        (Type::Context(_) | Type::Named(_), Json::Object(members)) => {
            return context(members, ty, env);
        }
        _ => None,
    };
    found.ok_or_else(|| (Vec::new(), ty.to_string()))
}

fn list(items: &[serde_json::Value], of: &Type, env: &Env) -> Read {
    let item = |(at, item): (usize, &serde_json::Value)| {
        read(item, of, env).map_err(|(mut path, expected)| {
            path.push(at.to_string());
            (path, expected)
        })
    };
    items
        .iter()
        .enumerate()
        .map(item)
        .collect::<Result<Vec<_>, _>>()
        .map(Value::List)
}

fn context(members: &serde_json::Map<String, serde_json::Value>, ty: &Type, env: &Env) -> Read {
    let Some(context) = env.context(ty) else {
        return Err((Vec::new(), ty.to_string()));
    };
    let mut found = std::collections::BTreeMap::new();
    for (name, ty) in &context.fields {
        let Some(member) = members.get(name) else {
            continue;
        };
        let value = read(member, ty, env).map_err(|(mut path, expected)| {
            path.push(name.clone());
            (path, expected)
        })?;
        found.insert(name.as_str().into(), value);
    }
    Ok(Value::Context(found))
}

fn untyped(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Boolean(*b),
        // A number beyond 28 digits is kept as it was written rather than rounded.
        serde_json::Value::Number(n) => {
            number(n).map_or_else(|| Value::text(&n.to_string()), Value::Number)
        }
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(items) => Value::List(items.iter().map(untyped).collect()),
        serde_json::Value::Object(members) => Value::Context(
            members
                .iter()
                .map(|(name, value)| (name.as_str().into(), untyped(value)))
                .collect(),
        ),
    }
}

/// Exact, or none.
fn number(n: &serde_json::Number) -> Option<Decimal> {
    let text = n.to_string();
    Decimal::from_str_exact(&text)
        .ok()
        .or_else(|| Decimal::from_scientific(&text).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ty() -> Type {
        let row = Type::context(
            "row",
            [("fee", Type::Number), ("from", Type::Date.optional())],
        );
        Type::context(
            "record",
            [
                ("rows", Type::list(row)),
                ("parent", Type::Named("record".into()).optional()),
            ],
        )
    }

    #[test]
    fn what_is_written_is_read_again() {
        let Type::Context(record) = ty() else {
            unreachable!()
        };
        let env = Env {
            types: [("record".to_owned(), record)].into(),
            ..Env::new()
        };
        let json = json!({"parent": {"rows": []}, "rows": [{"fee": 1, "from": "2026-04-01"}, {"fee": null}]});
        let value = Value::from_json(&json, &ty(), &env).unwrap();
        assert_eq!(value.to_json(), json);
    }

    #[test]
    fn the_place_that_does_not_fit_is_named() {
        let json = json!({"rows": [{"fee": 1}, {"fee": "1"}]});
        let error = Value::from_json(&json, &ty(), &Env::new()).unwrap_err();
        assert_eq!(error.path, ["rows", "1", "fee"]);
        assert_eq!(error.to_string(), "「rows.1.fee」には数値が要ります。");
    }

    #[test]
    fn digits_are_kept_and_unknown_members_left_out() {
        let number: serde_json::Value = serde_json::from_str("0.10").unwrap();
        assert_eq!(
            Value::from_json(&number, &Type::Number, &Env::new())
                .unwrap()
                .to_string(),
            "0.10"
        );
        let one = Type::context("", [("a", Type::Any)]);
        let read = Value::from_json(&json!({"a": [1000, "x"], "b": 2}), &one, &Env::new()).unwrap();
        assert_eq!(read.to_string(), "{a: [1000, \"x\"]}");
    }
}
