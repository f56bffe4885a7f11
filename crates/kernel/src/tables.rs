//! Calls of tables (基準表) and of the functions that every service has.

use definition::model::{Service, Table};
use feel::{EvalError, Value};
use japanese::calendar::Calendar;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

/// Answers a call of an expression: a table of the service, or one of `same place`, `address key`,
/// `business days between`, `add business days`, `month of`.
///
/// # Errors
/// [`EvalError::NoRow`] where a table has no row; [`EvalError::Custom`] for arguments that do not fit.
pub fn call(
    service: &Service,
    calendar: &Calendar,
    name: &str,
    args: &[Value],
) -> Result<Value, EvalError> {
    if let Some(table) = service.tables.get(name) {
        return look_up(table, args);
    }
    match (name, args) {
        ("same place", [a, b]) => Ok(Value::Boolean(same_place(a, b))),
        ("address key", [address]) => Ok(address_key(address)),
        ("business days between", [Value::Date(a), Value::Date(b)]) => {
            Ok(Value::from(calendar.business_days_between(*a, *b)))
        }
        ("add business days", [Value::Date(day), Value::Number(n)]) => {
            let n = n
                .to_u32()
                .ok_or_else(|| custom("営業日の数は0以上の整数にしてください。"))?;
            Ok(Value::Date(calendar.add_business_days(*day, n)))
        }
        ("month of", [Value::Date(day)]) => Ok(Value::text(&format!(
            "{:04}-{:02}",
            day.year(),
            day.month()
        ))),
        ("month of", [Value::Null]) => Ok(Value::Null),
        _ => Err(custom(format!("関数「{name}」をここでは使えません。"))),
    }
}

fn custom(message: impl Into<String>) -> EvalError {
    EvalError::Custom {
        message: message.into(),
    }
}

/// Whether two addresses (contexts, or plain texts) are one place. Addresses of different municipalities never are.
fn same_place(a: &Value, b: &Value) -> bool {
    let code = |v: &Value| v.get("municipality").map(ToString::to_string);
    match (code(a), code(b)) {
        (Some(x), Some(y)) if x != y => return false,
        _ => {}
    }
    let (a, b) = (address_line(a), address_line(b));
    !a.is_empty() && !b.is_empty() && japanese::place::same_place(&a, &b)
}

/// Equal for spellings of one place, so that an index finds it: municipality, town and line, without the building,
/// which is written in too many ways. Nothing for an address without town and line.
fn address_key(address: &Value) -> Value {
    let part = |name: &str| {
        address
            .get(name)
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let line = match address {
        Value::Text(text) => text.to_string(),
        _ => part("town") + &part("line"),
    };
    let key = japanese::place::address_key(&line);
    if key.is_empty() {
        return Value::Null;
    }
    match part("municipality") {
        code if code.is_empty() => Value::text(&key),
        code => Value::text(&format!("{code} {key}")),
    }
}

fn address_line(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => ["town", "line", "building"]
            .iter()
            .filter_map(|m| other.get(m))
            .map(ToString::to_string)
            .collect(),
    }
}

/// The same by reference; none for what is no table, or a table that collects rows.
pub(crate) fn call_borrowed<'s>(
    service: &'s Service,
    name: &str,
    args: &[Value],
) -> Option<Result<&'s Value, EvalError>> {
    let table = service.tables.get(name)?;
    match args.split_first() {
        Some((Value::Date(day), inputs)) => table.call_one(*day, inputs),
        _ => Some(Err(no_day(table))),
    }
}

/// Calls a table with the day first.
///
/// # Errors
/// See [`call`].
fn look_up(table: &Table, args: &[Value]) -> Result<Value, EvalError> {
    match args.split_first() {
        Some((Value::Date(day), inputs)) => table.call(*day, inputs),
        _ => Err(no_day(table)),
    }
}

fn no_day(table: &Table) -> EvalError {
    custom(format!(
        "基準表「{}」は、はじめに日付を渡してください。",
        table.title
    ))
}

/// The code's title in a code list (a table with the input `code` and the output `title`) on a day; none if the code
/// is not valid then.
#[must_use]
pub fn code_title(table: &Table, day: Date, code: &str) -> Option<String> {
    let found = table.call(day, &[Value::text(code)]).ok()?;
    match &found {
        Value::List(all) => Some(all.first()?.get("title")?.to_string()),
        one => Some(
            one.get("title")
                .map_or_else(|| code.to_owned(), ToString::to_string),
        ),
    }
}

/// The phrases (定型文) of a table that are valid on a day: title and text, in the order of its rows.
#[must_use]
pub fn phrases(table: &Table, day: Date) -> Vec<(String, String)> {
    let column = |name: &str| table.outputs.iter().position(|(output, _)| output == name);
    let (Some(title), Some(text)) = (column("title"), column("text")) else {
        return Vec::new();
    };
    table
        .rows
        .iter()
        .filter(|row| {
            row.from.is_none_or(|from| from <= day) && row.until.is_none_or(|until| day <= until)
        })
        .filter_map(|row| {
            Some((
                row.outputs.get(title)?.to_string(),
                row.outputs.get(text)?.to_string(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::address_key;
    use feel::Value;

    fn place(code: &str, town: &str, line: &str, building: &str) -> Value {
        let members = [
            ("municipality", code),
            ("town", town),
            ("line", line),
            ("building", building),
        ];
        Value::context(
            members
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(name, text)| (name, Value::text(text))),
        )
    }

    #[test]
    fn spellings_of_one_place_share_a_key() {
        let key = address_key(&place("13202", "", "柴崎町2-21-19", ""));
        assert_ne!(key, Value::Null);
        for (town, line, building) in [
            ("柴崎町", "２丁目２１−１９", ""),
            ("", "柴崎町二丁目二十一番十九号", "みほんビル2階"),
            ("柴崎町", "二丁目21番地の19", "2F"),
        ] {
            assert_eq!(
                address_key(&place("13202", town, line, building)),
                key,
                "{line}"
            );
        }
        assert_ne!(address_key(&place("13201", "", "柴崎町2-21-19", "")), key);
        assert_ne!(address_key(&place("13202", "", "柴崎町2-21-20", "")), key);
        assert_eq!(
            address_key(&Value::text("柴崎町二丁目21番19号")),
            address_key(&Value::text("柴崎町2-21-19"))
        );
    }

    #[test]
    fn there_is_no_key_without_a_line() {
        assert_eq!(address_key(&place("13202", "", "", "2階")), Value::Null);
        assert_eq!(address_key(&Value::text(" ")), Value::Null);
        assert_eq!(address_key(&Value::Null), Value::Null);
    }
}
