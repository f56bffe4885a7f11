//! Signed out here, but perhaps not where one signed in.

use super::layout::{Chrome, ok, see};
use super::visitor::Visitor;
use crate::i18n::{say, with};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Asked {
    from: Option<String>,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct Page {
    c: Chrome,
    what: String,
    there: String,
    href: String,
}

pub(super) async fn get(visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    let engine = &visitor.app.engine;
    let provider = asked.from.and_then(|key| engine.provider(&key));
    let Some((provider, href)) = provider.and_then(|one| Some((one, one.leave()?))) else {
        return see("/");
    };
    let title = provider.title();
    ok(&Page {
        c: visitor.chrome(say("ログアウトしました")),
        what: with(
            "つむぎからはログアウトしました。{0}には、まだログインしたままかもしれません。ほかの人も使う端末では、そちらもログアウトしてください。",
            &[&title],
        ),
        there: with("{0}からもログアウトする", &[&title]),
        href,
    })
}
