//! From a package's parts to a checked service: first what has names, then the expressions over them, then what only
//! shows when all is there.

mod actions;
mod closed;
mod compile;
mod documents;
mod faces;
mod facts;
mod fields;
mod glass;
mod handed;
mod imports;
mod invited;
mod link;
mod lists;
mod looked;
mod messages;
mod numbers;
pub(crate) mod offers;
mod payment;
mod presence;
mod publications;
mod retention;
mod review;
pub(crate) mod sharing;
mod skeleton;
mod translations;
mod views;

pub use faces::{NOTE, NOTE_HOW, NOTE_SHARED, NOTE_TEXT, NOTE_WITH};
pub use handed::{before, hand_over, handed_by, held_index};
pub use lists::{AFTER_REVIEW_INDEX, RECENT_INDEX};
pub(crate) use payment::performs;
pub(crate) use presence::{Settled, row_env};
pub(crate) use translations::short_hash;

use crate::check;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Content, Service, Table};
use crate::package::{Parts, assemble, files_of, hash_of};
use crate::source::{Source, slug_of};
use crate::table::check_rows;
use crate::word::{Place, Prose, Walk};
use crate::yaml::{At, File, Node};
use indexmap::IndexMap;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A shared table with the register's folder that holds it.
#[derive(Clone, Debug)]
pub(crate) struct SharedTable {
    pub(crate) table: Arc<Table>,
    pub(crate) folder: String,
    /// Whether it was read without a fault.
    pub(crate) sound: bool,
}

/// What building a package gave.
pub(crate) struct Built {
    /// The service, if it is free of errors.
    pub(crate) service: Option<Service>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Where initiatives and slug are written, for checks over all packages.
    pub(crate) at: Option<At>,
    pub(crate) initiatives: Vec<(String, At)>,
    /// Where the package reads others, for the same.
    pub(crate) crossings: Vec<sharing::Crossing>,
    /// Words met.
    pub(crate) used: BTreeSet<(Place, &'static str, &'static str)>,
}

/// Builds the package in a folder. `today` is given where tables must speak of it.
pub(crate) fn build(
    source: &Source,
    folder: &str,
    shared: &IndexMap<String, SharedTable>,
    today: Option<Date>,
) -> Built {
    let mut sink = Sink::default();
    let mut built = Built {
        service: None,
        diagnostics: Vec::new(),
        at: None,
        initiatives: Vec::new(),
        crossings: Vec::new(),
        used: BTreeSet::new(),
    };
    if let Some(parts) = assemble(source, folder, &mut sink) {
        let (prose, used) = walk(&parts, &mut sink);
        built.used = used;
        built.used.extend(&parts.used);
        if let Some(head) = &parts.service {
            built.at = Some(head.at.clone());
            built.initiatives = head
                .get("initiatives")
                .map(Node::one_or_many)
                .unwrap_or_default()
                .iter()
                .filter_map(|node| Some((node.text()?.to_owned(), node.at.clone())))
                .collect();
            let mut service = service(&parts, head, shared, today, &mut sink);
            translations::read(&parts, &prose, &mut service, &mut sink);
            messages::translate(&parts, &mut service, &mut sink);
            if !sink.has_errors() {
                service.hash = hash_of(&files_of(source, folder, &parts));
                built.service = Some(service);
            }
        }
    }
    built.crossings = std::mem::take(&mut sink.crossings);
    built.diagnostics = sink.sorted();
    built
}

/// Checks every file against the words.
fn walk(
    parts: &Parts,
    sink: &mut Sink,
) -> (Vec<Prose>, BTreeSet<(Place, &'static str, &'static str)>) {
    let mut walk = Walk::new(sink);
    if let Some(service) = &parts.service {
        walk.block(service, Place::Service, "service");
    }
    for (name, record) in &parts.records {
        walk.block(record, Place::Record, &format!("records.{name}"));
    }
    for (name, table) in &parts.tables {
        walk.block(table, Place::Table, &format!("tables.{name}"));
    }
    for (name, publication) in &parts.publications {
        let path = format!("publications.{name}");
        walk.block(publication, Place::Publication, &path);
    }
    for (name, import) in &parts.imports {
        walk.block(import, Place::Import, &format!("imports.{name}"));
    }
    for translations in parts.i18n.values() {
        for (_, node) in translations.entries() {
            walk.block(node, Place::Translation, "");
        }
    }
    let kept = walk.prose.len();
    if let Some(demo) = &parts.demo {
        walk.block(demo, Place::Demo, "");
    }
    walk.prose.truncate(kept);
    (walk.prose, walk.used)
}

