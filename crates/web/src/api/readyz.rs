//! `GET /readyz`: whether it can take work; if not, what an operator should do.

use crate::{App, Problem};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn get(State(app): State<Arc<App>>) -> Result<Json<Value>, Problem> {
    match app.engine.health() {
        None => {
            let running = app
                .engine
                .catalogue()
                .services
                .values()
                .filter(|service| !service.types.is_empty())
                .count();
            // A copy that is behind is for operators to mend; acts go on.
            let copy = app.engine.copying().map(|copying| {
                json!({"at": copying.at, "position": copying.position, "base_at": copying.base_at, "behind": copying.is_behind(app.engine.now())})
            });
            Ok(Json(
                json!({"status": "ready", "services": running, "postal_codes": app.postal.fault().is_none(), "copy": copy}),
            ))
        }
        Some(fault) => {
            let mut problem = Problem::unavailable("データを保存できる状態にありません");
            problem.detail = Some(format!(
                "{fault}。データを置くディスクの空きと状態を確かめてください。直るまで新しい操作は受け付けません。"
            ));
            Err(problem)
        }
    }
}
