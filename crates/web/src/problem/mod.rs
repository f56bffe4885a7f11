//! Refusals as RFC 9457 problems. What a person can mend is said to them; a fault of the platform goes to the log with
//! the request's id, which the answer carries as `instance`.

pub(crate) mod english;
mod html;
mod lang;

pub use lang::Lang;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::Failure;
use kernel::port::StoreError;
use kernel::{Fault, Refusal, RefusalKind};
use serde_json::{Value as Json, json};

/// Seconds after which a busy platform is worth trying again.
const RETRY_AFTER_SECONDS: u32 = 2;

/// Seconds after which a crowd is worth trying again.
pub(crate) const CROWDED_RETRY_AFTER_SECONDS: u32 = 5;

/// A refusal as the API answers it. Texts are Japanese; [`Problem::render`] gives the English for `Accept-Language: en`.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Last part of `type`: `invalid`, `not_found` …
    pub kind: &'static str,
    /// One sentence.
    pub title: String,
    /// What to do, where the title does not say it.
    pub detail: Option<String>,
    /// Each fault with its place.
    pub errors: Vec<Fault>,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u32>,
    /// For the log alone.
    pub(crate) internal: Option<Box<str>>,
}

impl Problem {
    /// A problem without details.
    pub fn new(status: StatusCode, kind: &'static str, title: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            title: title.into(),
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            internal: None,
        }
    }

    fn fault(mut self, pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        self.errors.push(Fault::new(pointer, code, detail));
        self
    }

    /// 400.
    pub fn malformed(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "リクエストを読み取れません",
        )
        .fault(pointer, code, detail)
    }

    /// 401.
    #[must_use]
    pub fn not_signed_in() -> Self {
        let mut problem = Self::new(
            StatusCode::UNAUTHORIZED,
            "not_signed_in",
            "ログインが必要です",
        );
        problem.detail =
            Some("ログインするか、Authorization: Bearer で有効なトークンを送ってください。".into());
        problem
    }

    /// 401: a token that is unknown or has expired.
    #[must_use]
    pub fn token_refused() -> Self {
        let mut problem = Self::new(
            StatusCode::UNAUTHORIZED,
            "token_refused",
            "トークンが正しくないか、期限が切れています",
        );
        problem.detail =
            Some("Authorization: Bearer に続けて有効なトークンを送ってください。".into());
        problem
    }

    /// 403: a form without the token of its page.
    #[must_use]
    pub fn form_expired() -> Self {
        let mut problem = Self::new(
            StatusCode::FORBIDDEN,
            "form_expired",
            "画面の有効期限が切れています",
        );
        problem.detail = Some("前の画面に戻って開き直し、もう一度送ってください。".into());
        problem
    }

    /// 403: an official who must have a second factor has shown none.
    #[must_use]
    pub fn second_factor_missing() -> Self {
        let mut problem = Self::new(
            StatusCode::FORBIDDEN,
            "second_factor_missing",
            "パスキーか認証アプリの登録が必要です",
        );
        problem.detail =
            Some("マイページの「ログインと安全」で登録してから、もう一度お試しください。".into());
        problem
    }

    /// 403: a system's token that was not given out for this.
    #[must_use]
    pub fn insufficient_scope() -> Self {
        let mut problem = Self::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            "このトークンに許した範囲にありません",
        );
        problem.detail = Some(
            "システムの登録にある範囲（scope）を確かめ、要るものを含むトークンを取り直してください。"
                .into(),
        );
        problem
    }

    /// 404: says the same whether the thing is hidden or not there.
    #[must_use]
    pub fn not_found() -> Self {
        Self::from(Refusal::not_found())
    }

    /// 405.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        let mut problem = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "このアドレスでは使えないメソッドです",
        );
        problem.detail = Some("使えるメソッドは Allow ヘッダーにあります。".into());
        problem
    }

    /// 413.
    #[must_use]
    pub fn too_large(limit_bytes: usize) -> Self {
        let mut problem = Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "送られたデータが大きすぎます",
        );
        problem.detail = Some(format!(
            "{}MB以下にして送り直してください。",
            limit_bytes / 1024 / 1024
        ));
        problem
    }

    /// 415.
    pub fn unsupported(detail: impl Into<String>) -> Self {
        let mut problem = Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "送られたデータの形式を扱えません",
        );
        problem.detail = Some(detail.into());
        problem
    }

    /// 422 with one fault.
    pub fn invalid(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "入力を確かめてください",
        )
        .fault(pointer, code, detail)
    }

    /// 422 with several faults.
    #[must_use]
    pub fn faults(errors: Vec<Fault>) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "入力を確かめてください",
        );
        problem.errors = errors;
        problem
    }

    /// 408: a body that came too slowly.
    #[must_use]
    pub fn too_slow() -> Self {
        let mut problem = Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "送信に時間がかかりすぎたので、途中でやめました",
        );
        problem.detail = Some(
            "つながりのよいところで、もう一度送ってください。ファイルは小さくすると送りやすくなります。"
                .into(),
        );
        problem
    }

    /// 503: more at once than can be answered quickly. Nothing of the request was done.
    #[must_use]
    pub fn crowded() -> Self {
        let mut problem = Self::unavailable("ただいま混み合っています");
        problem.detail = Some(
            "まだ何も受け付けていません。少し待ってから、同じ操作をもう一度お試しください。".into(),
        );
        problem.retry_after = Some(CROWDED_RETRY_AFTER_SECONDS);
        problem
    }

    /// 503.
    pub fn unavailable(title: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title);
        problem.retry_after = Some(RETRY_AFTER_SECONDS);
        problem
    }

    /// 503: a receipt whose event is not under a signed head yet.
    #[must_use]
    pub fn not_yet() -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_yet",
            "まもなく発行できます",
        );
        problem.detail = Some("受け付けた記録には、1分以内に署名が付きます。1分ほど待ってから、もう一度開いてください。".into());
        problem.retry_after = Some(engine::SIGNED_WITHIN_SECONDS);
        problem
    }

    /// 500; `text` goes to the log only.
    pub fn internal(text: impl Into<String>) -> Self {
        let mut problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "システムの不具合で処理できませんでした",
        );
        problem.detail = Some("入力した内容は受け付けていません。時間をおいてもう一度お試しください。続くときは、この画面の instance の番号を窓口にお知らせください。".into());
        problem.internal = Some(text.into().into());
        problem
    }

    /// Title and detail in a language.
    pub(crate) fn said(&self, lang: Lang) -> (String, Option<String>) {
        match lang {
            Lang::Ja | Lang::Easy => (self.title.clone(), self.detail.clone()),
            Lang::En | Lang::Zh | Lang::Ko => (
                english::title(self.kind).to_owned(),
                english::detail(self.kind).map(str::to_owned),
            ),
        }
    }

    /// The body in a language. `instance` is the request's id.
    #[must_use]
    pub fn body(&self, lang: Lang, instance: Option<&str>) -> Json {
        let english = lang == Lang::En;
        let title = if english {
            english::title(self.kind)
        } else {
            &self.title
        };
        let detail = if english {
            english::detail(self.kind)
        } else {
            self.detail.as_deref()
        };
        let one = |fault: &Fault| {
            let detail = if english {
                english::fault(fault)
            } else {
                fault.detail.clone()
            };
            json!({"pointer": fault.pointer, "code": fault.code, "detail": detail})
        };
        let errors: Vec<Json> = self.errors.iter().map(one).collect();
        let mut body = json!({
            "type": format!("/problems/{}", self.kind), "title": title, "status": self.status.as_u16(),
            "detail": detail.unwrap_or(title), "errors": errors,
        });
        if let (Some(id), Some(map)) = (instance, body.as_object_mut()) {
            map.insert("instance".into(), format!("urn:uuid:{id}").into());
        }
        body
    }

    /// The answer in a language.
    #[must_use]
    pub fn render(&self, lang: Lang, instance: Option<&str>) -> Response {
        let body = self.body(lang, instance).to_string();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (self.status, [(header::CONTENT_TYPE, kind)], body).into_response();
        self.headers(&mut response);
        response.headers_mut().insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(lang.tag()),
        );
        response
    }

    /// The answer as a plain page, for a browser.
    pub(crate) fn page(&self, instance: Option<&str>) -> Response {
        let mut response = (
            self.status,
            axum::response::Html(html::page(self, instance)),
        )
            .into_response();
        self.headers(&mut response);
        response
    }

    fn headers(&self, response: &mut Response) {
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let refused = if self.kind == "token_refused" {
                "Bearer realm=\"tsumugi\", error=\"invalid_token\""
            } else {
                "Bearer realm=\"tsumugi\""
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(refused));
        }
        if self.kind == "insufficient_scope" {
            let refused = "Bearer realm=\"tsumugi\", error=\"insufficient_scope\"";
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(refused));
        }
        headers.insert(
            HeaderName::from_static("vary"),
            HeaderValue::from_static("accept, accept-language"),
        );
    }
}

