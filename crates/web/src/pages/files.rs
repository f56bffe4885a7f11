//! A file of a record: pictures and PDF in the browser, everything else as a download.

use super::error::PageError;
use super::visitor::Visitor;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};

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
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::try_from(upload.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    let disposition = HeaderValue::try_from(format!(
        "{how}; filename*=UTF-8''{}",
        crate::percent::value(&upload.name)
    ));
    headers.insert(
        header::CONTENT_DISPOSITION,
        disposition.unwrap_or(HeaderValue::from_static("attachment")),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    Ok((headers, content))
}
