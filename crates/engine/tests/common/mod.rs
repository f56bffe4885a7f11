//! An engine over a store in a directory of its own, with a clock that stands where the test puts it.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test binary uses its own part of this"
)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

pub mod faulty;
pub mod loom;
pub mod walk;

use definition::{Catalogue, Source};
use engine::{
    ActRequest, Answer, Engine, Failure, IdempotencyKey, IdentityProvider, Ids, Known, ManualClock,
    Outcome, Proven, ProviderFault, RecordView, Round, SignedOut, Worker, day_begins,
};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use kernel::port::{Account, MessageRow, Store, Stored};
use kernel::{AccountId, Actor, Assurance, PartyId, RecordId, Refusal, Seat};
use serde_json::{Map, Value as Json};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use store::{Options, SqliteStore};
use uuid::Uuid;

pub const TODAY: Date = date(2026, 11, 24);

/// Identifiers and bytes without randomness: a count.
pub struct Count(AtomicU64);

impl Count {
    pub fn from(first: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(first)))
    }
}

impl Ids for Count {
    fn uuid(&self, at: Timestamp) -> Uuid {
        let mut rest = [0_u8; 10];
        rest[..8].copy_from_slice(&(self.0.fetch_add(1, Ordering::Relaxed) << 24).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(
            u64::try_from(at.as_millisecond()).unwrap(),
            &rest,
        )
        .into_uuid()
    }
}

/// Everything that a test needs.
pub struct Bench {
    pub engine: Arc<Engine>,
    pub store: Arc<SqliteStore>,
    pub clock: Arc<ManualClock>,
    seen: AtomicU64,
}

/// The packages of the repository, read once for all tests of a binary.
pub fn packages() -> &'static Source {
    static SOURCE: LazyLock<Source> = LazyLock::new(|| {
        Source::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services")).unwrap()
    });
    &SOURCE
}

/// The reference package alone, with what it stands on, running as no installation runs it.
pub fn reference() -> Source {
    let own = |path: &str| {
        let folders = ["_reference/", "_archetypes/", "_registers/"];
        folders.iter().any(|folder| path.starts_with(folder))
    };
    let mut source = packages().clone();
    source.files.retain(|path, _| own(path));
    let service = source.files.get_mut("_reference/service.yaml").unwrap();
    let text = String::from_utf8(service.clone()).unwrap();
    *service = text.replace("status: register", "status: running").into();
    source
}

/// The registers of the repository, and these files beside them.
pub fn beside_registers<P: Into<String>, T: Into<Vec<u8>>>(
    files: impl IntoIterator<Item = (P, T)>,
) -> Source {
    let mut source = packages().clone();
    source
        .files
        .retain(|path, _| path.starts_with("_registers/"));
    let files = files.into_iter();
    source
        .files
        .extend(files.map(|(path, text)| (path.into(), text.into())));
    source
}

/// Beside the registers one running service: its title, its roles and what else it says, and its record types by name.
pub fn one_service(slug: &str, title: &str, words: &str, records: &[(&str, &str)]) -> Source {
    let file = |name: &str| format!("common/001-{slug}/{name}");
    let service = format!(
        "title: {title}\ninitiatives: [\"001\"]\narea: 共通\ncategory: \"01\"\nstatus: running\nowner: 見本局\nsummary: 架空の{title}です。\n{words}\n"
    );
    let records = records.iter();
    let records =
        records.map(|(name, text)| (file(&format!("records/{name}.yaml")), (*text).to_owned()));
    beside_registers(records.chain([(file("service.yaml"), service)]))
}

/// What a source holds; a fault in it fails the test.
pub fn sound(source: &Source) -> Catalogue {
    let loaded = definition::load(source, TODAY);
    let faults: Vec<String> = loaded
        .diagnostics
        .iter()
        .filter(|one| one.severity == definition::Severity::Error)
        .map(ToString::to_string)
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    loaded.catalogue
}

/// Those of the repository that have no errors.
pub fn catalogue() -> Catalogue {
    static LOADED: LazyLock<Catalogue> =
        LazyLock::new(|| definition::load(packages(), TODAY).catalogue);
    LOADED.clone()
}

/// Nine in the morning of a day.
pub fn morning(day: Date) -> Timestamp {
    day_begins(day)
        .checked_add(SignedDuration::from_hours(9))
        .unwrap()
}

pub fn open_store(dir: &Path) -> Arc<SqliteStore> {
    let mut next = 0_u64;
    let random = move |into: &mut [u8]| {
        for byte in into {
            next = next
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = next.to_be_bytes()[0];
        }
    };
    Arc::new(SqliteStore::open(dir, Options::new(Box::new(random))).unwrap())
}

impl Bench {
    /// An engine over the store in a directory; `first` sets its identifiers apart from those of a start before.
    pub fn new(dir: &Path, catalogue: Catalogue, first: u64) -> Self {
        let store = open_store(dir);
        let clock = Arc::new(ManualClock::new(morning(TODAY)));
        let engine = Arc::new(Engine::new(
            store.clone(),
            clock.clone(),
            Count::from(first),
            catalogue,
        ));
        Self {
            engine,
            store,
            clock,
            seen: AtomicU64::new(0),
        }
    }

    /// Adds an account with seats and answers it as an actor.
    pub async fn person(&self, login: &str, seats: Vec<Seat>) -> Actor {
        let number = login.bytes().fold(7_u128, |hash, byte| {
            hash.wrapping_mul(1_000_003).wrapping_add(u128::from(byte))
        });
        let account = Account {
            id: AccountId(Uuid::from_u128(number << 1)),
            login: login.into(),
            name: login.into(),
            password: None,
            party: PartyId(Uuid::from_u128((number << 1) | 1)),
            hats: Vec::new(),
            seats,
            passes: Vec::new(),
            demo: true,
            closed: None,
        };
        self.engine.put_account(account.clone()).await.unwrap();
        self.engine.actor(&account, None).unwrap()
    }

