//! From where somebody tries to sign in, as it counts against guessing.
//!
//! A browser in which a person has signed in before carries proof of that, for that sign-in name alone (OWASP calls it a
//! device cookie). Its tries are counted by themselves: however often others fail under the name, from wherever, it is never
//! made to wait for them. A proof that leaks gives nobody a way in; it is counted like any other place.

use super::{cookie, digest};
use crate::App;
use axum::http::{HeaderMap, HeaderValue};
use engine::secrets::{DEVICE_PROOFS, Secret};
use std::net::IpAddr;

/// The cookie that says so.
const DEVICE_COOKIE: &str = "tsumugi_device";
/// How long a browser is remembered after the last sign-in: a year, since some file once a year.
const REMEMBERED_SECONDS: u32 = 366 * 24 * 60 * 60;
/// Signs of the part that tells two browsers of one person apart.
const NONCE_LENGTH: usize = 32;

/// The place that a try counts against: this browser, if it has proof that the name signed in from it; else its network.
///
/// # Errors
/// If the store is not available.
pub(crate) async fn origin(
    app: &App,
    headers: &HeaderMap,
    login: &str,
    peer: Option<IpAddr>,
) -> Result<String, crate::Problem> {
    let network = || of_network(peer);
    let Some((nonce, proof)) = cookie::value(headers, DEVICE_COOKIE).and_then(parts) else {
        return Ok(network());
    };
    let secrets = secrets(app).await?;
    let mut proofs = secrets.iter().map(|secret| proof_of(secret, login, nonce));
    // Compares digests, so that the time taken says nothing of the proof.
    let given = digest(&[proof.as_bytes()]);
    Ok(match proofs.any(|own| digest(&[own.as_bytes()]) == given) {
        true => format!("device {nonce}"),
        false => network(),
    })
}

/// The place that a try counts against where no browser is known.
pub(super) fn of_network(peer: Option<IpAddr>) -> String {
    peer.map(network).unwrap_or_default()
}

/// The cookie that remembers a browser in which a name has signed in.
///
/// # Errors
/// If the store is not available.
pub(crate) async fn remember(
    app: &App,
    login: &str,
) -> Result<Option<HeaderValue>, crate::Problem> {
    let nonce = app.secret();
    let nonce = nonce.get(..NONCE_LENGTH).unwrap_or_default();
    let secrets = secrets(app).await?;
    Ok(secrets.first().and_then(|secret| {
        let value = format!("{nonce}.{}", proof_of(secret, login, nonce));
        cookie::set(app, DEVICE_COOKIE, &value, Some(REMEMBERED_SECONDS))
    }))
}

fn parts(value: &str) -> Option<(&str, &str)> {
    let (nonce, proof) = value.split_once('.')?;
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (nonce.len() == NONCE_LENGTH && is_hex(nonce) && proof.len() == 64).then_some((nonce, proof))
}

async fn secrets(app: &App) -> Result<Vec<Secret>, crate::Problem> {
    let random = |bytes: &mut [u8]| (app.random)(bytes);
    Ok(app.engine.secrets(DEVICE_PROOFS, &random).await?)
}

/// Every part goes in behind its length, so a prefix of the secret cannot be grown into another text.
fn proof_of(secret: &Secret, login: &str, nonce: &str) -> String {
    let inner = digest(&[secret, login.as_bytes(), nonce.as_bytes()]);
    digest(&[secret, inner.as_bytes()])
}

/// A network as guessing counts it: an address, or of IPv6 the 64 bits that one connection is given.
fn network(peer: IpAddr) -> String {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{SignInError, Whence, sign_in};
    use crate::testing::Site;
    use axum::http::header;

    #[test]
    fn an_address_is_one_connection() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }

    fn headers(cookie: &HeaderValue) -> HeaderMap {
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, pair.parse().unwrap())])
    }

    async fn from(site: &Site, headers: &HeaderMap, login: &str) -> String {
        let peer = Some("192.0.2.7".parse().unwrap());
        origin(&site.app, headers, login, peer).await.ok().unwrap()
    }

    #[tokio::test]
    async fn whoever_signed_in_from_a_browser_is_not_kept_out_by_others_in_the_same_network() {
        let site = Site::new().await;
        let cookie = remember(&site.app, "owner").await.ok().flatten().unwrap();
        let text = cookie.to_str().unwrap();
        assert!(
            text.contains("HttpOnly") && text.contains("SameSite=Lax"),
            "{text}"
        );
        let known = headers(&cookie);
        let strange = from(&site, &HeaderMap::new(), "owner").await;
        // Somebody behind the same address guesses until everybody there has to wait.
        for at in 0..60 {
            let login = if at % 2 == 0 { "owner" } else { "nobody" };
            let _ = sign_in(
                &site.app,
                login,
                "x".into(),
                (&strange, &Whence::default()),
                None,
            )
            .await;
            site.clock.set(
                site.app
                    .engine
                    .now()
                    .checked_add(jiff::SignedDuration::from_mins(16))
                    .unwrap(),
            );
        }
        let _ = sign_in(
            &site.app,
            "owner",
            "x".into(),
            (&strange, &Whence::default()),
            None,
        )
        .await;
        let stranger = sign_in(
            &site.app,
            "owner",
            "ひみつの言葉".into(),
            (&strange, &Whence::default()),
            None,
        )
        .await;
        assert!(matches!(stranger, Err(SignInError::Wait(_))));
        let own = from(&site, &known, "owner").await;
        assert!(
            sign_in(
                &site.app,
                "owner",
                "ひみつの言葉".into(),
                (&own, &Whence::default()),
                None
            )
            .await
            .is_ok()
        );
    }

    #[tokio::test]
    async fn a_proof_holds_for_its_name_only_and_is_no_way_to_guess_freely() {
        let site = Site::new().await;
        let cookie = remember(&site.app, "owner").await.ok().flatten().unwrap();
        let known = headers(&cookie);
        let own = from(&site, &known, "owner").await;
        assert!(own.starts_with("device "));
        assert_eq!(from(&site, &known, "examiner").await, "192.0.2.7");
        let mut forged = cookie.to_str().unwrap().to_owned();
        forged = forged.replacen(&own["device ".len()..], &"a".repeat(32), 1);
        let forged = headers(&forged.parse().unwrap());
        assert_eq!(from(&site, &forged, "owner").await, "192.0.2.7");
        let random = |bytes: &mut [u8]| (site.app.random)(bytes);
        let turned = site.app.engine.turn_secret(DEVICE_PROOFS, &random).await;
        assert_eq!(turned.unwrap(), 2);
        assert_eq!(
            from(&site, &known, "owner").await,
            own,
            "a turned secret still vouches"
        );
        for _ in 0..6 {
            let _ = sign_in(
                &site.app,
                "owner",
                "x".into(),
                (&own, &Whence::default()),
                None,
            )
            .await;
        }
        let guess = sign_in(
            &site.app,
            "owner",
            "ひみつの言葉".into(),
            (&own, &Whence::default()),
            None,
        )
        .await;
        assert!(matches!(guess, Err(SignInError::Wait(_))));
        site.app.engine.retire_secrets(DEVICE_PROOFS).await.unwrap();
        assert_eq!(from(&site, &known, "owner").await, "192.0.2.7");
    }
}
