//! A proof, anew, of who somebody is, before their ways to sign in are changed: a factor where they have one, else the
//! password, else signing in again with the provider that vouched for them.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::{Chrome, encode, page, see, with_cookies};
use super::second::{shows, too_many};
use super::visitor::Visitor;
use crate::auth::second::{TWO_FACTORS, is_fresh, raise};
use crate::auth::{SignInError, Whence, origin, own_password, safe_next};
use crate::i18n::{say, with};
use askama::Template;
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Redirect, Response};
use kernel::port::Account;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "prove.html")]
struct Page {
    c: Chrome,
    next: String,
    passkey: bool,
    code: bool,
    password: bool,
    /// The provider at which to sign in again: title and address.
    again: Option<(String, String)>,
    error: Option<String>,
}

/// Goes on only if the person proved a moment ago who they are; leads there otherwise.
pub(super) async fn demanded(
    visitor: &Visitor,
    headers: &HeaderMap,
    next: &str,
) -> Result<Account, PageError> {
    let account = visitor.account()?.clone();
    let secret = visitor.signed.session.as_deref();
    if is_fresh(&visitor.app, headers, secret).await? {
        return Ok(account);
    }
    let to = format!("/my/sign-in/prove?next={}", encode(next));
    Err(Redirect::to(&to).into())
}

pub(super) async fn get(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    visitor.account()?;
    let next = safe_next(asked.next.as_deref()).to_owned();
    shown(&visitor, &next, StatusCode::OK, None).await
}

/// The ways that an account has: passkey, code, password.
async fn ways(visitor: &Visitor, account: &Account) -> Result<[bool; 3], PageError> {
    let engine = &visitor.app.engine;
    let proofs = engine.proofs_of(account.id).await?;
    let passkey = !proofs.passkeys.is_empty() && visitor.app.passkey_site().is_some();
    // The people of a demo share their passwords and everything else.
    let password = account.password.is_some() && (!proofs.any() || account.demo);
    Ok([passkey, proofs.any(), password])
}

async fn shown(
    visitor: &Visitor,
    next: &str,
    status: StatusCode,
    error: Option<String>,
) -> Result<Response, PageError> {
    let account = visitor.account()?;
    let [passkey, code, password] = ways(visitor, account).await?;
    let engine = &visitor.app.engine;
    let sessions = engine.sessions_of(account.id).await?;
    let mut here = sessions.iter();
    let here = here.find(|one| Some(one.id) == visitor.signed.session_id);
    let provider = here.and_then(|here| visitor.app.provider(&here.origin.way));
    let again = provider.map(|one| {
        let href = format!("/sign-in/with/{}?next={}", one.key(), encode(next));
        (with("{0}でログインし直す", &[&one.title()]), href)
    });
    Ok(page(
        status,
        &Page {
            c: visitor.chrome(say("ご本人の確認")),
            next: next.to_owned(),
            passkey,
            code,
            password,
            again: again.filter(|_| !code && !password),
            error,
        },
    ))
}

pub(super) async fn post(
    visitor: Visitor,
    whence: Whence,
    request: Request,
) -> Result<Response, PageError> {
    let account = visitor.account()?.clone();
    let headers = request.headers().clone();
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let next = safe_next(posted.get("next")).to_owned();
    let [_, factor, by_password] = ways(&visitor, &account).await?;
    let password = posted.get("password").unwrap_or_default().to_owned();
    let proved = match (password.is_empty(), by_password, factor) {
        (false, true, _) => {
            let from = origin(&visitor.app, &headers, &account.login, whence.peer()).await?;
            match own_password(&visitor.app, &account, password, &from).await {
                Ok(()) => Ok(1),
                Err(SignInError::Problem(problem)) => return Err((*problem).into()),
                Err(error) => Err(unproved(&error)),
            }
        }
        (_, _, true) => {
            let shown = shows(&visitor, (&headers, "prove"), &account, &posted).await?;
            shown.map(|_| TWO_FACTORS)
        }
        _ => Err(unproved(&SignInError::Refused)),
    };
    let authentication = match proved {
        Ok(authentication) => authentication,
        Err((status, said)) => return shown(&visitor, &next, status, Some(said)).await,
    };
    let Some(old) = &visitor.signed.session else {
        return Err(PageError::not_found());
    };
    let cookies = raise(&visitor.app, &account, old, authentication).await?;
    Ok(with_cookies(see(&next), cookies))
}

fn unproved(error: &SignInError) -> (StatusCode, String) {
    match error {
        SignInError::Wait(seconds) => too_many(*seconds),
        _ => (
            StatusCode::UNPROCESSABLE_ENTITY,
            say("いまのパスワードが違います。もう一度入力してください。").to_owned(),
        ),
    }
}
