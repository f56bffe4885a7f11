//! Records and acts for the store's tests.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use jiff::{Timestamp, civil::date};
use kernel::port::{Account, Attachment, Commit, Committed, Idempotency, Prepared};
use kernel::{
    AccountId, ActId, AttachmentId, Body, Derived, EffectId, EffectOrder, Entry, Event, Expect,
    Header, MessageTo, OutboxEntry, Own, PartyId, Patch, Posting, Reach, RecordId, Snapshot,
};
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Options, SqliteStore};
use uuid::Uuid;

pub mod books;
pub mod drill;
pub mod log;
mod world;
#[allow(unused_imports, reason = "each test file uses a part")]
pub use world::{AnyStore, Port, World, private};

/// An id that comes after all before it, as UUIDv7 do.
pub fn id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    id_of(u64::from(std::process::id()) << 32 | NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Somebody's account, without a password.
pub fn account(login: &str) -> Account {
    Account {
        id: AccountId(id()),
        login: login.into(),
        name: "佐藤 花子".into(),
        password: None,
        party: PartyId(id()),
        hats: Vec::new(),
        seats: Vec::new(),
        passes: Vec::new(),
        demo: false,
        closed: None,
    }
}

pub fn id_of(number: u64) -> Uuid {
    Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 | u128::from(number))
}

/// A drawing that nobody uses yet; the store finds out its size and digest.
pub fn drawing(id: Uuid, at: Timestamp) -> Attachment {
    Attachment {
        id: AttachmentId(id),
        name: "図面.png".into(),
        media_type: "image/png".into(),
        bytes: 0,
        sha256: String::new(),
        owner: None,
        record: None,
        also: vec![],
        at,
    }
}

/// An effect that tells a desk of a record.
pub fn notice(record: RecordId) -> OutboxEntry {
    let order = EffectOrder::Notify {
        record,
        service: "books".into(),
        record_type: "loan".into(),
        to: MessageTo::Desk {
            office: "本館".into(),
            role: None,
        },
        message: "arrived".into(),
        subject: "届きました".into(),
        body: "確かめてください".into(),
        others: BTreeMap::new(),
        reach: Reach::default(),
    };
    OutboxEntry {
        id: EffectId(id()),
        order,
    }
}

pub fn options(seed: u64) -> Options {
    let mut random = StdRng::seed_from_u64(seed);
    Options::new(Box::new(move |bytes| random.fill_bytes(bytes)))
}

pub fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir, options(7)).unwrap()
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

/// The next event of a record.
pub fn event(
    before: Option<&Snapshot>,
    record: RecordId,
    act: ActId,
    patches: Vec<Patch>,
) -> Event {
    let seq = before.map_or(0, |snapshot| snapshot.version) + 1;
    let header = Header {
        record,
        service: "books".into(),
        record_type: "loan".into(),
        seq,
        act,
        action: "lend".into(),
        recorded_at: at(i64::try_from(seq).unwrap()),
        occurred_at: at(0),
        effective_on: date(2026, 11, 22),
        actor: None,
        on_behalf_of: None,
        acted_as: "desk.examiner".into(),
        seat_office: Some("本館".into()),
        definition: "d0".into(),
    };
    Event {
        header,
        body: Body {
            actor_name: "佐藤 花子".into(),
            run: None,
            purpose: None,
            patches,
            note: None,
            postings: None,
        },
    }
}

pub fn field(name: &str, value: serde_json::Value) -> Patch {
    Patch::Field {
        id: name.into(),
        value,
    }
}

/// An act in the making.
pub struct Draft {
    pub act: ActId,
    pub expects: Vec<Expect>,
    pub prepared: Prepared,
}

impl Draft {
    pub fn new() -> Self {
        let prepared = Prepared {
            events: vec![],
            records: vec![],
            postings: vec![],
            effects: vec![],
            attachments: vec![],
            idempotency: None,
        };
        Self {
            act: ActId(id()),
            expects: vec![],
            prepared,
        }
    }

    /// One event of a record that stood at `before`.
    pub fn put(
        mut self,
        before: Option<&Snapshot>,
        record: RecordId,
        mut patches: Vec<Patch>,
        derived: Derived,
    ) -> Self {
        if before.is_none() {
            patches.push(Patch::State("open".into()));
            patches.push(Patch::Place {
                authority: Some("13000".into()),
                office: Some("本館".into()),
                municipality: None,
            });
        }
        let event = event(before, record, self.act, patches);
        let after = kernel::evolve(before.cloned(), &event).unwrap();
        self.expects.push(Expect {
            record,
            version: after.version - 1,
        });
        self.prepared.events.push(event);
        self.prepared.records.push((after, derived));
        self
    }

    pub fn post(mut self, record: RecordId, key: &str, amount: i64, floor: Option<i64>) -> Self {
        let posting = Posting {
            ledger: "books/shelf".into(),
            key: key.into(),
            record,
            posted: amount.into(),
            held: 0.into(),
            floor: floor.map(Into::into),
        };
        self.prepared.postings.push(posting);
        self
    }

    pub fn key(mut self, key: &str, request: &str) -> Self {
        let record = self.prepared.records[0].0.id;
        self.prepared.idempotency = Some(Idempotency {
            owner: "a".into(),
            key: key.into(),
            request: request.into(),
            act: self.act,
            record,
            version: 1,
            status: 201,
            at: at(1),
        });
        self
    }

    pub fn commit(self) -> Commit {
        let mut prepared = self.prepared;
        if let Some(first) = prepared.events.first_mut() {
            first.body.postings = kernel::posted::digest(&prepared.postings);
        }
        let given = prepared.events.iter().flat_map(|event| {
            let numbers = event.body.patches.iter();
            let numbers = numbers.filter(|patch| matches!(patch, Patch::Number(_)));
            let header = &event.header;
            numbers.map(move |_| {
                let (service, kind) = (&header.service, &header.record_type);
                kernel::number::counter(service, kind, Some("13000"), header.effective_on)
            })
        });
        Commit {
            expects: self.expects,
            draws: given.collect(),
            finish: Box::new(move |_| prepared),
        }
    }

    pub async fn go(self, store: &impl Port) -> Committed {
        store.port().commit(self.commit()).await.unwrap()
    }
}

/// What a record is found by, as it was given when it was written.
pub fn own_of(known: &BTreeMap<RecordId, Derived>, record: RecordId) -> Option<Own> {
    known.get(&record).map(|derived| Own {
        scopes: derived.scopes.clone(),
        entries: derived.entries.clone(),
        search: Some(derived.search.clone()),
        unique: Some(derived.unique.clone()),
    })
}

pub fn derived(scopes: &[&str], search: &str, entries: Vec<Entry>) -> Derived {
    Derived {
        scopes: scopes.iter().map(|&scope| scope.into()).collect(),
        entries,
        search: search.into(),
        ..Derived::default()
    }
}

/// A record with one field, its one snapshot.
pub async fn create(store: &impl Port, n: i64, derived: Derived) -> Snapshot {
    let draft = Draft::new().put(None, RecordId(id()), vec![field("n", json!(n))], derived);
    match draft.go(store).await {
        Committed::Done(mut snapshots) => snapshots.remove(0),
        other => panic!("{other:?}"),
    }
}

pub async fn current(store: &impl Port, id: RecordId) -> Snapshot {
    store.port().snapshots(&[id]).await.unwrap().remove(0)
}

pub fn n(snapshot: &Snapshot) -> i64 {
    snapshot.fields["n"].as_i64().unwrap()
}
