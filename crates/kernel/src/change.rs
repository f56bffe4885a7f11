//! What an act does to other records and to ledgers, in the same commit.

use crate::compute::refresh;
use crate::convert::number_json;
use crate::decision::Posting;
use crate::event::Patch;
use crate::ids::RecordId;
use crate::invite::invites;
use crate::number;
use crate::perform::{Given, enter_state, invalid, perform, values};
use crate::refusal::{Fault, Refusal, RefusalKind};
use crate::scope::{Layer, evaluate, ids_in};
use crate::snapshot::PartyRef;
use crate::world::{Doing, World, unread};
use definition::model::{Change, FieldKind, RecordLink, RecordType, SetField, Target, Who};
use feel::{EvalError, Scope, Typed, Value};
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// How deep acts may call acts.
const MAX_DEPTH: usize = 100;

/// Makes all changes in order.
pub(crate) fn all(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    changes: &[Change],
) -> Result<(), Refusal> {
    for change in changes {
        match change {
            Change::Open { when, for_each, .. } => {
                if holds(world, doing, when)? {
                    open_each(world, doing, change, for_each.as_deref())?;
                }
            }
            Change::Set { on, when, fields } => {
                if holds(world, doing, when)? {
                    set(world, doing, on, fields)?;
                }
            }
            Change::Act {
                on,
                action,
                when,
                with,
            } => {
                if holds(world, doing, when)? {
                    act(world, doing, on, action, with)?;
                }
            }
            Change::Party {
                on,
                role,
                from,
                when,
            } => {
                if holds(world, doing, when)? {
                    party(world, doing, on, role, from)?;
                }
            }
            Change::Post {
                ledger,
                key,
                amount,
            } => post(world, doing, ledger, key, amount, |n| (n, Decimal::ZERO))?,
            Change::Hold {
                ledger,
                key,
                amount,
            } => post(world, doing, ledger, key, amount, |n| (Decimal::ZERO, n))?,
            Change::Release {
                ledger,
                key,
                amount,
            } => post(world, doing, ledger, key, amount, |n| (Decimal::ZERO, -n))?,
        }
    }
    Ok(())
}

fn broken(error: &EvalError) -> Refusal {
    invalid(vec![Fault::new("/input", "computed", error.to_string())])
}

fn holds(world: &World<'_>, doing: &Doing<'_>, when: &Option<Typed>) -> Result<bool, Refusal> {
    let Some(when) = when else { return Ok(true) };
    let value = world.scope(doing)?.value(when).map_err(|e| broken(&e))?;
    Ok(value == Some(Value::Boolean(true)))
}

/// The rows for which a record is opened; one without row if it is opened once.
fn rows(
    world: &World<'_>,
    doing: &Doing<'_>,
    for_each: Option<&str>,
) -> Result<Vec<Option<Json>>, Refusal> {
    let Some(field) = for_each.and_then(|name| doing.rt.fields.get(name)) else {
        return Ok(vec![None]);
    };
    let snapshot = world.get(doing.id).ok_or_else(unread)?;
    let rows = snapshot.fields.get(&field.id).and_then(Json::as_array);
    Ok(rows.into_iter().flatten().cloned().map(Some).collect())
}

fn open_each(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    change: &Change,
    for_each: Option<&str>,
) -> Result<(), Refusal> {
    let Change::Open {
        record_type, with, ..
    } = change
    else {
        return Ok(());
    };
    let facts = world.facts;
    let Some(target) = facts.service.types.get(record_type) else {
        return Ok(());
    };
    for row in rows(world, doing, for_each)? {
        let initial = {
            let scope = world.scope(doing)?;
            let members = for_each
                .and_then(|name| doing.rt.fields.get(name))
                .map(|f| &f.kind);
            let layer = match (&row, members) {
                (Some(row), Some(FieldKind::Rows { fields, .. })) => {
                    Some(Layer::named_row(&scope, fields, row))
                }
                _ => None,
            };
            values(
                with,
                target,
                layer.as_ref().map_or(&scope as &dyn Scope, |l| l),
            )?
        };
        open(world, doing, change, target, initial)?;
    }
    Ok(())
}

