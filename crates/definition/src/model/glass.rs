//! Reading in an emergency what one may not read else (緊急閲覧).

use super::SeeRule;
use feel::Typed;
use indexmap::IndexMap;

/// Who may break the glass of a record, for how long and for what reasons. It lets read, never act.
#[derive(Clone, Debug)]
pub struct BreakGlass {
    /// Desk roles that may, with a seat of their own.
    pub roles: Vec<String>,
    /// For so many hours.
    pub hours: u32,
    /// Reasons to choose from: code and title.
    pub reasons: IndexMap<String, String>,
    /// Indexes by which a record is named: whoever asks must give the value of each of its keys.
    pub find: Vec<String>,
    /// The office whose keepers are told; none: the record's own.
    pub tell: Option<Typed>,
    /// What shows of it, as a rule of `see` would say it. It reaches only what somebody broke the glass of.
    pub rule: SeeRule,
}
