//! What the kernel answers when it does not refuse.

use crate::event::Event;
use crate::ids::{AccountId, AttachmentId, EffectId, PartyId, RecordId};
use crate::snapshot::Snapshot;
use definition::model::Outside;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Changes and effects, all or nothing. Complete but for numbers to be drawn: see [`crate::fill_numbers`].
#[derive(Clone, Debug)]
pub struct Decision {
    /// Events in order; several may concern one record.
    pub events: Vec<Event>,
    /// Each touched record as it stands after the act.
    pub snapshots: Vec<Snapshot>,
    /// What must still be so when it commits: records read or written, with the version they had (0: not there).
    pub expects: Vec<Expect>,
    /// Numbers to draw, in order.
    pub draws: Vec<Draw>,
    /// Postings to ledgers.
    pub postings: Vec<Posting>,
    /// Effects.
    pub effects: Vec<EffectOrder>,
    /// Uploads that the act takes into use.
    pub attachments: Vec<(AttachmentId, RecordId)>,
}

/// A version that a record must have when the act commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect {
    /// The record.
    pub record: RecordId,
    /// Its version; 0 if it must not exist.
    pub version: u64,
}

/// A number to be drawn at commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The record that gets it.
    pub record: RecordId,
    /// Which sequence: service, type, authority and fiscal year.
    pub counter: String,
    /// Pattern in which only `{seq}` or `{seq:0N}` is left to fill in.
    pub pattern: String,
}

/// A posting to a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// `service/ledger`.
    pub ledger: String,
    /// Key of the balance.
    pub key: String,
    /// Record that caused it.
    pub record: RecordId,
    /// Added to the posted balance.
    pub posted: Decimal,
    /// Added to what is held.
    pub held: Decimal,
    /// Posted less held may not fall below this.
    pub floor: Option<Decimal>,
}

/// An effect to be delivered after the commit. Rendered by the kernel, so that a retry says the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EffectOrder {
    /// A message.
    Notify {
        /// The record it is about.
        record: RecordId,
        /// Slug of the service.
        service: String,
        /// Record type.
        record_type: String,
        /// To whom.
        to: MessageTo,
        /// Name of the message.
        message: String,
        /// Subject.
        subject: String,
        /// Body.
        body: String,
        /// The same in other languages, by tag.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        others: BTreeMap<String, Said>,
        /// What may go outside My Page, and when.
        #[serde(default)]
        reach: Reach,
    },
    /// A payment that the gateway is to take.
    Charge {
        /// The record for which it is taken.
        record: RecordId,
        /// Slug of the service.
        service: String,
        /// Record type.
        record_type: String,
        /// How much, in yen.
        amount_yen: u64,
        /// What for, as the payer reads it.
        title: String,
        /// The last day on which it can be paid.
        until: Date,
    },
    /// Money that the gateway is to give back.
    Refund {
        /// The record of the money.
        record: RecordId,
        /// Slug of the service.
        service: String,
        /// Record type.
        record_type: String,
        /// How much, in yen.
        amount_yen: u64,
        /// The gateway's number of the payment.
        payment: String,
        /// Why.
        reason: String,
    },
    /// What is still open at the gateway for a record is withdrawn.
    Recall {
        /// The record.
        record: RecordId,
        /// Slug of the service.
        service: String,
        /// Record type.
        record_type: String,
    },
    /// The PDF of a letter that was issued is made and kept; its words stand in the record's event.
    Issue {
        /// The record whose letter it is.
        record: RecordId,
        /// Slug of the service.
        service: String,
        /// Record type.
        record_type: String,
        /// Title of the letter.
        title: String,
        /// Which of the record's letters.
        letter: AttachmentId,
    },
    /// A consent that somebody gave with an act: kept in the register of consents, once.
    Consent {
        /// The record with which it was given.
        record: RecordId,
        /// Slug of its service.
        service: String,
        /// Its type.
        record_type: String,
        /// What was consented to: the name of the use.
        using: String,
        /// The act, so that it is given once.
        act: crate::ids::ActId,
        /// Who gave it.
        account: AccountId,
        /// On whose behalf.
        on_behalf_of: Option<PartyId>,
        /// The words that were shown, as the register takes them.
        input: serde_json::Map<String, serde_json::Value>,
    },
}

