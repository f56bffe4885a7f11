//! A lane with a fixed number of places, for what is slow or quick by its nature.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A place in a lane, kept until it is dropped.
pub(super) type Place = OwnedSemaphorePermit;

pub(super) struct Lane {
    places: Arc<Semaphore>,
    /// Room to wait for a place in; who finds none left is told so at once.
    room: Semaphore,
    /// How long one waits for a place.
    wait: Duration,
}

impl Lane {
    pub(super) fn new(places: usize, room: usize, wait: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            room: Semaphore::new(room),
            wait,
        }
    }

    pub(super) async fn enter(&self) -> Option<Place> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        let _standing = self.room.try_acquire().ok()?;
        let waiting = Arc::clone(&self.places).acquire_owned();
        tokio::time::timeout(self.wait, waiting).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_neither_place_nor_room_is_told_at_once() {
        let lane = Arc::new(Lane::new(1, 1, Duration::from_millis(20)));
        let first = lane.enter().await.expect("the lane was empty");
        let standing = Arc::clone(&lane);
        let second = tokio::spawn(async move { standing.enter().await });
        tokio::task::yield_now().await;
        // Who stands there goes only when the clock is looked at, so nobody waited who is answered first.
        assert!(lane.enter().await.is_none(), "somebody stands there");
        assert!(!second.is_finished());

        drop(first);
        let second = second.await.expect("no panic").expect("the place was left");
        assert!(lane.enter().await.is_none(), "nobody leaves");
        drop(second);
        assert!(lane.enter().await.is_some());
    }
}
