//! Officials who must have a second factor and came without one are led to set one up before anything else.

use super::SESSION_COOKIE;
use super::cookie::value;
use super::second::TWO_FACTORS;
use crate::face::Brought;
use crate::{App, Problem};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// What somebody may do without it: set one up, sign out, see the site's own files.
const OPEN: &[&str] = &[
    "/my/sign-in",
    "/sign-in",
    "/sign-out",
    "/static/",
    "/healthz",
    "/readyz",
];

/// Holds every request of such an official.
pub(crate) async fn demand_second(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let is_open = OPEN.iter().any(|open| path.starts_with(open));
    if is_open || !app.engine.demands_any_second() {
        return next.run(request).await;
    }
    let asked = (request.method() == Method::GET, path.starts_with("/api/"));
    match lacks(&app, request.headers()).await {
        Ok(false) => next.run(request).await,
        Ok(true) if asked == (true, false) => Redirect::to("/my/sign-in/factors").into_response(),
        Ok(true) => Problem::second_factor_missing().into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn lacks(app: &App, headers: &HeaderMap) -> Result<bool, Problem> {
    // Tokens are machines'.
    if headers.contains_key(header::AUTHORIZATION) {
        return Ok(false);
    }
    let Some(secret) = value(headers, SESSION_COOKIE) else {
        return Ok(false);
    };
    let signed = app.known(secret, Brought::Cookie).await?;
    Ok(signed.is_some_and(|signed| {
        app.engine.demands_second(&signed.account) && signed.assurance.authentication < TWO_FACTORS
    }))
}
