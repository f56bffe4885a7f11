//! Fields that name an official: entered is a sign-in name (or the account's number), kept is the number.

use super::{blank, escape};
use crate::event::Patch;
use crate::facts::Official;
use crate::perform::values;
use crate::refusal::{Fault, Refusal};
use crate::render::Speaker;
use crate::scope::{Layer, seats_value};
use crate::snapshot::Snapshot;
use crate::world::{Doing, World};
use definition::model::{Field, RecordType};
use feel::Value;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Puts the accounts of those who are named anew and meet their field's condition; answers the faults of the others by
/// field. Whoever is not there and whoever does not fit are told apart by nobody: the answer is the same.
pub(super) fn name(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    form: &[&Field],
    input: &Map<String, Json>,
) -> Result<BTreeMap<String, Vec<Fault>>, Refusal> {
    let mut faulty = BTreeMap::new();
    if form.iter().all(|field| field.official.is_none()) {
        return Ok(faulty);
    }
    let mut named = Vec::new();
    {
        let scope = world.scope(doing)?;
        let record = world.facts.record.as_ref();
        for field in form {
            let Some(rule) = &field.official else {
                continue;
            };
            let said = input.get(&field.name).filter(|json| !blank(json));
            let before = record.and_then(|record| record.fields.get(&field.id));
            let Some(said) = said.and_then(Json::as_str).map(str::trim) else {
                if input.contains_key(&field.name) && before.is_some_and(|one| !one.is_null()) {
                    named.extend(handed(doing, field, before));
                    // What was copied of whoever it named goes with them.
                    let copied = rule.copies.iter();
                    let copied = copied.filter_map(|copy| doing.rt.fields.get(&copy.field));
                    named.extend(copied.map(|copied| (copied.id.clone(), Json::Null)));
                }
                continue;
            };
            if before.and_then(Json::as_str) == Some(said) {
                continue;
            }
            let given_back = record.is_some_and(|record| had_before(doing.rt, field, record, said));
            let fits = |one: &&Official| {
                if given_back {
                    return true;
                }
                let layer = Layer::name(&scope, "it", value(one));
                matches!(
                    rule.condition.that.evaluate(&layer),
                    Ok(Value::Boolean(true))
                )
            };
            match world.facts.officials.get(said).filter(fits) {
                Some(one) => {
                    let layer = Layer::name(&scope, "it", value(one));
                    let id = Json::String(one.account.to_string());
                    named.push((field.id.clone(), id));
                    named.extend(handed(doing, field, before));
                    named.extend(values(&rule.copies, doing.rt, &layer)?);
                }
                None => {
                    let speaker = Speaker::of(world.around(), doing.rt, &scope);
                    let pointer = format!("/input/{}", escape(&field.name));
                    let fault = Fault::new(pointer, "option", speaker.say(&rule.condition.message));
                    faulty.insert(field.name.clone(), vec![fault]);
                }
            }
        }
    }
    for (id, value) in named {
        world.put(doing.id, Patch::Field { id, value });
    }
    Ok(faulty)
}

/// Whom the field named before, kept where its work is handed over.
fn handed(doing: &Doing<'_>, field: &Field, before: Option<&Json>) -> Option<(String, Json)> {
    field.hands.as_ref()?;
    let kept = doing.rt.fields.get(&definition::before(&field.name))?;
    Some((kept.id.clone(), before.cloned().unwrap_or_default()))
}

/// Whether an input gives work back to whoever had it before it was handed over: that undoes, so it asks for no seat.
#[must_use]
pub fn had_before(rt: &RecordType, field: &Field, record: &Snapshot, said: &str) -> bool {
    field.hands.is_some() && record.text(rt, &definition::before(&field.name)) == Some(said)
}

/// An official as a condition sees them.
fn value(one: &Official) -> Value {
    Value::context([
        ("account", Value::text(&one.account.to_string())),
        ("name", Value::text(&one.name)),
        ("seats", seats_value(&one.seats)),
    ])
}