    /// An act upon a record as it stands.
    pub async fn acting(
        &self,
        actor: &Actor,
        on: (&str, &str, RecordId),
        action: &str,
        input: Json,
    ) -> ActRequest {
        let now = self.store.snapshots(&[on.2]).await.unwrap();
        let version = now.first().map_or(1, |one| one.version);
        acting(actor, on, version, action, input)
    }

    /// One round of the worker.
    pub async fn tick(&self) {
        Worker::new(Arc::clone(&self.engine)).tick().await.unwrap();
    }

    /// All events, in commit order.
    pub async fn journal(&self) -> Vec<Stored> {
        let mut all: Vec<Stored> = Vec::new();
        loop {
            let after = all.last().map_or(0, |one| one.position);
            let more = self.store.changes(after, 1_000).await.unwrap();
            if more.is_empty() {
                return all;
            }
            all.extend(more);
        }
    }

    /// How many events have been written since this was last asked.
    pub async fn news(&self) -> usize {
        let mut count = 0;
        loop {
            let more = self
                .store
                .changes(self.seen.load(Ordering::Relaxed), 1_000)
                .await
                .unwrap();
            let Some(last) = more.last() else {
                return count;
            };
            self.seen.store(last.position, Ordering::Relaxed);
            count += more.len();
        }
    }

    pub async fn messages(&self, actor: &Actor) -> Vec<MessageRow> {
        self.engine.messages(actor, None, 500).await.unwrap()
    }
}

/// A provider of identities that vouches for what a test says: its key, which is its title and issuer, and whom it knows.
pub struct Issuer(pub &'static str, pub Known);

impl IdentityProvider for Issuer {
    fn key(&self) -> &str {
        self.0
    }
    fn title(&self) -> &str {
        self.0
    }
    fn is(&self, issuer: Option<&str>) -> bool {
        issuer == Some(self.0)
    }
    fn knows(&self) -> Known {
        self.1
    }
    fn is_away(&self) -> bool {
        false
    }
    fn reaches(&self) -> Assurance {
        Assurance::PASSWORD
    }
    fn turns_away(&self) -> String {
        String::new()
    }
    fn begin<'a>(&'a self, _round: &'a Round) -> Answer<'a, String> {
        Box::pin(async { Err(ProviderFault::Away) })
    }
    fn finish<'a>(&'a self, _round: &'a Round, _code: &'a str) -> Answer<'a, Proven> {
        Box::pin(async { Err(ProviderFault::Away) })
    }
    fn leave(&self) -> Option<String> {
        None
    }
    fn told<'a>(&'a self, _token: &'a str) -> Answer<'a, SignedOut> {
        Box::pin(async { Err(ProviderFault::Away) })
    }
}

/// Seats of a role at every office that a table of the packages names, and one at none.
pub fn seats_at_all(bench: &Bench, role: &str) -> Vec<Seat> {
    let catalogue = bench.engine.catalogue();
    let mut offices = std::collections::BTreeSet::new();
    for table in catalogue.services.values().flat_map(|s| s.tables.values()) {
        let Some(at) = table.outputs.iter().position(|(name, _)| name == "office") else {
            continue;
        };
        let named = table.rows.iter().filter_map(|row| row.outputs.get(at));
        offices.extend(
            named
                .filter(|v| **v != feel::Value::Null)
                .map(ToString::to_string),
        );
    }
    std::iter::once(seat(role, None))
        .chain(offices.iter().map(|office| seat(role, Some(office))))
        .collect()
}

/// A role at an office, or at none.
pub fn seat(role: &str, office: Option<&str>) -> Seat {
    Seat {
        role: role.into(),
        office: office.map(Into::into),
        authority: Some("13000".into()),
        municipality: None,
        substitute: None,
    }
}

pub fn object(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap()
}

/// An opening act.
pub fn opening(
    actor: &Actor,
    service: &str,
    record_type: &str,
    action: &str,
    input: Json,
) -> ActRequest {
    ActRequest {
        actor: actor.clone(),
        purpose: None,
        service: service.into(),
        record_type: record_type.into(),
        record: None,
        action: action.into(),
        input: object(input),
        version: None,
        dry_run: false,
        idempotency: None,
        run: None,
    }
}

/// An act on a record.
pub fn acting(
    actor: &Actor,
    on: (&str, &str, RecordId),
    version: u64,
    action: &str,
    input: Json,
) -> ActRequest {
    ActRequest {
        record: Some(on.2),
        version: Some(version),
        ..opening(actor, on.0, on.1, action, input)
    }
}

pub fn with_key(request: ActRequest, key: &str) -> ActRequest {
    ActRequest {
        idempotency: Some(IdempotencyKey {
            key: key.into(),
            request: format!("{:?}", request.input),
        }),
        ..request
    }
}

/// The record of an answer, or a panic with the refusal.
pub fn done(outcome: Result<Outcome, Failure>) -> RecordView {
    match outcome {
        Ok(outcome) => outcome.view,
        Err(failure) => panic!("{failure:?}"),
    }
}

/// The refusal of an answer.
pub fn refusal(outcome: Result<Outcome, Failure>) -> Refusal {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal,
        Err(failure) => panic!("{failure:?}"),
        Ok(outcome) => panic!("done: {:?}", outcome.view.to_json()),
    }
}
