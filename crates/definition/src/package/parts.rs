//! The parts of a package after its archetypes were merged in.

use super::archetype::lay_under;
use crate::diagnostic::{Sink, nearest};
use crate::source::Source;
use crate::table::TableFiles;
use crate::yaml::{At, Content, File, Key, Node, merge, parse};
use indexmap::IndexMap;
use std::sync::Arc;

/// A table of the package, with the CSV as a file for places.
pub(crate) struct TableParts {
    pub(crate) files: TableFiles,
    pub(crate) csv: Option<Arc<File>>,
}

/// The parts by file stem.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) folder: String,
    pub(crate) service: Option<Node>,
    pub(crate) records: IndexMap<String, Node>,
    /// What several records include.
    pub(crate) common: IndexMap<String, Node>,
    pub(crate) tables: IndexMap<String, Node>,
    pub(crate) publications: IndexMap<String, Node>,
    pub(crate) imports: IndexMap<String, Node>,
    pub(crate) csvs: IndexMap<String, (String, String)>,
    pub(crate) pages: IndexMap<String, (String, String)>,
    /// Templates of letters: path and text by stem.
    pub(crate) documents: IndexMap<String, (String, String)>,
    pub(crate) i18n: IndexMap<String, Node>,
    pub(crate) demo: Option<Node>,
    /// Names of the archetypes used.
    pub(crate) archetypes: Vec<String>,
    /// Words met in `archetype.yaml`.
    pub(crate) used: std::collections::BTreeSet<(crate::word::Place, &'static str, &'static str)>,
}

/// Reads a package and lays it upon its archetypes.
pub(crate) fn assemble(source: &Source, folder: &str, sink: &mut Sink) -> Option<Parts> {
    let own = read_folder(source, folder, sink);
    let service = own.service.as_ref()?;
    let mut base = Parts {
        folder: folder.to_owned(),
        ..Parts::default()
    };
    for item in service.get("extends").map(Node::items).unwrap_or_default() {
        lay_under(source, item, &mut base, sink);
    }
    lay(&mut base, own);
    include(&mut base, sink);
    Some(base)
}

/// Lays each record upon the parts that it includes.
fn include(parts: &mut Parts, sink: &mut Sink) {
    for record in parts.records.values_mut() {
        let named = record.get("include").map(Node::one_or_many);
        let mut below = Vec::new();
        for item in named.unwrap_or_default() {
            let Some(name) = item.text() else { continue };
            match parts.common.get(name) {
                Some(part) => below.push(part),
                None => {
                    let known = parts.common.keys().map(String::as_str);
                    sink.error(
                        &item.at,
                        "unknown-part",
                        format!("parts に「{name}」はありません。"),
                    )
                    .hint_if(nearest(name, known));
                }
            }
        }
        for part in below {
            let own = std::mem::replace(record, Node::null(record.at.clone()));
            *record = lay_on(part, &own);
        }
    }
}

/// Lays a record upon a part. Its own fields stand before those that only the part has: it begins with what it is about.
fn lay_on(part: &Node, own: &Node) -> Node {
    let mut laid = merge(part.clone(), own);
    let mine = own.get("fields").map(Node::entries).unwrap_or_default();
    if let Content::Map(entries) = &mut laid.content
        && let Some((_, fields)) = entries.iter_mut().find(|(key, _)| key.name == "fields")
        && let Content::Map(fields) = &mut fields.content
    {
        let place = |key: &Key| mine.iter().position(|(own, _)| own.name == key.name);
        fields.sort_by_key(|(key, _)| place(key).unwrap_or(usize::MAX));
    }
    laid
}

/// Lays `over` upon `base`, part by part; a record that is `null` is removed.
pub(super) fn lay(base: &mut Parts, over: Parts) {
    base.service = match (base.service.take(), over.service) {
        (Some(below), Some(above)) => Some(merge(below, &above)),
        (below, above) => above.or(below),
    };
    lay_nodes(&mut base.records, over.records);
    lay_nodes(&mut base.common, over.common);
    lay_nodes(&mut base.tables, over.tables);
    lay_nodes(&mut base.publications, over.publications);
    lay_nodes(&mut base.imports, over.imports);
    lay_nodes(&mut base.i18n, over.i18n);
    base.csvs.extend(over.csvs);
    base.pages.extend(over.pages);
    base.documents.extend(over.documents);
    base.demo = over.demo.or(base.demo.take());
}

