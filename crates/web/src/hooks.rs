//! Calls of providers. Each proves by its signature who it is; without it nothing is looked at.

use crate::App;
use crate::face::{Face, Routes};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use engine::outreach::Channel;
use std::sync::Arc;

/// Routes of the hooks.
pub(crate) fn router(face: Face) -> Routes {
    Routes::new(face).route("/hooks/line", post(line))
}

/// A webhook of LINE: somebody wrote a code to the official account.
async fn line(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers
        .get("x-line-signature")
        .and_then(|value| value.to_str().ok());
    let signature = signature.unwrap_or_default();
    match app.engine.incoming(Channel::Line, &body, signature).await {
        Ok(Some(_)) => StatusCode::OK,
        Ok(None) => StatusCode::UNAUTHORIZED,
        Err(engine::Failure::Refused(_)) => StatusCode::NOT_FOUND,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
