//! Where a decision (決裁) stands, as desks see it: its steps, who took them when, for whom, and what they said.

use crate::view::tokyo;
use definition::model::{RecordType, Service};
use kernel::{RouteDeed, RouteMark, Snapshot};
use serde_json::{Value as Json, json};

/// The line of a route: under way, or the last one that was.
#[derive(Clone)]
pub struct RouteLine {
    /// The action that is decided.
    pub action: String,
    /// Its title.
    pub action_title: String,
    /// Title of the route.
    pub title: String,
    /// Whether it is under way.
    pub under_way: bool,
    /// Why it was sent back to the drafter, if it waits there.
    pub sent_back: Option<String>,
    /// The draft and the steps.
    pub steps: Vec<LineStep>,
}

/// One step of a line.
#[derive(Clone)]
pub struct LineStep {
    /// Title (起案, 審査, 決定).
    pub title: String,
    /// Titles of the roles that may take it.
    pub by: Vec<String>,
    /// How it stands.
    pub status: LineStatus,
    /// Who took it, in this round.
    pub marks: Vec<RouteMark>,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineStatus {
    /// Taken.
    Taken,
    /// Waited for.
    Waiting,
    /// Still to come, or not needed.
    Ahead,
}

impl LineStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Waiting => "waiting",
            Self::Ahead => "ahead",
        }
    }
}

/// The line of a record; none if no route was ever begun.
pub(crate) fn line(service: &Service, rt: &RecordType, snapshot: &Snapshot) -> Option<RouteLine> {
    let state = snapshot.route.as_ref();
    let last = snapshot.trail.last();
    let name = state.map(|s| &s.action).or(last.map(|mark| &mark.action))?;
    let action = rt.actions.get(name)?;
    let route = kernel::route::route_of(service, action)?;
    let round = round(&snapshot.trail, name);
    let sent_back = state.and_then(|s| s.sent_back.clone());
    let waiting = state.filter(|s| s.sent_back.is_none()).map(|s| s.step);
    let drafted: Vec<RouteMark> = marks(round, "起案", RouteDeed::Drafted);
    let mut steps = vec![LineStep {
        title: "起案".into(),
        by: titles(service, &route.draft_by),
        status: match (&sent_back, drafted.is_empty()) {
            (Some(_), _) => LineStatus::Waiting,
            (None, false) => LineStatus::Taken,
            (None, true) => LineStatus::Ahead,
        },
        marks: drafted,
    }];
    for (at, step) in route.steps.iter().enumerate() {
        let deed = match at + 1 == route.steps.len() {
            true => RouteDeed::Decided,
            false => RouteDeed::Passed,
        };
        let taken = marks(round, &step.title, deed);
        let status = match waiting {
            _ if sent_back.is_some() => LineStatus::Ahead,
            Some(here) if here == at => LineStatus::Waiting,
            Some(here) if here < at => LineStatus::Ahead,
            _ if taken.is_empty() => LineStatus::Ahead,
            _ => LineStatus::Taken,
        };
        steps.push(LineStep {
            title: step.title.clone(),
            by: titles(service, &step.by),
            status,
            marks: taken,
        });
    }
    Some(RouteLine {
        action: name.clone(),
        action_title: action.title.clone(),
        title: route.title.clone(),
        under_way: state.is_some(),
        sent_back,
        steps,
    })
}

/// The marks of an action's route from its last draft on.
fn round<'m>(trail: &'m [RouteMark], action: &str) -> &'m [RouteMark] {
    let start = trail
        .iter()
        .rposition(|mark| mark.action == action && mark.deed == RouteDeed::Drafted);
    let start = start.unwrap_or_else(|| trail.len().saturating_sub(1));
    trail.get(start..).unwrap_or_default()
}

fn marks(round: &[RouteMark], step: &str, deed: RouteDeed) -> Vec<RouteMark> {
    let found = round.iter().filter(|m| m.step == step && m.deed == deed);
    found.cloned().collect()
}

fn titles(service: &Service, by: &[definition::model::Who]) -> Vec<String> {
    by.iter()
        .map(|who| {
            let name = who.to_string();
            let role = name.strip_prefix("desk.").unwrap_or(&name);
            service
                .roles
                .get(role)
                .map_or_else(|| name.clone(), |found| found.title.clone())
        })
        .collect()
}

impl RouteLine {
    /// The steps for clients.
    #[must_use]
    pub fn steps_json(&self) -> Json {
        let step = |step: &LineStep| {
            json!({
                "title": step.title, "by": step.by, "status": step.status.name(),
                "taken": step.marks.iter().map(mark_json).collect::<Vec<_>>(),
            })
        };
        self.steps.iter().map(step).collect()
    }
}

/// A mark for clients: who took a step when, for whom (代決), whether it was acknowledged (後閲).
#[must_use]
pub fn mark_json(mark: &RouteMark) -> Json {
    json!({
        "action": mark.action, "step": mark.step, "deed": mark.deed,
        "actor": {"name": mark.name, "as": mark.role}, "at": tokyo(mark.at),
        "comment": mark.comment, "back_to": mark.back_to,
        "substitute_for": mark.absent.as_ref().map(|absent| &absent.name),
        "acknowledged_at": mark.reviewed.as_ref().map(|reviewed| tokyo(reviewed.at)),
        "acknowledgement": mark.reviewed.as_ref().and_then(|reviewed| reviewed.comment.clone()),
    })
}
