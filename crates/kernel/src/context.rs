//! A record as a value: what related records see of it.

use crate::about::{day_of, due, label, state};
use crate::around::Around;
use crate::scope::RecordScope;
use crate::snapshot::Snapshot;
use definition::model::RecordType;
use feel::{Typed, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A record as a context: its fields by name, `state`, `state_title`, `number`, `id`, its place, and its children by
/// slot (those without further children).
#[must_use]
pub fn record_value(around: Around<'_>, rt: &RecordType, snapshot: &Snapshot) -> Value {
    let mut context = bare_value(around, rt, snapshot);
    for slot in rt.has.keys() {
        context.insert(
            Arc::from(slot.as_str()),
            children_value(around, snapshot, slot),
        );
    }
    Value::Context(context)
}

pub(crate) fn children_value(around: Around<'_>, snapshot: &Snapshot, slot: &str) -> Value {
    let one = |child: &Snapshot| {
        Some(Value::Context(bare_value(
            around,
            around.type_of(child)?,
            child,
        )))
    };
    Value::List(
        around
            .children(snapshot.id, slot)
            .into_iter()
            .filter_map(one)
            .collect(),
    )
}

fn bare_value(
    around: Around<'_>,
    rt: &RecordType,
    snapshot: &Snapshot,
) -> BTreeMap<Arc<str>, Value> {
    let mut context = BTreeMap::new();
    for (name, field) in &rt.fields {
        if let Some(json) = snapshot.fields.get(&field.id) {
            context.insert(Arc::from(name.as_str()), field.kind.to_feel(json));
        }
    }
    let text = |t: &Option<String>| t.as_deref().map(Value::text);
    let more = [
        ("id", Some(Value::text(&snapshot.id.to_string()))),
        ("state", Some(Value::text(&snapshot.state))),
        (
            "state_title",
            state(rt, snapshot).map(|s| Value::text(&s.title)),
        ),
        ("number", text(&snapshot.number)),
        ("authority", text(&snapshot.authority)),
        ("office", text(&snapshot.office)),
        ("municipality", text(&snapshot.municipality)),
        ("arrived_on", snapshot.arrived_on.map(Value::Date)),
        (
            "as_of",
            Some(Value::Date(
                snapshot.arrived_on.unwrap_or(around.facts.today),
            )),
        ),
        ("created_on", Some(Value::Date(day_of(snapshot.created_at)))),
        ("due", due(rt, snapshot).map(Value::Date)),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            context.entry(Arc::from(name)).or_insert(value);
        }
    }
    if let Some(text) = own_label(around, rt, snapshot) {
        context
            .entry(Arc::from("label"))
            .or_insert_with(|| Value::text(&text));
    }
    for party in &snapshot.parties {
        let value =
            [("name", &party.name), ("kind", &party.kind)].map(|(n, v)| (n, Value::text(v)));
        context
            .entry(Arc::from(party.role.as_str()))
            .or_insert_with(|| Value::context(value));
    }
    context
}

/// The label of a record seen from another: only one made of its own fields, since others could go round in circles.
fn own_label(around: Around<'_>, rt: &RecordType, snapshot: &Snapshot) -> Option<String> {
    let heads = || {
        rt.label
            .iter()
            .flat_map(Typed::reads)
            .filter_map(|path| path.first())
    };
    let own = heads().all(|head| rt.fields.contains_key(head));
    own.then(|| label(&RecordScope::new(around, rt, snapshot, None)))?
}
