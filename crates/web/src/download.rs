//! The headers of an uploaded file's answer.

use crate::percent;
use axum::http::{HeaderMap, HeaderValue, header};
use engine::Upload;

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
