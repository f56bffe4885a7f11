//! `GET /api/v1/services/{service}`: the definition as clients need it.

use super::access;
use super::query::Query;
use super::services::{head, said};
use crate::{App, Lang, Problem};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Query::read(&uri, &[])?;
    let lang = Lang::of(&headers);
    let service = app.localised.of(&access::service(&app, &slug)?, lang);
    let mut body = head(&service);
    let types: Map<String, Value> = service
        .types
        .iter()
        .map(|(name, rt)| (name.clone(), definition::type_schema(&service, rt)))
        .collect();
    if let Some(map) = body.as_object_mut() {
        map.insert("owner".into(), service.owner.clone().into());
        map.insert("legal_basis".into(), json!(service.legal_basis));
        map.insert("definition".into(), service.hash.clone().into());
        map.insert("types".into(), types.into());
    }
    Ok(said(lang, body))
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;

    #[tokio::test]
    async fn a_definition_says_fields_states_and_what_opens() {
        let site = Site::new().await;
        let (status, body) = site.public().get(site.service()).await;
        assert_eq!(status, 200);
        let request = &body["types"]["request"];
        assert!(request["fields"]["name"].is_object(), "{request}");
        assert!(request["states"].is_array());
        let opening: Vec<_> = request["open_with"]
            .as_array()
            .unwrap()
            .iter()
            .map(|action| action["name"].as_str().unwrap())
            .collect();
        assert_eq!(opening, ["save", "submit"]);
        assert!(request["open_with"][0]["input_schema"].is_object());
    }

    #[tokio::test]
    async fn an_unknown_service_is_404() {
        let site = Site::new().await;
        let (status, body) = site.public().get("/api/v1/services/no-such").await;
        assert_eq!(
            (status, &body["type"]),
            (404, &"/problems/not_found".into())
        );
    }
}