fn lay_nodes(base: &mut IndexMap<String, Node>, over: IndexMap<String, Node>) {
    for (name, node) in over {
        if node.is_null() {
            base.shift_remove(&name);
            continue;
        }
        let merged = match base.get_mut(&name) {
            Some(below) => merge(std::mem::replace(below, Node::null(node.at.clone())), &node),
            None => node,
        };
        base.insert(name, merged);
    }
}

/// Reads the files of one folder, without archetypes.
pub(super) fn read_folder(source: &Source, folder: &str, sink: &mut Sink) -> Parts {
    let mut parts = Parts {
        folder: folder.to_owned(),
        ..Parts::default()
    };
    for (path, bytes) in source.below(folder) {
        let full = format!("{folder}{path}");
        let yaml = |sink: &mut Sink| parse(&full, bytes, sink);
        match path.split_once('/') {
            None if path == "service.yaml" => parts.service = yaml(sink).map(map_or_empty),
            None if path == "demo.yaml" => parts.demo = yaml(sink),
            None if path == "archetype.yaml" => {}
            None => unread(&full, path, sink),
            Some((kind, file)) => {
                let Some((stem, ending)) = file.rsplit_once('.') else {
                    continue;
                };
                if stem.contains('/') {
                    unread(&full, path, sink);
                    continue;
                }
                let stem = stem.to_owned();
                match (kind, ending) {
                    ("records", "yaml") => {
                        drop(yaml(sink).map(|node| parts.records.insert(stem, node)))
                    }
                    ("parts", "yaml") => {
                        drop(yaml(sink).map(|node| parts.common.insert(stem, node)))
                    }
                    ("tables", "yaml") => {
                        drop(yaml(sink).map(|node| parts.tables.insert(stem, node)))
                    }
                    ("publications", "yaml") => {
                        drop(yaml(sink).map(|node| parts.publications.insert(stem, node)))
                    }
                    ("imports", "yaml") => {
                        drop(yaml(sink).map(|node| parts.imports.insert(stem, node)))
                    }
                    ("i18n", "yaml") => drop(yaml(sink).map(|node| parts.i18n.insert(stem, node))),
                    ("tables", "csv") => drop(
                        text(&full, bytes, sink)
                            .map(|text| parts.csvs.insert(stem, (full.clone(), text))),
                    ),
                    ("pages", "md") => drop(
                        text(&full, bytes, sink)
                            .map(|text| parts.pages.insert(stem, (full.clone(), text))),
                    ),
                    ("documents", "typ") => drop(
                        text(&full, bytes, sink)
                            .map(|text| parts.documents.insert(stem, (full.clone(), text))),
                    ),
                    _ => unread(&full, path, sink),
                }
            }
        }
    }
    parts
}

/// A definition file in a place where nothing reads it is most likely misplaced.
fn unread(full: &str, path: &str, sink: &mut Sink) {
    if path.ends_with(".yaml") || path.ends_with(".csv") || path.ends_with(".typ") {
        sink.warning(
            &File::new(full, "").top(),
            "unread-file",
            format!("「{path}」は読まれません。"),
        )
        .hint(
            "service.yaml、demo.yaml、records/、parts/、tables/、publications/、imports/、pages/、documents/、i18n/ のどれかに置いてください。",
        );
    }
}

fn map_or_empty(node: Node) -> Node {
    if node.is_null() {
        Node {
            content: Content::Map(Vec::new()),
            ..node
        }
    } else {
        node
    }
}

fn text(path: &str, bytes: &[u8], sink: &mut Sink) -> Option<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => {
            let at: At = File::new(path, "").top();
            sink.error(&at, "encoding", "UTF-8 の文字として読めません。")
                .hint("UTF-8 で保存し直してください。");
            None
        }
    }
}

impl Parts {
    /// The tables of the package with their rows.
    pub(crate) fn table_parts(&self) -> impl Iterator<Item = (&String, TableParts)> {
        self.tables.iter().map(|(name, yaml)| {
            let csv = self.csvs.get(name);
            let files = TableFiles {
                yaml: yaml.clone(),
                csv: csv.cloned(),
            };
            (
                name,
                TableParts {
                    files,
                    csv: csv.map(|(path, text)| File::new(path, text)),
                },
            )
        })
    }
}
