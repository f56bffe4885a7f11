//! Reads a transcript and plays its steps: see `tests/contract.rs`.

use axum::body::Body;
use axum::http::Request;
use engine::{ManualClock, Worker};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt as _;
use tsumugi::{Config, Demo, Running, start};

/// An image of one point, white.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc\xf8\x0f\0\x01\x01\x01\0\x1b\xb6\xeeV\0\0\0\0IEND\xaeB`\x82";

pub(crate) struct Transcript {
    pub(crate) now: String,
    pub(crate) steps: Vec<Step>,
}

#[derive(Default)]
pub(crate) struct Step {
    pub(crate) say: String,
    persona: Option<String>,
    method: String,
    path: String,
    key: Option<String>,
    body: Option<Json>,
    raw: Option<String>,
    media_type: Option<String>,
    upload: Option<String>,
    language: Option<String>,
    status: u16,
    headers: BTreeMap<String, String>,
    expect: Json,
    save: BTreeMap<String, String>,
}

impl Transcript {
    pub(crate) fn read(path: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let json: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        Self {
            now: json["now"].as_str().unwrap().to_owned(),
            steps: json["steps"]
                .as_array()
                .unwrap()
                .iter()
                .map(Step::read)
                .collect(),
        }
    }
}

impl Step {
    fn read(json: &Json) -> Self {
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let texts = |name: &str| {
            json[name]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
                .collect()
        };
        Self {
            say: text("say").unwrap(),
            persona: text("as"),
            method: text("method").unwrap_or_else(|| "POST".into()),
            path: text("path").unwrap(),
            key: text("key"),
            body: json.get("body").cloned(),
            raw: text("raw"),
            media_type: text("media_type"),
            upload: text("upload"),
            language: text("language"),
            status: u16::try_from(json["status"].as_u64().unwrap()).unwrap(),
            headers: texts("headers"),
            expect: json["expect"].clone(),
            save: texts("save"),
        }
    }
}

/// A running product and what was saved so far.
pub(crate) struct Player {
    running: Running,
    worker: Worker,
    saved: BTreeMap<String, Json>,
    keys: u32,
    _data: tempfile::TempDir,
}

impl Player {
    pub(crate) async fn start(now: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
        let clock = ManualClock::new(now.parse().unwrap());
        let running = start(Config::demo(
            data.path().to_path_buf(),
            services,
            Demo::People,
            Arc::new(clock),
        ))
        .await
        .unwrap();
        let worker = Worker::new(Arc::clone(&running.engine));
        Self {
            running,
            worker,
            saved: BTreeMap::new(),
            keys: 0,
            _data: data,
        }
    }

