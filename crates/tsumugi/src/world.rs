//! The one place where the product reads the clock and draws randomness; everything else is handed them.

use engine::{Clock, Ids};
use jiff::Timestamp;
use parking_lot::Mutex;
use rand::RngCore as _;
use std::time::Duration;
use uuid::Uuid;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the binary's clock: this is where time comes in"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Fills bytes from the system's generator, fit for keys and secrets.
#[expect(
    clippy::disallowed_methods,
    reason = "the binary's randomness: this is where it comes in"
)]
pub fn random(bytes: &mut [u8]) {
    rand::rng().fill_bytes(bytes);
}

/// Time since the first call, never going back.
#[expect(
    clippy::disallowed_methods,
    reason = "the binary's monotonic clock, for durations only"
)]
pub(crate) fn monotonic() -> impl Fn() -> Duration + Send + Sync {
    let started = std::time::Instant::now();
    move || started.elapsed()
}

/// UUIDv7 that also rise within one millisecond, so that ids sort as records were made.
#[derive(Debug, Default)]
pub struct RandomIds(Mutex<(u64, u16)>);

impl Ids for RandomIds {
    fn uuid(&self, at: Timestamp) -> Uuid {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
        let mut bytes = [0_u8; 10];
        random(&mut bytes);
        let counter = self.next(millis, u16::from_be_bytes([bytes[0], bytes[1]]));
        bytes[..2].copy_from_slice(&counter.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}

impl RandomIds {
    /// Twelve bits: begins low at random in each millisecond, then counts. Beyond 4,095 it stays, and chance decides.
    fn next(&self, millis: u64, seed: u16) -> u16 {
        let mut last = self.0.lock();
        let counter = if last.0 == millis {
            (last.1 + 1).min(0x0fff)
        } else {
            seed & 0x03ff
        };
        *last = (millis, counter);
        counter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_are_version_7() {
        let ids = RandomIds::default();
        let at: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let made: Vec<Uuid> = (0..2000).map(|_| ids.uuid(at)).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
        let later = ids.uuid(
            at.checked_add(jiff::SignedDuration::from_millis(1))
                .unwrap(),
        );
        assert!(later > made[1999]);
    }
}