fn service(
    parts: &Parts,
    head: &Node,
    shared: &IndexMap<String, SharedTable>,
    today: Option<Date>,
    sink: &mut Sink,
) -> Service {
    let mut service = facts::read(head, &slug_of(&parts.folder), sink);
    service.tables = tables(parts, head, shared, today, sink);
    service.content = pages(parts);
    service.templates = Arc::new(documents::templates(parts));
    if service.status == crate::model::Status::Preparing {
        if let Some(record) = parts.records.values().next() {
            sink.error(
                &record.at,
                "preparing-with-records",
                "準備中（preparing）のサービスには、事実だけを書きます。",
            )
            .hint("records を消すか、status を running にしてください。");
        }
        return service;
    }
    let mut types = skeleton::read(&parts.records, &service, sink);
    let presence = presence::settle(&parts.records, &types, &service);
    check::cycles(&parts.records, &types, &service, &presence, sink);
    compile::fill(&parts.records, &mut types, &service, &presence, sink);
    messages::fill(head, &parts.records, &types, &mut service, &presence, sink);
    facts::route_conditions(head, &types, &mut service, &presence, sink);
    documents::note_issues(&mut types);
    documents::unused(&parts.documents, &types, sink);
    check::types(&parts.records, &types, sink);
    service.types = types
        .into_iter()
        .map(|(name, rt)| (name, Arc::new(rt)))
        .collect();
    service.publications = publications::read(
        &parts.publications,
        &service.types,
        &service,
        &presence,
        sink,
    );
    service.imports = imports::read(&parts.imports, &service.types, &service, sink);
    check::guides(head, &service, today, sink);
    check::doors(head, &service, sink);
    service.review = review::read(head, &service, sink);
    check::demo(parts.demo.as_ref(), &service, sink);
    for (name, table) in parts.table_parts() {
        if let (Some(file), Some(read)) = (&table.csv, service.tables.get(name))
            && !shared.contains_key(name)
        {
            check::columns(read, file, sink);
        }
    }
    service
}

fn tables(
    parts: &Parts,
    head: &Node,
    shared: &IndexMap<String, SharedTable>,
    today: Option<Date>,
    sink: &mut Sink,
) -> IndexMap<String, Arc<Table>> {
    let mut tables = IndexMap::new();
    for (name, table) in parts.table_parts() {
        match shared
            .get(name)
            .filter(|shared| shared.folder == parts.folder && shared.sound)
        {
            Some(shared) => {
                tables.insert(name.clone(), shared.table.clone());
            }
            None => {
                let read = crate::table::read(name, &table.files, sink);
                check_rows(&read, table.csv.as_ref(), today, sink);
                tables.insert(name.clone(), Arc::new(read));
            }
        }
    }
    for name in parts
        .csvs
        .keys()
        .filter(|name| !parts.tables.contains_key(*name))
    {
        if let Some((path, _)) = parts.csvs.get(name) {
            sink.error(
                &File::new(path, "").top(),
                "table-without-head",
                format!("{name}.csv に対応する {name}.yaml がありません。"),
            )
            .hint("title、hit、inputs、outputs を書いた yaml を同じ folder に置いてください。");
        }
    }
    for node in head
        .get("uses_tables")
        .map(Node::one_or_many)
        .unwrap_or_default()
    {
        let Some(name) = node.text() else { continue };
        match shared.get(name) {
            Some(_) if tables.contains_key(name) => {
                sink.error(
                    &node.at,
                    "duplicate-table",
                    format!("基準表「{name}」はこの package にもあります。"),
                )
                .hint("どちらかの名前を変えてください。");
            }
            Some(shared) if !shared.sound => {
                sink.error(
                    &node.at,
                    "faulty-table",
                    format!("台帳の基準表「{name}」に誤りがあります。"),
                )
                .hint("台帳（_registers）の誤りを先に直してください。");
            }
            Some(shared) => {
                tables.insert(name.to_owned(), shared.table.clone());
            }
            None => {
                sink.error(
                    &node.at,
                    "unknown-table",
                    format!("「{name}」という台帳の基準表はありません。"),
                )
                .hint_if(crate::diagnostic::nearest(
                    name,
                    shared.keys().map(String::as_str),
                ));
            }
        }
    }
    tables
}

fn pages(parts: &Parts) -> IndexMap<String, Content> {
    let page = |(name, (_, text)): (&String, &(String, String))| {
        let title = text
            .lines()
            .find_map(|line| line.strip_prefix("# "))
            .unwrap_or(name)
            .trim()
            .to_owned();
        (
            name.clone(),
            Content {
                name: name.clone(),
                title,
                markdown: text.clone(),
            },
        )
    };
    parts.pages.iter().map(page).collect()
}
