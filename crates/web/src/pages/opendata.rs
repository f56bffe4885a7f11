//! Open data for people: the catalogue, each data set with its columns and past days; and at the desk, what was held
//! back, and 今すぐ作り直す.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, ok, see};
use super::show::date as day;
use super::visitor::Visitor;
use crate::i18n::{say, with};
use crate::opendata;
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::HeaderMap;
use axum::response::Response;
use definition::model::{Publication, Schedule};
use engine::Published;
use jiff::civil::Date;
use kernel::shelf::Edition;
use serde::Deserialize;

/// One data set in a list.
struct Set {
    title: String,
    summary: String,
    href: String,
    owner: String,
    files: Vec<(String, String)>,
    updated: String,
    rows: String,
}

#[derive(Template)]
#[template(path = "opendata.html")]
struct CataloguePage {
    c: Chrome,
    sets: Vec<Set>,
}

pub(super) async fn catalogue(visitor: Visitor) -> Result<Response, PageError> {
    let all = visitor.app.engine.publications().await?;
    let sets = all.iter().filter(|one| one.edition.is_some());
    Ok(ok(&CataloguePage {
        sets: sets.map(|one| set(&visitor, one)).collect(),
        c: visitor.chrome(say("オープンデータ")),
    }))
}

fn set(visitor: &Visitor, one: &Published) -> Set {
    let service = visitor
        .app
        .localised
        .of(&one.service, crate::i18n::current());
    let publication = service
        .publications
        .get(&one.publication.name)
        .unwrap_or(&one.publication);
    let href = format!("/opendata/{}/{}", one.service.slug, publication.name);
    let edition = one.edition.as_ref();
    Set {
        title: publication.title.clone(),
        summary: publication.summary.clone(),
        files: files(publication, &href),
        href,
        owner: service.owner.clone(),
        updated: edition.map(|edition| day(edition.day)).unwrap_or_default(),
        rows: edition
            .map(|edition| with("{0}件", &[&edition.rows]))
            .unwrap_or_default(),
    }
}

fn files(publication: &Publication, href: &str) -> Vec<(String, String)> {
    let formats = publication.formats.iter();
    formats
        .map(|format| (label(publication, format), format!("{href}.{format}")))
        .collect()
}

