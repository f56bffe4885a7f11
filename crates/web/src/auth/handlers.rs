//! Posts that change who is there, and for whom they act.

use super::{Arrival, Signed, Whence, csrf_ok, hat_cookie, persona, sign_in, sign_out_cookies};
use crate::face::{Face, Routes};
use crate::{App, Problem};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use engine::ProviderFault;
use kernel::PartyId;
use serde::Deserialize;
use std::sync::Arc;

/// Routes of sign-out, hats and, in a demo, personas.
pub(crate) fn router(face: Face) -> Routes {
    Routes::new(face)
        .route("/sign-out", post(sign_out))
        .route("/sign-in/with/{key}/out", post(signed_out_there))
        .route("/hat", post(hat))
        .route("/sign-in/persona", post(sign_in_as_persona))
        .merge(super::systems::router(face))
}

/// `next` if it is a path of this site, else `/`: a link may not send a person elsewhere.
#[must_use]
pub fn safe_next(next: Option<&str>) -> &str {
    let own = |path: &&str| {
        path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t'])
    };
    next.filter(own).unwrap_or("/")
}

#[derive(Deserialize)]
struct PersonaForm {
    persona: String,
    csrf: Option<String>,
    next: Option<String>,
}

async fn sign_in_as_persona(
    State(app): State<Arc<App>>,
    signed: Signed,
    whence: Whence,
    Form(form): Form<PersonaForm>,
) -> Result<Response, Problem> {
    let persona = persona::find(&form.persona)
        .filter(|_| app.demo)
        .ok_or_else(Problem::not_found)?;
    check(&signed, form.csrf.as_deref())?;
    let account = app
        .engine
        .account_by_login(persona.login)
        .await?
        .filter(|account| account.demo)
        .ok_or_else(Problem::not_found)?;
    let arrival = Arrival {
        assurance: persona::ASSURANCE,
        ..Arrival::by("persona", &whence, signed.session.as_deref())
    };
    let session = sign_in::open(&app, account, arrival).await?;
    let next = if form.next.is_some() {
        safe_next(form.next.as_deref())
    } else {
        session.home()
    };
    Ok(redirect(next, session.cookies))
}

#[derive(Deserialize)]
struct SignOutForm {
    csrf: Option<String>,
}

async fn sign_out(
    State(app): State<Arc<App>>,
    signed: Signed,
    Form(form): Form<SignOutForm>,
) -> Result<Response, Problem> {
    let mut next = "/".to_owned();
    if let (Some(session), Some(account)) = (&signed.session, &signed.account) {
        check(&signed, form.csrf.as_deref())?;
        let sessions = app.engine.sessions_of(account.id).await?;
        let mut sessions = sessions.iter();
        let here = sessions.find(|one| Some(one.id) == signed.session_id);
        let provider = here.and_then(|here| app.provider(&here.origin.way));
        if let Some(provider) = provider.filter(|provider| provider.leave().is_some()) {
            next = format!("/sign-out/done?from={}", provider.key());
        }
        app.engine.end_session(session).await?;
    }
    Ok(redirect(&next, sign_out_cookies(&app)))
}

#[derive(Deserialize)]
struct OutForm {
    logout_token: String,
}

/// A provider says that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0). Its token proves it.
async fn signed_out_there(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    Form(form): Form<OutForm>,
) -> Result<StatusCode, Problem> {
    let provider = app.provider(&key).ok_or_else(Problem::not_found)?;
    match provider.told(&form.logout_token).await {
        Ok(out) => {
            app.engine.signed_out_at(&**provider, &out).await?;
            Ok(StatusCode::OK)
        }
        Err(ProviderFault::Away) => Ok(StatusCode::SERVICE_UNAVAILABLE),
        Err(fault) => {
            tracing::warn!(provider = key, %fault, "a logout token proves nothing");
            Ok(StatusCode::BAD_REQUEST)
        }
    }
}

#[derive(Deserialize)]
struct HatForm {
    /// A party's id; empty: for oneself.
    #[serde(default)]
    hat: String,
    csrf: Option<String>,
    next: Option<String>,
}

async fn hat(
    State(app): State<Arc<App>>,
    signed: Signed,
    Form(form): Form<HatForm>,
) -> Result<Response, Problem> {
    let account = signed.require()?;
    check(&signed, form.csrf.as_deref())?;
    let hat = match form.hat.trim() {
        "" => None,
        text => Some(text.parse::<PartyId>().map_err(|_| Problem::not_found())?),
    };
    app.engine.actor(account, hat)?;
    Ok(redirect(
        safe_next(form.next.as_deref()),
        hat_cookie(&app, hat).into_iter().collect(),
    ))
}

fn check(signed: &Signed, token: Option<&str>) -> Result<(), Problem> {
    match csrf_ok(signed, token.unwrap_or_default()) {
        true => Ok(()),
        false => Err(Problem::form_expired()),
    }
}

fn redirect(to: &str, cookies: Vec<HeaderValue>) -> Response {
    let mut response = Redirect::to(to).into_response();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_never_leaves_the_site() {
        assert_eq!(safe_next(Some("/mypage?a=1")), "/mypage?a=1");
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "javascript:alert(1)",
            "/a\nb",
        ] {
            assert_eq!(safe_next(Some(bad)), "/", "{bad}");
        }
        assert_eq!(safe_next(None), "/");
    }
}
