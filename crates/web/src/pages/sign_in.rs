//! Signing in: with name and password, or in a demo as one of its people.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::{Chrome, encode, page, see, with_cookies};
use super::outside::Sorry;
use super::second;
use super::visitor::Visitor;
use crate::auth::{
    Arrival, DEMO_PASSWORD, Halfway, PERSONAS, Persona, SignInError, Whence, origin, remember,
    safe_next, sign_in,
};
use crate::i18n::{say, with};
use askama::Template;
use axum::extract::{Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::Known;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
    /// The provider with which it did not go well, and why.
    with: Option<String>,
    sorry: Option<String>,
    /// What was done, after which one signs in.
    done: Option<String>,
}

/// Providers for some people.
struct Group {
    title: &'static str,
    doors: Vec<Door>,
}

/// One provider.
struct Door {
    title: String,
    href: String,
    away: bool,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    c: Chrome,
    next: String,
    login: String,
    error: Option<String>,
    /// What did not go well with a provider.
    sorry: Option<String>,
    /// What was done, after which one signs in.
    done: Option<&'static str>,
    /// Whether accounts are made by mail here.
    mails: bool,
    groups: Vec<Group>,
    /// Whether browsers make passkeys for the portal's address.
    passkeys: bool,
    /// What went wrong with a passkey.
    missed: Option<&'static str>,
    personas: Vec<Persona>,
    password: &'static str,
}

pub(super) async fn get(visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    let next = asked
        .next
        .as_deref()
        .filter(|next| !next.is_empty())
        .map(|next| safe_next(Some(next)).to_owned())
        .unwrap_or_default();
    let signed_in = visitor.signed.account.is_some();
    if signed_in && !next.is_empty() && asked.sorry.is_none() {
        return see(&next);
    }
    let sorry = asked.sorry.zip(asked.with);
    let sorry = sorry.and_then(|(why, key)| sorry_for(&visitor, &key, &why));
    let c = visitor.chrome(say("ログイン"));
    let done = asked.done.as_deref().and_then(told);
    let shown = SignIn {
        sorry,
        done,
        ..blank(&visitor, c, next)
    };
    page(StatusCode::OK, &shown)
}

/// What the page says after something was done by a link.
fn told(done: &str) -> Option<&'static str> {
    Some(match done {
        "recovered" => say("パスワードを決め直しました。新しいパスワードでログインしてください。"),
        "moved" => say("メールアドレスを変えました。新しいメールアドレスでログインしてください。"),
        _ => return None,
    })
}

/// The page again, for somebody whose passkey was not taken.
pub(super) fn missed(visitor: &Visitor, next: &str, why: &'static str) -> Response {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let (c, next) = (visitor.chrome(say("ログイン")), next.to_owned());
    page(
        status,
        &SignIn {
            missed: Some(why),
            ..blank(visitor, c, next)
        },
    )
}

/// What to say of a provider with which it did not go well, and what to do.
fn sorry_for(visitor: &Visitor, key: &str, why: &str) -> Option<String> {
    let provider = visitor.app.provider(key)?;
    let (why, _) = Sorry::ALL.into_iter().find(|(_, name)| *name == why)?;
    let title = provider.title();
    Some(match why {
        Sorry::Away => with(
            "{0}に、いまつながりません。少し待ってからもう一度お試しになるか、ほかの方法でログインしてください。",
            &[&title],
        ),
        Sorry::Proof => with(
            "{0}でのログインを確かめられませんでした。もう一度お試しください。",
            &[&title],
        ),
        Sorry::TurnedBack => with("{0}でのログインを取りやめました。", &[&title]),
        Sorry::Low => with(
            "この手続きに要る本人確認が、{0}でできませんでした。ほかの方法があれば、そちらでログインしてください。",
            &[&title],
        ),
        Sorry::NotThese => provider.turns_away(),
        Sorry::Closed => say(
            "このアカウントは閉じられています。心当たりがなければ、窓口に問い合わせてください。",
        )
        .to_owned(),
    })
}

