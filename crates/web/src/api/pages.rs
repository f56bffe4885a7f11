//! `GET /api/v1/uploads/{id}/pages` and `…/pages/{page}?width=`: the pages of a PDF, and each as a picture, for whoever
//! may have the file.

use super::query::Query;
use crate::{App, Problem, Signed, download};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

/// Pixels, unless the request says otherwise.
const WIDTH_PX: u32 = 1_000;
/// Millimetres in a point.
const MM: f32 = 25.4 / 72.0;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    Query::read(&uri, &[])?;
    let file = id.parse().map_err(|_| Problem::not_found())?;
    let list = app.engine.attachment_pages(&signed.actor, file).await?;
    let items = (1..).zip(&list.sizes).map(|(page, size)| {
        json!({
            "page": page,
            "width_mm": (size.width_pt * MM).round(),
            "height_mm": (size.height_pt * MM).round(),
            "href": format!("/api/v1/uploads/{id}/pages/{page}"),
        })
    });
    let items: Vec<Value> = items.collect();
    Ok(Json(
        json!({"items": items, "next": null, "pages": list.total}),
    ))
}

pub(super) async fn picture(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((id, page)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = Query::read(&uri, &["width"])?;
    let (id, page) = (id.parse(), page.parse());
    let (Ok(id), Ok(page)) = (id, page) else {
        return Err(Problem::not_found());
    };
    // What is no number is out of bounds like any other.
    let width = query
        .get("width")
        .map_or(WIDTH_PX, |text| text.parse().unwrap_or_default());
    let known = |tag: &str| download::knows(&headers, tag);
    let made = app
        .engine
        .attachment_page(&signed.actor, id, (page, width), known)
        .await?;
    Ok(download::picture(made))
}

#[cfg(test)]
mod tests;
