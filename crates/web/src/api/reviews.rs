//! The user review: `GET …/{id}/review` hands out a ticket, `POST /api/v1/reviews` takes an answer, and
//! `GET /api/v1/services/{service}/reviews` tells the sums.

use super::{access, record};
use crate::{App, Problem, Signed};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::review::{QUESTIONS, ReviewAnswer, Row, Share};
use serde_json::{Value, json};
use std::sync::Arc;

/// A ticket for the party of a case that has ended.
pub(super) async fn ticket(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, kind, id)): Path<(String, String, String)>,
) -> Result<Json<Value>, Problem> {
    access::record_type(&app, &service, &kind)?;
    signed.require()?;
    let id = record::id(&id)?;
    let ticket = app
        .engine
        .review_ticket(&signed.actor, &service, &kind, id)
        .await?;
    let questions: Vec<Value> = QUESTIONS
        .iter()
        .map(|(name, title)| json!({"name": name, "title": title}))
        .collect();
    Ok(Json(json!({"ticket": ticket, "questions": questions})))
}

/// An answer. Who sends it is not looked at.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let body: Value = serde_json::from_slice(&body)
        .map_err(|_| Problem::malformed("/", "json", "JSON を読み取れません。"))?;
    let input = &body["input"];
    let score = |name: &str| {
        input[name]
            .as_u64()
            .and_then(|score| u8::try_from(score).ok())
    };
    let answer = ReviewAnswer {
        scores: QUESTIONS.map(|(name, _)| score(name)),
        comment: input["comment"].as_str().unwrap_or_default().to_owned(),
    };
    let ticket = body["ticket"].as_str().unwrap_or_default();
    let id = crate::pages::random_id(&app);
    app.engine.answer_review(ticket, answer, id).await?;
    Ok((StatusCode::CREATED, Json(json!({"thanks": true}))))
}

/// The sums that the public may see.
pub(super) async fn results(
    State(app): State<Arc<App>>,
    Path(service): Path<String>,
) -> Result<Json<Value>, Problem> {
    if !app.engine.catalogue().services.contains_key(&service) {
        return Err(Problem::not_found());
    }
    let results = app.engine.review_results(&service, true).await?;
    let rows = |rows: &[Row]| -> Vec<Value> {
        rows.iter()
            .map(|row| json!({"name": row.name, "result": row.share.map(share)}))
            .collect()
    };
    Ok(Json(json!({
        "total": results.total.map(share),
        "questions": rows(&results.questions),
        "channels": rows(&results.channels),
        "months": rows(&results.months),
        "offices": rows(&results.offices),
    })))
}

fn share(share: Share) -> Value {
    json!({"answers": share.answers, "good_permille": share.permille()})
}
