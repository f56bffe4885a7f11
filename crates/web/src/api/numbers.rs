//! `POST …/{id}/numbers/{field}`: reading an individual number (個人番号). No address ever holds one, and no answer is kept.

use super::{access, body, record};
use crate::auth::second::is_fresh;
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use serde_json::{Value, json};
use std::sync::Arc;

/// Reads, once the note of it is kept.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, kind, id, field)): Path<(String, String, String, String)>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    access::record_type(&app, &service, &kind)?;
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let headers = request.headers().clone();
    let object = body::raw(request).await?.object;
    let purpose = object.get("purpose").and_then(Value::as_str);
    let place = (service.as_str(), kind.as_str(), record::id(&id)?);
    proved(&app, &signed, &headers, place, &field).await?;
    let opened = app
        .engine
        .open_number(&signed.actor, place, &field, purpose.unwrap_or_default())
        .await?;
    Ok(Json(json!({
        "title": opened.title, "ground": opened.ground, "purpose": opened.purpose, "number": opened.number.reveal(),
    })))
}

/// Where a field demands it, whoever sits at a browser proved a moment ago who they are. A token is no browser: what it
/// proves is its level.
async fn proved(
    app: &App,
    signed: &Signed,
    headers: &HeaderMap,
    place: (&str, &str, kernel::RecordId),
    field: &str,
) -> Result<(), Problem> {
    let secret = signed.session.as_deref();
    if secret.is_none() || is_fresh(app, headers, secret).await? {
        return Ok(());
    }
    let offers = app.engine.number_offers(&signed.actor, place).await?;
    match offers.iter().any(|one| one.field == *field && one.fresh) {
        true => Err(Problem::from(engine::Failure::from(
            kernel::assured::stale(),
        ))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Reply, Site};
    use serde_json::{Value, json};

    /// The number on the specimen cards.
    const NUMBERS: [&str; 1] = ["123456789018"];
    const TYPED: &str = "１２３４ ５６７８-9018";

    fn valid(base: &str) -> String {
        let mut all = (0..=9).map(|digit| format!("{base}{digit}"));
        all.find(|one| japanese::check::individual_number(one).is_ok())
            .unwrap()
    }

    /// Whether some bytes hold a number, as it was typed or as it is.
    fn holds(bytes: &[u8], number: &str) -> bool {
        let found = |text: &str| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        found(number) || found(TYPED) || found(&number[1..])
    }

    fn nowhere(site: &Site, number: &str) {
        for (path, bytes) in site.kept() {
            assert!(!holds(&bytes, number), "in {}", path.display());
        }
    }

    async fn drafted(site: &Site, number: &str) -> String {
        let input = json!({"action": "save", "input": {"name": "花", "my_number": number}});
        let (status, body) = site.person("owner").post(site.requests(), input).await;
        assert_eq!(status, 201, "{body}");
        assert_eq!(body["fields"]["my_number"], json!({"given": true}));
        assert!(!holds(body.to_string().as_bytes(), NUMBERS[0]), "{body}");
        format!("{}/{}", site.requests(), body["id"].as_str().unwrap())
    }

    async fn submitted(site: &Site) -> String {
        let place = drafted(site, TYPED).await;
        let owner = site.person("owner");
        let (status, body) = owner
            .post(&format!("{place}/actions/submit"), json!({"version": 1}))
            .await;
        assert_eq!(status, 200, "{body}");
        place
    }

    #[tokio::test]
    async fn a_number_lies_in_the_vault_alone_and_is_opened_by_its_readers_with_a_purpose() {
        let site = Site::new().await;
        let place = submitted(&site).await;
        let (owner, examiner) = (site.person("owner"), site.person("examiner"));
        for reader in [&owner, &examiner] {
            for path in ["", "/history"] {
                let reply = reader
                    .raw("GET", &format!("{place}{path}"), &[], Vec::new())
                    .await;
                assert_eq!(reply.status, 200);
                assert!(!holds(&reply.body, NUMBERS[0]));
                let text = String::from_utf8(reply.body).unwrap();
                assert!(text.contains(r#"{"given":true}"#), "{text}");
            }
        }
        let door = format!("{place}/numbers/my_number");
        let income = || json!({"purpose": "income"});
        // Neither the owner, nor anybody else, nor without a purpose, nor what is no number.
        for (who, status) in [("owner", 404), ("other", 404), ("administrator", 404)] {
            assert_eq!(
                site.person(who).post(&door, income()).await.0,
                status,
                "{who}"
            );
        }
        assert_eq!(site.public().post(&door, income()).await.0, 401);
        for purpose in [json!({}), json!({"purpose": "fun"})] {
            let (status, body) = examiner.post(&door, purpose).await;
            assert_eq!(
                (status, &body["errors"][0]["pointer"]),
                (422, &json!("/purpose"))
            );
        }
        let name = format!("{place}/numbers/name");
        assert_eq!(examiner.post(&name, income()).await.0, 404);
        assert_eq!(
            examiner.raw("GET", &door, &[], Vec::new()).await.status,
            405
        );
        let body = income().to_string().into_bytes();
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", "a"),
        ];
        let reply: Reply = examiner.raw("POST", &door, &headers, body).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(reply.json()["number"], NUMBERS[0]);
        // The owner is told who looked and what for.
        let (status, looks) = owner.get(&format!("{place}/looks")).await;
        assert_eq!(status, 200, "{looks}");
        let lines: Vec<&Value> = looks["items"].as_array().unwrap().iter().collect();
        assert!(
            lines
                .iter()
                .any(|line| line.to_string().contains("所得の照会のため")),
            "{looks}"
        );
        nowhere(&site, NUMBERS[0]);
    }

    #[tokio::test]
    async fn what_is_no_number_is_told_without_the_number_and_leaves_nothing() {
        let site = Site::new().await;
        let owner = site.person("owner");
        for (typed, code) in [
            (json!("123456789012"), "individual_number_check"),
            (json!("12345678901"), "individual_number_length"),
            (json!(123_456_789_018_u64), "type"),
            (json!({"given": true}), "type"),
            (json!({"ref": "0197"}), "type"),
            (json!([NUMBERS[0]]), "type"),
        ] {
            let input = json!({"action": "save", "input": {"name": "花", "my_number": typed}});
            let (status, body) = owner.post(site.requests(), input).await;
            assert_eq!(status, 422, "{body}");
            assert_eq!(body["errors"][0]["code"], code, "{body}");
            assert_eq!(body["errors"][0]["pointer"], "/input/my_number");
            for digits in ["12345678901", NUMBERS[0]] {
                assert!(!body.to_string().contains(digits), "{body}");
            }
        }
        for digits in ["12345678901", NUMBERS[0]] {
            nowhere(&site, digits);
        }
    }

    #[tokio::test]
    async fn a_request_that_is_repeated_is_known_and_none_can_be_guessed() {
        let site = Site::new().await;
        let owner = site.person("owner");
        let send = |number: String| {
            let owner = &owner;
            let path = site.requests();
            async move {
                let body = json!({"action": "save", "input": {"name": "花", "my_number": number}});
                let headers = [
                    ("content-type", "application/json"),
                    ("idempotency-key", "once"),
                ];
                owner
                    .raw("POST", path, &headers, body.to_string().into_bytes())
                    .await
            }
        };
        let first = send(NUMBERS[0].into()).await;
        let again = send(NUMBERS[0].into()).await;
        assert_eq!((first.status, again.status), (201, 201));
        assert_eq!(first.json()["id"], again.json()["id"]);
        let other = send(valid("98765432102")).await;
        assert_eq!(other.status, 422);
        assert_eq!(other.json()["errors"][0]["code"], "reused");
        nowhere(&site, NUMBERS[0]);
    }

    #[tokio::test]
    async fn a_new_number_takes_the_place_of_the_earlier_and_a_page_never_shows_either() {
        let site = Site::new().await;
        let place = drafted(&site, TYPED).await;
        let (owner, examiner) = (site.person("owner"), site.person("examiner"));
        let second = valid("98765432102");
        let save = format!("{place}/actions/save");
        let (status, body) = owner
            .post(&save, json!({"version": 1, "input": {"my_number": second}}))
            .await;
        assert_eq!(status, 200, "{body}");
        let submit = format!("{place}/actions/submit");
        assert_eq!(owner.post(&submit, json!({"version": 2})).await.0, 200);
        let door = format!("{place}/numbers/my_number");
        let (_, body) = examiner.post(&door, json!({"purpose": "income"})).await;
        assert_eq!(body["number"], second.as_str());
        nowhere(&site, &second);
        nowhere(&site, NUMBERS[0]);
    }
}
