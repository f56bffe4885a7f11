//! A record as a value: what related records see of it.

use crate::about::{day_of, due, label, state};
use crate::around::Around;
use crate::ids::RecordId;
use crate::scope::RecordScope;
use crate::snapshot::Snapshot;
use definition::model::{Field, RecordLink, RecordType};
use feel::{Typed, Value};
use serde_json::Value as Json;
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

/// The records that a field of a record names, as far as they are among the facts.
pub(crate) fn named_records<'a>(
    around: Around<'a>,
    field: &Field,
    snapshot: &Snapshot,
) -> Vec<&'a Snapshot> {
    let Some(json) = snapshot.fields.get(&field.id) else {
        return Vec::new();
    };
    ids_in(json).filter_map(|id| around.record(id)).collect()
}

/// The ids in the value of a field that names records.
pub fn ids_in(json: &Json) -> impl Iterator<Item = RecordId> {
    let list = json.as_array().map_or(&[][..], Vec::as_slice);
    let one = json.as_str().into_iter();
    one.chain(list.iter().filter_map(Json::as_str))
        .filter_map(|text| text.parse().ok())
}

/// The value of a field that names records: the records as they stand.
pub(crate) fn named_value(
    around: Around<'_>,
    field: &Field,
    link: &RecordLink,
    snapshot: &Snapshot,
) -> Value {
    let mut found = named_records(around, field, snapshot)
        .into_iter()
        .filter_map(|one| Some(record_value(around, around.type_of(one)?, one)));
    if link.many() {
        Value::List(found.collect())
    } else {
        found.next().unwrap_or(Value::Null)
    }
}

fn bare_value(
    around: Around<'_>,
    rt: &RecordType,
    snapshot: &Snapshot,
) -> BTreeMap<Arc<str>, Value> {
    let mut context = BTreeMap::new();
    for (name, field) in &rt.fields {
        // What a related record names in its turn is out of reach: records could name one another in a circle.
        if let Some(json) = snapshot.fields.get(&field.id)
            && field.kind.record_link().is_none()
        {
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
    let lasting = |role: &str| crate::invite::invites(rt, role).is_none();
    for party in snapshot.parties.iter().filter(|p| lasting(&p.role)) {
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
