//! `POST /api/v1/services/{service}/{type}/views/{view}/months/{month}/{deed}`: closes a period of a report (`close`) —
//! a month `2026-10`, a quarter `FY2026Q2`, a fiscal year `FY2026`, a year `2026`; for one office where the body says
//! `office` —, records what has changed since (`correct`), opens it again (`reopen`). The answer is the view, as `GET` gives it.

use super::{access, body};
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, Request, State};
use engine::{Book, Change, MonthDeed, MonthPlace};
use serde_json::{Value, json};
use std::sync::Arc;

type At = (String, String, String, String, String);

pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type, view, month, deed)): Path<At>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    access::record_type(&app, &service, &record_type)?;
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let raw = body::raw(request).await?;
    let object = raw.object;
    let reason = object
        .get("reason")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let deed = match deed.as_str() {
        "close" => MonthDeed::Close {
            acknowledged: object.get("acknowledged") == Some(&Value::Bool(true)),
        },
        "correct" => MonthDeed::Correct { reason },
        "reopen" => MonthDeed::Reopen { reason },
        _ => return Err(Problem::not_found()),
    };
    let at = MonthPlace {
        service: &service,
        record_type: &record_type,
        view: &view,
        month: &month,
        office: object.get("office").and_then(Value::as_str),
    };
    let done = app
        .engine
        .month_deed(&signed.actor, at, deed, raw.idempotency)
        .await?;
    Ok(Json(super::view::numbers(&done)))
}

/// How a month stands, beside its numbers.
pub(super) fn book(book: &Book) -> Value {
    let closed = book.closed.as_ref().map(|closed| {
        let corrections = closed.corrections.iter().map(|one| {
            json!({"on": one.on, "by": one.by, "reason": one.reason, "changes": changes(&one.changes)})
        });
        json!({
            "id": closed.id, "by": closed.by, "on": closed.on, "warned": closed.warned,
            "corrections": corrections.collect::<Vec<_>>(), "since": changes(&closed.since),
        })
    });
    let reopened = book.reopened.as_ref();
    let offices = book.offices.iter().map(|one| {
        let closed = one.closed.as_ref();
        json!({"office": one.office, "closed": closed.map(|(by, on)| json!({"by": by, "on": on}))})
    });
    json!({
        "office": book.office, "offices": offices.collect::<Vec<_>>(),
        "over": book.over, "closed": closed, "warnings": book.warnings, "closed_months": book.months,
        "reopened": reopened.map(|(by, on, because)| json!({"by": by, "on": on, "because": because})),
    })
}

fn changes(changes: &[Change]) -> Vec<Value> {
    let exact = super::view::exact;
    let one = |change: &Change| json!({"row": change.row, "column": change.column, "unit": change.unit, "was": exact(&change.was), "is": exact(&change.is)});
    changes.iter().map(one).collect()
}
