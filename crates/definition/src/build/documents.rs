//! Letters: their templates, who may have them, what they are given.

use super::compile::Pass;
use super::skeleton::everybody;
use crate::diagnostic::{Sink, nearest};
use crate::model::{Document, Effect, RecordType, Service, Template, Verify, ViewColumn};
use crate::package::Parts;
use crate::yaml::{File, Node};
use feel::Type;
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// The templates of a package, those of its archetypes included.
pub(super) fn templates(parts: &Parts) -> IndexMap<String, Template> {
    let template = |(name, (path, text)): (&String, &(String, String))| {
        let (path, text) = (path.clone(), text.clone());
        (name.clone(), Template { path, text })
    };
    parts.documents.iter().map(template).collect()
}

/// The letters of a type without their expressions, so that effects of every type can name them.
pub(super) fn skeleton(
    node: &Node,
    rt: &RecordType,
    service: &Service,
    sink: &mut Sink,
) -> IndexMap<String, Document> {
    let mut documents = IndexMap::new();
    for (key, node) in node.get("documents").map(Node::entries).unwrap_or_default() {
        let document = Document {
            name: key.name.clone(),
            title: node.string("title").unwrap_or_else(|| key.name.clone()),
            template: node.string("template").unwrap_or_else(|| key.name.clone()),
            who: everybody(node, "for", rt, service, sink),
            from: node.strings("from"),
            when: None,
            language: node.string("language").unwrap_or_else(|| "ja".to_owned()),
            data: IndexMap::new(),
            verify: None,
            issued: false,
        };
        documents.insert(key.name.clone(), document);
    }
    documents
}

/// Fills in the expressions.
pub(super) fn fill(pass: &mut Pass<'_>, rt: &mut RecordType) {
    for (key, node) in pass
        .node
        .get("documents")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let Some(mut document) = rt.documents.get(&key.name).cloned() else {
            continue;
        };
        let env = pass.env;
        let templates = std::sync::Arc::clone(&pass.service.templates);
        let mut compiler = pass.compiler();
        if !templates.contains_key(&document.template) {
            let name = &document.template;
            compiler
                .sink
                .error(
                    node.get("template").map_or(&key.at, |node| &node.at),
                    "unknown-template",
                    format!("文書のひな形 documents/{name}.typ がありません。"),
                )
                .hint_if(nearest(name, templates.keys().map(String::as_str)));
        }
        compiler.all_known(node.get("from"), "状態", rt.states.keys());
        document.when = compiler.at(node, "when", env, Some(&Type::Boolean));
        for (key, value) in node.get("data").map(Node::entries).unwrap_or_default() {
            let Some(typed) = compiler.expr(value, env, None) else {
                continue;
            };
            if !tells(typed.ty()) {
                compiler
                    .sink
                    .error(
                        &value.at,
                        "letter-data",
                        format!("「{}」は記録そのものなので、文書に書けません。", key.name),
                    )
                    .hint("その記録の項目を挙げてください。一覧なら for x in … return { 名前: x.項目 } と書けます。");
            }
            document.data.insert(key.name.clone(), typed);
        }
        document.verify = node.get("verify").and_then(|node| verify(pass, node));
        rt.documents.insert(key.name.clone(), document);
    }
}

fn verify(pass: &mut Pass<'_>, node: &Node) -> Option<Verify> {
    let env = pass.env;
    let mut compiler = pass.compiler();
    let says = compiler.at(node, "says", env, Some(&Type::Text.optional()));
    let columns = node.get("show").map(Node::entries).unwrap_or_default();
    let show = columns
        .iter()
        .filter_map(|(key, value)| {
            let value = compiler.expr(value, env, None)?;
            let title = key.name.clone();
            Some(ViewColumn { title, value })
        })
        .collect();
    let valid = compiler.at(node, "valid", env, Some(&Type::Boolean))?;
    Some(Verify { valid, says, show })
}

/// Whether a letter can say values of a type: all but records themselves.
fn tells(ty: &Type) -> bool {
    match ty {
        Type::Named(_) => false,
        Type::List(inner) | Type::Optional(inner) | Type::Range(inner) => tells(inner),
        Type::Context(context) => context.fields.values().all(tells),
        _ => true,
    }
}

/// Marks the letters that some action issues.
pub(super) fn note_issues(types: &mut IndexMap<String, RecordType>) {
    let mut issued: BTreeSet<(String, String)> = BTreeSet::new();
    for rt in types.values() {
        for effect in rt.actions.values().flat_map(|action| &action.effect) {
            let Effect::Issue { document, on, .. } = effect else {
                continue;
            };
            let of = types.values().filter(|other| on.leads(rt, other));
            issued.extend(of.map(|other| (other.name.clone(), document.clone())));
        }
    }
    for (of, document) in issued {
        if let Some(document) = types
            .get_mut(&of)
            .and_then(|rt| rt.documents.get_mut(&document))
        {
            document.issued = true;
        }
    }
}

/// Warns of templates of the package that nothing uses and nothing imports.
pub(super) fn unused(
    templates: &IndexMap<String, (String, String)>,
    types: &IndexMap<String, RecordType>,
    sink: &mut Sink,
) {
    for (name, (path, _)) in templates
        .iter()
        .filter(|(_, (path, _))| !path.starts_with("_archetypes/"))
    {
        let used = types
            .values()
            .flat_map(|rt| rt.documents.values())
            .any(|document| document.template == *name);
        let import = format!("\"{name}.typ\"");
        let imported = templates.values().any(|(_, text)| text.contains(&import));
        if !used && !imported {
            sink.warning(
                &File::new(path, "").top(),
                "unused",
                format!("文書のひな形「{name}」はどこでも使われません。"),
            )
            .hint("documents で使うか、消してください。");
        }
    }
}