/// Opens one record: parties, place and relation from this one, values as given, then all that follows from them.
fn open(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    change: &Change,
    target: &RecordType,
    initial: Vec<(String, Json)>,
) -> Result<(), Refusal> {
    let Change::Open {
        slot,
        link,
        state,
        parties,
        ..
    } = change
    else {
        return Ok(());
    };
    let opener = world.get(doing.id).ok_or_else(unread)?.clone();
    let id = world.next_id();
    let action = format!("{}.{}", doing.rt.name, doing.action);
    let new = Doing {
        id,
        rt: target,
        action: &action,
        who: doing.who,
    };
    world.begin(&new, true, true)?;
    let state = state
        .clone()
        .or_else(|| target.states.keys().next().cloned())
        .unwrap_or_default();
    let mut patches = vec![
        Patch::State(state.clone()),
        Patch::Place {
            authority: opener.authority,
            office: opener.office,
            municipality: opener.municipality,
        },
    ];
    patches.extend(
        slot.clone()
            .map(|slot| Patch::Parent { id: doing.id, slot }),
    );
    if *parties {
        // Who was invited to go on with the one record has no part in the other.
        let invited = |role: &str| invites(doing.rt, role).is_some();
        let parties = opener.parties.into_iter();
        patches.extend(parties.filter(|p| !invited(&p.role)).map(Patch::Party));
    }
    if link.is_some() {
        patches.push(Patch::Link {
            name: "origin".into(),
            id: doing.id,
        });
    }
    patches.extend(
        initial
            .into_iter()
            .map(|(id, value)| Patch::Field { id, value }),
    );
    for patch in patches {
        world.put(id, patch);
    }
    if let Some(name) = link {
        world.put(
            doing.id,
            Patch::Link {
                name: name.clone(),
                id,
            },
        );
    }
    fault_free(refresh(world, &new, &[])?)?;
    if let Some(rule) = target
        .number
        .as_ref()
        .filter(|rule| rule.drawn_at.is_none())
    {
        number::draw(world, &new, rule)?;
        // Computed fields may read the number.
        fault_free(refresh(world, &new, &[])?)?;
    }
    enter_state(world, &new, &state, true)
}

fn fault_free(faults: Vec<Fault>) -> Result<(), Refusal> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(invalid(faults))
    }
}

/// The records that a change concerns.
pub(crate) fn targets(
    world: &World<'_>,
    doing: &Doing<'_>,
    on: &Target,
) -> Result<Vec<RecordId>, Refusal> {
    let snapshot = world.get(doing.id).ok_or_else(unread)?;
    Ok(match on {
        Target::This => vec![doing.id],
        Target::Parent => snapshot.parent.iter().map(|p| p.id).collect(),
        Target::Children(slot) => world
            .around()
            .children(doing.id, slot)
            .iter()
            .map(|s| s.id)
            .collect(),
        Target::Link(name) => match doing.rt.fields.get(name) {
            Some(field) => snapshot
                .fields
                .get(&field.id)
                .map(|json| ids_in(json).collect())
                .unwrap_or_default(),
            None => snapshot.links.get(name).cloned().unwrap_or_default(),
        },
    })
}

/// Puts a party of this record into a role of others.
fn party(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    on: &Target,
    role: &str,
    from: &str,
) -> Result<(), Refusal> {
    let snapshot = world.get(doing.id).ok_or_else(unread)?;
    let Some(known) = snapshot.parties.iter().find(|party| party.role == from) else {
        return Ok(());
    };
    let party = PartyRef {
        role: role.to_owned(),
        ..known.clone()
    };
    for id in targets(world, doing, on)? {
        let rt = type_of(world, id)?;
        put_into(world, doing, id, rt, [Patch::Party(party.clone())])?;
    }
    Ok(())
}

/// Writes into another record, as part of what is being done, and computes it anew.
fn put_into(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    id: RecordId,
    rt: &RecordType,
    patches: impl IntoIterator<Item = Patch>,
) -> Result<(), Refusal> {
    let action = format!("{}.{}", doing.rt.name, doing.action);
    let other = Doing {
        id,
        rt,
        action: &action,
        who: doing.who,
    };
    world.join(&other)?;
    for patch in patches {
        world.put(id, patch);
    }
    fault_free(refresh(world, &other, &[])?)
}

