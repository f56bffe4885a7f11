//! Accounts by mail: asking for a link, and what a link opens. Asking always ends on the same page; what is true of an
//! address stands in the letter. A link is spent by a button, so nothing that merely follows links spends it.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::{Chrome, encode, ok, page, see, with_cookies};
use super::prove::demanded;
use super::sessions::{hashed, weak};
use super::visitor::Visitor;
use crate::auth::{
    Arrival, SHORTEST_PASSWORD_CHARACTERS, Whence, asks_for_letter, open, origin, remember,
    safe_next, sign_out_cookies,
};
use crate::i18n::{current, faults, say, with};
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::Failure;
use engine::mailed::{LINK_MINUTES, LONGEST_NAME, Mailed, Purpose, Registered, moves};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
    sent: Option<String>,
}

#[derive(Template)]
#[template(path = "mail_ask.html")]
struct Ask {
    c: Chrome,
    /// Whether an account is to be made; else a password is to be chosen anew.
    register: bool,
    /// Whether it was asked for.
    sent: bool,
    minutes: i64,
    next: String,
    mail: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "mail_open.html")]
struct Open {
    c: Chrome,
    /// What the link is for; none where it holds no longer.
    purpose: Option<Purpose>,
    path: String,
    address: String,
    name: String,
    business: String,
    shortest: usize,
    /// What is wrong with the name, the name of the business, and the password.
    wrong: [Option<String>; 3],
}

/// Whether letters are sent here at all: there are no such pages otherwise.
fn must_mail(visitor: &Visitor) -> Result<(), PageError> {
    match visitor.app.engine.mails() {
        true => Ok(()),
        false => Err(PageError::not_found()),
    }
}

/// Where to go on to; empty where nowhere.
fn wanted(next: Option<&str>) -> String {
    let next = next.filter(|next| !next.is_empty());
    next.map(|next| safe_next(Some(next)).to_owned())
        .unwrap_or_default()
}

pub(super) async fn register(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    asks(&visitor, true, &asked)
}

pub(super) async fn recover(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    asks(&visitor, false, &asked)
}

fn asks(visitor: &Visitor, register: bool, asked: &Asked) -> Result<Response, PageError> {
    must_mail(visitor)?;
    Ok(ok(&Ask {
        sent: asked.sent.is_some(),
        next: wanted(asked.next.as_deref()),
        ..blank(visitor, register)
    }))
}

fn blank(visitor: &Visitor, register: bool) -> Ask {
    let title = match register {
        true => say("メールアドレスで登録する"),
        false => say("パスワードを忘れたとき"),
    };
    Ask {
        c: visitor.chrome(title),
        register,
        sent: false,
        minutes: LINK_MINUTES,
        next: String::new(),
        mail: String::new(),
        error: None,
    }
}

pub(super) async fn ask_register(
    visitor: Visitor,
    whence: Whence,
    request: Request,
) -> Result<Response, PageError> {
    ask(visitor, whence, request, true).await
}

pub(super) async fn ask_recover(
    visitor: Visitor,
    whence: Whence,
    request: Request,
) -> Result<Response, PageError> {
    ask(visitor, whence, request, false).await
}

async fn ask(
    visitor: Visitor,
    whence: Whence,
    request: Request,
    register: bool,
) -> Result<Response, PageError> {
    must_mail(&visitor)?;
    let headers = request.headers().clone();
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let mail = posted.get("mail").unwrap_or_default().trim().to_owned();
    let next = wanted(posted.get("next"));
    let again = |status, error| {
        let shown = Ask {
            next: next.clone(),
            mail: mail.clone(),
            error: Some(error),
            ..blank(&visitor, register)
        };
        Ok(page(status, &shown))
    };
    let app = &visitor.app;
    let from = origin(app, &headers, &mail, whence.peer()).await?;
    if let Some(seconds) = asks_for_letter(&app.engine, &from).await? {
        return again(StatusCode::TOO_MANY_REQUESTS, too_many(seconds));
    }
    let (purpose, path) = match register {
        true => (Purpose::Register, "/register"),
        false => (Purpose::Recover, "/recover"),
    };
    let random = |bytes: &mut [u8]| (app.random)(bytes);
    let language = current().tag();
    let asked = app
        .engine
        .ask_by_mail(purpose, &mail, (language, &next), &random);
    match asked.await {
        Ok(()) => Ok(see(&format!("{path}?sent=yes"))),
        Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
            again(StatusCode::UNPROCESSABLE_ENTITY, faults(&refusal.faults))
        }
        Err(fault) => Err(fault.into()),
    }
}

fn too_many(seconds: u32) -> String {
    with(
        "このネットワークから続けて申し込みがあったため、しばらく受け付けられません。{0}秒たってからもう一度お試しください。",
        &[&seconds],
    )
}

/// A link's page. Opening it changes nothing.
pub(super) async fn get(
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    must_mail(&visitor)?;
    let link = visitor.app.engine.mailed(&token).await?;
    Ok(shown(&visitor, &token, link.as_ref(), StatusCode::OK))
}

fn shown(visitor: &Visitor, token: &str, link: Option<&Mailed>, status: StatusCode) -> Response {
    match link {
        Some(_) => page(status, &opened(visitor, token, link)),
        None => page(StatusCode::GONE, &opened(visitor, token, None)),
    }
}

