//! What officials read of other services about the people of a record, under a law or a consent.

use super::error::PageError;
use super::layout::{Chrome, ok};
use super::naming;
use super::show::{Show, Shown, Value, values};
use super::visitor::Visitor;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use engine::RecordView;
use kernel::RecordId;
use std::collections::BTreeMap;

/// A link on a record's page: address, title, ground.
pub(super) struct Door {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) ground: String,
}

#[derive(Template)]
#[template(path = "uses.html")]
struct Page {
    c: Chrome,
    title: String,
    ground: String,
    holder: String,
    /// The record's page.
    record: String,
    unconsented: bool,
    items: Vec<Vec<Value>>,
}

/// What the reader of a record's page may read beside it.
pub(super) async fn doors(visitor: &Visitor, record: &RecordView) -> Result<Vec<Door>, PageError> {
    let actor = &visitor.signed.actor;
    if record.record_type.uses.is_empty() || actor.seats.is_empty() {
        return Ok(Vec::new());
    }
    let place = (
        record.service.slug.as_str(),
        record.record_type.name.as_str(),
        record.id,
    );
    let offers = visitor.app.engine.use_offers(actor, place).await?;
    let base = naming::page(record);
    let door = |one: engine::UseOffer| Door {
        href: format!("{base}/uses/{}", one.name),
        title: one.title,
        ground: one.ground,
    };
    Ok(offers.into_iter().map(door).collect())
}

/// Reads, and leaves a note with the ground.
pub(super) async fn get(
    visitor: Visitor,
    Path((slug, kind, id, name)): Path<(String, String, String, String)>,
) -> Result<Response, PageError> {
    visitor.account()?;
    let id: RecordId = id.parse().map_err(|_| PageError::not_found())?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let read = engine.used(actor, (&slug, &kind, id), &name).await?;
    let (files, places) = (BTreeMap::new(), visitor.places());
    let show = Show {
        service: &read.holder,
        day: engine.today(),
        files: &files,
        places: &places,
    };
    let shown = |fields| values(&show, &read.record_type, fields, &[]);
    Ok(ok(&Page {
        c: visitor.chrome(read.title.clone()),
        holder: format!("{}（{}）", read.holder.title, read.record_type.title),
        title: read.title.clone(),
        ground: read.ground.clone(),
        record: format!("/r/{slug}/{kind}/{id}"),
        unconsented: read.unconsented,
        items: read.items.iter().map(shown).collect(),
    }))
}
