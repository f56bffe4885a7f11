//! Values as people read them: 29,800円, 令和8年11月22日, titles instead of codes; and the templates of messages.

use crate::scope::{Around, RecordScope, day_of};
use crate::tables::code_title;
use definition::model::{Field, FieldKind, Options, Part, RecordType, Service};
use feel::{Typed, Value};
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value as Json;

/// A value for a reader. `kind` is that of the field from which it came, if it did; codes become titles as of `day`.
#[must_use]
pub fn value_text(service: &Service, value: &Value, kind: Option<&FieldKind>, day: Date) -> String {
    match (kind, value) {
        (_, Value::Null) => String::new(),
        (Some(FieldKind::Choice(options)), Value::Text(code)) => {
            option_title(service, options, code, day)
        }
        (Some(FieldKind::Choices(options)), Value::List(codes)) => codes
            .iter()
            .map(|code| option_title(service, options, &code.to_string(), day))
            .collect::<Vec<_>>()
            .join("、"),
        (Some(FieldKind::Municipality), Value::Text(code)) => municipality(service, code, day),
        (Some(FieldKind::Yen { .. }), Value::Number(n)) => {
            n.to_i64().map_or_else(|| grouped(*n), japanese::money::yen)
        }
        (Some(FieldKind::Number { unit, .. }), Value::Number(n)) => {
            format!("{}{}", grouped(*n), unit.as_deref().unwrap_or(""))
        }
        (Some(FieldKind::PartialDate), Value::Text(text)) => {
            japanese::partial_date::PartialDate::parse(text)
                .map_or_else(|_| text.to_string(), |d| d.format())
        }
        (Some(FieldKind::Address), address) => address_text(service, address, day),
        (Some(FieldKind::PersonName), name) => name
            .get("full")
            .map(ToString::to_string)
            .unwrap_or_default(),
        (Some(FieldKind::Files { .. } | FieldKind::Rows { .. }), Value::List(items)) => {
            format!("{}件", items.len())
        }
        (Some(FieldKind::Remarks), Value::List(items)) => items
            .iter()
            .filter_map(|r| r.get("text"))
            .map(|t| format!("・{t}"))
            .collect::<Vec<_>>()
            .join("\n"),
        (_, value) => plain_text(value),
    }
}

fn plain_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Boolean(b) => if *b { "はい" } else { "いいえ" }.into(),
        Value::Number(n) => grouped(*n),
        Value::Date(day) => japanese::wareki::format(*day),
        Value::DateTime(at) => {
            let time = jiff::tz::Offset::constant(9).to_datetime(*at);
            format!(
                "{} {:02}:{:02}",
                japanese::wareki::format(day_of(*at)),
                time.hour(),
                time.minute()
            )
        }
        Value::List(items) => items.iter().map(plain_text).collect::<Vec<_>>().join("、"),
        Value::Context(members) => {
            let full = members.get("full").or_else(|| members.get("name"));
            full.map_or_else(
                || {
                    members
                        .values()
                        .map(plain_text)
                        .collect::<Vec<_>>()
                        .join(" ")
                },
                plain_text,
            )
        }
        other => other.to_string(),
    }
}

/// A number with its thousands apart.
fn grouped(n: Decimal) -> String {
    let text = n.normalize().to_string();
    let (sign, rest) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) = rest
        .split_once('.')
        .map_or((rest, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// The title of an option on a day; the code itself where it has none.
#[must_use]
pub fn option_title(service: &Service, options: &Options, code: &str, day: Date) -> String {
    let title = match options {
        Options::Inline(titles) => titles.get(code).cloned(),
        Options::Table(name) => service
            .tables
            .get(name)
            .and_then(|table| code_title(table, day, code)),
    };
    title.unwrap_or_else(|| code.to_owned())
}

fn municipality(service: &Service, code: &str, day: Date) -> String {
    let table = service.tables.get("municipalities");
    table
        .and_then(|table| code_title(table, day, code))
        .unwrap_or_else(|| code.to_owned())
}

fn address_text(service: &Service, address: &Value, day: Date) -> String {
    let part = |name: &str| {
        address
            .get(name)
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let code = part("municipality");
    let town = match code.is_empty() {
        true => String::new(),
        false => municipality(service, &code, day),
    };
    let line = format!("{town}{}{}", part("town"), part("line"));
    [line, part("building")]
        .iter()
        .filter(|p| !p.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join(" ")
}

/// A stored value for a reader.
#[must_use]
pub fn field_text(service: &Service, field: &Field, json: &Json, day: Date) -> String {
    value_text(service, &field.kind.to_feel(json), Some(&field.kind), day)
}

/// What an expression gives, for a reader; `absent` where it gives nothing.
#[must_use]
pub fn typed_text(
    around: Around<'_>,
    rt: &RecordType,
    scope: &RecordScope<'_>,
    typed: &Typed,
    absent: &str,
) -> String {
    let text = match scope.value(typed) {
        Ok(Some(value)) => value_text(around.service(), &value, kind_of(rt, typed), scope.as_of()),
        Ok(None) | Err(_) => String::new(),
    };
    if text.is_empty() {
        absent.to_owned()
    } else {
        text
    }
}

/// The kind of the field that an expression names, if it is nothing but a path.
fn kind_of<'a>(rt: &'a RecordType, typed: &Typed) -> Option<&'a FieldKind> {
    let mut path = typed.source().trim().split('.').map(str::trim);
    let field = rt.fields.get(path.next()?)?;
    match (path.next(), &field.kind) {
        (None, kind) => Some(kind),
        (Some("municipality"), FieldKind::Address) => Some(&FieldKind::Municipality),
        _ => None,
    }
}

/// A template over a record.
#[must_use]
pub fn parts(
    around: Around<'_>,
    rt: &RecordType,
    scope: &RecordScope<'_>,
    parts: &[Part],
) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Value(typed) => {
                text.push_str(&typed_text(around, rt, scope, typed, "（未入力）"))
            }
        }
    }
    text
}

/// A sentence of a definition in which `{{name}}` or `{{name.member}}` stands for a value of the record.
#[must_use]
pub fn sentence(
    around: Around<'_>,
    rt: &RecordType,
    scope: &RecordScope<'_>,
    text: &str,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((path, after)) = after.split_once("}}") else {
            break;
        };
        out.push_str(before);
        out.push_str(&path_text(around, rt, scope, path));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn path_text(around: Around<'_>, rt: &RecordType, scope: &RecordScope<'_>, path: &str) -> String {
    let mut names = path.split('.').map(str::trim);
    let head = names.next().unwrap_or_default();
    let mut value = feel::Scope::variable(scope, head).unwrap_or_default();
    let mut kind = rt.fields.get(head).map(|f| &f.kind);
    for name in names {
        kind = matches!((kind, name), (Some(FieldKind::Address), "municipality"))
            .then_some(&FieldKind::Municipality);
        value = value.get(name).cloned().unwrap_or_default();
    }
    value_text(around.service(), &value, kind, scope.as_of())
}
