//! What holds for all endpoints.

use crate::testing::Site;
use proptest::prelude::*;
use serde_json::{Value, json};

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let site = Site::new().await;
    for path in [
        "/api",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v1/services/mihon/request/a/b",
        "/api/v1/services/mihon/request/x/runs/y/z",
    ] {
        let reply = site.public().raw("GET", path, &[], Vec::new()).await;
        assert_eq!(
            (reply.status, &reply.headers["content-type"]),
            (404, &"application/problem+json".parse().unwrap()),
            "{path}"
        );
    }
    let reply = site
        .public()
        .raw("DELETE", "/api/v1/services", &[], Vec::new())
        .await;
    assert_eq!(reply.status, 405);
    assert_eq!(reply.json()["type"], "/problems/method_not_allowed");
    assert!(reply.headers["allow"].to_str().unwrap().contains("GET"));
    let options = site
        .public()
        .raw("OPTIONS", "/api/v1/services", &[], Vec::new())
        .await;
    assert_eq!(options.status, 204);
    let head = site
        .public()
        .raw("HEAD", "/api/v1/services", &[], Vec::new())
        .await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_and_an_id() {
    let site = Site::new().await;
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/v1/services",
        "/api/v1/none",
    ] {
        let reply = site.public().raw("GET", path, &[], Vec::new()).await;
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "permissions-policy",
            "cache-control",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "x-request-id",
        ] {
            assert!(reply.headers.contains_key(name), "{path} {name}");
        }
        let policy = reply.headers["content-security-policy"].to_str().unwrap();
        for part in [
            "object-src 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(part), "{path} {part}");
        }
        assert!(!policy.contains("unsafe"), "{path}");
        let transport = reply.headers.contains_key("strict-transport-security");
        assert_eq!(transport, site.app.secure_cookies, "{path}");
    }
    let metrics = site.public().raw("GET", "/metrics", &[], Vec::new()).await;
    let text = String::from_utf8(metrics.body).unwrap();
    assert!(
        text.contains(
            "tsumugi_requests_total{method=\"GET\",route=\"/api/v1/services\",status=\"200\"} 1"
        ),
        "{text}"
    );
    assert!(text.contains("tsumugi_outbox_stuck 0"), "{text}");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_413() {
    let site = Site::new().await;
    let long = "あ".repeat(crate::MAX_BODY_BYTES);
    let (status, body) = site
        .person("owner")
        .post(
            site.requests(),
            json!({"action": "save", "input": {"name": long}}),
        )
        .await;
    assert_eq!(
        (status, &body["type"]),
        (413, &json!("/problems/too_large"))
    );
}

#[tokio::test]
async fn a_cookie_alone_does_not_act() {
    let site = Site::new().await;
    let account = site
        .app
        .engine
        .account_by_login("owner")
        .await
        .unwrap()
        .unwrap();
    let whence = crate::auth::Whence::default();
    let arrival = crate::auth::Arrival::by("password", &whence, None);
    let session = crate::auth::open(&site.app, account, arrival)
        .await
        .unwrap();
    let cookie = session.cookies[0]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let body = json!({"action": "save", "input": {"name": "花"}});
    let without = site
        .public()
        .post_with(site.requests(), &[("cookie", &cookie)], body.clone())
        .await;
    assert_eq!(without.status, 403);
    let with = site
        .public()
        .post_with(
            site.requests(),
            &[("cookie", &cookie), ("sec-fetch-site", "same-origin")],
            body,
        )
        .await;
    assert_eq!(with.status, 201);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(serde_json::from_str("1e400").unwrap_or(Value::Null)),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("2026-02-30")),
        Just(json!("0197-0000")),
    ];
    let name = || {
        prop_oneof![
            Just("name".to_owned()),
            Just("amount".into()),
            Just("papers".into()),
            Just("action".into()),
            Just("input".into()),
            Just("version".into()),
            "\\PC{0,6}"
        ]
    };
    leaf.prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect()))
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        any_json().prop_map(|value| value.to_string().into_bytes()),
        (
            prop_oneof![Just("save"), Just("submit"), Just("finish")],
            any_json()
        )
            .prop_map(|(action, input)| json!({"action": action, "input": input})
                .to_string()
                .into_bytes()),
        (any_json(), any_json(), any_json()).prop_map(|(name, amount, papers)| {
            json!({"action": "submit", "input": {"name": name, "amount": amount, "papers": papers}})
                .to_string()
                .into_bytes()
        }),
        any_json().prop_map(|input| json!({"version": 1, "input": input})
            .to_string()
            .into_bytes()),
    ]
}

#[test]
fn no_body_makes_a_fault_of_ours() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let site = runtime.block_on(Site::new());
    let owner = site.person("owner");
    let (_, record) = runtime.block_on(owner.post(
        site.requests(),
        json!({"action": "save", "input": {"name": "花"}}),
    ));
    let act = format!(
        "{}/{}/actions/save",
        site.requests(),
        record["id"].as_str().unwrap()
    );
    proptest!(ProptestConfig::with_cases(256), |(bytes in body(), key in "[a-z]{8}")| {
        for path in [site.requests(), act.as_str()] {
            let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
            let reply = runtime.block_on(owner.raw("POST", path, &headers, bytes.clone()));
            prop_assert!(reply.status < 500, "{} {}", reply.status, String::from_utf8_lossy(&reply.body));
        }
    });
}

#[test]
fn no_query_makes_a_fault_of_ours() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let site = runtime.block_on(Site::new());
    let owner = site.person("owner");
    let words = prop_oneof![
        Just("filter"),
        Just("sort"),
        Just("limit"),
        Just("after"),
        Just("q"),
        Just("other")
    ];
    proptest!(ProptestConfig::with_cases(256), |(pairs in prop::collection::vec((words, "\\PC{0,12}"), 0..3))| {
        let encoded: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>())).collect();
        let reply = runtime.block_on(owner.raw("GET", &format!("{}?{}", site.requests(), encoded.join("&")), &[], Vec::new()));
        prop_assert!(reply.status < 500, "{pairs:?} {} {}", reply.status, String::from_utf8_lossy(&reply.body));
    });
}

#[tokio::test]
async fn what_the_framework_cannot_read_is_refused_in_our_words() {
    let site = Site::new().await;
    let owner = site.person("owner");
    let imports = format!("{}/imports", site.requests());
    let json = [("content-type", "application/json")];
    let body = b"{\"import\": zqzq".to_vec();
    for (method, path, headers, body) in [
        ("POST", imports.clone(), &json[..], body),
        ("POST", imports.clone(), &[][..], Vec::new()),
        (
            "GET",
            "/api/v1/retention/a/b?year=zqzq".into(),
            &[][..],
            Vec::new(),
        ),
    ] {
        let reply = owner.raw(method, &path, headers, body).await;
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!((400..500).contains(&reply.status), "{path}: {text}");
        let said: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(said["status"], reply.status, "{path}");
        assert!(!text.contains("zqzq"), "{path}: {text}");
    }
    let unknown = owner
        .raw("GET", &format!("{imports}/zqzq"), &[], Vec::new())
        .await;
    assert_eq!(unknown.status, 404);
}