pub(crate) fn type_of<'a>(world: &World<'a>, id: RecordId) -> Result<&'a RecordType, Refusal> {
    let name = world
        .around()
        .record(id)
        .ok_or_else(unread)?
        .record_type
        .clone();
    let facts = world.facts;
    facts
        .service
        .types
        .get(&name)
        .map(AsRef::as_ref)
        .ok_or_else(unread)
}

fn set(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    on: &Target,
    fields: &[SetField],
) -> Result<(), Refusal> {
    for id in targets(world, doing, on)? {
        let rt = type_of(world, id)?;
        let values = values(fields, rt, &world.scope(doing)?)?;
        let patches = values
            .into_iter()
            .map(|(field, value)| Patch::Field { id: field, value });
        put_into(world, doing, id, rt, patches)?;
    }
    Ok(())
}

/// Performs a system action on others. Of many, those that it does not fit now are passed over; a single one that
/// it does not fit refuses the whole act.
fn act(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    on: &Target,
    name: &str,
    with: &[SetField],
) -> Result<(), Refusal> {
    if world.performed.len() > MAX_DEPTH {
        return Err(too_many());
    }
    for id in targets(world, doing, on)? {
        let rt = type_of(world, id)?;
        let Some(action) = rt.actions.get(name) else {
            continue;
        };
        let state = world.around().record(id).ok_or_else(unread)?.state.clone();
        if !action.from.is_empty() && !action.from.contains(&state) {
            if of_many(doing.rt, on) {
                continue;
            }
            let title = rt
                .states
                .get(&state)
                .map_or(state.as_str(), |s| s.title.as_str());
            let sentence = format!(
                "「{}」がいま「{title}」のため、この操作はできません。",
                rt.title
            );
            return Err(Refusal::new(RefusalKind::WrongState, sentence, Vec::new()));
        }
        let values = values(with, rt, &world.scope(doing)?)?;
        let other = Doing {
            id,
            rt,
            action: name,
            who: &Who::System,
        };
        perform(world, &other, action, Given::Set(&values), false)?;
    }
    Ok(())
}

/// Whether a target may be several records; a field that names one record means just that one.
fn of_many(rt: &RecordType, on: &Target) -> bool {
    match on {
        Target::This | Target::Parent => false,
        Target::Children(_) => true,
        Target::Link(name) => rt
            .fields
            .get(name)
            .and_then(|field| field.kind.record_link())
            .is_none_or(RecordLink::many),
    }
}

/// More follows from the act than one act may do.
pub(crate) fn too_many() -> Refusal {
    Refusal::new(
        RefusalKind::Invalid,
        "この操作に続く処理が多すぎるため、止めました。担当者にお知らせください。",
        Vec::new(),
    )
}

fn post(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    ledger: &str,
    key: &Typed,
    amount: &Typed,
    split: impl Fn(Decimal) -> (Decimal, Decimal),
) -> Result<(), Refusal> {
    let scope = world.scope(doing)?;
    let key = evaluate(key, &scope).map_err(|e| broken(&e))?;
    let amount = evaluate(amount, &scope).map_err(|e| broken(&e))?;
    drop(scope);
    let known = world.facts.service.ledgers.get(ledger);
    let title = known.map_or(ledger, |l| l.title.as_str());
    let (Some(key), Some(Value::Number(amount))) = (key, amount) else {
        let detail = format!("「{title}」に記帳する相手か金額が決まっていません。");
        return Err(invalid(vec![Fault::new("/input", "condition", detail)]));
    };
    if amount.is_zero() {
        return Ok(());
    }
    let (posted, held) = split(amount);
    let key = key.to_string();
    let slug = format!("{}/{ledger}", world.facts.service.slug);
    let floor = known.and_then(|l| l.floor);
    world.postings.push(Posting {
        ledger: slug,
        key: key.clone(),
        record: doing.id,
        posted,
        held,
        floor,
    });
    world.put(
        doing.id,
        Patch::Posted {
            ledger: ledger.to_owned(),
            key,
            amount: number_json(amount),
        },
    );
    Ok(())
}
