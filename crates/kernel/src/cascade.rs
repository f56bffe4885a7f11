//! System actions whose condition has become true by the act, until nothing more follows.

use crate::change::too_many;
use crate::ids::RecordId;
use crate::perform::{Given, invalid, perform};
use crate::refusal::{Fault, Refusal};
use crate::world::{Doing, World};
use definition::model::{Action, RecordType, Who};
use feel::Value;

/// At most so many system actions follow one act.
const LIMIT: usize = 100;

/// Performs what follows, each action at most once a record.
pub(crate) fn run(world: &mut World<'_>) -> Result<(), Refusal> {
    let service = &world.facts.service;
    if !service
        .types
        .values()
        .any(|rt| rt.actions.values().any(follows))
    {
        return Ok(());
    }
    for _ in 0..LIMIT {
        let Some((id, rt, action)) = next(world)? else {
            return Ok(());
        };
        let doing = Doing {
            id,
            rt,
            action: &action.name,
            who: &Who::System,
        };
        perform(world, &doing, action, Given::Set(&[]), false)?;
    }
    Err(too_many())
}

fn follows(action: &Action) -> bool {
    action.when.is_some() && action.by.contains(&Who::System)
}

/// The next action that is due on a touched record, its parent or its children.
fn next<'a>(world: &World<'a>) -> Result<Option<(RecordId, &'a RecordType, &'a Action)>, Refusal> {
    let facts = world.facts;
    for id in near(world) {
        let around = world.around();
        let Some(snapshot) = around.record(id) else {
            continue;
        };
        let Some(rt) = facts.service.types.get(&snapshot.record_type) else {
            continue;
        };
        let due = rt
            .actions
            .values()
            .filter(|a| follows(a) && a.from.contains(&snapshot.state));
        for action in due.filter(|a| !world.performed.contains(&(id, a.name.clone()))) {
            let scope = crate::scope::RecordScope::new(around, rt, snapshot, None);
            let value = action
                .when
                .as_ref()
                .map_or(Ok(None), |when| scope.value(when));
            let value = value.map_err(|error| {
                let detail = format!("「{}」の条件を判断できません。{error}", action.title);
                invalid(vec![Fault::new("/input", "computed", detail)])
            })?;
            if value == Some(Value::Boolean(true)) {
                return Ok(Some((id, rt, action)));
            }
        }
    }
    Ok(None)
}

/// The touched records, then their parents and children, without repetition.
fn near(world: &World<'_>) -> Vec<RecordId> {
    let touched = world.touched();
    let mut near = touched.clone();
    for id in &touched {
        let Some(snapshot) = world.get(*id) else {
            continue;
        };
        near.extend(snapshot.parent.as_ref().map(|p| p.id));
        let children = world
            .facts
            .related
            .values()
            .filter(|s| s.parent.as_ref().is_some_and(|p| p.id == *id));
        near.extend(children.map(|s| s.id));
    }
    let mut seen = std::collections::BTreeSet::new();
    near.retain(|id| seen.insert(*id));
    near
}
