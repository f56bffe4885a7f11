//! `POST /api/v1/payments/webhook`: news of the payment gateway, signed as Standard Webhooks. Answered with 200 only
//! when what was told is durable; told again, the answer is the same and nothing changes.

use crate::{App, Problem};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use engine::SignedHeaders;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let gateway = app
        .engine
        .gateway()
        .cloned()
        .ok_or_else(Problem::not_found)?;
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let signed = (|| {
        Some(SignedHeaders {
            id: text("webhook-id")?,
            timestamp: text("webhook-timestamp")?,
            signature: text("webhook-signature")?,
        })
    })();
    let news = signed
        .ok_or(engine::Forged)
        .and_then(|signed| gateway.read(signed, &body, app.engine.now()))
        .map_err(|_| forged())?;
    match app.engine.take_news(gateway.name(), &news).await {
        Ok(_) => Ok(Json(json!({"taken": true}))),
        // Whatever went wrong is ours: the gateway is to tell it again.
        Err(fault) => {
            tracing::error!(%fault, reference = %news.reference, "news of the payment gateway were not made durable");
            Err(Problem::unavailable(
                "いま記録できません。もう一度送ってください",
            ))
        }
    }
}

/// 401: says nothing about what is wrong with the signature.
fn forged() -> Problem {
    let mut problem = Problem::new(
        StatusCode::UNAUTHORIZED,
        "token_refused",
        "署名を確かめられません",
    );
    problem.detail = Some("Standard Webhooks の署名（webhook-id、webhook-timestamp、webhook-signature）と、時刻のずれ（5分まで）を確かめてください。".into());
    problem
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::json;

    #[tokio::test]
    async fn without_a_gateway_there_is_no_such_place() {
        let site = Site::new().await;
        let (status, _) = site
            .public()
            .post("/api/v1/payments/webhook", json!({"type": "payment.paid"}))
            .await;
        assert_eq!(status, 404);
    }
}
