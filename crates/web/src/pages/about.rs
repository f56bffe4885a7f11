//! What this site is, and how accessible it is meant to be.

use super::layout::{Chrome, ok};
use super::visitor::Visitor;
use crate::i18n::say;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "about.html")]
struct About {
    c: Chrome,
    version: &'static str,
    running: usize,
    preparing: usize,
}

pub(super) async fn about(visitor: Visitor) -> Response {
    let catalogue = visitor.app.engine.catalogue();
    let count = |status| {
        catalogue
            .services
            .values()
            .filter(|service| service.status == status)
            .count()
    };
    let (running, preparing) = (
        count(definition::model::Status::Running),
        count(definition::model::Status::Preparing),
    );
    ok(&About {
        c: visitor.chrome(say("このサイトについて")),
        version: env!("CARGO_PKG_VERSION"),
        running,
        preparing,
    })
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct Accessibility {
    c: Chrome,
}

pub(super) async fn accessibility(visitor: Visitor) -> Response {
    ok(&Accessibility {
        c: visitor.chrome(say("アクセシビリティ")),
    })
}
