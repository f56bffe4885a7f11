//! A link to go on with somebody's record: what is asked, the code, and in.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, encode, page, see};
use super::visitor::Visitor;
use super::{naming, show};
use crate::i18n::say;
use askama::Template;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::{Failure, Knock};
use kernel::RefusalKind;

#[derive(Template)]
#[template(path = "accept.html")]
struct Accept {
    c: Chrome,
    knock: Knock,
    until: String,
    /// The sign-in page and back; none for who is there already.
    sign_in: Option<String>,
    /// For whom they act now, which is not how one accepts.
    hat: Option<String>,
    fault: Option<String>,
    refused: Option<String>,
}

pub(super) async fn get(
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    shown(&visitor, StatusCode::OK, &token, None, None).await
}

pub(super) async fn post(
    visitor: Visitor,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    visitor.account()?;
    let code = posted.get("code").unwrap_or_default();
    let engine = &visitor.app.engine;
    let accepted = engine.accept_invitation(&visitor.signed.actor, &token, code, None);
    match accepted.await {
        Ok(record) => {
            let (service, kind) = (&record.service.slug, &record.record_type.name);
            Ok(see(&naming::href(service, kind, record.id)))
        }
        Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Invalid => {
            let fault = refusal.faults.into_iter().next().map(|fault| fault.detail);
            shown(
                &visitor,
                StatusCode::UNPROCESSABLE_ENTITY,
                &token,
                fault,
                None,
            )
            .await
        }
        Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::WrongState => {
            shown(
                &visitor,
                StatusCode::CONFLICT,
                &token,
                None,
                Some(refusal.title),
            )
            .await
        }
        Err(failure) => Err(failure.into()),
    }
}

async fn shown(
    visitor: &Visitor,
    status: StatusCode,
    token: &str,
    fault: Option<String>,
    refused: Option<String>,
) -> Result<Response, PageError> {
    let knock = visitor
        .app
        .engine
        .knock(&visitor.signed.actor, token)
        .await?;
    if let (Some((service, kind, id)), true) = (&knock.record, status == StatusCode::OK) {
        return Ok(see(&naming::href(service, kind, *id)));
    }
    let nobody = visitor.signed.account.is_none();
    Ok(page(
        status,
        &Accept {
            c: visitor.chrome(say("続きを頼まれています")),
            until: show::date(knock.until),
            sign_in: nobody.then(|| format!("/sign-in?next={}", encode(&visitor.path))),
            hat: visitor.signed.actor.on_behalf_name.clone(),
            refused: refused.or_else(|| knock.obstacle.clone()),
            fault,
            knock,
        },
    ))
}
