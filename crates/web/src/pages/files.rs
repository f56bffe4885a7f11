//! A file of a record: pictures and PDF in the browser, everything else as a download.

use super::error::PageError;
use super::visitor::Visitor;
use axum::extract::Path;
use axum::http::HeaderMap;

/// What others uploaded runs nothing here, whatever it is.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
const IN_THE_BROWSER: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
];

pub(super) async fn get(
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Vec<u8>), PageError> {
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let (upload, content) = visitor
        .app
        .engine
        .attachment(&visitor.signed.actor, id)
        .await?;
    let how = if IN_THE_BROWSER.contains(&upload.media_type.as_str()) {
        "inline"
    } else {
        "attachment"
    };
    Ok((crate::download::headers(upload, how, POLICY), content))
}
