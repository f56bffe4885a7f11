//! The extractor that says who is there.

use super::cookie::{self, FormSecret};
use super::{HAT_COOKIE, SESSION_COOKIE, digest};
use crate::face::Brought;
use crate::{App, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Redirect;
use kernel::port::Account;
use kernel::{Actor, PartyId};
use std::sync::Arc;
use uuid::Uuid;

/// Who is there: by bearer token, by cookie, or the public. `Debug` is left out: it holds personal data and secrets.
pub struct Signed {
    /// The actor, in the hat chosen by `On-Behalf-Of` (API) or by the hat cookie (pages).
    pub actor: Actor,
    /// The account; none for the public.
    pub account: Option<Account>,
    /// The token that forms of this person carry in the field `csrf`.
    pub csrf: String,
    /// The session's secret, when signed in by cookie.
    pub session: Option<String>,
    /// The session's name, which is no secret; none for the public.
    pub session_id: Option<Uuid>,
}

impl Signed {
    /// The account, where one is needed.
    ///
    /// # Errors
    /// 401 with `WWW-Authenticate`.
    pub fn require(&self) -> Result<&Account, Problem> {
        self.account.as_ref().ok_or_else(Problem::not_signed_in)
    }

    /// The account, where a page needs one; `here` is the page's own path and query.
    ///
    /// # Errors
    /// A redirect to the sign-in page, which leads back to `here`.
    pub fn require_page(&self, here: &str) -> Result<&Account, Redirect> {
        self.account.as_ref().ok_or_else(|| {
            let next: String = crate::percent::path(here);
            Redirect::to(&format!("/sign-in?next={next}"))
        })
    }
}

/// Whether a form's token is the one that the page of this person carried.
#[must_use]
pub fn csrf_ok(signed: &Signed, token: &str) -> bool {
    // Compares digests, so that the time taken says nothing of the token.
    !signed.csrf.is_empty() && digest(&[signed.csrf.as_bytes()]) == digest(&[token.as_bytes()])
}

impl FromRequestParts<Arc<App>> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let signed = Self::read(parts, app).await?;
        let is_official = signed
            .account
            .as_ref()
            .is_some_and(|account| !account.seats.is_empty());
        if is_official && let Some(secret) = secret_of(&parts.headers) {
            app.gate.remember_official(secret);
        }
        Ok(signed)
    }
}

/// The secret that a request brings: its bearer token, else the session of its cookie.
pub(crate) fn secret_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).map_or_else(
        || cookie::value(headers, SESSION_COOKIE),
        |value| token(value),
    )
}

fn token(value: &HeaderValue) -> Option<&str> {
    let (scheme, secret) = value.to_str().ok()?.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then_some(secret)
}

impl Signed {
    async fn read(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        if let Some(secret) = bearer(parts)? {
            let known = app.known(&secret, Brought::Token).await?;
            let known = known.ok_or_else(Problem::token_refused)?;
            let actor = app.engine.actor(&known.account, on_behalf_of(parts)?)?;
            let actor = match &known.scope {
                Some(scope) if scope.lets(parts.method.as_str(), parts.uri.path()) => {
                    scope.confines(actor)
                }
                Some(_) => return Err(Problem::insufficient_scope()),
                None => actor,
            };
            return Ok(Self {
                actor: Actor {
                    assurance: known.assurance,
                    ..actor
                },
                account: Some(known.account),
                csrf: String::new(),
                session: None,
                session_id: Some(known.session),
            });
        }
        let form = parts
            .extensions
            .get::<FormSecret>()
            .map(|form| form.0.clone());
        if let Some(secret) = cookie::value(&parts.headers, SESSION_COOKIE).map(str::to_owned)
            && let Some(known) = app.known(&secret, Brought::Cookie).await?
            && known.scope.is_none()
        {
            let actor = browser_actor(parts, app, &known.account)?;
            let csrf = digest(&[b"csrf", secret.as_bytes()]);
            return Ok(Self {
                actor: Actor {
                    assurance: known.assurance,
                    ..actor
                },
                account: Some(known.account),
                csrf,
                session: Some(secret),
                session_id: Some(known.session),
            });
        }
        if parts.headers.contains_key("on-behalf-of") {
            return Err(Problem::not_signed_in());
        }
        let csrf = form
            .map(|secret| digest(&[b"form", secret.as_bytes()]))
            .unwrap_or_default();
        Ok(Self {
            actor: Actor::public(),
            account: None,
            csrf,
            session: None,
            session_id: None,
        })
    }
}

/// The header wins; a hat cookie that no longer fits is passed over.
fn browser_actor(parts: &Parts, app: &App, account: &Account) -> Result<Actor, Problem> {
    if let Some(party) = on_behalf_of(parts)? {
        return Ok(app.engine.actor(account, Some(party))?);
    }
    let hat =
        cookie::value(&parts.headers, HAT_COOKIE).and_then(|text| text.parse::<PartyId>().ok());
    match hat.filter(|hat| {
        account
            .hats
            .iter()
            .any(|held| held.id == *hat && held.is_held(app.engine.today()))
    }) {
        Some(hat) => Ok(app.engine.actor(account, Some(hat))?),
        None => Ok(app.engine.actor(account, None)?),
    }
}

fn bearer(parts: &Parts) -> Result<Option<String>, Problem> {
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    token(value)
        .map(|secret| Some(secret.to_owned()))
        .ok_or_else(Problem::token_refused)
}

fn on_behalf_of(parts: &Parts) -> Result<Option<PartyId>, Problem> {
    let Some(value) = parts.headers.get("on-behalf-of") else {
        return Ok(None);
    };
    let party = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let detail = "On-Behalf-Of には、あなたが代わって手続きできる相手の id を書いてください。GET /api/v1/session で確かめられます。";
    party
        .map(Some)
        .ok_or_else(|| Problem::malformed("/headers/On-Behalf-Of", "format", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(csrf: &str) -> Signed {
        Signed {
            actor: Actor::public(),
            account: None,
            csrf: csrf.into(),
            session: None,
            session_id: None,
        }
    }

    #[test]
    fn an_empty_token_never_fits() {
        assert!(!csrf_ok(&public(""), ""));
        assert!(csrf_ok(&public("abc"), "abc"));
        assert!(!csrf_ok(&public("abc"), "abd"));
    }

    #[test]
    fn a_page_leads_to_sign_in_and_back() {
        let redirect = public("")
            .require_page("/a?q=柴&b=1")
            .map(|_| ())
            .unwrap_err();
        let response = axum::response::IntoResponse::into_response(redirect);
        assert_eq!(
            response.headers()[header::LOCATION],
            "/sign-in?next=/a%3Fq%3D%E6%9F%B4%26b%3D1"
        );
    }
}
