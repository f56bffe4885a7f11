//! The one error of this crate.

use std::borrow::Cow;

/// Why a value is refused, as a stable code and a sentence for people.
///
/// `detail` is Japanese and says what is wrong and how to mend it. It never
/// repeats the value: a wrong 個人番号 must reach neither page nor log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{detail}")]
pub struct Fault {
    /// Machine-readable reason, `snake_case`, stable over versions.
    pub code: &'static str,
    /// What is wrong and the remedy, in plain Japanese.
    pub detail: String,
}

impl Fault {
    /// A fault with this code and this Japanese sentence.
    pub fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into().into_owned(),
        }
    }
}
