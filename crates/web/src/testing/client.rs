//! Sends requests to the router as somebody.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use serde_json::Value as Json;
use std::sync::atomic::{AtomicU64, Ordering};
use tower::ServiceExt as _;

static KEYS: AtomicU64 = AtomicU64::new(1);

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or(Json::Null)
    }
}

/// Somebody who sends requests.
pub(crate) struct Client {
    router: Router,
    token: Option<String>,
}

impl Client {
    pub(crate) fn new(router: Router, token: Option<String>) -> Self {
        Self { router, token }
    }

    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = self
            .router
            .clone()
            .oneshot(request.body(Body::from(body)).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .unwrap()
            .to_vec();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Json) {
        let reply = self.raw("GET", path, &[], Vec::new()).await;
        (reply.status, reply.json())
    }

    /// With a fresh idempotency key.
    pub(crate) async fn post(&self, path: &str, body: Json) -> (u16, Json) {
        let reply = self.post_with(path, &[], body).await;
        (reply.status, reply.json())
    }

    /// With a fresh idempotency key, unless the headers bring one.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Json,
    ) -> Reply {
        let key = format!("key-{}", KEYS.fetch_add(1, Ordering::Relaxed));
        let mut all = vec![("content-type", "application/json")];
        if !headers.iter().any(|(name, _)| *name == "idempotency-key") {
            all.push(("idempotency-key", key.as_str()));
        }
        all.extend_from_slice(headers);
        self.raw("POST", path, &all, body.to_string().into_bytes())
            .await
    }

    /// `Allow` of a path, as the answer to a method that no route has tells it.
    pub(crate) async fn allowed(&self, path: &str) -> String {
        let reply = self.raw("TRACE", path, &[], Vec::new()).await;
        assert_eq!(reply.status, 405, "{path}");
        reply
            .headers
            .get("allow")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    }

    /// Uploads a file.
    pub(crate) async fn upload(&self, name: &str, content: &[u8]) -> Reply {
        let mut body = format!(
            "--frame\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--frame--\r\n");
        self.raw(
            "POST",
            "/api/v1/uploads",
            &[("content-type", "multipart/form-data; boundary=frame")],
            body,
        )
        .await
    }
}
