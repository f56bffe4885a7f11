//! One record type.

use super::{
    Action, BreakGlass, Close, Closed, Compare, Counter, Document, Field, FieldKind, Gateway,
    Giving, Ground, Looked, Measure, Notes, Outlook, Part, Retention, Use, ViewKind, Who,
};
use feel::{Predicate, Typed};
use indexmap::IndexMap;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A record type: typed fields, states, parties, an authority, children, actions.
#[derive(Clone, Debug)]
pub struct RecordType {
    /// Slug of its service.
    pub service: String,
    /// Name (file stem).
    pub name: String,
    /// Title.
    pub title: String,
    /// One sentence for the people who fill it in.
    pub help: Option<String>,
    /// Whether its records are facts for others (台帳).
    pub register: bool,
    /// Official number.
    pub number: Option<NumberRule>,
    /// The action whose first performance is the arrival (到達); sets `arrived_on`.
    pub arrives_at: Option<String>,
    /// One line that names a record in lists (屋号 etc.): a text expression; the number stands before it.
    pub label: Option<Typed>,
    /// Five-digit code of the authority: a text expression.
    pub authority: Option<Typed>,
    /// Name of the office: a text expression.
    pub office: Option<Typed>,
    /// Five-digit municipality code: a text expression.
    pub municipality: Option<Typed>,
    /// Parties by role.
    pub parties: IndexMap<String, PartyRule>,
    /// Fields by name, in the order of the form.
    pub fields: IndexMap<String, Field>,
    /// Lookups by name: records found by a condition and shown, never stored.
    pub lookups: IndexMap<String, Lookup>,
    /// What its owner looks forward to.
    pub outlook: Option<Outlook>,
    /// Comparisons with records beside it.
    pub compare: IndexMap<String, Compare>,
    /// Who keeps notes in its history.
    pub notes: Option<Notes>,
    /// Desk roles that key in what people without an account bring, and act for them.
    pub counter: Option<Counter>,
    /// How long its records are kept once they have ended; none: they are never disposed of by themselves.
    pub retention: Option<Retention>,
    /// What its people are told of who looked.
    pub looked: Looked,
    /// What is read of other services, by name, each under a ground.
    pub uses: IndexMap<String, Use>,
    /// What other services may read of it; none: nothing.
    pub gives: Option<Giving>,
    /// When its records are closed beyond role; none: never.
    pub closed: Option<Closed>,
    /// Who may read its records in an emergency; none: nobody who may not else.
    pub break_glass: Option<BreakGlass>,
    /// Counts and sums.
    pub measures: IndexMap<String, Measure>,
    /// Children by slot.
    pub has: IndexMap<String, Child>,
    /// Record types that have this one as a child, with the slot.
    pub child_of: Vec<(String, String)>,
    /// Links by name, with the record type that they lead to (from `open … as:`).
    pub links: IndexMap<String, String>,
    /// States in order; the first is where an opening action without `to` leads.
    pub states: IndexMap<String, State>,
    /// Clocks by name.
    pub clocks: IndexMap<String, Clock>,
    /// Actions by name.
    pub actions: IndexMap<String, Action>,
    /// Who sees it.
    pub see: Vec<SeeRule>,
    /// Indexes that serve lists.
    pub indexes: Vec<ListIndex>,
    /// Paths of fields whose text is searched (`premises.name`); the number and label always are.
    pub search: Vec<Vec<String>>,
    /// Uniqueness over records of the type.
    pub unique: Vec<Unique>,
    /// Views by name.
    pub views: IndexMap<String, View>,
    /// What a payment gateway's answers do.
    pub gateway: Option<Gateway>,
    /// Letters by name.
    pub documents: IndexMap<String, Document>,
    /// Whether open records keep the definition that they began with.
    pub pinned: bool,
    /// What follows from all that.
    pub derived: Derived,
}

impl RecordType {
    /// A field by its stable id. The fields stay as they are from the first question on.
    #[must_use]
    pub fn field_by_id(&self, id: &str) -> Option<&Field> {
        let number = |(at, field): (usize, &Field)| (field.id.clone(), at);
        let by_id = self
            .derived
            .by_id
            .get_or_init(|| self.fields.values().enumerate().map(number).collect());
        let (_, field) = self.fields.get_index(*by_id.get(id)?)?;
        Some(field)
    }
}

/// What follows from a record type, made when first asked for. A copy begins anew, since what is copied is often
/// changed.
#[derive(Debug, Default)]
pub struct Derived {
    order: OnceLock<Computed>,
    by_id: OnceLock<HashMap<String, usize>>,
}

