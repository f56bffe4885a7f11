//! The layer over all routes: a request id, admission, metrics, one log line, and problems in the reader's language.

mod body;
mod carried;
mod histogram;
mod vitals;

use crate::auth::secret_of;
use crate::gate::Class;
use crate::pages::waiting;
use crate::{App, Lang, Problem};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::Looking;
use kernel::looks::Face;
use std::sync::Arc;
use tracing::Instrument as _;

pub(crate) use histogram::Metrics;
pub(crate) use vitals::single;
pub use vitals::{Disk, Number, Slow, Spread, Vitals};

/// The id of a request: in the log, in the answer's `X-Request-Id`, in a problem's `instance` and on the page that says
/// what went wrong, so that a person can tell it to the help desk.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Marks the answer to a request that was not let in.
#[derive(Clone, Copy)]
struct Refused;

/// See the module.
pub(crate) async fn observe(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = (app.monotonic)();
    let id = request_id(&app);
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    // The route as it is declared: never the path, which may hold a record's id or the secret of a link.
    let route = request.extensions().get::<MatchedPath>().map_or_else(
        || "unmatched".to_owned(),
        |matched| matched.as_str().to_owned(),
    );
    let lang = Lang::of(request.headers());
    let html = !path.starts_with("/api") && accepts_html(&request);
    let class = app.gate.class(&method, &path, request.headers());
    if !html && app.gate.turns_away(class) {
        let response = with_id(Problem::crowded().render(lang, Some(&id)), &id);
        let took = (app.monotonic)().saturating_sub(started);
        app.metrics.record(&method, &route, response.status(), took);
        return response;
    }
    let span = span(&request, &method, &route, &id);
    let answer = admitted(&app, class, html, request, next);
    let response = answer.instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    let mut response = problem_of(&method, &path, response, |problem| {
        report(problem, &id, &route);
        if html {
            problem.page(Some(&id))
        } else {
            problem.render(lang, Some(&id))
        }
    });
    response = with_id(response, &id);
    let took = (app.monotonic)().saturating_sub(started);
    app.metrics.record(&method, &route, response.status(), took);
    if response.extensions_mut().remove::<Refused>().is_some() {
        // A crowd is counted by class; a line for each would only help it.
        return response;
    }
    tracing::info!(request_id = id, method = %method, route, status = response.status().as_u16(), micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX), "request");
    response
}

fn with_id(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// What a trace tells of a request: its route, never its path. Without a collector nobody asks for it.
fn span(request: &Request, method: &Method, route: &str, id: &str) -> tracing::Span {
    let parent = request
        .headers()
        .get("traceparent")
        .and_then(|value| value.to_str().ok());
    tracing::info_span!(
        target: "trace", "request", http.route = route, http.request.method = %method,
        http.response.status_code = tracing::field::Empty, request_id = id, traceparent = parent
    )
}

/// What is written down with whatever this request reads.
fn looking(path: &str, headers: &HeaderMap) -> Looking {
    let face = match path.starts_with("/api/") {
        true => Face::Api,
        false => Face::Page,
    };
    // One that cannot be read is told of by the endpoints that ask for it.
    let purpose = crate::api::purpose(headers).ok().flatten();
    Looking::new(face, purpose, secret_of(headers))
}

/// Reads a small body, passes the gate, answers. A page that is refused waits by itself and keeps what was typed.
async fn admitted(
    app: &Arc<App>,
    class: Class,
    html: bool,
    request: Request,
    next: Next,
) -> Response {
    let asked = waiting::Asked::of(&request);
    let read = match body::read(&app.gate, class, request).await {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    let Some(entered) = app.gate.enter(class).await else {
        let mut response = match html {
            true => waiting::refused(app, asked, read.request).await,
            false => Problem::crowded().into_response(),
        };
        response.extensions_mut().insert(Refused);
        return response;
    };
    let looking = looking(read.request.uri().path(), read.request.headers());
    let response = looking.during(next.run(read.request)).await;
    if html
        && response.status() == StatusCode::SERVICE_UNAVAILABLE
        && let Some(form) = read.form
    {
        // The store could not take it: nothing was acknowledged, and nothing typed is to be lost.
        return waiting::form_again(app, asked, form, response).await;
    }
    match class {
        Class::Files => carried::carry(response, entered),
        _ => response,
    }
}

/// Renders problems; answers of the framework under `/api` become problems first.
fn problem_of(
    method: &Method,
    path: &str,
    mut response: Response,
    render: impl Fn(&Problem) -> Response,
) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let mut rendered = render(&problem);
        keep(&mut rendered, &response);
        if response.extensions().get::<Refused>().is_some() {
            rendered.extensions_mut().insert(Refused);
        }
        return rendered;
    }
    if let Some(problem) = unreadable(&response) {
        return render(&problem);
    }
    if !path.starts_with("/api")
        || response.headers().contains_key(header::CONTENT_TYPE)
            && response.status() == StatusCode::OK
    {
        return response;
    }
    let allowed = response.headers().get(header::ALLOW).cloned();
    let problem = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED if method == Method::OPTIONS => {
            return with_allow(StatusCode::NO_CONTENT.into_response(), allowed);
        }
        StatusCode::METHOD_NOT_ALLOWED => Problem::method_not_allowed(),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(crate::MAX_BODY_BYTES),
        _ => return response,
    };
    with_allow(render(&problem), allowed)
}

/// What the framework refused to read, an address, a query or a body, in our words: its own are English and repeat what was
/// sent. Nothing of ours refuses in plain text.
fn unreadable(response: &Response) -> Option<Problem> {
    let kind = response.headers().get(header::CONTENT_TYPE)?;
    if !kind.to_str().ok()?.starts_with("text/plain") {
        return None;
    }
    match response.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Problem::unsupported(
            "本文の種類（Content-Type）を確かめてください。",
        )),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Some(Problem::malformed(
            "",
            "unreadable",
            "送られたものを読み取れませんでした。アドレスと本文の形を確かめてください。",
        )),
        _ => None,
    }
}

fn with_allow(mut response: Response, allowed: Option<HeaderValue>) -> Response {
    if let Some(allowed) = allowed {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// Cookies set on the way stay.
fn keep(rendered: &mut Response, from: &Response) {
    for cookie in from.headers().get_all(header::SET_COOKIE) {
        rendered
            .headers_mut()
            .append(header::SET_COOKIE, cookie.clone());
    }
}

fn report(problem: &Problem, id: &str, route: &str) {
    if let Some(internal) = &problem.internal {
        tracing::error!(
            request_id = id,
            route,
            status = problem.status.as_u16(),
            error = internal,
            "request failed"
        );
    }
}

fn accepts_html(request: &Request) -> bool {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|text| text.contains("text/html"))
}

fn request_id(app: &App) -> String {
    let mut random = [0_u8; 10];
    (app.random)(&mut random);
    let millis = u64::try_from(app.engine.now().as_millisecond()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .to_string()
}
