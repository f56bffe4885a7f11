//! Imports: the rows of a file over a record type's action.

use super::compile::Compiler;
use super::publications::type_named;
use crate::diagnostic::Sink;
use crate::env::{Names, import_env};
use crate::kinds::Tables;
use crate::model::{
    Assured, Form, Import, ImportParty, IndexKey, RecordType, Service, SetField, Who,
};
use crate::word::is_name;
use crate::yaml::Node;
use feel::{Env, Type};
use indexmap::IndexMap;
use std::sync::Arc;

/// Reads the imports of a package.
pub(super) fn read(
    nodes: &IndexMap<String, Node>,
    types: &IndexMap<String, Arc<RecordType>>,
    service: &Service,
    sink: &mut Sink,
) -> IndexMap<String, Arc<Import>> {
    let names: Names<'_, Arc<RecordType>> = Names {
        types: Vec::new(),
        tables: &service.tables,
    };
    let mut imports = IndexMap::new();
    for (name, node) in nodes {
        let Some(rt) = type_named(node, "into", types, sink) else {
            continue;
        };
        let headings = headings(node, sink);
        let env = import_env(&names, &headings);
        let env = (&env, &service.tables);
        if let Some(import) = import(name, node, rt, headings, env, sink) {
            imports.insert(name.clone(), Arc::new(import));
        }
    }
    imports
}

fn import(
    name: &str,
    node: &Node,
    rt: &RecordType,
    headings: IndexMap<String, Vec<String>>,
    (env, tables): (&Env, &Tables),
    sink: &mut Sink,
) -> Option<Import> {
    let act = action(node, rt, sink);
    let key = key(node, rt, sink);
    let fields = fields(node, rt, (env, tables), sink);
    let mut compiler = Compiler { sink };
    let party = node.get("party").and_then(|party| {
        let text = Type::Text.optional();
        Some(ImportParty {
            name: compiler.at(party, "name", env, Some(&text))?,
            kind: compiler.at(party, "kind", env, Some(&text))?,
            key: compiler.at(party, "key", env, Some(&text)),
        })
    });
    let require = compiler.conditions(node, "require", env, &rt.fields);
    let (key, index) = key?;
    if !fields.iter().any(|set| set.field == key) {
        sink.error(
            node.key_at("key"),
            "import-key",
            format!("fields に「{key}」の値がありません。"),
        )
        .hint("行を見分ける値を、ファイルの見出しから作ってください。");
    }
    Some(Import {
        name: name.to_owned(),
        title: node.string("title").unwrap_or_else(|| name.to_owned()),
        summary: node.string("summary"),
        into: rt.name.clone(),
        act: act?,
        key,
        index,
        headings,
        fields,
        party,
        require,
    })
}

fn headings(node: &Node, sink: &mut Sink) -> IndexMap<String, Vec<String>> {
    let mut headings = IndexMap::new();
    for (key, value) in node.get("headings").map(Node::entries).unwrap_or_default() {
        if !is_name(&key.name) || key.name == "today" {
            sink.error(
                &key.at,
                "bad-name",
                format!("「{}」は式の名前に使えません。", key.name),
            )
            .hint("文字で始め、文字・数字・「_」だけを使ってください。");
        }
        let texts = value.one_or_many().iter().filter_map(Node::text);
        headings.insert(
            key.name.clone(),
            texts.map(|text| text.trim().to_owned()).collect(),
        );
    }
    headings
}

/// The action opens records at a desk, and may act on those that were imported before.
fn action(node: &Node, rt: &RecordType, sink: &mut Sink) -> Option<String> {
    let act = node.get("act")?;
    if !(Compiler { sink }).known(act, "操作", rt.actions.keys()) {
        return None;
    }
    let action = rt.actions.get(act.text()?)?;
    let desk = action.by.iter().any(|who| matches!(who, Who::Desk(_)));
    if !action.opens || !desk || action.route.is_some() || action.assurance != Assured::default() {
        sink.error(
            &act.at,
            "import-act",
            format!("「{}」は取込みに使えません。", action.title),
        )
        .hint("opens: true で、職員（desk.役割）が決裁なしで行え、assurance のない操作にしてください。");
    }
    Some(action.name.clone())
}

fn key(node: &Node, rt: &RecordType, sink: &mut Sink) -> Option<(String, String)> {
    let key = node.get("key")?;
    if !(Compiler { sink }).known(key, "項目", rt.fields.keys()) {
        return None;
    }
    let name = key.text()?;
    let index = rt.indexes.iter().find(|index| {
        index.only.is_none() && index.keys.first() == Some(&IndexKey::Field(vec![name.to_owned()]))
    });
    let Some(index) = index else {
        sink.error(
            &key.at,
            "import-key",
            format!("「{name}」で始まる並び（indexes）がありません。"),
        )
        .hint(format!(
            "indexes: {{ by_{name}: {{ keys: [{name}] }} }} を足してください。"
        ));
        return None;
    };
    Some((name.to_owned(), index.name.clone()))
}

fn fields(
    node: &Node,
    rt: &RecordType,
    (env, tables): (&Env, &Tables),
    sink: &mut Sink,
) -> Vec<SetField> {
    let form = node
        .text_of("act")
        .and_then(|act| rt.actions.get(act))
        .map(|action| &action.form);
    let mut fields = Vec::new();
    for (key, value) in node.get("fields").map(Node::entries).unwrap_or_default() {
        let Some(field) = rt.fields.get(&key.name) else {
            sink.error(
                &key.at,
                "unknown-field",
                format!("「{}」という項目はありません。", key.name),
            )
            .hint_if(crate::diagnostic::nearest(
                &key.name,
                rt.fields.keys().map(String::as_str),
            ));
            continue;
        };
        if matches!(form, Some(Form::Fields(names)) if !names.contains(&key.name)) {
            sink.error(
                &key.at,
                "import-field",
                format!("「{}」は取込みの操作の form にありません。", field.title),
            )
            .hint("操作の form に足してください。");
        }
        if super::numbers::refused(field, &key.at, sink) {
            continue;
        }
        let ty = field.kind.closed_type(&field.title, tables).optional();
        if let Some(typed) = (Compiler { sink }).expr(value, env, Some(&ty)) {
            fields.push(SetField {
                field: key.name.clone(),
                value: typed,
            });
        }
    }
    fields
}
