//! The whole document.

use super::{platform, schemas, service};
use crate::App;
use definition::Catalogue;
use definition::model::Status;
use serde_json::{Value as Json, json};

/// OpenAPI 3.1 of a catalogue.
pub(super) fn of(app: &App, catalogue: &Catalogue) -> Json {
    let mut paths = platform::paths();
    let running = || {
        catalogue
            .services
            .values()
            .filter(|service| service.status == Status::Running)
    };
    for found in running() {
        paths.extend(service::paths(app, found));
    }
    paths.retain(|path, _| crate::api::route_of(path).is_some_and(|route| app.face.offers(route)));
    let tags: Vec<Json> = running()
        .map(|service| json!({"name": service.title, "description": service.summary}))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "つむぎ API", "version": "1",
            "description": "サービスの定義から作られた API の説明です。エラーは RFC 9457、時刻は RFC 3339、一覧は {items, next}。",
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"session": []}, {}],
        "tags": tags, "paths": paths, "components": schemas::components(),
    })
}
