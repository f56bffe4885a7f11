//! `POST /api/v1/services/{service}/publications/{publication}/editions`: makes today's edition now.

use super::access;
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, publication)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Value>), Problem> {
    signed.require()?;
    access::meant(&signed, &headers)?;
    let made = app
        .engine
        .publish_now(&signed.actor, &service, &publication)
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(
            json!({"day": made.day, "rows": made.rows, "opted_out": made.opted_out, "held": made.held,
            "faulty": made.faulty.len(), "sha256": made.sha256}),
        ),
    ))
}