/// Subject and body of a message in one language.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Subject.
    pub subject: String,
    /// Body.
    pub body: String,
}

/// What may go outside My Page, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// How much.
    #[serde(default)]
    pub outside: Outside,
    /// In quiet hours too.
    #[serde(default)]
    pub urgent: bool,
    /// Whether the subject holds no value but the record's number, so that it tells nothing of the person.
    #[serde(default)]
    pub plain_subject: bool,
}

impl EffectOrder {
    /// What it is, in one word: for counting and for taking those apart that need the outside world.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Notify { .. } => "notify",
            Self::Charge { .. } => "charge",
            Self::Refund { .. } => "refund",
            Self::Recall { .. } => "recall",
            Self::Issue { .. } => "issue",
            Self::Consent { .. } => "consent",
        }
    }

    /// The record that it is about: service, record type, id.
    #[must_use]
    pub fn about(&self) -> (&str, &str, RecordId) {
        match self {
            Self::Notify {
                record,
                service,
                record_type,
                ..
            }
            | Self::Charge {
                record,
                service,
                record_type,
                ..
            }
            | Self::Refund {
                record,
                service,
                record_type,
                ..
            }
            | Self::Issue {
                record,
                service,
                record_type,
                ..
            }
            | Self::Consent {
                record,
                service,
                record_type,
                ..
            }
            | Self::Recall {
                record,
                service,
                record_type,
            } => (service, record_type, *record),
        }
    }

    /// Its texts, in which numbers may still have to be filled in.
    pub(crate) fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Self::Notify {
                subject,
                body,
                others,
                ..
            } => {
                let others = others.values_mut();
                let others = others.flat_map(|said| [&mut said.subject, &mut said.body]);
                [subject, body].into_iter().chain(others).collect()
            }
            Self::Charge { title, .. } => vec![title],
            Self::Refund { reason, .. } => vec![reason],
            Self::Recall { .. } | Self::Issue { .. } | Self::Consent { .. } => Vec::new(),
        }
    }
}

/// Texts and amounts say something about somebody and are left out.
impl std::fmt::Debug for EffectOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            Self::Notify { message, .. } => {
                return f
                    .debug_struct("Notify")
                    .field("record", &self.about().2)
                    .field("message", message)
                    .finish_non_exhaustive();
            }
            Self::Charge { .. } => "Charge",
            Self::Refund { .. } => "Refund",
            Self::Recall { .. } => "Recall",
            Self::Issue { .. } => "Issue",
            Self::Consent { .. } => "Consent",
        };
        f.debug_struct(name)
            .field("record", &self.about().2)
            .finish_non_exhaustive()
    }
}

/// Who gets a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageTo {
    /// A party: shown on its My Page.
    Party(PartyId),
    /// An account.
    Account(AccountId),
    /// The desks of an office, or those with one role.
    Desk {
        /// Name of the office.
        office: String,
        /// The role that is told; absent: everyone at the office's desks.
        role: Option<String>,
    },
}

/// What the store keeps beside a snapshot so that it is found: made by [`crate::derive`] from definition and snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// At most 16 keys; an actor sees the record if they hold one of them.
    pub scopes: Vec<String>,
    /// Entries of the declared indexes.
    pub entries: Vec<Entry>,
    /// Folded text for search ([`japanese::fold::search_key`]).
    pub search: String,
    /// Values that must be unique.
    pub unique: Vec<UniqueValue>,
    /// When the engine must look at the record again.
    pub timers: Vec<Timer>,
}

/// One entry of a declared index. Keys are in [`crate::key`]'s order-preserving form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name of the index within the record type.
    pub index: String,
    /// Up to four keys.
    pub keys: Vec<Vec<u8>>,
}

/// A value that only one record may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueValue {
    /// `service/type/name`.
    pub constraint: String,
    /// The value in order-preserving form.
    pub value: Vec<u8>,
    /// What to say when it is taken.
    pub message: String,
}

/// A day on which a clock reminds or falls due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Clock name.
    pub clock: String,
    /// `remind:N` or `due`.
    pub what: String,
    /// The civil day on which it fires (at 00:00 Asia/Tokyo).
    pub on: Date,
}

/// An effect with the identity under which it is delivered once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Idempotency key towards the outside.
    pub id: EffectId,
    /// What to do.
    pub order: EffectOrder,
}
