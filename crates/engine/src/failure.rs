//! Why a request was not carried out: a refusal, which the actor can mend, or a fault of the platform, which an
//! operator must. The two never mix: a fault's text stays in the log.

use kernel::port::StoreError;
use kernel::{Fault, Refusal, RefusalKind};

/// What a request can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The actor can mend it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store is not available or damaged: nothing was acknowledged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A definition or journal that does not fit the code: named in the log.
    #[error("internal: {0}")]
    Internal(String),
}

impl Failure {
    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::Refused(Refusal::not_found())
    }

    /// One faulty field.
    pub fn invalid(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        let title = "入力を確かめてください";
        Self::Refused(Refusal::new(
            RefusalKind::Invalid,
            title,
            vec![Fault::new(pointer, code, detail)],
        ))
    }

    /// 400: not to be understood.
    pub fn malformed(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        let title = "リクエストを読み取れません";
        Self::Refused(Refusal::new(
            RefusalKind::Malformed,
            title,
            vec![Fault::new(pointer, code, detail)],
        ))
    }
}
