//! Memory for bodies that are being read before their request is let in. It is counted as bytes arrive, so that who
//! only announces much takes nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes of all bodies together.
const MOST_BYTES: usize = 96 * 1024 * 1024;

/// Counts bytes.
#[derive(Clone, Default)]
pub(crate) struct Room(Arc<AtomicUsize>);

/// What one body holds; dropping it gives the room back.
pub(crate) struct Held {
    room: Arc<AtomicUsize>,
    bytes: usize,
}

impl Room {
    /// For one body.
    pub(crate) fn body(&self) -> Held {
        Held {
            room: Arc::clone(&self.0),
            bytes: 0,
        }
    }

    /// Bytes held.
    pub(crate) fn held(&self) -> usize {
        self.0.load(Relaxed)
    }
}

impl Held {
    /// Takes more; false if there is no room.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        self.room.fetch_add(bytes, Relaxed) + bytes <= MOST_BYTES
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.room.fetch_sub(self.bytes, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_given_back_also_by_who_was_refused() {
        let room = Room::default();
        let mut first = room.body();
        assert!(first.take(MOST_BYTES));
        let mut second = room.body();
        assert!(!second.take(1));
        drop(second);
        assert_eq!(room.held(), MOST_BYTES);
        drop(first);
        assert_eq!(room.held(), 0);
    }
}
