//! What a token must say before it is believed (OpenID Connect Core 1.0, 3.1.3.7; Back-Channel Logout 1.0, 2.6).

use engine::SignedOut;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// Clocks may differ by so much.
const SKEW_SECONDS: i64 = 60;
/// A token that was made longer ago was not made for this round.
const OLDEST_SECONDS: i64 = 10 * 60;
const OUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What a token is held against.
pub(super) struct Expected<'e> {
    pub(super) issuer: &'e str,
    pub(super) client: &'e str,
    pub(super) now: Timestamp,
}

type Claims = Map<String, Json>;

/// Whether an ID token was made by this provider, for us, now, and for this round.
pub(super) fn identity(
    claims: &Claims,
    expected: &Expected<'_>,
    nonce: &str,
) -> Result<(), &'static str> {
    common(claims, expected)?;
    let until = seconds(claims, "exp").ok_or("it has no end")?;
    if until <= expected.now.as_second() - SKEW_SECONDS {
        return Err("it has run out");
    }
    if text(claims, "nonce") != Some(nonce) {
        return Err("it was made for another round");
    }
    match text(claims, "sub") {
        Some(subject) if !subject.is_empty() && subject.len() <= 255 => Ok(()),
        _ => Err("it names nobody"),
    }
}

/// Whom a logout token signs out.
pub(super) fn out(
    claims: &Claims,
    kind: Option<&str>,
    expected: &Expected<'_>,
) -> Result<SignedOut, &'static str> {
    common(claims, expected)?;
    if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("logout+jwt") && kind != "JWT") {
        return Err("it is another kind of token");
    }
    if claims.contains_key("nonce") {
        return Err("it is an ID token");
    }
    let event = claims.get("events").and_then(|events| events.get(OUT));
    if !event.is_some_and(Json::is_object) || text(claims, "jti").is_none() {
        return Err("it signs nobody out");
    }
    let until = seconds(claims, "exp");
    if until.is_some_and(|until| until <= expected.now.as_second() - SKEW_SECONDS) {
        return Err("it has run out");
    }
    let (subject, session) = (text(claims, "sub"), text(claims, "sid"));
    if subject.is_none() && session.is_none() {
        return Err("it names nobody");
    }
    Ok(SignedOut {
        issuer: expected.issuer.to_owned(),
        subject: subject.map(str::to_owned),
        session: session.map(str::to_owned),
    })
}

fn common(claims: &Claims, expected: &Expected<'_>) -> Result<(), &'static str> {
    if text(claims, "iss") != Some(expected.issuer) {
        return Err("it comes from another issuer");
    }
    let ours = |audience: &Json| audience.as_str() == Some(expected.client);
    // More than one audience: somebody else could use it, so it must say that it was made for us.
    let meant = match claims.get("aud") {
        Some(Json::Array(all)) => {
            all.iter().any(ours) && (all.len() == 1 || text(claims, "azp").is_some())
        }
        Some(one) => ours(one),
        None => false,
    };
    let party = text(claims, "azp");
    if !meant || party.is_some_and(|party| party != expected.client) {
        return Err("it is meant for another");
    }
    let now = expected.now.as_second();
    let made = seconds(claims, "iat").ok_or("it does not say when it was made")?;
    if made > now + SKEW_SECONDS || made < now - OLDEST_SECONDS - SKEW_SECONDS {
        return Err("it was made at another time");
    }
    Ok(())
}

pub(super) fn text<'c>(claims: &'c Claims, name: &str) -> Option<&'c str> {
    claims.get(name)?.as_str()
}

/// A moment; some providers write fractions.
fn seconds(claims: &Claims, name: &str) -> Option<i64> {
    let number = claims.get(name)?.as_number()?;
    let whole = number.to_string();
    whole.split('.').next()?.parse().ok()
}
