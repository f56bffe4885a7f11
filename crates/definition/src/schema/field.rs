//! One field as JSON Schema 2020-12.

use crate::model::{CellTest, Field, FieldKind, Options, Part, Service};
use feel::Value;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

/// The schema of a field. `required` says whether the form asks for it: what is not asked for may be `null`.
pub(super) fn schema(service: &Service, field: &Field, required: bool) -> Json {
    let mut schema = kind(service, &field.kind, required);
    schema.insert("title".into(), json!(field.title));
    if let Some(help) = &field.help {
        schema.insert("description".into(), json!(help));
    }
    if let Some(show_if) = &field.show_if {
        schema.insert("x-show-if".into(), json!(show_if.source()));
        schema.insert("x-required-if-shown".into(), json!(required));
    }
    if let Some(default) = &field.default {
        schema.insert("x-default".into(), json!(default.source()));
    }
    if let Some(missing) = &field.missing {
        schema.insert("x-missing".into(), json!(Part::source(missing)));
    }
    if !required || field.show_if.is_some() {
        nullable(&mut schema);
    }
    Json::Object(schema)
}

fn nullable(schema: &mut Map<String, Json>) {
    if let Some(Json::String(ty)) = schema.get("type") {
        let both = json!([ty, "null"]);
        schema.insert("type".into(), both);
    }
    if let Some(Json::Array(options)) = schema.get_mut("enum") {
        options.push(Json::Null);
    }
}

