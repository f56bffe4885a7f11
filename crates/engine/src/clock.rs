//! Time and identifiers are passed in, so that tests, the demo and replays control them.

use jiff::{Timestamp, civil::Date, tz};
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Makes identifiers.
pub trait Ids: Send + Sync + 'static {
    /// A UUIDv7 for an instant.
    fn uuid(&self, at: Timestamp) -> Uuid;
}

pub use kernel::scope::day_of as tokyo_day;

/// The instant at which a civil day begins in Asia/Tokyo.
#[must_use]
pub fn day_begins(day: Date) -> Timestamp {
    tz::Offset::constant(9)
        .to_timestamp(day.at(0, 0, 0, 0))
        .unwrap_or(Timestamp::MIN)
}

/// A clock that stands where it is put: for tests and for the demo.
#[derive(Debug)]
pub struct ManualClock(parking_lot::Mutex<Timestamp>);

impl ManualClock {
    /// A clock that stands at `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(parking_lot::Mutex::new(at))
    }

    /// Puts the clock.
    pub fn set(&self, at: Timestamp) {
        *self.0.lock() = at;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}
