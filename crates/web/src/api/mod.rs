//! The HTTP API: one endpoint a file, its handler, errors and tests together.

mod absences;
mod access;
mod act;
mod audit;
mod body;
mod changes;
mod cursor;
pub(crate) mod document;
mod download;
mod editions;
mod emergency;
mod healthz;
mod history;
mod imports;
mod invitations;
mod links;
mod list;
mod log;
mod looks;
mod metrics;
mod months;
mod numbers;
mod open;
mod openapi;
mod pages;
mod payments;
mod postal_codes;
mod problems;
mod query;
mod readyz;
pub(crate) mod receipt;
mod record;
mod retention;
mod reviews;
mod runs;
mod service;
mod services;
mod session;
mod uploads;
mod uses;
mod view;

pub(crate) use access::purpose;
pub(crate) use openapi::Cache as OpenApiCache;

use crate::face::{Face, Routes};
use crate::{App, MAX_UPLOAD_BYTES, Problem};
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, any, delete, get, post};
use std::sync::Arc;

/// One path of the API with its handlers.
struct Route {
    path: &'static str,
    handlers: fn() -> MethodRouter<Arc<App>>,
}

/// All paths. OpenAPI is tested against this table.
const ROUTES: &[Route] = &[
    Route {
        path: "/api/v1/services",
        handlers: || get(services::get),
    },
    Route {
        path: "/api/v1/services/{service}",
        handlers: || get(service::get),
    },
    Route {
        path: "/api/v1/services/{service}/{type}",
        handlers: || get(list::get).post(open::post),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}",
        handlers: || get(record::get),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/actions/{action}",
        handlers: || post(act::post),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/history",
        handlers: || get(history::get),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/looks",
        handlers: || get(looks::of_record),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/uses",
        handlers: || get(uses::list),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/uses/{name}",
        handlers: || get(uses::get),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/numbers/{field}",
        handlers: || post(numbers::post),
    },
    Route {
        path: "/api/v1/audit/looks",
        handlers: || get(audit::looks),
    },
    Route {
        path: "/api/v1/audit/looks/{format}",
        handlers: || get(audit::file),
    },
    Route {
        path: "/api/v1/audit/affected",
        handlers: || get(audit::affected),
    },
    Route {
        path: "/api/v1/audit/alerts",
        handlers: || get(audit::alerts),
    },
    Route {
        path: "/api/v1/audit/alerts/{alert}/confirm",
        handlers: || post(audit::confirm),
    },
    Route {
        path: "/api/v1/looks",
        handlers: || get(looks::mine),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/receipt",
        handlers: || get(receipt::get),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/invitations",
        handlers: || get(invitations::get).post(invitations::post),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/invitations/{invitation}",
        handlers: || delete(invitations::revoke),
    },
    Route {
        path: "/api/v1/invitations/{token}",
        handlers: || get(invitations::knock).post(invitations::accept),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/runs",
        handlers: || post(runs::post),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/runs/{run}",
        handlers: || get(runs::get),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/documents/{name}",
        handlers: || get(document::get),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/views/{view}",
        handlers: || get(view::get),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/views/{view}/months/{month}/{deed}",
        handlers: || post(months::post),
    },
    Route {
        path: "/api/v1/retention",
        handlers: || get(retention::types),
    },
    Route {
        path: "/api/v1/retention/{service}/{type}",
        handlers: || get(retention::expired).post(retention::propose),
    },
    Route {
        path: "/api/v1/retention/rounds/{round}",
        handlers: || get(retention::one),
    },
    Route {
        path: "/api/v1/retention/rounds/{round}/list.csv",
        handlers: || get(retention::file),
    },
    Route {
        path: "/api/v1/retention/rounds/{round}/deeds/{deed}",
        handlers: || post(retention::deed),
    },
    Route {
        path: "/api/v1/emergency",
        handlers: || get(emergency::get).post(emergency::post),
    },
    Route {
        path: "/api/v1/absences",
        handlers: || {
            get(absences::get)
                .post(absences::post)
                .delete(absences::delete)
        },
    },
    Route {
        path: "/api/v1/services/{service}/{type}/imports",
        handlers: || post(imports::post),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/imports/{run}",
        handlers: || get(imports::get),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/imports/{run}/go",
        handlers: || post(imports::go),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/imports/{run}/rejected",
        handlers: || get(imports::rejected),
    },
    Route {
        path: "/api/v1/services/{service}/publications/{publication}/editions",
        handlers: || post(editions::post),
    },
    Route {
        path: "/api/v1/services/{service}/{type}/{id}/review",
        handlers: || get(reviews::ticket),
    },
    Route {
        path: "/api/v1/services/{service}/reviews",
        handlers: || get(reviews::results),
    },
    Route {
        path: "/api/v1/reviews",
        handlers: || post(reviews::post),
    },
    Route {
        path: "/api/v1/uploads",
        handlers: || post(uploads::post).layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES)),
    },
    Route {
        path: "/api/v1/uploads/{id}",
        handlers: || get(download::get),
    },
    Route {
        path: "/api/v1/uploads/{id}/pages",
        handlers: || get(pages::list),
    },
    Route {
        path: "/api/v1/uploads/{id}/pages/{page}",
        handlers: || get(pages::picture),
    },
    Route {
        path: "/api/v1/links/{token}",
        handlers: || get(links::get),
    },
    Route {
        path: "/api/v1/payments/webhook",
        handlers: || post(payments::post),
    },
    Route {
        path: "/api/v1/changes",
        handlers: || get(changes::get),
    },
    Route {
        path: "/api/v1/postal-codes/{code}",
        handlers: || get(postal_codes::get),
    },
    Route {
        path: "/api/v1/session",
        handlers: || get(session::get),
    },
    Route {
        path: "/api/v1/openapi.json",
        handlers: || get(openapi::get),
    },
    Route {
        path: "/log/checkpoint",
        handlers: || get(log::checkpoint),
    },
    Route {
        path: "/log/keys",
        handlers: || get(log::keys),
    },
    Route {
        path: "/log/tile/{level}/{*place}",
        handlers: || get(log::tile),
    },
    Route {
        path: "/healthz",
        handlers: || get(healthz::get),
    },
    Route {
        path: "/readyz",
        handlers: || get(readyz::get),
    },
    Route {
        path: "/metrics",
        handlers: || get(metrics::get),
    },
    Route {
        path: "/problems/{kind}",
        handlers: || get(problems::get),
    },
];

/// Routes of the API. Every other path under `/api` is a 404 problem.
pub(crate) fn router(face: Face) -> Routes {
    let routes = ROUTES.iter().fold(Routes::new(face), |routes, route| {
        routes.route(route.path, (route.handlers)())
    });
    routes.with(|router| {
        let router = router.route("/api", any(unknown));
        router.route("/api/{*rest}", any(unknown))
    })
}

/// Whether a path, or a template of paths, is one that a route serves.
fn serves(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(t), Some(p)) if t == p || t.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// The most specific route of a path: matchers prefer literal segments.
fn route_of(path: &str) -> Option<&'static str> {
    let fitting = ROUTES.iter().filter(|route| serves(route.path, path));
    let literal = |route: &&Route| {
        let segments = route.path.split('/');
        segments
            .map(|segment| u8::from(!segment.starts_with('{')))
            .collect::<Vec<_>>()
    };
    fitting.max_by_key(literal).map(|route| route.path)
}

async fn unknown() -> Problem {
    Problem::not_found()
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
