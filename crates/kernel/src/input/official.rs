//! Fields that name an official: entered is a sign-in name (or the account's number), kept is the number.

use super::{blank, escape};
use crate::event::Patch;
use crate::facts::Official;
use crate::perform::values;
use crate::refusal::{Fault, Refusal};
use crate::render::Speaker;
use crate::scope::{Layer, seats_value};
use crate::world::{Doing, World};
use definition::model::Field;
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
            let Some(said) = said.and_then(Json::as_str).map(str::trim) else {
                continue;
            };
            let before = record.and_then(|record| record.fields.get(&field.id));
            if before.and_then(Json::as_str) == Some(said) {
                continue;
            }
            let fits = |one: &&Official| {
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

/// An official as a condition sees them.
fn value(one: &Official) -> Value {
    Value::context([
        ("account", Value::text(&one.account.to_string())),
        ("name", Value::text(&one.name)),
        ("seats", seats_value(&one.seats)),
    ])
}
