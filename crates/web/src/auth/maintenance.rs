//! Those who maintain the product (保守の担当) are let to their own sign-in, to the page on which they ask to come in, and,
//! while a visit of theirs runs, to the operator's pages: nowhere else. This is the one place that says so, before any
//! handler; that the visit runs is asked at each request, and what is opened is written down before it is answered.
//! `docs/decisions/0056-vendor-access.md` says why.

use super::SESSION_COOKIE;
use super::cookie::value;
use super::signed::secret_of;
use crate::face::Brought;
use crate::{App, Problem};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use engine::Visit;
use std::sync::Arc;

/// The page on which maintainers ask, and others see who was in.
pub(crate) const PATH: &str = "/admin/maintenance";

/// What nobody is asked about: the site's own files and its health.
const PLAIN: &[&str] = &["/static/", "/healthz", "/readyz", "/sw.js", "/favicon.ico"];

/// What a maintainer has without a visit: signing in and out, what is theirs of that, and what is the same for everybody.
const OWN: &[&str] = &[
    "/sign-in",
    "/sign-out",
    "/my/sign-in",
    "/api/v1/session",
    "/about",
    "/accessibility",
    PATH,
];

/// Rides along with a request that a maintainer makes in a visit.
#[derive(Clone)]
pub(crate) struct Visiting(pub(crate) Arc<Visit>);

/// Holds every request of a maintainer.
pub(crate) async fn confine(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if PLAIN.iter().any(|plain| path.starts_with(plain)) {
        return next.run(request).await;
    }
    let asked = (request.method(), path, request.headers());
    match judged(&app, asked).await {
        Ok(Judged::Free) => next.run(request).await,
        Ok(Judged::In(visit)) => {
            request.extensions_mut().insert(Visiting(Arc::new(visit)));
            next.run(request).await
        }
        Ok(Judged::Shut) if is_page(&request) => {
            Redirect::to(&format!("{PATH}?shut=1")).into_response()
        }
        Ok(Judged::Shut) => Problem::not_found().into_response(),
        Err(problem) => problem.into_response(),
    }
}

enum Judged {
    /// Somebody else, or what a maintainer always has.
    Free,
    /// A maintainer in a visit: what it is for, and it is written down.
    In(Visit),
    /// A maintainer, elsewhere.
    Shut,
}

async fn judged(
    app: &App,
    (method, path, headers): (&Method, &str, &HeaderMap),
) -> Result<Judged, Problem> {
    let Some(secret) = secret_of(headers) else {
        return Ok(Judged::Free);
    };
    let Some(known) = app.known(secret, brought(headers)).await? else {
        return Ok(Judged::Free);
    };
    if !engine::maintains(&known.account) {
        return Ok(Judged::Free);
    }
    let visit = app.engine.visit_now(known.account.id).await?;
    let own = OWN.iter().any(|own| under(path, own));
    let is_for = operating(method, path);
    let Some(visit) = visit else {
        return Ok(if own { Judged::Free } else { Judged::Shut });
    };
    if !own {
        let what = is_for.unwrap_or("開けないところを開こうとした");
        let address = format!("{method} {path}");
        let actor = app.engine.actor(&known.account, None)?;
        app.engine
            .note_step(&actor, &visit, (what, &address))
            .await?;
    }
    Ok(match own || is_for.is_some() {
        true => Judged::In(visit),
        false => Judged::Shut,
    })
}

/// What a visit is for, as it is written down; none for all else.
fn operating(method: &Method, path: &str) -> Option<&'static str> {
    let retried = path
        .strip_prefix("/admin/stuck/")
        .and_then(|rest| rest.strip_suffix("/retry"));
    match (method.as_str(), path) {
        ("GET" | "HEAD", "/admin/state") => Some("運用の状況を見た"),
        ("GET" | "HEAD", "/admin/stuck") => Some("届いていないものを見た"),
        ("GET" | "HEAD", "/metrics") => Some("監視の数を見た"),
        ("POST", _) if retried.is_some_and(|id| !id.contains('/')) => {
            Some("届いていないものの送り直しを指示した")
        }
        _ => None,
    }
}

/// A path itself, or what stands under it.
fn under(path: &str, top: &str) -> bool {
    let rest = path.strip_prefix(top);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn brought(headers: &HeaderMap) -> Brought {
    match headers.contains_key(header::AUTHORIZATION) || value(headers, SESSION_COOKIE).is_none() {
        true => Brought::Token,
        false => Brought::Cookie,
    }
}

/// Whether a browser asked to be shown a page.
fn is_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    let accepts = accept.and_then(|value| value.to_str().ok());
    request.method() == Method::GET
        && !request.uri().path().starts_with("/api/")
        && accepts.is_some_and(|text| text.contains("text/html"))
}

#[cfg(test)]
mod tests;
