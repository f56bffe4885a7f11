//! Who looked: every reading of personal data is written down here. See `docs/decisions/0036-who-looked.md`.

mod affected;
mod audit;
mod note;
mod tend;
mod told;
mod unusual;

use jiff::SignedDuration;
use kernel::RecordId;
use kernel::looks::{Face, Way};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

pub use affected::Breach;
pub use audit::{AuditLine, AuditPage, AuditRequest};
pub(crate) use note::Read;
pub use tend::KEPT_YEARS;
pub use told::{LookLine, ToldPage};
pub use unusual::{ALERT, LOOKS};

/// At the latest after this time the newest note is signed.
pub const LOOKS_SIGNED_WITHIN: SignedDuration = SignedDuration::from_mins(5);

tokio::task_local! {
    static LOOKING: Looking;
}

/// Through what somebody looks during a request, and what they say for. Does not print: a purpose may name people.
#[derive(Clone, Default)]
pub struct Looking {
    /// Page or API.
    pub face: Face,
    /// The purpose stated, if any.
    pub purpose: Option<String>,
    /// A digest of the session or token.
    pub session: Option<String>,
    way: Option<Way>,
    /// Single records that were written down already: one page may read a record more than once.
    told: Arc<Mutex<BTreeSet<(RecordId, Way)>>>,
}

impl std::fmt::Debug for Looking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Looking")
            .field("face", &self.face)
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

impl Looking {
    /// Whoever looks without anything said: the platform's own workers and commands.
    #[must_use]
    pub fn new(face: Face, purpose: Option<String>, secret: Option<&str>) -> Self {
        Self {
            face,
            purpose,
            session: secret.map(session_digest),
            way: None,
            told: Arc::default(),
        }
    }

    /// What is read while this runs is read so.
    pub async fn during<F: Future>(self, work: F) -> F::Output {
        LOOKING.scope(self, work).await
    }

    /// Whether it was written down during this already. Outside of a request nothing is remembered.
    fn knows(&self, record: RecordId, way: Way) -> bool {
        !self.told.lock().insert((record, way))
    }

    fn now() -> Self {
        LOOKING.try_with(Clone::clone).unwrap_or_default()
    }
}

/// What is read while this runs is read in a way that only the caller knows: for a file, a print, a report.
pub async fn by_way<F: Future>(way: Way, work: F) -> F::Output {
    let looking = Looking {
        way: Some(way),
        ..Looking::now()
    };
    LOOKING.scope(looking, work).await
}

/// The same, unless a caller further out knew better.
pub(crate) async fn otherwise<F: Future>(way: Way, work: F) -> F::Output {
    let way = Looking::now().way.unwrap_or(way);
    by_way(way, work).await
}

/// By which a session or token is named among who looked: enough to find it by, not enough to use it.
#[must_use]
pub fn session_digest(secret: &str) -> String {
    let mut digest = crate::identity::secret_hash(secret);
    digest.truncate(16);
    digest
}
