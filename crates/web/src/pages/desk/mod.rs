//! The desk: one inbox of what waits, by deadline, and the views page by page.

mod doors;
mod queue;
mod table;

use super::error::PageError;
use super::layout::{Chrome, ok};
use super::naming;
use super::visitor::Visitor;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use definition::model::{Service, Status};
use doors::Place;
use queue::Queue;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use table::Table;

pub(super) use doors::registers;
pub(super) use table::{After, view};

#[derive(Template)]
#[template(path = "desk.html")]
struct Inbox {
    c: Chrome,
    /// Whether an act has just closed a record to whoever took it.
    closed: bool,
    seats: Vec<String>,
    waiting: String,
    /// Lists on which much may be done at once.
    batches: Vec<Table>,
    queue: Queue,
    /// 後閲: what substitutes decided for this official.
    reviews: Vec<(String, String)>,
    places: Vec<Place>,
    /// Record types that this official may key in for people without an account.
    counters: Vec<(String, String)>,
    /// Record types that this official may begin of their own.
    begun: Vec<(String, String)>,
    imports: bool,
    auditor: bool,
    emergency: bool,
    handover: bool,
    publications: bool,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    closed: Option<String>,
}

pub(super) async fn inbox(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let account = visitor.official()?;
    let engine = &visitor.app.engine;
    let actor = &visitor.signed.actor;
    let roles = roles(&visitor);
    let boards = engine.boards(actor).await?;
    let counts: BTreeMap<String, String> = boards
        .iter()
        .map(|board| (table::href(board), table::count(board)))
        .collect();
    let (batches, rest): (Vec<_>, Vec<_>) = boards
        .into_iter()
        .partition(|board| !board.batch.is_empty());
    let told = batches.iter().flat_map(|board| &board.rows);
    let told = told.map(|(record, _)| record.id).collect();
    let queue = queue::merge(&rest, told, &roles, engine.today());
    let batches: Vec<Table> = batches
        .into_iter()
        .map(|board| table::table(board, engine.today()))
        .collect();
    let catalogue = engine.catalogue();
    let seats = account.seats.iter().map(|seat| {
        let office = seat.office.clone();
        let title = catalogue.role_title(&seat.role).map(str::to_owned);
        let parts = [office, title];
        parts.into_iter().flatten().collect::<Vec<_>>().join("　")
    });
    Ok(ok(&Inbox {
        c: visitor.chrome("受付箱"),
        closed: asked.closed.is_some(),
        seats: seats.collect(),
        waiting: waiting(&queue, &batches),
        batches,
        queue,
        reviews: reviews(&visitor).await?,
        places: doors::places(&visitor, &counts),
        counters: doors::counters(&visitor),
        begun: doors::begun(&visitor),
        imports: !engine.imports(actor).is_empty(),
        handover: engine.hands_over(actor),
        emergency: engine.concerns_glass(actor),
        auditor: actor.seats.iter().any(|seat| seat.role == "auditor"),
        publications: engine.publishes(actor),
    }))
}

/// How much waits for this official, as far as is known here; empty for nothing.
fn waiting(queue: &Queue, batches: &[Table]) -> String {
    let shown = queue.rows.len() + batches.iter().map(|table| table.rows.len()).sum::<usize>();
    let more = !queue.more.is_empty() || batches.iter().any(|table| table.more);
    match (shown, more) {
        (0, _) => String::new(),
        (shown, true) => format!("{shown}件より多く"),
        (shown, false) => format!("{shown}件"),
    }
}

/// The roles of this official, as records name who they wait for.
fn roles(visitor: &Visitor) -> Vec<String> {
    let seats = visitor.signed.actor.seats.iter();
    seats.map(|seat| format!("desk.{}", seat.role)).collect()
}

/// The services in operation: those that people look for, then the books behind them.
fn running(visitor: &Visitor) -> Vec<Arc<Service>> {
    let catalogue = visitor.app.engine.catalogue();
    let services = catalogue.services.values();
    let running = services.filter(|service| service.status == Status::Running);
    let mut running: Vec<_> = running.cloned().collect();
    running.sort_by_key(|service| !service.in_catalogue());
    running
}

/// What substitutes did for this official (代決) and waits to be acknowledged (後閲).
async fn reviews(visitor: &Visitor) -> Result<Vec<(String, String)>, PageError> {
    let engine = &visitor.app.engine;
    let waiting = engine.after_reviews(&visitor.signed.actor).await?;
    let one = |record: &engine::RecordView| {
        let title = naming::called(record);
        let by = record.trail.iter().rev().find(|m| m.waits_for().is_some());
        let by = by.map_or_else(String::new, |mark| {
            format!("：{}さんの代決（{}）", mark.name, mark.step)
        });
        (
            naming::page(record),
            format!("{}　{title}{by}", record.record_type.title),
        )
    };
    Ok(waiting.iter().map(one).collect())
}
