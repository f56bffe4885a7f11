//! A personal link: it opens what somebody without an account brought to the counter.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, ok, see, with_cookies};
use super::second::lead;
use super::visitor::Visitor;
use crate::auth::second::needed;
use crate::auth::{Arrival, Whence, open};
use crate::i18n::say;
use askama::Template;
use axum::extract::{Path, Request};
use axum::response::Response;

#[derive(Template)]
#[template(path = "follow.html")]
struct Follow {
    c: Chrome,
}

/// Asks before it opens, so that a machine that looks at links changes nothing.
pub(super) async fn get(
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    visitor.app.engine.linked(&token).await?;
    Ok(ok(&Follow {
        c: visitor.chrome(say("手続きのようすを見る")),
    }))
}

pub(super) async fn post(
    visitor: Visitor,
    whence: Whence,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    receive(&visitor.app, &visitor.signed, request).await?;
    let account = visitor.app.engine.linked(&token).await?;
    let old = visitor.signed.session.as_deref();
    let arrival = Arrival::by("link", &whence, old);
    if needed(&visitor.app, &account, arrival.assurance).await? {
        return lead(&visitor, &account, &arrival, ("", "")).await;
    }
    let session = open(&visitor.app, account, arrival).await?;
    Ok(with_cookies(see("/my"), session.cookies))
}
