//! Which names may be absent, before the definition is finished. A computed field may be absent if its expression may be;
//! since one may read another, also across types, this is settled in rounds.

use crate::env::{Names, Presence};
use crate::kinds::Tables;
use crate::model::{Field, FieldKind, RecordType, Service};
use crate::yaml::Node;
use feel::Env;
use indexmap::IndexMap;
use std::collections::HashSet;

/// What may be absent: `type`, then `field`, `rows.field`, or one of the derived names.
#[derive(Debug, Default)]
pub(crate) struct Settled(HashSet<(String, String)>);

impl Presence for Settled {
    fn absent(&self, rt: &RecordType, rows: Option<&str>, field: &Field) -> bool {
        self.0.contains(&(rt.name.clone(), path(rows, &field.name)))
    }

    fn derived_absent(&self, rt: &RecordType, name: &str) -> bool {
        self.0.contains(&(rt.name.clone(), format!("@{name}")))
    }
}

fn path(rows: Option<&str>, field: &str) -> String {
    rows.map_or_else(|| field.to_owned(), |rows| format!("{rows}.{field}"))
}

const DERIVED: [&str; 4] = ["label", "authority", "office", "municipality"];
/// Chains of computed fields longer than this are rare, and only cost a too kind type.
const ROUNDS: usize = 8;

/// Settles what may be absent.
pub(super) fn settle(
    records: &IndexMap<String, Node>,
    types: &IndexMap<String, RecordType>,
    service: &Service,
) -> Settled {
    let mut settled = Settled::default();
    for (name, node) in records {
        for derived in DERIVED.iter().filter(|derived| node.get(derived).is_none()) {
            settled.0.insert((name.clone(), format!("@{derived}")));
        }
        entered(name, None, node.get("fields"), &mut settled);
    }
    let names = Names {
        types: types.values().collect(),
        tables: &service.tables,
    };
    for _ in 0..ROUNDS {
        let before = settled.0.len();
        for (name, rt) in types {
            if let Some(node) = records.get(name) {
                let env = names.env(rt, &settled);
                round(node, rt, (&env, &service.tables), &mut settled);
            }
        }
        if settled.0.len() == before {
            break;
        }
    }
    settled
}

/// What is entered may be absent unless it is required and always shown.
fn entered(name: &str, rows: Option<&str>, fields: Option<&Node>, settled: &mut Settled) {
    for (key, field) in fields.map(Node::entries).unwrap_or_default() {
        let computed = field.get("value").is_some();
        if field.get("show_if").is_some() || (!computed && !field.flag("required")) {
            settled.0.insert((name.to_owned(), path(rows, &key.name)));
        }
        if rows.is_none() {
            entered(name, Some(&key.name), field.get("fields"), settled);
        }
    }
}

fn round(node: &Node, rt: &RecordType, (env, tables): (&Env, &Tables), settled: &mut Settled) {
    let optional = |node: &Node, env: &Env| {
        node.text()
            .and_then(|text| feel::compile(text, env, None).ok())
            .is_some_and(|typed| typed.ty().is_optional())
    };
    for derived in DERIVED {
        if node.get(derived).is_some_and(|node| optional(node, env)) {
            settled.0.insert((rt.name.clone(), format!("@{derived}")));
        }
    }
    for (key, field) in node.get("fields").map(Node::entries).unwrap_or_default() {
        if field.get("value").is_some_and(|value| optional(value, env)) {
            settled.0.insert((rt.name.clone(), key.name.clone()));
        }
        let Some(FieldKind::Rows { fields, .. }) =
            rt.fields.get(&key.name).map(|field| &field.kind)
        else {
            continue;
        };
        let row_env = row_env(env, rt, &key.name, fields, settled, tables);
        for (inner, field) in field.get("fields").map(Node::entries).unwrap_or_default() {
            if field
                .get("value")
                .is_some_and(|value| optional(value, &row_env))
            {
                settled
                    .0
                    .insert((rt.name.clone(), path(Some(&key.name), &inner.name)));
            }
        }
    }
}

/// The environment in a row: the row's own names first.
pub(crate) fn row_env(
    env: &Env,
    rt: &RecordType,
    rows: &str,
    fields: &IndexMap<String, Field>,
    presence: &dyn Presence,
    tables: &Tables,
) -> Env {
    let mut inner = env.clone();
    for field in fields.values() {
        let ty = field.kind.closed_type(&field.title, tables);
        inner.variables.insert(
            field.name.clone(),
            if presence.absent(rt, Some(rows), field) {
                ty.optional()
            } else {
                ty
            },
        );
    }
    inner
}
