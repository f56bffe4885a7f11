//! The functions that expressions may call besides those of FEEL: tables, places, business days.

use crate::model::Service;
use feel::{EvalError, Value};
use japanese::calendar::Calendar;
use rust_decimal::prelude::ToPrimitive;

/// Calls a table of the service, or a predefined function, as [`feel::Scope::call`] asks for.
///
/// # Errors
/// What the table refuses; a name or arguments that typing would not have let through.
pub fn call(service: &Service, calendar: &Calendar, name: &str, args: &[Value]) -> Result<Value, EvalError> {
    match (name, args) {
        ("same place", [a, b]) => Ok(Value::Boolean(same_place(a, b))),
        ("business days between", [Value::Date(from), Value::Date(until)]) => Ok(Value::from(calendar.business_days_between(*from, *until))),
        ("add business days", [Value::Date(date), Value::Number(days)]) => {
            let days = days.trunc().to_u32().ok_or_else(|| custom("営業日の数は0以上にしてください。"))?;
            Ok(Value::Date(calendar.add_business_days(*date, days)))
        }
        (_, [Value::Date(day), inputs @ ..]) => match service.tables.get(name) {
            Some(table) => table.call(*day, inputs),
            None => Err(custom(&format!("「{name}」という基準表はありません。"))),
        },
        _ => Err(custom(&format!("「{name}」をこの値では呼べません。"))),
    }
}

fn custom(message: &str) -> EvalError {
    EvalError::Custom { message: message.to_owned() }
}

/// Whether two addresses (contexts, or texts) are one place: the same municipality, and the same line by its key.
fn same_place(a: &Value, b: &Value) -> bool {
    let part = |value: &Value, name: &str| value.get(name).map(ToString::to_string).unwrap_or_default();
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => japanese::place::same_place(a, b),
        (Value::Context(_), Value::Context(_)) => {
            let line = |value: &Value| part(value, "line");
            part(a, "municipality") == part(b, "municipality") && !line(a).is_empty() && japanese::place::same_place(&line(a), &line(b))
        }
        _ => false,
    }
}
