//! The desk: one inbox of what waits, by deadline, and the views page by page.

use super::error::PageError;
use super::layout::{Chrome, encode, ok};
use super::naming;
use super::show::left;
use super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use engine::{BatchAction, Board};
use jiff::civil::Date;
use serde::Deserialize;

/// Rows of a board on the inbox that waits for somebody else.
const GLANCE: usize = 5;

/// A row of a board.
struct Row {
    href: String,
    cells: Vec<(String, String)>,
    due: Option<(String, &'static str)>,
    /// `id:version`, as a run's form carries it.
    value: String,
    /// Whether it has changed since this official last looked at it.
    updated: bool,
}

/// A board as a table.
struct Table {
    title: String,
    service: String,
    href: String,
    columns: Vec<String>,
    rows: Vec<Row>,
    more: bool,
    next: Option<String>,
    stopped: bool,
    /// The earliest deadline: boards with one come first.
    due: Option<Date>,
    /// Whether something in it waits for this official.
    mine: bool,
    dues: bool,
    register: bool,
    /// What may be done to many of its rows at once, and where the form goes.
    batch: Vec<BatchAction>,
    runs: String,
    view: String,
    selected: bool,
}

impl Table {
    /// The trial of an action on all rows of the view.
    fn all(&self, action: &BatchAction) -> String {
        format!(
            "{}?view={}&action={}",
            self.runs,
            encode(&self.view),
            encode(&action.name)
        )
    }

