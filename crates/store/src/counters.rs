//! What the writer has done, for metrics, tests and benches.

use std::array::from_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Time since some fixed moment, never going back: for durations in metrics only.
pub type Monotonic = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Upper bounds of group sizes.
pub const GROUP_BOUNDS: [u64; 8] = [1, 2, 4, 8, 16, 32, 64, 128];
/// Upper bounds of the time that a group takes, in microseconds.
pub const TIME_BOUNDS_MICROS: [u64; 10] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 1_000_000,
];

/// How often a value lay at or below each bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread<const N: usize> {
    /// By bound, each with all below it.
    pub buckets: [u64; N],
    /// All values.
    pub count: u64,
    /// Their sum.
    pub sum: u64,
}

impl<const N: usize> Default for Spread<N> {
    fn default() -> Self {
        Self {
            buckets: [0; N],
            count: 0,
            sum: 0,
        }
    }
}

/// Counters of the writer since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Acts acknowledged as done.
    pub acts: u64,
    /// Commits to disk: each is one fsync, however many acts it carries.
    pub groups: u64,
    /// Checkpoints: two fsyncs each.
    pub checkpoints: u64,
    /// Batches of keys made: one fsync each.
    pub key_batches: u64,
    /// Notes of reading that were dropped since their buffer was full.
    pub notes_refused: u64,
    /// Groups that failed.
    pub failed: u64,
    /// Acts and other writes that wait for the writer now.
    pub waiting: u64,
    /// Acts and other writes in a group.
    pub sizes: Spread<8>,
    /// Microseconds that a group took, its fsync included.
    pub micros: Spread<10>,
}

impl Counts {
    /// Fsyncs of database and keys together.
    #[must_use]
    pub fn fsyncs(&self) -> u64 {
        self.groups + 2 * self.checkpoints + self.key_batches
    }
}

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) acts: AtomicU64,
    pub(crate) groups: AtomicU64,
    pub(crate) checkpoints: AtomicU64,
    pub(crate) key_batches: AtomicU64,
    pub(crate) notes_refused: AtomicU64,
    failed: AtomicU64,
    waiting: AtomicU64,
    sizes: Sum<8>,
    micros: Sum<10>,
    monotonic: Option<Monotonic>,
}

struct Sum<const N: usize> {
    buckets: [AtomicU64; N],
    count: AtomicU64,
    sum: AtomicU64,
}

impl<const N: usize> Default for Sum<N> {
    fn default() -> Self {
        Self {
            buckets: from_fn(|_| AtomicU64::new(0)),
            count: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }
}

impl<const N: usize> Sum<N> {
    fn note(&self, value: u64, bounds: &[u64; N]) {
        for (bucket, bound) in self.buckets.iter().zip(bounds) {
            bucket.fetch_add(u64::from(value <= *bound), Relaxed);
        }
        self.count.fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    fn read(&self) -> Spread<N> {
        let mut buckets = [0; N];
        for (read, bucket) in buckets.iter_mut().zip(&self.buckets) {
            *read = bucket.load(Relaxed);
        }
        Spread {
            buckets,
            count: self.count.load(Relaxed),
            sum: self.sum.load(Relaxed),
        }
    }
}

/// One that waits for the writer, until it is dropped.
pub(crate) struct Waits<'c>(&'c Counters);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
    }
}

impl Counters {
    pub(crate) fn new(monotonic: Option<Monotonic>) -> Self {
        Self {
            monotonic,
            ..Self::default()
        }
    }

    pub(crate) fn add(counter: &AtomicU64, by: u64) {
        counter.fetch_add(by, Relaxed);
    }

    pub(crate) fn waits(&self) -> Waits<'_> {
        self.waiting.fetch_add(1, Relaxed);
        Waits(self)
    }

    /// How many wait for the writer.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    /// The time, if there is a clock.
    pub(crate) fn now(&self) -> Duration {
        self.monotonic.as_ref().map_or(Duration::ZERO, |now| now())
    }

    /// A group has ended that began then.
    pub(crate) fn group(&self, size: usize, begun: Duration, is_done: bool) {
        self.sizes.note(size as u64, &GROUP_BOUNDS);
        let took = self.now().saturating_sub(begun).as_micros();
        self.micros
            .note(u64::try_from(took).unwrap_or(u64::MAX), &TIME_BOUNDS_MICROS);
        self.failed.fetch_add(u64::from(!is_done), Relaxed);
    }

    pub(crate) fn read(&self) -> Counts {
        Counts {
            acts: self.acts.load(Relaxed),
            groups: self.groups.load(Relaxed),
            checkpoints: self.checkpoints.load(Relaxed),
            key_batches: self.key_batches.load(Relaxed),
            notes_refused: self.notes_refused.load(Relaxed),
            failed: self.failed.load(Relaxed),
            waiting: self.waiting(),
            sizes: self.sizes.read(),
            micros: self.micros.read(),
        }
    }
}
