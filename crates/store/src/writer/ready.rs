//! What of a commit can be made before it is the writer's turn.

use crate::failure::Failure;
use crate::tokens;
use kernel::Expect;
use kernel::port::{Commit, Finish, Prepared};

/// A commit on its way to the writer.
pub(crate) struct Work {
    pub(crate) expects: Vec<Expect>,
    pub(crate) step: Step,
}

/// Without numbers to draw, everything is made by the caller, and the writer, of which there is one, only writes.
pub(crate) enum Step {
    Draw(Vec<String>, Finish),
    Ready(Box<Ready>),
}

/// A prepared act in the forms that go into columns.
pub(crate) struct Ready {
    pub(crate) prepared: Prepared,
    /// Bodies of the events, in order.
    pub(crate) bodies: Vec<Vec<u8>>,
    /// Snapshots, in order.
    pub(crate) snapshots: Vec<Vec<u8>>,
    /// Search terms of the records that are new, in order of the records.
    pub(crate) terms: Vec<Option<String>>,
}

impl Work {
    pub(crate) fn new(commit: Commit) -> Result<Self, Failure> {
        let Commit {
            expects,
            draws,
            finish,
        } = commit;
        let step = if draws.is_empty() {
            Step::Ready(Box::new(Ready::new(finish(&[]))?))
        } else {
            Step::Draw(draws, finish)
        };
        Ok(Self { expects, step })
    }
}

impl Ready {
    pub(crate) fn new(prepared: Prepared) -> Result<Self, Failure> {
        let bodies = prepared
            .events
            .iter()
            .map(|event| serde_json::to_vec(&event.body))
            .collect::<Result<_, _>>()?;
        let snapshots = prepared
            .records
            .iter()
            .map(|(snapshot, _)| serde_json::to_vec(snapshot))
            .collect::<Result<_, _>>()?;
        let is_new = |id| {
            prepared
                .events
                .iter()
                .any(|event| event.header.record == id && event.header.seq == 1)
        };
        let terms = prepared
            .records
            .iter()
            .map(|(snapshot, derived)| is_new(snapshot.id).then(|| terms_of(&derived.search)))
            .collect();
        Ok(Self {
            prepared,
            bodies,
            snapshots,
            terms,
        })
    }
}

/// The terms' part of a search document.
pub(crate) fn terms_of(text: &str) -> String {
    tokens::terms_text(&japanese::fold::terms(text))
}
