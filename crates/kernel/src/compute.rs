//! Computed fields and the place (authority, office, municipality), each after what it reads.

mod order;

use crate::event::Patch;
use crate::refusal::{Fault, Refusal};
use crate::scope::{Layer, evaluate};
use crate::snapshot::Snapshot;
use crate::world::{Doing, World};
use definition::model::{ComputeStep, Field, FieldKind, RecordType};
use feel::{EvalError, Typed, Value};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

/// Something computed.
#[derive(Clone, Copy)]
enum Node<'a> {
    Field(&'a Field, &'a Typed),
    Rows(&'a Field, &'a IndexMap<String, Field>, &'a [usize]),
    Authority(&'a Typed),
    Office(&'a Typed),
    Municipality(&'a Typed),
}

/// Whether what is computed has to be computed anew when only state, number or relatives have moved.
pub(crate) fn follows_moves(rt: &RecordType) -> bool {
    order::of(rt).follows_moves
}

/// Computes everything anew. Answers the faults: what could not be computed for another reason than absence; such
/// values become absent. `form` are the fields entered, at which a fault is best shown.
pub(crate) fn refresh(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    form: &[&Field],
) -> Result<Vec<Fault>, Refusal> {
    let mut faults = Vec::new();
    for step in &order::of(doing.rt).steps {
        let Some(node) = node(doing.rt, step) else {
            continue;
        };
        let patch = match node {
            Node::Field(field, typed) => {
                field_patch(world, doing, field, typed, form, &mut faults)?
            }
            Node::Rows(field, members, order) => {
                rows_patch(world, doing, field, (members, order), &mut faults)?
            }
            place => place_patch(world, doing, place, form, &mut faults)?,
        };
        if let Some(patch) = patch {
            world.put(doing.id, patch);
        }
    }
    faults.dedup();
    Ok(faults)
}

fn field_patch(
    world: &World<'_>,
    doing: &Doing<'_>,
    field: &Field,
    typed: &Typed,
    form: &[&Field],
    faults: &mut Vec<Fault>,
) -> Result<Option<Patch>, Refusal> {
    let value = world
        .scope(doing)?
        .value(typed)
        .and_then(|v| whole_yen(field, v));
    let value = value.unwrap_or_else(|error| {
        faults.push(fault(&error, typed, form, &field.name));
        None
    });
    let json = value.map_or(Json::Null, |v| field.kind.from_feel(&v));
    Ok(Some(Patch::Field {
        id: field.id.clone(),
        value: json,
    }))
}

/// Yen are whole: how a fraction is dropped is for the definition to name, never for the machine.
fn whole_yen(field: &Field, value: Option<Value>) -> Result<Option<Value>, EvalError> {
    match (&field.kind, &value) {
        (FieldKind::Yen { .. }, Some(Value::Number(n))) if !n.fract().is_zero() => {
            Err(EvalError::Custom {
                message: format!(
                    "「{}」に1円未満の端数が出ました。定義で端数の扱いを決めてください。",
                    field.title
                ),
            })
        }
        _ => Ok(value),
    }
}

fn rows_patch(
    world: &World<'_>,
    doing: &Doing<'_>,
    field: &Field,
    (members, order): (&IndexMap<String, Field>, &[usize]),
    faults: &mut Vec<Fault>,
) -> Result<Option<Patch>, Refusal> {
    let snapshot = world.get(doing.id).ok_or_else(crate::world::unread)?;
    let Some(Json::Array(rows)) = snapshot.fields.get(&field.id) else {
        return Ok(None);
    };
    let scope = world.scope(doing)?;
    let computed = |at: &usize| {
        let (_, member) = members.get_index(*at)?;
        Some((member, member.value.as_ref()?))
    };
    let order: Vec<(&Field, &Typed)> = order.iter().filter_map(computed).collect();
    let mut fresh = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        let mut row = row.as_object().cloned().unwrap_or_default();
        for (member, typed) in &order {
            let here = Json::Object(row);
            let layer = Layer::row(&scope, members, &here);
            let value = evaluate(typed, &layer).and_then(|v| whole_yen(member, v));
            let value = value.unwrap_or_else(|error| {
                faults.push(row_fault(
                    &error,
                    typed,
                    members,
                    &field.name,
                    at,
                    &member.name,
                ));
                None
            });
            row = into_map(here);
            match value {
                Some(value) => row.insert(member.id.clone(), member.kind.from_feel(&value)),
                None => row.remove(&member.id),
            };
        }
        fresh.push(Json::Object(row));
    }
    Ok(Some(Patch::Field {
        id: field.id.clone(),
        value: Json::Array(fresh),
    }))
}

fn into_map(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

fn place_patch(
    world: &World<'_>,
    doing: &Doing<'_>,
    node: Node<'_>,
    form: &[&Field],
    faults: &mut Vec<Fault>,
) -> Result<Option<Patch>, Refusal> {
    let snapshot = world.get(doing.id).ok_or_else(crate::world::unread)?;
    let Snapshot {
        authority,
        office,
        municipality,
        ..
    } = snapshot;
    let (mut authority, mut office, mut municipality) =
        (authority.clone(), office.clone(), municipality.clone());
    let (typed, slot, name) = match node {
        Node::Authority(typed) => (typed, &mut authority, "authority"),
        Node::Office(typed) => (typed, &mut office, "office"),
        Node::Municipality(typed) => (typed, &mut municipality, "municipality"),
        Node::Field(..) | Node::Rows(..) => return Ok(None),
    };
    *slot = match world.scope(doing)?.value(typed) {
        Ok(value) => value.map(|v| v.to_string()).filter(|text| !text.is_empty()),
        Err(error) => {
            faults.push(fault(&error, typed, form, name));
            None
        }
    };
    Ok(Some(Patch::Place {
        authority,
        office,
        municipality,
    }))
}

/// A fault stands at the entered field that the expression reads first, else at what was to be computed.
fn fault(error: &EvalError, typed: &Typed, form: &[&Field], name: &str) -> Fault {
    let entered = typed
        .reads()
        .iter()
        .filter_map(|path| path.first())
        .find(|head| form.iter().any(|f| f.name == **head));
    let pointer = entered.map_or_else(
        || format!("/fields/{name}"),
        |head| format!("/input/{head}"),
    );
    Fault::new(pointer, "computed", error.to_string())
}

fn row_fault(
    error: &EvalError,
    typed: &Typed,
    members: &IndexMap<String, Field>,
    rows: &str,
    at: usize,
    name: &str,
) -> Fault {
    let entered = |head: &&String| members.get(*head).is_some_and(|f| f.value.is_none());
    let head = typed
        .reads()
        .iter()
        .filter_map(|path| path.first())
        .find(entered);
    let member = head.map_or(name, String::as_str);
    Fault::new(
        format!("/input/{rows}/{at}/{member}"),
        "computed",
        error.to_string(),
    )
}

/// A step over the definition that it numbers.
fn node<'a>(rt: &'a RecordType, step: &'a ComputeStep) -> Option<Node<'a>> {
    Some(match step {
        ComputeStep::Municipality => Node::Municipality(rt.municipality.as_ref()?),
        ComputeStep::Authority => Node::Authority(rt.authority.as_ref()?),
        ComputeStep::Office => Node::Office(rt.office.as_ref()?),
        ComputeStep::Field(at) => {
            let (_, field) = rt.fields.get_index(*at)?;
            Node::Field(field, field.value.as_ref()?)
        }
        ComputeStep::Rows(at, order) => {
            let (_, field) = rt.fields.get_index(*at)?;
            let FieldKind::Rows { fields, .. } = &field.kind else {
                return None;
            };
            Node::Rows(field, fields, order)
        }
    })
}
