//! Gathers facts, authorises, decides, commits once, then delivers effects. The only place where definitions, kernel
//! and store meet.

mod absence;
mod appointment;
mod changes;
mod clock;
mod closed;
mod closing;
mod cursor;
mod days;
mod demo;
mod departures;
mod desk;
mod envelope;
mod facts;
mod failure;
mod files;
mod glass;
mod guesses;
mod handover;
mod hash;
mod held;
mod identity;
mod import;
mod individual;
mod invite;
pub mod jose;
mod keep;
mod letters;
pub mod linked;
mod links;
mod list;
mod log;
mod looking;
pub mod mailed;
mod maintenance;
mod mandate;
mod nearby;
mod numbers;
pub mod outreach;
mod outside;
mod pace;
mod pages;
mod payment;
mod perform;
pub mod proofs;
mod publish;
mod pulse;
pub mod qr;
mod read;
mod recount;
mod registry;
pub mod review;
mod route_line;
mod runs;
pub mod scan;
pub mod secrets;
mod sessions;
mod sharing;
mod sketch;
mod small;
mod start;
pub mod systems;
mod view;
mod worker;

pub use absence::{ABSENCE, Absence, AbsenceRequest, SERVICE as ABSENCES};
pub use changes::{ChangePage, HistoryEntry, HistoryPage};
pub use clock::{Clock, Ids, ManualClock, day_begins, tokyo_day};
pub use closing::deed::{MonthDeed, MonthPlace};
pub use closing::{
    Book, Change, Closed, Correction, MONTH as CLOSED_MONTH, OfficeBook, SERVICE as CLOSINGS, Span,
};
pub use days::{Lanes, Month};
pub use demo::{DemoPlace, DemoReport, DemoScale};
pub use desk::{BatchAction, Board, has_desk_view};
pub use envelope::{Schema, href};
pub use failure::Failure;
pub use files::Upload;
pub use glass::{
    ACCESS, GlassAnswer, GlassKey, GlassKind, GlassPass, GlassPlace, GlassRequest,
    SERVICE as EMERGENCIES,
};
pub use handover::{AHEAD_DAYS, Handing, Holder as WorkHolder, Leaving, Work};
pub use held::Held;
pub use identity::{SessionLimits, SignedIn};
pub use import::Importing;
pub use individual::{NumberOffer, NumberReferences, NumbersChecked, OpenedNumber};
pub use invite::{InvitationView, InviteRequest, InvitedView, Knock};
pub use keep::{
    Expired, ExpiredPage, GoneView, KeptType, Listed, MAX_ROUND, Proposal, ROUND, RoundDeed,
    RoundView, SERVICE as DISPOSALS,
};
pub use letters::{
    DocumentView, Face, IssuedView, Letter, LetterHead, Press, PressFault, PrintedLetter,
};
pub use list::{ListRequest, ListView};
pub use log::{Receipted, SIGNED_WITHIN_SECONDS};
pub use looking::{
    ALERT, AuditLine, AuditPage, AuditRequest, Breach, KEPT_YEARS, LOOKS, LOOKS_SIGNED_WITHIN,
    LookLine, Looking, ToldPage, by_way, session_digest,
};
pub use maintenance::{
    OwnVisit, SERVICE as MAINTENANCE, VISIT, Visit, VisitBook, VisitRequest, hears_of_visits,
    maintains,
};
pub use mandate::{DELEGATION, SERVICE as DELEGATIONS};
pub use numbers::{NumbersView, Pick, Sheet, SheetRow, numeric};
pub use outside::{
    Answer, IdentityProvider, Known, Proven, ProviderFault, Round, SignedOut, Vouched, outside_name,
};
pub use pages::{
    MAX_PAGES, MAX_WIDTH_PX, MIN_WIDTH_PX, PageFault, PageList, PageMaker, PagePicture, PageSize,
    Paged,
};
pub use payment::{
    Asked, Charge, CompareError, Compared, Difference, Forged, Gateway, GatewayError, GiveBack,
    Holder, News, NewsKind, PayPage, Reference, Session, Settled, Share, SignedHeaders, Taken,
};
pub use perform::{ActRequest, IdempotencyKey, Outcome};
pub use publish::{HeldBack, OpenColumn, OpenData, OpenFile, OpenTable, Published, falls_due};
pub use pulse::{LogPulse, Pulse};
pub use route_line::{LineStatus, LineStep, RouteLine, mark_json};
pub use runs::{Chosen, MAX_RUN_RECORDS, RunItemView, RunRequest, RunStatus, RunView};
pub use sharing::{CONSENT, CONSENTS, UseOffer, UseView};
pub use sketch::{Candidate, Sketch};
pub use view::{ActionView, ComparisonView, RecordView, RelatedView, StartView, tokyo};
pub use worker::Worker;

