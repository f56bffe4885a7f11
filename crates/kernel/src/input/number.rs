//! Numbers and yes or no.

use super::{Read, faulty};
use crate::convert::number_json;
use definition::model::{Field, FieldKind};
use feel::Value;
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// What a number may be.
pub(super) struct Bounds<'a> {
    pub(super) scale: u32,
    pub(super) min: Option<Decimal>,
    pub(super) max: Option<Decimal>,
    pub(super) unit: Option<&'a str>,
}

/// Reads full width, grouping commas and the unit as people type them.
fn parse(json: &Json, unit: &str) -> Option<Decimal> {
    match json {
        Json::Number(_) => match (FieldKind::Yen {
            min: None,
            max: None,
        })
        .to_feel(json)
        {
            Value::Number(n) => Some(n),
            _ => None,
        },
        Json::String(s) => {
            let half = japanese::text::to_half(s.trim());
            let half = half.strip_suffix(unit).unwrap_or(&half);
            let plain: String = half
                .chars()
                .filter(|c| !matches!(c, ',' | '，' | ' ' | '　' | '¥' | '￥'))
                .map(|c| {
                    if matches!(c, '−' | '－' | '‐' | '▲' | '△') {
                        '-'
                    } else {
                        c
                    }
                })
                .collect();
            let digits = plain.strip_prefix('-').unwrap_or(&plain);
            let all = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
            plain.parse().ok().filter(|_| all)
        }
        _ => None,
    }
}

pub(super) fn number(field: &Field, json: &Json, pointer: &str, bounds: &Bounds<'_>) -> Read {
    let unit = bounds.unit.unwrap_or("");
    let title = &field.title;
    let Some(n) = parse(json, unit) else {
        return faulty(
            pointer,
            "format",
            format!("「{title}」は数字で入力してください。"),
        );
    };
    let n = n.normalize();
    if n.scale() > bounds.scale {
        let how = if bounds.scale == 0 {
            "整数で".into()
        } else {
            format!("小数点以下{}桁までで", bounds.scale)
        };
        return faulty(
            pointer,
            "too_precise",
            format!("「{title}」は{how}入力してください。"),
        );
    }
    if let Some(min) = bounds.min.filter(|min| n < *min) {
        return faulty(
            pointer,
            "too_small",
            format!(
                "「{title}」は{}{unit}以上で入力してください。",
                min.normalize()
            ),
        );
    }
    if let Some(max) = bounds.max.filter(|max| n > *max) {
        return faulty(
            pointer,
            "too_large",
            format!(
                "「{title}」は{}{unit}以下で入力してください。",
                max.normalize()
            ),
        );
    }
    Ok(Some(number_json(n)))
}

pub(super) fn boolean(field: &Field, json: &Json, pointer: &str) -> Read {
    let word = match json {
        Json::Bool(b) => return Ok(Some(Json::Bool(*b))),
        Json::String(s) => s.trim().to_lowercase(),
        other => other.to_string(),
    };
    match word.as_str() {
        "true" | "on" | "1" | "yes" | "はい" => Ok(Some(Json::Bool(true))),
        "false" | "off" | "0" | "no" | "いいえ" => Ok(Some(Json::Bool(false))),
        _ => faulty(
            pointer,
            "format",
            format!(
                "「{}」は「はい」か「いいえ」で答えてください。",
                field.title
            ),
        ),
    }
}
