//! 届かなかった連絡: the desk sees to them by another way.

use super::contact;
use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, ok, see};
use super::naming;
use super::show::instant;
use super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Request};
use axum::response::Response;

struct Row {
    id: String,
    subject: String,
    channel: &'static str,
    why: String,
    since: String,
    href: String,
    number: String,
}

#[derive(Template)]
#[template(path = "undelivered.html")]
struct Page {
    c: Chrome,
    rows: Vec<Row>,
}

pub(super) async fn get(visitor: Visitor) -> Result<Response, PageError> {
    visitor.official()?;
    let found = visitor
        .app
        .engine
        .undelivered(&visitor.signed.actor)
        .await?;
    let rows = found.into_iter().map(|one| {
        let record = &one.record;
        let (service, kind) = (&record.service.slug, &record.record_type.name);
        Row {
            id: one.id.to_string(),
            channel: contact::title(one.channel),
            why: one.why,
            since: instant(one.since),
            href: naming::href(service, kind, record.id),
            number: record
                .number
                .clone()
                .unwrap_or_else(|| record.record_type.title.clone()),
            subject: one.subject,
        }
    });
    Ok(ok(&Page {
        c: visitor.chrome("届かなかった連絡"),
        rows: rows.collect(),
    }))
}

pub(super) async fn seen(
    visitor: Visitor,
    Path(id): Path<uuid::Uuid>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    receive(&visitor.app, &visitor.signed, request).await?;
    visitor
        .app
        .engine
        .undelivered_seen(&visitor.signed.actor, id)
        .await?;
    Ok(see("/desk/undelivered"))
}
