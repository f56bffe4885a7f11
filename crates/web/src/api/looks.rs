//! `GET /api/v1/looks` and `GET …/{id}/looks`: who looked at one's own records (だれが見たか).

use super::query::Query;
use super::{access, cursor, record};
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use engine::{LookLine, ToldPage, href, tokyo};
use serde_json::{Value, json};
use std::sync::Arc;

/// The kind of its cursors.
const CURSOR: &str = "l";

/// Of all one's own records.
pub(super) async fn mine(
    State(app): State<Arc<App>>,
    signed: Signed,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    let (before, limit) = page(&uri)?;
    let found = app.engine.told_of_all(&signed.actor, before, limit).await?;
    Ok(Json(shown(&found)))
}

/// Of one record.
pub(super) async fn of_record(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, kind, id)): Path<(String, String, String)>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    access::record_type(&app, &service, &kind)?;
    signed.require()?;
    let (before, limit) = page(&uri)?;
    let place = (service.as_str(), kind.as_str(), record::id(&id)?);
    let found = app
        .engine
        .told_of_record(&signed.actor, place, before, limit)
        .await?;
    Ok(Json(shown(&found)))
}

fn page(uri: &Uri) -> Result<(Option<u64>, Option<usize>), Problem> {
    let query = Query::read(uri, &["after", "limit"])?;
    let before = cursor::read(CURSOR, query.get("after"))?;
    Ok(((before > 0).then_some(before), Some(query.limit()?)))
}

fn shown(found: &ToldPage) -> Value {
    let items: Vec<Value> = found.items.iter().map(line).collect();
    json!({
        "items": items, "next": found.next.map(|no| cursor::write(CURSOR, no)),
        "withheld_on": found.grounds,
    })
}

fn line(look: &LookLine) -> Value {
    let (service, kind, id, label) = &look.record;
    json!({
        "at": tokyo(look.at), "way": look.way.name(), "face": look.face.name(), "office": look.office, "role": look.role,
        "name": look.name, "purpose": look.purpose, "record": href(service, kind, *id), "label": label,
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::json;

    #[tokio::test]
    async fn the_people_of_a_record_are_told_who_looked_and_nobody_else() {
        let site = Site::new().await;
        let owner = site.person("owner");
        let (_, body) = owner
            .post(
                site.requests(),
                json!({"action": "submit", "input": {"name": "花"}}),
            )
            .await;
        let place = format!("{}/{}", site.requests(), body["id"].as_str().unwrap());
        assert_eq!(owner.get(&place).await.0, 200);
        assert_eq!(site.person("examiner").get(&place).await.0, 200);
        assert_eq!(site.person("examiner").get(site.requests()).await.0, 200);
        // Whoever was refused has seen nothing.
        assert_eq!(site.person("other").get(&place).await.0, 404);
        let looks = format!("{place}/looks");
        let (status, told) = settled(&site, &looks, 2).await;
        assert_eq!(status, 200, "{told}");
        let ways: Vec<&str> = told["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["way"].as_str().unwrap())
            .collect();
        assert_eq!(ways, ["list", "record"], "{told}");
        assert_eq!(told["items"][0]["face"], "api");
        assert_eq!(
            told["items"][0]["name"],
            json!(null),
            "the package does not say so"
        );
        let (_, all) = settled(&site, "/api/v1/looks?limit=1", 1).await;
        assert_eq!(all["items"][0]["way"], "list");
        let next = all["next"].as_str().unwrap();
        let (_, rest) = owner.get(&format!("/api/v1/looks?after={next}")).await;
        assert_eq!(rest["items"][0]["way"], "record", "{rest}");
        for (login, status) in [("examiner", 404), ("other", 404), ("administrator", 404)] {
            assert_eq!(site.person(login).get(&looks).await.0, status, "{login}");
        }
        assert_eq!(site.public().get(&looks).await.0, 401);
        assert_eq!(site.public().get("/api/v1/looks").await.0, 401);
    }

    /// Notes are written a moment after what was read was answered.
    async fn settled(site: &Site, path: &str, lines: usize) -> (u16, serde_json::Value) {
        let mut answer = site.person("owner").get(path).await;
        for _ in 0..100 {
            if answer.1["items"]
                .as_array()
                .is_some_and(|all| all.len() >= lines)
            {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            answer = site.person("owner").get(path).await;
        }
        answer
    }
}
