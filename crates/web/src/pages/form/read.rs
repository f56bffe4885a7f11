//! From posted pairs to an action's input. What does not read as its kind stays as typed: the kernel says what is
//! wrong with it, and the form shows it again.

use super::Posted;
use definition::model::{Field, FieldKind};
use serde_json::{Map, Value as Json, json};

/// The values of the fields that the form held, by name.
pub(in crate::pages) fn read(fields: &[&Field], posted: &Posted) -> Map<String, Json> {
    let held = fields
        .iter()
        .filter(|field| posted.has("_has", &field.name));
    let read = held.map(|field| (field.name.clone(), value(field, &field.name, posted)));
    // An individual number that is left blank stays as it is: it is never shown again to be sent back.
    let left = |name: &str, value: &Json| {
        let mut fields = fields.iter().filter(|field| field.name == name);
        value.is_null() && fields.any(|field| field.kind.individual_rule().is_some())
    };
    read.filter(|(name, value)| !left(name, value)).collect()
}

fn value(field: &Field, path: &str, posted: &Posted) -> Json {
    let text = |part: &str| {
        posted
            .get(&format!("{path}.{part}"))
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    let own = posted
        .get(path)
        .map(str::trim)
        .filter(|text| !text.is_empty());
    match &field.kind {
        FieldKind::Text { multiline, .. } => own.map_or(Json::Null, |own| {
            if *multiline {
                own.replace("\r\n", "\n").into()
            } else {
                own.into()
            }
        }),
        FieldKind::Number { .. } => own.map_or(Json::Null, number),
        FieldKind::Yen { .. } => own.map_or(Json::Null, |own| {
            japanese::money::parse_yen(own).map_or_else(|_| own.into(), Json::from)
        }),
        FieldKind::Boolean | FieldKind::Declaration { .. } => Json::Bool(own.is_some()),
        FieldKind::Date => text("wareki").or(own).map_or(Json::Null, |own| {
            japanese::wareki::parse(own).map_or_else(|_| own.into(), |day| day.to_string().into())
        }),
        FieldKind::PartialDate => own.map_or(Json::Null, |own| {
            japanese::partial_date::PartialDate::parse(own)
                .map_or_else(|_| own.into(), |day| day.to_string().into())
        }),
        FieldKind::DateTime => own.map_or(Json::Null, |own| {
            if own.len() == 16 {
                format!("{own}:00+09:00").into()
            } else {
                own.into()
            }
        }),
        FieldKind::Record(link) if !link.many() => own.map_or(Json::Null, Json::from),
        FieldKind::Choices(_) | FieldKind::Record(_) => list(
            posted
                .all(path)
                .filter(|code| !code.is_empty())
                .map(Json::from),
        ),
        FieldKind::Address => object(
            &["postal_code", "municipality", "town", "line", "building"],
            text,
        ),
        FieldKind::PersonName => person(text),
        FieldKind::Account => object(&["bank", "branch", "kind", "number", "holder"], text),
        FieldKind::IndividualNumber(_) => text("secret").map_or(Json::Null, Json::from),
        FieldKind::Files { .. } => files(path, posted),
        FieldKind::Rows { fields, .. } => {
            list(rows(path, posted).map(|at| row(fields.values(), &format!("{path}.{at}"), posted)))
        }
        FieldKind::Remarks => {
            list(rows(path, posted).map(|at| remark(&format!("{path}.{at}"), posted)))
        }
        _ => own.map_or(Json::Null, Json::from),
    }
}

fn list(items: impl Iterator<Item = Json>) -> Json {
    let items: Vec<Json> = items.collect();
    if items.is_empty() {
        Json::Null
    } else {
        Json::Array(items)
    }
}

fn number(text: &str) -> Json {
    let half: String = japanese::text::to_half(text)
        .chars()
        .filter(|c| *c != ',')
        .collect();
    half.parse::<serde_json::Number>()
        .map_or_else(|_| text.into(), Json::Number)
}

fn object<'a>(parts: &[&str], text: impl Fn(&str) -> Option<&'a str>) -> Json {
    let map: Map<String, Json> = parts
        .iter()
        .filter_map(|part| Some(((*part).to_owned(), text(part)?.into())))
        .collect();
    if map.is_empty() {
        Json::Null
    } else {
        Json::Object(map)
    }
}

/// The full name follows from its parts where they are given.
fn person<'a>(text: impl Fn(&str) -> Option<&'a str>) -> Json {
    let mut name = object(&["family", "given", "full", "kana", "latin"], &text);
    if let Json::Object(map) = &mut name
        && let (None, Some(family)) = (text("full"), text("family"))
    {
        map.insert(
            "full".into(),
            [Some(family), text("given")]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
                .into(),
        );
    }
    name
}

fn files(path: &str, posted: &Posted) -> Json {
    let kept = posted.all(path).filter(|id| !id.is_empty()).map(Json::from);
    let fresh = posted
        .uploads
        .iter()
        .filter(|(name, _)| name == path)
        .filter_map(|(_, upload)| upload.as_ref().ok());
    list(kept.chain(fresh.map(|upload| upload.id.to_string().into())))
}

