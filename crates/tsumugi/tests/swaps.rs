//! Ids of records that are somebody else's, put into every address that takes one: the answer is that for an id that never
//! was, in status, headers and body. Hundreds here; `TSUMUGI_SWAPS=100000` asks for as many as the plan does.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where it must, and says how much it asked"
)]

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use engine::{Engine, ManualClock};
use kernel::{Actor, AttachmentId, RecordId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tower::ServiceExt as _;
use tsumugi::{Config, Demo, Running, start};
use uuid::Uuid;

/// So many in a run of the tests.
const SWAPS: usize = 600;

/// Addresses that take the id of a record. `{act}` and `{letter}` are of the record's own type, so that whatever is asked
/// before the record is looked at would show.
const RECORDS: &[(&str, &str)] = &[
    ("GET", "/api/v1/services/{at}"),
    ("GET", "/api/v1/services/{at}?as_of=2026-11-20"),
    ("GET", "/api/v1/services/{at}/history"),
    ("GET", "/api/v1/services/{at}/looks"),
    ("GET", "/api/v1/services/{at}/uses"),
    ("GET", "/api/v1/services/{at}/uses/none"),
    ("GET", "/api/v1/services/{at}/receipt"),
    ("GET", "/api/v1/services/{at}/invitations"),
    ("POST", "/api/v1/services/{at}/invitations"),
    ("DELETE", "/api/v1/services/{at}/invitations/{other}"),
    ("GET", "/api/v1/services/{at}/documents/{letter}"),
    ("GET", "/api/v1/services/{at}/review"),
    ("POST", "/api/v1/services/{at}/actions/{act}"),
    ("POST", "/api/v1/services/{at}/actions/no-such"),
    ("GET", "/r/{at}"),
    ("GET", "/r/{at}/looks"),
    ("GET", "/r/{at}/receipt"),
    ("GET", "/r/{at}/slip"),
    ("GET", "/r/{at}/invite"),
    ("GET", "/r/{at}/review"),
    ("GET", "/r/{at}/uses/none"),
    ("GET", "/desk/runs/{id}"),
    ("GET", "/r/{at}/documents/{letter}"),
    ("GET", "/r/{at}/documents/{letter}/pdf"),
    ("GET", "/r/{at}/do/{act}"),
    ("GET", "/my/{at}/{act}"),
    ("GET", "/my/{at}/{act}/paper"),
    ("GET", "/my/{at}/{act}/confirm"),
    ("GET", "/pay/{at}"),
    ("GET", "/pay/{at}/go"),
    ("GET", "/pay/{at}/return"),
    ("GET", "/api/v1/retention/rounds/{id}"),
    ("GET", "/api/v1/retention/rounds/{id}/list.csv"),
    ("GET", "/desk/retention/rounds/{id}"),
    ("POST", "/api/v1/audit/alerts/{id}/confirm"),
    ("GET", "/api/v1/audit/looks?record={id}"),
];
/// Addresses that take the id of a file.
const FILES: &[(&str, &str)] = &[
    ("GET", "/api/v1/uploads/{id}"),
    ("GET", "/api/v1/uploads/{id}/pages"),
    ("GET", "/api/v1/uploads/{id}/pages/1?width=640"),
    ("GET", "/files/{id}"),
    ("GET", "/files/{id}/pages/1?width=640"),
];
/// What a header says of the one request, and not of the record.
const OWN: [&str; 3] = ["date", "x-request-id", "traceparent"];

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// A record and what an address needs to know of its type.
struct Target {
    service: String,
    kind: String,
    id: RecordId,
    act: Vec<String>,
    letter: Vec<String>,
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

async fn demo(data: &Path) -> Running {
    let at = "2026-11-24T09:00:00+09:00".parse().unwrap();
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    start(Config::demo(
        data.to_path_buf(),
        services,
        Demo::Whole,
        Arc::new(ManualClock::new(at)),
    ))
    .await
    .unwrap()
}

/// Every record of the demo, and the files that they name.
async fn targets(engine: &Engine) -> (Vec<Target>, Vec<AttachmentId>) {
    let system = Actor::system();
    let (mut after, mut seen, mut files) = (0, BTreeSet::new(), BTreeSet::new());
    let mut records = Vec::new();
    loop {
        let page = engine.changes(&system, after, 500).await.unwrap();
        for one in &page.items {
            let id: RecordId = one["data"]["record"].as_str().unwrap().parse().unwrap();
            let kind = one["type"].as_str().unwrap();
            let mut parts = kind.split('.').skip(1);
            let (service, kind) = (parts.next().unwrap(), parts.next().unwrap());
            if !seen.insert(id) {
                continue;
            }
            let view = engine
                .record(&system, None, service, kind, id, None)
                .await
                .unwrap();
            files.extend(view.fields.values().flat_map(ids));
            records.push(Target {
                service: service.into(),
                kind: kind.into(),
                id,
                act: view.record_type.actions.keys().cloned().collect(),
                letter: view.record_type.documents.keys().cloned().collect(),
            });
        }
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    let files: Vec<AttachmentId> = files.into_iter().collect();
    let files = engine.attachment_names(&files).await.unwrap();
    (records, files.into_iter().map(|file| file.id).collect())
}

fn ids(value: &serde_json::Value) -> Vec<AttachmentId> {
    match value {
        serde_json::Value::String(text) => text.parse().map(AttachmentId).into_iter().collect(),
        serde_json::Value::Array(items) => items.iter().flat_map(ids).collect(),
        _ => Vec::new(),
    }
}

async fn ask(
    running: &Running,
    token: Option<&str>,
    (method, path): (&str, &str),
    id: Uuid,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if method == "POST" {
        request = request
            .header("content-type", "application/json")
            .header("idempotency-key", key());
    }
    let body = match method {
        "POST" => Body::from(r#"{"version":1,"input":{}}"#),
        _ => Body::empty(),
    };
    let answer = running.router.clone().oneshot(request.body(body).unwrap());
    let (parts, body) = answer.await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let blind = |text: &str| unnamed(&text.replace(&id.to_string(), "ID"));
    Answer {
        status: parts.status.as_u16(),
        headers: headers(&parts.headers, blind),
        body: blind(&String::from_utf8_lossy(&body)),
    }
}

/// Without the number that each refusal bears of its own.
fn unnamed(text: &str) -> String {
    const NUMBER: &str = "urn:uuid:";
    match text.split_once(NUMBER) {
        Some((before, after)) => {
            let rest = after.get(36..).unwrap_or_default();
            format!("{before}{NUMBER}{rest}")
        }
        None => text.to_owned(),
    }
}

/// A fresh idempotency key.
fn key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("swap-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn headers(all: &HeaderMap, blind: impl Fn(&str) -> String) -> BTreeMap<String, String> {
    all.iter()
        .filter(|(name, _)| !OWN.contains(&name.as_str()))
        .map(|(name, value)| {
            (
                name.to_string(),
                blind(&String::from_utf8_lossy(value.as_bytes())),
            )
        })
        .collect()
}

/// An id of the same moment that nothing has.
fn never(of: Uuid, dice: &mut Dice) -> Uuid {
    let mut bytes = of.into_bytes();
    for byte in &mut bytes[9..] {
        *byte = u8::try_from(dice.below(256)).unwrap();
    }
    Uuid::from_bytes(bytes)
}

#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::disallowed_methods,
    reason = "how many are asked is set from outside"
)]
async fn an_id_of_somebody_else_is_answered_as_one_that_never_was() {
    let many = std::env::var("TSUMUGI_SWAPS").ok();
    let many = many.map_or(SWAPS, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let running = demo(folder.path()).await;
    let engine = &running.engine;
    let (records, files) = targets(engine).await;
    assert!(records.len() > 50, "{}", records.len());
    let mut people: Vec<(String, Option<String>, Actor)> =
        vec![("public".into(), None, Actor::public())];
    for (login, token) in &running.tokens {
        let account = engine.account_by_login(login).await.unwrap().unwrap();
        people.push((
            login.clone(),
            Some(token.clone()),
            engine.actor(&account, None).unwrap(),
        ));
    }
    let (mut dice, mut asked, mut tries, mut shown) = (Dice(20_261_124), 0, 0, 0);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut leaks = Vec::new();
    while asked < many {
        tries += 1;
        assert!(
            tries < many * 50 + 10_000,
            "hardly anything is hidden from anybody"
        );
        let (login, token, actor) = &people[dice.below(people.len())];
        let by_file = !files.is_empty() && dice.below(8) == 0;
        let (method, address, id, path) = if by_file {
            let file = files[dice.below(files.len())];
            if engine.attachment(actor, file).await.is_ok() {
                continue;
            }
            let (method, address) = FILES[dice.below(FILES.len())];
            (method, address, file.0, address.to_owned())
        } else {
            let one = &records[dice.below(records.len())];
            let seen = engine
                .record(actor, None, &one.service, &one.kind, one.id, None)
                .await;
            if seen.is_ok() {
                let path = format!("/api/v1/services/{}/{}/{}", one.service, one.kind, one.id);
                let own = ask(&running, token.as_deref(), ("GET", &path), one.id.0).await;
                // What one sees is there: else nothing here would show anything.
                shown += usize::from(own.status == 200 && own.body.contains("ID"));
                assert!(
                    actor.account.is_none() || own.status == 200,
                    "{login} {path}"
                );
                continue;
            }
            let (method, address) = RECORDS[dice.below(RECORDS.len())];
            // Auditors search what was read by the id of a record; they are the ones to whom that may tell.
            if address.contains("/audit/") && actor.seats.iter().any(|seat| seat.role == "auditor")
            {
                continue;
            }
            let name = |all: &[String], dice: &mut Dice| match all {
                [] => "none".to_owned(),
                all => all[dice.below(all.len())].clone(),
            };
            let path = address
                .replace("{at}", &format!("{}/{}/{{id}}", one.service, one.kind))
                .replace("{act}", &name(&one.act, &mut dice))
                .replace("{letter}", &name(&one.letter, &mut dice))
                .replace("{other}", &Uuid::from_u128(9).to_string());
            (method, address, one.id.0, path)
        };
        let other = never(id, &mut dice);
        let at = |id: Uuid| path.replace("{id}", &id.to_string());
        let real = ask(&running, token.as_deref(), (method, &at(id)), id).await;
        let none = ask(&running, token.as_deref(), (method, &at(other)), other).await;
        asked += 1;
        *kinds
            .entry(format!("{method} {address} {}", real.status))
            .or_default() += 1;
        let same =
            (real.status, &real.headers, &real.body) == (none.status, &none.headers, &none.body);
        let opened = method == "GET" && real.status == 200;
        if !same || (opened && real.body.contains("ID")) {
            leaks.push(format!(
                "{login} {method} {path} {id}: {} {:?}\n{}\n--- and not ---\n{} {:?}\n{}",
                real.status, real.headers, real.body, none.status, none.headers, none.body
            ));
        }
    }
    let table: Vec<String> = kinds
        .iter()
        .map(|(kind, many)| format!("{many:6} {kind}"))
        .collect();
    eprintln!(
        "{asked} asked of {} records and {} files by {} people\n{}",
        records.len(),
        files.len(),
        people.len(),
        table.join("\n")
    );
    assert!(shown > 0, "nobody saw anything");
    assert!(
        leaks.is_empty(),
        "{} leaks\n{}",
        leaks.len(),
        leaks
            .iter()
            .take(5)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n\n")
    );
}
