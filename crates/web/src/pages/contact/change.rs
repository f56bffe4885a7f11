//! What the page's forms do.

use super::{Again, shown};
use crate::pages::error::PageError;
use crate::pages::form::{Posted, receive};
use crate::pages::layout::see;
use crate::pages::visitor::Visitor;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::Failure;
use engine::outreach::{Channel, Preferences};
use jiff::civil::Time;
use uuid::Uuid;

/// A LINE user of the demo.
const SAMPLE_USER: &str = "U5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

async fn posted(visitor: &Visitor, request: Request) -> Result<Posted, PageError> {
    visitor.account()?;
    receive(&visitor.app, &visitor.signed, request).await
}

/// What the reader can mend is said at its field; all else is a page of its own.
async fn or_again(
    visitor: &Visitor,
    outcome: Result<&'static str, Failure>,
    at: &str,
    typed: &str,
) -> Result<Response, PageError> {
    match outcome {
        Ok(done) => Ok(see(&format!("/my/contact?done={done}"))),
        Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
            let said = crate::i18n::faults(&refusal.faults);
            let again = Again {
                fault: Some((at.to_owned(), typed.to_owned(), said)),
                line_code: None,
            };
            shown(visitor, StatusCode::UNPROCESSABLE_ENTITY, None, again).await
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Six digits.
fn code(visitor: &Visitor) -> String {
    let mut bytes = [0_u8; 8];
    (visitor.app.random)(&mut bytes);
    format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000)
}

pub(in crate::pages) async fn preferences(
    visitor: Visitor,
    request: Request,
) -> Result<Response, PageError> {
    let posted = posted(&visitor, request).await?;
    let time = |name: &str| posted.get(name).and_then(|text| text.parse::<Time>().ok());
    let quiet = match posted.get("quiet") {
        Some("yes") => time("from").zip(time("until")),
        _ => None,
    };
    let chosen = Preferences {
        language: posted.get("language").unwrap_or("ja").to_owned(),
        quiet,
        on: posted.all("on").filter_map(|id| id.parse().ok()).collect(),
        desks: posted.get("desks").is_some(),
    };
    let engine = &visitor.app.engine;
    let outcome = engine.set_preferences(&visitor.signed.actor, chosen).await;
    or_again(&visitor, outcome.map(|()| "saved"), "language", "").await
}

pub(in crate::pages) async fn add(
    visitor: Visitor,
    request: Request,
) -> Result<Response, PageError> {
    let posted = posted(&visitor, request).await?;
    let name = posted.get("channel").unwrap_or_default();
    let channel = Channel::parse(name)
        .filter(|channel| matches!(channel, Channel::Mail | Channel::Sms))
        .ok_or_else(PageError::not_found)?;
    let address = posted.get("address").unwrap_or_default();
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let outcome = engine
        .add_way(actor, channel, address, &code(&visitor))
        .await;
    or_again(&visitor, outcome.map(|_| "sent"), name, address).await
}

/// Sends the code of a way once more.
pub(in crate::pages) async fn again(
    visitor: Visitor,
    Path(id): Path<Uuid>,
    request: Request,
) -> Result<Response, PageError> {
    posted(&visitor, request).await?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let contact = engine.contact(actor).await?;
    let way = contact.ways.iter().find(|way| way.id == id);
    let way = way.ok_or_else(PageError::not_found)?;
    let given = super::shown::Line::of(way).address;
    let outcome = engine
        .add_way(actor, way.channel, &given, &code(&visitor))
        .await;
    or_again(&visitor, outcome.map(|_| "sent"), &id.to_string(), "").await
}

pub(in crate::pages) async fn confirm(
    visitor: Visitor,
    Path(id): Path<Uuid>,
    request: Request,
) -> Result<Response, PageError> {
    let posted = posted(&visitor, request).await?;
    let code = posted.get("code").unwrap_or_default();
    let engine = &visitor.app.engine;
    let outcome = engine.confirm_way(&visitor.signed.actor, id, code).await;
    or_again(
        &visitor,
        outcome.map(|()| "confirmed"),
        &id.to_string(),
        code,
    )
    .await
}

pub(in crate::pages) async fn remove(
    visitor: Visitor,
    Path(id): Path<Uuid>,
    request: Request,
) -> Result<Response, PageError> {
    posted(&visitor, request).await?;
    visitor
        .app
        .engine
        .remove_way(&visitor.signed.actor, id)
        .await?;
    Ok(see("/my/contact?done=removed"))
}

/// Takes the subscription that the page's script got from the browser.
pub(in crate::pages) async fn push(
    visitor: Visitor,
    request: Request,
) -> Result<Response, PageError> {
    let posted = posted(&visitor, request).await?;
    let subscription = posted.get("subscription").unwrap_or_default();
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let outcome = engine.add_held(actor, Channel::Push, subscription).await;
    or_again(&visitor, outcome.map(|()| "connected"), "push", "").await
}

/// Shows a code that the reader writes to the official account.
pub(in crate::pages) async fn line(
    visitor: Visitor,
    request: Request,
) -> Result<Response, PageError> {
    posted(&visitor, request).await?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let code = code(&visitor);
    match engine.await_code(actor, Channel::Line, &code).await {
        Ok(()) => {
            let again = Again {
                fault: None,
                line_code: Some(code),
            };
            shown(&visitor, StatusCode::OK, None, again).await
        }
        Err(fault) => or_again(&visitor, Err(fault), "line", "").await,
    }
}

/// In a demo: plays the provider, whose signed call is taken like any other.
pub(in crate::pages) async fn sample(
    visitor: Visitor,
    request: Request,
) -> Result<Response, PageError> {
    let posted = posted(&visitor, request).await?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let samples = engine.samples().ok_or_else(PageError::not_found)?;
    let outcome = match posted.get("code") {
        None => {
            engine
                .add_held(actor, Channel::Push, &samples.subscription())
                .await
        }
        Some(code) => {
            let call = samples.write_to_us(Channel::Line, SAMPLE_USER, code);
            let (body, signature) = call.ok_or_else(PageError::not_found)?;
            let heard = engine
                .incoming(Channel::Line, body.as_bytes(), &signature)
                .await?;
            match heard {
                Some(1) => Ok(()),
                _ => Err(Failure::invalid(
                    "/input/code",
                    "wrong",
                    "この番号はもう使えません。もう一度番号を出してください。",
                )),
            }
        }
    };
    let at = if posted.get("code").is_some() {
        "line"
    } else {
        "push"
    };
    or_again(&visitor, outcome.map(|()| "connected"), at, "").await
}
