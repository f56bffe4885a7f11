//! My Page: what waits for me, everything of mine, my messages.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, ok, see};
use super::naming;
use super::receipt;
use super::show::{date, instant, left};
use super::visitor::Visitor;
use crate::i18n::say;
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::response::Response;
use definition::model::{Service, Status};
use engine::RecordView;
use kernel::port::MessageRow;
use serde::Deserialize;
use std::sync::Arc;

const MESSAGES_ON_TOP: usize = 5;
const MESSAGES_A_PAGE: usize = 20;

/// A record in a list.
pub(super) struct Item {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) number: String,
    pub(super) what: String,
    pub(super) state: String,
    pub(super) class: &'static str,
    pub(super) line: String,
    /// Where its receipt is had.
    pub(super) receipt: Option<String>,
    pub(super) due: Option<(String, &'static str)>,
    /// What its owner looks forward to, with the day.
    pub(super) ahead: Option<(String, String)>,
    pub(super) when: String,
    /// Whether the reader goes on with it for somebody else.
    pub(super) guest: bool,
}

/// Records of one service.
struct Shelf {
    title: String,
    items: Vec<Item>,
}

/// A message.
struct Letter {
    id: String,
    subject: String,
    body: String,
    when: String,
    unread: bool,
    href: String,
}

#[derive(Template)]
#[template(path = "my.html")]
struct My {
    c: Chrome,
    name: String,
    waiting: Vec<Item>,
    shelves: Vec<Shelf>,
    letters: Vec<Letter>,
    unread: usize,
    /// What one may begin that is for every service and so in no catalogue: link and title.
    books: Vec<(String, String)>,
}

pub(super) async fn get(visitor: Visitor) -> Result<Response, PageError> {
    visitor.account()?;
    let actor = &visitor.signed.actor;
    let records = visitor.app.engine.my_items(actor).await?;
    let records: Vec<RecordView> = records
        .into_iter()
        .map(|one| visitor.translated(one))
        .collect();
    let letters = visitor
        .app
        .engine
        .messages(actor, None, MESSAGES_ON_TOP)
        .await?;
    let today = visitor.app.engine.today();
    let mut waiting = Vec::new();
    let mut shelves: Vec<Shelf> = Vec::new();
    for record in &records {
        if ended(record) && gone(record) {
            continue;
        }
        if mine(record) && !record.record_type.register {
            waiting.push(item(record, today));
        }
        match shelves
            .iter_mut()
            .find(|shelf| shelf.title == record.service.title)
        {
            Some(shelf) => shelf.items.push(item(record, today)),
            None => shelves.push(Shelf {
                title: record.service.title.clone(),
                items: vec![item(record, today)],
            }),
        }
    }
    let name = actor
        .on_behalf_name
        .clone()
        .unwrap_or_else(|| actor.name.clone());
    let letters: Vec<Letter> = letters.iter().map(letter).collect();
    let unread = letters.iter().filter(|letter| letter.unread).count();
    Ok(ok(&My {
        c: visitor.chrome(say("マイページ")),
        name,
        waiting,
        shelves,
        letters,
        unread,
        books: books(&visitor),
    }))
}

/// Books behind the services in which a person begins records of their own, as 委任 is.
fn books(visitor: &Visitor) -> Vec<(String, String)> {
    let catalogue = visitor.app.engine.catalogue();
    let for_people = |service: &&Arc<Service>| {
        service.status == Status::Running
            && !service.in_catalogue()
            && service.audience.iter().any(|one| one != "staff")
            && service.types.values().any(|rt| rt.begun_by_people())
    };
    let books = catalogue.services.values().filter(for_people);
    books
        .filter_map(|book| visitor.service(&book.slug).ok())
        .map(|book| (format!("/services/{}", book.slug), book.title.clone()))
        .collect()
}

/// Whether a record waits for one of its own parties.
pub(super) fn mine(record: &RecordView) -> bool {
    record
        .waits_for
        .as_ref()
        .is_some_and(|who| record.record_type.parties.contains_key(who))
}

fn ended(record: &RecordView) -> bool {
    record
        .record_type
        .states
        .get(&record.state)
        .is_some_and(|state| state.ended)
}

/// A draft that was thrown away: it never arrived anywhere.
fn gone(record: &RecordView) -> bool {
    record.record_type.arrives_at.is_some() && record.arrived_on.is_none()
}

pub(super) fn item(record: &RecordView, today: jiff::civil::Date) -> Item {
    let title = record.label.clone().unwrap_or_default();
    Item {
        href: naming::page(record),
        title: naming::or_kind(title, &record.record_type),
        number: record.number.clone().unwrap_or_default(),
        what: record.record_type.title.clone(),
        state: record.state_title.clone(),
        class: state_class(record),
        line: record.line.clone().unwrap_or_default(),
        receipt: receipt::door(record),
        due: record
            .due
            .filter(|_| mine(record))
            .map(|due| left(due, today)),
        ahead: record
            .outlook
            .as_ref()
            .map(|outlook| (outlook.title.clone(), date(outlook.day))),
        when: instant(record.updated_at),
        guest: record.invitations.iter().any(|one| one.own),
    }
}

pub(super) fn state_class(record: &RecordView) -> &'static str {
    match (ended(record), mine(record)) {
        (true, _) => "done",
        (false, true) if !record.record_type.register => "mine",
        _ => "wait",
    }
}

fn letter(row: &MessageRow) -> Letter {
    let said = row.others.get(crate::i18n::current().tag());
    Letter {
        id: row.id.to_string(),
        subject: said.map_or(&row.subject, |said| &said.subject).clone(),
        body: said.map_or(&row.body, |said| &said.body).clone(),
        when: instant(row.at),
        unread: row.read_at.is_none(),
        // About one's own account, not about a record.
        href: match row.service.is_empty() {
            true => "/my/sign-in".to_owned(),
            false => naming::href(&row.service, &row.record_type, row.record),
        },
    }
}

pub(super) async fn moved() -> Response {
    see("/my")
}

#[derive(Deserialize)]
pub(super) struct Before {
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "messages.html")]
struct Messages {
    c: Chrome,
    letters: Vec<Letter>,
    next: Option<String>,
    first: bool,
}

pub(super) async fn messages(
    visitor: Visitor,
    Query(asked): Query<Before>,
) -> Result<Response, PageError> {
    visitor.account()?;
    let before = asked
        .before
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|_| PageError::not_found())?;
    let rows = visitor
        .app
        .engine
        .messages(&visitor.signed.actor, before, MESSAGES_A_PAGE)
        .await?;
    let next = rows
        .last()
        .filter(|_| rows.len() == MESSAGES_A_PAGE)
        .map(|row| row.id.to_string());
    Ok(ok(&Messages {
        c: visitor.chrome(say("お知らせ")),
        letters: rows.iter().map(letter).collect(),
        next,
        first: before.is_none(),
    }))
}

/// Marks a message as read and leads to what it is about.
pub(super) async fn read(
    visitor: Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.account()?;
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    visitor
        .app
        .engine
        .message_read(&visitor.signed.actor, id)
        .await?;
    Ok(see(crate::auth::safe_next(
        posted.get("next").or(Some("/my/messages")),
    )))
}
