//! Light or dark: what the visitor chose, else what their system wishes. A link and a cookie, so that it needs no script.

use crate::App;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use std::cell::Cell;

const COOKIE: &str = "look";
const YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;

tokio::task_local! {
    /// The look of the page being made.
    static PAGE: Cell<Look>;
}

/// How pages look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// As the visitor's system wishes.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Look {
    pub(super) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// In words.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Auto => "端末に合わせる",
            Self::Light => "明るい",
            Self::Dark => "暗い",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|look| look.name() == name)
    }
}

/// `?look=`, else the cookie, else the system's.
pub(super) fn choose(uri: &Uri, headers: &HeaderMap) -> Look {
    let kept = || {
        let cookies = headers.get_all(header::COOKIE).iter();
        cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, look)| (name == COOKIE).then(|| Look::parse(look)).flatten())
    };
    asked(uri).or_else(kept).unwrap_or(Look::Auto)
}

fn asked(uri: &Uri) -> Option<Look> {
    let mut pairs = uri.query().unwrap_or_default().split('&');
    pairs.find_map(|pair| Look::parse(pair.strip_prefix("look=")?))
}

/// The cookie that keeps a choice made by `?look=`.
pub(super) fn cookie(app: &App, uri: &Uri) -> Option<HeaderValue> {
    let name = asked(uri)?.name();
    let secure = if app.secure_cookies { "; Secure" } else { "" };
    let text =
        format!("{COOKIE}={name}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax; HttpOnly{secure}");
    HeaderValue::from_str(&text).ok()
}

/// The same page with another look.
pub(super) fn switch(path: &str, to: Look) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut kept: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("look="))
        .map(str::to_owned)
        .collect();
    kept.push(format!("look={}", to.name()));
    format!("{path}?{}", kept.join("&"))
}

/// Runs what makes a page with a look.
pub(super) async fn scope<F: Future>(look: Look, page: F) -> F::Output {
    PAGE.scope(Cell::new(look), page).await
}

/// The look of the page being made.
pub(super) fn current() -> Look {
    PAGE.try_with(Cell::get).unwrap_or(Look::Auto)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_goes_before_what_was_kept() {
        let look = |path: &str, cookie: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            choose(&path.parse().unwrap(), &headers)
        };
        assert_eq!(look("/", "a=b"), Look::Auto);
        assert_eq!(look("/", "a=b; look=dark"), Look::Dark);
        assert_eq!(look("/?q=x&look=light", "look=dark"), Look::Light);
        assert_eq!(look("/?look=pink", "look=dark"), Look::Dark);
        assert_eq!(
            switch("/services?q=a&look=dark", Look::Auto),
            "/services?q=a&look=auto"
        );
    }
}
