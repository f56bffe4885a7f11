//! JSON Schema of the packages' YAML, for editors. Printed from the words.

use crate::word::{Kind, Kinds, PLACES, Place, PlaceInfo, Shape, Word};
use serde_json::{Map, Value as Json, json};

/// One schema whose `$defs` are the places of the grammar; `service`, `record`, `table`, `publication`, `import`, `archetype`, `demo` and
/// `translations` are whole files (`#/$defs/record` for `records/*.yaml`).
#[must_use]
pub fn json_schema() -> Json {
    let mut defs: Map<String, Json> = PLACES
        .iter()
        .map(|info| (info.id.to_owned(), place(info)))
        .collect();
    defs.insert(
        "translations".into(),
        json!({"type": "object", "additionalProperties": reference(Place::Translation)}),
    );
    let files = [
        "service",
        "record",
        "table",
        "publication",
        "import",
        "archetype",
        "demo",
        "translations",
    ];
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "つむぎ",
        "description": "service.yaml: #/$defs/service, records/*.yaml: #/$defs/record, tables/*.yaml: #/$defs/table, publications/*.yaml: #/$defs/publication, imports/*.yaml: #/$defs/import, archetype.yaml: #/$defs/archetype, demo.yaml: #/$defs/demo, i18n/*.yaml: #/$defs/translations",
        "anyOf": files.map(|file| json!({"$ref": format!("#/$defs/{file}")})),
        "$defs": defs,
    })
}

fn reference(place: Place) -> Json {
    json!({"$ref": format!("#/$defs/{}", place.info().id)})
}

fn place(info: &PlaceInfo) -> Json {
    let described = |mut schema: Json| {
        if let Some(members) = schema.as_object_mut() {
            members.insert("title".into(), json!(info.ja));
            members.insert("description".into(), json!(info.en));
        }
        schema
    };
    match info.kinds {
        Kinds::None => described(words(info.words.iter(), None)),
        Kinds::ByValue(word, kinds) => described(
            json!({"oneOf": kinds.iter().map(|kind| by_value(info, word, kind)).collect::<Vec<_>>()}),
        ),
        Kinds::ByWord(kinds) => described(
            json!({"oneOf": kinds.iter().map(|kind| words(info.words.iter().chain(kind.words), None)).collect::<Vec<_>>()}),
        ),
    }
}

fn by_value(info: &PlaceInfo, word: &str, kind: &Kind) -> Json {
    let common = info
        .words
        .iter()
        .filter(|common| kind.words.iter().all(|own| own.name != common.name));
    let mut schema = words(common.chain(kind.words), Some((word, kind.name)));
    if let Some(members) = schema.as_object_mut() {
        members.insert("title".into(), json!(kind.ja));
    }
    schema
}

fn words<'a>(words: impl Iterator<Item = &'a Word>, fixed: Option<(&str, &str)>) -> Json {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for word in words {
        let mut schema = match fixed {
            Some((name, value)) if name == word.name => json!({"const": value}),
            _ => shape(word.shape),
        };
        if let Some(members) = schema.as_object_mut() {
            members.insert(
                "description".into(),
                json!(format!("{} ({})", word.ja, word.en)),
            );
            members.insert("examples".into(), json!([word.example]));
        }
        properties.insert(word.name.to_owned(), schema);
        if word.required {
            required.push(word.name);
        }
    }
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn shape(shape: Shape) -> Json {
    let scalar = || json!({"type": ["string", "number", "boolean"]});
    let one_or_many = |item: Json| json!({"oneOf": [item, {"type": "array", "items": item}]});
    let map = |item: Json| json!({"type": "object", "additionalProperties": item});
    match shape {
        Shape::Prose | Shape::Text | Shape::Expression => scalar(),
        Shape::Name => json!({"type": "string"}),
        Shape::Proses | Shape::Texts | Shape::Expressions => one_or_many(scalar()),
        Shape::Names => one_or_many(json!({"type": "string"})),
        Shape::OneOf(options) => json!({"enum": options}),
        Shape::SomeOf(options) => one_or_many(json!({"enum": options})),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Count => json!({"type": "integer", "minimum": 0}),
        Shape::Counts => one_or_many(json!({"type": "integer", "minimum": 0})),
        Shape::Whole => json!({"type": "integer"}),
        Shape::Amount => json!({"type": "number"}),
        Shape::NamedExpressions
        | Shape::NamedTexts
        | Shape::Columns
        | Shape::Headings
        | Shape::NamedProse => map(scalar()),
        Shape::NamedLists => map(one_or_many(scalar())),
        Shape::ColumnTypes => map(
            json!({"enum": ["text", "number", "yen", "date", "boolean", "text?", "number?", "yen?", "date?", "boolean?"]}),
        ),
        Shape::Block(place) => reference(place),
        Shape::Blocks(place) => json!({"type": "array", "items": reference(place)}),
        Shape::Named(place) => map(json!({"oneOf": [reference(place), {"type": "null"}]})),
        Shape::Options => {
            json!({"oneOf": [{"type": "string", "pattern": "^table\\(.+\\)$"}, {"type": "array", "items": scalar()}, map(scalar())]})
        }
        Shape::Form => {
            json!({"oneOf": [{"const": "any"}, {"type": "array", "items": {"type": "string"}}]})
        }
        Shape::StateSet => {
            json!({"oneOf": [one_or_many(json!({"type": "string"})), reference(Place::StateSet)]})
        }
        Shape::FieldSet => json!({"oneOf": [{"const": "all"}, reference(Place::FieldSet)]}),
        Shape::Any => json!({}),
    }
}
