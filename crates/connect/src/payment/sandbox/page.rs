//! The sandbox's own pages: what a payer sees at the gateway. No script, no card number, 見本 on every page.

use super::{CARD, Choice, KONBINI, PAGES, PAY_EASY, Sandbox};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use serde::Deserialize;
use std::sync::Arc;

const CSS: &str = include_str!("../../../templates/sandbox.css");
/// Nothing but its own style sheet; its form goes to itself, and from there back to us.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

#[derive(Template)]
#[template(path = "sandbox.html")]
struct Page {
    title: String,
    amount: String,
    until: String,
    action: String,
    back: String,
    state: PageState,
    slip: Option<String>,
    failed: bool,
    missing: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PageState {
    Open,
    Paid,
    Over,
}

/// What the form sends.
#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    method: String,
    #[serde(default)]
    choice: String,
}

/// The pages, to be laid beside those of the product.
pub fn router(sandbox: Arc<Sandbox>) -> Router {
    Router::new()
        .route(&format!("{PAGES}/style.css"), get(style))
        .route(&format!("{PAGES}/{{session}}"), get(show).post(choose))
        .with_state(sandbox)
}

async fn style() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        CSS,
    )
        .into_response()
}

async fn show(State(sandbox): State<Arc<Sandbox>>, Path(session): Path<String>) -> Response {
    page(&sandbox, &session, StatusCode::OK, false, false)
}

async fn choose(
    State(sandbox): State<Arc<Sandbox>>,
    Path(session): Path<String>,
    Form(sent): Form<Sent>,
) -> Response {
    let choice = match sent.choice.as_str() {
        "twice" => Choice::Twice,
        "late" => Choice::Late,
        "fail" => Choice::Fail,
        "slip" => Choice::Slip,
        "store" => Choice::Store,
        "pay" => Choice::Pay,
        _ => {
            return page(
                &sandbox,
                &session,
                StatusCode::UNPROCESSABLE_ENTITY,
                false,
                true,
            );
        }
    };
    let known = [CARD, KONBINI, PAY_EASY].contains(&sent.method.as_str());
    if !known && choice != Choice::Store {
        return page(
            &sandbox,
            &session,
            StatusCode::UNPROCESSABLE_ENTITY,
            false,
            true,
        );
    }
    // A convenience store takes money against a slip, not on this page.
    let choice = match (sent.method.as_str(), choice) {
        (KONBINI, Choice::Pay | Choice::Twice | Choice::Late) => Choice::Slip,
        (_, other) => other,
    };
    let done = sandbox.choose(&session, &sent.method, choice);
    match choice {
        Choice::Fail => page(&sandbox, &session, StatusCode::OK, true, false),
        Choice::Slip if done => Redirect::to(&format!("{PAGES}/{session}")).into_response(),
        _ if done => match sandbox.standing(&session) {
            Some(standing) => Redirect::to(&standing.opened.return_path).into_response(),
            None => page(&sandbox, &session, StatusCode::OK, false, false),
        },
        _ => page(&sandbox, &session, StatusCode::CONFLICT, false, false),
    }
}

fn page(
    sandbox: &Sandbox,
    session: &str,
    status: StatusCode,
    failed: bool,
    missing: bool,
) -> Response {
    let Some(standing) = sandbox.standing(session) else {
        return (StatusCode::NOT_FOUND, "この納付の手続きはありません。").into_response();
    };
    let ends = standing
        .opened
        .until
        .checked_sub(jiff::SignedDuration::from_secs(1))
        .unwrap_or(standing.opened.until);
    let day = engine::tokyo_day(ends);
    let slip = (standing.slip && !standing.slip_paid).then(|| slip_number(session));
    let page = Page {
        title: standing.opened.title.clone(),
        amount: grouped(standing.opened.amount_yen),
        until: format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        action: format!("{PAGES}/{session}"),
        back: standing.opened.return_path.clone(),
        state: match (standing.open, standing.paid.is_empty()) {
            (true, _) => PageState::Open,
            (false, false) => PageState::Paid,
            (false, true) => PageState::Over,
        },
        slip,
        failed,
        missing,
    };
    let Ok(html) = page.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// Twelve characters in threes, as a slip prints them.
fn slip_number(session: &str) -> String {
    let code: String = session
        .chars()
        .rev()
        .take(12)
        .collect::<String>()
        .to_uppercase();
    let chars: Vec<char> = code.chars().collect();
    let groups: Vec<String> = chars
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join("-")
}

/// Digits in threes.
fn grouped(yen: u64) -> String {
    let digits = yen.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(29_800), "29,800");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
