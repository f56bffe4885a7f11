//! `GET /api/v1/uploads/{id}`: a file's content, for whoever may see the record that uses it.

use crate::{App, Problem, Signed, download};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
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
    Ok((download::headers(upload, "attachment", SANDBOX), content))
}
