//! What every page has around it, and how a page becomes an answer.

use super::assets;
use crate::{App, Signed};
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// The frame of a page.
pub(super) struct Chrome {
    /// Title of the page, without the site's name.
    pub(super) title: String,
    /// Whether the data is a demo's: every page then says 見本.
    pub(super) demo: bool,
    /// Token that forms carry.
    pub(super) csrf: String,
    /// Who is signed in.
    pub(super) who: Option<Person>,
    /// Path and query of the page.
    pub(super) path: String,
}

/// The person signed in, as the head of the page names them.
pub(super) struct Person {
    pub(super) name: String,
    /// The party for which they act, if another.
    pub(super) acting: Option<String>,
    pub(super) hats: Vec<Hat>,
    pub(super) staff: bool,
    pub(super) admin: bool,
}

/// A party for which the person may act.
pub(super) struct Hat {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) current: bool,
}

impl Chrome {
    pub(super) fn new(app: &App, signed: &Signed, path: &str, title: impl Into<String>) -> Self {
        let who = signed.account.as_ref().map(|account| Person {
            name: account.name.clone(),
            acting: signed.actor.on_behalf_name.clone(),
            hats: account
                .hats
                .iter()
                .map(|hat| Hat {
                    id: hat.id.to_string(),
                    name: hat.name.clone(),
                    current: signed.actor.on_behalf_of == Some(hat.id),
                })
                .collect(),
            staff: !account.seats.is_empty(),
            admin: account
                .seats
                .iter()
                .any(|seat| seat.role == "administrator"),
        });
        Self {
            title: title.into(),
            demo: app.demo,
            csrf: signed.csrf.clone(),
            who,
            path: path.to_owned(),
        }
    }

    pub(super) fn css(&self) -> &'static str {
        assets::css_path()
    }

    pub(super) fn js(&self) -> &'static str {
        assets::js_path()
    }

    pub(super) fn icon(&self) -> &'static str {
        assets::icon_path()
    }

    /// Whether the page stands under this entry of the navigation.
    pub(super) fn at(&self, entry: &str) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        path == entry
            || path
                .strip_prefix(entry)
                .is_some_and(|rest| rest.starts_with('/'))
    }

    /// Where a change of hat leads: what one sees depends on it, so a record's page may be gone.
    pub(super) fn home(&self) -> &'static str {
        if self.at("/desk") { "/desk" } else { "/my" }
    }

    /// The sign-in page, leading back here.
    pub(super) fn sign_in(&self) -> String {
        if self.path == "/" || self.at("/sign-in") {
            "/sign-in".into()
        } else {
            format!("/sign-in?next={}", encode(&self.path))
        }
    }
}

/// Percent-encodes what may not stand in a query value.
pub(super) fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// A rendered page. Personal data must not stay in shared caches: the router's `no-store` stands.
pub(super) fn page<T: Template>(status: StatusCode, template: &T) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a template did not render");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
                "画面を作れませんでした。",
            )
                .into_response()
        }
    }
}

/// A page with status 200.
pub(super) fn ok<T: Template>(template: &T) -> Response {
    page(StatusCode::OK, template)
}

/// See Other, so that reloading the next page posts nothing again.
pub(super) fn see(path: &str) -> Response {
    axum::response::Redirect::to(path).into_response()
}
