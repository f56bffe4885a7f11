//! Who may take which step where a route stands.

use super::{Step, role, route_of};
use crate::snapshot::{RouteState, Snapshot};
use definition::model::{Action, RecordType, Route, RouteStep, Service, Who};

/// The route of this action under way, sent back or not.
pub(super) fn state<'s>(main: &Action, snapshot: Option<&'s Snapshot>) -> Option<&'s RouteState> {
    snapshot
        .and_then(|s| s.route.as_ref())
        .filter(|state| state.action == main.name)
}

/// Who may take the decision: where 専決 applies, from the delegated role on; without a draft the last one.
pub(super) fn deciders(main: &Action, last: &RouteStep, snapshot: Option<&Snapshot>) -> Vec<Who> {
    // Without a record: everybody who may come to decide.
    let Some(snapshot) = snapshot.filter(|_| last.delegated.is_some()) else {
        return last.by.clone();
    };
    let highest = last.by.len().saturating_sub(1);
    let from = state(main, Some(snapshot))
        .filter(|state| state.sent_back.is_none())
        .and_then(|state| state.decider)
        .unwrap_or(highest);
    last.by.iter().skip(from.min(highest)).cloned().collect()
}

/// Who may take a step before the decision, draft, pull back, send back or acknowledge.
pub(super) fn takers(
    main: &Action,
    route: &Route,
    step: Step,
    snapshot: Option<&Snapshot>,
) -> Vec<Who> {
    let under_way =
        state(main, snapshot).and_then(|state| Some((state, route.steps.get(state.step)?)));
    match (step, under_way) {
        (Step::Draft | Step::PullBack, _) => route.draft_by.clone(),
        (Step::Acknowledge, _) => everybody(route, |step| step.substitute),
        (_, Some((state, step))) => left(main, route, state, step, snapshot),
        (_, None) => everybody(route, |_| true),
    }
}

/// Those of a step who have not taken it yet.
fn left(
    main: &Action,
    route: &Route,
    state: &RouteState,
    step: &RouteStep,
    snapshot: Option<&Snapshot>,
) -> Vec<Who> {
    if state.step + 1 == route.steps.len() {
        return deciders(main, step, snapshot);
    }
    step.by
        .iter()
        .filter(|who| !step.every || !state.joined.contains_key(&role(who)))
        .cloned()
        .collect()
}

fn everybody(route: &Route, wanted: impl Fn(&RouteStep) -> bool) -> Vec<Who> {
    let steps = route.steps.iter().filter(|step| wanted(step));
    let mut all: Vec<Who> = steps.flat_map(|step| step.by.clone()).collect();
    all.sort();
    all.dedup();
    all
}

/// Whether a substitute may take the step where the route stands.
pub(super) fn substitutes(
    main: &Action,
    route: &Route,
    step: Step,
    snapshot: Option<&Snapshot>,
) -> bool {
    let waiting = state(main, snapshot).and_then(|state| route.steps.get(state.step));
    matches!(step, Step::Pass | Step::SendBack) && waiting.is_some_and(|step| step.substitute)
}

/// Who is waited for by a route under way.
pub(crate) fn waits_for(service: &Service, rt: &RecordType, snapshot: &Snapshot) -> Option<Who> {
    let state = snapshot.route.as_ref()?;
    let main = rt.actions.get(&state.action)?;
    let route = route_of(service, main)?;
    if state.sent_back.is_some() {
        return route.draft_by.first().cloned();
    }
    let step = route.steps.get(state.step)?;
    left(main, route, state, step, Some(snapshot))
        .into_iter()
        .next()
}
