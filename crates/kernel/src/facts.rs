//! What the engine gathers before the kernel decides.

use crate::act::Seat;
use crate::ids::{AccountId, AttachmentId, RecordId};
use crate::snapshot::Snapshot;
use definition::model::Service;
use japanese::calendar::Calendar;
use jiff::{Timestamp, civil::Date};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most records that one act may change.
pub const MAX_RECORDS_PER_ACT: usize = 100;

/// Everything that a decision may read. Nothing else is read.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The definition that governs the record (pinned or current), tables included.
    pub service: Arc<Service>,
    /// The record acted upon; none when it is to be opened.
    pub record: Option<Snapshot>,
    /// Records related to it: its parent, the parent's children (siblings), its children, its links, and the links of
    /// its parent. By id; the snapshots say how they relate.
    pub related: BTreeMap<RecordId, Snapshot>,
    /// Lookups of the record by name.
    pub lookups: BTreeMap<String, Vec<Snapshot>>,
    /// Files named in the input or in the record's fields.
    pub attachments: BTreeMap<AttachmentId, AttachmentFact>,
    /// Officials whom the input names, by what was entered; only those who hold a seat of their own.
    pub officials: BTreeMap<String, Official>,
    /// References of the individual numbers (個人番号) that the input brings, by field name; made at the engine's edge.
    pub numbers: crate::vault::Numbers,
    /// Business days.
    pub calendar: Arc<Calendar>,
    /// Today in Asia/Tokyo.
    pub today: Date,
    /// Now.
    pub now: Timestamp,
}

/// What a condition may know of an official whom a field names. A name is personal data: it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Official {
    /// The account.
    pub account: AccountId,
    /// Name.
    pub name: String,
    /// Seats, those held for others included.
    pub seats: Vec<Seat>,
}

impl std::fmt::Debug for Official {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Official");
        out.field("account", &self.account).finish_non_exhaustive()
    }
}

/// What is known of an uploaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentFact {
    /// Sniffed media type.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Whether this actor may use it: uploaded by them, or already in the record.
    pub usable: bool,
    /// How many of its pages can be shown, where a remark in the input names a page of it; none where none does, and
    /// where its pages cannot be read.
    pub pages: Option<u32>,
}
