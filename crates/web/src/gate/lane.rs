//! A lane with a fixed number of places, for what is slow or quick by its nature.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A place in a lane, kept until it is dropped.
pub(super) type Place = OwnedSemaphorePermit;

pub(super) struct Lane {
    places: Arc<Semaphore>,
    /// How long one waits for a place.
    wait: Duration,
}

impl Lane {
    pub(super) fn new(places: usize, wait: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            wait,
        }
    }

    pub(super) async fn enter(&self) -> Option<Place> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        if self.wait.is_zero() {
            return None;
        }
        let waiting = Arc::clone(&self.places).acquire_owned();
        tokio::time::timeout(self.wait, waiting).await.ok()?.ok()
    }
}
