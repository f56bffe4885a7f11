//! Taking a step: 起案, 審査, 合議, 差戻し, 引戻し, 後閲, and what a decision leaves on the route.

use super::ask::{Said, split, strangers};
use super::{Resolved, Step, role};
use crate::event::Patch;
use crate::input;
use crate::perform::invalid;
use crate::refusal::{Fault, Refusal};
use crate::snapshot::{Reviewed, RouteDeed, RouteMark, RouteState, Snapshot};
use crate::who::{seat_used, who_name};
use crate::world::{Doing, World, unread};
use definition::model::{Field, RouteStep};
use feel::Value;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The draft that the action decides, if one is under way.
fn draft<'s>(resolved: &Resolved<'_>, snapshot: Option<&'s Snapshot>) -> Option<&'s RouteState> {
    resolved.route?;
    super::waiting::state(resolved.main, snapshot)
}

/// The input of a decision, and what was said with it; what it leaves out is taken from the draft.
pub(crate) fn decided_input(
    world: &World<'_>,
    resolved: &Resolved<'_>,
) -> Result<(Map<String, Json>, Said), Refusal> {
    if resolved.route.is_none() {
        return Ok((world.act.input.clone(), Said::default()));
    }
    let (input, said) = split(world.facts, world.act, &resolved.action).map_err(invalid)?;
    let known = draft(resolved, world.facts.record.as_ref());
    let input = match known.filter(|state| state.sent_back.is_none()) {
        Some(state) => over(state, &input),
        None => input,
    };
    Ok((input, said))
}