fn opened(visitor: &Visitor, token: &str, link: Option<&Mailed>) -> Open {
    let purpose = link.map(|link| link.purpose);
    let title = match purpose {
        Some(Purpose::Register) => say("アカウントを作る"),
        Some(Purpose::Recover) => say("パスワードを決め直す"),
        Some(Purpose::Move | Purpose::Tell) => say("メールアドレスを変える"),
        None => say("このリンクは使えません"),
    };
    Open {
        c: visitor.chrome(title),
        purpose,
        path: format!("/mail/{}", encode(token)),
        address: link.map(|link| link.address.clone()).unwrap_or_default(),
        name: String::new(),
        business: String::new(),
        shortest: SHORTEST_PASSWORD_CHARACTERS,
        wrong: [const { None }; 3],
    }
}

pub(super) async fn post(
    visitor: Visitor,
    whence: Whence,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    must_mail(&visitor)?;
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let Some(link) = visitor.app.engine.mailed(&token).await? else {
        return Ok(shown(&visitor, &token, None, StatusCode::GONE));
    };
    let done = match link.purpose {
        Purpose::Register => make(&visitor, &whence, (&token, &link), &posted).await?,
        Purpose::Recover => choose(&visitor, (&token, &link), &posted).await?,
        Purpose::Move | Purpose::Tell => {
            let moved = visitor.app.engine.move_by_mail(&link).await?;
            moved.map(|_| signed_out(&visitor, "moved"))
        }
    };
    Ok(done.unwrap_or_else(|| shown(&visitor, &token, None, StatusCode::GONE)))
}

/// The sign-in page, which says what was done.
fn signed_out(visitor: &Visitor, done: &str) -> Response {
    let to = see(&format!("/sign-in?done={done}"));
    with_cookies(to, sign_out_cookies(&visitor.app))
}

fn name_fault(name: &str, needed: bool) -> Option<String> {
    if needed && name.is_empty() {
        return Some(say("お名前を入れてください。").to_owned());
    }
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Some(with(
            "{0}文字以内で、改行を入れずに書いてください。",
            &[&LONGEST_NAME],
        ));
    }
    None
}

async fn make(
    visitor: &Visitor,
    whence: &Whence,
    (token, link): (&str, &Mailed),
    posted: &Posted,
) -> Result<Option<Response>, PageError> {
    let field = |name: &str| posted.get(name).unwrap_or_default().to_owned();
    let trimmed = |name: &str| field(name).trim().to_owned();
    let (name, business) = (trimmed("name"), trimmed("business"));
    let password = field("password");
    let about = [link.address.as_str(), name.as_str(), business.as_str()];
    let wrong = [
        name_fault(&name, true),
        name_fault(&business, false),
        weak(&about, &password, &field("again")),
    ];
    if wrong.iter().any(Option::is_some) {
        let again = Open {
            name,
            business,
            wrong,
            ..opened(visitor, token, Some(link))
        };
        return Ok(Some(page(StatusCode::UNPROCESSABLE_ENTITY, &again)));
    }
    let app = &visitor.app;
    let who = Registered {
        name,
        business,
        password: hashed(app, password).await?,
    };
    let Some(account) = app.engine.register_by_mail(link, who).await? else {
        return Ok(None);
    };
    let arrival = Arrival::by("password", whence, visitor.signed.session.as_deref());
    let session = open(app, account, arrival).await?;
    let to = match link.next.as_str() {
        "" => session.home(),
        next => next,
    };
    let known = remember(app, &link.address).await?;
    let cookies = session.cookies.into_iter().chain(known);
    Ok(Some(with_cookies(see(to), cookies)))
}

async fn choose(
    visitor: &Visitor,
    (token, link): (&str, &Mailed),
    posted: &Posted,
) -> Result<Option<Response>, PageError> {
    let engine = &visitor.app.engine;
    let Some(account) = engine.recoverable(link).await? else {
        return Ok(None);
    };
    let field = |name: &str| posted.get(name).unwrap_or_default().to_owned();
    let password = field("password");
    let about = [account.login.as_str(), account.name.as_str()];
    if let Some(fault) = weak(&about, &password, &field("again")) {
        let again = Open {
            wrong: [None, None, Some(fault)],
            ..opened(visitor, token, Some(link))
        };
        return Ok(Some(page(StatusCode::UNPROCESSABLE_ENTITY, &again)));
    }
    let hash = hashed(&visitor.app, password).await?;
    let done = engine.recover_by_mail(link, hash).await?;
    Ok(done.map(|_| signed_out(visitor, "recovered")))
}

/// Another mail address is asked for, by somebody who proved a moment ago who they are.
pub(super) async fn ask_move(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    must_mail(&visitor)?;
    let headers = request.headers().clone();
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let account = demanded(&visitor, &headers, "/my/sign-in").await?;
    if !moves(&account) {
        return Err(PageError::not_found());
    }
    let app = &visitor.app;
    let random = |bytes: &mut [u8]| (app.random)(bytes);
    let mail = posted.get("mail").unwrap_or_default();
    let asked = app
        .engine
        .ask_to_move(&account, mail, current().tag(), &random);
    match asked.await {
        Ok(()) => Ok(see("/my/sign-in?done=asked")),
        Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
            super::sessions::not_moved(&visitor, mail, faults(&refusal.faults)).await
        }
        Err(fault) => Err(fault.into()),
    }
}

#[cfg(test)]
mod tests;
