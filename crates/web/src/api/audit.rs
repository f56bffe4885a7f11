//! `/api/v1/audit/…`: auditors search who looked, and work off what is unusual (閲覧の監査).

use super::query::Query;
use super::{access, body, cursor, record};
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use engine::{AuditLine, AuditRequest, Breach, RecordView, day_begins, href, tokyo};
use jiff::ToSpan;
use kernel::looks::Way;
use serde_json::{Value, json};
use sheet::{Encoding, Format};
use std::sync::Arc;

/// The kind of its cursors.
const CURSOR: &str = "a";
/// What narrows.
const NARROW: [&str; 5] = ["reader", "record", "from", "until", "way"];

/// A page of readings.
pub(super) async fn looks(
    State(app): State<Arc<App>>,
    signed: Signed,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    let query = Query::read(&uri, &[&NARROW[..], &["after", "limit"]].concat())?;
    let before = cursor::read(CURSOR, query.get("after"))?;
    let request = AuditRequest {
        before: (before > 0).then_some(before),
        limit: Some(query.limit()?),
        ..asked(&query)?
    };
    let found = app.engine.audit_looks(&signed.actor, &request).await?;
    let items: Vec<Value> = found.items.iter().map(line).collect();
    let next = found.next.map(|no| cursor::write(CURSOR, no));
    Ok(Json(json!({"items": items, "next": next})))
}

/// The same as a file.
pub(super) async fn file(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path(ending): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    signed.require()?;
    let format = match ending.as_str() {
        "csv" => Format::Csv(Encoding::Utf8Bom),
        "xlsx" => Format::Xlsx,
        _ => return Err(Problem::not_found()),
    };
    let request = asked(&Query::read(&uri, &NARROW)?)?;
    let found = app.engine.audit_file(&signed.actor, &request).await?;
    let bytes = crate::pages::written_audit(&found, format);
    let bytes = bytes.map_err(|error| Problem::internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, format.media_type())], bytes).into_response())
}

/// Whom a breach touched, as a CSV file.
pub(super) async fn affected(
    State(app): State<Arc<App>>,
    signed: Signed,
    uri: Uri,
) -> Result<Response, Problem> {
    signed.require()?;
    let query = Query::read(&uri, &[&NARROW[..4], &["session"]].concat())?;
    let request = asked(&query)?;
    let breach = Breach {
        by: request.reader,
        record: request.record,
        from: request.from,
        until: request.until,
        session: query.get("session").map(str::to_owned),
    };
    let (bytes, _) = app.engine.affected(&signed.actor, &breach).await?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], bytes).into_response())
}

fn asked(query: &Query) -> Result<AuditRequest, Problem> {
    let wrong = |name: &str, detail: &str| {
        Problem::malformed(&format!("/query/{name}"), "format", detail.to_owned())
    };
    let record = query.get("record").map(|text| {
        let id = text.parse();
        id.map_err(|_| wrong("record", "record には記録のIDを書いてください。"))
    });
    let way = query.get("way").map(|text| {
        let way = Way::read(text);
        way.ok_or_else(|| {
            wrong(
                "way",
                "way には見方の名前（record、list など）を書いてください。",
            )
        })
    });
    Ok(AuditRequest {
        reader: query.get("reader").map(str::to_owned),
        record: record.transpose()?,
        from: query.day("from")?.map(day_begins),
        until: query
            .day("until")?
            .map(|day| day_begins(day.saturating_add(1.day()))),
        way: way.transpose()?,
        before: None,
        limit: None,
    })
}

fn line(one: &AuditLine) -> Value {
    let note = &one.look.note;
    let records: Vec<Value> = note
        .records
        .iter()
        .map(|id| href(&note.service, &note.record_type, *id).into())
        .collect();
    json!({
        "no": one.look.no, "at": tokyo(note.at), "account": note.account, "login": one.login, "name": one.reader,
        "on_behalf_of": note.behalf, "office": note.office, "role": note.role, "way": note.way.name(),
        "face": note.face.name(), "service": note.service, "type": note.record_type, "records": records,
        "purpose": note.purpose, "session": note.session, "emergency": note.glass,
    })
}

/// A page of alerts.
pub(super) async fn alerts(
    State(app): State<Arc<App>>,
    signed: Signed,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    let query = Query::read(&uri, &["state", "after"])?;
    let state = query.get("state").unwrap_or("open");
    let found = app.engine.alerts(&signed.actor, state, query.get("after"));
    let found = found.await?;
    let items: Vec<Value> = found.items.iter().map(alert).collect();
    Ok(Json(json!({"items": items, "next": found.next})))
}

/// What came of an alert.
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let raw = body::raw(request).await?;
    let text = |name: &str| {
        let value = raw.object.get(name).and_then(Value::as_str);
        value.unwrap_or_default()
    };
    let done = app
        .engine
        .confirm_alert(
            &signed.actor,
            record::id(&id)?,
            text("outcome"),
            text("because"),
            raw.idempotency.clone(),
        )
        .await?;
    Ok(Json(alert(&done)))
}

fn alert(view: &RecordView) -> Value {
    let field = |name: &str| view.fields.get(name).cloned().unwrap_or_default();
    json!({
        "id": view.id, "state": view.state, "rule": field("rule"), "reader": field("reader_name"),
        "office": field("reader_office"), "at": field("at"), "said": field("said"), "record": field("found"),
        "outcome": field("outcome"), "because": field("because"), "auditor": field("auditor"),
    })
}
