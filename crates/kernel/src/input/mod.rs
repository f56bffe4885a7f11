//! The input of an act: read by the kinds of its fields, all faults at once, nothing silently changed in meaning.

mod address;
mod choice;
mod enter;
mod files;
mod number;
mod official;
mod record;
mod remarks;
mod rows;
mod text;

pub use official::had_before;

pub(crate) use definition::form_fields;
pub(crate) use enter::{Entered, enter, require};
pub use remarks::file_of;

use crate::facts::Facts;
use crate::ids::AttachmentId;
use crate::refusal::Fault;
use crate::render::Speaker;
use definition::model::{Field, FieldKind};
use jiff::civil::Date;
use serde_json::Value as Json;

/// What reading may know.
pub(crate) struct Reader<'a> {
    pub(crate) facts: &'a Facts,
    /// Who enters it: what may be named depends on what they may see.
    pub(crate) actor: &'a crate::act::Actor,
    /// The day by which code lists are read.
    pub(crate) day: Date,
    /// A draft may be incomplete.
    pub(crate) draft: bool,
    /// Uploads that were named.
    pub(crate) files: Vec<AttachmentId>,
}

/// A value in its stored form (none: absent), or its faults.
pub(crate) type Read = Result<Option<Json>, Vec<Fault>>;

/// One fault as a whole answer.
pub(crate) fn faulty(pointer: &str, code: &str, detail: impl Into<String>) -> Read {
    Err(vec![Fault::new(pointer, code, detail)])
}

impl Reader<'_> {
    /// Reads one value.
    pub(crate) fn read(&mut self, field: &Field, json: &Json, pointer: &str) -> Read {
        if blank(json) {
            return Ok(None);
        }
        match &field.kind {
            FieldKind::Text {
                multiline,
                max_chars,
            } => text::text(field, json, pointer, *multiline, *max_chars),
            FieldKind::Number {
                scale,
                min,
                max,
                unit,
            } => number::number(
                field,
                json,
                pointer,
                &number::Bounds {
                    scale: *scale,
                    min: *min,
                    max: *max,
                    unit: unit.as_deref(),
                },
            ),
            FieldKind::Yen { min, max } => number::number(
                field,
                json,
                pointer,
                &number::Bounds {
                    scale: 0,
                    min: *min,
                    max: *max,
                    unit: Some("円"),
                },
            ),
            FieldKind::Boolean | FieldKind::Declaration { .. } => {
                number::boolean(field, json, pointer)
            }
            FieldKind::Date => text::date(field, json, pointer),
            FieldKind::PartialDate => text::partial_date(field, json, pointer),
            FieldKind::DateTime => text::date_time(field, json, pointer),
            FieldKind::Choice(options) => choice::one(self, field, options, json, pointer),
            FieldKind::Choices(options) => choice::several(self, field, options, json, pointer),
            FieldKind::PersonName => text::person_name(field, json, pointer),
            FieldKind::Kana => text::checked(field, json, pointer, japanese::check::kana),
            FieldKind::Email => text::checked(field, json, pointer, japanese::check::email),
            FieldKind::Phone => text::checked(field, json, pointer, japanese::check::phone),
            FieldKind::PostalCode => {
                text::checked(field, json, pointer, japanese::check::postal_code)
            }
            FieldKind::Municipality => {
                text::checked(field, json, pointer, japanese::check::municipality_code)
            }
            FieldKind::CorporateNumber => {
                text::checked(field, json, pointer, japanese::check::corporate_number)
            }
            FieldKind::IndividualNumber(_) => individual(self, field, pointer),
            FieldKind::Address => address::address(self, field, json, pointer),
            FieldKind::Account => address::account(self, field, json, pointer),
            FieldKind::Files {
                min,
                max,
                media_types,
                max_bytes,
            } => files::files(
                self,
                field,
                json,
                pointer,
                &files::Limits {
                    min: *min,
                    max: *max,
                    media_types,
                    max_bytes: *max_bytes,
                },
            ),
            FieldKind::Rows { fields, max, .. } => {
                rows::rows(self, field, fields, *max, json, pointer)
            }
            FieldKind::Record(link) => record::records(self, field, link, json, pointer),
            FieldKind::Remarks => remarks::remarks(self, field, json, pointer),
        }
    }
}

/// An individual number: what stands in the input is not looked at, only the reference that was made of it.
fn individual(reader: &Reader<'_>, field: &Field, pointer: &str) -> Read {
    match reader.facts.numbers.get(&field.name) {
        Some(Ok(reference)) => Ok(Some(Json::from(reference.to_string()))),
        Some(Err(fault)) => faulty(pointer, &fault.code, fault.detail.clone()),
        None => {
            let detail = format!("「{}」は、この操作では受け取れません。", field.title);
            faulty(pointer, "individual_number", detail)
        }
    }
}

/// Whether a value counts as absent: null, empty or blank text, empty list, object without content.
pub(crate) fn blank(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::String(s) => s.trim().is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.values().all(blank),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// A member's name in a JSON pointer.
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The declared name nearest to a mistyped one, if any is near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    known
        .map(|k| (distance(name, k), k))
        .filter(|(d, _)| *d <= limit)
        .min()
        .map(|(_, k)| k)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (corner + usize::from(x != *y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

/// What to say of a name that the form does not know.
pub(crate) fn unknown<'a>(
    pointer: String,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Fault {
    let hint = nearest(name, known)
        .map(|near| format!("「{near}」ではありませんか。"))
        .unwrap_or_default();
    let shown: String = name.chars().take(40).collect();
    Fault::new(
        pointer,
        "unknown_field",
        format!("「{shown}」という項目はありません。{hint}"),
    )
}

/// What to say when a value is needed and missing: the definition's sentence, or the general one.
pub(crate) fn missing(field: &Field, speaker: &Speaker<'_>) -> String {
    match &field.missing {
        Some(sentence) => speaker.say(sentence),
        None => plainly_missing(field),
    }
}

/// The general sentence for a value that is needed and missing.
pub(crate) fn plainly_missing(field: &Field) -> String {
    let title = &field.title;
    match &field.kind {
        FieldKind::Choice(_)
        | FieldKind::Choices(_)
        | FieldKind::Municipality
        | FieldKind::Record(_)
        | FieldKind::Boolean => format!("「{title}」を選んでください。"),
        FieldKind::Files { .. } => format!("「{title}」を添付してください。"),
        FieldKind::Declaration { .. } => {
            format!("「{title}」を読み、同意する場合は印を付けてください。")
        }
        FieldKind::Rows { .. } => format!("「{title}」を1件以上入力してください。"),
        _ => format!("「{title}」を入力してください。"),
    }
}
