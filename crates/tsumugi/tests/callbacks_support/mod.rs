//! A small service with fees, the product's routes over a real store, and the sandbox.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]
#![allow(missing_docs, unreachable_pub, reason = "helpers of tests")]

use axum::body::Body;
use axum::http::Request;
use connect::payment::sandbox::{Sandbox, WEBHOOK_PATH};
use connect::payment::webhook::Secret;
use definition::{Catalogue, Source};
use engine::{ActRequest, Clock, Engine, Ids, ManualClock, Outcome, RecordView, Worker};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use kernel::{AccountId, Actor, PartyId, RecordId, Seat};
use serde_json::{Map, Value as Json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::{Options, SqliteStore};
use tower::ServiceExt as _;
use uuid::Uuid;

pub const TODAY: Date = date(2026, 11, 24);
pub const SLUG: &str = "toll";
pub const OFFICE: &str = "見本係";
/// The office of those whose fee is large.
pub const OTHER_OFFICE: &str = "別の係";

const SERVICE: &str = "
title: 見本の手続
initiatives: []
area: 見本
category: \"01\"
status: running
owner: 見本係
summary: 手数料を納める、見本の手続です。
audience: [residents]
extends:
  - { archetype: payment, with: { desk: clerk, days: 3 } }
roles: { clerk: 係 }
";

const APPLICATION: &str = "
title: 申請
label: name
authority: '\"13000\"'
office: 'if get or else(fee, 0) < 100000 then \"見本係\" else \"別の係\"'
parties:
  applicant: { title: 申請者, is: [person], owner: true }
fields:
  name: { type: text, title: 名前, required: true }
  fee: { type: yen, title: 手数料, required: true, min: 1 }
has:
  payments: { type: payment, title: 納付 }
states:
  fee_due: { title: 納付待ち, waits_for: applicant }
  done: { title: 済み, ended: true }
  withdrawn: { title: 取下げ, ended: true }
actions:
  ask: { title: 申請する, by: applicant, opens: true, to: fee_due, form: [name, fee], change: [{ open: payment, as: payments, with: { purpose: name, amount: fee } }] }
  fee_paid: { title: 納められた, by: system, from: fee_due, to: done }
  take: { title: 窓口で受け取る, by: desk.clerk, from: fee_due, to: done, change: [{ act: payments, do: counter, with: { received_on: today, paid_by: '\"cash\"' } }] }
  withdraw: { title: 取り下げる, by: applicant, from: fee_due, to: withdrawn, change: [{ act: payments, do: cancel }] }
see:
  - { who: applicant, scope: own }
  - { who: desk.clerk, scope: office }
";

struct Count(AtomicU64);

impl Ids for Count {
    fn uuid(&self, at: Timestamp) -> Uuid {
        let mut rest = [0_u8; 10];
        rest[..8].copy_from_slice(&(self.0.fetch_add(1, Ordering::Relaxed) << 24).to_be_bytes());
        let millis = u64::try_from(at.as_millisecond()).unwrap();
        uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }
}

/// Numbers that look random and are the same each time.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % n
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

pub struct Town {
    pub engine: Arc<Engine>,
    pub store: Arc<SqliteStore>,
    pub clock: Arc<ManualClock>,
    pub sandbox: Arc<Sandbox>,
    routes: axum::Router,
}

/// The repository's archetypes and registers with the small service.
fn catalogue() -> Catalogue {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    let mut source = Source::from_dir(&services).unwrap();
    source
        .files
        .retain(|path, _| path.starts_with("_archetypes/") || path.starts_with("_registers/"));
    let mut put = |name: &str, text: &str| {
        let path = format!("common/900-toll/{name}");
        source.files.insert(path, text.as_bytes().to_vec());
    };
    put("service.yaml", SERVICE);
    put("records/application.yaml", APPLICATION);
    let loaded = definition::load(&source, TODAY);
    let errors: Vec<String> = loaded
        .diagnostics
        .iter()
        .filter(|found| found.severity == definition::Severity::Error)
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    loaded.catalogue
}

pub fn secret() -> Secret {
    Secret::new(vec![9; 32])
}

pub fn morning(day: Date) -> Timestamp {
    let begins = engine::day_begins(day);
    begins.checked_add(SignedDuration::from_hours(9)).unwrap()
}

impl Town {
    pub fn new(dir: &Path) -> Self {
        let mut next = 0_u64;
        let random = move |into: &mut [u8]| {
            for byte in into {
                next = next
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                *byte = next.to_be_bytes()[0];
            }
        };
        let store = Arc::new(SqliteStore::open(dir, Options::new(Box::new(random))).unwrap());
        let clock = Arc::new(ManualClock::new(morning(TODAY)));
        let sandbox = Sandbox::forgetful(secret(), Arc::clone(&clock) as Arc<dyn Clock>);
        let catalogue = catalogue();
        let engine = Engine::new(
            Arc::clone(&store) as Arc<dyn kernel::port::Store>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::new(Count(AtomicU64::new(1))),
            catalogue,
        );
        let gateway = Arc::clone(&sandbox) as Arc<dyn engine::Gateway>;
        let engine = Arc::new(engine.with_gateway(gateway));
        let app = web::App::new(web::Parts {
            engine: Arc::clone(&engine),
            demo: false,
            postal: web::Postal::none(),
            random: Arc::new(|bytes: &mut [u8]| bytes.fill(7)),
            secure_cookies: false,
            monotonic: Arc::new(|| Duration::ZERO),
            vitals: Arc::new(web::Vitals::default),
        });
        Self {
            engine,
            store,
            clock,
            sandbox,
            routes: web::router(Arc::new(app)),
        }
    }

    /// Sends a callback to the product (id, timestamp, signature; body) and answers the status.
    pub async fn callback(&self, [id, time, signature]: &[String; 3], sent: &[u8]) -> u16 {
        let request = Request::post(WEBHOOK_PATH)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", time)
            .header("webhook-signature", signature)
            .body(Body::from(sent.to_vec()));
        let answer = self.routes.clone().oneshot(request.unwrap()).await;
        answer.unwrap().status().as_u16()
    }

    /// The record of a day's comparison.
    pub async fn day(&self, day: Date) -> RecordView {
        use kernel::port::Store as _;
        let key = format!("gateway/sandbox/day/{day}");
        let known = self.store.idempotency("system", &key).await.unwrap();
        let (system, id) = (Actor::system(), known.unwrap().record);
        let found = self
            .engine
            .record(&system, None, "treasury", "day", id, None);
        found.await.unwrap()
    }

    pub async fn tick(&self) {
        Worker::new(Arc::clone(&self.engine)).tick().await.unwrap();
    }

    pub async fn perform(
        &self,
        actor: &Actor,
        record: Option<(&str, RecordId)>,
        action: &str,
        input: Json,
    ) -> Result<Outcome, engine::Failure> {
        let version = match record {
            Some((kind, id)) => Some(self.look(actor, kind, id).await.version),
            None => None,
        };
        let input: Map<String, Json> = input.as_object().unwrap().clone();
        self.engine
            .perform(ActRequest {
                actor: actor.clone(),
                purpose: None,
                service: SLUG.into(),
                record_type: record.map_or("application", |(kind, _)| kind).into(),
                record: record.map(|(_, id)| id),
                action: action.into(),
                input,
                version,
                dry_run: false,
                run: None,
                idempotency: None,
            })
            .await
    }

    pub async fn look(&self, actor: &Actor, kind: &str, id: RecordId) -> RecordView {
        self.engine
            .record(actor, None, SLUG, kind, id, None)
            .await
            .unwrap()
    }

    pub async fn balance(&self, ledger: &str, key: &str) -> i64 {
        use kernel::port::Store as _;
        use rust_decimal::prelude::ToPrimitive as _;
        let ledger = format!("{SLUG}/{ledger}");
        let (posted, held) = self.store.balance(&ledger, key).await.unwrap();
        assert!(held.is_zero());
        posted.to_i64().unwrap()
    }
}

pub fn person(number: u128) -> Actor {
    Actor {
        account: Some(AccountId(Uuid::from_u128(number))),
        party: Some(PartyId(Uuid::from_u128(number + 1_000_000))),
        name: "見本 花子".into(),
        system: false,
        ..Actor::system()
    }
}

pub fn clerk() -> Actor {
    let mut clerk = person(999_999);
    clerk.seats = vec![Seat {
        role: "clerk".into(),
        office: Some(OFFICE.into()),
        authority: None,
        municipality: None,
        substitute: None,
    }];
    clerk
}
