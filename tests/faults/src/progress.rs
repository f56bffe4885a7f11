//! How far a run of hours is, told on the way.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

/// A line so often, and none in a run that ends before.
const EVERY: Duration = Duration::from_secs(60);

/// Counts what is done of so many.
pub(crate) struct Progress {
    of: u64,
    begun: Instant,
    told: Mutex<(u64, Instant)>,
}

impl Progress {
    pub(crate) fn new(of: u64) -> Self {
        let begun = Instant::now();
        Self {
            of,
            begun,
            told: Mutex::new((0, begun)),
        }
    }

    /// One more is done.
    pub(crate) fn one(&self) {
        let mut told = self.told.lock();
        told.0 += 1;
        if told.1.elapsed() >= EVERY {
            told.1 = Instant::now();
            let minutes = self.begun.elapsed().as_secs() / 60;
            println!("  {} of {} after {minutes} min", told.0, self.of);
        }
    }
}
