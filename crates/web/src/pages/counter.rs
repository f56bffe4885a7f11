//! The counter (窓口・代行入力): a clerk keys in what somebody without an account brings on paper or says, prints it to be
//! confirmed, and gives a paper with which they can follow it later.

use super::apply::{submitted, target};
use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, ok, page};
use super::naming;
use super::show::{self, Show, Shown, Value, values, with_named};
use super::target::Again;
use super::visitor::Visitor;
use crate::auth::hash_password;
use askama::Template;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use definition::model::{PartyRule, RecordType, Service};
use engine::RecordView;
use kernel::RecordId;
use serde_json::Map;
use std::sync::Arc;

/// Digits of the number with which somebody without an account signs in, beside the record's number.
const PIN_DIGITS: usize = 8;

#[derive(Template)]
#[template(path = "counter.html")]
struct Begin {
    c: Chrome,
    service: Arc<Service>,
    rt: Arc<RecordType>,
    help: Option<String>,
    kinds: Vec<(&'static str, &'static str, bool)>,
    name: String,
    errors: Vec<String>,
}

/// Kinds of party that the owner of such a record can be.
fn kinds(rt: &RecordType, chosen: &str) -> Vec<(&'static str, &'static str, bool)> {
    let owners: Vec<&PartyRule> = rt.parties.values().filter(|party| party.owner).collect();
    [
        ("person", "個人"),
        ("corporation", "法人"),
        ("body", "団体"),
    ]
    .into_iter()
    .filter(|(kind, _)| {
        owners
            .iter()
            .any(|party| party.is.iter().any(|is| is == kind))
    })
    .map(|(kind, title)| (kind, title, kind == chosen))
    .collect()
}

fn begin(
    visitor: &Visitor,
    service: Arc<Service>,
    rt: Arc<RecordType>,
    typed: (&str, &str),
    errors: Vec<String>,
) -> Response {
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let shown = Begin {
        c: visitor.chrome(format!("窓口で受け付ける：{}", rt.title)),
        help: rt.counter.as_ref().and_then(|counter| counter.help.clone()),
        kinds: kinds(&rt, typed.0),
        name: typed.1.to_owned(),
        errors,
        service,
        rt,
    };
    page(status, &shown)
}

/// Who sits at a counter for records of this type.
fn clerk(
    visitor: &Visitor,
    slug: &str,
    kind: &str,
) -> Result<(Arc<Service>, Arc<RecordType>), PageError> {
    visitor.official()?;
    let service = visitor.service(slug)?;
    let rt = visitor.kind(&service, kind)?;
    if !kernel::counter::sits(&rt, &visitor.signed.actor) {
        return Err(PageError::not_found());
    }
    Ok((service, rt))
}

