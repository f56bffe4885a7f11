//! A store that is as good as the one inside, but fails to show messages as often as it is told.

use hooked::{Hook, Hooked};
use kernel::port::{Store, StoreError, Task};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Faulty {
    left: AtomicU32,
    /// The call that fails.
    call: &'static str,
}

impl Faulty {
    /// Fails the next `times` messages.
    pub fn messages(inner: Arc<dyn Store>, times: u32) -> Arc<dyn Store> {
        Self::calls("put_message", inner, times)
    }

    /// Loses the next `times` notes of what a provider took, as if the machine had stopped between its yes and the note.
    pub fn of_sent(inner: Arc<dyn Store>, times: u32) -> Arc<dyn Store> {
        Self::calls("delivery_sent", inner, times)
    }

    /// Fails the next `times` commits, as if the machine had stopped before them.
    pub fn of_commits(inner: Arc<dyn Store>, times: u32) -> Arc<dyn Store> {
        Self::calls("commit", inner, times)
    }

    /// Loses the next `times` notes that a record refers to its number.
    pub fn of_settling(inner: Arc<dyn Store>, times: u32) -> Arc<dyn Store> {
        Self::calls("settle_number", inner, times)
    }

    fn calls(call: &'static str, inner: Arc<dyn Store>, times: u32) -> Arc<dyn Store> {
        let left = AtomicU32::new(times);
        Arc::new(Hooked::new(inner, Self { left, call }))
    }

    fn breaks(&self) -> bool {
        self.left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
    }
}

impl Hook for Faulty {
    fn around<'a, T: Send + 'a>(
        &'a self,
        name: &'static str,
        call: impl FnOnce() -> Task<'a, T> + Send + 'a,
    ) -> Task<'a, T> {
        if name == self.call && self.breaks() {
            return Box::pin(async {
                Err(StoreError::Unavailable("試験のための故障".into()))
            });
        }
        call()
    }
}
