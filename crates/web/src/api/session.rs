//! `GET /api/v1/session`: who am I, and for whom may I act?

use crate::{Problem, Signed};
use axum::Json;
use kernel::port::Party;
use serde_json::{Value, json};

pub(super) async fn get(signed: Signed) -> Result<Json<Value>, Problem> {
    let Some(account) = &signed.account else {
        return Ok(Json(json!({"signed_in": false})));
    };
    let hats: Vec<Value> = account.hats.iter().map(party).collect();
    let actor = &signed.actor;
    Ok(Json(json!({
        "signed_in": true, "account": account.id, "login": account.login, "name": account.name, "party": account.party,
        "hats": hats, "seats": account.seats, "on_behalf_of": actor.on_behalf_of, "demo": account.demo,
    })))
}

fn party(party: &Party) -> Value {
    json!({"id": party.id, "kind": party.kind, "name": party.name, "corporate_number": party.corporate_number, "mandates": party.mandates})
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::json;

    #[tokio::test]
    async fn the_session_says_who_and_for_whom() {
        let site = Site::new().await;
        assert_eq!(
            site.public().get("/api/v1/session").await.1,
            json!({"signed_in": false})
        );
        let (_, body) = site.person("owner").get("/api/v1/session").await;
        assert_eq!(
            (&body["login"], &body["hats"][0]["id"]),
            (&json!("owner"), &json!(site.hat))
        );
        let reply = site
            .public()
            .raw(
                "GET",
                "/api/v1/session",
                &[("authorization", "Bearer nonsense")],
                Vec::new(),
            )
            .await;
        assert_eq!(
            (reply.status, &reply.json()["type"]),
            (401, &json!("/problems/token_refused"))
        );
        assert!(
            reply.headers["www-authenticate"]
                .to_str()
                .unwrap()
                .contains("invalid_token")
        );
        site.clock.set("2040-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(
            site.person("owner").get("/api/v1/session").await.0,
            401,
            "an expired token"
        );
    }
}
