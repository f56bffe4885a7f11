//! What an act leaves in the journal: a plain header and a body that the store seals.

use crate::ids::{AccountId, ActId, FieldId, PartyId, RecordId, RunId};
use crate::invite::Invitation;
use crate::snapshot::{ClockState, Issued, PartyRef, Reviewed, RouteMark, RouteState};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// One event of one record. `seq` counts from 1 and equals the record's version after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The plain part: who, when, which action; no content.
    pub header: Header,
    /// The sealed part.
    pub body: Body,
}

/// The plain header. It names no field's value and no person's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The record that changed.
    pub record: RecordId,
    /// Slug of the service.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// Position in the record's own history, from 1.
    pub seq: u64,
    /// The act; events of one act share it.
    pub act: ActId,
    /// The action's name.
    pub action: String,
    /// When recorded.
    pub recorded_at: Timestamp,
    /// When it happened in the world.
    pub occurred_at: Timestamp,
    /// From which civil day it has effect.
    pub effective_on: Date,
    /// The acting account; none for the system.
    pub actor: Option<AccountId>,
    /// On whose behalf.
    pub on_behalf_of: Option<PartyId>,
    /// The capacity: `applicant`, `desk.examiner`, `system` …
    pub acted_as: String,
    /// The office of the seat used.
    pub seat_office: Option<String>,
    /// Content hash of the definition under which it was decided.
    pub definition: String,
}

/// The sealed body: everything that says something about somebody.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Name of the actor as shown in histories.
    pub actor_name: String,
    /// The purpose stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The run that it is a part of, where one act was done over many records (一括処理).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// What changed, in order.
    pub patches: Vec<Patch>,
    /// A note of a call or a visit, kept in the history alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// In the first event of an act: the digest ([`crate::posted`]) over what the act posted; none if that is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postings: Option<String>,
}

/// A note of a call or a visit. What was said is personal data and is not printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// How: a code of the definition (`phone`).
    pub how: String,
    /// Its title then (電話).
    pub how_title: String,
    /// With whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// What was said.
    pub text: String,
    /// Whether the record's owner may read it.
    pub shared: bool,
}

impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Note")
            .field("how", &self.how)
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}

/// One typed change to a snapshot. Replaying patches needs no definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Patch {
    /// A field, entered or computed, has this value from now on; `null` removes it.
    Field {
        /// The field, by the id that outlives its name.
        id: FieldId,
        /// Its value as kept: the shape of the field's type.
        value: Json,
    },
    /// The record is in this state.
    State(String),
    /// The official number was drawn.
    Number(String),
    /// Whose act it is, which office handles it, which municipality it concerns.
    Place {
        /// Five-digit code of the authority (処分庁); absent while it cannot be told.
        authority: Option<String>,
        /// Name of the office that handles it.
        office: Option<String>,
        /// Five-digit code of the municipality concerned.
        municipality: Option<String>,
    },
    /// A party was added or replaced in its role.
    Party(PartyRef),
    /// The record is a child of another, in a slot of its `has`.
    Parent {
        /// The record above.
        id: RecordId,
        /// The name under which the parent has it.
        slot: String,
    },
    /// A named link to another record was added.
    Link {
        /// The name of the link, as the definition says it.
        name: String,
        /// The record linked to.
        id: RecordId,
    },
    /// The day of arrival (到達).
    Arrived(Date),
    /// A clock changed.
    Clock {
        /// The clock's name in the definition.
        name: String,
        /// How it stands after the act.
        clock: ClockState,
    },
    /// The route (決裁) moved.
    Route(Option<RouteState>),
    /// A step of a route was taken.
    Mark(RouteMark),
    /// A step that a substitute took was acknowledged (後閲).
    Reviewed {
        /// Which of the record's marks, counted from 0.
        mark: usize,
        /// When, and what was said.
        review: Reviewed,
    },
    /// The record pins this definition from now on.
    Pin(String),
    /// A letter was issued.
    Issued {
        /// Which, and when.
        letter: Issued,
        /// What it says: the data of its template. So the journal holds the words, whatever becomes of the PDF.
        data: Json,
    },
    /// Somebody was invited to go on with the record, or what became of that.
    Invitation(Invitation),
    /// It is kept longer than its rule says (延長).
    Kept(crate::keep::Kept),
    /// It is closed beyond role from now on (閲覧制限), or no longer.
    Closed(Option<Box<crate::closed::Closing>>),
    /// It was disposed of: nothing follows, and what came before can no longer be read.
    Disposed(Box<crate::keep::Certificate>),
    /// A posting to a ledger, kept for the record's own history.
    Posted {
        /// The ledger's name.
        ledger: String,
        /// Which balance of it.
        key: String,
        /// What was added, a decimal number; negative takes away.
        amount: Json,
    },
}
