//! What a record is now: the fold of its events.

use crate::ids::{AccountId, FieldId, PartyId, RecordId};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A record as it stands. `fields` is by stable field id, in the JSON forms of the HTTP contract
/// (dates `YYYY-MM-DD`, numbers exact, rows as arrays of objects, absent fields left out).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The record.
    pub id: RecordId,
    /// Slug of the service.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// Official number, once drawn.
    pub number: Option<String>,
    /// State.
    pub state: String,
    /// Count of events; the `version` of the contract.
    pub version: u64,
    /// Five-digit code of the authority.
    pub authority: Option<String>,
    /// Name of the office.
    pub office: Option<String>,
    /// Five-digit code of the municipality concerned.
    pub municipality: Option<String>,
    /// The parties, by role.
    pub parties: Vec<PartyRef>,
    /// The record that has this one, and in which slot.
    pub parent: Option<ParentRef>,
    /// Named links to records that this one opened or refers to.
    pub links: BTreeMap<String, Vec<RecordId>>,
    /// Values by field id.
    pub fields: BTreeMap<FieldId, Json>,
    /// The version at which each field last changed; also `@state`, `@route` and `@clock`.
    pub field_versions: BTreeMap<FieldId, u64>,
    /// Hash of the definition that the record is pinned to.
    pub definition: String,
    /// Day of arrival (到達), once arrived.
    pub arrived_on: Option<Date>,
    /// Clocks by name.
    pub clocks: BTreeMap<String, ClockState>,
    /// Where the route (決裁) stands.
    pub route: Option<RouteState>,
    /// When opened.
    pub created_at: Timestamp,
    /// When last changed.
    pub updated_at: Timestamp,
}

/// A party in a role of a record. The name is personal data and is not printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyRef {
    /// Role in the record (`applicant`).
    pub role: String,
    /// The party.
    pub id: PartyId,
    /// `person`, `corporation`, `body`.
    pub kind: String,
    /// Name at that time.
    pub name: String,
}

impl std::fmt::Debug for PartyRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartyRef")
            .field("role", &self.role)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The parent of a child record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentRef {
    /// The parent.
    pub id: RecordId,
    /// Name under `has` in the parent's definition.
    pub slot: String,
}

/// One running, paused or ended clock. Days are business days, the first day excluded (民法140条).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockState {
    /// `running`, `paused`, `ended`.
    pub phase: ClockPhase,
    /// Day on which it (last) began to run.
    pub since: Date,
    /// Business days used before `since`.
    pub used_days: u32,
    /// Business days allowed.
    pub days: u32,
    /// Day on which it falls due if it keeps running.
    pub due: Option<Date>,
    /// Day on which it ended.
    pub ended_on: Option<Date>,
}

/// Phase of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockPhase {
    /// Counting.
    Running,
    /// Stopped while somebody else acts.
    Paused,
    /// Over.
    Ended,
}

/// A route (決裁) under way: which action is proposed, by whom, with which input, and who has passed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RouteState {
    /// The action that is to be decided.
    pub action: String,
    /// Index of the step that is waited for.
    pub step: usize,
    /// Who drafted (起案). The drafter never approves.
    pub drafter: Option<AccountId>,
    /// The accounts that have passed it so far, in order.
    pub passed_by: Vec<AccountId>,
    /// The input drafted for the action, by field name.
    pub input: BTreeMap<String, Json>,
    /// Reason of the last send-back (差戻し), if it was sent back.
    pub sent_back: Option<String>,
}
