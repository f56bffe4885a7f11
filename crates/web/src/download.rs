//! Uploaded files, and pictures of their pages, as answers.

use crate::percent;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use engine::{PagePicture, Upload};

/// Headers for a file shown `how` (`inline` or `attachment`) under a policy that lets it run nothing.
pub(crate) fn headers(upload: Upload, how: &str, policy: &'static str) -> HeaderMap {
    let kind = HeaderValue::try_from(upload.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let name = percent::value(&upload.name);
    let disposition = HeaderValue::try_from(format!("{how}; filename*=UTF-8''{name}"))
        .unwrap_or(HeaderValue::from_static("attachment"));
    HeaderMap::from_iter([
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(policy),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ),
    ])
}

/// Whether a request says that it has this very picture (`If-None-Match`).
pub(crate) fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let named = headers.get_all(header::IF_NONE_MATCH).iter();
    let named = named.filter_map(|value| value.to_str().ok());
    named
        .flat_map(|list| list.split(','))
        .any(|one| one.trim().trim_start_matches("W/").trim_matches('"') == tag)
}

/// A page. It never changes, yet who may see it can: a browser keeps it, and asks each time whether it still may show it.
pub(crate) fn picture(made: PagePicture) -> Response {
    let tag = HeaderValue::try_from(format!("\"{}\"", made.tag));
    let tag = tag.unwrap_or(HeaderValue::from_static("\"\""));
    let kept = [
        (header::ETAG, tag),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        ),
    ];
    let Some(content) = made.content else {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    };
    let jpeg = content.starts_with(&[0xff, 0xd8]);
    let kind = if jpeg { "image/jpeg" } else { "image/png" };
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
    (kept, kind, content.to_vec()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_tag_among_others() {
        let asked = |text: &'static str| {
            HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(text))])
        };
        assert!(knows(&asked("\"a-1-2\""), "a-1-2"));
        assert!(knows(&asked("\"b\", W/\"a-1-2\""), "a-1-2"));
        assert!(!knows(&asked("\"a-1-20\""), "a-1-2"));
        assert!(!knows(&HeaderMap::new(), "a-1-2"));
    }
}
