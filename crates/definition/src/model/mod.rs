//! A checked definition: what `read` and `check` make of a package's files, and what all other crates work with.
//! Every expression in it has been typed; every name in it is known.

mod action;
mod closed;
mod document;
mod face;
mod field;
mod glass;
mod looked;
mod payment;
mod publication;
mod record;
mod retention;
mod service;
mod sharing;
mod table;

pub use action::{
    Action, Assured, Batch, Change, Condition, Effect, Form, Recipient, Route, RouteStep, SetField,
    Target, Tone, Who,
};
pub use closed::Closed;
pub use document::{Document, Template, Verify};
pub use face::{
    Beside, Close, Compare, Counter, Dimension, Measure, Notes, Numbers, Outlook, Period, Shape,
    ViewKind,
};
pub use field::{Field, FieldKind, IndividualRule, OfficialRule, Options, RecordLink};
pub use glass::BreakGlass;
pub use looked::{Looked, Withheld};
pub use payment::{GATEWAY_FIELDS, GATEWAY_URL, Gateway};
pub use publication::{Import, ImportParty, Publication, PublishedColumn, PublishedKind, Schedule};
pub use record::{
    Child, Clock, ComputeStep, Computed, Derived, FieldSet, IndexKey, Invited, ListIndex, Lookup,
    NumberRule, PartyRule, RecordType, ScopeKind, SeeRule, State, Unique, View, ViewColumn,
};
pub use retention::{Retention, RetentionCount, RetentionThen};
pub use service::{
    Content, Door, Guide, Ledger, Message, Outside, Part, Plan, Role, Service, Status, Translation,
    Translations,
};
pub use sharing::{Basis, ConsentRule, Giving, Ground, Use};
pub use table::{CellTest, ColumnKind, HitPolicy, Table, TableRow};
