//! `GET /log/…`: the log of evidence for witnesses and auditors, as c2sp.org/tlog-tiles says. Hashes and signatures, nothing
//! of anybody: so it needs no sign-in, and other sites' scripts may read it.

use crate::{App, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::{Value, json};
use std::sync::Arc;

/// What is under a path once never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The newest of something is asked for again.
const FRESH: &str = "public, no-cache";

fn headers(kind: &'static str, cache: &'static str) -> HeaderMap {
    HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ])
}

/// The newest signed head.
pub(super) async fn checkpoint(
    State(app): State<Arc<App>>,
) -> Result<(HeaderMap, String), Problem> {
    let checkpoint = app.engine.log_checkpoint().await?;
    let checkpoint = checkpoint.ok_or_else(Problem::not_found)?;
    Ok((headers("text/plain; charset=utf-8", FRESH), checkpoint))
}

/// The public keys, the one in force last, each with the first head that it signed.
pub(super) async fn keys(State(app): State<Arc<App>>) -> Result<(HeaderMap, Json<Value>), Problem> {
    let keys = app.engine.log_verifiers().await?;
    let turns = app.engine.log_turns().await?;
    let one = |(key, first)| json!({"key": key, "first_checkpoint": first});
    let items: Vec<Value> = keys.into_iter().zip(turns).map(one).collect();
    Ok((
        headers("application/json", FRESH),
        Json(json!({"items": items, "next": null})),
    ))
}

/// A tile or a bundle of entries.
pub(super) async fn tile(
    State(app): State<Arc<App>>,
    Path((level, place)): Path<(String, String)>,
) -> Result<(HeaderMap, Vec<u8>), Problem> {
    let bytes = app.engine.log_tile(&level, &place).await?;
    Ok((headers("application/octet-stream", FOR_EVER), bytes))
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use jiff::SignedDuration;
    use serde_json::json;

    #[tokio::test]
    async fn a_witness_reads_heads_keys_and_tiles_and_nothing_else() {
        let site = Site::new().await;
        let public = site.public();
        assert_eq!(public.get("/log/checkpoint").await.0, 404, "no log yet");
        site.app
            .engine
            .prepare_log("log.example/log")
            .await
            .unwrap();
        for _ in 0..3 {
            let body = json!({"action": "save", "input": {"name": "花"}});
            site.person("owner").post(site.requests(), body).await;
        }
        let later = site
            .app
            .engine
            .now()
            .checked_add(SignedDuration::from_secs(30));
        site.clock.set(later.unwrap());
        assert_eq!(site.app.engine.sequence().await.unwrap(), 3);
        let reply = public.raw("GET", "/log/checkpoint", &[], Vec::new()).await;
        let checkpoint = String::from_utf8(reply.body.clone()).unwrap();
        assert!(
            checkpoint.starts_with("log.example/log\n3\n"),
            "{checkpoint}"
        );
        assert_eq!(reply.headers["access-control-allow-origin"], "*");
        assert!(
            !reply.headers.contains_key("set-cookie"),
            "may be kept by anybody"
        );
        let (status, keys) = public.get("/log/keys").await;
        let key = keys["items"][0]["key"].as_str().unwrap();
        assert!(
            status == 200 && key.starts_with("log.example/log+"),
            "{keys}"
        );
        let tile = |path: &'static str| {
            let public = site.public();
            async move {
                let reply = public.raw("GET", path, &[], Vec::new()).await;
                (reply.status, reply.body.len())
            }
        };
        assert_eq!(tile("/log/tile/0/000.p/3").await, (200, 96));
        assert_eq!(tile("/log/tile/0/000.p/2").await, (200, 64));
        assert_eq!(tile("/log/tile/entries/000.p/3").await, (200, 3 * 34));
        for path in [
            "/log/tile/0/000",
            "/log/tile/0/000.p/4",
            "/log/tile/0/001",
            "/log/tile/entries/000.p/4",
            "/log/tile/0/x",
        ] {
            assert_eq!(tile(path).await.0, 404, "{path}");
        }
    }
}
