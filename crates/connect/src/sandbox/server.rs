//! The stand-ins' HTTP, as the providers document theirs.

use super::box_::{Mood, SampleBox};
use super::push;
use crate::{line, sms};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use engine::outreach::Channel;
use serde_json::Value as Json;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// The number that no telephone has, and its LINE twin: what an unknown one answers can be seen with them.
const UNKNOWN_NUMBER: &str = "+819000000000";

type Shared = State<Arc<SampleBox>>;

pub(super) async fn listen(samples: Arc<SampleBox>) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/messages", post(sms))
        .route("/v2/bot/message/push", post(line))
        .route("/push/{id}", post(push))
        .with_state(samples);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the stand-ins stopped");
        }
    });
    Ok(address)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// What a provider answers before it looks at the letter; none if it looks.
fn unwilling(samples: &SampleBox, channel: Channel) -> Option<Response> {
    match samples.mood(channel) {
        Mood::Down => Some(StatusCode::SERVICE_UNAVAILABLE.into_response()),
        Mood::Limited(pause) => {
            let seconds = pause.as_secs().to_string();
            let said = r#"{"message":"The API rate limit has been exceeded. Try again later."}"#;
            Some(
                (
                    StatusCode::TOO_MANY_REQUESTS,
                    [("retry-after", seconds)],
                    said,
                )
                    .into_response(),
            )
        }
        Mood::Spent => {
            let said = r#"{"message":"You have reached your monthly limit."}"#;
            Some((StatusCode::TOO_MANY_REQUESTS, said).into_response())
        }
        Mood::Willing => None,
    }
}

fn bad(status: StatusCode, said: &str) -> Response {
    (status, said.to_owned()).into_response()
}

fn authorised(samples: &SampleBox, headers: &HeaderMap) -> bool {
    header(headers, "authorization") == format!("Bearer {}", samples.token)
}

async fn sms(State(samples): Shared, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(answer) = unwilling(&samples, Channel::Sms) {
        return answer;
    }
    if !authorised(&samples, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let json: Json = serde_json::from_slice(&body).unwrap_or_default();
    let (Some(to), Some(text)) = (json["to"].as_str(), json["text"].as_str()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if to == UNKNOWN_NUMBER || !to.starts_with('+') {
        return bad(
            StatusCode::UNPROCESSABLE_ENTITY,
            r#"{"code":"unknown_number"}"#,
        );
    }
    if text.chars().count() > sms::MAX_CHARS {
        return bad(StatusCode::UNPROCESSABLE_ENTITY, r#"{"code":"too_long"}"#);
    }
    let key = header(&headers, "idempotency-key");
    if key.is_empty() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    if samples.known(Channel::Sms, key) {
        return StatusCode::CONFLICT.into_response();
    }
    samples.take(Channel::Sms, key, to, "", text);
    StatusCode::ACCEPTED.into_response()
}

async fn line(State(samples): Shared, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(answer) = unwilling(&samples, Channel::Line) {
        return answer;
    }
    if !authorised(&samples, &headers) {
        return bad(
            StatusCode::UNAUTHORIZED,
            r#"{"message":"Authentication failed."}"#,
        );
    }
    let json: Json = serde_json::from_slice(&body).unwrap_or_default();
    let to = json["to"].as_str().unwrap_or_default();
    if !(to.len() == 33 && to.starts_with('U')) {
        return bad(
            StatusCode::BAD_REQUEST,
            r#"{"message":"The property, 'to', in the request body is invalid"}"#,
        );
    }
    let Some(text) = json.pointer("/messages/0/text").and_then(Json::as_str) else {
        return bad(StatusCode::BAD_REQUEST, r#"{"message":"May not be empty"}"#);
    };
    if text.encode_utf16().count() > line::MAX_UNITS {
        return bad(
            StatusCode::BAD_REQUEST,
            r#"{"message":"Length must be between 0 and 5000"}"#,
        );
    }
    let key = header(&headers, "x-line-retry-key");
    if key.parse::<uuid::Uuid>().is_err() {
        return bad(
            StatusCode::BAD_REQUEST,
            r#"{"message":"The retry key is invalid"}"#,
        );
    }
    if samples.known(Channel::Line, key) {
        return bad(
            StatusCode::CONFLICT,
            r#"{"message":"The retry key is already accepted"}"#,
        );
    }
    samples.take(Channel::Line, key, to, "", text);
    bad(StatusCode::OK, r#"{"sentMessages":[]}"#)
}

async fn push(
    State(samples): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(answer) = unwilling(&samples, Channel::Push) {
        return answer;
    }
    if id == "gone" {
        return StatusCode::GONE.into_response();
    }
    push::take(&samples, &headers, &body).into_response()
}
