//! `decide`: may they, is it still so, what does it change.

use crate::act::{Act, Actor};
use crate::cascade;
use crate::decision::Decision;
use crate::event::Patch;
use crate::facts::Facts;
use crate::input;
use crate::perform::{Given, invalid, perform};
use crate::refusal::{Fault, Refusal, RefusalKind};
use crate::route::{self, REASON, Resolved, Step};
use crate::see::may_see;
use crate::snapshot::{RouteState, Snapshot};
use crate::stale;
use crate::who::{acting_as, titles};
use crate::world::{Doing, World, unread};
use definition::model::{Action, Form, RecordType, Who};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// What an act changes and asks of the world, or why it is refused. Reads nothing but its arguments; equal ones give
/// equal answers.
///
/// # Errors
/// A [`Refusal`] that names every faulty field. Nothing has changed then.
pub fn decide(facts: &Facts, act: &Act) -> Result<Decision, Refusal> {
    let rt = facts
        .service
        .types
        .get(&act.record_type)
        .ok_or_else(Refusal::not_found)?;
    let ours = |s: &Snapshot| s.id == act.record && s.record_type == rt.name;
    if act.service != facts.service.slug || facts.record.as_ref().is_some_and(|s| !ours(s)) {
        return Err(Refusal::not_found());
    }
    let resolved = route::resolve(&facts.service, rt, &act.action, facts.record.as_ref())
        .ok_or_else(Refusal::not_found)?;
    let who = admit(facts, rt, &resolved, act)?;
    if let Some(snapshot) = &facts.record {
        stale::check(rt, &resolved, act, &who, snapshot)?;
    }
    let mut world = World::new(facts, act);
    let doing = Doing {
        id: act.record,
        rt,
        action: &act.action,
        who: &who,
    };
    match resolved.step {
        Step::Act => {
            let input = decided_input(&resolved, act, facts.record.as_ref());
            perform(
                &mut world,
                &doing,
                resolved.main,
                Given::Input(&input),
                facts.record.is_none(),
            )?;
            if resolved.route.is_some() {
                world.put(act.record, Patch::Route(None));
            }
        }
        step => take_step(&mut world, &doing, &resolved, step)?,
    }
    cascade::run(&mut world)?;
    world.finish()
}

/// Whether the actor may, in which capacity, and whether the record's state allows it.
fn admit(
    facts: &Facts,
    rt: &RecordType,
    resolved: &Resolved<'_>,
    act: &Act,
) -> Result<Who, Refusal> {
    let action = resolved.action.as_ref();
    let Some(snapshot) = &facts.record else {
        if !action.opens {
            return Err(Refusal::not_found());
        }
        return acting_as(rt, action, &act.actor, None)
            .ok_or_else(|| not_theirs(facts, rt, action, &act.actor));
    };
    if may_see(&facts.service, rt, &act.actor, snapshot).is_none() {
        return Err(Refusal::not_found());
    }
    let who = acting_as(rt, action, &act.actor, Some(snapshot))
        .ok_or_else(|| not_theirs(facts, rt, action, &act.actor))?;
    if !action.from.contains(&snapshot.state) {
        return Err(wrong_state(rt, action, snapshot));
    }
    match route::obstacle(resolved, rt, &act.actor, Some(snapshot)) {
        Some(sentence) => Err(Refusal::new(RefusalKind::WrongState, sentence, Vec::new())),
        None => Ok(who),
    }
}

fn not_theirs(facts: &Facts, rt: &RecordType, action: &Action, actor: &Actor) -> Refusal {
    let by = titles(&facts.service, rt, &action.by);
    let kinds = action.by.iter().filter_map(|who| match who {
        Who::Party(role) => rt.parties.get(role),
        _ => None,
    });
    let kinds: Vec<&str> = kinds
        .flat_map(|rule| rule.is.iter().map(|kind| kind_title(kind)))
        .collect();
    let hint = match (
        facts.record.is_none() && actor.acting_party().is_some(),
        kinds.is_empty(),
    ) {
        (true, false) => format!(
            "{}として行うことができます。どなたとして行うかを選び直してください。",
            kinds.join("か")
        ),
        _ => "サインインしている方や、どなたとして行うかを確かめてください。".into(),
    };
    Refusal::new(
        RefusalKind::WrongState,
        format!("「{}」を行えるのは{by}です。{hint}", action.title),
        Vec::new(),
    )
}

