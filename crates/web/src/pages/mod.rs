//! Server-rendered pages: portal, My Page and desk.

use crate::App;
use axum::Router;
use std::sync::Arc;

/// Routes of the pages.
pub fn router() -> Router<Arc<App>> {
    Router::new()
}
