//! Routes (決裁): an action that goes through one is drafted, passed, sent back, pulled back and decided by further
//! actions on the same record. The last step is the action itself, and whoever drafted it never takes it. What a
//! substitute does for an absent person (代決), that person acknowledges afterwards (後閲).

mod ask;
mod obstacle;
mod take;
mod waiting;

pub use ask::{BACK_TO, COMMENT, REASON};
pub use obstacle::obstacle;
pub(crate) use take::{decided, decided_input, take};
pub(crate) use waiting::waits_for;

use crate::snapshot::Snapshot;
use definition::model::{Action, Assured, Batch, Form, RecordType, Route, Service, Tone, Who};
use std::borrow::Cow;

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
    /// 後閲.
    Acknowledge,
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

impl Resolved<'_> {
    /// Whether it goes on from what somebody drafted: then it rests on that draft.
    pub(crate) fn goes_on_from_a_draft(&self, snapshot: &Snapshot) -> bool {
        self.route.is_some()
            && self.step != Step::Acknowledge
            && snapshot
                .route
                .as_ref()
                .is_some_and(|state| state.action == self.main.name)
    }
}

const STEPS: [(Step, &str); 5] = [
    (Step::Draft, "_draft"),
    (Step::Pass, "_pass"),
    (Step::SendBack, "_send_back"),
    (Step::PullBack, "_pull_back"),
    (Step::Acknowledge, "_acknowledge"),
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
        return Some(own(service, main, snapshot));
    }
    STEPS.iter().find_map(|(step, suffix)| {
        let main = rt.actions.get(name.strip_suffix(suffix)?)?;
        let route = route_of(service, main).filter(|route| has(route, *step))?;
        Some(generate(rt, main, route, *step, suffix, snapshot))
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
        // One that does not fit the state and brings no steps need not be looked at further.
        let fits = snapshot.is_none_or(|s| main.from.contains(&s.state));
        if !fits && route_of(service, main).is_none() {
            continue;
        }
        let resolved = own(service, main, snapshot);
        let route = resolved.route;
        all.push(resolved);
        if let Some(route) = route {
            let steps = STEPS.iter().filter(|(step, _)| has(route, *step));
            all.extend(
                steps.map(|(step, suffix)| generate(rt, main, route, *step, suffix, snapshot)),
            );
        }
    }
    all
}

/// The route of an action.
#[must_use]
pub fn route_of<'a>(service: &'a Service, main: &Action) -> Option<&'a Route> {
    main.route
        .as_ref()
        .and_then(|name| service.routes.get(name))
}

fn has(route: &Route, step: Step) -> bool {
    step != Step::Acknowledge || route.steps.iter().any(|step| step.substitute)
}

fn own<'a>(service: &'a Service, main: &'a Action, snapshot: Option<&Snapshot>) -> Resolved<'a> {
    let route = route_of(service, main);
    Resolved {
        action: decision(main, route, snapshot),
        main,
        step: Step::Act,
        route,
    }
}

/// The action itself; with a route, whoever takes its last step decides.
fn decision<'a>(
    main: &'a Action,
    route: Option<&Route>,
    snapshot: Option<&Snapshot>,
) -> Cow<'a, Action> {
    let Some(last) = route.and_then(|route| route.steps.last()) else {
        return Cow::Borrowed(main);
    };
    let mut action = main.clone();
    let by = waiting::deciders(main, last, snapshot);
    if !by.is_empty() {
        action.by = by;
    }
    action.substitute = last.substitute;
    action.extra = vec![ask::comment()];
    Cow::Owned(action)
}

fn generate<'a>(
    rt: &RecordType,
    main: &'a Action,
    route: &'a Route,
    step: Step,
    suffix: &str,
    snapshot: Option<&Snapshot>,
) -> Resolved<'a> {
    let (title, tone) = match step {
        // A draft of a refusal or a revocation looks like one.
        Step::Draft if main.tone == Tone::Danger => ("起案する", Tone::Danger),
        Step::Draft => ("起案する", Tone::Primary),
        Step::Pass => ("審査を通す", Tone::Primary),
        Step::SendBack => ("差し戻す", Tone::Secondary),
        Step::Acknowledge => ("後閲する", Tone::Primary),
        Step::PullBack | Step::Act => ("引き戻す", Tone::Secondary),
    };
    let drafts = step == Step::Draft;
    let action = Action {
        name: format!("{}{suffix}", main.name),
        title: format!("{title}（{}）", main.title),
        by: waiting::takers(main, route, step, snapshot),
        opens: false,
        from: match step {
            // What was decided stays to be acknowledged, whatever became of the record.
            Step::Acknowledge => rt.states.keys().cloned().collect(),
            _ => main.from.clone(),
        },
        to: None,
        form: if drafts {
            main.form.clone()
        } else {
            Form::None
        },
        require: if drafts {
            main.require.clone()
        } else {
            Vec::new()
        },
        when: None,
        route: None,
        change: Vec::new(),
        effect: Vec::new(),
        confirm: None,
        note: false,
        tone,
        batch: match step {
            Step::Draft | Step::Pass => main.batch.clone(),
            Step::Acknowledge => Some(Batch::Always),
            Step::SendBack | Step::PullBack | Step::Act => None,
        },
        corrects: if drafts {
            main.corrects.clone()
        } else {
            Vec::new()
        },
        // Whoever takes part in deciding is known as surely as whoever decides; stepping back needs less.
        assurance: match step {
            Step::Draft | Step::Pass | Step::Act => main.assurance,
            Step::SendBack | Step::PullBack | Step::Acknowledge => Assured::default(),
        },
        extra: ask::fields(route, step),
        substitute: waiting::substitutes(main, route, step, snapshot),
    };
    Resolved {
        action: Cow::Owned(action),
        main,
        step,
        route: Some(route),
    }
}

/// Roles of desks, by name as under `by`.
fn role(who: &Who) -> String {
    who.to_string()
}
