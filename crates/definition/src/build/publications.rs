//! Publications: what may go out is decided here, before anything runs. A column shows only what everybody may see, or
//! what is published by law; a person's name never.

use super::compile::Compiler;
use super::presence::Settled;
use crate::diagnostic::Sink;
use crate::env::{Names, publication_env};
use crate::model::{
    Field, FieldKind, FieldSet, Publication, PublishedColumn, PublishedKind, RecordType, Schedule,
    ScopeKind, Service, Who,
};
use crate::yaml::Node;
use feel::{Env, Type, Typed};
use indexmap::IndexMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads the publications of a package.
pub(super) fn read(
    nodes: &IndexMap<String, Node>,
    types: &IndexMap<String, Arc<RecordType>>,
    service: &Service,
    presence: &Settled,
    sink: &mut Sink,
) -> IndexMap<String, Arc<Publication>> {
    let names = Names {
        types: types.values().collect(),
        tables: &service.tables,
    };
    let mut publications = IndexMap::new();
    for (name, node) in nodes {
        let Some(rt) = type_named(node, "of", types, sink) else {
            continue;
        };
        let env = publication_env(names.env(rt, presence), rt);
        let mut made = publication(name, node, rt, &env, sink);
        made.by = super::skeleton::everybody(node, "by", rt, service, sink);
        publications.insert(name.clone(), Arc::new(made));
    }
    publications
}

/// The record type that a word names.
pub(super) fn type_named<'a>(
    node: &Node,
    word: &str,
    types: &'a IndexMap<String, Arc<RecordType>>,
    sink: &mut Sink,
) -> Option<&'a Arc<RecordType>> {
    let name = node.get(word)?;
    let known = Compiler { sink }.known(name, "記録の種類", types.keys());
    types.get(name.text().filter(|_| known)?)
}

fn publication(
    name: &str,
    node: &Node,
    rt: &RecordType,
    env: &Env,
    sink: &mut Sink,
) -> Publication {
    let mut compiler = Compiler { sink };
    let mut condition = |word| compiler.at(node, word, env, Some(&Type::Boolean));
    let (condition, opt_out, release, keep) = (
        condition("where"),
        condition("opt_out"),
        condition("release"),
        condition("keep"),
    );
    let persons = persons(node, rt, sink);
    let by_law = by_law(node, rt, sink);
    let mut columns = Vec::new();
    for (key, value) in node.get("columns").map(Node::entries).unwrap_or_default() {
        let Some(typed) = (Compiler { sink }).expr(value, env, None) else {
            continue;
        };
        let kind = kind(&typed);
        if kind.is_none() {
            sink.error(
                &value.at,
                "published-kind",
                format!(
                    "「{}」は文字・数・日付のどれかになる式にしてください。",
                    key.name
                ),
            )
            .hint("いくつかの値なら string join(一覧, \"、\") などで1つの文字にします。");
        }
        may_go_out(&typed, value, rt, &by_law, sink);
        if let Some(kind) = kind {
            columns.push(PublishedColumn {
                title: key.name.clone(),
                kind,
                value: typed,
            });
        }
    }
    let text = |word: &str| node.string(word);
    Publication {
        name: name.to_owned(),
        title: text("title").unwrap_or_else(|| name.to_owned()),
        summary: text("summary").unwrap_or_default().trim().to_owned(),
        of: rt.name.clone(),
        condition,
        opt_out,
        persons,
        release,
        keep,
        by_law,
        columns,
        formats: node.strings("formats"),
        encoding: text("encoding").unwrap_or_else(|| "utf8".to_owned()),
        file: file(name, node, sink),
        by: Vec::new(),
        schedule: schedule(node, sink),
        licence: text("licence").unwrap_or_default(),
        theme: text("theme"),
        contact: text("contact"),
        keywords: node.strings("keywords"),
    }
}

/// Text fields that hold names of people.
fn persons(node: &Node, rt: &RecordType, sink: &mut Sink) -> Vec<String> {
    let Some(list) = node.get("persons") else {
        return Vec::new();
    };
    let texts = rt.fields.iter();
    let texts = texts.filter(|(_, field)| matches!(field.kind, FieldKind::Text { .. }));
    Compiler { sink }.all_known(Some(list), "文字の項目", texts.map(|(name, _)| name));
    node.strings("persons")
}

fn file(name: &str, node: &Node, sink: &mut Sink) -> String {
    let file = node.string("file").unwrap_or_else(|| name.to_owned());
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !file.chars().all(fits) {
        sink.error(
            node.key_at("file"),
            "file-name",
            "ファイルの名前には英数字と _ と - だけを使ってください。",
        )
        .hint("例: 015_flower_beds");
    }
    file
}

