//! What staff see and do: shares of every service, voices in words, what they changed, posters for counters.

use super::results::{Changed, changes};
use super::{Table, percent, tables};
use crate::pages::error::PageError;
use crate::pages::form::receive;
use crate::pages::layout::{Chrome, ok, page, see};
use crate::pages::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use definition::model::Status;
use engine::review::{ANSWER, IMPROVEMENT, QUESTIONS, SERVICE};
use engine::{ActRequest, Failure, ListRequest};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

/// Voices shown at a time.
const VOICES: usize = 50;
/// What the metropolis aims at (推進計画, 指標).
const TARGET: &str = "70%";

struct OfService {
    href: String,
    title: String,
    answers: u64,
    share: String,
}

#[derive(Template)]
#[template(path = "review_all.html")]
struct All {
    c: Chrome,
    rows: Vec<OfService>,
    target: &'static str,
}

/// Every service that asks.
pub(in crate::pages) async fn all(visitor: Visitor) -> Result<Response, PageError> {
    visitor.official()?;
    let engine = &visitor.app.engine;
    let catalogue = engine.catalogue();
    let asking = catalogue.services.values();
    let asking = asking.filter(|one| one.status == Status::Running && !one.review.is_empty());
    let mut rows = Vec::new();
    for service in asking {
        let total = engine
            .review_results(&service.slug, false)
            .await?
            .total
            .unwrap_or_default();
        rows.push(OfService {
            href: format!("/desk/reviews/{}", service.slug),
            title: service.title.clone(),
            answers: total.answers,
            share: percent(total),
        });
    }
    Ok(ok(&All {
        c: visitor.chrome("利用者の声"),
        rows,
        target: TARGET,
    }))
}

struct Voice {
    scores: String,
    channel: String,
    office: String,
    comment: String,
    day: String,
}

#[derive(Template)]
#[template(path = "review_service.html")]
struct Service {
    c: Chrome,
    slug: String,
    service: String,
    total: (u64, String),
    target: &'static str,
    tables: Vec<Table>,
    voices: Vec<Voice>,
    changes: Vec<Changed>,
    offices: Vec<String>,
    /// What was typed and is wrong.
    typed: (String, String),
    wrong: Option<String>,
}

pub(in crate::pages) async fn service(
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, PageError> {
    visitor.official()?;
    shown(
        &visitor,
        &slug,
        StatusCode::OK,
        (String::new(), String::new()),
        None,
    )
    .await
}

async fn shown(
    visitor: &Visitor,
    slug: &str,
    status: StatusCode,
    typed: (String, String),
    wrong: Option<String>,
) -> Result<Response, PageError> {
    let service = visitor.service(slug)?;
    let engine = &visitor.app.engine;
    let results = engine.review_results(slug, false).await?;
    let total = results.total.unwrap_or_default();
    let mut offices: Vec<String> = visitor
        .signed
        .actor
        .seats
        .iter()
        .filter_map(|seat| seat.office.clone())
        .collect();
    offices.dedup();
    Ok(page(
        status,
        &Service {
            c: visitor.chrome(format!("{}：利用者の声", service.title)),
            slug: slug.to_owned(),
            service: service.title.clone(),
            total: (total.answers, percent(total)),
            target: TARGET,
            tables: tables(&results),
            voices: voices(visitor, slug).await?,
            changes: changes(visitor, slug).await?,
            offices,
            typed,
            wrong,
        },
    ))
}

/// Answers with words, of the official's own office.
async fn voices(visitor: &Visitor, slug: &str) -> Result<Vec<Voice>, PageError> {
    let request = ListRequest {
        filter: Some(format!("service = \"{slug}\"")),
        sort: Some("-day".into()),
        limit: Some(VOICES),
        after: None,
        q: None,
    };
    let engine = &visitor.app.engine;
    let listed = engine
        .list(&visitor.signed.actor, SERVICE, ANSWER, &request)
        .await?;
    let voice = |view: &engine::RecordView| {
        let text = |name: &str| match view.fields.get(name) {
            Some(Json::String(text)) => text.clone(),
            Some(Json::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        Voice {
            scores: QUESTIONS.map(|(name, _)| text(name)).join("・"),
            channel: super::channel(&text("channel")),
            office: text("office_name"),
            comment: text("comment"),
            day: crate::pages::show::plain_day(&text("day")),
        }
    };
    Ok(listed.items.iter().map(voice).collect())
}

/// Publishes what was changed.
pub(in crate::pages) async fn publish(
    visitor: Visitor,
    Path(slug): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let text = |name: &str| posted.get(name).unwrap_or_default().trim().to_owned();
    let (voice, change) = (text("voice"), text("change"));
    let input = json!({
        "service": slug, "voice": voice, "change": change,
        "changed_on": visitor.app.engine.today().to_string(),
    });
    let Json::Object(input) = input else {
        return Err(PageError::not_found());
    };
    match perform(&visitor, input).await {
        Ok(()) => Ok(see(&format!("/desk/reviews/{slug}"))),
        Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
            let said = refusal.faults.iter().map(|fault| fault.detail.clone());
            let said = said.collect::<Vec<_>>().join(" ");
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            shown(&visitor, &slug, status, (voice, change), Some(said)).await
        }
        Err(fault) => Err(fault.into()),
    }
}

async fn perform(visitor: &Visitor, input: Map<String, Json>) -> Result<(), Failure> {
    let request = ActRequest {
        actor: visitor.signed.actor.clone(),
        purpose: None,
        service: SERVICE.into(),
        record_type: IMPROVEMENT.into(),
        record: None,
        action: "publish".into(),
        input,
        version: None,
        dry_run: false,
        idempotency: None,
        run: None,
    };
    visitor.app.engine.perform(request).await.map(drop)
}

#[derive(Deserialize)]
pub(in crate::pages) struct At {
    office: Option<String>,
}

#[derive(Template)]
#[template(path = "review_poster.html")]
struct Poster {
    c: Chrome,
    service: String,
    office: String,
    link: String,
    /// The code as SVG.
    code: String,
}

/// A poster with the code of a counter, to be printed.
pub(in crate::pages) async fn poster(
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(at): Query<At>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let service = visitor.service(&slug)?;
    let seats = &visitor.signed.actor.seats;
    let own = seats.iter().filter_map(|seat| seat.office.as_ref());
    let office = match &at.office {
        // A poster speaks for an office: only its own people make it.
        Some(office) => own.clone().find(|one| *one == office),
        None => own.clone().next(),
    };
    let office = office.ok_or_else(PageError::not_found)?;
    let engine = &visitor.app.engine;
    let said = engine.review_poster(&slug, office)?;
    let link = format!("{}/review/p/{said}", engine.base());
    let code = engine::qr::svg(&link).ok_or_else(PageError::not_found)?;
    Ok(ok(&Poster {
        c: visitor.chrome(format!("{office}：利用者の声のポスター")),
        service: service.title.clone(),
        office: office.clone(),
        link,
        code,
    }))
}