fn label(publication: &Publication, format: &str) -> String {
    match (format, publication.encoding.as_str()) {
        ("csv", "cp932") => "CSV（CP932）".into(),
        ("csv", _) => "CSV（UTF-8）".into(),
        ("xlsx", _) => "Excel".into(),
        _ => format.to_uppercase(),
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    as_of: String,
}

#[derive(Template)]
#[template(path = "opendata_set.html")]
struct SetPage {
    c: Chrome,
    set: Set,
    /// Heading, kind, the first values.
    columns: Vec<(String, String, String)>,
    licence: String,
    contact: Option<String>,
    every: String,
    keywords: Vec<String>,
    /// The past day that was asked for, with its files.
    past: Option<(String, Vec<(String, String)>)>,
    as_of: String,
    fault: Option<String>,
    service: (String, String),
}

/// `/opendata/{service}/{name}`: the page of a data set, or with an ending its file; `?as_of=DATE` for a past day.
pub(super) async fn item(
    visitor: Visitor,
    headers: HeaderMap,
    Path((slug, name)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let as_of = asked.as_of.trim();
    let read: Option<Date> = japanese::wareki::parse(as_of).ok();
    if name.contains('.') {
        if !as_of.is_empty() && read.is_none() {
            return Err(engine::Failure::malformed(
                "/query/as_of",
                "format",
                "as_of は 2026-11-22 のような日付にしてください。",
            )
            .into());
        }
        return Ok(opendata::serve(&visitor.app, &headers, &slug, &name, read).await?);
    }
    let all = visitor.app.engine.publications().await?;
    let one = all
        .iter()
        .find(|one| {
            one.service.slug == slug && one.publication.name == name && one.edition.is_some()
        })
        .ok_or_else(PageError::not_found)?;
    let data = visitor.app.engine.open_data(&slug, &name, None).await?;
    let set = set(&visitor, one);
    let (mut past, mut fault) = (None, None);
    match read {
        Some(date) => match visitor.app.engine.open_data(&slug, &name, Some(date)).await {
            Ok(_) => {
                let files = files(&one.publication, &set.href).into_iter();
                past = Some((
                    day(date),
                    files
                        .map(|(label, href)| (label, format!("{href}?as_of={date}")))
                        .collect(),
                ));
            }
            Err(engine::Failure::Refused(_)) => {
                fault = Some(
                    say("この日のデータはありません。昨日までの日を指定してください。").to_owned(),
                )
            }
            Err(other) => return Err(other.into()),
        },
        None if !as_of.is_empty() => {
            fault = Some(
                say("日付は「令和8年11月22日」または「2026-11-22」のように書いてください。")
                    .to_owned(),
            )
        }
        None => {}
    }
    let table = &data.table;
    let kinds = |kind: &str| match kind {
        "number" => "数",
        "date" => "日付",
        _ => "文字",
    };
    let sample = |column: usize| {
        let cells = (0..table.rows().min(3)).filter_map(|row| table.cell(row, column));
        cells.collect::<Vec<_>>().join("　／　")
    };
    let columns = table.columns.iter().enumerate();
    Ok(ok(&SetPage {
        columns: columns
            .map(|(at, column)| {
                (
                    column.title.clone(),
                    say(kinds(&column.kind)).to_owned(),
                    sample(at),
                )
            })
            .collect(),
        licence: one.publication.licence.clone(),
        contact: one.publication.contact.clone(),
        every: every(one.publication.schedule),
        keywords: one.publication.keywords.clone(),
        service: (
            format!("/services/{slug}"),
            visitor
                .app
                .localised
                .of(&one.service, crate::i18n::current())
                .title
                .clone(),
        ),
        c: visitor.chrome(set.title.clone()),
        set,
        past,
        as_of: as_of.to_owned(),
        fault,
    }))
}

fn every(schedule: Schedule) -> String {
    match schedule {
        Schedule::Daily => say("毎日").to_owned(),
        Schedule::Monthly(day) => with("毎月{0}日", &[&day]),
    }
}

struct Row {
    day: String,
    rows: u64,
    opted_out: u64,
    held: usize,
    faulty: usize,
}

impl Row {
    fn of(edition: &Edition) -> Self {
        Self {
            day: day(edition.day),
            rows: edition.rows,
            opted_out: edition.opted_out,
            held: edition.held.len(),
            faulty: edition.faulty.len(),
        }
    }
}

/// Records shown that wait for a decision.
const WAITING: usize = 100;

/// A record that is held back: where it is, what it is called, whose it is.
struct Held {
    href: String,
    title: String,
    number: String,
    office: String,
}

#[derive(Template)]
#[template(path = "desk_opendata.html")]
struct DeskPage {
    c: Chrome,
    title: String,
    summary: String,
    public: Option<String>,
    every: String,
    rows: Vec<Row>,
    held: Vec<Held>,
    /// Titles of the actions by which staff decide.
    decided_by: Vec<String>,
    faulty: Vec<(String, String)>,
    lost: Vec<String>,
    action: String,
}

/// What those who see to a publication find.
pub(super) async fn desk(
    visitor: Visitor,
    Path((slug, name)): Path<(String, String)>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let (one, editions) = visitor
        .app
        .engine
        .editions(&visitor.signed.actor, &slug, &name)
        .await?;
    let publication = &one.publication;
    let record = |id: &kernel::RecordId| format!("/r/{slug}/{}/{id}", publication.of);
    let newest = editions.first();
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let held = engine.held_back(actor, &one, WAITING).await?;
    let held = held.into_iter().map(|one| Held {
        href: record(&one.id),
        title: one.label.unwrap_or_else(|| "名前のない記録".to_owned()),
        number: one.number.unwrap_or_default(),
        office: one.office.unwrap_or_default(),
    });
    let held: Vec<Held> = held.collect();
    let mut lost = Vec::new();
    if newest.is_some()
        && publication.encoding == "cp932"
        && publication.formats.iter().any(|format| format == "csv")
    {
        let data = visitor.app.engine.open_data(&slug, &name, None).await?;
        lost = visitor
            .app
            .engine
            .open_file(&data, "csv")
            .await?
            .lost
            .iter()
            .take(100)
            .map(|one| {
                format!(
                    "{}行目の{}列目：「{}」を「{}」にしました。",
                    one.row, one.column, one.character, one.written
                )
            })
            .collect();
    }
    Ok(ok(&DeskPage {
        c: visitor.chrome(format!("公開：{}", publication.title)),
        title: publication.title.clone(),
        summary: publication.summary.clone(),
        public: newest.map(|_| format!("/opendata/{slug}/{name}")),
        every: every(publication.schedule),
        rows: editions.iter().map(Row::of).collect(),
        decided_by: one.decided_by()?,
        held,
        faulty: newest
            .map(|edition| {
                edition
                    .faulty
                    .iter()
                    .map(|(id, why)| (record(id), why.clone()))
                    .collect()
            })
            .unwrap_or_default(),
        lost,
        action: format!("/desk/open-data/{slug}/{name}"),
    }))
}

/// 今すぐ作り直す.
pub(super) async fn publish(
    visitor: Visitor,
    Path((slug, name)): Path<(String, String)>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    receive(&visitor.app, &visitor.signed, request).await?;
    visitor
        .app
        .engine
        .publish_now(&visitor.signed.actor, &slug, &name)
        .await?;
    Ok(see(&format!("/desk/open-data/{slug}/{name}")))
}

#[derive(Template)]
#[template(path = "desk_opendata_list.html")]
struct DeskList {
    c: Chrome,
    sets: Vec<(String, String, String)>,
}

/// The publications and imports that an official sees to.
pub(super) async fn desk_list(visitor: Visitor) -> Result<Response, PageError> {
    visitor.official()?;
    let mut sets = Vec::new();
    for one in visitor.app.engine.publications().await? {
        let (slug, name) = (&one.service.slug, &one.publication.name);
        if visitor
            .app
            .engine
            .editions(&visitor.signed.actor, slug, name)
            .await
            .is_ok()
        {
            let state = one.edition.as_ref().map_or_else(
                || "まだ作っていません".into(),
                |edition| {
                    format!(
                        "{}、{}件、確かめ待ち{}件",
                        day(edition.day),
                        edition.rows,
                        edition.held.len()
                    )
                },
            );
            sets.push((
                format!("/desk/open-data/{slug}/{name}"),
                one.publication.title.clone(),
                state,
            ));
        }
    }
    Ok(ok(&DeskList {
        c: visitor.chrome("公開するデータ"),
        sets,
    }))
}
