//! What went wrong, in plain Japanese, with what to do next.

use super::layout::{Chrome, page};
use super::look;
use crate::{App, Problem, RequestId, Signed, i18n};
use askama::Template;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use engine::Failure;
use std::sync::Arc;

/// Why a page was not shown.
pub(super) enum PageError {
    /// Said on a page of its own.
    Problem(Box<Problem>),
    /// Somewhere else first.
    Elsewhere(Redirect),
}

impl From<Problem> for PageError {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        Problem::from(failure).into()
    }
}

impl From<Redirect> for PageError {
    fn from(redirect: Redirect) -> Self {
        Self::Elsewhere(redirect)
    }
}

impl PageError {
    /// 404.
    pub(super) fn not_found() -> Self {
        Problem::not_found().into()
    }
}

/// The problem rides along; [`frame`] makes the page, since only it knows who asked.
#[derive(Clone)]
struct Riding(Arc<Problem>);

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        match self {
            Self::Elsewhere(redirect) => redirect.into_response(),
            Self::Problem(problem) => {
                let mut response = problem.status.into_response();
                response.extensions_mut().insert(Riding(Arc::from(problem)));
                response
            }
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    c: Chrome,
    status: u16,
    heading: String,
    what: String,
    lines: Vec<String>,
    /// Number of the request, to be told to the help desk.
    id: String,
}

/// Sets the language, and turns problems of pages into pages with the usual frame around them.
pub(super) async fn frame(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let lang = i18n::choose(request.uri(), request.headers());
    let cookie = i18n::cookie(&app, request.uri());
    let look = look::choose(request.uri(), request.headers());
    let look_cookie = look::cookie(&app, request.uri());
    let page = i18n::scope(lang, framed(&app, request, next));
    let mut response = look::scope(look, page).await;
    if let Some(cookie) = look_cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn framed(app: &Arc<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    let response = next.run(request).await;
    let Some(Riding(problem)) = response.extensions().get::<Riding>().cloned() else {
        return response;
    };
    let id = parts
        .extensions
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default();
    if let Some(text) = &problem.internal {
        // Not the path: it may hold a record's id or the secret of a link. The line of the request says the route.
        tracing::error!(text, request_id = id, "a page failed");
    }
    let signed = Signed::from_request_parts(&mut parts, app).await;
    let signed = signed.unwrap_or_else(|_| Signed {
        actor: kernel::Actor::public(),
        account: None,
        csrf: String::new(),
        session: None,
        session_id: None,
    });
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    error_page(app, &signed, path, &problem, id)
}

fn error_page(app: &App, signed: &Signed, path: &str, problem: &Problem, id: String) -> Response {
    let (heading, what) = words(problem.status, signed.account.is_some());
    let mut lines: Vec<String> = problem.errors.iter().map(i18n::fault).collect();
    if problem.status != StatusCode::NOT_FOUND {
        lines.extend(
            problem
                .said(i18n::current())
                .1
                .filter(|_| problem.status.is_client_error()),
        );
    }
    let own = problem.said(i18n::current());
    // When and how it went is said instead of what to do: nothing is left to be done.
    let gone = (problem.status == StatusCode::GONE).then(|| own.0.clone());
    // Nothing went wrong: it only takes a moment.
    let not_yet = own.1.filter(|_| problem.kind == "not_yet");
    let heading = if matches!(problem.status.as_u16(), 409 | 422) || not_yet.is_some() {
        own.0
    } else {
        i18n::say(heading).to_owned()
    };
    let c = Chrome::new(app, signed, path, heading.clone());
    let mut response = page(
        problem.status,
        &ErrorPage {
            c,
            status: problem.status.as_u16(),
            heading,
            what: not_yet
                .or(gone)
                .unwrap_or_else(|| i18n::say(what).to_owned()),
            lines,
            id,
        },
    );
    if let Some(seconds) = problem.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn words(status: StatusCode, signed_in: bool) -> (&'static str, &'static str) {
    match status.as_u16() {
        401 => (
            "ログインが必要です",
            "ログインしてから、もう一度お試しください。",
        ),
        403 => (
            "画面の有効期限が切れています",
            "前の画面に戻って開き直してから、もう一度送ってください。入力した内容は、戻ると残っていることがあります。",
        ),
        404 if signed_in => (
            "見つかりません",
            "アドレスが違うか、今の立場（本人・法人など）では見られないものです。画面の上の名前を押すと、だれとして見るかを変えられます。",
        ),
        404 => (
            "見つかりません",
            "アドレスを確かめてください。ご自分の申請を見るときは、先にログインしてください。",
        ),
        409 => (
            "ほかの操作と重なりました",
            "画面を開き直して、今の状態を確かめてください。",
        ),
        410 => (
            "もう残っていません",
            "保存期間が満了し、廃棄しました。内容は残っていません。",
        ),
        413 => (
            "送られたものが大きすぎます",
            "ファイルを小さくするか、分けて送ってください。1つ20MBまでです。",
        ),
        422 => (
            "入力を確かめてください",
            "前の画面に戻って、次のところを直してください。",
        ),
        429 => (
            "少し時間をおいてください",
            "続けて何度も送られたので、しばらくお待ちいただいています。数分たってから、もう一度お試しください。",
        ),
        503 => (
            "ただいま混み合っています",
            "まだ受け付けていません。少し待ってから、同じ操作をもう一度お試しください。",
        ),
        400..=499 => (
            "うまく受け取れませんでした",
            "前の画面に戻って、もう一度お試しください。",
        ),
        _ => (
            "システムの不具合です",
            "ご迷惑をおかけします。まだ受け付けていません。時間をおいて、もう一度お試しください。",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_says_what_to_do() {
        for status in [400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503] {
            let (heading, what) = words(StatusCode::from_u16(status).unwrap(), false);
            assert!(!heading.is_empty() && what.ends_with('。'), "{status}");
        }
    }
}
