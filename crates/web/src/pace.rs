//! Patience with a peer that sends or takes slowly: so long at first, then as long as bytes keep coming.
//!
//! Whoever keeps a connection busy must move at least so many bytes a second, over the whole of it: one byte now and
//! then buys next to nothing.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Patience left. Time counts only while one waits for the peer.
pub struct Pace {
    left: Duration,
    most: Duration,
    bytes_a_second: u32,
    waiting: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    /// `first`: patience before the first byte, and the most that is ever left.
    #[must_use]
    pub fn new(first: Duration, bytes_a_second: u32) -> Self {
        Self {
            left: first,
            most: first,
            bytes_a_second: bytes_a_second.max(1),
            waiting: None,
            timer: None,
        }
    }

    /// Bytes were moved: the wait is over.
    pub fn moved(&mut self, bytes: usize) {
        if let Some(since) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        let earned = Duration::from_secs_f64(bytes as f64 / f64::from(self.bytes_a_second));
        self.left = self.left.saturating_add(earned).min(self.most);
    }

    /// To be asked while the peer is waited for: ready once patience is over.
    pub fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let until = match self.waiting {
            Some(since) => since + self.left,
            None => {
                let now = Instant::now();
                self.waiting = Some(now);
                now + self.left
            }
        };
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.deadline() != until {
            timer.as_mut().reset(until);
        }
        timer.as_mut().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    async fn waits(pace: &mut Pace, at_most: Duration) -> bool {
        tokio::time::timeout(at_most, poll_fn(|context| pace.poll_over(context)))
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn patience_ends_and_bytes_earn_some() {
        let ms = Duration::from_millis;
        let mut pace = Pace::new(ms(60), 1_000);
        assert!(!waits(&mut pace, ms(40)).await);
        // Twenty milliseconds are left; ten bytes are worth ten.
        pace.moved(10);
        assert!(pace.left <= ms(31), "{:?}", pace.left);
        assert!(waits(&mut pace, ms(500)).await);
        let mut pace = Pace::new(ms(60), 1_000);
        pace.moved(1_000_000);
        assert_eq!(pace.left, ms(60), "nobody saves up");
    }
}
