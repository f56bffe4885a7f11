//! Places that are shared, and queues for them. Pure: the time comes in.

use super::limit::Limit;
use super::rate::Rate;
use super::{Class, Entered};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::oneshot;

/// Who waits in one queue at most.
const WAITING_AT_MOST: usize = 512;
/// And at least, also where next to nothing is answered.
const WAITING_AT_LEAST: usize = 8;
/// How long one waits for a place while the queue empties now and then.
const PATIENCE: Duration = Duration::from_millis(250);
/// And while it does not: waiting cannot help all, so it helps those who are let in if it is short ("controlled delay":
/// B. Maurer, Fail at Scale, ACM Queue 13(8), 2015).
const SHORT_PATIENCE: Duration = Duration::from_millis(80);
/// Who sends something waits longer than who looks.
const ACTS_WAIT_TIMES: u32 = 2;
/// A queue that was not empty for so long stands.
const STANDS_AFTER: Duration = Duration::from_millis(500);
/// Whose turn it is when several classes wait.
const TURNS: [Class; 8] = [
    Class::Official,
    Class::Act,
    Class::Official,
    Class::Read,
    Class::Act,
    Class::Official,
    Class::Act,
    Class::Read,
];

pub(super) type Waiter = oneshot::Sender<Entered>;

#[derive(Default)]
pub(super) struct State {
    limit: Limit,
    rate: Rate,
    inside: usize,
    queues: [Queue; 3],
    turn: usize,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiter>,
    /// Since when somebody has always waited.
    standing: Option<Duration>,
}

impl State {
    /// Takes a place, if there is one for the class and nobody of it waits.
    pub(super) fn takes(&mut self, class: Class) -> bool {
        let waits = self
            .queue_of(class)
            .is_some_and(|queue| !queue.waiting.is_empty());
        let free = !waits && self.inside < self.room(class);
        if free {
            self.inside += 1;
        } else {
            self.limit.full();
        }
        free
    }

    /// Lets one wait; answers how long it does, none if too many do.
    pub(super) fn queue(
        &mut self,
        class: Class,
        waiter: Waiter,
        now: Duration,
    ) -> Option<Duration> {
        if self.turns_away(class, now) {
            return None;
        }
        let queue = self.queue_of(class)?;
        queue.waiting.push_back(waiter);
        queue.standing.get_or_insert(now);
        Some(patience(class, queue.stands(now)))
    }

    /// Whether waiting would be in vain: as many wait already as can be let in before their patience ends. Whoever is
    /// told so at once costs the least, and what refusals cost is missing for the rest.
    pub(super) fn turns_away(&mut self, class: Class, now: Duration) -> bool {
        let served = self.rate.within(patience(class, true));
        let Some(queue) = self.queue_of(class) else {
            return false;
        };
        let most = match queue.stands(now) {
            true => served.clamp(WAITING_AT_LEAST, WAITING_AT_MOST),
            false => WAITING_AT_MOST,
        };
        if queue.waiting.len() >= most {
            queue.waiting.retain(|waiter| !waiter.is_closed());
        }
        queue.waiting.len() >= most
    }

    /// One has left, after so long.
    pub(super) fn left(&mut self, took: Duration, now: Duration) {
        self.inside = self.inside.saturating_sub(1);
        self.limit.answered(took);
        self.rate.answered(now);
    }

    /// The next who is to be let in; the place is taken for them.
    pub(super) fn next(&mut self) -> Option<Waiter> {
        let first = TURNS.get(self.turn % TURNS.len()).copied()?;
        let order = [first, Class::Official, Class::Act, Class::Read];
        for class in order {
            if self.inside >= self.room(class) {
                continue;
            }
            if let Some(waiter) = self.queue_of(class).and_then(|queue| queue.take()) {
                self.inside += 1;
                self.turn = self.turn.wrapping_add(1);
                return Some(waiter);
            }
        }
        None
    }

    /// The one for whom a place was taken has gone.
    pub(super) fn put_back(&mut self) {
        self.inside = self.inside.saturating_sub(1);
    }

    pub(super) fn inside(&self) -> usize {
        self.inside
    }

    pub(super) fn places(&self) -> usize {
        self.limit.places()
    }

    pub(super) fn waiting(&self, class: Class) -> usize {
        let queue = index(class).and_then(|at| self.queues.get(at));
        queue.map_or(0, |queue| {
            queue
                .waiting
                .iter()
                .filter(|waiter| !waiter.is_closed())
                .count()
        })
    }

    /// Officials have a quarter more, which nobody else can take.
    fn room(&self, class: Class) -> usize {
        let places = self.limit.places();
        match class {
            Class::Official => places + (places / 4).max(4),
            Class::Act => places,
            // A part is left to who sends something.
            _ => places - places / 8,
        }
    }

    fn queue_of(&mut self, class: Class) -> Option<&mut Queue> {
        index(class).and_then(|at| self.queues.get_mut(at))
    }
}

/// How long one of a class waits.
fn patience(class: Class, stands: bool) -> Duration {
    let patience = if stands { SHORT_PATIENCE } else { PATIENCE };
    match class {
        Class::Read => patience,
        _ => patience * ACTS_WAIT_TIMES,
    }
}

impl Queue {
    fn stands(&self, now: Duration) -> bool {
        let since = |since| now.saturating_sub(since) >= STANDS_AFTER;
        self.standing.is_some_and(since)
    }

    /// Who has waited longest and is still there.
    fn take(&mut self) -> Option<Waiter> {
        let found = loop {
            match self.waiting.pop_front() {
                Some(waiter) if waiter.is_closed() => {}
                other => break other,
            }
        };
        if self.waiting.is_empty() {
            self.standing = None;
        }
        found
    }
}

const fn index(class: Class) -> Option<usize> {
    match class {
        Class::Official => Some(0),
        Class::Act => Some(1),
        Class::Read => Some(2),
        Class::Vital | Class::Files | Class::Password => None,
    }
}
