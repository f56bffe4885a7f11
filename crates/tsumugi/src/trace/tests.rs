use super::{TraceConfig, layer::TARGET, start};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

/// A collector: takes what is posted and hands the bodies on.
fn collector() -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (bodies, taken) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            let body = loop {
                let bytes = stream.read(&mut buffer).unwrap();
                text.extend_from_slice(&buffer[..bytes]);
                let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") else {
                    continue;
                };
                let head = String::from_utf8_lossy(&text[..end]).to_lowercase();
                assert!(
                    head.starts_with("post /v1/traces") && head.contains("application/json"),
                    "{head}"
                );
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.unwrap().trim().parse().unwrap();
                if text.len() >= end + 4 + length {
                    break text[end + 4..end + 4 + length].to_vec();
                }
            };
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
                .unwrap();
            if bodies.send(serde_json::from_slice(&body).unwrap()).is_err() {
                return;
            }
        }
    });
    (address, taken)
}

fn traced(share: f64, work: impl FnOnce()) -> Vec<Value> {
    let (to, taken) = collector();
    let (layer, ended) = start(&TraceConfig { to, share }).unwrap();
    let only = filter_fn(|about| about.is_span() && about.target() == TARGET);
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(only));
    tracing::subscriber::with_default(subscriber, work);
    ended.wait();
    let bodies = taken.try_iter();
    bodies
        .flat_map(|body| {
            body["resourceSpans"][0]["scopeSpans"][0]["spans"]
                .as_array()
                .unwrap()
                .clone()
        })
        .collect()
}

fn request(parent: Option<&str>) {
    let status = tracing::field::Empty;
    let request = tracing::info_span!(target: "trace", "request", http.route = "/r/{id}", http.response.status_code = status, traceparent = parent);
    let _inside = request.enter();
    drop(tracing::info_span!(target: "trace", "commit", acts = 3).entered());
    drop(tracing::info_span!("not for traces", secret = "柴崎").entered());
    request.record("http.response.status_code", 503);
}

#[test]
fn a_request_and_what_is_inside_it_reach_a_collector() {
    let spans = traced(1.0, || request(None));
    assert_eq!(spans.len(), 2, "{spans:#?}");
    let (commit, request) = (&spans[0], &spans[1]);
    assert_eq!(
        (commit["name"].as_str(), request["name"].as_str()),
        (Some("commit"), Some("request"))
    );
    assert_eq!(commit["traceId"], request["traceId"]);
    assert_eq!(commit["parentSpanId"], request["spanId"]);
    assert_eq!(
        (request["kind"].as_u64(), request["status"]["code"].as_u64()),
        (Some(2), Some(2))
    );
    assert!(request.get("parentSpanId").is_none());
    let attributes = request["attributes"].to_string();
    assert!(
        attributes.contains("/r/{id}") && attributes.contains("\"intValue\":\"503\""),
        "{attributes}"
    );
    let nanos = |name: &str| request[name].as_str().unwrap().parse::<u128>().unwrap();
    assert!(
        nanos("startTimeUnixNano") > 1_600_000_000_000_000_000
            && nanos("endTimeUnixNano") >= nanos("startTimeUnixNano")
    );
}

#[test]
fn a_share_is_traced_and_who_asks_for_it_decides() {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert!(traced(0.0, || request(None)).is_empty());
    let spans = traced(0.0, || request(Some(parent)));
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[1]["parentSpanId"], "b7ad6b7169203331");
    assert!(traced(1.0, || request(Some(&parent.replace("-01", "-00")))).is_empty());
}

#[test]
fn a_collector_that_is_away_holds_nobody_up() {
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (layer, ended) = start(&TraceConfig {
        to: format!("http://{gone}"),
        share: 1.0,
    })
    .unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || (0..10_000).for_each(|_| request(None)));
    ended.wait();
}
