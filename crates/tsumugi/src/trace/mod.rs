//! Traces by OpenTelemetry's protocol over HTTP, in its JSON form (OTLP/HTTP, specification 1.x): what a request did and
//! how long each part took. On only where an address is given; without one no span is ever made.
//!
//! Written here rather than with the `opentelemetry` crates: they bring some forty crates for what are two hundred lines,
//! see `docs/decisions/0032-overload.md`. Spans are those of `tracing` with the target `trace`; they hold routes, kinds and
//! statuses, never what a person typed.

mod layer;
mod send;
mod span;

pub(crate) use layer::{TARGET, Traces};
pub(crate) use send::Ended;

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

/// Spans that wait to be sent; more are counted and dropped.
const WAITING_AT_MOST: usize = 2_048;

/// Where traces go.
#[derive(Clone, Debug)]
pub(crate) struct TraceConfig {
    /// Address of a collector (`http://127.0.0.1:4318`).
    pub(crate) to: String,
    /// The share of requests that are traced, from 0 to 1.
    pub(crate) share: f64,
}

/// The layer that makes traces of spans, and what sends them until it is ended.
///
/// # Errors
/// If the thread that sends cannot be started.
pub(crate) fn start(config: &TraceConfig) -> std::io::Result<(Traces, Ended)> {
    let (spans, inbox) = sync_channel(WAITING_AT_MOST);
    let counts = Arc::default();
    let ended = send::start(config, inbox, Arc::clone(&counts))?;
    Ok((Traces::new(spans, config.share, counts), ended))
}

#[cfg(test)]
mod tests;