pub(super) async fn get(
    visitor: Visitor,
    Path((slug, kind)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (service, rt) = clerk(&visitor, &slug, &kind)?;
    Ok(begin(&visitor, service, rt, ("", ""), Vec::new()))
}

/// First who it is for, then the form, which carries that along.
pub(super) async fn post(
    visitor: Visitor,
    Path((slug, kind)): Path<(String, String)>,
    request: Request,
) -> Result<Response, PageError> {
    let (service, rt) = clerk(&visitor, &slug, &kind)?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let text = |name: &str| posted.get(name).unwrap_or_default().trim().to_owned();
    let (party, name) = (text("_party_kind"), text("_party_name"));
    let engine = &visitor.app.engine;
    if let Err(failure) = engine.at_the_counter(&visitor.signed.actor, &rt, &party, &name) {
        let engine::Failure::Refused(refusal) = failure else {
            return Err(failure.into());
        };
        let errors = refusal.faults.iter().map(|fault| fault.detail.clone());
        return Ok(begin(
            &visitor,
            service,
            rt,
            (&party, &name),
            errors.collect(),
        ));
    }
    let mut target = target(&visitor, &slug, &kind).await?;
    target.counter = Some((party, name));
    if posted.get("_do") == Some("begin") {
        return target
            .show(&visitor, StatusCode::OK, Map::new(), Again::default())
            .await;
    }
    submitted(&visitor, &target, posted).await
}

#[derive(Template)]
#[template(path = "slip.html")]
struct Slip {
    c: Chrome,
    service: Arc<Service>,
    what: String,
    title: String,
    number: Option<String>,
    state: String,
    office: Option<String>,
    arrived: Option<String>,
    parties: Vec<(String, String)>,
    values: Vec<Value>,
    back: String,
    /// Link and PIN, once made.
    ways: Option<(String, String)>,
}

pub(super) async fn slip(
    visitor: Visitor,
    Path((slug, kind, id)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    let record = counted(&visitor, &slug, &kind, &id).await?;
    shown(&visitor, &record, None).await
}

/// Makes a link and a PIN anew; those made before end.
pub(super) async fn ways(
    visitor: Visitor,
    Path((slug, kind, id)): Path<(String, String, String)>,
    request: Request,
) -> Result<Response, PageError> {
    receive(&visitor.app, &visitor.signed, request).await?;
    let record = counted(&visitor, &slug, &kind, &id).await?;
    let number = record.number.clone().ok_or_else(PageError::not_found)?;
    let token = visitor.app.secret();
    let pin = pin(&visitor);
    let (secret, random) = (pin.clone(), Arc::clone(&visitor.app.random));
    let hash = tokio::task::spawn_blocking(move || hash_password(&secret, &random))
        .await
        .map_err(|error| crate::Problem::internal(error.to_string()))??;
    visitor
        .app
        .engine
        .open_link(&visitor.signed.actor, &record, &number, hash, &token)
        .await?;
    shown(&visitor, &record, Some((format!("/l/{token}"), pin))).await
}

fn pin(visitor: &Visitor) -> String {
    let mut bytes = [0_u8; PIN_DIGITS];
    (visitor.app.random)(&mut bytes);
    // The digits lean by one in 256: tries are throttled long before that matters.
    bytes
        .iter()
        .map(|byte| char::from(b'0' + byte % 10))
        .collect()
}

/// A record that was keyed in at the counter, for who may stand in for its party.
async fn counted(
    visitor: &Visitor,
    slug: &str,
    kind: &str,
    id: &str,
) -> Result<RecordView, PageError> {
    visitor.official()?;
    let id: RecordId = id.parse().map_err(|_| PageError::not_found())?;
    let actor = &visitor.signed.actor;
    let found = visitor.app.engine.record(actor, None, slug, kind, id, None);
    let record = found.await?;
    let own = record.parties.iter().any(|party| party.counter);
    (own && kernel::counter::sits(&record.record_type, actor))
        .then_some(record)
        .ok_or_else(PageError::not_found)
}

async fn shown(
    visitor: &Visitor,
    record: &RecordView,
    ways: Option<(String, String)>,
) -> Result<Response, PageError> {
    let rt = &record.record_type;
    let files = visitor.files(rt, &record.fields).await?;
    let places = visitor.places();
    let show = Show {
        service: &record.service,
        day: record
            .arrived_on
            .unwrap_or_else(|| visitor.app.engine.today()),
        files: &files,
        places: &places,
    };
    let title = naming::or_kind(record.label.clone().unwrap_or_default(), rt);
    Ok(ok(&Slip {
        c: visitor.chrome(format!("確認の紙：{title}")),
        what: rt.title.clone(),
        number: record.number.clone(),
        state: record.state_title.clone(),
        office: record.office.clone(),
        arrived: record.arrived_on.map(show::date),
        parties: record
            .parties
            .iter()
            .map(|party| {
                let rule = rt.parties.get(&party.role);
                let role = rule.map_or_else(|| party.role.clone(), |rule| rule.title.clone());
                (role, party.name.clone())
            })
            .collect(),
        values: with_named(values(&show, rt, &record.fields, &[]), record),
        back: naming::href(&record.service.slug, &rt.name, record.id),
        service: Arc::clone(&record.service),
        title,
        ways,
    }))
}
