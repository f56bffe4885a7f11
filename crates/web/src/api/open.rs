//! `POST /api/v1/services/{service}/{type}`: the opening action.

use super::{access, body, record};
use crate::{App, Problem, Signed};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{ActRequest, Outcome};
use std::sync::Arc;

pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let rt = access::record_type(&app, &service, &record_type)?;
    // Somebody who has not signed in learns so before what they sent is read, unless the public may open something.
    let public = rt
        .actions
        .values()
        .any(|action| action.opens && action.by.contains(&definition::model::Who::Public));
    if !public {
        signed.require()?;
    }
    access::meant(&signed, request.headers())?;
    let body = body::opening(request).await?;
    let actor = match &body.party {
        Some((kind, name)) => app.engine.at_the_counter(&signed.actor, &rt, kind, name)?,
        None => {
            access::actor(&signed, &rt, &body.action)?;
            signed.actor
        }
    };
    let dry_run = body.dry_run;
    let outcome = app
        .engine
        .perform(ActRequest {
            actor,
            purpose: body.purpose,
            service,
            record_type,
            record: None,
            action: body.action,
            input: body.input,
            version: None,
            dry_run,
            idempotency: body.idempotency,
            run: None,
        })
        .await?;
    Ok(answer(&outcome, dry_run))
}

/// The record, with `Location` when it is there to be found.
pub(super) fn answer(outcome: &Outcome, dry_run: bool) -> Response {
    let view = &outcome.view;
    let status = if outcome.opened {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let mut response = match record::json(view) {
        Ok(body) => (status, body).into_response(),
        Err(problem) => return problem.into_response(),
    };
    let headers = response.headers_mut();
    if outcome.opened && !dry_run {
        let location = engine::href(&view.service.slug, &view.record_type.name, view.id);
        if let Ok(location) = HeaderValue::try_from(location) {
            headers.insert(header::LOCATION, location);
        }
    }
    if outcome.repeated {
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::json;

    #[tokio::test]
    async fn opening_answers_201_with_location_and_the_record() {
        let site = Site::new().await;
        let reply = site
            .person("owner")
            .post_with(
                site.requests(),
                &[],
                json!({"action": "save", "input": {"name": "花"}}),
            )
            .await;
        let body = reply.json();
        assert_eq!(reply.status, 201, "{body}");
        let place = reply.headers["location"].to_str().unwrap();
        assert_eq!(
            place,
            format!("{}/{}", site.requests(), body["id"].as_str().unwrap())
        );
        for member in [
            "service",
            "type",
            "number",
            "state",
            "version",
            "authority",
            "office",
            "fields",
            "parties",
            "children",
            "actions",
            "created_at",
            "updated_at",
        ] {
            assert!(body.get(member).is_some(), "{member}");
        }
        assert_eq!(
            (&body["state"], &body["version"], &body["number"]),
            (&json!("draft"), &json!(1), &json!(null))
        );
        assert!(
            body["actions"]
                .as_array()
                .unwrap()
                .iter()
                .all(|action| action["input_schema"].is_object())
        );
        assert_eq!(site.person("owner").get(place).await.0, 200);
    }

    #[tokio::test]
    async fn the_same_key_answers_the_same_and_another_body_is_422() {
        let site = Site::new().await;
        let owner = site.person("owner");
        let key = [("idempotency-key", "one")];
        let body = json!({"action": "save", "input": {"name": "花"}});
        let first = owner.post_with(site.requests(), &key, body.clone()).await;
        let again = owner.post_with(site.requests(), &key, body).await;
        assert_eq!((first.status, again.status), (201, 201));
        assert_eq!(first.json(), again.json());
        assert_eq!(again.headers["idempotency-replayed"], "true");
        let other = owner
            .post_with(
                site.requests(),
                &key,
                json!({"action": "save", "input": {"name": "月"}}),
            )
            .await;
        assert_eq!(
            (other.status, &other.json()["errors"][0]["code"]),
            (422, &json!("reused"))
        );
    }

    #[tokio::test]
    async fn a_dry_run_leaves_nothing() {
        let site = Site::new().await;
        let owner = site.person("owner");
        let (status, body) = owner
            .post(
                &format!("{}?dry_run=true", site.requests()),
                json!({"action": "submit", "input": {"name": "花"}}),
            )
            .await;
        assert_eq!((status, &body["state"]), (201, &json!("submitted")));
        assert_eq!(
            owner
                .get(&format!(
                    "{}/{}",
                    site.requests(),
                    body["id"].as_str().unwrap()
                ))
                .await
                .0,
            404
        );
        assert_eq!(owner.get(site.requests()).await.1["items"], json!([]));
    }

    #[tokio::test]
    async fn strangers_sign_in_first_and_faults_name_their_fields() {
        let site = Site::new().await;
        let reply = site
            .public()
            .post_with(site.requests(), &[], json!({"action": "save", "input": {}}))
            .await;
        assert_eq!(reply.status, 401);
        assert!(
            reply.headers["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Bearer")
        );
        let (status, body) = site
            .person("owner")
            .post(
                site.requests(),
                json!({"action": "submit", "input": {"nmae": "花", "amount": "x"}}),
            )
            .await;
        assert_eq!(status, 422, "{body}");
        let pointers: Vec<&str> = body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault["pointer"].as_str().unwrap())
            .collect();
        for pointer in ["/input/nmae", "/input/amount", "/input/name"] {
            assert!(pointers.contains(&pointer), "{pointer} in {pointers:?}");
        }
        assert_eq!(
            site.person("owner")
                .post("/api/v1/services/mihon/none", json!({"action": "save"}))
                .await
                .0,
            404
        );
    }

    #[tokio::test]
    async fn a_corporation_is_acted_for_by_its_hat_only() {
        let site = Site::new().await;
        let hat = site.hat.to_string();
        let body = json!({"action": "save", "input": {"name": "花"}});
        let reply = site
            .person("owner")
            .post_with(site.requests(), &[("on-behalf-of", &hat)], body.clone())
            .await;
        assert_eq!(reply.json()["parties"][0]["name"], "見本商店");
        let refused = site
            .person("other")
            .post_with(site.requests(), &[("on-behalf-of", &hat)], body.clone())
            .await;
        assert_eq!(refused.status, 422);
        let nonsense = site
            .person("owner")
            .post_with(site.requests(), &[("on-behalf-of", "x")], body)
            .await;
        assert_eq!(nonsense.status, 400);
    }
}
