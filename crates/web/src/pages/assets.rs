//! Sheet, script and icon, kept in the binary under a name that holds their hash, so that browsers may keep them.

use crate::face::{Face, Routes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::LazyLock;

const CSS: &str = concat!(
    include_str!("../../static/tokens.css"),
    include_str!("../../static/app.css")
);
const JS: &str = concat!(
    include_str!("../../static/app.js"),
    include_str!("../../static/desk.js")
);
/// Stands at the root, since a worker serves only what lies below it.
const WORKER: &str = include_str!("../../static/sw.js");
const ICON: &str = include_str!("../../static/icon.svg");

static CSS_PATH: LazyLock<String> = LazyLock::new(|| hashed("app", "css", CSS));
static JS_PATH: LazyLock<String> = LazyLock::new(|| hashed("app", "js", JS));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| hashed("icon", "svg", ICON));

pub(super) fn css_path() -> &'static str {
    &CSS_PATH
}

pub(super) fn js_path() -> &'static str {
    &JS_PATH
}

pub(super) fn icon_path() -> &'static str {
    &ICON_PATH
}

pub(super) fn router(face: Face) -> Routes {
    Routes::new(face)
        .route("/static/{name}", get(serve))
        .route("/favicon.ico", get(favicon))
        .route("/sw.js", get(worker))
}

fn hashed(stem: &str, extension: &str, content: &str) -> String {
    let digest = crate::auth::digest(&[content.as_bytes()]);
    format!(
        "/static/{stem}-{}.{extension}",
        digest.get(..12).unwrap_or_default()
    )
}

async fn serve(Path(name): Path<String>) -> Response {
    let path = format!("/static/{name}");
    match path.as_str() {
        path if path == css_path() => asset("text/css; charset=utf-8", CSS),
        path if path == js_path() => asset("text/javascript; charset=utf-8", JS),
        path if path == icon_path() => asset("image/svg+xml", ICON),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn worker() -> Response {
    let kind = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([kind, (header::CACHE_CONTROL, "no-cache")], WORKER).into_response()
}

async fn favicon() -> Response {
    asset("image/svg+xml", ICON)
}

fn asset(kind: &'static str, content: &'static str) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    (headers, content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_with_the_content() {
        assert_ne!(hashed("app", "css", "a"), hashed("app", "css", "b"));
        assert!(css_path().starts_with("/static/app-") && css_path().ends_with(".css"));
    }

    #[test]
    fn nothing_comes_from_elsewhere() {
        for text in [CSS, JS] {
            assert!(
                !text.contains("http://")
                    && !text.contains("https://")
                    && !text.contains("@import"),
                "a third party"
            );
        }
    }
}
