//! The page for whoever could not be let in: it comes back by itself, and what was typed stands in it.
//!
//! It is made without asking the store or the session, since it must cost next to nothing and may be shown because the
//! store is away. What is kept goes back to the browser that sent it, escaped, and nowhere else; a password does not.

use super::look::{self, Look};
use super::{assets, layout};
use crate::problem::CROWDED_RETRY_AFTER_SECONDS;
use crate::{App, Lang, i18n};
use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Form, FromRequest, Multipart, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

/// Bytes of what was typed that are kept; more is not typed by hand.
const KEPT_AT_MOST: usize = 1024 * 1024;
const PAIRS_AT_MOST: usize = 5_000;

/// What a refused request asked for, as far as its head says.
pub(crate) struct Asked {
    method: Method,
    /// Path and query, on this site.
    again: String,
    kind: Option<HeaderValue>,
    lang: Lang,
    look: Look,
    id: String,
}

/// An input of the form that was refused.
enum Kept {
    Text {
        name: String,
        value: String,
    },
    /// To be typed again.
    Secret {
        name: String,
    },
    /// An individual number (個人番号), to be typed again.
    Number {
        name: String,
    },
    /// To be chosen again: a file cannot be put back into a form.
    File {
        name: String,
        file: String,
    },
}

impl Kept {
    /// What is asked of whoever chose a file.
    fn again(&self) -> String {
        match self {
            Self::File { file, .. } => i18n::with("「{0}」をもう一度選んでください", &[file]),
            Self::Text { .. } | Self::Secret { .. } | Self::Number { .. } => String::new(),
        }
    }
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct Waiting {
    lang: &'static str,
    look: &'static str,
    css: &'static str,
    js: &'static str,
    icon: &'static str,
    seconds: u32,
    again: String,
    /// The form that was sent, if it was one.
    form: Option<Vec<Kept>>,
    /// Whether the form is sent again by itself.
    by_itself: bool,
    in_parts: bool,
    id: String,
}

impl Asked {
    /// Of a request that is about to be let in, or not.
    pub(crate) fn of(request: &Request) -> Self {
        let (uri, headers) = (request.uri(), request.headers());
        let id = request.extensions().get::<crate::RequestId>();
        Self {
            method: request.method().clone(),
            again: uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
            kind: headers.get(header::CONTENT_TYPE).cloned(),
            lang: i18n::choose(uri, headers),
            look: look::choose(uri, headers),
            id: id.map(|id| id.0.clone()).unwrap_or_default(),
        }
    }

    fn is_form(&self) -> bool {
        let kind = self
            .kind
            .as_ref()
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        self.method == Method::POST
            && (kind.starts_with("application/x-www-form-urlencoded") || self.in_parts())
    }

    fn in_parts(&self) -> bool {
        let kind = self.kind.as_ref().and_then(|kind| kind.to_str().ok());
        kind.is_some_and(|kind| kind.starts_with("multipart/form-data"))
    }
}

/// For a request that was not let in. What a form in parts held is read to its end, a part at a time.
pub(crate) async fn refused(app: &App, asked: Asked, mut request: Request) -> Response {
    let form = match asked.is_form() {
        true => {
            DefaultBodyLimit::max(super::form::MAX_FORM_BYTES).apply(&mut request);
            Some(kept(request, asked.in_parts()).await)
        }
        false => None,
    };
    shown(app, asked, form).await
}

/// For a form that was let in and could not be carried out, since the store was not available.
pub(crate) async fn form_again(
    app: &App,
    asked: Asked,
    form: Bytes,
    answered: Response,
) -> Response {
    if !asked.is_form() {
        return answered;
    }
    let mut request = Request::new(Body::from(form));
    *request.method_mut() = Method::POST;
    if let Some(kind) = &asked.kind {
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, kind.clone());
    }
    let form = kept(request, asked.in_parts()).await;
    shown(app, asked, Some(form)).await
}

async fn kept(request: Request, in_parts: bool) -> Vec<Kept> {
    if in_parts {
        return kept_parts(request).await;
    }
    let Ok(Form(pairs)) = Form::<Vec<(String, String)>>::from_request(request, &()).await else {
        return Vec::new();
    };
    pairs
        .into_iter()
        .take(PAIRS_AT_MOST)
        .map(|(name, value)| typed(name, value))
        .collect()
}

/// What came until the sender stopped, if it did.
async fn kept_parts(request: Request) -> Vec<Kept> {
    let mut kept = Vec::new();
    let mut bytes = 0;
    let Ok(mut parts) = Multipart::from_request(request, &()).await else {
        return kept;
    };
    while let Ok(Some(mut part)) = parts.next_field().await {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let mut value = Vec::new();
        while let Ok(Some(chunk)) = part.chunk().await {
            let room = KEPT_AT_MOST.saturating_sub(bytes);
            if file.is_none() && chunk.len() <= room {
                bytes += chunk.len();
                value.extend_from_slice(&chunk);
            }
        }
        if kept.len() >= PAIRS_AT_MOST {
            break;
        }
        match file {
            Some(file) if file.is_empty() => {}
            Some(file) => kept.push(Kept::File { name, file }),
            None => kept.push(typed(name, String::from_utf8_lossy(&value).into_owned())),
        }
    }
    kept
}

fn typed(name: String, value: String) -> Kept {
    if name.ends_with(".secret") && !value.trim().is_empty() {
        return Kept::Number { name };
    }
    match name.contains("password") {
        true => Kept::Secret { name },
        false => Kept::Text { name, value },
    }
}

async fn shown(app: &App, asked: Asked, form: Option<Vec<Kept>>) -> Response {
    let seconds = CROWDED_RETRY_AFTER_SECONDS + spread(app);
    let whole = |kept: &Vec<Kept>| kept.iter().all(|one| matches!(one, Kept::Text { .. }));
    let reads = matches!(asked.method, Method::GET | Method::HEAD);
    let page = Waiting {
        lang: asked.lang.tag(),
        look: asked.look.name(),
        css: assets::css_path(),
        js: assets::js_path(),
        icon: assets::icon_path(),
        seconds,
        by_itself: form.as_ref().is_none_or(whole),
        in_parts: asked.in_parts(),
        again: if reads || form.is_some() {
            asked.again
        } else {
            "/".into()
        },
        form,
        id: asked.id,
    };
    let refresh = format!("{seconds}; url={}", page.again);
    let by_get = reads.then(|| HeaderValue::try_from(refresh).ok()).flatten();
    let mut response = i18n::scope(asked.lang, async {
        layout::page(StatusCode::SERVICE_UNAVAILABLE, &page)
    })
    .await;
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, seconds.into());
    // As a header: browsers without script know it, and it stands in no page.
    if let Some(refresh) = by_get {
        headers.insert(HeaderName::from_static("refresh"), refresh);
    }
    response
}

/// So that not all come back at the same moment.
fn spread(app: &App) -> u32 {
    let mut byte = [0_u8];
    (app.random)(&mut byte);
    u32::from(byte[0] % 6)
}

#[cfg(test)]
mod tests;
