//! Behind the code on a letter: whether the paper is real and valid today, and what to compare. Nothing personal.

use super::error::PageError;
use super::layout::{Chrome, ok};
use super::show;
use super::visitor::Visitor;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use engine::Failure;
use kernel::RefusalKind;
use kernel::letter::Verified;

#[derive(Template)]
#[template(path = "verify.html")]
struct Verify {
    c: Chrome,
    found: Option<Verified>,
    today: String,
}

pub(super) async fn get(
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let engine = &visitor.app.engine;
    let found = match engine.verify_letter(&token).await {
        Ok(found) => Some(found),
        Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::NotFound => None,
        Err(other) => return Err(other.into()),
    };
    let status = if found.is_some() {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    let page = ok(&Verify {
        c: visitor.chrome("文書を確かめる"),
        today: show::date(engine.today()),
        found,
    });
    Ok((status, page).into_response())
}
