//! 見本の送信箱: what would have gone out of a demo. There is no such page where people are real.

use super::contact;
use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, ok, see};
use super::show::instant;
use super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Request};
use axum::response::Response;
use engine::outreach::{Channel, Samples};
use std::sync::Arc;

struct Row {
    channel: &'static str,
    at: String,
    to: String,
    subject: String,
    body: String,
}

struct Gate {
    name: &'static str,
    title: &'static str,
    down: bool,
}

#[derive(Template)]
#[template(path = "outbox.html")]
struct Page {
    c: Chrome,
    gates: Vec<Gate>,
    rows: Vec<Row>,
}

fn samples(visitor: &Visitor) -> Result<Arc<dyn Samples>, PageError> {
    let account = visitor.account()?;
    let operator = account
        .seats
        .iter()
        .any(|seat| seat.role == "administrator");
    let samples = visitor
        .app
        .engine
        .samples()
        .filter(|_| operator && visitor.app.demo);
    samples.cloned().ok_or_else(PageError::not_found)
}

pub(super) async fn get(visitor: Visitor) -> Result<Response, PageError> {
    let samples = samples(&visitor)?;
    let rows = samples.letters().into_iter().map(|letter| Row {
        channel: contact::title(letter.channel),
        at: instant(letter.at),
        to: letter.to,
        subject: letter.subject,
        body: letter.body,
    });
    let gates = Channel::ALL.into_iter().map(|channel| Gate {
        name: channel.name(),
        title: contact::title(channel),
        down: samples.is_down(channel),
    });
    Ok(ok(&Page {
        c: visitor.chrome("見本の送信箱"),
        gates: gates.collect(),
        rows: rows.collect(),
    }))
}

/// Stops a stand-in, or lets it go on.
pub(super) async fn set(
    visitor: Visitor,
    Path(channel): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    let samples = samples(&visitor)?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let channel = Channel::parse(&channel).ok_or_else(PageError::not_found)?;
    samples.set_down(channel, posted.get("down") == Some("yes"));
    Ok(see("/admin/outbox"))
}
