//! Fields, without their expressions.

use super::numbers;
use crate::diagnostic::{Sink, nearest};
use crate::env::RESERVED;
use crate::model::{Field, FieldKind, Options, RecordLink, Service};
use crate::word::is_name;
use crate::yaml::{Content, Node};
use indexmap::IndexMap;
use std::collections::HashSet;

/// Media types accepted where a field names none.
const MEDIA_TYPES: [&str; 3] = ["application/pdf", "image/png", "image/jpeg"];

/// Reads the fields under a `fields:` node.
pub(super) fn read(
    node: Option<&Node>,
    service: &Service,
    in_rows: bool,
    sink: &mut Sink,
) -> IndexMap<String, Field> {
    let mut fields: IndexMap<String, Field> = IndexMap::new();
    let mut ids = HashSet::new();
    for (key, node) in node.map(Node::entries).unwrap_or_default() {
        if !in_rows && RESERVED.contains(&key.name.as_str()) {
            sink.error(
                &key.at,
                "reserved-name",
                format!(
                    "「{}」はどの記録にもある名前なので、項目に使えません。",
                    key.name
                ),
            )
            .hint("別の名前にしてください。");
        }
        let id = node.string("was").unwrap_or_else(|| key.name.clone());
        if !ids.insert(id.clone()) {
            sink.error(
                &key.at,
                "duplicate-field-id",
                format!("「{id}」を引きつぐ項目が2つあります。"),
            )
            .hint("was を確かめてください。");
        }
        let kind = kind(node, service, in_rows, sink);
        fields.insert(
            key.name.clone(),
            Field {
                id,
                name: key.name.clone(),
                title: title(node, &kind, &key.name, service),
                help: node.string("help"),
                kind,
                required: node.flag("required"),
                show_if: None,
                value: None,
                default: None,
                checks: Vec::new(),
                missing: None,
                phrases: phrases(node, service, sink),
                sensitive: node.flag("sensitive"),
                fixed: node.flag("fixed"),
                internal: node.flag("internal"),
                official: None,
                hands: None,
            },
        );
        if is_name(&key.name)
            && node.get("title").is_none()
            && node.get("value").is_none()
            && node.text_of("type").is_some()
            && node.get("options").is_none()
            && !node.flag("internal")
        {
            sink.warning(
                &key.at,
                "field-without-title",
                format!("項目「{}」に名前（title）がありません。", key.name),
            )
            .hint("画面に出す日本語の名前を title に書いてください。");
        }
        contradictions(node, sink);
        machinery(node, in_rows, sink);
        if let Some(official) = node.get("official").filter(|_| in_rows) {
            sink.error(
                &official.at,
                "official-in-rows",
                "明細の中に、職員を名指す項目（official）は置けません。",
            )
            .hint("記録の項目に置いてください。");
        }
    }
    fields
}

/// The table under `phrases`: a code list with what is inserted.
pub(super) fn phrases(node: &Node, service: &Service, sink: &mut Sink) -> Option<String> {
    let phrases = node.get("phrases")?;
    let name = phrases.text()?;
    let table = service.tables.get(name);
    if table.is_none_or(|table| {
        !table.is_code_list() || !table.outputs.iter().any(|(name, _)| name == "text")
    }) {
        sink.error(
            &phrases.at,
            "no-phrases",
            format!("基準表「{name}」は定型文になりません。"),
        )
        .hint("入力が code だけで、結果に title と text がある基準表にしてください。");
        return None;
    }
    Some(name.to_owned())
}

fn title(node: &Node, kind: &FieldKind, name: &str, service: &Service) -> String {
    let table = match kind {
        FieldKind::Choice(Options::Table(table)) | FieldKind::Choices(Options::Table(table)) => {
            service.tables.get(table)
        }
        _ => None,
    };
    node.string("title")
        .or_else(|| table.map(|table| table.title.clone()))
        .unwrap_or_else(|| name.to_owned())
}

fn contradictions(node: &Node, sink: &mut Sink) {
    if node.get("value").is_some() {
        for word in ["required", "default", "check", "missing"]
            .into_iter()
            .filter(|word| node.get(word).is_some())
        {
            sink.error(
                node.key_at(word),
                "computed-field",
                format!("計算で決まる項目に「{word}」は書けません。"),
            )
            .hint("value か、この語のどちらかを消してください。");
        }
    }
    if let (Some(min), Some(max)) = (
        node.number::<rust_decimal::Decimal>("min"),
        node.number::<rust_decimal::Decimal>("max"),
    ) && max < min
    {
        sink.error(node.key_at("max"), "min-max", "max が min より小さいです。");
    }
}

/// What speaks to people has no place on a field that nobody reads.
fn machinery(node: &Node, in_rows: bool, sink: &mut Sink) {
    if !node.flag("internal") {
        return;
    }
    if in_rows {
        sink.error(
            node.key_at("internal"),
            "internal-in-rows",
            "明細の中の項目を internal にはできません。",
        )
        .hint("記録の項目に置いてください。");
    }
    let spoken = [
        "required",
        "help",
        "default",
        "check",
        "missing",
        "fixed",
        "sensitive",
        "phrases",
    ];
    for word in spoken.into_iter().filter(|word| node.get(word).is_some()) {
        sink.error(
            node.key_at(word),
            "internal-field",
            format!("人が読まない項目（internal）に「{word}」は書けません。"),
        )
        .hint("internal か、この語のどちらかを消してください。");
    }
}

