//! Before the payment gateway and after it: what is paid and on which terms, the way there, and an honest word on the
//! way back.

use super::error::PageError;
use super::layout::{Chrome, ok, see};
use super::show::{date, money};
use super::visitor::Visitor;
use crate::i18n::say;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect, Response};

type At = Path<(String, String, String)>;

#[derive(Template)]
#[template(path = "pay.html")]
struct Pay {
    c: Chrome,
    title: String,
    amount: String,
    until: Option<String>,
    terms: Option<String>,
    state: String,
    line: String,
    /// Whether there is something to pay at the gateway now.
    open: bool,
    /// Whether the payer has just come back from there.
    back: bool,
    go: String,
    again: String,
    record: String,
}

pub(super) async fn get(visitor: Visitor, at: At) -> Result<Response, PageError> {
    let page = asked(&visitor, &at, false).await?;
    shown(&visitor, page, false)
}

/// On to the gateway. A plain link leads here, since nothing changes by following it.
pub(super) async fn go(visitor: Visitor, at: At) -> Result<Response, PageError> {
    let page = asked(&visitor, &at, false).await?;
    let Path((slug, kind, id)) = at;
    Ok(match page.url {
        Some(url) => Redirect::to(&url).into_response(),
        None => see(&format!("/pay/{slug}/{kind}/{id}")),
    })
}

pub(super) async fn back(visitor: Visitor, at: At) -> Result<Response, PageError> {
    let page = asked(&visitor, &at, true).await?;
    shown(&visitor, page, true)
}

/// What is to be paid; after a visit to the gateway with what the gateway says of it.
async fn asked(
    visitor: &Visitor,
    Path((slug, kind, id)): &At,
    back: bool,
) -> Result<engine::PayPage, PageError> {
    visitor.account()?;
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    Ok(match back {
        true => engine.ask_after(actor, slug, kind, id).await?,
        false => engine.pay_page(actor, slug, kind, id).await?,
    })
}

fn shown(visitor: &Visitor, page: engine::PayPage, back: bool) -> Result<Response, PageError> {
    let view = visitor.translated(page.view);
    let base = format!(
        "{}/{}/{}",
        view.service.slug, view.record_type.name, view.id
    );
    let terms = view
        .record_type
        .gateway
        .as_ref()
        .and_then(|gateway| gateway.terms.clone());
    Ok(ok(&Pay {
        c: visitor.chrome(say("納付")),
        title: page.title.unwrap_or_default(),
        amount: page
            .amount_yen
            .and_then(|yen| i64::try_from(yen).ok())
            .map(money)
            .unwrap_or_default(),
        until: page.until.map(date),
        terms: terms.or(page.terms),
        state: view.state_title.clone(),
        line: view.line.clone().unwrap_or_default(),
        open: page.url.is_some(),
        back,
        go: format!("/pay/{base}/go"),
        again: format!("/pay/{base}/return"),
        record: format!("/r/{base}"),
    }))
}
