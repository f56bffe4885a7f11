//! What a browser keeps for us between two steps: nobody but us can have made it, and it ends. So nothing is kept here for
//! somebody who is not signed in, and any copy of the program can take the next step.

use super::{cookie, digest};
use crate::{App, Problem};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::secrets::{SIGN_IN_STEPS, Secret};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Kept<T> {
    until: i64,
    what: T,
}

/// `Set-Cookie` that keeps something for so many seconds.
///
/// # Errors
/// If the store is not available.
pub(super) async fn keep<T: Serialize>(
    app: &App,
    name: &str,
    what: T,
    seconds: u32,
) -> Result<Option<HeaderValue>, Problem> {
    let until = app.engine.now().as_second() + i64::from(seconds);
    let text = serde_json::to_vec(&Kept { until, what });
    let text = text.map_err(|error| Problem::internal(error.to_string()))?;
    let text = URL_SAFE_NO_PAD.encode(text);
    let secrets = secrets(app).await?;
    Ok(secrets.first().and_then(|secret| {
        let value = format!("{text}.{}", seal(secret, name, &text));
        cookie::set(app, name, &value, Some(seconds))
    }))
}

/// What a browser kept; none if there is nothing, it has ended, or it is not ours.
///
/// # Errors
/// If the store is not available.
pub(super) async fn kept<T: DeserializeOwned>(
    app: &App,
    headers: &HeaderMap,
    name: &str,
) -> Result<Option<T>, Problem> {
    let Some((text, given)) = cookie::value(headers, name).and_then(|one| one.split_once('.'))
    else {
        return Ok(None);
    };
    // Compares digests, so that the time taken says nothing of the seal.
    let given = digest(&[given.as_bytes()]);
    let secrets = secrets(app).await?;
    let mut own = secrets.iter().map(|secret| seal(secret, name, text));
    if !own.any(|own| digest(&[own.as_bytes()]) == given) {
        return Ok(None);
    }
    let plain = URL_SAFE_NO_PAD.decode(text).ok();
    let kept = plain.and_then(|plain| serde_json::from_slice::<Kept<T>>(&plain).ok());
    let now = app.engine.now().as_second();
    Ok(kept.filter(|kept| kept.until > now).map(|kept| kept.what))
}

/// The cookie that forgets it.
pub(super) fn forget(app: &App, name: &str) -> Option<HeaderValue> {
    cookie::set(app, name, "", Some(0))
}

async fn secrets(app: &App) -> Result<Vec<Secret>, Problem> {
    let random = |bytes: &mut [u8]| (app.random)(bytes);
    Ok(app.engine.secrets(SIGN_IN_STEPS, &random).await?)
}

/// Every part goes in behind its length; the outer digest keeps the inner from being grown.
fn seal(secret: &Secret, name: &str, text: &str) -> String {
    let inner = digest(&[secret, name.as_bytes(), text.as_bytes()]);
    digest(&[secret, inner.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Site;
    use axum::http::header;
    use jiff::SignedDuration;

    fn headers(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, pair.parse().unwrap())])
    }

    #[tokio::test]
    async fn what_a_browser_keeps_is_ours_of_its_name_and_ends() {
        let site = Site::new().await;
        let cookie = keep(&site.app, "step", "x", 60).await.ok().flatten();
        let cookie = cookie.unwrap().to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("Max-Age=60"));
        let of = async |cookie: &str, name: &str| {
            let kept = kept::<String>(&site.app, &headers(cookie), name).await;
            kept.ok().unwrap()
        };
        assert_eq!(of(&cookie, "step").await.as_deref(), Some("x"));
        let renamed = cookie.replacen("step", "stop", 1);
        assert_eq!(of(&renamed, "stop").await, None, "of another step");
        let forged = keep(&site.app, "step", "y", 60).await.ok().flatten();
        let forged = forged.unwrap().to_str().unwrap().to_owned();
        let (mine, _) = forged.split_once('.').unwrap();
        let (_, theirs) = cookie.split_once('.').unwrap();
        assert_eq!(of(&format!("{mine}.{theirs}"), "step").await, None);
        let later = site
            .app
            .engine
            .now()
            .checked_add(SignedDuration::from_secs(60));
        site.clock.set(later.unwrap());
        assert_eq!(of(&cookie, "step").await, None, "over");
    }
}