impl IntoResponse for Problem {
    /// In Japanese; the layer over all routes renders it anew for the request's language and id.
    fn into_response(self) -> Response {
        let mut response = self.render(Lang::Ja, None);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Store(StoreError::Unavailable(text)) => {
                let mut problem =
                    Self::unavailable("いま混み合っているか、保守中のため処理できません");
                problem.detail = Some(
                    "入力した内容はまだ受け付けていません。少し待ってからもう一度お試しください。"
                        .into(),
                );
                problem.internal = Some(text.into());
                problem
            }
            Failure::Store(damaged) => Self::internal(damaged.to_string()),
            Failure::Internal(text) => Self::internal(text),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, kind) = match refusal.kind {
            RefusalKind::Malformed => (StatusCode::BAD_REQUEST, "malformed"),
            RefusalKind::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            RefusalKind::Gone => (StatusCode::GONE, "gone"),
            RefusalKind::Unassured => (StatusCode::FORBIDDEN, "assurance_too_low"),
            RefusalKind::WrongState => (StatusCode::CONFLICT, "wrong_state"),
            RefusalKind::Stale => (StatusCode::CONFLICT, "stale"),
            RefusalKind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            RefusalKind::VersionMissing => (StatusCode::PRECONDITION_REQUIRED, "version_missing"),
            RefusalKind::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        };
        let mut problem = Self::new(status, kind, refusal.title);
        problem.errors = refusal.faults;
        if status == StatusCode::SERVICE_UNAVAILABLE {
            problem.retry_after = Some(RETRY_AFTER_SECONDS);
        }
        problem
    }
}

