//! Emergency access (緊急閲覧): what somebody broke the glass of, as their actor carries it. That it was allowed, why and
//! until when stands in the register of the package `emergencies`; what it opens is said in [`crate::see`] alone. See
//! `docs/decisions/0046-break-glass.md`.

use crate::ids::RecordId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A pass to one record and to what hangs on it. The reason may tell of people and does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// The record of the register that allows it.
    pub id: RecordId,
    /// What may be read.
    pub record: RecordId,
    /// Why, as chosen: it becomes the purpose of what is read under it.
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pass")
            .field("id", &self.id)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