use definition::Catalogue;
use definition::model::{Action, RecordType, Service};
use jiff::civil::Date;
use kernel::port::Store;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// The engine. One per process; cheap to share behind an [`Arc`].
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) catalogue: parking_lot::RwLock<Arc<Catalogue>>,
    pub(crate) pinned: registry::Pinned,
    pub(crate) wake: Notify,
    pub(crate) keep: keep::Known,
    gateway: Option<Arc<dyn Gateway>>,
    /// Runs that somebody in this process is at.
    pub(crate) running: parking_lot::Mutex<HashSet<kernel::RunId>>,
    pub(crate) import_wake: Notify,
    pub(crate) gateway_wake: Notify,
    pub(crate) gateway_pace: pace::Pace,
    pub(crate) published: publish::Kept,
    pub(crate) outreach: OnceLock<outreach::Outreach>,
    pub(crate) providers: OnceLock<Vec<Arc<dyn IdentityProvider>>>,
    pub(crate) second_of_officials: OnceLock<bool>,
    pub(crate) outreach_wake: Notify,
    pub(crate) review_key: OnceLock<String>,
    pub(crate) letters: letters::Letters,
    pub(crate) pages: pages::Pages,
    pub(crate) sessions: sessions::Sessions,
    pub(crate) log: log::Log,
    pub(crate) scanner: OnceLock<Arc<dyn scan::Scanner>>,
    /// The day, since 1970, on which notes of who looked were last looked through for old ones.
    pub(crate) looks_pruned: std::sync::atomic::AtomicI64,
    schemas: parking_lot::RwLock<HashMap<(String, String, String), Arc<Schema>>>,
}

impl Engine {
    /// An engine over a store, with a catalogue that [`Engine::publish`] then keeps.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        catalogue: Catalogue,
    ) -> Self {
        Self {
            store,
            clock,
            ids,
            catalogue: parking_lot::RwLock::new(Arc::new(catalogue)),
            pinned: registry::Pinned::default(),
            wake: Notify::new(),
            keep: keep::Known::default(),
            gateway: None,
            running: parking_lot::Mutex::default(),
            import_wake: Notify::new(),
            gateway_wake: Notify::new(),
            gateway_pace: payment::lane::pace(),
            published: publish::Kept::default(),
            outreach: OnceLock::new(),
            providers: OnceLock::new(),
            second_of_officials: OnceLock::new(),
            outreach_wake: Notify::new(),
            review_key: OnceLock::new(),
            letters: letters::Letters::default(),
            pages: pages::Pages::default(),
            sessions: sessions::Sessions::default(),
            log: log::Log::default(),
            scanner: OnceLock::new(),
            looks_pruned: std::sync::atomic::AtomicI64::new(-1),
            schemas: parking_lot::RwLock::default(),
        }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Today in Asia/Tokyo.
    #[must_use]
    pub fn today(&self) -> Date {
        tokyo_day(self.clock.now())
    }

    /// What an operator should see; none when all is well.
    #[must_use]
    pub fn health(&self) -> Option<String> {
        self.store.health()
    }

    /// How far the copy of the installation is; none where the program keeps none.
    #[must_use]
    pub fn copying(&self) -> Option<kernel::port::Copying> {
        self.store.copying()
    }

    /// The JSON Schema of an action's input, made once per definition.
    pub fn input_schema(&self, service: &Service, rt: &RecordType, action: &Action) -> Arc<Schema> {
        let key = (service.hash.clone(), rt.name.clone(), action.name.clone());
        if let Some(schema) = self.schemas.read().get(&key) {
            return Arc::clone(schema);
        }
        let schema = Schema::new(definition::input_schema(service, rt, action));
        self.schemas.write().insert(key, Arc::clone(&schema));
        schema
    }
}