fn kind(service: &Service, kind: &FieldKind, required: bool) -> Map<String, Json> {
    let text = |format: &str| json!({"type": "string", "format": format});
    let schema = match kind {
        FieldKind::Text {
            multiline,
            max_chars,
        } => json!({"type": "string", "maxLength": max_chars, "x-multiline": multiline}),
        FieldKind::Number {
            scale,
            min,
            max,
            unit,
        } => number(*scale, *min, *max, unit.as_deref()),
        FieldKind::Yen { min, max } => yen(*min, *max),
        FieldKind::Boolean => json!({"type": "boolean"}),
        FieldKind::Declaration { text } if required => {
            json!({"type": "boolean", "const": true, "x-declaration": text})
        }
        FieldKind::Declaration { text } => json!({"type": "boolean", "x-declaration": text}),
        FieldKind::Date => text("date"),
        FieldKind::PartialDate => {
            json!({"type": "string", "format": "partial-date", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"})
        }
        FieldKind::DateTime => text("date-time"),
        FieldKind::Choice(options) => choice(service, options),
        FieldKind::Choices(options) => {
            json!({"type": "array", "uniqueItems": true, "items": choice(service, options)})
        }
        FieldKind::PersonName => object(kind, "person-name"),
        FieldKind::Kana => text("kana"),
        FieldKind::Email => text("email"),
        FieldKind::Phone => text("phone"),
        FieldKind::PostalCode => text("postal-code"),
        FieldKind::Address => object(kind, "address"),
        FieldKind::Municipality => text("municipality"),
        FieldKind::CorporateNumber => text("corporate-number"),
        // Written, never read: answers say `{"given": true}`.
        FieldKind::IndividualNumber(rule) => {
            json!({"type": "string", "format": "individual-number", "writeOnly": true, "x-ground": rule.ground})
        }
        FieldKind::Account => object(kind, "account"),
        FieldKind::Files {
            min,
            max,
            media_types,
            max_bytes,
        } => json!({
            "type": "array", "minItems": min, "maxItems": max, "items": {"type": "string", "format": "upload"},
            "x-media-types": media_types, "x-max-bytes": max_bytes,
        }),
        FieldKind::Rows { fields, min, max } => rows(service, fields, *min, *max),
        FieldKind::Record(link) => record(link),
        FieldKind::Remarks => remarks(),
    };
    match schema {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}

fn record(link: &crate::model::RecordLink) -> Json {
    let one = json!({"type": "string", "format": "uuid", "x-record": link.of});
    if link.many() {
        json!({"type": "array", "uniqueItems": true, "maxItems": link.max, "items": one})
    } else {
        one
    }
}

fn plain(number: rust_decimal::Decimal) -> Json {
    Value::Number(number.normalize()).to_json()
}

fn number(
    scale: u32,
    min: Option<rust_decimal::Decimal>,
    max: Option<rust_decimal::Decimal>,
    unit: Option<&str>,
) -> Json {
    let mut schema = json!({"type": "number", "multipleOf": plain(rust_decimal::Decimal::new(1, scale.min(28))), "x-scale": scale});
    bounds(&mut schema, min, max);
    if let (Some(unit), Some(members)) = (unit, schema.as_object_mut()) {
        members.insert("x-unit".into(), json!(unit));
    }
    schema
}

fn yen(min: Option<rust_decimal::Decimal>, max: Option<rust_decimal::Decimal>) -> Json {
    let mut schema = json!({"type": "integer", "format": "yen", "x-unit": "円"});
    bounds(&mut schema, min, max);
    schema
}

fn bounds(
    schema: &mut Json,
    min: Option<rust_decimal::Decimal>,
    max: Option<rust_decimal::Decimal>,
) {
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    for (name, bound) in [("minimum", min), ("maximum", max)] {
        if let Some(bound) = bound {
            members.insert(name.into(), plain(bound));
        }
    }
}

/// Codes, with their titles beside. Those of a table are the ones that have no end.
fn choice(service: &Service, options: &Options) -> Json {
    let options = match options {
        Options::Inline(options) => options.clone(),
        Options::Table(name) => codes(service, name),
    };
    let codes: Vec<&String> = options.keys().collect();
    json!({"type": "string", "enum": codes, "x-titles": options})
}

fn codes(service: &Service, table: &str) -> IndexMap<String, String> {
    let Some(table) = service.tables.get(table) else {
        return IndexMap::new();
    };
    let Some(title) = table.outputs.iter().position(|(name, _)| name == "title") else {
        return IndexMap::new();
    };
    let open = table.rows.iter().filter(|row| row.until.is_none());
    open.filter_map(|row| match (row.tests.first(), row.outputs.get(title)) {
        (Some(CellTest::Is(Value::Text(code))), Some(Value::Text(title))) => {
            Some((code.to_string(), title.to_string()))
        }
        _ => None,
    })
    .collect()
}

fn object(kind: &FieldKind, format: &str) -> Json {
    let properties: Map<String, Json> = kind
        .parts()
        .iter()
        .map(|(part, always)| ((*part).to_owned(), part_schema(part, *always)))
        .collect();
    let required: Vec<&str> = kind
        .parts()
        .iter()
        .filter(|(_, always)| *always)
        .map(|(part, _)| *part)
        .collect();
    json!({"type": "object", "format": format, "properties": properties, "required": required, "additionalProperties": false})
}

fn part_schema(part: &str, always: bool) -> Json {
    let (title, more): (&str, Json) = match part {
        "postal_code" => ("郵便番号", json!({"format": "postal-code"})),
        "municipality" => ("区市町村", json!({"format": "municipality"})),
        "town" => ("町名", json!({})),
        "line" => ("町名・番地", json!({"minLength": 1})),
        "building" => ("建物名・部屋番号", json!({})),
        "family" => ("姓", json!({})),
        "given" => ("名", json!({})),
        "full" => ("氏名", json!({"minLength": 1})),
        "kana" => ("カナ", json!({"format": "kana"})),
        "latin" => ("ローマ字", json!({})),
        "bank" => ("銀行番号", json!({"pattern": "^[0-9]{4}$"})),
        "branch" => ("支店番号", json!({"pattern": "^[0-9]{3}$"})),
        "kind" => (
            "預金の種類",
            json!({"enum": ["1", "2", "4", "9"], "x-titles": {"1": "普通", "2": "当座", "4": "貯蓄", "9": "その他"}}),
        ),
        "number" => ("口座番号", json!({"pattern": "^[0-9]{7}$"})),
        _ => ("口座名義（カナ）", json!({"format": "kana"})),
    };
    let mut schema = json!({"type": if always { json!("string") } else { json!(["string", "null"]) }, "title": title});
    if let (Some(members), Json::Object(more)) = (schema.as_object_mut(), more) {
        members.extend(more);
    }
    schema
}

fn rows(service: &Service, fields: &IndexMap<String, Field>, min: usize, max: usize) -> Json {
    json!({"type": "array", "minItems": min, "maxItems": max, "items": fields_schema(service, fields.values().map(|field| (field, field.required)))})
}

/// An object of fields that are entered.
pub(super) fn fields_schema<'a>(
    service: &Service,
    fields: impl Iterator<Item = (&'a Field, bool)>,
) -> Json {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut order = Vec::new();
    for (field, needed) in fields.filter(|(field, _)| field.value.is_none()) {
        properties.insert(field.name.clone(), schema(service, field, needed));
        order.push(field.name.clone());
        if needed && field.show_if.is_none() {
            required.push(field.name.clone());
        }
    }
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false, "x-order": order})
}

fn remarks() -> Json {
    let point = json!({"type": ["array", "null"], "minItems": 2, "maxItems": 2, "items": {"type": "number", "minimum": 0, "maximum": 1}});
    let page = json!({"type": ["integer", "null"], "title": "PDFのページ", "minimum": 1});
    let item = json!({
        "type": "object",
        "properties": {"pointer": {"type": "string", "title": "項目"}, "text": {"type": "string", "title": "言葉", "minLength": 1}, "page": page, "at": point},
        "required": ["pointer", "text"],
        "additionalProperties": false,
    });
    json!({"type": "array", "format": "remarks", "items": item})
}
