//! 保守アクセス: a maintainer asks to come in and says what was done; administrators and auditors see who was in, when, why,
//! granted by whom, and what was opened and done.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, ok, page, see};
use super::show::instant;
use super::visitor::Visitor;
use super::{audit, naming};
use crate::Problem;
pub(super) use crate::auth::maintenance::PATH;
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::{Failure, OwnVisit, RecordView, VisitBook, VisitRequest};
use jiff::Timestamp;
use kernel::RefusalKind;
use serde::Deserialize;
use sheet::{Cell, Encoding, Format, WriteFault, Writer};

/// What is asked for.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    shut: String,
    #[serde(default)]
    format: String,
    after: Option<String>,
}

/// A visit, for those who oversee.
struct Line {
    href: String,
    asker: String,
    company: String,
    ticket: String,
    work: String,
    starts: String,
    until: String,
    state: String,
    granted_by: String,
    granted_at: String,
    ended: String,
    because: String,
    done: String,
}

impl Line {
    fn of(view: &RecordView) -> Self {
        let ended = [moment(view, "ended_at"), text(view, "ended_by")];
        let because = [text(view, "declined_because"), text(view, "ended_because")];
        Self {
            href: format!("{PATH}/{}", view.id),
            asker: text(view, "asker"),
            company: text(view, "company"),
            ticket: text(view, "ticket"),
            work: text(view, "work"),
            starts: moment(view, "starts"),
            until: moment(view, "until"),
            state: view.state_title.clone(),
            granted_by: text(view, "granted_by"),
            granted_at: moment(view, "granted_at"),
            ended: ended.join(" ").trim().to_owned(),
            because: because.concat(),
            done: text(view, "done"),
        }
    }
}

#[derive(Template)]
#[template(path = "maintenance.html")]
struct Overview {
    c: Chrome,
    lines: Vec<Line>,
    next: Option<String>,
}

struct Step {
    at: String,
    what: String,
    address: String,
}

#[derive(Template)]
#[template(path = "maintenance_visit.html")]
struct Book {
    c: Chrome,
    visit: Line,
    record: String,
    steps: Vec<Step>,
    has_more: bool,
}

/// A visit, for whoever asked for it.
struct Own {
    id: String,
    state: String,
    ticket: String,
    work: String,
    span: String,
    because: String,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "maintenance_own.html")]
struct Ask {
    c: Chrome,
    shut: bool,
    own: Vec<Own>,
    asked: VisitRequest,
    /// The visit that was to be ended, and what was written of it.
    left: (String, String),
    faults: Vec<(String, String)>,
    refused: Option<String>,
}

impl Ask {
    fn fault(&self, field: &str) -> Option<&String> {
        let mut faults = self.faults.iter();
        faults.find(|(of, _)| of == field).map(|(_, text)| text)
    }
}

pub(super) async fn get(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if engine::maintains(visitor.official()?) {
        let said = Said {
            shut: !asked.shut.is_empty(),
            ..Said::default()
        };
        return shown(&visitor, StatusCode::OK, said).await;
    }
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    if !asked.format.is_empty() {
        return file(&asked.format, &engine.visits_file(actor).await?);
    }
    let found = engine.visits(actor, asked.after.as_deref()).await?;
    Ok(ok(&Overview {
        c: visitor.chrome("保守アクセス"),
        lines: found.items.iter().map(Line::of).collect(),
        next: found.next.as_deref().map(crate::percent::value),
    }))
}

pub(super) async fn visit(visitor: Visitor, Path(id): Path<String>) -> Result<Response, PageError> {
    visitor.official()?;
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let engine = &visitor.app.engine;
    let book = engine.visit_book(&visitor.signed.actor, id).await?;
    let step = |one: &RecordView| Step {
        at: instant(one.created_at),
        what: text(one, "what"),
        address: text(one, "address"),
    };
    Ok(ok(&Book {
        c: visitor.chrome("保守作業"),
        record: naming::page(&book.visit),
        visit: Line::of(&book.visit),
        steps: book.steps.iter().map(step).collect(),
        has_more: book.has_more,
    }))
}

