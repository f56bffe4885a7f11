//! Values as people read them: 29,800円, 令和8年11月22日, titles instead of codes; and the templates of messages.

mod english;

use crate::scope::{Around, RecordScope, day_of, evaluate};
use crate::tables::code_title;
use definition::model::{Field, FieldKind, Options, Part, RecordType, Service};
use feel::{Scope, Typed, Value};
use indexmap::IndexMap;
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
        (Some(FieldKind::Remarks), Value::List(items)) => (1..)
            .zip(items.iter())
            .filter_map(|(number, remark)| {
                let text = remark.get("text")?;
                let mark = crate::remark::mark(number, remark);
                let mark = mark.map_or_else(String::new, |mark| format!("{mark}："));
                Some(format!("・{mark}{text}"))
            })
            .collect::<Vec<_>>()
            .join("\n"),
        (Some(FieldKind::Record(_)), Value::List(items)) => format!("{}件", items.len()),
        (Some(FieldKind::Record(_)), one) => ["number", "label"]
            .iter()
            .filter_map(|name| one.get(name))
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("　"),
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
    let mut out = format!("{sign}{}", japanese::money::grouped(whole));
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

/// The name of a municipality; its code where the service has no table of them.
pub(crate) fn municipality(service: &Service, code: &str, day: Date) -> String {
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
    Speaker::of(around, rt, scope).text(typed, absent)
}

/// A template over a record.
#[must_use]
pub fn parts(
    around: Around<'_>,
    rt: &RecordType,
    scope: &RecordScope<'_>,
    parts: &[Part],
) -> String {
    Speaker::of(around, rt, scope).say(parts)
}

/// Fills templates over a scope: that of a record, or of one of its rows.
#[derive(Clone, Copy)]
pub(crate) struct Speaker<'a> {
    service: &'a Service,
    /// Fields whose kinds say how a value is read out, innermost first.
    fields: [Option<&'a IndexMap<String, Field>>; 2],
    scope: &'a dyn Scope,
    day: Date,
    /// The tag of another language than Japanese.
    lang: Option<&'a str>,
}

impl<'a> Speaker<'a> {
    /// Over a record.
    pub(crate) fn of(around: Around<'a>, rt: &'a RecordType, scope: &'a RecordScope<'a>) -> Self {
        Self {
            service: around.service(),
            fields: [None, Some(&rt.fields)],
            scope,
            day: scope.as_of(),
            lang: None,
        }
    }

    /// The same in another language: dates, amounts and what the package has translated.
    pub(crate) fn speaking(self, lang: &'a str) -> Self {
        Self {
            lang: Some(lang),
            ..self
        }
    }

    /// Over names that are no record's.
    pub(crate) fn plain(service: &'a Service, scope: &'a dyn Scope, day: Date) -> Self {
        Self {
            service,
            fields: [None, None],
            scope,
            day,
            lang: None,
        }
    }

    /// The same, in a row of the record.
    pub(crate) fn in_row(self, members: &'a IndexMap<String, Field>, scope: &'a dyn Scope) -> Self {
        Self {
            fields: [Some(members), self.fields[1]],
            scope,
            ..self
        }
    }

    /// The names that expressions see.
    pub(crate) fn scope(&self) -> &'a dyn Scope {
        self.scope
    }

    /// A template with its values; `（未入力）` for absent ones.
    pub(crate) fn say(&self, parts: &[Part]) -> String {
        parts
            .iter()
            .map(|part| match part {
                Part::Literal(literal) => literal.clone(),
                Part::Value(typed) => self.text(typed, self.nothing()),
            })
            .collect()
    }

    fn text(&self, typed: &Typed, absent: &str) -> String {
        let text = match evaluate(typed, self.scope) {
            Ok(Some(value)) => self.read_out(&value, self.kind_of(typed)),
            Ok(None) | Err(_) => String::new(),
        };
        if text.is_empty() {
            absent.to_owned()
        } else {
            text
        }
    }

    fn nothing(&self) -> &'static str {
        match self.lang {
            Some("en") => "(not entered)",
            _ => "（未入力）",
        }
    }

    fn read_out(&self, value: &Value, kind: Option<&FieldKind>) -> String {
        let japanese = || value_text(self.service, value, kind, self.day);
        let Some(lang) = self.lang else {
            return japanese();
        };
        match (lang, kind, value) {
            ("en", None | Some(FieldKind::Date), Value::Date(day)) => english::day(*day),
            ("en", _, Value::Boolean(yes)) => if *yes { "yes" } else { "no" }.into(),
            ("en", Some(FieldKind::Yen { .. }), Value::Number(n)) => format!("{} yen", grouped(*n)),
            _ => {
                let text = japanese();
                let said = self.service.said_in(lang, &text).map(str::to_owned);
                said.unwrap_or(text)
            }
        }
    }

    /// The kind of the field that an expression names, if it is nothing but a path.
    fn kind_of(&self, typed: &Typed) -> Option<&'a FieldKind> {
        let mut path = typed.source().trim().split('.').map(str::trim);
        let head = path.next()?;
        let field = self.fields.iter().flatten().find_map(|of| of.get(head))?;
        match (path.next(), &field.kind) {
            (None, kind) => Some(kind),
            (Some("municipality"), FieldKind::Address) => Some(&FieldKind::Municipality),
            _ => None,
        }
    }
}
