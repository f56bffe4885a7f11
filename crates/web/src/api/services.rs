//! `GET /api/v1/services?q=`: the catalogue, in its own order.

use super::query::Query;
use crate::{App, Lang, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use definition::model::{Service, Status};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = Query::read(&uri, &["q"])?;
    let words: Vec<String> = query
        .get("q")
        .map(japanese::fold::search_key)
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned)
        .filter(|word| !word.is_empty())
        .collect();
    let catalogue = app.engine.catalogue();
    let listed = catalogue
        .services
        .values()
        .filter(|service| service.in_catalogue() && fits(service, &words));
    let lang = Lang::of(&headers);
    let items: Vec<Value> = listed
        .map(|service| head(&app.localised.of(service, lang)))
        .collect();
    Ok(said(lang, json!({"items": items, "next": null})))
}

/// A body whose titles are in a language.
pub(super) fn said(lang: Lang, body: Value) -> Response {
    let headers = [
        (header::CONTENT_LANGUAGE, lang.tag()),
        (header::VARY, "accept-language"),
    ];
    (headers, Json(body)).into_response()
}

/// What the catalogue says of a service.
pub(super) fn head(service: &Service) -> Value {
    let types: Vec<&String> = service.types.keys().collect();
    json!({
        "slug": service.slug, "initiatives": service.initiatives, "title": service.title, "area": service.area,
        "category": service.category, "status": status(service.status), "record_types": types,
        "summary": service.summary, "audience": service.audience, "life_events": service.life_events,
    })
}

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Running => "running",
        Status::Preparing => "preparing",
        Status::Register => "register",
    }
}

/// Every word stands in title, summary or keywords, folded.
fn fits(service: &Service, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let text = japanese::fold::search_key(&format!(
        "{} {} {}",
        service.title,
        service.summary,
        service.keywords.join(" ")
    ));
    words.iter().all(|word| text.contains(word.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;

    #[tokio::test]
    async fn the_catalogue_lists_what_is_installed() {
        let site = Site::new().await;
        let (status, body) = site.public().get("/api/v1/services").await;
        assert_eq!(status, 200);
        assert!(body["next"].is_null());
        let item = &body["items"][0];
        for member in [
            "slug",
            "initiatives",
            "title",
            "area",
            "category",
            "status",
            "record_types",
        ] {
            assert!(!item[member].is_null(), "{member}");
        }
        assert_eq!(item["status"], "running");
    }

    #[tokio::test]
    async fn search_folds_and_asks_for_every_word() {
        let site = Site::new().await;
        let count = |body: &serde_json::Value| body["items"].as_array().unwrap().len();
        let (_, all) = site.public().get("/api/v1/services").await;
        let (_, found) = site
            .public()
            .get("/api/v1/services?q=%E3%83%9F%E3%83%9B%E3%83%B3")
            .await; // ミホン folds to みほん
        assert_eq!(count(&found), 1, "{found}");
        let (_, none) = site
            .public()
            .get("/api/v1/services?q=%E3%83%9F%E3%83%9B%E3%83%B3+zzzz")
            .await;
        assert_eq!(count(&none), 0);
        assert!(count(&all) >= 1);
        let (status, body) = site.public().get("/api/v1/services?query=x").await;
        assert_eq!(
            (status, &body["errors"][0]["code"]),
            (400, &"unknown_parameter".into())
        );
    }
}
