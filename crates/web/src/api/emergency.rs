//! `/api/v1/emergency`: reading in an emergency what one may not read else (緊急閲覧).

use super::{access, body};
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::{GlassAnswer, GlassKind, GlassPlace, GlassRequest, tokyo};
use serde_json::{Value, json};
use std::sync::Arc;

/// What may be asked for, and what can be read just now.
pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    let kinds = app.engine.glass_kinds(&signed.actor);
    if kinds.is_empty() {
        return Err(Problem::not_found());
    }
    let passes = app.engine.glass_passes(&signed.actor).await?;
    let passes = passes.iter().map(
        |pass| json!({"href": href(&pass.place), "title": pass.title, "until": tokyo(pass.until)}),
    );
    let kinds: Vec<Value> = kinds.iter().map(kind).collect();
    Ok(Json(
        json!({"kinds": kinds, "passes": passes.collect::<Vec<_>>()}),
    ))
}

/// Asks to read one record.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    request: Request,
) -> Result<Response, Problem> {
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let object = body::raw(request).await?.object;
    let text = |name: &str| {
        let text = object.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let keys = object.get("keys").and_then(Value::as_array);
    let keys = keys.into_iter().flatten().filter_map(Value::as_str);
    let wanted = GlassRequest {
        service: text("service"),
        record_type: text("type"),
        find: text("find"),
        keys: keys.map(str::to_owned).collect(),
        reason: text("reason"),
        words: text("words"),
    };
    let answer = app.engine.break_glass(&signed.actor, &wanted).await?;
    Ok(match answer {
        GlassAnswer::Opened { place, until } => {
            let opened = json!({"outcome": "opened", "href": href(&place), "until": tokyo(until)});
            (StatusCode::CREATED, Json(opened)).into_response()
        }
        GlassAnswer::Seen { place } => {
            Json(json!({"outcome": "seen", "href": href(&place)})).into_response()
        }
        GlassAnswer::Missed => Json(json!({"outcome": "missed"})).into_response(),
    })
}

fn href((service, record_type, id): &GlassPlace) -> String {
    engine::href(service, record_type, *id)
}

fn kind(kind: &GlassKind) -> Value {
    let find = kind.find.iter().map(|(name, keys)| {
        let titles: Vec<&str> = keys.iter().map(|key| key.title.as_str()).collect();
        json!({"name": name, "keys": titles})
    });
    let reasons = kind.reasons.iter();
    let reasons = reasons.map(|(code, title)| json!({"code": code, "title": title}));
    json!({
        "service": kind.place.0, "type": kind.place.1, "titles": [kind.titles.0, kind.titles.1], "hours": kind.hours,
        "reasons": reasons.collect::<Vec<_>>(), "find": find.collect::<Vec<_>>(),
    })
}
