//! `/api/v1/absences`: who decides for an official who is away (代決).

use super::{access, body};
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::{Absence, AbsenceRequest};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    let all = app.engine.absences(&signed.actor).await?;
    let items: Vec<Value> = all.iter().map(one).collect();
    Ok(Json(json!({"items": items, "next": null})))
}

pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    request: Request,
) -> Result<Response, Problem> {
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let object = body::raw(request).await?.object;
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let request = AbsenceRequest {
        role: text("role").to_owned(),
        substitute: text("substitute").to_owned(),
        from: text("from").parse().ok(),
        until: text("until").parse().ok(),
        reason: text("reason").to_owned(),
        note: text("note").to_owned(),
    };
    let named = app.engine.name_substitute(&signed.actor, &request).await?;
    Ok((StatusCode::CREATED, Json(one(&named))).into_response())
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    signed: Signed,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    signed.require()?;
    access::meant(&signed, &headers)?;
    app.engine.end_absences(&signed.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn one(absence: &Absence) -> Value {
    json!({
        "id": absence.id, "role": absence.role, "office": absence.office, "substitute": {"id": absence.substitute, "name": absence.name},
        "from": absence.from, "until": absence.until,
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::json;

    #[tokio::test]
    async fn a_colleague_of_the_same_office_stands_in_until_one_is_back() {
        let site = Site::new().await;
        let examiner = site.person("examiner");
        let path = "/api/v1/absences";
        let (status, body) = examiner
            .post(path, json!({"role": "king", "substitute": "owner"}))
            .await;
        let errors = body["errors"].as_array().unwrap();
        let pointers: Vec<&str> = errors
            .iter()
            .map(|e| e["pointer"].as_str().unwrap())
            .collect();
        assert_eq!(
            (status, pointers),
            (422, vec!["/role", "/substitute", "/until", "/reason"])
        );
        let asked = json!({"role": "examiner", "substitute": "examiner", "until": "2026-12-01", "reason": "leave"});
        assert_eq!(examiner.post(path, asked).await.0, 422, "not oneself");
        let asked = json!({"role": "examiner", "substitute": "administrator", "until": "2026-12-01", "reason": "leave"});
        let (status, body) = examiner.post(path, asked).await;
        assert_eq!(
            (status, &body["from"]),
            (201, &json!("2026-11-22")),
            "{body}"
        );
        assert_eq!(examiner.get(path).await.1["items"], json!([body]));
        assert_eq!(site.person("owner").post(path, json!({})).await.0, 404);
        // Who stands in sees what the absent one sees, and may not do what is no route's step.
        let sent = json!({"action": "submit", "input": {"name": "花"}});
        let (_, record) = site.person("owner").post(site.requests(), sent).await;
        let place = format!("{}/{}", site.requests(), record["id"].as_str().unwrap());
        let deputy = site.person("administrator");
        let (status, seen) = deputy.get(&place).await;
        assert_eq!((status, &seen["actions"]), (200, &json!([])));
        assert_eq!(
            examiner.raw("DELETE", path, &[], Vec::new()).await.status,
            204
        );
        assert_eq!(deputy.get(&place).await.0, 404);
        assert_eq!(examiner.get(path).await.1["items"], json!([]));
    }
}
