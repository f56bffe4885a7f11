//! JSON bodies of acts: read whole, told apart by kind of fault, and hashed for the idempotency key.

use super::access;
use super::query::Query;
use crate::{MAX_BODY_BYTES, Problem};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use engine::IdempotencyKey;
use kernel::Fault;
use serde_json::{Map, Value as Json};

/// What an act's request says besides its path.
pub(super) struct Body {
    /// The action, for those that name it in the body.
    pub(super) action: String,
    /// Input by field name.
    pub(super) input: Map<String, Json>,
    /// For whom a clerk at the counter opens it: kind and name.
    pub(super) party: Option<(String, String)>,
    /// The version that the actor saw.
    pub(super) version: Option<u64>,
    /// Answer as the act would, and leave nothing.
    pub(super) dry_run: bool,
    /// Stated purpose.
    pub(super) purpose: Option<String>,
    /// Key and hash; none for a dry run, which leaves nothing to repeat.
    pub(super) idempotency: Option<IdempotencyKey>,
}

/// Reads the body of an act that opens a record: `action` and `input`.
pub(super) async fn opening(request: Request) -> Result<Body, Problem> {
    read(request, &["action", "input", "party"]).await
}

/// Reads the body of an act on a record: `input` and `version`.
pub(super) async fn acting(request: Request) -> Result<Body, Problem> {
    read(request, &["input", "version"]).await
}

/// A body as it came, before its members are taken apart.
pub(super) struct Raw {
    /// The members.
    pub(super) object: Map<String, Json>,
    /// Answer as it would be, and leave nothing.
    pub(super) dry_run: bool,
    /// Stated purpose.
    pub(super) purpose: Option<String>,
    /// Key and hash; none for a dry run.
    pub(super) idempotency: Option<IdempotencyKey>,
}

async fn read(request: Request, members: &[&str]) -> Result<Body, Problem> {
    let Raw {
        object,
        dry_run,
        purpose,
        idempotency,
    } = raw(request).await?;
    let Members {
        action,
        input,
        party,
        version,
    } = Members::of(object, members)?;
    Ok(Body {
        action,
        input,
        party,
        version,
        dry_run,
        purpose,
        idempotency,
    })
}

/// Reads the head and the JSON object of a request that acts.
pub(super) async fn raw(request: Request) -> Result<Raw, Problem> {
    let query = Query::read(request.uri(), &["dry_run"])?;
    let dry_run = query.flag("dry_run")?;
    let purpose = access::purpose(request.headers())?;
    let key = if dry_run {
        None
    } else {
        Some(idempotency_key(request.headers())?)
    };
    is_json(request.headers())?;
    let about = format!("{} {}", request.method(), request.uri());
    let bytes = bytes(request).await?;
    let object = object(&bytes)?;
    // Canonical: members sorted, no white space, so that a client that writes anew sends the same.
    let canonical =
        serde_json::to_vec(&object).map_err(|error| Problem::internal(error.to_string()))?;
    let request = crate::auth::digest(&[about.as_bytes(), &canonical]);
    let idempotency = key.map(|key| IdempotencyKey { key, request });
    Ok(Raw {
        object,
        dry_run,
        purpose,
        idempotency,
    })
}

async fn bytes(request: Request) -> Result<Bytes, Problem> {
    Bytes::from_request(request, &())
        .await
        .map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(MAX_BODY_BYTES),
            _ => Problem::malformed(
                "",
                "incomplete",
                "本文が最後まで届きませんでした。もう一度送ってください。",
            ),
        })
}

fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(|text| {
            text.split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        });
    match essence {
        Some(text)
            if text == "application/json"
                || (text.starts_with("application/") && text.ends_with("+json")) =>
        {
            Ok(())
        }
        _ => Err(Problem::unsupported(
            "Content-Type: application/json を付けて、JSONで送ってください。",
        )),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    const LONGEST_BYTES: usize = 255;
    let pointer = "/headers/Idempotency-Key";
    let detail = "Idempotency-Key ヘッダーが必要です。操作ごとに新しい値（UUIDなど）を付け、送り直すときは同じ値を使ってください。";
    let value = headers
        .get("idempotency-key")
        .ok_or_else(|| Problem::malformed(pointer, "idempotency_key_required", detail))?;
    let text = value
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|text| (1..=LONGEST_BYTES).contains(&text.len()));
    let detail = "Idempotency-Key は255文字以内の半角英数字と記号で書いてください。";
    text.map(str::to_owned)
        .ok_or_else(|| Problem::malformed(pointer, "format", detail))
}

fn object(bytes: &[u8]) -> Result<Map<String, Json>, Problem> {
    let value: Json = serde_json::from_slice(bytes).map_err(|error| not_json(bytes, &error))?;
    match value {
        Json::Object(object) => Ok(object),
        _ => Err(Problem::malformed(
            "",
            "type",
            "本文はJSONのオブジェクト { … } で送ってください。",
        )),
    }
}

fn not_json(bytes: &[u8], error: &serde_json::Error) -> Problem {
    let detail = if bytes.iter().all(u8::is_ascii_whitespace) {
        "本文が空です。JSONのオブジェクト { … } を送ってください。".to_owned()
    } else {
        format!(
            "本文をJSONとして読み取れません。{}行{}文字目のあたりを確かめてください。",
            error.line(),
            error.column()
        )
    };
    Problem::malformed("", "json", detail)
}

/// `{"kind": "person", "name": "…"}`: somebody at the counter who has no account.
fn party_of(party: Option<Json>, faults: &mut Vec<Fault>) -> Option<(String, String)> {
    let party = party.filter(|party| !party.is_null())?;
    let text = |name: &str| party.get(name).and_then(Json::as_str).map(str::to_owned);
    match (text("kind"), text("name"), party.as_object().map(Map::len)) {
        (Some(kind), Some(name), Some(2)) => Some((kind, name)),
        _ => fault(
            faults,
            "/party",
            "type",
            "party には kind（person・corporation・body）と name を書いてください。",
        ),
    }
}

struct Members {
    action: String,
    input: Map<String, Json>,
    party: Option<(String, String)>,
    version: Option<u64>,
}

impl Members {
    /// Takes the members apart and names every fault at once.
    fn of(mut object: Map<String, Json>, known: &[&str]) -> Result<Self, Problem> {
        let mut faults = Vec::new();
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            let detail = format!(
                "「{}」という項目はありません。使えるのは {} です。",
                short(name),
                known.join("、")
            );
            faults.push(Fault::new(
                format!("/{}", short(name).replace('~', "~0").replace('/', "~1")),
                "unknown_field",
                detail,
            ));
        }
        let action = object
            .remove("action")
            .filter(|_| known.contains(&"action"));
        let action = if known.contains(&"action") {
            action_of(action, &mut faults)
        } else {
            String::new()
        };
        let input = match object.remove("input") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(input)) => input,
            Some(_) => fault(
                &mut faults,
                "/input",
                "type",
                "input はJSONのオブジェクト { … } で書いてください。",
            ),
        };
        let party = object.remove("party").filter(|_| known.contains(&"party"));
        let party = party_of(party, &mut faults);
        let version = match object
            .remove("version")
            .filter(|_| known.contains(&"version"))
        {
            None | Some(Json::Null) => None,
            Some(value) => match value.as_u64() {
                Some(version) => Some(version),
                None => fault(
                    &mut faults,
                    "/version",
                    "type",
                    "version には見ていた記録の版番号を整数で書いてください。",
                ),
            },
        };
        if faults.is_empty() {
            Ok(Self {
                action,
                input,
                party,
                version,
            })
        } else {
            Err(Problem::faults(faults))
        }
    }
}

