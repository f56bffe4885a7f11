//! `GET …/{id}/history?after=&limit=`: who did what to a record, and when.

use super::query::Query;
use super::{access, cursor, record};
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use engine::HistoryEntry;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type, id)): Path<(String, String, String)>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let rt = access::record_type(&app, &service, &record_type)?;
    access::reader(&signed, &rt)?;
    let query = Query::read(&uri, &["after", "limit"])?;
    let after = cursor::read("h", query.get("after"))?;
    let page = app
        .engine
        .history(
            &signed.actor,
            &service,
            &record_type,
            record::id(&id)?,
            after,
            query.limit()?,
        )
        .await?;
    let items: Vec<Value> = page.items.iter().map(HistoryEntry::to_json).collect();
    Ok(Json(
        json!({"items": items, "next": page.next.map(|seq| cursor::write("h", seq))}),
    ))
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::json;

    #[tokio::test]
    async fn a_history_names_who_did_what_page_by_page() {
        let site = Site::new().await;
        let owner = site.person("owner");
        let (_, body) = owner
            .post(
                site.requests(),
                json!({"action": "save", "input": {"name": "花"}}),
            )
            .await;
        let place = format!("{}/{}", site.requests(), body["id"].as_str().unwrap());
        owner
            .post(&format!("{place}/actions/submit"), json!({"version": 1}))
            .await;
        let (status, first) = owner.get(&format!("{place}/history?limit=1")).await;
        assert_eq!(status, 200, "{first}");
        let entry = &first["items"][0];
        assert_eq!(
            (&entry["seq"], &entry["action"]),
            (&json!(1), &json!("save"))
        );
        assert_eq!(
            (&entry["actor"]["name"], &entry["actor"]["as"]),
            (&json!("ownerさん"), &json!("applicant"))
        );
        assert_eq!(entry["at"], "2026-11-22T09:00:00+09:00");
        assert_eq!(
            entry["changes"][0],
            json!({"field": "name", "from": null, "to": "花", "title": "名前"})
        );
        let (_, second) = owner
            .get(&format!(
                "{place}/history?after={}",
                first["next"].as_str().unwrap()
            ))
            .await;
        assert_eq!(
            (&second["items"][0]["action"], &second["next"]),
            (&json!("submit"), &json!(null))
        );
        assert_eq!(
            site.person("other")
                .get(&format!("{place}/history"))
                .await
                .0,
            404
        );
        assert_eq!(site.public().get(&format!("{place}/history")).await.0, 401);
    }
}
