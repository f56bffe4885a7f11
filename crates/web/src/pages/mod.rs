//! Server-rendered pages: portal, My Page and desk. One screen a file; forms work without JavaScript.

mod about;
mod absence;
mod accept;
mod act;
mod act_form;
mod admin;
mod apply;
mod assets;
mod audit;
mod boards;
mod calendar;
mod changed;
mod chart;
mod closed;
mod comparison;
mod confirm;
mod contact;
mod counter;
mod csv;
mod departures;
mod desk;
mod document;
mod error;
mod factors;
mod files;
mod finder;
mod fold;
mod follow;
mod form;
mod glass;
mod guide;
mod handover;
mod imports;
mod individual;
mod invite;
mod layout;
mod level;
mod look;
mod looks;
mod mailed;
mod maintenance;
mod markdown;
mod months;
mod my;
mod naming;
mod numbers;
mod office;
mod opendata;
mod outbox;
mod outside;
mod paper;
mod pay;
mod places;
mod portal;
mod prove;
mod receipt;
mod record;
mod retention;
mod review;
mod runs;
mod second;
mod service;
mod sessions;
mod sheet;
mod show;
mod sign_in;
mod signed_out;
mod standing;
mod state;
mod step;
mod steps;
mod target;
#[cfg(test)]
mod tests;
mod tiles;
mod undelivered;
mod uses;
mod verify;
mod views;
mod visitor;
pub(crate) mod waiting;

pub(crate) use audit::written as written_audit;
pub(crate) use review::random_id;

use crate::App;
use crate::face::{Face, Routes};
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::sync::Arc;

/// Routes of the pages.
pub(crate) fn router(app: &Arc<App>) -> Routes {
    let face = app.face;
    Routes::new(face)
        .route("/", get(portal::home))
        .route("/services", get(portal::services))
        .route("/services/{service}", get(service::get))
        .route("/services/{service}/pages/{name}", get(service::content))
        .route("/services/{service}/guides/{name}", get(guide::get))
        .route("/services/{service}/{type}", get(finder::public))
        .route("/my", get(my::get))
        .route("/mypage", get(my::moved))
        .route("/my/messages", get(my::messages))
        .route("/my/looks", get(looks::mine))
        .route("/r/{service}/{type}/{id}/looks", get(looks::of_record))
        .route("/r/{service}/{type}/{id}/uses/{name}", get(uses::get))
        .route(
            "/r/{service}/{type}/{id}/numbers/{field}",
            get(individual::get).post(individual::post),
        )
        .route("/my/messages/{id}/read", post(my::read))
        .merge(contacts(face))
        .merge(sign_in_routes(face))
        .merge(reviews(face))
        .merge(forms(face))
        .route("/r/{service}/{type}/{id}", get(record::get))
        .route("/r/{service}/{type}/{id}/receipt", get(receipt::get))
        .route(
            "/r/{service}/{type}/{id}/slip",
            get(counter::slip).post(counter::ways),
        )
        .route(
            "/r/{service}/{type}/{id}/invite",
            get(invite::get).post(invite::post),
        )
        .route(
            "/r/{service}/{type}/{id}/invite/{invitation}/end",
            post(invite::end),
        )
        .route("/invite/{token}", get(accept::get).post(accept::post))
        .route("/l/{token}", get(follow::get).post(follow::post))
        .route("/pay/{service}/{type}/{id}", get(pay::get))
        .route("/pay/{service}/{type}/{id}/go", get(pay::go))
        .route("/pay/{service}/{type}/{id}/return", get(pay::back))
        .route("/files/bound", get(files::together))
        .route(
            "/r/{service}/{type}/{id}/documents/{name}",
            get(document::get),
        )
        .route(
            "/r/{service}/{type}/{id}/documents/{name}/pdf",
            get(document::pdf),
        )
        .route("/verify/{token}", get(verify::get))
        .route("/files/{id}", get(files::get))
        .route("/files/{id}/pages/{page}", get(files::page))
        .route("/desk", get(desk::inbox))
        .route("/desk/undelivered", get(undelivered::get))
        .route("/desk/undelivered/{id}/seen", post(undelivered::seen))
        .route("/desk/search", get(finder::everywhere))
        .route("/desk/absence", get(absence::get).post(absence::post))
        .route(glass::PATH, get(glass::get).post(glass::post))
        .route("/desk/looks", get(audit::get))
        .route("/desk/looks/affected.csv", get(audit::affected))
        .route("/desk/looks/alerts", get(audit::alerts))
        .route("/desk/looks/alerts/{id}/confirm", post(audit::confirm))
        .route("/desk/retention", get(retention::types))
        .route(
            "/desk/retention/rounds/{id}",
            get(retention::round).post(retention::deed),
        )
        .route("/desk/retention/rounds/{id}/list.csv", get(retention::file))
        .route(
            "/desk/retention/{service}/{type}",
            get(retention::expired).post(retention::propose),
        )
        .route(handover::PATH, get(handover::get))
        .route(
            "/desk/handover/{service}/{type}/{field}",
            get(handover::work),
        )
        .route("/desk/runs/{id}", get(runs::get))
        .route("/desk/runs/{id}/back", post(handover::back))
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
        .route(
            "/desk/{service}/{type}/views/{view}/month",
            post(months::post),
        )
        .route("/opendata", get(opendata::catalogue))
        .route(
            "/opendata/{service}/{name}",
            get(opendata::item).layer(axum::middleware::from_fn(crate::opendata::open)),
        )
        .route("/desk/imports", get(imports::list))
        .route(
            "/desk/imports/{service}/{import}/{run}",
            get(imports::run).post(imports::go),
        )
        .route(
            "/desk/imports/{service}/{import}/{run}/rejected.csv",
            get(imports::rejected),
        )
        .route("/desk/open-data", get(opendata::desk_list))
        .route(
            "/desk/open-data/{service}/{name}",
            get(opendata::desk).post(opendata::publish),
        )
        .route("/admin/stuck", get(admin::get))
        .route("/admin/stuck/{id}/retry", post(admin::retry))
        .route("/admin/state", get(state::get))
        .route(
            maintenance::PATH,
            get(maintenance::get).post(maintenance::post),
        )
        .route("/admin/maintenance/{id}", get(maintenance::visit))
        .route("/admin/export", get(departures::get))
        .route("/admin/outbox", get(outbox::get))
        .route("/admin/outbox/{channel}", post(outbox::set))
        .route("/about", get(about::about))
        .route("/accessibility", get(about::accessibility))
        .with(|router| {
            let frame = axum::middleware::from_fn_with_state(Arc::clone(app), error::frame);
            router.fallback(nowhere).layer(frame)
        })
        .merge(assets::router(face))
}

