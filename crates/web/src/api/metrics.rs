//! `GET /metrics`: counts for Prometheus. Nothing personal: routes, statuses, times and the outbox.

use crate::App;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use kernel::{Actor, Seat};
use std::fmt::Write as _;
use std::sync::Arc;

pub(super) async fn get(State(app): State<Arc<App>>) -> impl IntoResponse {
    let mut text = app.metrics.text();
    let healthy = u8::from(app.engine.health().is_none());
    let _ = writeln!(
        text,
        "# HELP tsumugi_ready Whether the store takes writes.\n# TYPE tsumugi_ready gauge\ntsumugi_ready {healthy}"
    );
    let under_way = app.gate.under_way();
    let _ = writeln!(
        text,
        "# HELP tsumugi_requests_under_way Requests under way.\n# TYPE tsumugi_requests_under_way gauge\ntsumugi_requests_under_way {under_way}"
    );
    outbox(&app, &mut text).await;
    text.push_str(&(app.further_metrics)());
    (
        [(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
        )],
        text,
    )
}

/// Effects that have failed at least once, and how long the oldest has waited.
async fn outbox(app: &App, text: &mut String) {
    let seat = Seat {
        role: "administrator".into(),
        office: None,
        authority: None,
        municipality: None,
        substitute: None,
    };
    let operator = Actor {
        seats: vec![seat],
        ..Actor::system()
    };
    let Ok(stuck) = app.engine.stuck(&operator).await else {
        return;
    };
    let now = app.engine.now().as_second();
    let age = stuck
        .iter()
        .map(|row| now - row.since.as_second())
        .max()
        .unwrap_or(0)
        .max(0);
    let _ = writeln!(
        text,
        "# HELP tsumugi_outbox_stuck Effects that have failed at least once.\n# TYPE tsumugi_outbox_stuck gauge\ntsumugi_outbox_stuck {}",
        stuck.len()
    );
    let _ = writeln!(
        text,
        "# HELP tsumugi_outbox_age_seconds Age of the oldest of them.\n# TYPE tsumugi_outbox_age_seconds gauge\ntsumugi_outbox_age_seconds {age}"
    );
}
