//! Uploads that are kept and shown to nobody: not known to be harmless yet, or known not to be.

use crate::ids::AttachmentId;
use crate::port::Task;
use jiff::Timestamp;

/// An upload that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The upload.
    pub attachment: AttachmentId,
    /// Since when.
    pub since: Timestamp,
    /// How often it has been asked about in vain.
    pub tries: u32,
    /// When it is asked about again; none: what was found in it stays.
    pub next_try: Option<Timestamp>,
    /// What was found, or why it is not known. Names no content.
    pub said: String,
}

impl Held {
    /// Whether something was found in it.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        self.next_try.is_none()
    }
}

/// How many uploads are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldCounts {
    /// Not known yet.
    pub waiting: u64,
    /// Known to be harmful.
    pub refused: u64,
}

/// The part of the store that holds uploads.
pub trait Quarantine: Send + Sync {
    /// Holds an upload, or says anew what is known of one that is held. It may come before the upload itself.
    fn hold(&self, held: Held) -> Task<'_, ()>;
    /// Which of some uploads are held.
    fn held<'a>(&'a self, ids: &'a [AttachmentId]) -> Task<'a, Vec<Held>>;
    /// Those that are to be asked about, the one that waits longest first.
    fn held_due(&self, now: Timestamp, limit: usize) -> Task<'_, Vec<Held>>;
    /// It is harmless, or gone.
    fn release(&self, id: AttachmentId) -> Task<'_, ()>;
    /// How many are held.
    fn held_counts(&self) -> Task<'_, HeldCounts>;
}