    pub(crate) async fn play(&mut self, step: &Step) -> Result<(), String> {
        let request = self.request(step);
        let response = self
            .running
            .router
            .clone()
            .oneshot(request)
            .await
            .map_err(|error| error.to_string())?;
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX)
            .await
            .map_err(|error| error.to_string())?;
        let found: Json = serde_json::from_slice(&bytes).unwrap_or(Json::Null);
        if parts.status.as_u16() != step.status {
            return Err(format!(
                "{} and not {}: {}",
                parts.status,
                step.status,
                String::from_utf8_lossy(&bytes)
                    .chars()
                    .take(1500)
                    .collect::<String>()
            ));
        }
        for (name, expected) in &step.headers {
            let header = parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            fits(&Json::from(expected.clone()), &Json::from(header), name)?;
        }
        fits(&self.filled(&step.expect), &found, "")?;
        for (name, pointer) in &step.save {
            let value = found
                .pointer(pointer)
                .ok_or_else(|| format!("nothing at {pointer} to save"))?;
            self.saved.insert(name.clone(), value.clone());
        }
        self.worker.tick().await.map_err(|error| error.to_string())
    }

    fn request(&mut self, step: &Step) -> Request<Body> {
        let path = self
            .filled(&Json::from(step.path.clone()))
            .as_str()
            .unwrap()
            .to_owned();
        let mut request = Request::builder()
            .method(step.method.as_str())
            .uri(encoded(&path));
        if let Some(persona) = &step.persona {
            request = request.header(
                "authorization",
                format!("Bearer {}", self.running.tokens[persona]),
            );
        }
        if let Some(language) = &step.language {
            request = request.header("accept-language", language);
        }
        self.keys += 1;
        let key = step
            .key
            .clone()
            .unwrap_or_else(|| format!("step-{}", self.keys));
        if step.method == "POST" && !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        if let Some(name) = &step.upload {
            let mut body = format!("--frame\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").into_bytes();
            body.extend_from_slice(PNG);
            body.extend_from_slice(b"\r\n--frame--\r\n");
            return request
                .header("content-type", "multipart/form-data; boundary=frame")
                .body(Body::from(body))
                .unwrap();
        }
        let body = step
            .raw
            .clone()
            .or_else(|| step.body.as_ref().map(|body| self.filled(body).to_string()));
        if body.is_some() {
            request = request.header(
                "content-type",
                step.media_type.as_deref().unwrap_or("application/json"),
            );
        }
        request
            .body(body.map_or_else(Body::empty, Body::from))
            .unwrap()
    }

    /// `{name}` replaced; a text that is nothing else becomes the saved value itself.
    fn filled(&self, json: &Json) -> Json {
        match json {
            Json::String(text) => {
                let whole = text
                    .strip_prefix('{')
                    .and_then(|rest| rest.strip_suffix('}'))
                    .and_then(|name| self.saved.get(name));
                whole.cloned().unwrap_or_else(|| {
                    Json::from(self.saved.iter().fold(text.clone(), |text, (name, value)| {
                        text.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default())
                    }))
                })
            }
            Json::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Json::Object(map) => map
                .iter()
                .map(|(name, value)| (name.clone(), self.filled(value)))
                .collect(),
            other => other.clone(),
        }
    }
}

/// Whether an answer holds what is expected; `"[]"` asks for an empty list.
fn fits(expected: &Json, found: &Json, at: &str) -> Result<(), String> {
    let wrong = || Err(format!("{at}: {found} and not {expected}"));
    match (expected, found) {
        (Json::String(text), Json::Array(items)) if text == "[]" && items.is_empty() => Ok(()),
        (Json::String(text), Json::String(found)) if text.ends_with('*') => {
            if found.starts_with(text.trim_end_matches('*')) {
                Ok(())
            } else {
                wrong()
            }
        }
        (Json::Object(members), Json::Object(_)) => members
            .iter()
            .try_for_each(|(name, value)| fits(value, &found[name], &format!("{at}/{name}"))),
        (Json::Array(items), Json::Array(others)) if items.len() <= others.len() => items
            .iter()
            .zip(others)
            .enumerate()
            .try_for_each(|(index, (item, other))| fits(item, other, &format!("{at}/{index}"))),
        (expected, found) if expected == found => Ok(()),
        _ => wrong(),
    }
}

/// Percent-encodes what a person writes in an address, query included.
fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/?&=".contains(&byte);
    let (path, query) = path
        .split_once('?')
        .map_or((path, None), |(path, query)| (path, Some(query)));
    let value = |text: &str| {
        text.bytes()
            .map(|byte| {
                if plain(byte) {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect::<String>()
    };
    let pair = |pair: &str| {
        pair.split_once('=').map_or_else(
            || value(pair),
            |(name, text)| {
                format!(
                    "{name}={}",
                    value(text).replace('=', "%3D").replace('?', "%3F")
                )
            },
        )
    };
    match query {
        Some(query) => format!(
            "{}?{}",
            value(path),
            query.split('&').map(pair).collect::<Vec<_>>().join("&")
        ),
        None => value(path),
    }
}
