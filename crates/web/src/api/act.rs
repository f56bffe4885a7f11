//! `POST /api/v1/services/{service}/{type}/{id}/actions/{action}`: one act on a record; `?dry_run=true` tries it.

use super::{access, body, open, record};
use crate::{App, Problem, Signed};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use engine::ActRequest;
use std::sync::Arc;

type Place = (String, String, String, String);

pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type, id, action)): Path<Place>,
    request: Request,
) -> Result<Response, Problem> {
    let rt = access::record_type(&app, &service, &record_type)?;
    access::actor(&signed, &rt, &action)?;
    access::meant(&signed, request.headers())?;
    let record = record::id(&id)?;
    let body = body::acting(request).await?;
    let dry_run = body.dry_run;
    let outcome = app
        .engine
        .perform(ActRequest {
            actor: signed.actor,
            purpose: body.purpose,
            service,
            record_type,
            record: Some(record),
            action,
            input: body.input,
            version: body.version,
            dry_run,
            idempotency: body.idempotency,
            run: None,
        })
        .await?;
    Ok(open::answer(&outcome, dry_run))
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::{Value, json};

    async fn draft(site: &Site) -> String {
        let (status, body) = site
            .person("owner")
            .post(
                site.requests(),
                json!({"action": "save", "input": {"name": "花"}}),
            )
            .await;
        assert_eq!(status, 201, "{body}");
        format!("{}/{}", site.requests(), body["id"].as_str().unwrap())
    }

    fn code(body: &Value) -> &str {
        body["errors"][0]["code"].as_str().unwrap_or_default()
    }

    #[tokio::test]
    async fn an_act_moves_the_record() {
        let site = Site::new().await;
        let place = draft(&site).await;
        let (status, body) = site
            .person("owner")
            .post(
                &format!("{place}/actions/submit"),
                json!({"version": 1, "input": {}}),
            )
            .await;
        assert_eq!(
            (status, &body["state"], &body["version"]),
            (200, &json!("submitted"), &json!(2)),
            "{body}"
        );
        assert_eq!(body["number"], "見-2026-00001");
        let (status, body) = site
            .person("examiner")
            .post(&format!("{place}/actions/finish"), json!({"version": 2}))
            .await;
        assert_eq!(
            (status, &body["state"], &body["actions"]),
            (200, &json!("done"), &json!([])),
            "{body}"
        );
    }

    #[tokio::test]
    async fn each_refusal_has_its_status() {
        let site = Site::new().await;
        let place = draft(&site).await;
        let owner = site.person("owner");
        let submit = format!("{place}/actions/submit");
        assert_eq!(owner.post(&submit, json!({"input": {}})).await.0, 428);
        assert_eq!(
            site.person("other")
                .post(&submit, json!({"version": 1}))
                .await
                .0,
            404
        );
        assert_eq!(
            site.public().post(&submit, json!({"version": 1})).await.0,
            401
        );
        let (status, body) = owner.post(&submit, json!({"version": "1"})).await;
        assert_eq!((status, code(&body)), (422, "type"));
        let (status, body) = owner
            .post(&submit, json!({"version": 1, "inptu": {}}))
            .await;
        assert_eq!((status, code(&body)), (422, "unknown_field"));
        assert_eq!(owner.post(&submit, json!({"version": 1})).await.0, 200);
        let (status, body) = owner.post(&submit, json!({"version": 2})).await;
        assert_eq!(status, 409, "{body}");
        assert_eq!(
            owner
                .post(&format!("{place}/actions/nothing"), json!({"version": 2}))
                .await
                .0,
            404
        );
        assert_eq!(
            owner
                .post(
                    &format!("{}/not-an-id/actions/submit", site.requests()),
                    json!({"version": 2})
                )
                .await
                .0,
            404
        );
    }

    #[tokio::test]
    async fn english_is_given_when_asked_for() {
        let site = Site::new().await;
        let place = draft(&site).await;
        let reply = site
            .person("owner")
            .post_with(
                &format!("{place}/actions/submit"),
                &[("accept-language", "en")],
                json!({}),
            )
            .await;
        let body = reply.json();
        assert_eq!(
            (reply.status, &body["title"]),
            (428, &json!("The version is missing"))
        );
        assert_eq!(reply.headers["content-language"], "en");
        assert!(body["instance"].as_str().unwrap().starts_with("urn:uuid:"));
    }
}