/// Indices of the rows that the form held, in its order.
fn rows<'a>(path: &str, posted: &'a Posted) -> impl Iterator<Item = usize> + use<'a> {
    let name = format!("{path}._row");
    posted.all_owned(name).filter_map(|at| at.parse().ok())
}

fn row<'a>(fields: impl Iterator<Item = &'a Field>, path: &str, posted: &Posted) -> Json {
    let entered = fields.filter(|field| field.value.is_none());
    let pairs = entered.map(|field| {
        (
            field.name.clone(),
            value(field, &format!("{path}.{}", field.name), posted),
        )
    });
    Json::Object(pairs.filter(|(_, value)| !value.is_null()).collect())
}

fn remark(path: &str, posted: &Posted) -> Json {
    let part = |name: &str| {
        posted
            .get(&format!("{path}.{name}"))
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    // A point outside the picture, or half a point, is for the kernel to refuse: it is not bent into one inside.
    let share = |text: &str| {
        let half = japanese::text::to_half(text);
        let percent = half.trim_end_matches('%').parse::<f64>();
        percent.map_or_else(|_| text.into(), |percent| json!(round(percent / 100.0)))
    };
    let mut remark = Map::new();
    for name in ["pointer", "text"] {
        if let Some(text) = part(name) {
            remark.insert(name.into(), text.into());
        }
    }
    if let Some(page) = part("page") {
        remark.insert("page".into(), number(page));
    }
    let (x, y) = (part("x"), part("y"));
    if x.is_some() || y.is_some() {
        let point = [x, y].map(|text| text.map_or(Json::Null, share));
        remark.insert("at".into(), json!(point));
    }
    Json::Object(remark)
}

fn round(share: f64) -> f64 {
    (share * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use indexmap::IndexMap;

    fn field(name: &str, kind: FieldKind) -> Field {
        Field::plain(name, name, kind, false)
    }

    fn posted(pairs: &[(&str, &str)]) -> Posted {
        Posted::of(
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn people_type_yen_and_days_as_they_like() {
        let fee = field(
            "fee",
            FieldKind::Yen {
                min: None,
                max: None,
            },
        );
        let day = field("day", FieldKind::Date);
        let input = read(
            &[&fee, &day],
            &posted(&[
                ("_has", "fee"),
                ("_has", "day"),
                ("fee", "２９，８００円"),
                ("day", ""),
                ("day.wareki", "令和8年11月22日"),
            ]),
        );
        assert_eq!(
            Json::Object(input),
            json!({"fee": 29800, "day": "2026-11-22"})
        );
    }

    #[test]
    fn what_does_not_read_stays_as_typed() {
        let fee = field(
            "fee",
            FieldKind::Yen {
                min: None,
                max: None,
            },
        );
        assert_eq!(
            read(&[&fee], &posted(&[("_has", "fee"), ("fee", "たくさん")]))["fee"],
            "たくさん"
        );
    }

    #[test]
    fn rows_keep_their_order_and_an_unheld_field_is_left_alone() {
        let members: IndexMap<String, Field> =
            [("a".to_owned(), field("a", FieldKind::Kana))].into();
        let rows = field(
            "rows",
            FieldKind::Rows {
                fields: members,
                min: 0,
                max: 9,
            },
        );
        let other = field("other", FieldKind::Kana);
        let form = posted(&[
            ("_has", "rows"),
            ("rows._row", "2"),
            ("rows.2.a", "ニ"),
            ("rows._row", "0"),
            ("rows.0.a", "ゼロ"),
        ]);
        assert_eq!(
            Json::Object(read(&[&rows, &other], &form)),
            json!({"rows": [{"a": "ニ"}, {"a": "ゼロ"}]})
        );
    }

    #[test]
    fn a_point_is_given_in_per_cent() {
        let remarks = field("remarks", FieldKind::Remarks);
        let form = posted(&[
            ("_has", "remarks"),
            ("remarks._row", "0"),
            ("remarks.0.text", "手洗い"),
            ("remarks.0.x", "41"),
            ("remarks.0.y", "６２"),
        ]);
        assert_eq!(
            read(&[&remarks], &form)["remarks"],
            json!([{"text": "手洗い", "at": [0.41, 0.62]}])
        );
    }

    #[test]
    fn a_page_and_a_point_that_are_none_stay_as_typed() {
        let remarks = field("remarks", FieldKind::Remarks);
        let form = posted(&[
            ("_has", "remarks"),
            ("remarks._row", "0"),
            ("remarks.0.page", "２"),
            ("remarks.0.x", "１２０％"),
            ("remarks._row", "1"),
            ("remarks.1.page", "二"),
            ("remarks.1.x", "右"),
            ("remarks.1.y", "5"),
        ]);
        assert_eq!(
            read(&[&remarks], &form)["remarks"],
            json!([{"page": 2, "at": [1.2, null]}, {"page": "二", "at": ["右", 0.05]}])
        );
    }
}
