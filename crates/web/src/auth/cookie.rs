//! Cookies: the session, the hat, and the secret behind the forms of people who have not signed in.

use crate::App;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// The session: an opaque secret of 256 bits.
pub const SESSION_COOKIE: &str = "tsumugi";
/// The party for which the person acts in the browser.
pub const HAT_COOKIE: &str = "tsumugi_hat";
/// The secret behind form tokens before signing in.
pub const FORM_COOKIE: &str = "tsumugi_form";

/// The value of a cookie; the first if it is sent twice.
pub(super) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let texts = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|text| text.to_str().ok());
    let pairs = texts
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
        .next()
}

/// `Set-Cookie` that keeps a value for so many seconds; 0 removes it, none ends with the browser.
pub(super) fn set(
    app: &App,
    name: &str,
    value: &str,
    max_age_seconds: Option<u32>,
) -> Option<HeaderValue> {
    let secure = if app.secure_cookies { "; Secure" } else { "" };
    let age = max_age_seconds
        .map(|seconds| format!("; Max-Age={seconds}"))
        .unwrap_or_default();
    HeaderValue::try_from(format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}"
    ))
    .ok()
}

/// The secret behind the form token of this request, before signing in.
#[derive(Clone)]
pub(super) struct FormSecret(pub(super) String);

/// Gives a browser that has neither session nor form secret one, with the page, so that the page's forms can carry
/// a token. Requests of programs (bearer tokens, `/api`) and static files get none.
pub(crate) async fn form_cookie(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let known = value(headers, FORM_COOKIE)
        .filter(|secret| secret.len() == 64)
        .map(str::to_owned);
    let needed = known.is_none() && value(headers, SESSION_COOKIE).is_none() && is_page(&request);
    if let Some(secret) = known {
        request.extensions_mut().insert(FormSecret(secret));
        return next.run(request).await;
    }
    if !needed {
        return next.run(request).await;
    }
    let secret = app.secret();
    let cookie = set(&app, FORM_COOKIE, &secret, None);
    request.extensions_mut().insert(FormSecret(secret));
    let mut response = next.run(request).await;
    if let Some(cookie) = cookie.filter(|_| response.status().is_success()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn is_page(request: &Request) -> bool {
    let path = request.uri().path();
    let machine = [
        "/api/",
        "/static/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/favicon",
        "/problems/",
        "/log/",
    ];
    request.method() == Method::GET && !machine.iter().any(|prefix| path.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_an_empty_one_is_none() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; tsumugi=abc; tsumugi_form="),
        );
        assert_eq!(value(&headers, SESSION_COOKIE), Some("abc"));
        assert_eq!(value(&headers, FORM_COOKIE), None);
        assert_eq!(value(&headers, "b"), None);
    }
}
