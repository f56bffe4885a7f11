//! A file of a record: pictures and PDF in the browser, everything else as a download; photographs bound into one PDF.

use super::error::PageError;
use super::show::FileShown;
use super::visitor::Visitor;
use crate::bind::{Photo, bind};
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::Response;
use engine::Upload;
use serde::Deserialize;

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

#[derive(Deserialize)]
pub(super) struct Wide {
    width: u32,
}

/// A page of a PDF as a picture.
pub(super) async fn page(
    visitor: Visitor,
    Path((id, page)): Path<(String, String)>,
    Query(wide): Query<Wide>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let page = page.parse().map_err(|_| PageError::not_found())?;
    let known = |tag: &str| crate::download::knows(&headers, tag);
    let engine = &visitor.app.engine;
    let actor = &visitor.signed.actor;
    let made = engine
        .attachment_page(actor, id, (page, wide.width), known)
        .await?;
    Ok(crate::download::picture(made))
}

/// The most photographs that are bound together, and the most bytes of them.
const MOST_BOUND: usize = 20;
const MOST_BYTES: usize = 100 * 1024 * 1024;

#[derive(Deserialize)]
pub(super) struct Asked {
    /// Ids with commas between them.
    of: String,
}

/// Where these files are bound into one PDF; none if they are not all photographs.
pub(in crate::pages) fn bound(files: &[FileShown]) -> Option<String> {
    let photo = |file: &FileShown| {
        let name = file.name.to_ascii_lowercase();
        name.ends_with(".jpg") || name.ends_with(".jpeg")
    };
    let ids: Vec<&str> = files.iter().map(|file| file.id.as_str()).collect();
    let all = !ids.is_empty() && ids.len() <= MOST_BOUND && files.iter().all(photo);
    all.then(|| format!("/files/bound?of={}", ids.join(",")))
}

/// Photographs as pages of one PDF, upright; each for whoever may see it.
pub(super) async fn together(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<(HeaderMap, Vec<u8>), PageError> {
    let mut photos = Vec::new();
    let mut first: Option<Upload> = None;
    let mut bytes = 0;
    for id in asked.of.split(',').take(MOST_BOUND) {
        let id = id.parse().map_err(|_| PageError::not_found())?;
        let engine = &visitor.app.engine;
        let (upload, content) = engine.attachment(&visitor.signed.actor, id).await?;
        bytes += content.len();
        let photo = Photo::read(content).filter(|_| bytes <= MOST_BYTES);
        photos.push(photo.ok_or_else(PageError::not_found)?);
        first.get_or_insert(upload);
    }
    let upload = first.ok_or_else(PageError::not_found)?;
    let stem = upload.name.rsplit_once('.').map_or("", |(stem, _)| stem);
    let shown = Upload {
        name: format!("{stem}.pdf"),
        media_type: "application/pdf".into(),
        ..upload
    };
    Ok((
        crate::download::headers(shown, "inline", POLICY),
        bind(&photos),
    ))
}
