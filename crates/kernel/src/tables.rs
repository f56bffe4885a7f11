//! Calls of tables (基準表) and of the functions that every service has.

use definition::model::{CellTest, HitPolicy, Service, Table, TableRow};
use feel::{EvalError, Scope, Value};
use japanese::calendar::Calendar;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use std::borrow::Cow;
use std::sync::Arc;

/// Answers a call of an expression: a table of the service, or one of `same place`, `business days between`,
/// `add business days`.
///
/// # Errors
/// [`EvalError::NoRow`] where a table has no row; [`EvalError::Custom`] for arguments that do not fit.
pub fn call(service: &Service, calendar: &Calendar, name: &str, args: &[Value]) -> Result<Value, EvalError> {
    if let Some(table) = service.tables.get(name) {
        return look_up(table, args);
    }
    match (name, args) {
        ("same place", [a, b]) => Ok(Value::Boolean(same_place(a, b))),
        ("business days between", [Value::Date(a), Value::Date(b)]) => {
            Ok(Value::from(calendar.business_days_between(*a, *b)))
        }
        ("add business days", [Value::Date(day), Value::Number(n)]) => {
            let n = n.to_u32().ok_or_else(|| custom("営業日の数は0以上の整数にしてください。"))?;
            Ok(Value::Date(calendar.add_business_days(*day, n)))
        }
        _ => Err(custom(format!("関数「{name}」をここでは使えません。"))),
    }
}

fn custom(message: impl Into<String>) -> EvalError {
    EvalError::Custom { message: message.into() }
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

fn address_line(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => ["town", "line", "building"].iter().filter_map(|m| other.get(m)).map(ToString::to_string).collect(),
    }
}

/// Calls a table with the day first.
///
/// # Errors
/// See [`call`].
pub fn look_up(table: &Table, args: &[Value]) -> Result<Value, EvalError> {
    let Some((Value::Date(day), inputs)) = args.split_first() else {
        return Err(custom(format!("基準表「{}」は、はじめに日付を渡してください。", table.title)));
    };
    let mut hits = Vec::new();
    for at in candidates(table, inputs).iter() {
        let Some(row) = table.rows.get(*at) else { continue };
        if fits(row, *day, inputs)? {
            hits.push(row);
            if matches!(table.hit, HitPolicy::First | HitPolicy::Any) {
                break;
            }
        }
    }
    match (table.hit, hits.as_slice()) {
        (HitPolicy::Collect, rows) => Ok(Value::List(rows.iter().map(|row| outputs(table, row)).collect())),
        (_, []) => Err(EvalError::NoRow { table: table.title.clone(), message: asked(table, *day, inputs) }),
        (HitPolicy::Unique, [_, _, ..]) => Err(custom(format!(
            "基準表「{}」に当てはまる行が2つ以上あります。{}",
            table.title,
            asked(table, *day, inputs)
        ))),
        (_, [row, ..]) => Ok(outputs(table, row)),
    }
}

/// Places of the rows that may fit, in order.
fn candidates<'t>(table: &'t Table, inputs: &[Value]) -> Cow<'t, [usize]> {
    let key = table.index_input.and_then(|i| inputs.get(i));
    let Some(Value::Text(text)) = key else { return (0..table.rows.len()).collect::<Vec<_>>().into() };
    let named = table.index.get(&Some(text.to_string())).map_or(&[][..], Vec::as_slice);
    let others = table.index.get(&None).map_or(&[][..], Vec::as_slice);
    if others.is_empty() {
        return named.into();
    }
    let mut all = [named, others].concat();
    all.sort_unstable();
    all.into()
}

fn fits(row: &TableRow, day: Date, inputs: &[Value]) -> Result<bool, EvalError> {
    if row.from.is_some_and(|from| day < from) || row.until.is_some_and(|until| day > until) {
        return Ok(false);
    }
    for (test, input) in row.tests.iter().zip(inputs) {
        let passes = match test {
            CellTest::Any => true,
            CellTest::Is(value) => value == input,
            CellTest::Test(_) if *input == Value::Null => false,
            CellTest::Test(typed) => typed.evaluate(&Cell(input))? == Value::Boolean(true),
        };
        if !passes {
            return Ok(false);
        }
    }
    Ok(true)
}

fn outputs(table: &Table, row: &TableRow) -> Value {
    let names = table.outputs.iter().map(|(name, _)| Arc::from(name.as_str()));
    Value::Context(names.zip(row.outputs.iter().cloned()).collect())
}

fn asked(table: &Table, day: Date, inputs: &[Value]) -> String {
    let mut text = format!("（{}", japanese::wareki::format(day));
    for ((name, _), value) in table.inputs.iter().zip(inputs) {
        text.push_str(&format!("、{name}：{value}"));
    }
    text.push('）');
    text
}

/// The scope of a cell's test: the input is `?`.
struct Cell<'a>(&'a Value);

impl Scope for Cell<'_> {
    fn variable(&self, name: &str) -> Option<Value> {
        (name == "?").then(|| self.0.clone())
    }

    fn borrow(&self, name: &str) -> Option<&Value> {
        (name == "?").then_some(self.0)
    }

    fn call(&self, name: &str, _args: &[Value]) -> Result<Value, EvalError> {
        Err(custom(format!("関数「{name}」は基準表の中では使えません。")))
    }
}

/// The code's title in a code list (a table with the input `code` and the output `title`) on a day; none if the code
/// is not valid then.
#[must_use]
pub fn code_title(table: &Table, day: Date, code: &str) -> Option<String> {
    let found = look_up(table, &[Value::Date(day), Value::text(code)]).ok()?;
    match &found {
        Value::List(all) => Some(all.first()?.get("title")?.to_string()),
        one => Some(one.get("title").map_or_else(|| code.to_owned(), ToString::to_string)),
    }
}

/// The codes of a code list on a day with their titles, in the table's order.
#[must_use]
pub fn codes(table: &Table, day: Date) -> Vec<(String, String)> {
    let title_at = table.outputs.iter().position(|(name, _)| name == "title");
    let valid = |row: &&TableRow| row.from.is_none_or(|d| d <= day) && row.until.is_none_or(|d| day <= d);
    table
        .rows
        .iter()
        .filter(valid)
        .filter_map(|row| match row.tests.first() {
            Some(CellTest::Is(Value::Text(code))) => {
                let title = title_at.and_then(|i| row.outputs.get(i)).map_or_else(|| code.to_string(), ToString::to_string);
                Some((code.to_string(), title))
            }
            _ => None,
        })
        .collect()
}
