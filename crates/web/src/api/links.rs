//! `GET /api/v1/links/{token}`: what a personal link opens.

use crate::{App, Problem};
use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
) -> Result<Json<Value>, Problem> {
    let account = app.engine.linked(&token).await?;
    let actor = app.engine.actor(&account, None)?;
    let records = app.engine.my_items(&actor).await?;
    let items: Vec<Value> = records.iter().map(engine::RecordView::to_json).collect();
    Ok(Json(json!({"items": items, "next": null})))
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;

    #[tokio::test]
    async fn neither_an_unknown_token_nor_a_session_is_a_link() {
        let site = Site::new().await;
        let (status, _) = site.public().get("/api/v1/links/nothing").await;
        assert_eq!(status, 404);
    }
}
