//! 続きを頼む: `…/{id}/invitations` for the owner of a record, `/api/v1/invitations/{token}` for whoever holds a link.

use super::{access, body, record};
use crate::invite::fresh_code;
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::InviteRequest;
use serde_json::{Map, Value, json};
use std::sync::Arc;

type Place = (String, String, String);

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, kind, id)): Path<Place>,
) -> Result<Json<Value>, Problem> {
    access::record_type(&app, &service, &kind)?;
    signed.require()?;
    let id = record::id(&id)?;
    let kind = (service.as_str(), kind.as_str());
    let all = app.engine.invitations(&signed.actor, kind, id).await?;
    Ok(Json(json!({"items": all, "next": null})))
}

pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type, id)): Path<Place>,
    request: Request,
) -> Result<Response, Problem> {
    access::record_type(&app, &service, &record_type)?;
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let record = record::id(&id)?;
    let body = body::raw(request).await?;
    let input = input(&body.object, &["to", "role", "mail"])?;
    let text = |name: &str| input.get(name).and_then(Value::as_str).map(str::to_owned);
    let made = app
        .engine
        .invite(InviteRequest {
            actor: signed.actor,
            service,
            record_type,
            record,
            role: text("role"),
            to: text("to").unwrap_or_default(),
            mail: text("mail"),
            secret: app.secret(),
            code: fresh_code(&*app.random),
            idempotency: body.idempotency,
        })
        .await?;
    let link = |path: &String| format!("{}{path}", app.engine.base());
    let secrets = made.secrets.as_ref();
    let answer = json!({
        "invitation": made.invitation,
        "link": secrets.map(|(path, _)| link(path)),
        "code": secrets.map(|(_, code)| code),
        "mailed": made.mailed,
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, kind, id, invitation)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    access::record_type(&app, &service, &kind)?;
    signed.require()?;
    access::meant(&signed, &headers)?;
    let id = record::id(&id)?;
    let invitation = invitation.parse().map_err(|_| Problem::not_found())?;
    let kind = (service.as_str(), kind.as_str());
    app.engine
        .revoke_invitation(&signed.actor, kind, id, invitation)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn knock(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path(token): Path<String>,
) -> Result<Json<Value>, Problem> {
    let knock = app.engine.knock(&signed.actor, &token).await?;
    let record = knock.record.as_ref();
    Ok(Json(json!({
        "service": knock.service, "title": knock.title, "role": knock.role_title, "until": knock.until,
        "obstacle": knock.obstacle,
        "record": record.map(|(service, kind, id)| engine::href(service, kind, *id)),
    })))
}

pub(super) async fn accept(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let body = body::raw(request).await?;
    let input = input(&body.object, &["code"])?;
    let code = input
        .get("code")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let view = app
        .engine
        .accept_invitation(&signed.actor, &token, code, body.idempotency)
        .await?;
    Ok(Json(view.to_json()).into_response())
}

/// The `input` of a body, whose members must be texts under these names.
fn input(object: &Map<String, Value>, known: &[&str]) -> Result<Map<String, Value>, Problem> {
    let none = Map::new();
    let input = match object.get("input") {
        Some(Value::Object(input)) => input,
        None => &none,
        Some(_) => {
            return Err(Problem::malformed(
                "/input",
                "type",
                "input は { } で書いてください。",
            ));
        }
    };
    for (name, value) in input {
        let pointer = format!("/input/{name}");
        if !known.contains(&name.as_str()) {
            let detail = "この項目はありません。名前を確かめてください。";
            return Err(Problem::malformed(&pointer, "unknown_field", detail));
        }
        if !value.is_string() && !value.is_null() {
            let detail = "文字で書いてください。";
            return Err(Problem::malformed(&pointer, "type", detail));
        }
    }
    Ok(input.clone())
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_link_and_a_code_make_another_person_a_party_until_it_is_revoked() {
        let site = Site::new().await;
        let (owner, other) = (site.person("owner"), site.person("other"));
        let saved = json!({"action": "save", "input": {"name": "花"}});
        let (_, record) = owner.post(site.requests(), saved).await;
        let place = format!("{}/{}", site.requests(), record["id"].as_str().unwrap());
        let path = format!("{place}/invitations");
        let asked = json!({"input": {"to": "家族"}});
        assert_eq!(other.post(&path, asked.clone()).await.0, 404);
        assert_eq!(site.public().post(&path, asked.clone()).await.0, 401);
        let (status, body) = owner.post(&path, json!({"input": {"too": "家族"}})).await;
        assert_eq!(
            (status, &body["errors"][0]["pointer"]),
            (400, &json!("/input/too"))
        );
        let (status, body) = owner
            .post(
                &path,
                json!({"input": {"to": "家族", "mail": "a@example.jp"}}),
            )
            .await;
        assert_eq!(
            (status, &body["errors"][0]["pointer"]),
            (422, &json!("/input/mail")),
            "no mail is wired in here"
        );

        let key = [("idempotency-key", "once")];
        let made = owner.post_with(&path, &key, asked.clone()).await;
        let again = owner.post_with(&path, &key, asked).await;
        assert_eq!((made.status, again.status), (201, 201));
        let (made, again) = (made.json(), again.json());
        assert_eq!(made["invitation"], again["invitation"]);
        assert_eq!(
            (&again["link"], &again["code"]),
            (&Value::Null, &Value::Null)
        );
        let token = made["link"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        let link = format!("/api/v1/invitations/{token}");
        let (status, knock) = site.public().get(&link).await;
        assert_eq!(
            (status, &knock["title"], &knock["record"]),
            (200, &json!("申請"), &Value::Null)
        );

        let code = json!({"input": {"code": made["code"]}});
        assert_eq!(site.public().post(&link, code.clone()).await.0, 401);
        let (status, body) = other.post(&link, json!({"input": {"code": ""}})).await;
        assert_eq!(
            (status, &body["errors"][0]["code"]),
            (422, &json!("required"))
        );
        assert_eq!(owner.post(&link, code.clone()).await.0, 409);
        let (status, seen) = other.post(&link, code).await;
        assert_eq!((status, &seen["id"]), (200, &record["id"]), "{seen}");
        let (_, own) = other.get(&path).await;
        assert_eq!(
            (&own["items"][0]["own"], &own["items"][0]["standing"]),
            (&json!(true), &json!("accepted"))
        );
        assert_eq!(other.get(&link).await.1["record"], json!(place));

        let end = format!("{path}/{}", made["invitation"]["id"].as_str().unwrap());
        assert_eq!(owner.raw("DELETE", &end, &[], Vec::new()).await.status, 204);
        assert_eq!(other.get(&place).await.0, 404);
        assert_eq!(owner.get(&path).await.1["items"][0]["standing"], "revoked");
        assert_eq!(owner.get("/api/v1/invitations/nothing").await.0, 404);
    }

    #[test]
    fn codes_are_six_digits_each_as_likely() {
        let next = std::cell::Cell::new(0_u8);
        let count = |bytes: &mut [u8]| {
            for byte in bytes {
                *byte = next.get();
                next.set(next.get().wrapping_add(1));
            }
        };
        let mut seen = [0_u32; 10];
        for _ in 0..125 {
            let code = crate::invite::fresh_code(&count);
            assert_eq!(code.len(), 6);
            code.bytes()
                .for_each(|digit| seen[usize::from(digit - b'0')] += 1);
        }
        let (least, most) = (seen.iter().min().unwrap(), seen.iter().max().unwrap());
        assert!(most - least <= 6, "{seen:?}");
    }
}
