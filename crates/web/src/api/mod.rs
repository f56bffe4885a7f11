//! The HTTP API: one endpoint a file, its handler, errors and tests together.

mod access;
mod act;
mod body;
mod changes;
mod cursor;
mod download;
mod healthz;
mod history;
mod list;
mod metrics;
mod open;
mod openapi;
mod postal_codes;
mod problems;
mod query;
mod readyz;
mod record;
mod service;
mod services;
mod session;
mod uploads;
mod view;

pub(crate) use openapi::Cache as OpenApiCache;

use crate::{App, MAX_UPLOAD_BYTES, Problem};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, any, get, post};
use std::sync::Arc;

/// One path of the API with its handlers. `methods` is what OpenAPI must describe.
struct Route {
    path: &'static str,
    methods: &'static [&'static str],
    handlers: fn() -> MethodRouter<Arc<App>>,
}

/// All paths. OpenAPI is tested against this table.
const ROUTES: &[Route] = &[
    Route { path: "/api/v1/services", methods: &["get"], handlers: || get(services::get) },
    Route { path: "/api/v1/services/{service}", methods: &["get"], handlers: || get(service::get) },
    Route { path: "/api/v1/services/{service}/{type}", methods: &["get", "post"], handlers: || get(list::get).post(open::post) },
    Route { path: "/api/v1/services/{service}/{type}/{id}", methods: &["get"], handlers: || get(record::get) },
    Route { path: "/api/v1/services/{service}/{type}/{id}/actions/{action}", methods: &["post"], handlers: || post(act::post) },
    Route { path: "/api/v1/services/{service}/{type}/{id}/history", methods: &["get"], handlers: || get(history::get) },
    Route { path: "/api/v1/services/{service}/{type}/views/{view}", methods: &["get"], handlers: || get(view::get) },
    Route { path: "/api/v1/uploads", methods: &["post"], handlers: || post(uploads::post).layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES)) },
    Route { path: "/api/v1/uploads/{id}", methods: &["get"], handlers: || get(download::get) },
    Route { path: "/api/v1/changes", methods: &["get"], handlers: || get(changes::get) },
    Route { path: "/api/v1/postal-codes/{code}", methods: &["get"], handlers: || get(postal_codes::get) },
    Route { path: "/api/v1/session", methods: &["get"], handlers: || get(session::get) },
    Route { path: "/api/v1/openapi.json", methods: &["get"], handlers: || get(openapi::get) },
    Route { path: "/healthz", methods: &["get"], handlers: || get(healthz::get) },
    Route { path: "/readyz", methods: &["get"], handlers: || get(readyz::get) },
    Route { path: "/metrics", methods: &["get"], handlers: || get(metrics::get) },
    Route { path: "/problems/{kind}", methods: &["get"], handlers: || get(problems::get) },
];

/// Routes of the API. Every other path under `/api` is a 404 problem.
pub fn router() -> Router<Arc<App>> {
    let router = ROUTES.iter().fold(Router::new(), |router, route| router.route(route.path, (route.handlers)()));
    router.route("/api", any(unknown)).route("/api/{*rest}", any(unknown))
}

async fn unknown() -> Problem {
    Problem::not_found()
}

#[cfg(test)]
mod tests;
