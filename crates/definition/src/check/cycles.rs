//! Computed fields that need themselves.

use crate::build::Settled;
use crate::diagnostic::Sink;
use crate::env::Names;
use crate::kinds::Tables;
use crate::model::{FieldKind, RecordType, Service};
use crate::yaml::{At, Node};
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// What is computed in a type: name (`field`, `rows.field`, `label` …) to its place and what it reads.
type Graph = IndexMap<String, (At, BTreeSet<String>)>;

pub(crate) fn check(
    records: &IndexMap<String, Node>,
    types: &IndexMap<String, RecordType>,
    service: &Service,
    presence: &Settled,
    sink: &mut Sink,
) {
    let names = Names {
        types: types.values().collect(),
        tables: &service.tables,
    };
    for (name, node) in records {
        let Some(rt) = types.get(name) else { continue };
        let env = names.env(rt, presence);
        report(&graph(node, rt, (&env, &service.tables), presence), sink);
    }
}

fn graph(
    node: &Node,
    rt: &RecordType,
    (env, tables): (&feel::Env, &Tables),
    presence: &Settled,
) -> Graph {
    let mut graph = Graph::new();
    for word in ["label", "authority", "office", "municipality"] {
        if let Some(value) = node.get(word) {
            graph.insert(
                word.to_owned(),
                (value.at.clone(), reads(value, env, None, &[])),
            );
        }
    }
    for (key, field) in node.get("fields").map(Node::entries).unwrap_or_default() {
        if let Some(value) = field.get("value") {
            graph.insert(
                key.name.clone(),
                (key.at.clone(), reads(value, env, None, &[])),
            );
        }
        let Some(FieldKind::Rows { fields, .. }) =
            rt.fields.get(&key.name).map(|field| &field.kind)
        else {
            continue;
        };
        let env = crate::build::row_env(env, rt, &key.name, fields, presence, tables);
        let own: Vec<&str> = fields.keys().map(String::as_str).collect();
        for (inner, field) in field.get("fields").map(Node::entries).unwrap_or_default() {
            if let Some(value) = field.get("value") {
                graph.insert(
                    format!("{}.{}", key.name, inner.name),
                    (inner.at.clone(), reads(value, &env, Some(&key.name), &own)),
                );
            }
        }
    }
    graph
}

/// Names read, as the graph calls them. A row's own names come first.
fn reads(node: &Node, env: &feel::Env, rows: Option<&str>, own: &[&str]) -> BTreeSet<String> {
    let Some(typed) = node
        .text()
        .and_then(|text| feel::compile(text, env, None).ok())
    else {
        return BTreeSet::new();
    };
    let mut names = BTreeSet::new();
    for path in typed.reads() {
        let Some(first) = path.first() else { continue };
        match rows.filter(|_| own.contains(&first.as_str())) {
            Some(rows) => names.insert(format!("{rows}.{first}")),
            None => {
                if let Some(second) = path.get(1) {
                    names.insert(format!("{first}.{second}"));
                }
                names.insert(first.clone())
            }
        };
    }
    names
}

fn report(graph: &Graph, sink: &mut Sink) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for (start, (at, _)) in graph {
        if done.contains(start.as_str()) {
            continue;
        }
        if let Some(way) = way_back(graph, start) {
            done.extend(way.iter().copied());
            let told: Vec<&str> = way
                .iter()
                .copied()
                .chain(std::iter::once(start.as_str()))
                .collect();
            sink.error(
                at,
                "cycle",
                format!("計算が回っています: {}", told.join(" → ")),
            )
            .hint("どれか1つを、ほかを使わない式にしてください。");
        }
    }
}

/// The shortest way from a name back to itself.
fn way_back<'a>(graph: &'a Graph, start: &'a str) -> Option<Vec<&'a str>> {
    let mut queue = std::collections::VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = queue.pop_front() {
        let Some((_, next)) = way.last().and_then(|last| graph.get(*last)) else {
            continue;
        };
        for name in next {
            if name == start {
                return Some(way);
            }
            if seen.insert(name.as_str()) {
                queue.push_back(
                    way.iter()
                        .copied()
                        .chain(std::iter::once(name.as_str()))
                        .collect(),
                );
            }
        }
    }
    None
}
