//! `GET /api/v1/changes?after=&limit=`: CloudEvents 1.0 in commit order, of records that the actor may see.
//!
//! `after` is the `next` of the page before, or the `id` of the last event seen, so that a client that reached the end
//! goes on from there.

use super::cursor;
use super::query::Query;
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    signed.require()?;
    let query = Query::read(&uri, &["after", "limit"])?;
    let after = match query.get("after").and_then(|text| text.parse().ok()) {
        Some(id) => id,
        None => cursor::read("c", query.get("after"))?,
    };
    let page = app
        .engine
        .changes(&signed.actor, after, query.limit()?)
        .await?;
    Ok(Json(
        json!({"items": page.items, "next": page.next.map(|position| cursor::write("c", position))}),
    ))
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::json;

    #[tokio::test]
    async fn the_feed_holds_what_one_may_see_in_order() {
        let site = Site::new().await;
        let owner = site.person("owner");
        for name in ["桜", "梅"] {
            owner
                .post(
                    site.requests(),
                    json!({"action": "submit", "input": {"name": name}}),
                )
                .await;
        }
        let (status, first) = owner.get("/api/v1/changes?limit=1").await;
        assert_eq!(status, 200, "{first}");
        assert_eq!(first["items"][0]["specversion"], "1.0");
        let (_, second) = owner
            .get(&format!(
                "/api/v1/changes?after={}",
                first["next"].as_str().unwrap()
            ))
            .await;
        let (_, same) = owner
            .get(&format!(
                "/api/v1/changes?after={}",
                first["items"][0]["id"].as_str().unwrap()
            ))
            .await;
        assert_eq!(second["items"], same["items"]);
        assert_eq!(second["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            site.person("other").get("/api/v1/changes").await.1["items"],
            json!([])
        );
        assert_eq!(site.public().get("/api/v1/changes").await.0, 401);
    }
}
