//! Reading an individual number (個人番号): an official chooses what for, the reading is noted, and the answer to that one
//! press shows it. No address and no other page ever does.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, page};
use super::level;
use super::naming;
use super::prove;
use super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use engine::{Failure, NumberOffer, RecordView};
use kernel::RecordId;

/// A link on a record's page: address, title, ground.
pub(super) struct Door {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) ground: String,
}

#[derive(Template)]
#[template(path = "individual.html")]
struct Page {
    c: Chrome,
    title: String,
    ground: String,
    /// The record's page, and what it is called.
    record: String,
    of: String,
    /// Code and title of what it may be read for.
    purposes: Vec<(String, String)>,
    /// What it was read for, and the digits in groups of four.
    shown: Option<(String, String)>,
    fault: Option<String>,
}

type At = (String, String, String, String);

/// The numbers that the reader of a record's page may open.
pub(super) async fn doors(visitor: &Visitor, record: &RecordView) -> Result<Vec<Door>, PageError> {
    let actor = &visitor.signed.actor;
    let mut fields = record.record_type.fields.values();
    let any = fields.any(|field| field.kind.individual_rule().is_some());
    if actor.seats.is_empty() || !any {
        return Ok(Vec::new());
    }
    let place = (
        record.service.slug.as_str(),
        record.record_type.name.as_str(),
        record.id,
    );
    let offers = visitor.app.engine.number_offers(actor, place).await?;
    let base = naming::page(record);
    let door = |one: NumberOffer| Door {
        href: format!("{base}/numbers/{}", one.field),
        title: one.title,
        ground: one.ground,
    };
    Ok(offers.into_iter().map(door).collect())
}

pub(super) async fn get(
    visitor: Visitor,
    Path(at): Path<At>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    visitor.official()?;
    let offer = offered(&visitor, &at).await?;
    sure(&visitor, &headers, &at, &offer).await?;
    asked(&visitor, &at, offer, StatusCode::OK, None)
}

/// Goes on with an official who is known as surely as the field demands and, where it demands anything, proved a moment ago
/// who sits there; leads away to show it otherwise.
async fn sure(
    visitor: &Visitor,
    headers: &HeaderMap,
    (slug, kind, id, field): &At,
    offer: &NumberOffer,
) -> Result<(), PageError> {
    let here = format!("{}/numbers/{field}", naming::href(slug, kind, record(id)?));
    level::held(offer.short, &here)?;
    if offer.fresh {
        prove::demanded(visitor, headers, &here).await?;
    }
    Ok(())
}

/// Reads it.
pub(super) async fn post(
    visitor: Visitor,
    Path(at): Path<At>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    let offer = offered(&visitor, &at).await?;
    sure(&visitor, request.headers(), &at, &offer).await?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let purpose = posted.get("purpose").unwrap_or_default();
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let (slug, kind, id, field) = &at;
    let place = (slug.as_str(), kind.as_str(), record(id)?);
    match engine.open_number(actor, place, field, purpose).await {
        Ok(opened) => Ok(page(
            StatusCode::OK,
            &Page {
                c: visitor.chrome(opened.title.clone()),
                title: opened.title.clone(),
                ground: opened.ground.clone(),
                record: naming::href(slug, kind, place.2),
                of: offer.of,
                purposes: Vec::new(),
                shown: Some((opened.purpose.clone(), grouped(opened.number.reveal()))),
                fault: None,
            },
        )),
        Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
            let fault = refusal.faults.first().map(|fault| fault.detail.clone());
            asked(
                &visitor,
                &at,
                offer,
                StatusCode::UNPROCESSABLE_ENTITY,
                fault,
            )
        }
        Err(fault) => Err(fault.into()),
    }
}

/// What the address names, if this reader may open it.
async fn offered(
    visitor: &Visitor,
    (slug, kind, id, field): &At,
) -> Result<NumberOffer, PageError> {
    let place = (slug.as_str(), kind.as_str(), record(id)?);
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let mut offers = engine.number_offers(actor, place).await?.into_iter();
    let offer = offers.find(|one| one.field == *field);
    offer.ok_or_else(PageError::not_found)
}

fn asked(
    visitor: &Visitor,
    (slug, kind, id, _): &At,
    offer: NumberOffer,
    status: StatusCode,
    fault: Option<String>,
) -> Result<Response, PageError> {
    let place = (slug, kind, record(id)?);
    Ok(page(
        status,
        &Page {
            c: visitor.chrome(offer.title.clone()),
            title: offer.title,
            ground: offer.ground,
            record: naming::href(slug, kind, place.2),
            of: offer.of,
            purposes: offer.purposes,
            shown: None,
            fault,
        },
    ))
}

fn record(id: &str) -> Result<RecordId, PageError> {
    id.parse().map_err(|_| PageError::not_found())
}

/// As a card prints it: in groups of four.
fn grouped(digits: &str) -> String {
    let all: Vec<char> = digits.chars().collect();
    let groups: Vec<String> = all.chunks(4).map(|four| four.iter().collect()).collect();
    groups.join(" ")
}
