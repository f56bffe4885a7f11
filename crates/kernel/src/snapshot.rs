//! What a record is now: the fold of its events.

use crate::ids::{AccountId, AttachmentId, FieldId, PartyId, RecordId};
use crate::invite::Invitation;
use definition::model::RecordType;
use jiff::{Timestamp, civil::Date};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::marker::PhantomData;

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
    #[serde(deserialize_with = "in_order")]
    pub fields: BTreeMap<FieldId, Json>,
    /// The version at which each field last changed; also `@state`, `@route` and `@clock`.
    #[serde(deserialize_with = "in_order")]
    pub field_versions: BTreeMap<FieldId, u64>,
    /// Hash of the definition that the record is pinned to.
    pub definition: String,
    /// Day of arrival (到達), once arrived.
    pub arrived_on: Option<Date>,
    /// Clocks by name.
    pub clocks: BTreeMap<String, ClockState>,
    /// Where the route (決裁) stands.
    pub route: Option<RouteState>,
    /// Who took which step of which route so far, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trail: Vec<RouteMark>,
    /// Letters issued, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issued: Vec<Issued>,
    /// Who was invited to go on with it, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invitations: Vec<Invitation>,
    /// The day from which it is in its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_since: Option<Date>,
    /// That it is kept longer than its rule says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<crate::keep::Kept>,
    /// That it is closed beyond role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<crate::closed::Closing>,
    /// When opened.
    pub created_at: Timestamp,
    /// When last changed.
    pub updated_at: Timestamp,
}

/// Reads a map that was written in order: building it at once asks each key only for its neighbour. Lists read fifty
/// records, so that this counts.
fn in_order<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    from: D,
) -> Result<BTreeMap<FieldId, V>, D::Error> {
    struct Entries<V>(PhantomData<V>);
    impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
        type Value = BTreeMap<FieldId, V>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a map by field id")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = Vec::with_capacity(32);
            while let Some(entry) = map.next_entry()? {
                entries.push(entry);
            }
            Ok(entries.into_iter().collect())
        }
    }
    from.deserialize_map(Entries(PhantomData))
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
    /// Whether a clerk keyed it in: it has no account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counter: bool,
}

impl Snapshot {
    /// A field as text, by its name in the definition; none where it is absent or no text.
    #[must_use]
    pub fn text(&self, rt: &RecordType, name: &str) -> Option<&str> {
        self.fields.get(&rt.fields.get(name)?.id)?.as_str()
    }
}

impl std::fmt::Debug for PartyRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartyRef")
            .field("role", &self.role)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A letter that was issued: fixed for ever at that moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Under which its PDF is kept.
    pub id: AttachmentId,
    /// Name in the definition.
    pub document: String,
    /// Title as it was then.
    pub title: String,
    /// The how-manyth of this document on this record, from 1: a second one is a reissue (再交付).
    pub copy: u32,
    /// Day of issue.
    pub on: Date,
    /// Hash of the definition whose template it is made with.
    pub definition: String,
    /// Version of the record in whose event its words stand.
    pub seq: u64,
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
    /// When and why it stood still, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
}

/// A time in which a clock stood still, since somebody else was to act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The state that made it stand still: the reason.
    pub state: String,
    /// The day on which it stopped; it still counts.
    pub from: Date,
    /// The day on which it went on or ended, which does not count; none while it stands still.
    pub until: Option<Date>,
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
    /// The roles that have taken the step that is waited for, where it needs every one (合議), and who.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub joined: BTreeMap<String, AccountId>,
    /// From which of the decision's roles on one may decide (専決); none where any may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decider: Option<usize>,
    /// The steps that were needed and taken, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken: Vec<usize>,
}

/// One step of a route as somebody took it. Names and comments are not printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteMark {
    /// The action that is decided by the route.
    pub action: String,
    /// Title of the step (起案, 審査, 決定).
    pub step: String,
    /// What was done.
    pub deed: RouteDeed,
    /// Who.
    pub account: Option<AccountId>,
    /// Name at that time.
    pub name: String,
    /// In which capacity (`desk.approver`).
    pub role: String,
    /// When.
    pub at: Timestamp,
    /// What was said: a comment, the reason of a send-back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Title of the step to which it was sent back; none if to the drafter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_to: Option<String>,
    /// For whom, by a substitute (代決).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
    /// When the absent one acknowledged it (後閲).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Reviewed>,
}

impl RouteMark {
    /// Whether an acknowledgement (後閲) is waited for, and by whom.
    #[must_use]
    pub fn waits_for(&self) -> Option<AccountId> {
        self.absent
            .as_ref()
            .filter(|_| self.reviewed.is_none())
            .map(|absent| absent.account)
    }
}

impl std::fmt::Debug for RouteMark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouteMark")
            .field("action", &self.action)
            .field("step", &self.step)
            .field("deed", &self.deed)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// What was done on a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteDeed {
    /// 起案.
    Drafted,
    /// 審査, 合議.
    Passed,
    /// 決定.
    Decided,
    /// 差戻し.
    SentBack,
    /// 引戻し.
    PulledBack,
}

/// An absent person for whom a substitute acts. The name does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    /// The absent one's account.
    pub account: AccountId,
    /// Name.
    pub name: String,
}

impl std::fmt::Debug for Absent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Absent").field(&self.account).finish()
    }
}

/// An acknowledgement afterwards (後閲).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// When.
    pub at: Timestamp,
    /// What was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl std::fmt::Debug for Reviewed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reviewed")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
