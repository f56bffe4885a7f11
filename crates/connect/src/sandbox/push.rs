//! A push service and the browser behind it: checks the proof, opens the body, shows the text.

use super::box_::SampleBox;
use crate::push::{decrypt, verify};
use axum::http::{HeaderMap, StatusCode};
use engine::outreach::Channel;
use serde_json::Value as Json;

pub(super) fn take(samples: &SampleBox, headers: &HeaderMap, body: &[u8]) -> StatusCode {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    let origin = format!("http://{}", header("host"));
    if verify(header("authorization"), &origin, (samples.now)()).is_none() {
        return StatusCode::FORBIDDEN;
    }
    if header("content-encoding") != "aes128gcm" || header("ttl").parse::<u32>().is_err() {
        return StatusCode::BAD_REQUEST;
    }
    if body.len() > 4_096 {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    let (secret, auth) = &samples.browser;
    let Some(text) = decrypt(body, secret, auth) else {
        return StatusCode::BAD_REQUEST;
    };
    let json: Json = serde_json::from_slice(&text).unwrap_or_default();
    let said = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let topic = header("topic");
    // Two of one topic are shown as one.
    if !samples.known(Channel::Push, topic) {
        let body = format!("{}\n{}", said("body"), said("url"));
        samples.take(
            Channel::Push,
            topic,
            "見本のブラウザー",
            &said("title"),
            &body,
        );
    }
    StatusCode::CREATED
}
