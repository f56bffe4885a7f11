//! What of a commit can be made before it is the writer's turn.

use crate::failure::Failure;
use crate::tokens;
use kernel::Expect;
use kernel::port::{Commit, Finish, Prepared, Writes};
use std::sync::Arc;
use tokio::sync::oneshot;

/// A commit on its way to the writer.
pub(crate) struct Work {
    pub(crate) expects: Vec<Expect>,
    pub(crate) step: Step,
}

/// Without numbers to draw, everything is made by the caller, and the writer, of which there is one, only writes.
pub(crate) enum Step {
    Draw(Draw),
    Ready(Box<Ready>),
}

/// An act that draws numbers.
pub(crate) struct Draw {
    pub(crate) counters: Vec<String>,
    finish: Finish,
    foreseen: Option<Foreseen>,
}

/// What its caller makes of an act meanwhile, if these are the numbers that it draws.
struct Foreseen {
    numbers: Vec<u64>,
    made: oneshot::Receiver<Result<Ready, Failure>>,
}

/// Makes an act of the numbers that were foreseen.
pub(crate) struct Ahead {
    finish: Finish,
    numbers: Vec<u64>,
    made: oneshot::Sender<Result<Ready, Failure>>,
}

impl Ahead {
    pub(crate) fn make(self) {
        // Where the act is over already, nobody waits for it.
        drop(self.made.send(Ready::new((self.finish)(&self.numbers))));
    }
}

impl Draw {
    /// The writer will probably draw these numbers for it.
    pub(crate) fn foresee(&mut self, numbers: Vec<u64>) -> Ahead {
        let (made, receiver) = oneshot::channel();
        self.foreseen = Some(Foreseen {
            numbers: numbers.clone(),
            made: receiver,
        });
        Ahead {
            finish: Arc::clone(&self.finish),
            numbers,
            made,
        }
    }

    /// The act with the numbers that it drew: as its caller has made it, or made now. Runs on the writer's thread.
    pub(crate) fn finish(self, drawn: &[u64]) -> Result<Ready, Failure> {
        let made = self
            .foreseen
            .filter(|foreseen| foreseen.numbers == drawn)
            .and_then(|foreseen| foreseen.made.blocking_recv().ok());
        made.unwrap_or_else(|| Ready::new((self.finish)(drawn)))
    }
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
        let Commit { expects, writes } = commit;
        let step = match writes {
            Writes::Ready(prepared) => Step::Ready(Box::new(Ready::new(*prepared)?)),
            Writes::Numbered { counters, finish } => Step::Draw(Draw {
                counters,
                finish,
                foreseen: None,
            }),
        };
        Ok(Self { expects, step })
    }

    /// The counters that it draws from.
    pub(crate) fn counters(&self) -> &[String] {
        match &self.step {
            Step::Draw(draw) => &draw.counters,
            Step::Ready(_) => &[],
        }
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