fn over(state: &RouteState, input: &Map<String, Json>) -> Map<String, Json> {
    let drafted = state.input.iter().chain(input);
    drafted.map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// What a decision leaves: the route is over, and who decided stands on its trail.
pub(crate) fn decided(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    resolved: &Resolved<'_>,
    said: Said,
) {
    let Some(step) = resolved.route.and_then(|route| route.steps.last()) else {
        return;
    };
    let mark = mark(
        world,
        doing,
        resolved,
        &step.title,
        RouteDeed::Decided,
        said,
    );
    world.put(doing.id, Patch::Route(None));
    world.put(doing.id, Patch::Mark(mark));
}

/// A step before the decision, or after it.
pub(crate) fn take(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    resolved: &Resolved<'_>,
) -> Result<(), Refusal> {
    let action = resolved.action.as_ref();
    let (input, said) = split(world.facts, world.act, action).map_err(invalid)?;
    let faults = strangers(action, &input);
    if !faults.is_empty() {
        return Err(invalid(faults));
    }
    if resolved.step == Step::Acknowledge {
        return acknowledge(world, doing, resolved, said);
    }
    let snapshot = world.facts.record.as_ref().ok_or_else(Refusal::not_found)?;
    let known = draft(resolved, Some(snapshot)).cloned();
    let (title, deed) = deed(resolved, known.as_ref());
    let next = match (resolved.step, known) {
        (Step::Draft, known) => drafted(world, doing, resolved, known.as_ref(), &input)?,
        (Step::Pass, Some(state)) => passed(world, doing, resolved, state)?,
        (Step::SendBack, Some(state)) => sent_back(state, &said)?,
        (Step::PullBack, Some(state)) => to_drafter(state, "起案者が引き戻しました。".to_owned()),
        _ => return Err(unread()),
    };
    let mark = mark(world, doing, resolved, &title, deed, said);
    world.begin(doing, false, true)?;
    world.put(doing.id, Patch::Route(Some(next)));
    world.put(doing.id, Patch::Mark(mark));
    Ok(())
}

/// The title of the step that is taken, and what is done.
fn deed(resolved: &Resolved<'_>, known: Option<&RouteState>) -> (String, RouteDeed) {
    let steps = resolved.route.map_or(&[][..], |route| &route.steps);
    let waiting = known
        .and_then(|state| steps.get(state.step))
        .map_or_else(String::new, |step| step.title.clone());
    match resolved.step {
        Step::Draft => ("起案".to_owned(), RouteDeed::Drafted),
        Step::PullBack => ("起案".to_owned(), RouteDeed::PulledBack),
        Step::SendBack => (waiting, RouteDeed::SentBack),
        Step::Pass | Step::Act | Step::Acknowledge => (waiting, RouteDeed::Passed),
    }
}

fn mark(
    world: &World<'_>,
    doing: &Doing<'_>,
    resolved: &Resolved<'_>,
    step: &str,
    deed: RouteDeed,
    said: Said,
) -> RouteMark {
    let actor = &world.act.actor;
    let seat = seat_used(doing.rt, doing.who, actor, world.facts.record.as_ref());
    RouteMark {
        action: resolved.main.name.clone(),
        step: step.to_owned(),
        deed,
        account: actor.account,
        name: actor.name.clone(),
        role: who_name(doing.who),
        at: world.act.recorded_at,
        comment: said.comment,
        back_to: said
            .back_to
            .filter(|_| deed == RouteDeed::SentBack)
            .and_then(|at| {
                let step = resolved.route?.steps.get(at)?;
                Some(step.title.clone())
            }),
        absent: seat
            .and_then(|seat| seat.substitute.as_ref())
            .map(|held| held.absent.clone()),
        reviewed: None,
    }
}

fn drafted(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    resolved: &Resolved<'_>,
    known: Option<&RouteState>,
    input: &Map<String, Json>,
) -> Result<RouteState, Refusal> {
    let input = known.map_or_else(|| input.clone(), |state| over(state, input));
    let tried = try_out(world, doing, resolved, &input, 0)?;
    Ok(RouteState {
        action: resolved.main.name.clone(),
        step: tried.step,
        drafter: world.act.actor.account,
        passed_by: Vec::new(),
        input: tried.input,
        sent_back: None,
        joined: BTreeMap::new(),
        decider: tried.decider,
        taken: Vec::new(),
    })
}

/// The route after one passed the step that is waited for; where every role is needed, it may go on waiting.
fn passed(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    resolved: &Resolved<'_>,
    mut state: RouteState,
) -> Result<RouteState, Refusal> {
    let steps = resolved.route.map_or(&[][..], |route| &route.steps);
    let step = steps.get(state.step).ok_or_else(unread)?;
    let input = over(&state, &Map::new());
    let account = world.act.actor.account;
    state.passed_by.extend(account);
    if step.every {
        state
            .joined
            .extend(account.map(|one| (role(doing.who), one)));
        if !step
            .by
            .iter()
            .all(|who| state.joined.contains_key(&role(who)))
        {
            // What was drafted must still be right for whoever passes it.
            try_out(world, doing, resolved, &input, state.step)?;
            return Ok(state);
        }
    }
    state.taken.push(state.step);
    state.joined.clear();
    state.step = try_out(world, doing, resolved, &input, state.step + 1)?.step;
    Ok(state)
}

fn sent_back(mut state: RouteState, said: &Said) -> Result<RouteState, Refusal> {
    let Some(to) = said.back_to else {
        return Ok(to_drafter(state, said.comment.clone().unwrap_or_default()));
    };
    let Some(at) = state.taken.iter().position(|step| *step == to) else {
        let detail =
            "まだ通っていない段には戻せません。「起案した人」か、すでに通った段を選んでください。";
        let fault = Fault::new(format!("/input/{}", super::BACK_TO), "option", detail);
        return Err(invalid(vec![fault]));
    };
    state.taken.truncate(at);
    state.step = to;
    state.joined.clear();
    Ok(state)
}

fn to_drafter(state: RouteState, reason: String) -> RouteState {
    RouteState {
        step: 0,
        passed_by: Vec::new(),
        sent_back: Some(reason),
        joined: BTreeMap::new(),
        taken: Vec::new(),
        ..state
    }
}

/// 後閲: all that substitutes did for this person on the action's route.
fn acknowledge(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    resolved: &Resolved<'_>,
    said: Said,
) -> Result<(), Refusal> {
    let account = world.act.actor.account;
    let snapshot = world.facts.record.as_ref().ok_or_else(Refusal::not_found)?;
    let waiting: Vec<usize> = (0..)
        .zip(&snapshot.trail)
        .filter(|(_, mark)| mark.action == resolved.main.name && mark.waits_for() == account)
        .map(|(at, _)| at)
        .collect();
    world.begin(doing, false, true)?;
    for mark in waiting {
        let review = Reviewed {
            at: world.act.recorded_at,
            comment: said.comment.clone(),
        };
        world.put(doing.id, Patch::Reviewed { mark, review });
    }
    Ok(())
}

/// A draft as tried.
struct Tried {
    /// The input as read, by field name.
    input: BTreeMap<String, Json>,
    /// The next step that is needed.
    step: usize,
    /// From which role of the decision on one may decide.
    decider: Option<usize>,
}

/// Enters the drafted input on trial: answers it as read, and the next step that is needed from `from` on. The
/// decision is always needed.
fn try_out(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    resolved: &Resolved<'_>,
    input: &Map<String, Json>,
    from: usize,
) -> Result<Tried, Refusal> {
    let mut trial = World::new(world.facts, world.act);
    trial.begin(doing, false, true)?;
    let entered = input::enter(&mut trial, doing, resolved.main, input)?;
    if !entered.faults.is_empty() {
        return Err(invalid(entered.faults));
    }
    let steps = resolved.route.map_or(&[][..], |r| r.steps.as_slice());
    let scope = trial.scope(doing)?;
    let needed = |step: &RouteStep| step.when.as_ref().is_none_or(|when| scope.holds(when));
    let last = steps.len().saturating_sub(1);
    let step = (from..last)
        .find(|at| steps.get(*at).is_some_and(needed))
        .unwrap_or(last);
    let decider = steps.last().and_then(|step| decider(step, &scope));
    let snapshot = trial.get(doing.id).ok_or_else(unread)?;
    let value = |f: &&Field| match snapshot.fields.get(&f.id) {
        Some(json) => crate::convert::outward(&f.kind, json),
        None => Json::Null,
    };
    let read = input::form_fields(doing.rt, resolved.main)
        .iter()
        .filter(|f| input.contains_key(&f.name))
        .map(|f| (f.name.clone(), value(f)))
        .collect();
    world.attachments.append(&mut trial.attachments);
    Ok(Tried {
        input: read,
        step,
        decider,
    })
}

/// The place under `by` of the role that 専決 names; the most senior where it names none of them.
fn decider(step: &RouteStep, scope: &crate::scope::RecordScope<'_>) -> Option<usize> {
    let delegated = step.delegated.as_ref()?;
    let highest = step.by.len().saturating_sub(1);
    let named = match scope.value(delegated) {
        Ok(Some(Value::Text(text))) => Some(text.to_string()),
        _ => None,
    };
    let place = named.and_then(|name| {
        let wanted = name.strip_prefix("desk.").unwrap_or(&name).to_owned();
        step.by
            .iter()
            .position(|who| role(who).strip_prefix("desk.") == Some(wanted.as_str()))
    });
    Some(place.unwrap_or(highest))
}
