//! Why an act was refused, said so that a person can mend it.

use serde::{Deserialize, Serialize};

/// A refusal. It changes nothing and names every faulty field at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{title}")]
pub struct Refusal {
    /// The kind, which decides the HTTP status.
    pub kind: RefusalKind,
    /// One Japanese sentence.
    pub title: String,
    /// Each fault with its place.
    pub faults: Vec<Fault>,
}

/// Kinds of refusal with the HTTP status of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// 400: not to be understood.
    Malformed,
    /// 404: there is no such record, action or type for this actor.
    NotFound,
    /// 410: it was there, and was disposed of; told to those who may know.
    Gone,
    /// 403: the actor is known less surely than the action demands; faults name what is lacking.
    Unassured,
    /// 409: the action is not possible in this state, or by this actor now.
    WrongState,
    /// 409: something that the action reads, writes or showed has changed.
    Stale,
    /// 422: faulty fields, or a condition that is not met.
    Invalid,
    /// 428: the version is missing.
    VersionMissing,
    /// 503: try again.
    Busy,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON pointer into the request (`/input/trades/0/trade`) or the record (`/fields/remarks`).
    pub pointer: String,
    /// Stable code: `required`, `unknown_field`, `format`, `check_digit`, `too_long`, `option`, `changed`, `condition`, `unique`, `floor` …
    pub code: String,
    /// Japanese: what is wrong and what to do.
    pub detail: String,
}

impl Refusal {
    /// A refusal with its faults.
    pub fn new(kind: RefusalKind, title: impl Into<String>, faults: Vec<Fault>) -> Self {
        Self {
            kind,
            title: title.into(),
            faults,
        }
    }

    /// 404. Says the same whether the thing is hidden or not there.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            RefusalKind::NotFound,
            "見つかりません。番号やアドレスを確かめてください。",
            Vec::new(),
        )
    }
}

impl Refusal {
    /// 410, for those who may know that it was there.
    #[must_use]
    pub fn gone() -> Self {
        Self::new(
            RefusalKind::Gone,
            "保存期間が満了し、廃棄しました。内容は残っていません。",
            Vec::new(),
        )
    }
}

impl Fault {
    /// A fault at a place.
    pub fn new(
        pointer: impl Into<String>,
        code: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.into(),
            detail: detail.into(),
        }
    }
}