impl Clone for Derived {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Derived {
    /// What is computed, each after what it reads; made by `make` when first asked for.
    pub fn order(&self, make: impl FnOnce() -> Computed) -> &Computed {
        self.order.get_or_init(make)
    }
}

/// What of a record type is computed.
#[derive(Clone, Debug, Default)]
pub struct Computed {
    /// What is computed, in order.
    pub steps: Vec<ComputeStep>,
    /// Whether any of it reads more than fields and what stands throughout an act: the state, the number, children …
    pub follows_moves: bool,
}

/// Something computed; numbers are places in `fields`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComputeStep {
    /// The municipality.
    Municipality,
    /// The authority.
    Authority,
    /// The office.
    Office,
    /// A field.
    Field(usize),
    /// Rows with the places of their computed members, in order.
    Rows(usize, Vec<usize>),
}

/// How an official number is drawn, by authority and fiscal year.
#[derive(Clone, Debug)]
pub struct NumberRule {
    /// `食-{fiscal_year}-{seq:05}`: literal text, `{fiscal_year}`, `{authority}`, `{seq}` or `{seq:0N}`.
    pub pattern: String,
    /// Action at which it is drawn; none: when opened.
    pub drawn_at: Option<String>,
}

/// A role that a party has in a record.
#[derive(Clone, Debug)]
pub struct PartyRule {
    /// Role.
    pub role: String,
    /// Title (申請者).
    pub title: String,
    /// `person`, `corporation`, `body`.
    pub is: Vec<String>,
    /// Whether the party owns the record: may see and act on it as its own.
    pub owner: bool,
    /// How an owner lets others into this role; none where nobody is invited into it.
    pub invited: Option<Invited>,
}

/// How an owner invites another person to go on with a record: by a link and a code, each used once. Whoever accepts
/// stands in the role until an owner revokes it; what they see and do there the record type says as for any party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// States in which an owner may invite, and an invitation may be accepted.
    pub from: Vec<String>,
    /// Days for which a link can be accepted.
    pub days: u16,
    /// The most invitations of a record that are open or accepted at a time.
    pub most: u8,
    /// Message to the owners when somebody has accepted.
    pub joined: String,
    /// Message to the owners when an invited person has moved the record to another state.
    pub acted: String,
}

/// Records shown beside this one, found by a condition.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Record type of the same service.
    pub of: String,
    /// Index of that type that serves it.
    pub index: String,
    /// Values for the leading keys of the index, evaluated on this record.
    pub keys: Vec<Typed>,
    /// The rest of the condition, over this record's names and `it`.
    pub condition: Option<Typed>,
    /// At most so many, newest first.
    pub limit: usize,
}

/// A slot of children.
#[derive(Clone, Debug)]
pub struct Child {
    /// Slot (`items`).
    pub slot: String,
    /// Title.
    pub title: String,
    /// Record type of the same service.
    pub record_type: String,
}

/// A state.
#[derive(Clone, Debug)]
pub struct State {
    /// Name.
    pub name: String,
    /// Title (審査中).
    pub title: String,
    /// Who is waited for in it; none if nobody (ended).
    pub waits_for: Option<Who>,
    /// One sentence to the owner: what happens now.
    pub line: Option<String>,
    /// Whether the record has ended.
    pub ended: bool,
}

/// A statutory or inner deadline in business days.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Name.
    pub name: String,
    /// Title (標準処理期間).
    pub title: String,
    /// Starts on entering one of these states for the first time.
    pub from: Vec<String>,
    /// Stands still in these states.
    pub paused_in: Vec<String>,
    /// Ends on entering one of these.
    pub until: Vec<String>,
    /// Business days allowed: a number expression.
    pub days: Typed,
    /// Business days before the due day on which `message` goes to `to`.
    pub remind_before: Vec<u32>,
    /// Who is reminded, with which message; also on the due day.
    pub remind: Option<(super::Recipient, String)>,
    /// A system action performed when it falls due.
    pub on_due: Option<String>,
}

/// Who may see records of the type, which of them, and which fields.
#[derive(Clone, Debug)]
pub struct SeeRule {
    /// Whom it is about.
    pub who: Who,
    /// Which records.
    pub scope: ScopeKind,
    /// The field that names the office, municipality or authority; none: the record's own.
    pub of: Option<String>,
    /// Only in these states; none: in all.
    pub states: Option<Vec<String>>,
    /// Which fields.
    pub fields: FieldSet,
    /// Whether it shows the names of parties and of who acted, notes, and what related records tell.
    pub names: bool,
    /// Why, and on which ground, where officials of another body see by it.
    pub ground: Option<Ground>,
    /// Stable class of the rule's scope keys: rules with equal scope and states share one.
    pub class: String,
}

