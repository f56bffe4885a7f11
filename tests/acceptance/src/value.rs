//! Looking into JSON by the paths that scenarios write, and comparing what is found.

use serde_json::Value as Json;

/// The value under `fields.trades[0].fee`; none where there is nothing.
pub(crate) fn at<'a>(json: &'a Json, path: &str) -> Option<&'a Json> {
    let mut here = json;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let (name, indexes) = part
            .split_once('[')
            .map_or((part, ""), |(name, rest)| (name, rest));
        if !name.is_empty() {
            here = here.get(name)?;
        }
        for index in indexes.split('[').filter(|index| !index.is_empty()) {
            here = here.get(index.trim_end_matches(']').parse::<usize>().ok()?)?;
        }
    }
    Some(here)
}

/// What a scenario expects. In quotes: this text, or a number or truth value that is written so. Bare: JSON.
pub(crate) fn same(found: &Json, expected: &str) -> bool {
    let bare = serde_json::from_str::<Json>(expected).ok();
    match expected
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(text) => match found {
            Json::String(found) => found == text,
            Json::Number(number) => number.as_str() == text,
            Json::Bool(found) => (if *found { "true" } else { "false" }) == text,
            _ => false,
        },
        None => bare.is_some_and(|expected| equal(found, &expected)),
    }
}

/// Equal as JSON; numbers by their value (`1` and `1.0`).
pub(crate) fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => {
            x == y
                || x.as_f64()
                    .zip(y.as_f64())
                    .is_some_and(|(x, y)| (x - y).abs() < 1e-9)
        }
        (Json::Array(x), Json::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| equal(x, y))
        }
        (Json::Object(x), Json::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| equal(v, w)))
        }
        _ => a == b,
    }
}

/// Where `found` does not hold what `expected` asks for: members named in objects, arrays item by item. Texts may be
/// `{any}` (anything but null) or `{text}`, `{number}`, `{list}`, `{object}` for a kind.
pub(crate) fn missing(found: &Json, expected: &Json, here: &str, into: &mut Vec<String>) {
    match (found, expected) {
        (Json::Object(found), Json::Object(expected)) => {
            for (name, value) in expected {
                let place = format!("{here}/{name}");
                match found.get(name) {
                    Some(found) => missing(found, value, &place, into),
                    None => into.push(format!("{place} がありません")),
                }
            }
        }
        (Json::Array(found), Json::Array(expected)) if found.len() == expected.len() => {
            for (index, (found, value)) in found.iter().zip(expected).enumerate() {
                missing(found, value, &format!("{here}/{index}"), into);
            }
        }
        (found, Json::String(kind)) if is_kind(found, kind) => {}
        (found, expected) if equal(found, expected) => {}
        (found, expected) => into.push(format!("{here} は {found} で、{expected} ではありません")),
    }
}

/// Where two values differ.
pub(crate) fn differences(a: &Json, b: &Json, here: &str, into: &mut Vec<String>) {
    match (a, b) {
        (Json::Object(x), Json::Object(y)) => {
            let names: std::collections::BTreeSet<&String> = x.keys().chain(y.keys()).collect();
            for name in names {
                let side = |map: &serde_json::Map<String, Json>| {
                    map.get(name).cloned().unwrap_or(Json::Null)
                };
                differences(&side(x), &side(y), &format!("{here}/{name}"), into);
            }
        }
        (Json::Array(x), Json::Array(y)) if x.len() == y.len() => {
            for (index, (x, y)) in x.iter().zip(y).enumerate() {
                differences(x, y, &format!("{here}/{index}"), into);
            }
        }
        _ if a == b => {}
        _ => into.push(format!("{here}: {a} と {b}")),
    }
}

fn is_kind(found: &Json, kind: &str) -> bool {
    match kind {
        "{any}" => !found.is_null(),
        "{text}" => found.as_str().is_some_and(|text| !text.is_empty()),
        "{number}" => found.is_number(),
        "{list}" => found.is_array(),
        "{object}" => found.is_object(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_into_objects_and_lists() {
        let json = json!({"a": {"b": [{"c": 1}, {"c": [7, 8]}]}});
        assert_eq!(at(&json, "a.b[1].c[0]"), Some(&json!(7)));
        assert_eq!(at(&json, "a.x"), None);
        assert_eq!(at(&json, "a.b[2]"), None);
    }

    #[test]
    fn quoted_and_bare_values() {
        assert!(
            same(&json!("x"), "\"x\"")
                && same(&json!(29800), "\"29800\"")
                && same(&json!(29800), "29800")
        );
        assert!(same(&json!(true), "true") && same(&Json::Null, "null"));
        assert!(
            !same(&json!("29800"), "29800")
                && !same(&Json::Null, "\"null\"")
                && !same(&json!(1), "2")
        );
    }

    #[test]
    fn says_where_two_differ() {
        let mut found = Vec::new();
        differences(
            &json!({"a": [1, {"b": 2}], "c": 3}),
            &json!({"a": [1, {"b": 4}], "d": null}),
            "",
            &mut found,
        );
        assert_eq!(found, ["/a/1/b: 2 と 4", "/c: 3 と null"]);
    }

    #[test]
    fn says_where_something_is_missing() {
        let mut faults = Vec::new();
        missing(
            &json!({"a": [1, {"b": "x"}], "c": 1}),
            &json!({"a": ["{number}", {"b": "y"}], "d": "{any}"}),
            "",
            &mut faults,
        );
        assert_eq!(
            faults,
            [
                "/a/1/b は \"x\" で、\"y\" ではありません",
                "/d がありません"
            ]
        );
    }
}
