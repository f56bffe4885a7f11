//! A letter to read on the screen, and as PDF to print or keep.

use super::error::PageError;
use super::layout::{Chrome, ok};
use super::visitor::Visitor;
use crate::api::document::{answer, copy};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::Response;
use engine::Face;
use kernel::RecordId;
use std::collections::BTreeMap;

type At = Path<(String, String, String, String)>;
type Asked = Query<BTreeMap<String, String>>;

#[derive(Template)]
#[template(path = "letter.html")]
struct LetterPage {
    c: Chrome,
    title: String,
    /// The record's page.
    record: String,
    pdf: String,
    draft: bool,
    html: String,
}

pub(super) async fn get(
    visitor: Visitor,
    Path((service, kind, id, name)): At,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let record = format!("/r/{service}/{kind}/{id}");
    let number = copy(asked.get("copy").map(String::as_str))?;
    let of = (service.as_str(), kind.as_str(), record_id(&id)?);
    let engine = &visitor.app.engine;
    let letter = engine
        .document(&visitor.signed.actor, None, of, (&name, number), Face::Html)
        .await?;
    let query = number.map_or_else(String::new, |copy| format!("?copy={copy}"));
    Ok(ok(&LetterPage {
        c: visitor.chrome(letter.title.clone()),
        title: letter.title,
        pdf: format!("{record}/documents/{name}/pdf{query}"),
        record,
        draft: letter.draft,
        html: String::from_utf8_lossy(&letter.content).into_owned(),
    }))
}

pub(super) async fn pdf(
    visitor: Visitor,
    Path((service, kind, id, name)): At,
    Query(asked): Asked,
) -> Result<(HeaderMap, Vec<u8>), PageError> {
    let number = copy(asked.get("copy").map(String::as_str))?;
    let of = (service.as_str(), kind.as_str(), record_id(&id)?);
    let engine = &visitor.app.engine;
    let letter = engine
        .document(&visitor.signed.actor, None, of, (&name, number), Face::Pdf)
        .await?;
    Ok(answer(letter))
}

fn record_id(text: &str) -> Result<RecordId, PageError> {
    text.parse().map_err(|_| PageError::not_found())
}
