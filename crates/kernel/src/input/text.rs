//! Texts, names, days.

use super::{Read, blank, escape, faulty, unknown};
use crate::refusal::Fault;
use definition::model::Field;
use serde_json::{Map, Value as Json, json};

/// Longest text of kinds that name no limit.
const MAX_LINE: usize = 200;

pub(super) fn string<'j>(
    field: &Field,
    json: &'j Json,
    pointer: &str,
) -> Result<std::borrow::Cow<'j, str>, Vec<Fault>> {
    match json {
        Json::String(s) => Ok(s.trim().into()),
        Json::Number(n) => Ok(n.to_string().into()),
        _ => Err(vec![Fault::new(
            pointer,
            "format",
            format!("「{}」は文字で入力してください。", field.title),
        )]),
    }
}

fn limited(field: &Field, text: &str, pointer: &str, max: usize) -> Result<(), Vec<Fault>> {
    let length = text.chars().count();
    if length <= max {
        return Ok(());
    }
    let detail = format!(
        "「{}」は{max}文字以内で入力してください（いま{length}文字です）。",
        field.title
    );
    Err(vec![Fault::new(pointer, "too_long", detail)])
}

/// Control characters are taken out, line ends made one; nothing else is changed, since a name is a name. What turns the
/// direction of writing goes too (Unicode UAX #9, embeddings, overrides and isolates): it would show another text than is
/// kept, beyond its own field. So do the two that are no characters and that XML, and so a workbook, cannot hold.
fn cleaned(text: &str, multiline: bool) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let keep = |c: char| match c {
        '\n' if multiline => Some('\n'),
        '\n' | '\t' => Some(' '),
        // U+FDD0 marks a number that is yet to be drawn.
        c if c.is_control() || c == '\u{fdd0}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => None,
        c => Some(c),
    };
    lines
        .chars()
        .filter_map(keep)
        .collect::<String>()
        .trim()
        .to_owned()
}

pub(super) fn text(field: &Field, json: &Json, pointer: &str, multiline: bool, max: usize) -> Read {
    let text = cleaned(&string(field, json, pointer)?, multiline);
    limited(field, &text, pointer, max)?;
    Ok((!text.is_empty()).then_some(Json::String(text)))
}

pub(super) fn checked(
    field: &Field,
    json: &Json,
    pointer: &str,
    check: fn(&str) -> Result<String, japanese::Fault>,
) -> Read {
    let text = string(field, json, pointer)?;
    limited(field, &text, pointer, MAX_LINE)?;
    match check(&text) {
        Ok(text) => Ok(Some(Json::String(text))),
        Err(fault) => faulty(pointer, fault.code, named(field, &fault.detail)),
    }
}

/// The field's title before a general sentence.
pub(super) fn named(field: &Field, detail: &str) -> String {
    if detail.contains(field.title.as_str()) {
        detail.to_owned()
    } else {
        format!("「{}」：{detail}", field.title)
    }
}

pub(super) fn date(field: &Field, json: &Json, pointer: &str) -> Read {
    let text = string(field, json, pointer)?;
    match japanese::wareki::parse(&text) {
        Ok(date) => Ok(Some(Json::String(date.to_string()))),
        Err(fault) => faulty(pointer, fault.code, named(field, &fault.detail)),
    }
}

pub(super) fn partial_date(field: &Field, json: &Json, pointer: &str) -> Read {
    let text = string(field, json, pointer)?;
    let date = match japanese::partial_date::PartialDate::parse(&text) {
        Ok(date) => date,
        Err(fault) => return faulty(pointer, fault.code, named(field, &fault.detail)),
    };
    let mut text = format!("{:04}", date.year);
    for part in [date.month, date.day].into_iter().flatten() {
        text.push_str(&format!("-{part:02}"));
    }
    Ok(Some(Json::String(text)))
}

pub(super) fn date_time(field: &Field, json: &Json, pointer: &str) -> Read {
    let text = string(field, json, pointer)?;
    let tokyo = jiff::tz::Offset::constant(9);
    let local = || {
        text.parse::<jiff::civil::DateTime>()
            .ok()
            .and_then(|t| tokyo.to_timestamp(t).ok())
    };
    match text.parse::<jiff::Timestamp>().ok().or_else(local) {
        Some(at) => Ok(Some(Json::String(
            at.display_with_offset(tokyo).to_string(),
        ))),
        None => faulty(
            pointer,
            "format",
            format!(
                "「{}」は 2026-11-22T09:30 のように日付と時刻で入力してください。",
                field.title
            ),
        ),
    }
}

const NAME_PARTS: [&str; 5] = ["family", "given", "full", "kana", "latin"];

pub(super) fn person_name(field: &Field, json: &Json, pointer: &str) -> Read {
    let Json::Object(members) = json else {
        let full = text(field, json, pointer, false, MAX_LINE)?;
        return Ok(full.map(|full| json!({ "full": full })));
    };
    let mut faults = Vec::new();
    let mut name = Map::new();
    for (part, value) in members.iter().filter(|(_, v)| !blank(v)) {
        let at = format!("{pointer}/{}", escape(part));
        if !NAME_PARTS.contains(&part.as_str()) {
            faults.push(unknown(at, part, NAME_PARTS.into_iter()));
            continue;
        }
        let read = if part == "kana" {
            checked(field, value, &at, japanese::check::kana)
        } else {
            text(field, value, &at, false, MAX_LINE)
        };
        match read {
            Ok(read) => {
                name.extend(read.map(|v| (part.clone(), v)));
            }
            Err(more) => faults.extend(more),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    if !name.contains_key("full") {
        let parts: Vec<&str> = ["family", "given"]
            .iter()
            .filter_map(|p| name.get(*p)?.as_str())
            .collect();
        if parts.is_empty() {
            return faulty(
                &format!("{pointer}/full"),
                "required",
                format!("「{}」の氏名を入力してください。", field.title),
            );
        }
        let full = parts.join(" ");
        name.insert("full".into(), full.into());
    }
    Ok(Some(Json::Object(name)))
}
