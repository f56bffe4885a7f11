//! `GET /api/v1/uploads/{id}`: a file's content, for whoever may see the record that uses it.

use crate::{App, Problem, Signed, percent};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use std::sync::Arc;

/// What others uploaded runs nothing here, whatever it is.
const SANDBOX: &str =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Vec<u8>), Problem> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    let (upload, content) = app.engine.attachment(&signed.actor, id).await?;
    let mut headers = HeaderMap::new();
    let fallback = HeaderValue::from_static("application/octet-stream");
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::try_from(upload.media_type).unwrap_or(fallback),
    );
    let disposition = HeaderValue::try_from(format!(
        "attachment; filename*=UTF-8''{}",
        percent::value(&upload.name)
    ));
    headers.insert(
        header::CONTENT_DISPOSITION,
        disposition.unwrap_or(HeaderValue::from_static("attachment")),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(SANDBOX),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    Ok((headers, content))
}