fn kind_title(kind: &str) -> &str {
    match kind {
        "person" => "個人",
        "corporation" => "法人",
        "body" => "団体",
        other => other,
    }
}

fn wrong_state(rt: &RecordType, action: &Action, snapshot: &Snapshot) -> Refusal {
    let state = rt.states.get(&snapshot.state);
    let now = state.map_or(snapshot.state.as_str(), |s| s.title.as_str());
    let mut sentence = format!("いまは「{now}」のため、「{}」はできません。", action.title);
    if let Some(line) = state.and_then(|s| s.line.as_deref()) {
        sentence.push_str(line);
    }
    Refusal::new(RefusalKind::WrongState, sentence, Vec::new())
}

/// The draft that the action decides, if one is under way.
fn draft<'s>(resolved: &Resolved<'_>, snapshot: Option<&'s Snapshot>) -> Option<&'s RouteState> {
    resolved.route?;
    snapshot?
        .route
        .as_ref()
        .filter(|state| state.action == resolved.main.name)
}

/// The input of a decision; what it leaves out is taken from the draft.
fn decided_input<'i>(
    resolved: &Resolved<'_>,
    act: &'i Act,
    snapshot: Option<&Snapshot>,
) -> Cow<'i, Map<String, Json>> {
    match draft(resolved, snapshot).filter(|state| state.sent_back.is_none()) {
        Some(state) => Cow::Owned(over(state, &act.input)),
        None => Cow::Borrowed(&act.input),
    }
}

fn over(state: &RouteState, input: &Map<String, Json>) -> Map<String, Json> {
    let mut all: Map<String, Json> = state
        .input
        .iter()
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    all.extend(input.iter().map(|(k, v)| (k.clone(), v.clone())));
    all
}

/// 起案, a step before the decision, 差戻し, 引戻し.
fn take_step(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    resolved: &Resolved<'_>,
    step: Step,
) -> Result<(), Refusal> {
    let act = world.act;
    let snapshot = world.facts.record.as_ref().ok_or_else(Refusal::not_found)?;
    let known = draft(resolved, Some(snapshot)).cloned();
    if matches!(step, Step::Pass | Step::PullBack) && !act.input.is_empty() {
        let faults = act.input.keys().map(|name| {
            input::unknown(
                format!("/input/{}", input::escape(name)),
                name,
                std::iter::empty(),
            )
        });
        return Err(invalid(faults.collect()));
    }
    let next = match (step, known) {
        (Step::Draft, known) => {
            let input = known.map_or_else(|| act.input.clone(), |state| over(&state, &act.input));
            let (input, step) = try_out(world, doing, resolved, &input, 0)?;
            let drafter = act.actor.account;
            RouteState {
                action: resolved.main.name.clone(),
                step,
                drafter,
                passed_by: Vec::new(),
                input,
                sent_back: None,
            }
        }
        (Step::Pass, Some(mut state)) => {
            let input = over(&state, &Map::new());
            state.step = try_out(world, doing, resolved, &input, state.step + 1)?.1;
            state.passed_by.extend(act.actor.account);
            state
        }
        (Step::SendBack, Some(state)) => RouteState {
            step: 0,
            passed_by: Vec::new(),
            sent_back: Some(reason(world)?),
            ..state
        },
        (Step::PullBack, Some(state)) => RouteState {
            step: 0,
            passed_by: Vec::new(),
            sent_back: Some("起案者が引き戻しました。".into()),
            ..state
        },
        _ => return Err(unread()),
    };
    world.begin(doing, false, true)?;
    world.put(doing.id, Patch::Route(Some(next)));
    Ok(())
}

