//! Server-rendered pages: portal, My Page and desk. One screen a file; forms work without JavaScript.

mod about;
mod absence;
mod act;
mod act_form;
mod admin;
mod apply;
mod assets;
mod boards;
mod calendar;
mod changed;
mod chart;
mod confirm;
mod counter;
mod csv;
mod desk;
mod error;
mod files;
mod finder;
mod fold;
mod follow;
mod form;
mod layout;
mod look;
mod markdown;
mod my;
mod naming;
mod numbers;
mod office;
mod pay;
mod places;
mod portal;
mod record;
mod runs;
mod service;
mod show;
mod sign_in;
mod standing;
mod step;
mod steps;
mod target;
#[cfg(test)]
mod tests;
mod tiles;
mod views;
mod visitor;

use crate::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::sync::Arc;

/// Routes of the pages.
pub fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(portal::home))
        .route("/services", get(portal::services))
        .route("/services/{service}", get(service::get))
        .route("/services/{service}/pages/{name}", get(service::content))
        .route("/services/{service}/{type}", get(finder::public))
        .route("/sign-in", get(sign_in::get).post(sign_in::post))
        .route("/my", get(my::get))
        .route("/mypage", get(my::moved))
        .route("/my/messages", get(my::messages))
        .route("/my/messages/{id}/read", post(my::read))
        .merge(forms())
        .route("/r/{service}/{type}/{id}", get(record::get))
        .route(
            "/r/{service}/{type}/{id}/slip",
            get(counter::slip).post(counter::ways),
        )
        .route("/l/{token}", get(follow::get).post(follow::post))
        .route("/pay/{service}/{type}/{id}", get(pay::get))
        .route("/pay/{service}/{type}/{id}/go", get(pay::go))
        .route("/pay/{service}/{type}/{id}/return", get(pay::back))
        .route("/files/{id}", get(files::get))
        .route("/desk", get(desk::inbox))
        .route("/desk/search", get(finder::everywhere))
        .route("/desk/absence", get(absence::get).post(absence::post))
        .route("/desk/runs/{id}", get(runs::get))
        .route(
            "/desk/{service}/{type}/runs",
            get(runs::all).post(runs::post),
        )
        .route("/desk/{service}/{type}", get(finder::desk))
        .route("/desk/{service}/{type}/views/{view}", get(views::get))
        .route(
            "/desk/{service}/{type}/views/{view}/file",
            get(numbers::file),
        )
        .route("/admin/stuck", get(admin::get))
        .route("/admin/stuck/{id}/retry", post(admin::retry))
        .route("/about", get(about::about))
        .route("/accessibility", get(about::accessibility))
        .fallback(nowhere)
        .layer(axum::middleware::from_fn_with_state(
            Arc::clone(app),
            error::frame,
        ))
        .merge(assets::router())
}

/// Forms may carry files, so they may be larger than anything else.
fn forms() -> Router<Arc<App>> {
    Router::new()
        .route("/apply/{service}/{type}", get(apply::get).post(apply::post))
        .route(
            "/desk/{service}/{type}/counter",
            get(counter::get).post(counter::post),
        )
        .route(
            "/my/{service}/{type}/{id}/{action}",
            get(act::get).post(act::post),
        )
        .route(
            "/my/{service}/{type}/{id}/{action}/confirm",
            get(confirm::get).post(confirm::post),
        )
        .route(
            "/r/{service}/{type}/{id}/do/{action}",
            get(act::get).post(act::post),
        )
        .layer(DefaultBodyLimit::max(form::MAX_FORM_BYTES))
}

/// Sentences of the script, which the catalogues must have.
#[cfg(test)]
pub(crate) fn script_words() -> &'static [&'static str] {
    layout::SCRIPT_WORDS
}

async fn nowhere() -> error::PageError {
    error::PageError::not_found()
}