    /// How many rows there are, as far as is known here.
    fn count(&self) -> String {
        match self.more {
            true => format!("{}件より多く", self.rows.len()),
            false => format!("{}件", self.rows.len()),
        }
    }
}

#[derive(Template)]
#[template(path = "desk.html")]
struct Inbox {
    c: Chrome,
    seats: Vec<String>,
    waiting: usize,
    tables: Vec<Table>,
    quiet: Vec<Table>,
    registers: Vec<(String, String)>,
    /// Boards, calendars, charts.
    pictures: Vec<(String, String)>,
    /// Record types that this official may key in for people without an account.
    counters: Vec<(String, String)>,
    /// 後閲: what substitutes decided for this official.
    reviews: Vec<(String, String)>,
}

pub(super) async fn inbox(visitor: Visitor) -> Result<Response, PageError> {
    let account = visitor.official()?;
    let today = visitor.app.engine.today();
    let roles: Vec<String> = account
        .seats
        .iter()
        .map(|seat| format!("desk.{}", seat.role))
        .collect();
    let boards = visitor.app.engine.boards(&visitor.signed.actor).await?;
    let all: Vec<Table> = boards
        .into_iter()
        .map(|board| table(board, &roles, today))
        .collect();
    let glance = |mut table: Table| {
        if !table.mine && table.rows.len() > GLANCE {
            table.rows.truncate(GLANCE);
            table.more = true;
        }
        table
    };
    let (mut tables, quiet): (Vec<Table>, Vec<Table>) = all
        .into_iter()
        .map(glance)
        .partition(|table| !table.rows.is_empty());
    tables.sort_by_key(|table| (!table.mine, table.register, table.due.is_none(), table.due));
    let waiting = tables
        .iter()
        .filter(|table| table.mine)
        .flat_map(|table| &table.rows)
        .map(|row| &row.href)
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    let seats = account
        .seats
        .iter()
        .map(|seat| {
            [seat.office.clone(), role_title(&visitor, &seat.role)]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("　")
        })
        .collect();
    Ok(ok(&Inbox {
        c: visitor.chrome("受付箱"),
        seats,
        waiting,
        tables,
        quiet,
        registers: registers(&visitor),
        counters: counters(&visitor),
        reviews: reviews(&visitor).await?,
        pictures: super::views::doors(&visitor),
    }))
}

/// What substitutes did for this official (代決) and waits to be acknowledged (後閲).
async fn reviews(visitor: &Visitor) -> Result<Vec<(String, String)>, PageError> {
    let engine = &visitor.app.engine;
    let waiting = engine.after_reviews(&visitor.signed.actor).await?;
    let one = |record: &engine::RecordView| {
        let title = naming::full(record.label.as_ref(), record.number.as_ref());
        let title = naming::or_kind(title, &record.record_type);
        let by = record.trail.iter().rev().find(|m| m.waits_for().is_some());
        let by = by.map_or_else(String::new, |mark| {
            format!("：{}さんの代決（{}）", mark.name, mark.step)
        });
        (
            naming::href(&record.service.slug, &record.record_type.name, record.id),
            format!("{}　{title}{by}", record.record_type.title),
        )
    };
    Ok(waiting.iter().map(one).collect())
}

/// Title of a role, from the first service that has it.
fn role_title(visitor: &Visitor, role: &str) -> Option<String> {
    let catalogue = visitor.app.engine.catalogue();
    catalogue
        .services
        .values()
        .find_map(|service| service.roles.get(role).map(|found| found.title.clone()))
}

/// Types whose records this official may look through.
pub(super) fn registers(visitor: &Visitor) -> Vec<(String, String)> {
    let catalogue = visitor.app.engine.catalogue();
    let mut found = Vec::new();
    for service in catalogue
        .services
        .values()
        .filter(|service| service.status == definition::model::Status::Running)
    {
        for rt in service.types.values().filter(|rt| {
            !kernel::scope_keys_where(service, rt, &visitor.signed.actor, |rule| {
                matches!(rule.who, definition::model::Who::Desk(_))
            })
            .is_empty()
        }) {
            found.push((
                format!("/desk/{}/{}", service.slug, rt.name),
                format!("{}：{}", service.title, rt.title),
            ));
        }
    }
    found
}

fn counters(visitor: &Visitor) -> Vec<(String, String)> {
    let catalogue = visitor.app.engine.catalogue();
    let running = catalogue
        .services
        .values()
        .filter(|service| service.status == definition::model::Status::Running);
    let each = |service: &std::sync::Arc<definition::model::Service>| {
        let types = service.types.values();
        types
            .filter(|rt| kernel::counter::sits(rt, &visitor.signed.actor))
            .map(|rt| {
                (
                    format!("/desk/{}/{}/counter", service.slug, rt.name),
                    rt.title.clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    running.flat_map(each).collect()
}

fn table(board: Board, roles: &[String], today: Date) -> Table {
    let href = format!(
        "/desk/{}/{}/views/{}",
        board.service.slug, board.record_type.name, board.view
    );
    let due = board.rows.iter().filter_map(|(record, _)| record.due).min();
    let waits = |record: &engine::RecordView| {
        record
            .waits_for
            .as_ref()
            .is_some_and(|who| roles.contains(who))
    };
    let mine = !board.rows.is_empty() && board.rows.iter().all(|(record, _)| waits(record));
    let register = board.record_type.register;
    let dues = board
        .rows
        .iter()
        .any(|(record, _)| record.due.is_some() && !record.record_type.register);
    let columns = board.columns;
    let updated = board.updated;
    let rows = board.rows.into_iter().map(|(record, cells)| Row {
        href: naming::href(&record.service.slug, &record.record_type.name, record.id),
        value: format!("{}:{}", record.id, record.version),
        updated: updated.contains(&record.id),
        cells: columns.iter().cloned().zip(cells).collect(),
        due: record
            .due
            .filter(|_| !record.record_type.register)
            .map(|due| left(due, today)),
    });
    Table {
        title: board.title,
        service: format!("{}：{}", board.service.title, board.record_type.title),
        href,
        rows: rows.collect(),
        columns,
        more: board.next.is_some(),
        next: board.next,
        stopped: board.stopped,
        due,
        mine,
        dues,
        register,
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
pub(super) struct After {
    pub(super) after: Option<String>,
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

pub(super) async fn view(
    visitor: Visitor,
    Path((slug, kind, view)): Path<(String, String, String)>,
    Query(asked): Query<After>,
) -> Result<Response, PageError> {
    let account = visitor.official()?;
    let roles: Vec<String> = account
        .seats
        .iter()
        .map(|seat| format!("desk.{}", seat.role))
        .collect();
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
    let t = table(board, &roles, visitor.app.engine.today());
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
