//! `/api/v1/retention`: what has run out of its retention, and the rounds by which it is disposed of, handed over or kept
//! longer (保存期間・廃棄).

use super::{access, body};
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{ExpiredPage, Proposal, RoundDeed, RoundView};
use kernel::RecordId;
use kernel::keep::Deed;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Records in a page unless asked otherwise, and the most.
const LIMIT: (usize, usize) = (50, 200);

/// Which page.
#[derive(Deserialize)]
pub(super) struct Wanted {
    after: Option<String>,
    limit: Option<usize>,
}

/// The types that one answers for, and the rounds that wait for one's decision.
pub(super) async fn types(
    State(app): State<Arc<App>>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    let kept = app.engine.kept_types(&signed.actor).await?;
    let waiting = app.engine.rounds_to_decide(&signed.actor).await?;
    let items = kept.iter().map(|one| {
        json!({
            "service": one.service.slug, "type": one.record_type.name, "title": one.record_type.title,
            "rule": one.rule, "may_propose": one.may_propose, "may_decide": one.may_decide, "is_due": one.is_due,
        })
    });
    Ok(Json(json!({
        "items": items.collect::<Vec<_>>(), "next": null,
        "to_decide": waiting.iter().map(round).collect::<Vec<_>>(),
    })))
}

/// What has run out, or will by the end of the fiscal year.
pub(super) async fn expired(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, kind)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    let limit = wanted.limit.unwrap_or(LIMIT.0).clamp(1, LIMIT.1);
    let after = wanted.after.as_deref();
    let page = app
        .engine
        .expired(&signed.actor, &service, &kind, after, limit)
        .await?;
    Ok(Json(shown(&page)))
}

/// Proposes a round.
pub(super) async fn propose(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, kind)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let raw = body::raw(request).await?;
    let object = &raw.object;
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let records = object.get("records");
    let proposal = Proposal {
        deed: text("deed").to_owned(),
        all: records.and_then(Value::as_str) == Some("all"),
        records: records
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|id| id.as_str()?.parse().ok().map(RecordId))
            .collect(),
        because: text("because").to_owned(),
        until: text("until").parse().ok(),
        destination: text("destination").to_owned(),
    };
    let actor = &signed.actor;
    let made = app
        .engine
        .propose_round(actor, &service, &kind, &proposal, raw.idempotency)
        .await?;
    let place = format!("/api/v1/retention/rounds/{}", made.id);
    let body = Json(round(&made));
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], body).into_response())
}

/// A round with its list.
pub(super) async fn one(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    let id = read_id(&id)?;
    let mut shown = round(&app.engine.round(&signed.actor, id).await?);
    let listed = app.engine.round_list(&signed.actor, id).await?;
    let records = listed.iter().map(|one| {
        json!({
            "id": one.record, "number": one.number, "ended_on": one.ended_on, "until": one.until, "version": one.version,
        })
    });
    shown["records"] = records.collect();
    Ok(Json(shown))
}

/// Its list as a file: the register of disposals (廃棄簿).
pub(super) async fn file(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    signed.require()?;
    let bytes = app.engine.round_file(&signed.actor, read_id(&id)?).await?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], bytes).into_response())
}

/// Decides a round (`decide`), gives it back (`decline`), withdraws it (`withdraw`).
pub(super) async fn deed(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((id, deed)): Path<(String, String)>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let raw = body::raw(request).await?;
    let because = raw.object.get("because").and_then(Value::as_str);
    let deed = match deed.as_str() {
        "decide" => RoundDeed::Decide,
        "decline" => RoundDeed::Decline(because.unwrap_or_default().to_owned()),
        "withdraw" => RoundDeed::Withdraw,
        _ => return Err(Problem::not_found()),
    };
    let id = read_id(&id)?;
    let done = app
        .engine
        .round_deed(&signed.actor, id, deed, raw.idempotency)
        .await?;
    Ok(Json(round(&done)))
}

fn read_id(text: &str) -> Result<RecordId, Problem> {
    text.parse().map(RecordId).map_err(|_| Problem::not_found())
}

fn shown(page: &ExpiredPage) -> Value {
    let items = page.items.iter().map(|one| {
        json!({
            "id": one.view.id, "number": one.view.number, "label": one.view.label, "version": one.view.version,
            "state": one.view.state, "ended_on": one.ended_on, "until": one.until, "is_over": one.is_over,
            "kept_because": one.kept_because, "round": one.round,
        })
    });
    json!({
        "rule": page.rule, "upto": page.upto, "may_propose": page.may_propose,
        "deeds": page.deeds.iter().map(|deed| deed.name()).collect::<Vec<_>>(),
        "items": items.collect::<Vec<_>>(), "next": page.next,
        "rounds": page.rounds.iter().map(round).collect::<Vec<_>>(),
    })
}

fn round(one: &RoundView) -> Value {
    let who = |(name, on): &(String, Option<jiff::civil::Date>)| json!({"by": name, "on": on});
    json!({
        "id": one.id, "state": one.state, "state_title": one.state_title, "service": one.service,
        "type": one.record_type, "deed": one.deed.name(), "count": one.count, "done": one.done, "skipped": one.skipped,
        "because": one.because, "basis": one.basis, "until": one.until.filter(|_| one.deed == Deed::Extend),
        "destination": one.destination, "office": one.office, "proposed": who(&one.proposed),
        "decided": one.decided.as_ref().map(who), "declined_because": one.declined_because,
        "is_own": one.is_own, "may_decide": one.may_decide,
    })
}
