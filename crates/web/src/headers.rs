//! Security headers of every answer. A handler that needs others sets them itself; those stand.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// No inline script or style at all; nothing from elsewhere; no framing.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
     object-src 'none'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'";

const PERMISSIONS: &str =
    "camera=(self), geolocation=(self), microphone=(), payment=(), usb=(), interest-cohort=()";

/// Adds what the handler has not set. `no-store` unless it says otherwise, since most answers hold personal data.
pub(crate) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    put(
        headers,
        header::CONTENT_SECURITY_POLICY,
        CONTENT_SECURITY_POLICY,
    );
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, header::REFERRER_POLICY, "same-origin");
    put(
        headers,
        HeaderName::from_static("permissions-policy"),
        PERMISSIONS,
    );
    put(
        headers,
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    put(
        headers,
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    put(headers, header::CACHE_CONTROL, "no-store");
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}