fn schedule(node: &Node, sink: &mut Sink) -> Schedule {
    let day: Option<u8> = node.number("on_day");
    if node.text_of("every") != Some("month") {
        return Schedule::Daily;
    }
    let day = day.unwrap_or(1);
    if !(1..=31).contains(&day) {
        sink.error(
            node.key_at("on_day"),
            "on-day",
            "on_day は1から31までです。",
        );
    }
    Schedule::Monthly(day)
}

fn kind(typed: &Typed) -> Option<PublishedKind> {
    match typed.ty().required() {
        Type::Text | Type::Null => Some(PublishedKind::Text),
        Type::Number => Some(PublishedKind::Number),
        Type::Date => Some(PublishedKind::Date),
        _ => None,
    }
}

fn by_law(node: &Node, rt: &RecordType, sink: &mut Sink) -> IndexMap<String, String> {
    let mut all = IndexMap::new();
    for (key, basis) in node.get("by_law").map(Node::entries).unwrap_or_default() {
        if !rt.fields.contains_key(&key.name) {
            sink.error(
                &key.at,
                "unknown-field",
                format!("「{}」という項目はありません。", key.name),
            )
            .hint_if(crate::diagnostic::nearest(
                &key.name,
                rt.fields.keys().map(String::as_str),
            ));
        }
        all.insert(
            key.name.clone(),
            basis.text().unwrap_or_default().to_owned(),
        );
    }
    all
}

/// Fields that everybody may read of some record.
fn public(rt: &RecordType) -> BTreeSet<&str> {
    let rules = rt
        .see
        .iter()
        .filter(|rule| rule.who == Who::Public && rule.scope == ScopeKind::All);
    let mut shown = BTreeSet::new();
    for rule in rules {
        shown.extend(
            rt.fields
                .keys()
                .map(String::as_str)
                .filter(|name| match &rule.fields {
                    FieldSet::All => true,
                    FieldSet::Only(names) => names.iter().any(|one| one == name),
                    FieldSet::Except(names) => names.iter().all(|one| one != name),
                })
                .filter(|name| rt.fields.get(*name).is_some_and(|field| !field.internal)),
        );
    }
    shown
}

/// Names and what is guarded more closely never go out, whatever the basis.
fn never(field: &Field) -> bool {
    field.sensitive
        || matches!(
            field.kind,
            FieldKind::PersonName
                | FieldKind::Account
                | FieldKind::IndividualNumber(_)
                | FieldKind::Files { .. }
                | FieldKind::Remarks
        )
}

fn may_go_out(
    typed: &Typed,
    node: &Node,
    rt: &RecordType,
    by_law: &IndexMap<String, String>,
    sink: &mut Sink,
) {
    let shown = public(rt);
    let heads: BTreeSet<&String> = typed
        .reads()
        .iter()
        .filter_map(|path| path.first())
        .collect();
    for head in heads {
        let Some(field) = rt.fields.get(head) else {
            continue;
        };
        if never(field) {
            sink.error(
                &node.at,
                "published-person",
                format!(
                    "「{}」は公開できません。氏名や要配慮の情報が入る項目です。",
                    field.title
                ),
            )
            .hint("この列をやめるか、ほかの項目から作ってください。");
        } else if !shown.contains(head.as_str()) && !by_law.contains_key(head) {
            sink.error(&node.at, "published-hidden", format!("「{}」はだれにも見える項目ではありません。", field.title))
                .hint(format!("see の public の fields に足すか、法令などで公開するなら by_law: {{ {head}: 根拠 }} を書いてください。"));
        }
    }
    for party in rt.parties.values() {
        let person = party.is.iter().any(|kind| kind == "person");
        if names(typed, rt, &party.role, person, 0) {
            sink.error(&node.at, "published-person", format!("「{}」は個人のこともあるので、名前をそのまま公開できません。", party.title))
                .hint(format!("if {0}.kind = \"corporation\" then {0}.name else null のように、法人のときだけにしてください。", party.role));
        }
    }
}

/// Computed fields that read each other are walked this deep; `check` refuses circles elsewhere.
const DEEPEST: usize = 16;

/// Whether an expression may show who a party is, through computed fields too: its name where it may be a person, its
/// id always.
fn names(typed: &Typed, rt: &RecordType, role: &str, person: bool, depth: usize) -> bool {
    let paths = if person {
        typed.reads_outside(&[role, "kind"], "corporation")
    } else {
        typed.reads().clone()
    };
    paths.iter().any(|path| {
        let Some(head) = path.first() else {
            return false;
        };
        if head == role {
            return match path.get(1).map(String::as_str) {
                Some("kind") => false,
                Some("name") => person,
                _ => true,
            };
        }
        let computed = rt.fields.get(head).and_then(|field| field.value.as_ref());
        depth < DEEPEST && computed.is_some_and(|value| names(value, rt, role, person, depth + 1))
    })
}
