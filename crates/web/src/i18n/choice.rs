//! Which language a visitor reads: what they chose, else what their browser asks for, else Japanese.

use crate::{App, Lang};
use axum::http::{HeaderMap, HeaderValue, Uri, header};

/// The choice is kept in this cookie: a setting that the visitor asked for, so it needs no consent.
const COOKIE: &str = "lang";
const YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;
/// Screens of officials: Japanese only.
const OFFICIAL: [&str; 2] = ["/desk", "/admin"];

/// Screens that are an official's when an official looks at them: records and their forms.
const SHARED: [&str; 3] = ["/r/", "/my/", "/apply/"];

/// Whether a page is Japanese whatever was chosen: the desk, and a record as an official sees it.
pub(crate) fn japanese_only(path: &str, official: bool) -> bool {
    let under = |start: &&str| path.starts_with(*start);
    OFFICIAL.iter().any(&under) || (official && SHARED.iter().any(under))
}

/// `?lang=`, else the cookie, else `Accept-Language`, else Japanese.
pub(crate) fn choose(uri: &Uri, headers: &HeaderMap) -> Lang {
    if japanese_only(uri.path(), false) {
        return Lang::Ja;
    }
    asked(uri)
        .or_else(|| kept(headers))
        .unwrap_or_else(|| Lang::of_page(headers))
}

fn asked(uri: &Uri) -> Option<Lang> {
    pairs(uri.query().unwrap_or_default()).find_map(|pair| Lang::parse(pair.strip_prefix("lang=")?))
}

fn pairs(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|pair| !pair.is_empty())
}

fn kept(headers: &HeaderMap) -> Option<Lang> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, tag)| (name == COOKIE).then(|| Lang::parse(tag)).flatten())
}

/// The cookie that keeps a choice made by `?lang=`.
pub(crate) fn cookie(app: &App, uri: &Uri) -> Option<HeaderValue> {
    let tag = asked(uri)?.tag();
    let secure = if app.secure_cookies { "; Secure" } else { "" };
    let text =
        format!("{COOKIE}={tag}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax; HttpOnly{secure}");
    HeaderValue::from_str(&text).ok()
}

/// The same page in another language.
pub(crate) fn switch(path: &str, to: Lang) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut kept: Vec<String> = pairs(query)
        .filter(|pair| !pair.starts_with("lang="))
        .map(str::to_owned)
        .collect();
    kept.push(format!("lang={}", to.tag()));
    format!("{path}?{}", kept.join("&"))
}