/// A maintainer asks to come in, or says that a visit is over; with faults the form comes back as it was filled in.
pub(super) async fn post(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    if !engine::maintains(visitor.official()?) {
        return Err(PageError::not_found());
    }
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let text = |name: &str| posted.get(name).unwrap_or_default().to_owned();
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let asked = VisitRequest {
        company: text("company"),
        ticket: text("ticket"),
        work: text("work"),
        starts: text("starts"),
        until: text("until"),
    };
    let left = (text("leave"), text("done"));
    let done = match left.0.is_empty() {
        true => engine.ask_visit(actor, &asked).await,
        false => {
            let id = left.0.parse().map_err(|_| PageError::not_found())?;
            engine.leave_visit(actor, id, &left.1).await
        }
    };
    match done {
        Ok(()) => Ok(see(PATH)),
        Err(Failure::Refused(refusal)) if refusal.kind != RefusalKind::NotFound => {
            let faults = refusal.faults.iter().map(|fault| {
                let field = fault.pointer.rsplit('/').next().unwrap_or_default();
                (field.to_owned(), fault.detail.clone())
            });
            let said = Said {
                faults: faults.collect(),
                refused: refusal.faults.is_empty().then(|| refusal.title.clone()),
                asked,
                left,
                shut: false,
            };
            shown(&visitor, StatusCode::UNPROCESSABLE_ENTITY, said).await
        }
        Err(failure) => Err(failure.into()),
    }
}

#[derive(Default)]
struct Said {
    shut: bool,
    faults: Vec<(String, String)>,
    refused: Option<String>,
    asked: VisitRequest,
    left: (String, String),
}

async fn shown(visitor: &Visitor, status: StatusCode, said: Said) -> Result<Response, PageError> {
    let engine = &visitor.app.engine;
    let own = engine.own_visits(&visitor.signed.actor).await?;
    let one = |own: &OwnVisit| Own {
        id: own.id.to_string(),
        state: own.state.clone(),
        ticket: own.ticket.clone(),
        work: own.work.clone(),
        span: span(own.starts, own.until),
        because: own.because.clone().unwrap_or_default(),
        is_open: own.is_open,
    };
    let ask = Ask {
        c: visitor.chrome("保守アクセス"),
        shut: said.shut,
        own: own.iter().map(one).collect(),
        asked: said.asked,
        left: said.left,
        faults: said.faults,
        refused: said.refused,
    };
    Ok(page(status, &ask))
}

fn span(starts: Option<Timestamp>, until: Option<Timestamp>) -> String {
    let said = |at: Option<Timestamp>| at.map(instant).unwrap_or_default();
    format!("{}から{}まで", said(starts), said(until))
}

fn text(view: &RecordView, name: &str) -> String {
    let value = view.fields.get(name).and_then(|value| value.as_str());
    value.unwrap_or_default().to_owned()
}

fn moment(view: &RecordView, name: &str) -> String {
    text(view, name).parse().map(instant).unwrap_or_default()
}

fn file(format: &str, books: &[VisitBook]) -> Result<Response, PageError> {
    let format = match format {
        "csv" => Format::Csv(Encoding::Utf8Bom),
        "xlsx" => Format::Xlsx,
        _ => return Err(PageError::not_found()),
    };
    let bytes = written(books, format).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(audit::download("保守アクセスの記録", format, bytes))
}

/// One line for each step; a visit in which nothing was opened has one of its own.
fn written(books: &[VisitBook], format: Format) -> Result<Vec<u8>, WriteFault> {
    let mut writer = Writer::new(format, "保守アクセスの記録", Vec::new())?;
    const VISIT: [(&str, &str); 13] = [
        ("保守の担当", "asker"),
        ("事業者", "company"),
        ("管理番号", "ticket"),
        ("作業内容", "work"),
        ("始める時", "starts"),
        ("終わる時", "until"),
        ("許可した人", "granted_by"),
        ("許可した時", "granted_at"),
        ("断った理由", "declined_because"),
        ("終えた人", "ended_by"),
        ("終えた時", "ended_at"),
        ("途中で終えた理由", "ended_because"),
        ("行ったこと", "done"),
    ];
    const STEP: [(&str, &str); 3] = [
        ("開いた時", "at"),
        ("画面・操作", "what"),
        ("アドレス", "address"),
    ];
    let titles = VISIT.iter().chain(&STEP).map(|(title, _)| *title);
    let heads: Vec<Cell> = ["状態"].into_iter().chain(titles).map(Cell::from).collect();
    writer.row(&heads)?;
    for book in books {
        let told = VISIT.map(|(_, name)| text(&book.visit, name));
        let steps = book.steps.iter().map(Some);
        let none = book.steps.is_empty().then_some(None);
        for step in steps.chain(none) {
            let step = STEP.map(|(_, name)| step.map(|step| text(step, name)).unwrap_or_default());
            let all = std::iter::once(&book.visit.state_title)
                .chain(&told)
                .chain(&step);
            let row: Vec<Cell> = all.map(|text| Cell::from(text.as_str())).collect();
            writer.row(&row)?;
        }
    }
    Ok(writer.finish()?.0)
}
