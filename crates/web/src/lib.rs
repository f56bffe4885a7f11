//! Portal, My Page, desk and the HTTP API over one engine. One endpoint a file: its handler, errors and tests together.
//!
//! [`router`] is the whole face; the binary hands in an [`App`] with clock, randomness and assets.

pub mod api;
pub mod auth;
mod bind;
mod download;
mod face;
mod gate;
mod headers;
mod hooks;
mod i18n;
mod invite;
mod observe;
mod opendata;
pub mod pace;
pub mod pages;
mod percent;
mod postal;
mod problem;
mod state;
#[cfg(test)]
mod testing;

pub use auth::{Signed, csrf_ok};
pub use face::Face;
pub use observe::{Disk, Number, RequestId, Slow, Spread, Vitals};
pub use postal::{POSTAL_FILE, Place, Postal, PostalError};
pub use problem::{Lang, Problem};
pub use state::{App, Parts, Random, fresh_secret};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use face::Routes;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

/// The most bytes of a request other than an upload.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The most bytes of an upload request: the largest file (20 MiB) and its multipart frame.
pub const MAX_UPLOAD_BYTES: usize = 21 * 1024 * 1024;

/// Every route of the app's face.
fn routes(app: &Arc<App>) -> Routes {
    let face = app.face;
    Routes::new(face)
        .merge(api::router(face))
        .merge(opendata::router(face))
        .merge(auth::router(face))
        .merge(hooks::router(face))
        .merge(pages::router(app))
}

/// Every route of the app's face, with security headers, body limits, compression, request ids, metrics and caught panics.
pub fn router(app: Arc<App>) -> Router {
    routes(&app)
        .into_router()
        // As one layer: each would be a box and a call of its own around every route.
        .layer((
            CompressionLayer::new(),
            from_fn_with_state(Arc::clone(&app), headers::secure),
            from_fn_with_state(Arc::clone(&app), observe::observe),
            from_fn_with_state(Arc::clone(&app), auth::form_cookie),
            from_fn_with_state(Arc::clone(&app), auth::demand_second),
            from_fn_with_state(Arc::clone(&app), auth::maintenance::confine),
            CatchPanicLayer::custom(problem::from_panic),
            DefaultBodyLimit::max(MAX_BODY_BYTES),
        ))
        .with_state(app)
}
