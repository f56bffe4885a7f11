//! Why a step cannot be taken where the route stands.

use super::{Resolved, Step};
use crate::act::Actor;
use crate::snapshot::{RouteState, Snapshot};
use definition::model::{RecordType, Who};

/// Why the step cannot be taken where the route stands, as a sentence; none if it can.
#[must_use]
pub fn obstacle(
    resolved: &Resolved<'_>,
    rt: &RecordType,
    actor: &Actor,
    snapshot: Option<&Snapshot>,
) -> Option<String> {
    let state = snapshot.and_then(|s| s.route.as_ref());
    let under_way = state.filter(|s| s.sent_back.is_none());
    if resolved.step == Step::Acknowledge {
        return (!waited_for(resolved, actor, snapshot))
            .then(|| "あなたの後閲を待つ代決はありません。".into());
    }
    if resolved.route.is_none() {
        return desk_waits(resolved, rt, actor, under_way);
    }
    if let Some(other) = under_way.filter(|s| s.action != resolved.main.name) {
        return Some(format!(
            "「{}」の決裁が進んでいます。終わるか差し戻されるまでお待ちください。",
            title(rt, other)
        ));
    }
    match resolved.step {
        Step::Draft => {
            under_way.map(|_| "すでに起案されています。直すときは先に引き戻してください。".into())
        }
        Step::PullBack => match under_way {
            None => Some("起案されていません。".into()),
            Some(state) => {
                (!drafted_by(state, actor)).then(|| "引き戻せるのは起案した人だけです。".into())
            }
        },
        Step::Pass | Step::SendBack => match under_way {
            None => Some("起案されていません。".into()),
            Some(state) => step_obstacle(resolved, state, actor),
        },
        Step::Act => decide_obstacle(resolved, state, actor),
        Step::Acknowledge => None,
    }
}

fn title<'a>(rt: &'a RecordType, state: &'a RouteState) -> &'a str {
    rt.actions
        .get(&state.action)
        .map_or(state.action.as_str(), |action| action.title.as_str())
}

/// Parties may still withdraw; the desk first pulls back what it has drafted.
fn desk_waits(
    resolved: &Resolved<'_>,
    rt: &RecordType,
    actor: &Actor,
    under_way: Option<&RouteState>,
) -> Option<String> {
    let desk = resolved.main.by.iter().all(|w| matches!(w, Who::Desk(_)));
    let state = under_way.filter(|_| desk && !actor.system)?;
    Some(format!(
        "「{}」の決裁が進んでいます。先に引き戻すか、差し戻してください。",
        title(rt, state)
    ))
}

/// Whether an acknowledgement (後閲) of this action's route is waited for from the actor.
fn waited_for(resolved: &Resolved<'_>, actor: &Actor, snapshot: Option<&Snapshot>) -> bool {
    let marks = snapshot.map_or(&[][..], |s| &s.trail);
    actor.account.is_some()
        && marks
            .iter()
            .any(|mark| mark.action == resolved.main.name && mark.waits_for() == actor.account)
}

fn drafted_by(state: &RouteState, actor: &Actor) -> bool {
    actor.account.is_some() && state.drafter == actor.account
}

fn last(resolved: &Resolved<'_>) -> usize {
    resolved
        .route
        .map_or(0, |r| r.steps.len().saturating_sub(1))
}

fn step_obstacle(resolved: &Resolved<'_>, state: &RouteState, actor: &Actor) -> Option<String> {
    if resolved.step == Step::Pass && state.step >= last(resolved) {
        return Some(format!(
            "残っているのは決定だけです。「{}」で決定してください。",
            resolved.main.title
        ));
    }
    if drafted_by(state, actor) {
        return Some(
            "起案した人は自分の起案を審査できません。ほかの担当者に頼むか、引き戻してください。"
                .into(),
        );
    }
    let joined = state.joined.values().any(|one| Some(*one) == actor.account);
    (resolved.step == Step::Pass && joined)
        .then(|| "この合議は、役割ごとに別の人が通します。ほかの担当者に頼んでください。".into())
}

fn decide_obstacle(
    resolved: &Resolved<'_>,
    state: Option<&RouteState>,
    actor: &Actor,
) -> Option<String> {
    let mine = state.filter(|s| s.action == resolved.main.name);
    if mine.is_some_and(|s| drafted_by(s, actor)) {
        return Some("起案した人は決定できません。ほかの決裁者が決定します。".into());
    }
    match mine.filter(|s| s.sent_back.is_none()) {
        Some(state) if state.step < last(resolved) => {
            Some("まだ審査の途中です。審査が済むと決定できます。".into())
        }
        Some(_) => None,
        None if resolved.route.is_some_and(|r| r.draft_required) => {
            Some("決定する前に、ほかの職員の起案が要ります。先に起案してください。".into())
        }
        None => None,
    }
}