/// How far a rule reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScopeKind {
    /// Records of which the acting party is an owner.
    Own,
    /// Records of the seat's office.
    Office,
    /// Records of the seat's municipality.
    Municipality,
    /// Records of the seat's authority.
    Authority,
    /// All.
    All,
}

/// A set of fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldSet {
    /// All fields.
    All,
    /// Only these.
    Only(Vec<String>),
    /// All but these.
    Except(Vec<String>),
}

/// A declared order and filter: up to four keys. What no index serves is refused with a hint.
#[derive(Clone, Debug)]
pub struct ListIndex {
    /// Name, unique in the type.
    pub name: String,
    /// Keys in order; leading ones serve equality, the next a range and the sort.
    pub keys: Vec<IndexKey>,
    /// Only records for which this holds, if any.
    pub only: Option<Predicate>,
}

impl ListIndex {
    /// Whether a record of a type with these fields may have several entries: one a row, a chosen option, a person.
    #[must_use]
    pub fn many(&self, fields: &IndexMap<String, Field>) -> bool {
        self.keys
            .iter()
            .any(|key| *key == IndexKey::AfterReview || key.group(fields).is_some())
    }
}

impl IndexKey {
    /// The field of several values that the key leads through.
    #[must_use]
    pub fn group<'k>(&'k self, fields: &IndexMap<String, Field>) -> Option<&'k str> {
        let Self::Field(path) = self else {
            return None;
        };
        let head = path.first()?;
        let kind = &fields.get(head)?.kind;
        matches!(
            kind,
            FieldKind::Rows { .. } | FieldKind::Choices(_) | FieldKind::Files { .. }
        )
        .then_some(head.as_str())
    }
}

/// One key of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexKey {
    /// A field path (`premises.municipality`); of rows one entry each (`trades.trade`).
    Field(Vec<String>),
    /// `state`.
    State,
    /// `number`.
    Number,
    /// `created_at`.
    CreatedAt,
    /// `updated_at`.
    UpdatedAt,
    /// `arrived_on`.
    ArrivedOn,
    /// The earliest due day of the record's running clocks: `due`.
    Due,
    /// Who is waited for: `waits_for` (`applicant`, `desk.examiner`).
    WaitsFor,
    /// Whose acknowledgement (後閲) is waited for, one entry a person: only in the index that the platform adds.
    AfterReview,
}

/// Uniqueness: no two records (for which `only` holds) may have equal values.
#[derive(Clone, Debug)]
pub struct Unique {
    /// Name.
    pub name: String,
    /// Values, evaluated on the record; no constraint while one is absent.
    pub keys: Vec<Typed>,
    /// Condition under which it counts.
    pub only: Option<Typed>,
    /// What to say, over the record that comes second.
    pub message: Vec<Part>,
}

/// A screen of records or of numbers.
#[derive(Clone, Debug)]
pub struct View {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Who has it.
    pub who: Vec<Who>,
    /// How it is shown.
    pub kind: ViewKind,
    /// Index that serves it; empty for one of numbers.
    pub index: String,
    /// Filter served by the index; it may use `today`, `actor`.
    pub filter: Option<Typed>,
    /// Whether the order is descending.
    pub descending: bool,
    /// Columns.
    pub columns: Vec<ViewColumn>,
    /// Actions that may be taken on many of its rows at once, by name.
    pub batch: Vec<String>,
    /// Whether all rows are chosen to begin with.
    pub selected: bool,
    /// How a month of a report is closed; none where it is never closed.
    pub close: Option<Close>,
}

/// A column of a view.
#[derive(Clone, Debug)]
pub struct ViewColumn {
    /// Heading.
    pub title: String,
    /// Value.
    pub value: Typed,
}

impl RecordType {
    /// Whether people can begin one themselves: on its own, and without an official.
    #[must_use]
    pub fn begun_by_people(&self) -> bool {
        let people = |who: &Who| matches!(who, Who::Party(_) | Who::SignedIn | Who::Public);
        let mut opening = self.actions.values().filter(|action| action.opens);
        self.child_of.is_empty()
            && !self.register
            && opening.any(|action| action.by.iter().any(people))
    }
}

impl IndexKey {
    /// The key as filters name it: a field path joined with `.`, or the builtin name.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Field(path) => path.join("."),
            Self::State => "state".to_owned(),
            Self::Number => "number".to_owned(),
            Self::CreatedAt => "created_at".to_owned(),
            Self::UpdatedAt => "updated_at".to_owned(),
            Self::ArrivedOn => "arrived_on".to_owned(),
            Self::Due => "due".to_owned(),
            Self::WaitsFor => "waits_for".to_owned(),
            Self::AfterReview => "after_review".to_owned(),
        }
    }
}
