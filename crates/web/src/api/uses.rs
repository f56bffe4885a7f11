//! `GET …/{id}/uses` and `GET …/{id}/uses/{name}`: what officials may read, and read, of other services about the people
//! of a record, under a law or a consent.

use super::{access, record};
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use std::sync::Arc;

/// What may be read; nothing is read by asking.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, kind, id)): Path<(String, String, String)>,
) -> Result<Json<Value>, Problem> {
    access::record_type(&app, &service, &kind)?;
    signed.require()?;
    let place = (service.as_str(), kind.as_str(), record::id(&id)?);
    let offers = app.engine.use_offers(&signed.actor, place).await?;
    let items: Vec<Value> = offers
        .iter()
        .map(|one| json!({"name": one.name, "title": one.title, "ground": one.ground}))
        .collect();
    Ok(Json(json!({"items": items, "next": null})))
}

/// Reads, and leaves a note with the ground.
pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, kind, id, name)): Path<(String, String, String, String)>,
) -> Result<Json<Value>, Problem> {
    access::record_type(&app, &service, &kind)?;
    signed.require()?;
    let place = (service.as_str(), kind.as_str(), record::id(&id)?);
    let read = app.engine.used(&signed.actor, place, &name).await?;
    Ok(Json(json!({
        "title": read.title, "ground": read.ground, "service": read.holder.slug, "type": read.record_type.name,
        "unconsented": read.unconsented, "items": read.items,
    })))
}
