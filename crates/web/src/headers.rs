//! Security headers of every answer. A handler that needs others sets them itself; those stand.

use crate::App;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// No inline script or style at all; nothing from elsewhere; no framing. Text becomes markup or script in no script of ours
/// (Trusted Types): the one policy names the address of the service worker.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
     object-src 'none'; frame-src 'none'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; \
     require-trusted-types-for 'script'; trusted-types worker";

/// What pages use: the camera for drawings, the place for facilities near by, passkeys. Nothing else, and nothing in frames.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(self), display-capture=(), \
     geolocation=(self), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
     publickey-credentials-get=(self), usb=()";

/// A year, and everything below: where cookies are `Secure` the way to here is always TLS.
const TRANSPORT: &str = "max-age=31536000; includeSubDomains";

/// Adds what the handler has not set. `no-store` unless it says otherwise, since most answers hold personal data.
pub(crate) async fn secure(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
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
    if app.secure_cookies {
        put(headers, header::STRICT_TRANSPORT_SECURITY, TRANSPORT);
    }
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parts;
    use crate::testing::Site;
    use axum::body::Body;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn where_cookies_are_secure_browsers_are_told_to_stay_with_tls() {
        let site = Site::new().await;
        let of = &site.app;
        let app = App::new(Parts {
            engine: Arc::clone(&of.engine),
            demo: of.demo,
            postal: Arc::clone(&of.postal),
            random: Arc::clone(&of.random),
            secure_cookies: true,
            monotonic: Arc::clone(&of.monotonic),
            vitals: Arc::clone(&of.vitals),
        });
        let request = Request::get("/sign-in").body(Body::empty()).unwrap();
        let answer = crate::router(Arc::new(app)).oneshot(request).await.unwrap();
        let said = answer.headers()[header::STRICT_TRANSPORT_SECURITY].to_str();
        assert_eq!(said.unwrap(), TRANSPORT);
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("; Secure"), "{cookie}");
    }
}