/// 連絡先と受け取り方.
fn contacts(face: Face) -> Routes {
    Routes::new(face)
        .route("/my/contact", get(contact::get).post(contact::preferences))
        .route("/my/contact/add", post(contact::add))
        .route("/my/contact/line", post(contact::line))
        .route("/my/contact/push", post(contact::push))
        .route("/my/contact/sample", post(contact::sample))
        .route("/my/contact/{id}/confirm", post(contact::confirm))
        .route("/my/contact/{id}/again", post(contact::again))
        .route("/my/contact/{id}/remove", post(contact::remove))
}

/// Signing in, in and out by others, and ログインと安全.
fn sign_in_routes(face: Face) -> Routes {
    Routes::new(face)
        .route("/sign-in", get(sign_in::get).post(sign_in::post))
        .route("/sign-in/with/{key}", get(outside::begin))
        .route("/sign-in/with/{key}/back", get(outside::back))
        .route("/sign-out/done", get(signed_out::get))
        .route("/my/sign-in", get(sessions::get))
        .route("/my/sign-in/others/end", post(sessions::end_others))
        .route("/my/sign-in/{id}/end", post(sessions::end))
        .route("/my/sign-in/password", post(sessions::password))
        .route("/my/sign-in/link/{key}", get(outside::link))
        .route("/my/sign-in/link/{key}/remove", post(sessions::unlink))
        .route("/my/sign-in/mail", post(mailed::ask_move))
        .route(
            "/register",
            get(mailed::register).post(mailed::ask_register),
        )
        .route("/recover", get(mailed::recover).post(mailed::ask_recover))
        .route("/mail/{token}", get(mailed::get).post(mailed::post))
        .route("/sign-in/passkey", post(second::sign_in))
        .route("/sign-in/passkey/begin", post(second::begin))
        .route("/sign-in/second", get(second::get).post(second::post))
        .route("/my/sign-in/prove", get(prove::get).post(prove::post))
        .route("/my/sign-in/level", get(level::get))
        .route("/my/sign-in/factors", get(factors::get))
        .route("/my/sign-in/factors/{id}/remove", post(factors::remove))
        .route("/my/sign-in/passkeys", post(factors::add_passkey))
        .route("/my/sign-in/app", get(factors::app).post(factors::add_app))
        .route("/my/sign-in/app/begin", post(factors::begin_app))
        .route("/my/sign-in/codes", post(factors::codes))
}

/// 利用者の声.
fn reviews(face: Face) -> Routes {
    Routes::new(face)
        .route("/r/{service}/{type}/{id}/review", get(review::of_case))
        .route("/review", post(review::answer))
        .route("/review/p/{poster}", get(review::at_counter))
        .route("/reviews/{service}", get(review::public))
        .route("/desk/reviews", get(review::all))
        .route(
            "/desk/reviews/{service}",
            get(review::service).post(review::publish),
        )
        .route("/desk/reviews/{service}/poster", get(review::poster))
}

/// Forms may carry files, so they may be larger than anything else.
fn forms(face: Face) -> Routes {
    Routes::new(face)
        .route(
            "/desk/imports/{service}/{import}",
            get(imports::get).post(imports::post),
        )
        .route("/apply/{service}/{type}", get(apply::get).post(apply::post))
        .route("/apply/{service}/{type}/paper", get(paper::blank))
        .route(
            "/desk/{service}/{type}/counter",
            get(counter::get).post(counter::post),
        )
        .route(
            "/my/{service}/{type}/{id}/{action}",
            get(act::get).post(act::post),
        )
        .route(
            "/my/{service}/{type}/{id}/{action}/paper",
            get(paper::of_record),
        )
        .route(
            "/my/{service}/{type}/{id}/{action}/confirm",
            get(confirm::get).post(confirm::post),
        )
        .route(
            "/r/{service}/{type}/{id}/do/{action}",
            get(act::get).post(act::post),
        )
        .with(|router| router.layer(DefaultBodyLimit::max(form::MAX_FORM_BYTES)))
}

/// Sentences of the script, which the catalogues must have.
#[cfg(test)]
pub(crate) fn script_words() -> &'static [&'static str] {
    layout::SCRIPT_WORDS
}

async fn nowhere() -> error::PageError {
    error::PageError::not_found()
}
