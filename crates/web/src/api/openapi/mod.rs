//! `GET /api/v1/openapi.json`: OpenAPI 3.1, made from the catalogue. Every running service has paths of its own, with
//! the schema of each action's input; made once for each state of the catalogue.

mod document;
mod invitations;
mod operation;
mod platform;
mod schemas;
mod service;

use crate::App;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use definition::Catalogue;
use parking_lot::Mutex;
use std::sync::Arc;

/// The document of the catalogue in force, with the hash that it was made for.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Option<(String, Bytes)>>);

impl Cache {
    fn document(&self, app: &App) -> (String, Bytes) {
        let catalogue = app.engine.catalogue();
        let hash = hash(&catalogue);
        let mut kept = self.0.lock();
        if let Some(found) = kept.as_ref().filter(|(known, _)| *known == hash) {
            return found.clone();
        }
        let made = (hash, Bytes::from(document::of(app, &catalogue).to_string()));
        *kept = Some(made.clone());
        made
    }
}

/// Changes with every publication.
fn hash(catalogue: &Catalogue) -> String {
    let parts: Vec<&[u8]> = catalogue
        .services
        .values()
        .map(|service| service.hash.as_bytes())
        .collect();
    crate::auth::digest(&parts)
}

pub(super) async fn get(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let (hash, body) = app.openapi.document(&app);
    let tag = format!("\"{hash}\"");
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, no-cache"),
    );
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests;
