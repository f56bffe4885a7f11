//! The store as the simulation sees it: the real one, behind chance. Before each call others may have their turn; a call
//! may fail before it is done, or be done and its answer lost.

use super::steps::{Others, wait};
use hooked::Hook;
use kernel::port::{ReadNote, Store, StoreError, Task};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _, SeedableRng as _};
use std::sync::Arc;

/// Everything that a machine leaves to chance, from one seed.
pub(crate) struct Chance(Mutex<State>);

struct State {
    dice: StdRng,
    /// How likely a call fails, in a thousand.
    faulty: u32,
    faults: u64,
    tells: bool,
}

impl Chance {
    pub(crate) fn new(seed: u64, tells: bool) -> Arc<Self> {
        let mut dice = StdRng::seed_from_u64(seed);
        let faulty = [0, 5, 30, 120][dice.random_range(0..4)];
        let state = State {
            dice,
            faulty,
            faults: 0,
            tells,
        };
        Arc::new(Self(Mutex::new(state)))
    }

    pub(crate) fn below(&self, limit: usize) -> usize {
        self.0.lock().dice.random_range(0..limit)
    }

    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().dice.fill_bytes(bytes);
    }

    /// From now on nothing fails.
    pub(crate) fn calm(&self) {
        self.0.lock().faulty = 0;
    }

    pub(crate) fn faults(&self) -> u64 {
        self.0.lock().faults
    }

    /// Tells what happens, where one seed is looked at.
    #[expect(
        clippy::print_stdout,
        reason = "a command-line tool speaks on standard output"
    )]
    pub(crate) fn tell(&self, what: impl FnOnce() -> String) {
        if self.0.lock().tells {
            println!("  {}", what());
        }
    }

    fn breaks(&self) -> bool {
        let mut state = self.0.lock();
        let faulty = state.faulty;
        let breaks = state.dice.random_range(0..1_000) < faulty;
        state.faults += u64::from(breaks);
        breaks
    }
}

/// The store behind chance: before each call others may have their turn.
pub(crate) struct Turns(pub(crate) Arc<Chance>);

impl Hook for Turns {
    fn around<'a, T: Send + 'a>(
        &'a self,
        name: &'static str,
        call: impl FnOnce() -> Task<'a, T> + Send + 'a,
    ) -> Task<'a, T> {
        let chance = &self.0;
        Box::pin(async move {
            Others(u32::try_from(chance.below(4)).unwrap_or(0)).await;
            if chance.breaks() {
                chance.tell(|| format!("{name} fails"));
                return Err(StoreError::Unavailable("a fault of the simulation".into()));
            }
            // Done in one step: the store's own thread must not decide whose turn it is.
            let done = wait(call());
            chance.tell(|| format!("{name} is done"));
            let lost = chance.breaks();
            Others(u32::try_from(chance.below(3)).unwrap_or(0)).await;
            if lost {
                chance.tell(|| format!("the answer of {name} is lost"));
                return Err(StoreError::Unavailable(
                    "an answer lost in the simulation".into(),
                ));
            }
            done
        })
    }

    /// At once: the store's own thread must not decide when it is there.
    fn note(&self, inner: &dyn Store, note: ReadNote) -> Result<(), StoreError> {
        wait(inner.looks().note_now(note))
    }
}
