//! A view as a table: its rows, what may be done to many of them, its pages.

use super::super::error::PageError;
use super::super::layout::{Chrome, encode, ok};
use super::super::naming;
use super::super::show::left;
use super::super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use engine::{BatchAction, Board};
use jiff::civil::Date;
use serde::Deserialize;

/// A row of a board.
pub(super) struct Row {
    pub(super) href: String,
    pub(super) cells: Vec<(String, String)>,
    pub(super) due: Option<(String, &'static str)>,
    /// `id:version`, as a run's form carries it.
    pub(super) value: String,
    /// Whether it has changed since this official last looked at it.
    pub(super) updated: bool,
}

/// A board as a table.
pub(super) struct Table {
    pub(super) title: String,
    pub(super) service: String,
    pub(super) href: String,
    pub(super) columns: Vec<String>,
    /// How many rows there are, as far as is known here.
    pub(super) count: String,
    pub(super) rows: Vec<Row>,
    pub(super) more: bool,
    pub(super) next: Option<String>,
    pub(super) stopped: bool,
    /// Whether a row has a deadline.
    pub(super) dues: bool,
    /// What may be done to many of its rows at once, and where the form goes.
    pub(super) batch: Vec<BatchAction>,
    pub(super) runs: String,
    pub(super) view: String,
    pub(super) selected: bool,
}

impl Table {
    /// The trial of an action on all rows of the view.
    pub(super) fn all(&self, action: &BatchAction) -> String {
        format!(
            "{}?view={}&action={}",
            self.runs,
            encode(&self.view),
            encode(&action.name)
        )
    }
}

/// The page of a board's view.
pub(super) fn href(board: &Board) -> String {
    naming::view(&board.service.slug, &board.record_type.name, &board.view)
}

/// How many records a view holds, as far as its first page tells; empty for none.
pub(super) fn count(board: &Board) -> String {
    match (board.rows.len(), &board.next) {
        (0, None) => String::new(),
        (rows, None) => format!("{rows}件"),
        (rows, Some(_)) => format!("{rows}件より多く"),
    }
}

pub(super) fn table(board: Board, today: Date) -> Table {
    let (href, count) = (href(&board), count(&board));
    let dues = board
        .rows
        .iter()
        .any(|(record, _)| record.deadline().is_some());
    let columns = board.columns;
    let updated = board.updated;
    let rows = board.rows.into_iter().map(|(record, cells)| Row {
        href: naming::page(&record),
        value: format!("{}:{}", record.id, record.version),
        updated: updated.contains(&record.id),
        cells: columns.iter().cloned().zip(cells).collect(),
        due: record.deadline().map(|due| left(due, today)),
    });
    Table {
        title: board.title,
        service: format!("{}：{}", board.service.title, board.record_type.title),
        href,
        count,
        rows: rows.collect(),
        columns,
        more: board.next.is_some(),
        next: board.next,
        stopped: board.stopped,
        dues,
        batch: board.batch,
        selected: board.selected,
        view: board.view,
        runs: format!(
            "/desk/{}/{}/runs",
            board.service.slug, board.record_type.name
        ),
    }
}

#[derive(Deserialize)]
pub(in super::super) struct After {
    pub(in super::super) after: Option<String>,
}

#[derive(Template)]
#[template(path = "view.html")]
struct ViewPage {
    c: Chrome,
    t: Table,
    search: String,
    next: Option<String>,
    first: bool,
}

pub(in super::super) async fn view(
    visitor: Visitor,
    Path((slug, kind, view)): Path<(String, String, String)>,
    Query(asked): Query<After>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let board = visitor
        .app
        .engine
        .view_page(
            &visitor.signed.actor,
            &slug,
            &kind,
            &view,
            asked.after.as_deref(),
        )
        .await?;
    let t = table(board, visitor.app.engine.today());
    let next = t
        .next
        .as_ref()
        .map(|cursor| format!("{}?after={}", t.href, encode(cursor)));
    Ok(ok(&ViewPage {
        c: visitor.chrome(t.title.clone()),
        search: format!("/desk/{slug}/{kind}"),
        next,
        first: asked.after.is_none(),
        t,
    }))
}
