//! Archetypes: definitions with parameters that others extend, one level deep.

use super::parts::{Parts, lay, read_folder};
use crate::diagnostic::{Sink, nearest};
use crate::source::Source;
use crate::word::{Place, Walk};
use crate::yaml::{Node, parse, substitute};
use std::collections::BTreeMap;

/// Reads the archetype that an item of `extends` names, fills in its parameters, and lays it upon what is there.
pub(super) fn lay_under(source: &Source, item: &Node, base: &mut Parts, sink: &mut Sink) {
    let Some(name) = item.text_of("archetype") else {
        return;
    };
    let folder = format!("_archetypes/{name}/");
    let Some(bytes) = source.files.get(&format!("{folder}archetype.yaml")) else {
        let known = names(source);
        let at = &item.get("archetype").unwrap_or(item).at;
        sink.error(
            at,
            "unknown-archetype",
            format!("「{name}」というひな型はありません。"),
        )
        .hint_if(nearest(name, known.iter().map(String::as_str)));
        return;
    };
    base.archetypes.push(name.to_owned());
    let Some(head) = parse(&format!("{folder}archetype.yaml"), bytes, sink) else {
        return;
    };
    let mut walk = Walk::new(sink);
    walk.block(&head, Place::Archetype, "");
    base.used.append(&mut walk.used);
    let values = parameters(&head, item, sink);
    let mut parts = read_folder(source, &folder, sink);
    fill(&mut parts, &values, sink);
    if let Some(service) = &parts.service
        && service.get("extends").is_some()
    {
        sink.error(
            service.key_at("extends"),
            "archetype-depth",
            "ひな型は、ほかのひな型をもとにできません。",
        )
        .hint("extends は service の側に並べて書いてください。");
    }
    lay(base, parts);
}

/// The archetypes that a source has.
pub(crate) fn names(source: &Source) -> Vec<String> {
    source
        .below("_archetypes/")
        .filter_map(|(path, _)| path.strip_suffix("/archetype.yaml"))
        .map(str::to_owned)
        .collect()
}

fn parameters(head: &Node, item: &Node, sink: &mut Sink) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let declared = head
        .get("parameters")
        .map(Node::entries)
        .unwrap_or_default();
    let given = item.get("with");
    for (key, node) in given.map(Node::entries).unwrap_or_default() {
        if !declared.iter().any(|(known, _)| known.name == key.name) {
            sink.error(
                &key.at,
                "unknown-parameter",
                format!("「{}」というパラメータはありません。", key.name),
            )
            .hint_if(nearest(
                &key.name,
                declared.iter().map(|(known, _)| known.name.as_str()),
            ));
        }
        if node.text().is_none() {
            sink.error(&node.at, "wrong-shape", "パラメータの値は1つの文字です。");
        }
    }
    for (key, parameter) in declared {
        let text = given
            .and_then(|given| given.text_of(&key.name))
            .or_else(|| parameter.text_of("default"));
        match text {
            Some(text) => {
                check_type(
                    text,
                    parameter,
                    given
                        .and_then(|given| given.get(&key.name))
                        .unwrap_or(parameter),
                    &key.name,
                    sink,
                );
                values.insert(key.name.clone(), text.to_owned());
            }
            None => {
                let help = parameter.text_of("help").unwrap_or("").to_owned();
                sink.error(
                    given.map_or(&item.at, |given| &given.at),
                    "missing-parameter",
                    format!("ひな型のパラメータ「{}」がありません。{help}", key.name),
                )
                .hint(format!("with に {}: … を書いてください。", key.name));
            }
        }
    }
    values
}

fn check_type(text: &str, parameter: &Node, place: &Node, name: &str, sink: &mut Sink) {
    let fits = match parameter.text_of("type") {
        Some("number") => text.parse::<rust_decimal::Decimal>().is_ok(),
        Some("boolean") => text.parse::<bool>().is_ok(),
        _ => true,
    };
    if !fits {
        sink.error(
            &place.at,
            "parameter-type",
            format!("パラメータ「{name}」に「{text}」は使えません。"),
        )
        .hint("type を確かめてください。");
    }
}

fn fill(parts: &mut Parts, values: &BTreeMap<String, String>, sink: &mut Sink) {
    let value = |name: &str| values.get(name).cloned();
    let nodes = parts
        .service
        .iter_mut()
        .chain(parts.records.values_mut())
        .chain(parts.common.values_mut())
        .chain(parts.tables.values_mut())
        .chain(parts.i18n.values_mut());
    for node in nodes.chain(parts.demo.iter_mut()) {
        for (at, name) in substitute(node, &value) {
            sink.error(
                &at,
                "unknown-parameter",
                format!("「$({name})」というパラメータはありません。"),
            )
            .hint_if(nearest(&name, values.keys().map(String::as_str)));
        }
    }
    for (_, text) in parts.csvs.values_mut().chain(parts.pages.values_mut()) {
        if let Some(filled) = crate::yaml::filled(text, &value, &mut |_| {}) {
            *text = filled;
        }
    }
}