/// The providers, by whom they are for.
fn groups(visitor: &Visitor, next: &str) -> Vec<Group> {
    let titles = [
        (Known::Residents, say("都民の方")),
        (Known::Businesses, say("事業者の方")),
        (Known::Officials, say("職員の方")),
    ];
    let providers = visitor.app.engine.providers();
    let doors = |knows| {
        let those = providers
            .iter()
            .filter(move |one| one.knows() == knows && visitor.app.face.asks(knows));
        let doors = those.map(|one| Door {
            title: with("{0}でログイン", &[&one.title()]),
            href: format!("/sign-in/with/{}?next={}", one.key(), encode(next)),
            away: one.is_away(),
        });
        doors.collect::<Vec<_>>()
    };
    let groups = titles.map(|(knows, title)| Group {
        title,
        doors: doors(knows),
    });
    let some = |group: &Group| !group.doors.is_empty();
    groups.into_iter().filter(some).collect()
}

fn shown(
    visitor: &Visitor,
    status: StatusCode,
    next: String,
    login: String,
    error: Option<String>,
) -> Response {
    let c = visitor.chrome(say("ログイン"));
    page(
        status,
        &SignIn {
            login,
            error,
            ..blank(visitor, c, next)
        },
    )
}

/// The demo's people who sign in on this face.
fn personas(visitor: &Visitor) -> Vec<Persona> {
    let app = &visitor.app;
    let here = |one: &&Persona| app.demo && app.face.knows_officials(one.is_official());
    PERSONAS.iter().filter(here).copied().collect()
}

fn blank(visitor: &Visitor, c: Chrome, next: String) -> SignIn {
    SignIn {
        c,
        groups: groups(visitor, &next),
        sorry: None,
        done: None,
        mails: visitor.app.face.offers("/register") && visitor.app.engine.mails(),
        next,
        login: String::new(),
        error: None,
        passkeys: visitor.app.passkey_site().is_some(),
        missed: None,
        personas: personas(visitor),
        password: if visitor.app.demo { DEMO_PASSWORD } else { "" },
    }
}

/// Where somebody wanted to go on; empty where they said nothing.
pub(super) fn next_of(posted: &Posted) -> String {
    let next = posted.get("next").filter(|next| !next.is_empty());
    next.map(|next| safe_next(Some(next)).to_owned())
        .unwrap_or_default()
}

fn said(error: &SignInError) -> String {
    match error {
        SignInError::Wait(seconds) => with(
            "続けて失敗したため、しばらくログインできません。{0}秒たってからもう一度お試しください。",
            &[seconds],
        ),
        other => say(&other.to_string()).to_owned(),
    }
}

pub(super) async fn post(
    visitor: Visitor,
    whence: Whence,
    request: Request,
) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let login = posted.get("login").unwrap_or_default().trim().to_owned();
    let next = next_of(&posted);
    let password = posted.get("password").unwrap_or_default().to_owned();
    let from = origin(&visitor.app, &headers, &login, whence.peer()).await?;
    let old = visitor.signed.session.as_deref();
    let session = match sign_in(&visitor.app, &login, password, (&from, &whence), old).await {
        Ok(session) => session,
        Err(SignInError::Problem(problem)) => return Err((*problem).into()),
        Err(SignInError::Second(Halfway(account))) => {
            let arrival = Arrival::by("password", &whence, old);
            return second::lead(&visitor, &account, &arrival, (&login, &next)).await;
        }
        Err(error) => {
            let status = if matches!(error, SignInError::Wait(_)) {
                StatusCode::TOO_MANY_REQUESTS
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            return Ok(shown(&visitor, status, next, login, Some(said(&error))));
        }
    };
    let home = session.home();
    let response = see(if next.is_empty() { home } else { &next });
    let known = remember(&visitor.app, &login).await?;
    let cookies = session.cookies.into_iter().chain(known);
    Ok(with_cookies(response, cookies))
}