fn reason(world: &World<'_>) -> Result<String, Refusal> {
    let field = route::reason_field();
    let mut faults: Vec<Fault> = Vec::new();
    for name in world.act.input.keys().filter(|name| *name != REASON) {
        faults.push(input::unknown(
            format!("/input/{}", input::escape(name)),
            name,
            [REASON].into_iter(),
        ));
    }
    let pointer = format!("/input/{REASON}");
    let mut reader = input::Reader {
        facts: world.facts,
        day: world.facts.today,
        draft: false,
        files: Vec::new(),
    };
    match reader.read(
        &field,
        world.act.input.get(REASON).unwrap_or(&Json::Null),
        &pointer,
    ) {
        Ok(Some(Json::String(reason))) if faults.is_empty() => return Ok(reason),
        Ok(Some(_)) => {}
        Ok(None) => faults.push(Fault::new(
            pointer,
            "required",
            input::plainly_missing(&field),
        )),
        Err(more) => faults.extend(more),
    }
    Err(invalid(faults))
}

/// Enters the drafted input on trial: answers it as read, by field name, and the next step that is needed from
/// `from` on. The decision is always needed.
fn try_out(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    resolved: &Resolved<'_>,
    input: &Map<String, Json>,
    from: usize,
) -> Result<(std::collections::BTreeMap<String, Json>, usize), Refusal> {
    let mut trial = World::new(world.facts, world.act);
    trial.begin(doing, false, true)?;
    let entered = input::enter(&mut trial, doing, resolved.main, input)?;
    if !entered.faults.is_empty() {
        return Err(invalid(entered.faults));
    }
    let steps = resolved.route.map_or(&[][..], |r| r.steps.as_slice());
    let scope = trial.scope(doing)?;
    let needed = |step: &definition::model::RouteStep| {
        step.when.as_ref().is_none_or(|when| scope.holds(when))
    };
    let last = steps.len().saturating_sub(1);
    let step = (from..last)
        .find(|at| steps.get(*at).is_some_and(needed))
        .unwrap_or(last);
    let snapshot = trial.get(doing.id).ok_or_else(unread)?;
    let form = input::form_fields(doing.rt, resolved.main);
    let value = |f: &&definition::model::Field| match snapshot.fields.get(&f.id) {
        Some(json) => crate::convert::outward(&f.kind, json),
        None => Json::Null,
    };
    let read = form
        .iter()
        .filter(|f| input.contains_key(&f.name))
        .map(|f| (f.name.clone(), value(f)))
        .collect();
    world.attachments.append(&mut trial.attachments);
    Ok((read, step))
}

/// The actions that this actor may take now, by state, capacity and route; their conditions are not evaluated.
#[must_use]
pub fn actions<'f>(facts: &'f Facts, record_type: &str, actor: &Actor) -> Vec<Cow<'f, Action>> {
    let Some(rt) = facts.service.types.get(record_type) else {
        return Vec::new();
    };
    let snapshot = facts.record.as_ref();
    if snapshot.is_some_and(|s| may_see(&facts.service, rt, actor, s).is_none()) {
        return Vec::new();
    }
    let possible = |resolved: &Resolved<'_>| {
        let action = resolved.action.as_ref();
        let fits = snapshot.map_or(action.opens, |s| action.from.contains(&s.state));
        fits && acting_as(rt, action, actor, snapshot).is_some()
            && route::obstacle(resolved, rt, actor, snapshot).is_none()
    };
    route::all(&facts.service, rt, snapshot)
        .into_iter()
        .filter(possible)
        .map(|resolved| resolved.action)
        .collect()
}

/// Whether an action takes any input.
#[must_use]
pub fn has_form(action: &Action) -> bool {
    action.form != Form::None
}
