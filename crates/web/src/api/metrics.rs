//! `GET /metrics`: counts for Prometheus. Nothing personal: routes, statuses, times, kinds of effects, names of channels.

use crate::gate::{Gate, Passed};
use crate::observe::single;
use crate::{App, Face};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use engine::Pulse;
use jiff::Timestamp;
use std::fmt::Write as _;
use std::sync::Arc;

pub(super) async fn get(State(app): State<Arc<App>>) -> impl IntoResponse {
    let mut text = app.metrics.text();
    let healthy = u64::from(app.engine.health().is_none());
    single(
        &mut text,
        "tsumugi_ready",
        "Whether the store takes writes.",
        "gauge",
        healthy,
    );
    gate(&app, &mut text);
    // While the store is away, the rest is still told.
    if let Ok(pulse) = app.engine.pulse().await {
        waiting(&pulse, app.engine.now(), &mut text);
    }
    if let Some(copying) = app.engine.copying() {
        let moment = copying.at.map_or(0, |at| at.as_second());
        let moment = u64::try_from(moment).unwrap_or_default();
        let help = "Everything acknowledged before this moment is copied; since 1970.";
        single(
            &mut text,
            "tsumugi_copy_moment_seconds",
            help,
            "gauge",
            moment,
        );
        single(
            &mut text,
            "tsumugi_copy_position",
            "The last event that is copied.",
            "gauge",
            copying.position,
        );
        let failing = u64::from(copying.fault.is_some());
        single(
            &mut text,
            "tsumugi_copy_failing",
            "Whether the last round of the copy failed.",
            "gauge",
            failing,
        );
    }
    text.push_str(&(app.vitals)().text());
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], text)
}

/// Who was let in, who waits, who was told to come back.
fn gate(app: &App, text: &mut String) {
    let gates = app.gates.lock().clone();
    // A number of one face alone bears no name of it: most installations have one listener.
    let face = |face: Face, rest: &str| match face {
        Face::Whole if rest.is_empty() => String::new(),
        Face::Whole => format!("{{{rest}}}"),
        _ if rest.is_empty() => format!("{{face=\"{}\"}}", face.name()),
        _ => format!("{{face=\"{}\",{rest}}}", face.name()),
    };
    type Read = fn(&Gate) -> usize;
    let gauges: [(&str, &str, Read); 3] = [
        (
            "tsumugi_requests_under_way",
            "Requests that hold a shared place.",
            |gate| gate.under_way().0,
        ),
        (
            "tsumugi_request_places",
            "Shared places, as answers are quick or slow.",
            |gate| gate.under_way().1,
        ),
        (
            "tsumugi_request_body_bytes",
            "Bytes of bodies in memory.",
            |gate| gate.room().held(),
        ),
    ];
    for (name, help, read) in gauges {
        head(text, name, help, "gauge");
        for (of, gate) in &gates {
            let _ = writeln!(text, "{name}{} {}", face(*of, ""), read(gate));
        }
    }
    let passed: Vec<(Face, Passed)> = gates
        .iter()
        .flat_map(|(of, gate)| gate.passed().into_iter().map(|one| (*of, one)))
        .collect();
    head(
        text,
        "tsumugi_admission_total",
        "Requests let in and refused, by class.",
        "counter",
    );
    for (of, one) in &passed {
        for (outcome, count) in [("entered", one.entered), ("refused", one.refused)] {
            let rest = format!("class=\"{}\",outcome=\"{outcome}\"", one.class.name());
            let _ = writeln!(text, "tsumugi_admission_total{} {count}", face(*of, &rest));
        }
    }
    head(
        text,
        "tsumugi_requests_waiting",
        "Requests that wait for a place, by class.",
        "gauge",
    );
    for (of, one) in &passed {
        let rest = format!("class=\"{}\"", one.class.name());
        let _ = writeln!(
            text,
            "tsumugi_requests_waiting{} {}",
            face(*of, &rest),
            one.waiting
        );
    }
}

/// Outbox, deliveries, timers, runs and the signed log.
fn waiting(pulse: &Pulse, now: Timestamp, text: &mut String) {
    let age = |since: Timestamp| (now.as_second() - since.as_second()).max(0);
    head(
        text,
        "tsumugi_outbox",
        "Effects that wait, by kind.",
        "gauge",
    );
    for (kind, (many, _)) in &pulse.effects {
        let _ = writeln!(text, "tsumugi_outbox{{kind=\"{kind}\"}} {many}");
    }
    head(
        text,
        "tsumugi_outbox_age_seconds",
        "Age of the oldest effect, by kind.",
        "gauge",
    );
    for (kind, (_, since)) in &pulse.effects {
        let _ = writeln!(
            text,
            "tsumugi_outbox_age_seconds{{kind=\"{kind}\"}} {}",
            age(*since)
        );
    }
    single(
        text,
        "tsumugi_outbox_stuck",
        "Effects that have failed at least once; counted to 200.",
        "gauge",
        pulse.stuck,
    );
    head(
        text,
        "tsumugi_deliveries",
        "Messages on their way to addresses, by channel.",
        "gauge",
    );
    for (channel, (many, _)) in &pulse.deliveries {
        let _ = writeln!(
            text,
            "tsumugi_deliveries{{channel=\"{}\"}} {many}",
            channel.name()
        );
    }
    head(
        text,
        "tsumugi_provider_silent",
        "Providers that did not answer last.",
        "gauge",
    );
    for provider in &pulse.silent {
        let _ = writeln!(text, "tsumugi_provider_silent{{provider=\"{provider}\"}} 1");
    }
    single(
        text,
        "tsumugi_timers_late",
        "Timers due before today; counted to 1,000.",
        "gauge",
        pulse.late_timers,
    );
    single(
        text,
        "tsumugi_runs_open",
        "Runs that have records left; counted to 1,000.",
        "gauge",
        pulse.open_runs,
    );
    head(
        text,
        "tsumugi_uploads_held",
        "Uploads that are shown to nobody: waiting for the scanner, or refused by it.",
        "gauge",
    );
    for (state, many) in [
        ("waiting", pulse.held.waiting),
        ("refused", pulse.held.refused),
    ] {
        let _ = writeln!(text, "tsumugi_uploads_held{{state=\"{state}\"}} {many}");
    }
    if let Some(log) = pulse.log {
        let lag = if log.has_more { age(log.signed_at) } else { 0 };
        single(
            text,
            "tsumugi_log_size",
            "Events under the newest signed head.",
            "gauge",
            log.size,
        );
        let help = "How long committed events have waited for a signature at most.";
        single(
            text,
            "tsumugi_log_lag_seconds",
            help,
            "gauge",
            u64::try_from(lag).unwrap_or_default(),
        );
    }
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
