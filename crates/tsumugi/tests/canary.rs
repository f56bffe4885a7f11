//! Canaries are put through every door: as a password, a search, a path, a link's secret, a header, a file, a field, a body
//! that is no JSON. None of them may be found in a log, in a span of a trace or in `/metrics`.

#![expect(clippy::unwrap_used, reason = "a test fails where it must")]

use axum::body::{Body, to_bytes};
use axum::http::Request;
use engine::ManualClock;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt as _;
use tracing_subscriber::fmt::format::FmtSpan;
use tsumugi::{Config, Demo, Running, start};

const CANARY: &str = "カナリア柴崎花子";
/// As it stands in a path or a form.
const CODED: &str = "%E3%82%AB%E3%83%8A%E3%83%AA%E3%82%A2";
const SECRET: &str = "canary5ecret0f4link";

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn product(data: &Path) -> Running {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    let clock = ManualClock::new("2026-11-22T09:00:00+09:00".parse().unwrap());
    let config = Config::demo(data.to_path_buf(), services, Demo::People, Arc::new(clock));
    start(config).await.unwrap()
}

async fn ask(running: &Running, request: Request<Body>) -> (u16, String) {
    let response = running.router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8_lossy(&body).into_owned())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path)
        .header("accept", "text/html")
        .body(Body::empty())
        .unwrap()
}

fn post(path: &str, token: &str, kind: &str, key: usize, body: String) -> Request<Body> {
    Request::post(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", kind)
        .header("idempotency-key", format!("{SECRET}-{key}"))
        .header("on-behalf-of-note", SECRET)
        .body(Body::from(body))
        .unwrap()
}

/// Every way in that needs no record.
async fn doors(running: &Running, token: &str) {
    for path in [
        format!("/l/{SECRET}"),
        format!("/invite/{SECRET}"),
        format!("/verify/{SECRET}"),
        format!("/services?q={CODED}"),
        format!("/r/{CODED}/{SECRET}/{SECRET}"),
        format!("/files/{SECRET}"),
        format!("/api/v1/links/{SECRET}"),
        format!("/api/v1/services/{CODED}/{SECRET}?filter={SECRET}"),
    ] {
        let (status, _) = ask(running, get(&path)).await;
        assert!(status < 500, "{path}: {status}");
    }
    let form = format!("login={CODED}&password={SECRET}&csrf={SECRET}");
    for (path, kind, body) in [
        ("/sign-in", "application/x-www-form-urlencoded", form),
        (
            "/api/v1/payments/webhook",
            "application/json",
            json!({"id": SECRET, "name": CANARY}).to_string(),
        ),
        (
            "/hooks/line",
            "application/json",
            json!({"text": CANARY}).to_string(),
        ),
        (
            "/api/v1/uploads",
            "multipart/form-data; boundary=f",
            format!(
                "--f\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{CANARY}.txt\"\r\n\r\n{CANARY} {SECRET}\r\n--f--\r\n"
            ),
        ),
    ] {
        ask(running, post(path, token, kind, 0, body)).await;
    }
    let wrong = Request::get("/api/v1/session").header("authorization", format!("Bearer {SECRET}"));
    ask(running, wrong.body(Body::empty()).unwrap()).await;
}

/// Opens what can be opened, with the canary in every field; answers how many records were made.
async fn records(running: &Running, token: &str) -> usize {
    let (mut made, mut key) = (0, 1);
    let catalogue = running.engine.catalogue();
    for service in catalogue.services.values() {
        for kind in service.types.values() {
            for action in kind.actions.values().filter(|action| action.opens) {
                let path = format!("/api/v1/services/{}/{}", service.slug, kind.name);
                let all: Map<String, Value> = kind
                    .fields
                    .keys()
                    .map(|name| (name.clone(), CANARY.into()))
                    .collect();
                // All fields at once are refused somewhere; one at a time, some are taken.
                let mut inputs = vec![Value::Object(all)];
                inputs.extend(
                    kind.fields
                        .keys()
                        .take(6)
                        .map(|name| json!({name.as_str(): CANARY})),
                );
                for input in inputs {
                    key += 1;
                    let body = json!({"action": action.name, "input": input}).to_string();
                    let (status, _) =
                        ask(running, post(&path, token, "application/json", key, body)).await;
                    made += usize::from(status == 201);
                }
                let broken = format!("{{\"action\": \"{CANARY}");
                let unknown = json!({"action": CANARY, "input": {}}).to_string();
                for body in [broken, unknown] {
                    key += 1;
                    ask(running, post(&path, token, "application/json", key, body)).await;
                }
            }
        }
        if made > 5 {
            break;
        }
    }
    made
}

#[tokio::test]
async fn no_canary_is_found_in_logs_traces_or_numbers() {
    let lines = Lines::default();
    let writer = lines.clone();
    // Every target, spans of traces too, each with its fields when it ends.
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::DEBUG)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let folder = tempfile::tempdir().unwrap();
    let running = product(folder.path()).await;
    let token = running.tokens["business"].clone();
    doors(&running, &token).await;
    assert!(records(&running, &token).await > 0, "some canary was kept");
    engine::Worker::new(Arc::clone(&running.engine))
        .tick()
        .await
        .unwrap();
    let (status, numbers) = ask(&running, get("/metrics")).await;
    assert_eq!(status, 200);
    let logged = String::from_utf8(lines.0.lock().clone()).unwrap();
    assert!(
        logged.contains("\"request\"") && logged.contains("\"commit\""),
        "requests and spans were seen"
    );
    for (place, text) in [("logs and traces", &logged), ("metrics", &numbers)] {
        for canary in [CANARY, "カナリア", CODED, SECRET, token.as_str()] {
            let found = text.lines().find(|line| line.contains(canary));
            assert_eq!(found, None, "{place}");
        }
    }
}
