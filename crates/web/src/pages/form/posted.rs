//! A posted form: pairs in order, and files, which are kept as they stream in.

use crate::MAX_BODY_BYTES;
use crate::pages::error::PageError;
use crate::{App, Problem, Signed, csrf_ok};
use axum::Form;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use axum::response::IntoResponse;
use engine::Upload;
use std::sync::Arc;

/// The most bytes of a form with files: five of the largest and their frame.
pub(in crate::pages) const MAX_FORM_BYTES: usize = 105 * 1024 * 1024;
const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;
const MAX_PAIRS: usize = 5000;

/// What came with a post. Never printed: it holds what people typed.
#[derive(Default)]
pub(in crate::pages) struct Posted {
    pairs: Vec<(String, String)>,
    /// Files by the name of their input, or why they were not kept.
    pub(in crate::pages) uploads: Vec<(String, Result<Upload, String>)>,
}

impl Posted {
    /// From pairs alone.
    pub(in crate::pages) fn of(pairs: Vec<(String, String)>) -> Self {
        Self {
            pairs,
            uploads: Vec::new(),
        }
    }

    /// The last value under a name, so that a later input overrules an earlier one.
    pub(in crate::pages) fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values under a name.
    pub(in crate::pages) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The same for a name made on the spot.
    pub(in crate::pages) fn all_owned(&self, name: String) -> impl Iterator<Item = &str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| *key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a value stands under a name.
    pub(in crate::pages) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|one| one == value)
    }
}

/// Reads a posted form, with or without files. Its token must come before any file.
pub(in crate::pages) async fn receive(
    app: &Arc<App>,
    signed: &Signed,
    request: Request,
) -> Result<Posted, PageError> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let posted = if kind.starts_with("multipart/form-data") {
        multipart(app, signed, request).await?
    } else {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX_BODY_BYTES)
            .await
            .map_err(|_| Problem::too_large(MAX_BODY_BYTES))?;
        let request = Request::from_parts(parts, Body::from(bytes));
        let form = Form::<Vec<(String, String)>>::from_request(request, app).await;
        Posted::of(
            form.map_err(|rejection| rejected(&rejection.into_response()))?
                .0,
        )
    };
    match csrf_ok(signed, posted.get("csrf").unwrap_or_default()) {
        true => Ok(posted),
        false => Err(Problem::form_expired().into()),
    }
}

async fn multipart(app: &Arc<App>, signed: &Signed, request: Request) -> Result<Posted, PageError> {
    let mut parts = Multipart::from_request(request, app)
        .await
        .map_err(|rejection| rejected(&rejection.into_response()))?;
    let mut posted = Posted::default();
    while let Some(mut part) = parts
        .next_field()
        .await
        .map_err(|error| rejected(&error.into_response()))?
    {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let content = content(
            &mut part,
            if file.is_some() {
                MAX_FILE_BYTES
            } else {
                MAX_BODY_BYTES
            },
        )
        .await?;
        if posted.pairs.len() + posted.uploads.len() >= MAX_PAIRS {
            return Err(Problem::too_large(MAX_FORM_BYTES).into());
        }
        match file {
            None => posted
                .pairs
                .push((name, String::from_utf8_lossy(&content).into_owned())),
            Some(file) if file.is_empty() && content.is_empty() => {}
            Some(file) => {
                if !csrf_ok(signed, posted.get("csrf").unwrap_or_default())
                    || signed.account.is_none()
                {
                    return Err(Problem::form_expired().into());
                }
                posted
                    .uploads
                    .push((name, keep(app, signed, &file, content).await?));
            }
        }
    }
    Ok(posted)
}

/// The content of a part, and no more than one byte beyond the limit: enough to see that it is too much.
async fn content(
    part: &mut axum::extract::multipart::Field<'_>,
    limit: usize,
) -> Result<Vec<u8>, PageError> {
    let mut content = Vec::new();
    while let Some(chunk) = part
        .chunk()
        .await
        .map_err(|error| rejected(&error.into_response()))?
    {
        let room = (limit + 1).saturating_sub(content.len());
        content.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
    }
    Ok(content)
}

/// Keeps a file; what the person can mend is said beside the field.
async fn keep(
    app: &App,
    signed: &Signed,
    name: &str,
    content: Vec<u8>,
) -> Result<Result<Upload, String>, PageError> {
    if content.len() > MAX_FILE_BYTES {
        return Ok(Err(crate::i18n::with(
            "「{0}」は大きすぎます（上限20MB）。小さくするか、分けて選び直してください。",
            &[&name],
        )));
    }
    match app.engine.upload(&signed.actor, name, content).await {
        Ok(upload) => Ok(Ok(upload)),
        Err(engine::Failure::Refused(refusal)) => {
            let said = refusal
                .faults
                .iter()
                .map(|fault| fault.detail.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            Ok(Err(if said.is_empty() { refusal.title } else { said }))
        }
        Err(fault) => Err(fault.into()),
    }
}

fn rejected(response: &axum::response::Response) -> PageError {
    match response.status() {
        axum::http::StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(MAX_FORM_BYTES).into(),
        _ => Problem::malformed(
            "/",
            "form",
            "送られた内容を読み取れませんでした。前の画面に戻って、もう一度送ってください。",
        )
        .into(),
    }
}
