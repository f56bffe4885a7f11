//! Open data for machines: files, a DCAT catalogue, and the action API of CKAN. For everybody and from anywhere: these
//! paths alone answer other sites' scripts (CORS) and may be cached.

mod ckan;
mod datastore;
mod dcat;
mod file;
mod package;

pub(crate) use file::{media, serve};

use crate::App;
use crate::face::{Face, Routes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use engine::{Failure, Published};

/// Routes for machines. The pages for people stand in `pages::opendata`.
pub(crate) fn router(face: Face) -> Routes {
    Routes::new(face)
        .route("/opendata/catalog.jsonld", get(dcat::jsonld))
        .route("/opendata/catalog.ttl", get(dcat::turtle))
        // CKAN answers under both; its own client asks the first, without a version.
        .route("/api/action/{action}", any(ckan::action))
        .route("/api/3/action/{action}", any(ckan::action))
        .with(|router| router.layer(from_fn(open)))
}

/// Open to other sites; answers their preflight.
pub(crate) async fn open(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// Publications that have an edition.
async fn published(app: &App) -> Result<Vec<Published>, Failure> {
    let mut all = app.engine.publications().await?;
    all.retain(|one| one.edition.is_some());
    Ok(all)
}

/// Where this site stands, as the request knows it.
fn base(app: &App, headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|host| {
            host.chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
        })
        .unwrap_or("localhost");
    let scheme = if app.secure_cookies { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// The page of a licence that DCAT and CKAN name by its address; none for a licence that is only a sentence.
fn licence_url(licence: &str) -> Option<&'static str> {
    match licence {
        "CC-BY-4.0" => Some("https://creativecommons.org/licenses/by/4.0/"),
        "CC0-1.0" => Some("https://creativecommons.org/publicdomain/zero/1.0/"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
