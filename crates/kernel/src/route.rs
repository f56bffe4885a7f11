//! Routes (決裁): an action that goes through one is drafted, passed, sent back, pulled back and decided by further
//! actions on the same record. The last step is the action itself, and whoever drafted it never takes it.

use crate::act::Actor;
use crate::snapshot::{RouteState, Snapshot};
use definition::model::{Action, Field, FieldKind, Form, RecordType, Route, Service, Tone, Who};
use std::borrow::Cow;

/// The input of a send-back: why.
pub const REASON: &str = "reason";

/// What an action does to a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// No route, or the decision at its end.
    Act,
    /// 起案.
    Draft,
    /// A step before the decision.
    Pass,
    /// 差戻し.
    SendBack,
    /// 引戻し.
    PullBack,
}

/// An action of a record type, its own or one that a route brings.
#[derive(Clone, Debug)]
pub struct Resolved<'a> {
    /// The action as people see it.
    pub action: Cow<'a, Action>,
    /// The action of the definition.
    pub main: &'a Action,
    /// What it does to the route.
    pub step: Step,
    /// The route, if it goes through one.
    pub route: Option<&'a Route>,
}

const STEPS: [(Step, &str); 4] = [
    (Step::Draft, "_draft"),
    (Step::Pass, "_pass"),
    (Step::SendBack, "_send_back"),
    (Step::PullBack, "_pull_back"),
];

/// An action by name, those of routes included; who takes the steps of a route depends on where it stands.
#[must_use]
pub fn resolve<'a>(
    service: &'a Service,
    rt: &'a RecordType,
    name: &str,
    snapshot: Option<&Snapshot>,
) -> Option<Resolved<'a>> {
    if let Some(main) = rt.actions.get(name) {
        let route = route_of(service, main);
        return Some(Resolved {
            action: decision(main, route),
            main,
            step: Step::Act,
            route,
        });
    }
    STEPS.iter().find_map(|(step, suffix)| {
        let main = rt.actions.get(name.strip_suffix(suffix)?)?;
        let route = route_of(service, main)?;
        Some(generate(main, route, *step, suffix, snapshot))
    })
}

/// All actions of a record type in order, those of routes after their action.
#[must_use]
pub fn all<'a>(
    service: &'a Service,
    rt: &'a RecordType,
    snapshot: Option<&Snapshot>,
) -> Vec<Resolved<'a>> {
    let mut all = Vec::with_capacity(rt.actions.len());
    for main in rt.actions.values() {
        let route = route_of(service, main);
        all.push(Resolved {
            action: decision(main, route),
            main,
            step: Step::Act,
            route,
        });
        if let Some(route) = route {
            all.extend(
                STEPS
                    .iter()
                    .map(|(step, suffix)| generate(main, route, *step, suffix, snapshot)),
            );
        }
    }
    all
}

fn route_of<'a>(service: &'a Service, main: &Action) -> Option<&'a Route> {
    main.route
        .as_ref()
        .and_then(|name| service.routes.get(name))
}

/// The action itself; with a route, whoever takes its last step decides.
fn decision<'a>(main: &'a Action, route: Option<&Route>) -> Cow<'a, Action> {
    match route.and_then(|r| r.steps.last()) {
        Some(last) if last.by != main.by && !last.by.is_empty() => {
            let mut action = main.clone();
            action.by.clone_from(&last.by);
            Cow::Owned(action)
        }
        _ => Cow::Borrowed(main),
    }
}

fn generate<'a>(
    main: &'a Action,
    route: &'a Route,
    step: Step,
    suffix: &str,
    snapshot: Option<&Snapshot>,
) -> Resolved<'a> {
    let (title, tone) = match step {
        Step::Draft => ("起案する", Tone::Primary),
        Step::Pass => ("審査を通す", Tone::Primary),
        Step::SendBack => ("差し戻す", Tone::Secondary),
        Step::PullBack | Step::Act => ("引き戻す", Tone::Secondary),
    };
    let action = Action {
        name: format!("{}{suffix}", main.name),
        title: format!("{title}（{}）", main.title),
        by: by(route, step, snapshot),
        opens: false,
        from: main.from.clone(),
        to: None,
        form: match step {
            Step::Draft => main.form.clone(),
            Step::SendBack => Form::Fields(vec![REASON.into()]),
            _ => Form::None,
        },
        require: if step == Step::Draft {
            main.require.clone()
        } else {
            Vec::new()
        },
        when: None,
        route: None,
        change: Vec::new(),
        effect: Vec::new(),
        confirm: None,
        tone,
    };
    Resolved {
        action: Cow::Owned(action),
        main,
        step,
        route: Some(route),
    }
}

fn by(route: &Route, step: Step, snapshot: Option<&Snapshot>) -> Vec<Who> {
    let waiting = snapshot
        .and_then(|s| s.route.as_ref())
        .and_then(|state| route.steps.get(state.step));
    match (step, waiting) {
        (Step::Draft | Step::PullBack, _) => route.draft_by.clone(),
        (_, Some(step)) => step.by.clone(),
        // Without a record: everybody who may come to take a step.
        (_, None) => {
            let mut all: Vec<Who> = route.steps.iter().flat_map(|s| s.by.clone()).collect();
            all.sort();
            all.dedup();
            all
        }
    }
}

/// The field that a send-back asks for; it is in no definition.
#[must_use]
pub fn reason_field() -> Field {
    Field {
        id: REASON.into(),
        name: REASON.into(),
        title: "差戻しの理由".into(),
        help: Some("起案した人が直せるように、理由と直すところを書いてください。".into()),
        kind: FieldKind::Text {
            multiline: true,
            max_chars: 2000,
        },
        required: true,
        show_if: None,
        value: None,
        default: None,
        checks: Vec::new(),
        missing: None,
        sensitive: false,
    }
}

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
    if resolved.route.is_none() {
        return under_way
            .filter(|_| resolved.main.by.iter().all(|w| matches!(w, Who::Desk(_))) && !actor.system)
            .and_then(|s| {
                // Parties may still withdraw; the desk first pulls back what it has drafted.
                rt.actions.get(&s.action).map(|a| {
                    format!(
                        "「{}」の決裁が進んでいます。先に引き戻すか、差し戻してください。",
                        a.title
                    )
                })
            });
    }
    if let Some(other) = under_way.filter(|s| s.action != resolved.main.name) {
        let title = rt
            .actions
            .get(&other.action)
            .map_or(other.action.as_str(), |a| a.title.as_str());
        return Some(format!(
            "「{title}」の決裁が進んでいます。終わるか差し戻されるまでお待ちください。"
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
    }
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
    drafted_by(state, actor).then(|| {
        "起案した人は自分の起案を審査できません。ほかの担当者に頼むか、引き戻してください。".into()
    })
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

/// Who is waited for by a route under way.
pub(crate) fn waits_for<'a>(
    service: &'a Service,
    rt: &'a RecordType,
    snapshot: &Snapshot,
) -> Option<&'a Who> {
    let state = snapshot.route.as_ref()?;
    let route = route_of(service, rt.actions.get(&state.action)?)?;
    if state.sent_back.is_some() {
        return route.draft_by.first();
    }
    route.steps.get(state.step)?.by.first()
}
