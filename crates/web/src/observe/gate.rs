//! Admission: more requests at once than the machine can answer quickly are told at once when to come back, so that
//! those that were let in stay fast.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Requests under way at most. Beyond the store's queue of 1,024 acts waiting helps nobody.
const MOST_UNDER_WAY: usize = 2048;

/// Counts requests under way.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<AtomicUsize>);

/// A request that was let in; leaving is dropping it, however the request ends.
pub(super) struct Entered(Arc<AtomicUsize>);

impl Gate {
    /// Lets a request in, if there is room.
    pub(super) fn enter(&self) -> Option<Entered> {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        let entered = Entered(Arc::clone(&self.0));
        (before < MOST_UNDER_WAY).then_some(entered)
    }

    /// Requests under way.
    pub(crate) fn under_way(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_house_lets_nobody_in_until_one_leaves() {
        let gate = Gate::default();
        let mut inside: Vec<_> = (0..MOST_UNDER_WAY).map(|_| gate.enter().unwrap()).collect();
        assert!(gate.enter().is_none());
        assert_eq!(
            gate.under_way(),
            MOST_UNDER_WAY,
            "who was turned away is not counted"
        );
        inside.pop();
        assert!(gate.enter().is_some());
    }

    #[tokio::test]
    async fn the_site_says_when_to_come_back() {
        let site = crate::testing::Site::new().await;
        let _inside: Vec<_> = (0..MOST_UNDER_WAY)
            .map(|_| site.app.gate.enter().unwrap())
            .collect();
        let reply = site
            .public()
            .raw("GET", "/api/v1/services", &[], Vec::new())
            .await;
        assert_eq!(
            (reply.status, reply.json()["type"].clone()),
            (503, "/problems/unavailable".into())
        );
        assert!(reply.headers.contains_key("retry-after"));
        assert_eq!(site.public().get("/healthz").await.0, 200);
    }
}
