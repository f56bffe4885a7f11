//! The document is sound, and says what the router does: no more, no less.

use crate::api::{ROUTES, route_of};
use crate::testing::Site;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

async fn document() -> Json {
    let site = Site::new().await;
    let (status, body) = site.public().get("/api/v1/openapi.json").await;
    assert_eq!(status, 200);
    body
}

#[tokio::test]
async fn every_route_is_described_and_every_description_is_a_route() {
    let site = Site::new().await;
    let document = site.public().get("/api/v1/openapi.json").await.1;
    let mut described: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let route = route_of(path).unwrap_or_else(|| panic!("{path} has no route"));
        described
            .entry(route)
            .or_default()
            .extend(item.as_object().unwrap().keys().cloned());
    }
    for route in ROUTES {
        let allow = site
            .public()
            .allowed(&route.path.replace(['{', '}'], ""))
            .await;
        let methods: BTreeSet<String> = allow
            .split(',')
            .map(|method| method.trim().to_lowercase())
            .filter(|method| method != "head")
            .collect();
        assert_eq!(described.get(route.path), Some(&methods), "{}", route.path);
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_ids_are_unique() {
    let document = document().await;
    let mut ids = BTreeSet::new();
    walk(&document, &mut |node| {
        if let Some(reference) = node.get("$ref").and_then(Json::as_str) {
            let pointer = reference
                .strip_prefix('#')
                .unwrap_or_else(|| panic!("{reference} is not of this document"));
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        if let Some(id) = node.get("operationId").and_then(Json::as_str) {
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(
                node["responses"]
                    .as_object()
                    .is_some_and(|map| !map.is_empty()),
                "{id} answers nothing"
            );
        }
    });
    assert!(ids.len() > 15);
    assert_eq!(document["openapi"], "3.1.0");
}

#[tokio::test]
async fn path_parameters_are_declared() {
    let document = document().await;
    for (path, item) in document["paths"].as_object().unwrap() {
        let wanted: BTreeSet<String> = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .map(str::to_owned)
            .collect();
        for (method, operation) in item.as_object().unwrap() {
            let declared = operation["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|parameter| parameter["in"] == "path");
            let declared: BTreeSet<String> = declared
                .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(declared, wanted, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn an_unchanged_document_is_304() {
    let site = Site::new().await;
    let first = site
        .public()
        .raw("GET", "/api/v1/openapi.json", &[], Vec::new())
        .await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    let again = site
        .public()
        .raw(
            "GET",
            "/api/v1/openapi.json",
            &[("if-none-match", &tag)],
            Vec::new(),
        )
        .await;
    assert_eq!(again.status, 304);
}

fn walk(node: &Json, visit: &mut impl FnMut(&Json)) {
    visit(node);
    match node {
        Json::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Json::Object(map) => map.values().for_each(|value| walk(value, visit)),
        _ => {}
    }
}