fn action_of(value: Option<Json>, faults: &mut Vec<Fault>) -> String {
    match value {
        Some(Json::String(action)) if !action.is_empty() => action,
        None | Some(Json::Null | Json::String(_)) => fault(
            faults,
            "/action",
            "required",
            "action に操作の名前を書いてください。GET /api/v1/services/{service} の open_with で確かめられます。",
        ),
        Some(_) => fault(
            faults,
            "/action",
            "type",
            "action には操作の名前を文字列で書いてください。",
        ),
    }
}

fn fault<T: Default>(faults: &mut Vec<Fault>, pointer: &str, code: &str, detail: &str) -> T {
    faults.push(Fault::new(pointer, code, detail));
    T::default()
}

fn short(name: &str) -> String {
    name.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Method;

    async fn send(headers: &[(&str, &str)], body: &str) -> Result<Body, Problem> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri("/a?dry_run=false");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        opening(
            request
                .body(axum::body::Body::from(body.to_owned()))
                .unwrap(),
        )
        .await
    }

    const GOOD: &[(&str, &str)] = &[
        ("idempotency-key", "k"),
        ("content-type", "application/json; charset=utf-8"),
    ];

    async fn refused(headers: &[(&str, &str)], body: &str) -> Problem {
        send(headers, body).await.err().unwrap()
    }

    #[tokio::test]
    async fn a_body_is_taken_apart() {
        let body = send(GOOD, r#"{"action":"save","input":{"a":1}}"#)
            .await
            .ok()
            .unwrap();
        assert_eq!(
            (body.action.as_str(), body.input.len(), body.version),
            ("save", 1, None)
        );
        let again = send(GOOD, "{ \"input\": {\"a\": 1},\n \"action\": \"save\" }")
            .await
            .ok()
            .unwrap();
        assert_eq!(
            body.idempotency, again.idempotency,
            "spelling does not make another request"
        );
        let other = send(GOOD, r#"{"action":"save","input":{"a":2}}"#)
            .await
            .ok()
            .unwrap();
        assert_ne!(body.idempotency, other.idempotency);
    }

    #[tokio::test]
    async fn each_fault_has_its_status_and_code() {
        let code = |problem: &Problem| problem.errors[0].code.clone();
        let broken = refused(GOOD, "{\n  \"action\": save}").await;
        assert_eq!(
            (broken.status.as_u16(), code(&broken).as_str()),
            (400, "json")
        );
        assert!(
            broken.errors[0].detail.contains("2行"),
            "{}",
            broken.errors[0].detail
        );
        assert_eq!(refused(GOOD, "[]").await.status.as_u16(), 400);
        assert_eq!(refused(GOOD, "").await.status.as_u16(), 400);
        let keyless = refused(&[("content-type", "application/json")], "{}").await;
        assert_eq!(
            (keyless.status.as_u16(), code(&keyless).as_str()),
            (400, "idempotency_key_required")
        );
        assert_eq!(
            refused(&[("idempotency-key", "k")], "{}")
                .await
                .status
                .as_u16(),
            415
        );
        assert_eq!(
            refused(
                &[("idempotency-key", "k"), ("content-type", "text/plain")],
                "{}"
            )
            .await
            .status
            .as_u16(),
            415
        );
    }

    #[tokio::test]
    async fn several_faults_are_named_at_once() {
        let problem = refused(GOOD, r#"{"input":[1],"versoin":3}"#).await;
        let found: Vec<_> = problem
            .errors
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.code.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("/versoin", "unknown_field"),
                ("/action", "required"),
                ("/input", "type")
            ]
        );
        assert_eq!(problem.status.as_u16(), 422);
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_413_when_limited() {
        use tower::ServiceExt as _;
        let handler = |request: Request| async { opening(request).await.map(|_| "ok") };
        let router: axum::Router = axum::Router::new()
            .route("/a", axum::routing::post(handler))
            .layer(axum::extract::DefaultBodyLimit::max(10));
        let request = Request::post("/a")
            .header("idempotency-key", "k")
            .header("content-type", "application/json")
            .body(axum::body::Body::from(vec![b' '; 11]))
            .unwrap();
        assert_eq!(router.oneshot(request).await.unwrap().status(), 413);
    }
}
