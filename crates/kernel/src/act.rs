//! What a person does, as the engine hands it to the kernel.

use crate::ids::{AccountId, ActId, PartyId, RecordId, RunId};
use crate::snapshot::Absent;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// One act: somebody performs an action of a definition on a record, or opens one with it.
#[derive(Clone, Debug)]
pub struct Act {
    /// Identifies the act; a retry carries the same.
    pub id: ActId,
    /// Who acts, and in which capacity.
    pub actor: Actor,
    /// The stated purpose of the act (header `Purpose`), if given.
    pub purpose: Option<String>,
    /// Slug of the service.
    pub service: String,
    /// Record type within the service.
    pub record_type: String,
    /// The record acted upon; for an opening act the id that the new record is to have.
    pub record: RecordId,
    /// Name of the action.
    pub action: String,
    /// The input, by field name as in the action's JSON Schema.
    pub input: Map<String, Json>,
    /// The version that the actor saw. Needed unless the act opens a record.
    pub expected_version: Option<u64>,
    /// When it happened in the world.
    pub occurred_at: Timestamp,
    /// When the platform learned of it.
    pub recorded_at: Timestamp,
    /// The civil day (Asia/Tokyo) from which it has effect.
    pub effective_on: Date,
    /// The run that it is a part of (一括処理).
    pub run: Option<RunId>,
}

/// Who acts. Names are personal data: `Debug` does not print them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account signed in; none for the system itself and for the public.
    pub account: Option<AccountId>,
    /// The natural person or body behind the account.
    pub party: Option<PartyId>,
    /// Name shown in histories.
    pub name: String,
    /// The party on whose behalf the act is done (a corporation, a child, an applicant at the counter).
    pub on_behalf_of: Option<PartyId>,
    /// Its kind, where known (`person`, `corporation`).
    pub on_behalf_kind: Option<String>,
    /// Name of the party on whose behalf.
    pub on_behalf_name: Option<String>,
    /// Whether that party has no account, and stands at the counter.
    #[serde(default)]
    pub counter: bool,
    /// What that party gave them to do; none where they act for it by right, or for themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandates: Option<Vec<crate::mandate::Mandate>>,
    /// The services that a system was let read, by slug; none for people, whom nothing of the kind confines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<Vec<String>>,
    /// The posts held by the actor: where an official sits.
    pub seats: Vec<Seat>,
    /// What they may read in an emergency just now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passes: Vec<crate::glass::Pass>,
    /// True for the platform itself (clocks, followers of other acts).
    pub system: bool,
    /// How surely it is known who they are.
    #[serde(default)]
    pub assurance: crate::identity::Assurance,
}

impl Actor {
    /// The platform itself.
    #[must_use]
    pub fn system() -> Self {
        Self {
            account: None,
            party: None,
            name: "システム".into(),
            on_behalf_of: None,
            on_behalf_kind: None,
            on_behalf_name: None,
            counter: false,
            mandates: None,
            reads: None,
            seats: Vec::new(),
            passes: Vec::new(),
            system: true,
            assurance: crate::identity::Assurance::default(),
        }
    }

    /// Somebody who has not signed in.
    #[must_use]
    pub fn public() -> Self {
        Self {
            name: "公開".into(),
            system: false,
            ..Self::system()
        }
    }

    /// Whether records of a service are within what the actor was let read: everything, but for systems.
    #[must_use]
    pub fn may_read(&self, service: &str) -> bool {
        let reads = self.reads.as_ref();
        reads.is_none_or(|reads| reads.iter().any(|one| one == service))
    }

    /// The party for which the actor acts: the one named by `On-Behalf-Of`, else their own.
    #[must_use]
    pub fn acting_party(&self) -> Option<PartyId> {
        self.on_behalf_of.or(self.party)
    }
}

impl std::fmt::Debug for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Actor")
            .field("account", &self.account)
            .field("seats", &self.seats)
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

/// A post held by an official: a role at an office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Role: `examiner`, `approver`, `inspector`, `municipality`, `administrator`, `auditor` …
    pub role: String,
    /// Name of the office, as `office` of a record gives it; none where the seat spans all.
    pub office: Option<String>,
    /// Five-digit code of the authority to which the seat belongs (`13000` the metropolis).
    pub authority: Option<String>,
    /// Five-digit code of the municipality, for seats of a municipality.
    pub municipality: Option<String>,
    /// For whom it is held while they are away; none for a seat of one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute: Option<Substitution>,
}

/// A seat held for somebody who is away: with it one decides for them (代決) where a route allows it, and sees what
/// they see. It gives no other power.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitution {
    /// The absent one.
    pub absent: Absent,
    /// First day (Asia/Tokyo).
    pub from: Date,
    /// Last day.
    pub until: Date,
}

impl Seat {
    /// Whether it is in force on a day.
    #[must_use]
    pub fn in_force(&self, day: Date) -> bool {
        self.substitute
            .as_ref()
            .is_none_or(|s| s.from <= day && day <= s.until)
    }
}
