//! 引継ぎ: the open work of officials who leave, and work that names nobody; chosen here, tried and done as any run.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, encode, ok, see};
use super::visitor::Visitor;
use super::{naming, runs, show};
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::response::Response;
use engine::{Failure, Handing, Leaving, RecordView, WorkHolder};
use kernel::AccountId;
use serde::Deserialize;

pub(super) const PATH: &str = "/desk/handover";

/// What `of` says for work that names nobody.
const NOBODY: &str = "nobody";

type Place = Path<(String, String, String)>;

struct Person {
    href: String,
    name: String,
    badge: String,
    class: &'static str,
}

struct Kind {
    title: String,
    people: Vec<Person>,
    stopped: bool,
}

#[derive(Template)]
#[template(path = "handover.html")]
struct Page {
    c: Chrome,
    kinds: Vec<Kind>,
    ahead: i64,
}

struct Row {
    /// `id:version`, as the form carries it.
    value: String,
    href: String,
    title: String,
    state: String,
    due: String,
}

#[derive(Template)]
#[template(path = "handover_work.html")]
struct WorkPage {
    c: Chrome,
    title: String,
    what: String,
    badge: String,
    class: &'static str,
    go: String,
    action: String,
    of: String,
    here: String,
    to: String,
    /// Sign-in name and name of those with a seat at the office.
    colleagues: Vec<(String, String)>,
    rows: Vec<Row>,
    next: Option<String>,
    most: usize,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    of: Option<String>,
    after: Option<String>,
}

pub(super) async fn get(visitor: Visitor) -> Result<Response, PageError> {
    visitor.official()?;
    let engine = &visitor.app.engine;
    if !engine.hands_over(&visitor.signed.actor) {
        return Err(PageError::not_found());
    }
    let handings = engine.handings(&visitor.signed.actor).await?;
    Ok(ok(&Page {
        kinds: handings.iter().map(kind).collect(),
        ahead: engine::AHEAD_DAYS,
        c: visitor.chrome("引継ぎ"),
    }))
}

fn kind(handing: &Handing) -> Kind {
    let people = handing.holders.iter().map(|holder| {
        let (badge, class) = badge(&holder.leaving);
        let of = of(holder.account);
        Person {
            href: format!("{}?of={}", place(handing), encode(&of)),
            name: name(holder),
            badge,
            class,
        }
    });
    Kind {
        title: what(handing),
        people: people.collect(),
        stopped: handing.stopped,
    }
}

fn what(handing: &Handing) -> String {
    let (service, rt) = (&handing.service, &handing.record_type);
    format!("{}　{}：{}", service.title, rt.title, handing.title)
}

fn place(handing: &Handing) -> String {
    let (service, rt) = (&handing.service.slug, &handing.record_type.name);
    format!("{PATH}/{service}/{rt}/{}", handing.field)
}

fn of(account: Option<AccountId>) -> String {
    account.map_or_else(|| NOBODY.to_owned(), |id| id.to_string())
}

fn name(holder: &WorkHolder) -> String {
    match (&holder.name, holder.account) {
        (Some(name), _) => format!("{name}さん"),
        (None, Some(_)) => "いなくなった職員".to_owned(),
        (None, None) => "だれの名もない仕事".to_owned(),
    }
}

fn badge(leaving: &Leaving) -> (String, &'static str) {
    match leaving {
        Leaving::Nobody => ("担当がいません".to_owned(), "late"),
        Leaving::Gone => ("もう席がありません".to_owned(), "late"),
        Leaving::On(day) => (format!("{}まで", show::date(*day)), "wait"),
        Leaving::Stays => ("席があります".to_owned(), "done"),
    }
}

/// What one person holds, or what names nobody.
pub(super) async fn work(
    visitor: Visitor,
    Path((slug, kind, field)): Place,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let engine = &visitor.app.engine;
    let account = read_of(wanted.of.as_deref())?;
    let found = engine
        .work_of(
            &visitor.signed.actor,
            (&slug, &kind, &field),
            account,
            wanted.after.as_deref(),
        )
        .await?;
    let handing = &found.handing;
    let here = format!("{}?of={}", place(handing), encode(&of(account)));
    let (badge, class) = badge(&found.holder.leaving);
    Ok(ok(&WorkPage {
        title: format!("引継ぎ：{}", name(&found.holder)),
        what: what(handing),
        badge,
        class,
        go: format!("/desk/{slug}/{kind}/runs"),
        action: definition::hand_over(&field),
        of: of(account),
        next: found
            .next
            .map(|after| format!("{here}&after={}", encode(&after))),
        here,
        to: String::new(),
        colleagues: found.colleagues,
        rows: found.items.iter().map(row).collect(),
        most: engine::MAX_RUN_RECORDS,
        c: visitor.chrome("引継ぎ"),
    }))
}

/// Whose work is meant.
pub(super) fn read_of(of: Option<&str>) -> Result<Option<AccountId>, PageError> {
    match of {
        Some(NOBODY) => Ok(None),
        Some(text) => match text.parse() {
            Ok(id) => Ok(Some(AccountId(id))),
            Err(_) => Err(PageError::not_found()),
        },
        None => Err(PageError::not_found()),
    }
}

fn row(record: &RecordView) -> Row {
    Row {
        value: format!("{}:{}", record.id, record.version),
        href: naming::page(record),
        title: naming::called(record),
        state: record.state_title.clone(),
        due: record.due.map(show::date).unwrap_or_default(),
    }
}

/// Gives back what a run handed over.
pub(super) async fn back(
    visitor: Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    receive(&visitor.app, &visitor.signed, request).await?;
    let run = id.parse().map_err(|_| PageError::not_found())?;
    let engine = &visitor.app.engine;
    match engine.hand_back(&visitor.signed.actor, run).await {
        Ok(id) => Ok(see(&format!("/desk/runs/{id}"))),
        Err(Failure::Refused(refusal)) if refusal.kind != kernel::RefusalKind::NotFound => {
            Ok(runs::refused(&visitor, &refusal, PATH.to_owned()))
        }
        Err(fault) => Err(fault.into()),
    }
}
