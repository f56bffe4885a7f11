//! The steps of a procedure, from the states of its record type.

use definition::model::{RecordType, State};

/// One step.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) title: String,
    pub(super) past: bool,
    pub(super) now: bool,
}

/// Fewer steps say nothing.
const FEWEST: usize = 3;

/// The way through a type's states in the order of their declaration: without those that only lead back to an earlier
/// one (a detour), and with the first end alone. While in a detour, the step to which it leads back is the present
/// one. None for registers, and once another end than the first was reached.
pub(super) fn steps(rt: &RecordType, state: &str) -> Vec<Step> {
    if rt.register {
        return Vec::new();
    }
    let place = |name: &str| rt.states.get_index_of(name);
    let back = |one: &State| back_to(rt, one).and_then(|name| place(&name));
    let end = rt.states.values().find(|one| one.ended);
    let way: Vec<&State> = rt
        .states
        .values()
        .filter(|one| {
            end.is_some_and(|end| end.name == one.name) || (!one.ended && back(one).is_none())
        })
        .collect();
    let Some(here) = rt.states.get(state) else {
        return Vec::new();
    };
    let stands = back(here)
        .and_then(|at| rt.states.get_index(at))
        .map_or(state, |(name, _)| name);
    let Some(at) = way.iter().position(|one| one.name == stands) else {
        return Vec::new();
    };
    if way.len() < FEWEST {
        return Vec::new();
    }
    let done = way.get(at).is_some_and(|one| one.ended);
    let step = |(n, one): (usize, &&State)| Step {
        title: if n == at {
            here.title.clone()
        } else {
            one.title.clone()
        },
        past: n < at || (done && n == at),
        now: n == at && !done,
    };
    way.iter().enumerate().map(step).collect()
}

/// The earlier state to which every way out of a state leads that does not end it.
fn back_to(rt: &RecordType, one: &State) -> Option<String> {
    let here = rt.states.get_index_of(&one.name)?;
    let mut to = None;
    for action in rt
        .actions
        .values()
        .filter(|action| action.from.contains(&one.name))
    {
        let Some(target) = action.to.as_ref().filter(|target| **target != one.name) else {
            continue;
        };
        if rt.states.get(target).is_some_and(|state| state.ended) {
            continue;
        }
        if rt.states.get_index_of(target)? > here {
            return None;
        }
        to = Some(target.clone());
    }
    to.filter(|_| here > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Site;

    #[tokio::test]
    async fn a_detour_stands_at_the_step_it_leads_back_to() {
        let site = Site::new().await;
        let catalogue = site.app.engine.catalogue();
        let service = catalogue.services.get("mihon").unwrap();
        let rt = service.types.get("request").unwrap();
        for state in rt.states.values() {
            let steps = steps(rt, &state.name);
            let now = steps.iter().filter(|step| step.now).count();
            let past = steps.iter().take_while(|step| step.past).count();
            assert!(now <= 1 && steps.iter().filter(|step| step.past).count() == past);
            assert!(
                steps.is_empty() || now == 1 || past == steps.len(),
                "{steps:?}"
            );
        }
    }
}
