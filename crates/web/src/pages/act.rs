//! An action's form on a record: filling in a draft at home, deciding at the desk.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::see;
use super::step::Step;
use super::target::{Again, Target, again, went};
use super::visitor::Visitor;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

pub(super) type At = Path<(String, String, String, String)>;

/// What an address names, for somebody who is signed in.
pub(super) async fn target(
    visitor: &Visitor,
    (slug, kind, id, action): &(String, String, String, String),
) -> Result<Target, PageError> {
    visitor.account()?;
    Target::of(visitor, slug, kind, id, action).await
}

/// The same with what was posted to it.
pub(super) async fn posted(
    visitor: &Visitor,
    at: &(String, String, String, String),
    request: Request,
) -> Result<(Posted, Target), PageError> {
    visitor.account()?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    Ok((posted, target(visitor, at).await?))
}

#[derive(Deserialize)]
pub(super) struct Asked {
    saved: Option<String>,
    check: Option<String>,
}

pub(super) async fn get(
    visitor: Visitor,
    Path(at): At,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let target = target(&visitor, &at).await?;
    if !target.possible() {
        return Ok(see(&target.href()));
    }
    target.held(&visitor)?;
    let mut shown = Again {
        saved: asked.saved.is_some(),
        ..Again::default()
    };
    let mut status = StatusCode::OK;
    if asked.check.is_some()
        && let Err(failure) = target.tried(&visitor).await
    {
        (status, shown) = again(failure)?;
    }
    target.show(&visitor, status, target.kept(), shown).await
}

pub(super) async fn post(
    visitor: Visitor,
    Path(at): At,
    request: Request,
) -> Result<Response, PageError> {
    let (posted, target) = posted(&visitor, &at, request).await?;
    let (slug, kind, id, action) = at;
    let order = posted.get("_do").unwrap_or("act").to_owned();
    let input = match target.step(&visitor, &posted, &order).await? {
        Step::Shown(page) => return Ok(page),
        Step::Act(input) => input,
    };
    let path = format!("/my/{slug}/{kind}/{id}/{action}");
    let (act, next) = match (order.as_str(), &target.save) {
        ("save", Some(save)) => (save, format!("{path}?saved=1")),
        ("confirm", Some(save)) => (save, format!("{path}/confirm")),
        _ => (&target.action, format!("{}?done={action}", target.href())),
    };
    // Nothing new: the history needs no further entry before the last look.
    if order == "confirm" && target.save.is_some() && !target.changes(&input) {
        return Ok(see(&next));
    }
    match target.perform(&visitor, act, &input, &posted, false).await {
        Ok(outcome) => Ok(went(&outcome, &next)),
        Err(failure) => target.show_again(&visitor, &posted, input, failure).await,
    }
}
