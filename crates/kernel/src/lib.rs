//! Decides what an act does: `decide(facts, act)` gives changes and effects, or a refusal; `evolve` folds events into
//! snapshots and needs no definition. Pure: no I/O, no clock, no randomness.

pub mod about;
pub mod act;
mod around;
pub mod assured;
mod cascade;
mod change;
pub mod clock;
pub mod closed;
pub mod compare;
mod compute;
mod context;
pub mod convert;
pub mod counter;
pub mod decide;
pub mod decision;
pub mod derive;
pub mod event;
pub mod evolve;
pub mod facts;
pub mod glass;
pub mod guard;
pub mod identity;
pub mod ids;
mod input;
pub mod intake;
pub mod invite;
pub mod keep;
pub mod key;
pub mod letter;
pub mod log;
pub mod looks;
pub mod mailroom;
pub mod mandate;
mod matrix;
pub mod measure;
pub mod newid;
pub mod notice;
pub mod number;
pub mod outlook;
mod payment;
mod perform;
pub mod port;
pub mod posted;
pub mod proofs;
pub mod publish;
pub mod quarantine;
pub mod refusal;
pub mod remark;
pub mod render;
pub mod reviews;
pub mod route;
pub mod scope;
pub mod see;
pub mod sharing;
pub mod shelf;
pub mod slips;
pub mod snapshot;
mod stale;
pub mod tables;
mod uses;
pub mod vault;
pub mod view;
pub mod who;
mod world;

pub use act::{Act, Actor, Seat, Substitution};
pub use decide::{actions, decide};
pub use decision::{
    Decision, Derived, Draw, EffectOrder, Entry, Expect, MessageTo, OutboxEntry, Posting, Reach,
    Said, Timer, UniqueValue,
};
pub use definition::{form_fields, record_fields};
pub use derive::{Own, derive, own};
pub use event::{Body, Event, Header, Note, Patch};
pub use evolve::{EvolveError, evolve};
pub use facts::{AttachmentFact, Facts, MAX_RECORDS_PER_ACT, Official};
pub use glass::Pass;
pub use identity::Assurance;
pub use ids::{AccountId, ActId, AttachmentId, EffectId, FieldId, PartyId, RecordId, RunId};
pub use input::{file_of, had_before};
pub use mandate::{Mandate, Scope as MandateScope};
pub use matrix::authority_matrix;
pub use notice::notify;
pub use number::fill_numbers;
pub use payment::charged;
pub use refusal::{Fault, Refusal, RefusalKind};
pub use scope::{Around, Layer, RecordScope};
pub use see::{
    PLATFORM_SCOPE, Sight, may_name, may_see, rule_tells, scope_keys, scope_keys_where,
    visible_fields,
};
pub use snapshot::{
    Absent, ClockPhase, ClockState, Issued, ParentRef, PartyRef, Pause, Reviewed, RouteDeed,
    RouteMark, RouteState, Snapshot,
};
pub use who::acting_as;