fn kind(node: &Node, service: &Service, in_rows: bool, sink: &mut Sink) -> FieldKind {
    let (min, max) = (node.number("min"), node.number("max"));
    match node.text_of("type").unwrap_or("text") {
        "number" => FieldKind::Number {
            scale: node.number("scale").unwrap_or(0),
            min,
            max,
            unit: node.string("unit"),
        },
        "yen" => FieldKind::Yen { min, max },
        "boolean" => FieldKind::Boolean,
        "declaration" => FieldKind::Declaration {
            text: node.string("text").unwrap_or_default(),
        },
        "date" => FieldKind::Date,
        "partial_date" => FieldKind::PartialDate,
        "datetime" => FieldKind::DateTime,
        "choice" => FieldKind::Choice(options(node, service, sink)),
        "choices" => FieldKind::Choices(options(node, service, sink)),
        "person_name" => FieldKind::PersonName,
        "kana" => FieldKind::Kana,
        "email" => FieldKind::Email,
        "phone" => FieldKind::Phone,
        "postal_code" => FieldKind::PostalCode,
        "address" => FieldKind::Address,
        "municipality" => FieldKind::Municipality,
        "corporate_number" => FieldKind::CorporateNumber,
        "individual_number" => numbers::kind(node, in_rows, sink),
        "account" => FieldKind::Account,
        "files" => files(node, sink),
        "rows" => rows(node, service, in_rows, sink),
        "record" => record(node, in_rows, sink),
        "remarks" => FieldKind::Remarks,
        _ => {
            let multiline = node.flag("multiline");
            FieldKind::Text {
                multiline,
                max_chars: node
                    .number("max")
                    .unwrap_or(if multiline { 4000 } else { 200 }),
            }
        }
    }
}

fn record(node: &Node, in_rows: bool, sink: &mut Sink) -> FieldKind {
    if in_rows {
        sink.error(
            node.key_at("type"),
            "record-in-rows",
            "明細の中に、記録を選ぶ項目（record）は置けません。",
        )
        .hint("記録の項目に置き、max で何件か選べるようにしてください。");
    }
    FieldKind::Record(Box::new(RecordLink {
        of: node.string("of").unwrap_or_default(),
        max: node.number("max").unwrap_or(1).max(1),
        condition: None,
        among: node.string("among"),
        copies: Vec::new(),
        start: node.string("start"),
    }))
}

fn files(node: &Node, sink: &mut Sink) -> FieldKind {
    let media_types = node.strings("types");
    for item in node.get("types").map(Node::one_or_many).unwrap_or_default() {
        if item.text().is_some_and(|text| !text.contains('/')) {
            sink.error(
                &item.at,
                "unknown-value",
                "ファイルの種類は application/pdf や image/jpeg のように書きます。",
            );
        }
    }
    FieldKind::Files {
        min: node.number("min").unwrap_or(0),
        max: node.number("max").unwrap_or(10),
        media_types: if media_types.is_empty() {
            MEDIA_TYPES.map(str::to_owned).to_vec()
        } else {
            media_types
        },
        max_bytes: node.number("max_bytes").unwrap_or(20 * 1024 * 1024),
    }
}

fn rows(node: &Node, service: &Service, in_rows: bool, sink: &mut Sink) -> FieldKind {
    if in_rows {
        sink.error(
            node.key_at("type"),
            "nested-rows",
            "明細の中に明細は置けません。",
        )
        .hint("子の記録（has）にしてください。");
    }
    let fields = if in_rows {
        IndexMap::new()
    } else {
        read(node.get("fields"), service, true, sink)
    };
    FieldKind::Rows {
        fields,
        min: node.number("min").unwrap_or(0),
        max: node.number("max").unwrap_or(100),
    }
}

fn options(node: &Node, service: &Service, sink: &mut Sink) -> Options {
    let Some(options) = node.get("options") else {
        return Options::Inline(IndexMap::new());
    };
    match &options.content {
        Content::Map(entries) => Options::Inline(
            entries
                .iter()
                .map(|(key, title)| {
                    (
                        key.name.clone(),
                        title.text().unwrap_or(&key.name).to_owned(),
                    )
                })
                .collect(),
        ),
        Content::Seq(items) => Options::Inline(
            items
                .iter()
                .filter_map(Node::text)
                .map(|text| (text.to_owned(), text.to_owned()))
                .collect(),
        ),
        Content::Scalar(scalar) if let Some(name) = super::offers::stand_in(&scalar.text) => {
            Options::Table(name)
        }
        Content::Scalar(scalar) => {
            let name = scalar
                .text
                .trim_start_matches("table(")
                .trim_end_matches(')')
                .trim();
            match service.tables.get(name) {
                None => {
                    sink.error(
                        &options.at,
                        "unknown-table",
                        format!("「{name}」という基準表はありません。"),
                    )
                    .hint_if(nearest(name, service.tables.keys().map(String::as_str)));
                }
                Some(table) if !table.is_code_list() => {
                    sink.error(
                        &options.at,
                        "no-code-list",
                        format!("基準表「{name}」は選択肢になりません。"),
                    )
                    .hint("入力が code（text）だけで、結果に title がある基準表にしてください。");
                }
                Some(_) => {}
            }
            Options::Table(name.to_owned())
        }
    }
}
