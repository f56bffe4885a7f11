//! One span, and how OTLP writes it.

use serde_json::{Value, json};

/// A span that has ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Span {
    pub(super) trace: u128,
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: &'static str,
    pub(super) is_request: bool,
    pub(super) begun_nanos: u128,
    pub(super) ended_nanos: u128,
    pub(super) attributes: Vec<(&'static str, Value)>,
}

impl Span {
    fn json(&self) -> Value {
        // 2 is a server's span, 1 an inner one.
        let kind = if self.is_request { 2 } else { 1 };
        let status = self
            .attributes
            .iter()
            .find(|(name, _)| *name == "http.response.status_code");
        let failed = status
            .and_then(|(_, value)| value.as_u64())
            .is_some_and(|code| code >= 500);
        let mut span = json!({
            "traceId": format!("{:032x}", self.trace), "spanId": format!("{:016x}", self.id),
            "name": self.name, "kind": kind,
            "startTimeUnixNano": self.begun_nanos.to_string(), "endTimeUnixNano": self.ended_nanos.to_string(),
            "attributes": self.attributes.iter().map(attribute).collect::<Vec<_>>(),
            "status": if failed { json!({"code": 2}) } else { json!({}) },
        });
        if let (Some(parent), Some(map)) = (self.parent, span.as_object_mut()) {
            map.insert("parentSpanId".into(), format!("{parent:016x}").into());
        }
        span
    }
}

fn attribute((name, value): &(&'static str, Value)) -> Value {
    let value = match value {
        Value::Bool(is) => json!({"boolValue": is}),
        // 64-bit integers are strings in Protocol Buffers' JSON.
        Value::Number(number) => json!({"intValue": number.to_string()}),
        Value::String(text) => json!({"stringValue": text}),
        other => json!({"stringValue": other.to_string()}),
    };
    json!({"key": name, "value": value})
}

/// The body of a request to a collector.
pub(super) fn body(spans: &[Span]) -> Value {
    let named = |name: &'static str, value: &str| attribute(&(name, value.into()));
    json!({"resourceSpans": [{
        "resource": {"attributes": [named("service.name", "tsumugi"), named("service.version", env!("CARGO_PKG_VERSION"))]},
        "scopeSpans": [{"scope": {"name": "tsumugi"}, "spans": spans.iter().map(Span::json).collect::<Vec<_>>()}],
    }]})
}