/// A handler that panicked: a fault of ours, told like any other.
pub(crate) fn from_panic(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    Problem::internal(format!("panic: {}", text.unwrap_or("without a message"))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_text_is_in_no_answer() {
        let problem = Problem::from(Failure::Internal("secret path".into()));
        for lang in [Lang::Ja, Lang::En] {
            assert!(!problem.body(lang, Some("x")).to_string().contains("secret"));
        }
        assert!(!html::page(&problem, None).contains("secret"));
    }

    #[test]
    fn each_kind_of_refusal_has_the_contracts_status() {
        let kinds = [
            (RefusalKind::Malformed, 400),
            (RefusalKind::NotFound, 404),
            (RefusalKind::Gone, 410),
            (RefusalKind::Unassured, 403),
            (RefusalKind::WrongState, 409),
            (RefusalKind::Stale, 409),
            (RefusalKind::Invalid, 422),
            (RefusalKind::VersionMissing, 428),
            (RefusalKind::Busy, 503),
        ];
        for (kind, status) in kinds {
            let problem = Problem::from(Refusal::new(kind, "題", Vec::new()));
            assert_eq!(problem.status.as_u16(), status);
            let response = problem.into_response();
            assert_eq!(
                response.headers().contains_key(header::RETRY_AFTER),
                status == 503
            );
            assert_eq!(
                response.headers()[header::CONTENT_TYPE],
                "application/problem+json"
            );
        }
    }
}
