//! Admission: who is let in, who waits a moment, who is told when to come back.
//!
//! What is let in shares few places, so that it is answered fast; how many there are follows from how long answers take
//! ([`limit`]). Who finds none waits in a short queue of its class; a queue that never empties waits less, since then
//! waiting only makes everybody late. Officials have places of their own, and whoever asks after the health is never
//! refused. `docs/decisions/0032-overload.md` says why.

mod class;
mod lane;
mod limit;
mod officials;
mod pulse;
mod rate;
mod room;
mod state;

pub(crate) use class::Class;
pub(crate) use room::{Held, Room};

use axum::http::HeaderMap;
use lane::{Lane, Place};
use officials::Officials;
use parking_lot::Mutex;
use pulse::Pulse;
use state::State;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::oneshot;

/// Time since some fixed moment, never going back.
pub(crate) type Monotonic = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Requests for health, numbers and static files under way at most: each is a matter of microseconds.
const VITAL_AT_MOST: usize = 256;
/// Uploads, downloads and drawn pages at once: each may hold a file of 20 MiB in memory.
const FILES_AT_ONCE: usize = 48;
/// Who has a file waits a little longer.
const FILES_WAIT: Duration = Duration::from_secs(5);
/// Requests that may wait for one; more would wait in vain.
const FILES_ROOM: usize = 256;
/// Passwords that are looked at at once: each takes 20 ms of a core and 19 MiB.
const PASSWORDS_AT_ONCE: usize = 4;
const PASSWORDS_ROOM: usize = 64;
const PASSWORDS_WAIT: Duration = Duration::from_millis(800);

/// The gate. Cheap to share.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    vital: Lane,
    files: Lane,
    passwords: Lane,
    officials: Officials,
    room: Room,
    pulse: Pulse,
    monotonic: Monotonic,
    counts: [Counts; Class::ALL.len()],
}

#[derive(Default)]
struct Counts {
    entered: AtomicU64,
    refused: AtomicU64,
}

/// What has passed the gate, for metrics.
pub(crate) struct Passed {
    pub(crate) class: Class,
    pub(crate) entered: u64,
    pub(crate) refused: u64,
    pub(crate) waiting: usize,
}

/// A request that was let in; leaving is dropping it, however the request ends.
pub(crate) struct Entered(Inside);

/// A place to come, and how long one waits for it.
type Waiting = (oneshot::Receiver<Entered>, Duration);

enum Inside {
    /// In a lane of its own.
    Lane(#[expect(dead_code, reason = "held for its place")] Place),
    Shared {
        gate: Gate,
        since: Duration,
    },
    /// Its place was handed on.
    Gone,
}

impl Gate {
    /// An empty house.
    pub(crate) fn new(monotonic: Monotonic) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            vital: Lane::new(VITAL_AT_MOST, 0, Duration::ZERO),
            files: Lane::new(FILES_AT_ONCE, FILES_ROOM, FILES_WAIT),
            passwords: Lane::new(PASSWORDS_AT_ONCE, PASSWORDS_ROOM, PASSWORDS_WAIT),
            officials: Officials::default(),
            room: Room::default(),
            pulse: Pulse::default(),
            monotonic,
            counts: Default::default(),
        }))
    }

    /// The class of a request, as far as its head says.
    pub(crate) fn class(
        &self,
        method: &axum::http::Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Class {
        let official = || self.0.officials.is_known(headers);
        Class::of(method, path, official)
    }

    /// Remembers that an official is behind a session, so that their next request is let in as one.
    pub(crate) fn remember_official(&self, secret: &str) {
        self.0.officials.remember(secret);
    }

    /// Memory for bodies that are being read.
    pub(crate) fn room(&self) -> &Room {
        &self.0.room
    }

    /// Lets a request in, now or within a moment; none if it should come back later.
    pub(crate) async fn enter(&self, class: Class) -> Option<Entered> {
        let entered = match class {
            Class::Vital => self.0.vital.enter().await.map(Entered::of),
            Class::Files => self.0.files.enter().await.map(Entered::of),
            Class::Password => self.0.passwords.enter().await.map(Entered::of),
            Class::Official | Class::Act | Class::Read => self.share(class).await,
        };
        self.count(class, entered.is_some());
        entered
    }

    /// Whether a request of the class need not even wait. It is counted as refused then.
    pub(crate) fn turns_away(&self, class: Class) -> bool {
        let now = (self.0.monotonic)();
        let turned = self.0.state.lock().turns_away(class, now);
        if turned {
            self.count(class, false);
        }
        turned
    }

    fn count(&self, class: Class, entered: bool) {
        if let Some(counts) = self.0.counts.get(class as usize) {
            let counter = if entered {
                &counts.entered
            } else {
                &counts.refused
            };
            counter.fetch_add(1, Relaxed);
        }
    }

    async fn share(&self, class: Class) -> Option<Entered> {
        let (answered, patience) = match self.place(class)? {
            Ok(entered) => {
                // Who was handed a place need not: those before whom it stood in the queue have been looked at.
                self.0.pulse.step_back(&self.0.monotonic).await;
                return Some(entered);
            }
            Err(waiting) => waiting,
        };
        tokio::time::timeout(patience, answered).await.ok()?.ok()
    }

    /// A place, or a wait for one; none if waiting would be in vain.
    fn place(&self, class: Class) -> Option<Result<Entered, Waiting>> {
        let now = (self.0.monotonic)();
        let mut state = self.0.state.lock();
        if state.takes(class) {
            return Some(Ok(self.entered(now)));
        }
        let (answer, answered) = oneshot::channel();
        let patience = state.queue(class, answer, now)?;
        Some(Err((answered, patience)))
    }

    fn entered(&self, since: Duration) -> Entered {
        Entered(Inside::Shared {
            gate: self.clone(),
            since,
        })
    }

    /// One has left: its place goes to whoever waits.
    fn leave(&self, since: Duration) {
        let now = (self.0.monotonic)();
        let mut state = self.0.state.lock();
        state.left(now.saturating_sub(since), now);
        while let Some(waiter) = state.next() {
            drop(state);
            if let Err(unwanted) = waiter.send(self.entered(now)) {
                unwanted.forget();
                state = self.0.state.lock();
                state.put_back();
            } else {
                state = self.0.state.lock();
            }
        }
    }

    /// Requests under way that share places, and how many places there are.
    pub(crate) fn under_way(&self) -> (usize, usize) {
        let state = self.0.state.lock();
        (state.inside(), state.places())
    }

    /// What has passed, by class.
    pub(crate) fn passed(&self) -> Vec<Passed> {
        let state = self.0.state.lock();
        let one = |class: Class| {
            let counts = self.0.counts.get(class as usize)?;
            Some(Passed {
                class,
                entered: counts.entered.load(Relaxed),
                refused: counts.refused.load(Relaxed),
                waiting: state.waiting(class),
            })
        };
        Class::ALL.into_iter().filter_map(one).collect()
    }
}

impl Entered {
    fn of(place: Place) -> Self {
        Self(Inside::Lane(place))
    }

    /// Whoever waited went away: the place is still the giver's.
    fn forget(mut self) {
        self.0 = Inside::Gone;
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Inside::Shared { gate, since } = std::mem::replace(&mut self.0, Inside::Gone) {
            gate.leave(since);
        }
    }
}

#[cfg(test)]
mod tests;
