//! A board: a lane for each state, cards with what may be done next.

use super::error::PageError;
use super::layout::{Chrome, ok};
use super::naming;
use super::show::left;
use super::target::tone;
use super::visitor::Visitor;
use askama::Template;
use axum::response::Response;

/// Actions shown on a card.
const MOST_MOVES: usize = 2;

struct Card {
    href: String,
    title: String,
    facts: Vec<(String, String)>,
    due: Option<(String, &'static str)>,
    moves: Vec<(String, String, &'static str)>,
}

struct Lane {
    title: String,
    cards: Vec<Card>,
    more: bool,
}

#[derive(Template)]
#[template(path = "lanes.html")]
struct Page {
    c: Chrome,
    title: String,
    service: String,
    lanes: Vec<Lane>,
}

pub(super) async fn page(
    visitor: &Visitor,
    slug: &str,
    kind: &str,
    view: &str,
) -> Result<Response, PageError> {
    let actor = &visitor.signed.actor;
    let found = visitor.app.engine.lanes(actor, slug, kind, view).await?;
    let today = visitor.app.engine.today();
    let service = visitor.service(slug)?;
    let lanes = found.lanes.into_iter().map(|(_, title, board)| Lane {
        title,
        more: board.next.is_some(),
        cards: board
            .rows
            .into_iter()
            .map(|(record, cells)| card(&record, &board.columns, cells, today))
            .collect(),
    });
    Ok(ok(&Page {
        c: visitor.chrome(found.view.title.clone()),
        title: found.view.title.clone(),
        service: service.title.clone(),
        lanes: lanes.collect(),
    }))
}

fn card(
    record: &engine::RecordView,
    columns: &[String],
    cells: Vec<String>,
    today: jiff::civil::Date,
) -> Card {
    let base = format!(
        "{}/{}/{}",
        record.service.slug, record.record_type.name, record.id
    );
    let title = naming::called(record);
    let facts = columns
        .iter()
        .cloned()
        .zip(cells)
        .filter(|(_, cell)| !cell.is_empty() && !title.contains(cell.as_str()));
    let moves = record
        .actions
        .iter()
        .filter(|action| {
            let declared = record.record_type.actions.get(&action.name);
            declared.is_some_and(|action| action.to.is_some())
        })
        .take(MOST_MOVES)
        .map(|action| {
            (
                format!("/r/{base}/do/{}", action.name),
                action.title.clone(),
                tone(action.tone),
            )
        });
    Card {
        href: naming::page(record),
        facts: facts.collect(),
        due: record.deadline().map(|due| left(due, today)),
        moves: moves.collect(),
        title,
    }
}
