//! Makes spans of what `tracing` tells. A request that is not in the share makes none, nor does anything inside it.

use super::span::Span;
use crate::world::{SystemClock, random};
use engine::Clock as _;
use serde_json::Value;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::SyncSender;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The target of spans that are traced.
pub(crate) const TARGET: &str = "trace";

/// The layer.
pub(crate) struct Traces {
    spans: SyncSender<Span>,
    counts: Arc<Counts>,
    share: f64,
}

/// Spans that wait to be sent, and those that were dropped.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) waiting: AtomicU64,
    pub(super) dropped: AtomicU64,
}

impl Traces {
    pub(super) fn new(spans: SyncSender<Span>, share: f64, counts: Arc<Counts>) -> Self {
        Self {
            spans,
            counts,
            share,
        }
    }

    /// Whether a request that nobody else has begun to trace is in the share.
    fn picks(&self) -> bool {
        let mut bytes = [0; 4];
        random(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) < self.share * f64::from(u32::MAX)
    }
}

fn number() -> u64 {
    let mut bytes = [0; 8];
    random(&mut bytes);
    // Zero would mean that there is none.
    u64::from_le_bytes(bytes).max(1)
}

fn nanos() -> u128 {
    u128::try_from(SystemClock.now().as_nanosecond()).unwrap_or_default()
}

impl<S: tracing::Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let within = span.parent();
        let above = within.as_ref().and_then(|parent| {
            let extensions = parent.extensions();
            extensions
                .get::<Span>()
                .map(|above| (above.trace, above.id))
        });
        let begun = match (
            within.is_some(),
            above,
            fields.parent.as_deref().and_then(given),
        ) {
            // Inside a request that is not traced.
            (true, None, _) => None,
            (_, Some((trace, parent)), _) => Some((trace, Some(parent))),
            (_, None, Some((trace, parent, true))) => Some((trace, Some(parent))),
            (_, None, Some((.., false))) => None,
            (_, None, None) => self
                .picks()
                .then(|| (u128::from(number()) << 64 | u128::from(number()), None)),
        };
        let Some((trace, parent)) = begun else { return };
        span.extensions_mut().insert(Span {
            trace,
            id: number(),
            parent,
            name: attributes.metadata().name(),
            is_request: above.is_none(),
            begun_nanos: nanos(),
            ended_nanos: 0,
            attributes: fields.all,
        });
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(kept) = span.extensions_mut().get_mut::<Span>() {
            let mut fields = Fields::default();
            record.record(&mut fields);
            kept.attributes.extend(fields.all);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(mut ended) = span.extensions_mut().remove::<Span>() else {
            return;
        };
        ended.ended_nanos = nanos();
        // Nobody waits for a collector. Counted first: it may be sent before this goes on.
        self.counts.waiting.fetch_add(1, Relaxed);
        if self.spans.try_send(ended).is_err() {
            self.counts.waiting.fetch_sub(1, Relaxed);
            self.counts.dropped.fetch_add(1, Relaxed);
        }
    }
}

/// The header `traceparent` of W3C Trace Context: trace, parent, whether it is traced.
fn given(text: &str) -> Option<(u128, u64, bool)> {
    let mut parts = text.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_well_formed =
        version.len() == 2 && version != "ff" && trace.len() == 32 && parent.len() == 16;
    let trace = u128::from_str_radix(trace, 16)
        .ok()
        .filter(|trace| *trace != 0)?;
    let parent = u64::from_str_radix(parent, 16)
        .ok()
        .filter(|parent| *parent != 0)?;
    let flags = u8::from_str_radix(flags, 16).ok()?;
    is_well_formed.then_some((trace, parent, flags & 1 == 1))
}

#[derive(Default)]
struct Fields {
    all: Vec<(&'static str, Value)>,
    parent: Option<String>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "traceparent" => self.parent = Some(value.to_owned()),
            name => self.all.push((name, value.into())),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.all.push((field.name(), value.into()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.all.push((field.name(), value.into()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.all.push((field.name(), value.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::given;

    #[test]
    fn a_parent_is_read_as_w3c_writes_it() {
        let (trace, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        let known = given(&format!("00-{trace}-{parent}-01")).unwrap();
        assert_eq!(
            (
                format!("{:032x}", known.0),
                format!("{:016x}", known.1),
                known.2
            ),
            (trace.into(), parent.into(), true)
        );
        assert!(!given(&format!("00-{trace}-{parent}-00")).unwrap().2);
        for bad in [
            "",
            "00",
            "00-x-y-01",
            &format!("ff-{trace}-{parent}-01"),
            &format!("00-{}-{parent}-01", "0".repeat(32)),
        ] {
            assert_eq!(given(bad), None, "{bad}");
        }
    }
}
