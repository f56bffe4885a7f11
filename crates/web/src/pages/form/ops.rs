//! What a form's own buttons do without leaving it: add and remove rows, complete an address, take a file away.

use super::Posted;
use crate::Postal;
use definition::model::{Field, FieldKind};
use serde_json::{Map, Value as Json};

/// Performs a button's `_do` (`add:trades`, `phrase:reasons`, `remove:trades:1`, `postal:premises`, `unfile:drawings:ID`).
/// Answers a sentence where it could not.
pub(in crate::pages) fn apply(
    input: &mut Map<String, Json>,
    order: &str,
    posted: &Posted,
    postal: &Postal,
) -> Result<(), (String, String)> {
    let mut words = order.splitn(3, ':');
    let (Some(verb), Some(path)) = (words.next(), words.next()) else {
        return Ok(());
    };
    let rest = words.next().unwrap_or_default();
    match verb {
        "add" => add(input, path),
        "remove" => remove(input, path, rest),
        "phrase" => insert(input, path, posted),
        "unfile" => take_away(input, path, rest),
        "postal" => {
            complete(input, path, posted, postal).map_err(|said| (path.to_owned(), said))?
        }
        _ => {}
    }
    Ok(())
}

fn add(input: &mut Map<String, Json>, path: &str) {
    let slot = input.entry(path).or_insert(Json::Null);
    match slot {
        Json::Array(rows) => rows.push(Json::Object(Map::new())),
        other => *other = Json::Array(vec![Json::Object(Map::new()), Json::Object(Map::new())]),
    }
}

/// Puts the phrase that was chosen after what stands there.
fn insert(input: &mut Map<String, Json>, path: &str, posted: &Posted) {
    let chosen = posted.get(&format!("{path}._phrase")).unwrap_or_default();
    if chosen.is_empty() {
        return;
    }
    let (head, inner) = path.split_once('.').unwrap_or((path, ""));
    let slot = input.entry(head).or_insert(Json::Null);
    if slot.is_null() && !inner.is_empty() {
        *slot = Json::Array(vec![Json::Object(Map::new())]);
    }
    if let Some(slot) = place(input, path) {
        let before = slot.as_str().unwrap_or_default().trim_end();
        let glue = if before.is_empty() { "" } else { "\n" };
        *slot = Json::String(format!("{before}{glue}{chosen}"));
    }
}

fn remove(input: &mut Map<String, Json>, path: &str, at: &str) {
    if let (Some(Json::Array(rows)), Ok(at)) = (input.get_mut(path), at.parse::<usize>())
        && at < rows.len()
    {
        rows.remove(at);
    }
}

fn take_away(input: &mut Map<String, Json>, path: &str, id: &str) {
    let Some(slot) = place(input, path) else {
        return;
    };
    if let Json::Array(ids) = slot {
        ids.retain(|one| one.as_str() != Some(id));
        if ids.is_empty() {
            *slot = Json::Null;
        }
    }
}

/// Fills municipality and town from the postal code. A line that was typed already stays.
fn complete(
    input: &mut Map<String, Json>,
    path: &str,
    posted: &Posted,
    postal: &Postal,
) -> Result<(), String> {
    let code = posted
        .get(&format!("{path}.postal_code"))
        .unwrap_or_default();
    let places = postal.find(code).map_err(|error| error.to_string())?;
    let Some(found) = places.first() else {
        return Err(crate::i18n::say("この郵便番号は見つかりません。").to_owned());
    };
    let same = places
        .iter()
        .all(|other| other.municipality == found.municipality);
    let one_town = places.len() == 1;
    if let Some(slot) = place(input, path) {
        if !slot.is_object() {
            *slot = Json::Object(Map::new());
        }
        if let Json::Object(address) = slot {
            if same {
                address.insert("municipality".into(), found.municipality.clone().into());
            }
            let empty = address
                .get("line")
                .and_then(Json::as_str)
                .is_none_or(str::is_empty);
            if empty && one_town && !found.town.is_empty() {
                address.insert("line".into(), found.town.clone().into());
            }
        }
    }
    Ok(())
}

/// The value under a path such as `premises` or `rows.0.address`.
fn place<'a>(input: &'a mut Map<String, Json>, path: &str) -> Option<&'a mut Json> {
    let mut parts = path.split('.');
    let mut slot = input.get_mut(parts.next()?)?;
    for part in parts {
        slot = match slot {
            Json::Array(rows) => rows.get_mut(part.parse::<usize>().ok()?)?,
            Json::Object(map) => map.entry(part).or_insert(Json::Null),
            _ => return None,
        };
    }
    Some(slot)
}

/// Takes out rows in which nothing was entered: an open, empty row is no fault.
pub(in crate::pages) fn drop_empty_rows(fields: &[&Field], input: &mut Map<String, Json>) {
    for field in fields
        .iter()
        .filter(|field| matches!(field.kind, FieldKind::Rows { .. } | FieldKind::Remarks))
    {
        let Some(slot) = input.get_mut(&field.name) else {
            continue;
        };
        if let Json::Array(rows) = slot {
            rows.retain(entered);
            if rows.is_empty() {
                *slot = Json::Null;
            }
        }
    }
}

/// An unticked box alone is no entry.
fn entered(row: &Json) -> bool {
    match row {
        Json::Object(map) => map
            .values()
            .any(|value| *value != Json::Bool(false) && !crate::pages::show::blank(value)),
        other => !other.is_null(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn after(start: Json, order: &str, pairs: &[(&str, &str)]) -> Json {
        let Json::Object(mut map) = start else {
            panic!("an object")
        };
        let posted = Posted::of(
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        );
        let csv = "code,prefecture,municipality_code,municipality,town,municipality_kana,town_kana\n1900023,東京都,13202,立川市,柴崎町,タチカワシ,シバサキチョウ\n";
        let postal = Postal::from_csv(csv).unwrap();
        let _ = apply(&mut map, order, &posted, &postal);
        Json::Object(map)
    }

    #[test]
    fn rows_come_and_go() {
        assert_eq!(
            after(json!({"t": [{"a": 1}]}), "add:t", &[]),
            json!({"t": [{"a": 1}, {}]})
        );
        assert_eq!(
            after(json!({"t": [{"a": 1}, {"a": 2}]}), "remove:t:0", &[]),
            json!({"t": [{"a": 2}]})
        );
        assert_eq!(
            after(json!({"t": [{"a": 1}]}), "remove:t:7", &[]),
            json!({"t": [{"a": 1}]})
        );
        assert_eq!(
            after(json!({"f": ["x", "y"]}), "unfile:f:x", &[]),
            json!({"f": ["y"]})
        );
    }

    #[test]
    fn an_address_is_completed_and_what_was_typed_stays() {
        let code = [("p.postal_code", "190-0023")];
        assert_eq!(
            after(json!({"p": null}), "postal:p", &code)["p"],
            json!({"municipality": "13202", "line": "柴崎町"})
        );
        assert_eq!(
            after(json!({"p": {"line": "錦町1"}}), "postal:p", &code)["p"]["line"],
            "錦町1"
        );
    }
}
