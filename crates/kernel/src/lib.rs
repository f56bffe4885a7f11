//! Decides what an act does: `decide(facts, act)` gives changes and effects, or a refusal; `evolve` folds events into
//! snapshots and needs no definition. Pure: no I/O, no clock, no randomness.

pub mod act;
pub mod decision;
pub mod event;
pub mod facts;
pub mod ids;
pub mod key;
pub mod port;
pub mod refusal;
pub mod snapshot;

pub use act::{Act, Actor, Seat};
pub use decision::{Decision, Derived, Draw, EffectOrder, Entry, Expect, MessageTo, OutboxEntry, Posting, Timer, UniqueValue};
pub use event::{Body, Event, Header, Patch};
pub use facts::{AttachmentFact, Facts, MAX_RECORDS_PER_ACT};
pub use ids::{AccountId, ActId, AttachmentId, EffectId, FieldId, PartyId, RecordId};
pub use refusal::{Fault, Refusal, RefusalKind};
pub use snapshot::{ClockPhase, ClockState, ParentRef, PartyRef, RouteState, Snapshot};
