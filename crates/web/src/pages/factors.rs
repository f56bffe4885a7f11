//! Passkeys, authenticator apps and recovery codes of somebody: what there is, adding and removing.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::{Chrome, ok, page, see, with_cookies};
use super::prove::demanded;
use super::second::sorry;
use super::show::instant;
use super::visitor::Visitor;
use crate::auth::second::{Challenge, TWO_FACTORS, raise};
use crate::i18n::{say, with};
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::proofs::{PasskeyAnswer, ProofFault, app_address, base32};
use kernel::port::Account;
use kernel::proofs::{Change, Proofs};
use serde::Deserialize;
use uuid::Uuid;

const HERE: &str = "/my/sign-in/factors";
const APP: &str = "/my/sign-in/app";

/// A passkey or an app.
struct Line {
    id: String,
    name: String,
    kind: &'static str,
    made: String,
    used: Option<String>,
}

#[derive(Template)]
#[template(path = "factors.html")]
struct Page {
    c: Chrome,
    lines: Vec<Line>,
    changes: Vec<(String, String)>,
    /// Recovery codes that are left; none where there is nothing to recover.
    left: Option<usize>,
    /// Whether browsers make passkeys for the portal's address.
    passkeys: bool,
    /// An official who must have one and has none.
    demanded: bool,
    done: Option<&'static str>,
    error: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "app.html")]
struct App {
    c: Chrome,
    picture: Option<String>,
    secret: String,
    address: String,
    name: String,
    error: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "codes.html")]
struct Codes {
    c: Chrome,
    codes: Vec<String>,
    login: String,
    day: String,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

fn said(done: &str) -> Option<&'static str> {
    Some(match done {
        "passkey" => say("パスキーを登録しました。"),
        "app" => say("認証アプリを登録しました。"),
        "removed" => say(
            "外しました。ほかの端末に心当たりがなければ、「ログインと安全」でログアウトさせられます。",
        ),
        "recovered" => say(
            "回復コードを1つ使いました。いまの端末で、パスキーか認証アプリを登録し直してください。",
        ),
        _ => return None,
    })
}

pub(super) async fn get(
    visitor: Visitor,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let account = demanded(&visitor, &headers, HERE).await?;
    let done = asked.done.as_deref().and_then(said);
    shown(&visitor, &account, (done, None)).await
}

async fn shown(
    visitor: &Visitor,
    account: &Account,
    (done, error): (Option<&'static str>, Option<&'static str>),
) -> Result<Response, PageError> {
    let engine = &visitor.app.engine;
    let proofs = engine.proofs_of(account.id).await?;
    let lacks = visitor.signed.actor.assurance.authentication < TWO_FACTORS;
    let status = match error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok(page(
        status,
        &Page {
            c: visitor.chrome(say("パスキーと認証アプリ")),
            lines: lines(&proofs),
            changes: proofs.changes.iter().map(change).collect(),
            left: proofs.any().then_some(proofs.recovery.len()),
            passkeys: visitor.app.passkey_site().is_some(),
            demanded: lacks && engine.demands_second(account),
            done,
            error,
        },
    ))
}

fn lines(proofs: &Proofs) -> Vec<Line> {
    let passkeys = proofs.passkeys.iter().map(|one| Line {
        id: one.id.to_string(),
        name: one.name.clone(),
        kind: say("パスキー"),
        made: instant(one.made),
        used: one.used.map(instant),
    });
    let apps = proofs.apps.iter().map(|one| Line {
        id: one.id.to_string(),
        name: one.name.clone(),
        kind: say("認証アプリ"),
        made: instant(one.made),
        used: one.used.map(instant),
    });
    passkeys.chain(apps).collect()
}

/// A change in words: when, what.
fn change(change: &Change) -> (String, String) {
    let what = match (change.what.as_str(), change.added) {
        ("codes", _) => say("回復コードを作りました").to_owned(),
        (_, true) => with("「{0}」を登録しました", &[&change.name]),
        (_, false) => with("「{0}」を外しました", &[&change.name]),
    };
    (instant(change.at), what)
}

/// What follows the first factor: the session is as sure as with it, and the recovery codes are made.
async fn added(visitor: &Visitor, account: &Account, done: &str) -> Result<Response, PageError> {
    let mut cookies = Vec::new();
    if let Some(old) = &visitor.signed.session {
        cookies = raise(&visitor.app, account, old, TWO_FACTORS).await?;
    }
    cookies.extend(Challenge::forget(&visitor.app));
    Ok(with_cookies(see(&format!("{HERE}?done={done}")), cookies))
}

pub(super) async fn add_passkey(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let account = demanded(&visitor, &headers, HERE).await?;
    let engine = &visitor.app.engine;
    let challenge = Challenge::of(&visitor.app, &headers, "add").await?;
    let answer = PasskeyAnswer::read(posted.get("answer").unwrap_or_default());
    let name = posted.get("name").unwrap_or_default();
    let made = match (challenge, visitor.app.passkey_site(), answer) {
        (Some(challenge), Some(site), Some(answer)) => {
            let made = engine.add_passkey(&account, (&site, &challenge), &answer, name);
            made.await?
        }
        (_, _, None) => Err(ProofFault::Unknown),
        _ => Err(ProofFault::Late),
    };
    match made {
        Ok(()) => added(&visitor, &account, "passkey").await,
        Err(fault) => {
            tracing::warn!(%fault, "a passkey was not registered");
            shown(&visitor, &account, (None, Some(sorry(fault)))).await
        }
    }
}

pub(super) async fn begin_app(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    receive(&visitor.app, &visitor.signed, request).await?;
    let account = demanded(&visitor, &headers, HERE).await?;
    let random = |bytes: &mut [u8]| (visitor.app.random)(bytes);
    match visitor.app.engine.begin_app(account.id, &random).await? {
        Ok(_) => Ok(see(APP)),
        Err(fault) => shown(&visitor, &account, (None, Some(sorry(fault)))).await,
    }
}

pub(super) async fn app(visitor: Visitor, headers: HeaderMap) -> Result<Response, PageError> {
    let account = demanded(&visitor, &headers, HERE).await?;
    asks(&visitor, &account, String::new(), None).await
}

async fn asks(
    visitor: &Visitor,
    account: &Account,
    name: String,
    error: Option<&'static str>,
) -> Result<Response, PageError> {
    let Some(secret) = visitor.app.engine.begun_app(account.id).await? else {
        return Ok(see(HERE));
    };
    let address = app_address(say("つむぎ"), &account.login, &secret);
    let picture = engine::qr::svg(&address);
    let picture = picture.map(|svg| format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)));
    let status = match error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok(page(
        status,
        &App {
            c: visitor.chrome(say("認証アプリを登録する")),
            picture,
            secret: in_fours(&base32(&secret)),
            address,
            name,
            error,
        },
    ))
}

/// So that it can be read out and typed.
fn in_fours(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let fours = signs.chunks(4).map(|four| four.iter().collect::<String>());
    fours.collect::<Vec<_>>().join("-")
}

pub(super) async fn add_app(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let account = demanded(&visitor, &headers, HERE).await?;
    let (code, name) = (posted.get("code"), posted.get("name").unwrap_or_default());
    let engine = &visitor.app.engine;
    match engine
        .add_app(&account, code.unwrap_or_default(), name)
        .await?
    {
        Ok(()) => added(&visitor, &account, "app").await,
        Err(ProofFault::Late) => Ok(see(HERE)),
        Err(fault) => asks(&visitor, &account, name.to_owned(), Some(sorry(fault))).await,
    }
}

/// Makes recovery codes, and shows them this once: the answer to the post is the page.
pub(super) async fn codes(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    receive(&visitor.app, &visitor.signed, request).await?;
    let account = demanded(&visitor, &headers, HERE).await?;
    let engine = &visitor.app.engine;
    if !engine.proofs_of(account.id).await?.any() {
        return Ok(see(HERE));
    }
    let random = |bytes: &mut [u8]| (visitor.app.random)(bytes);
    match engine.make_recovery(&account, &random).await? {
        Ok(codes) => Ok(ok(&Codes {
            c: visitor.chrome(say("回復コード")),
            codes: codes.iter().map(|code| in_fours(code)).collect(),
            day: instant(engine.now()),
            login: account.login,
        })),
        Err(fault) => shown(&visitor, &account, (None, Some(sorry(fault)))).await,
    }
}

pub(super) async fn remove(
    visitor: Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    let id: Uuid = id.parse().map_err(|_| PageError::not_found())?;
    receive(&visitor.app, &visitor.signed, request).await?;
    let account = demanded(&visitor, &headers, HERE).await?;
    match visitor.app.engine.remove_proof(&account, id).await? {
        Ok(()) => Ok(see("/my/sign-in/factors?done=removed")),
        Err(fault) => shown(&visitor, &account, (None, Some(sorry(fault)))).await,
    }
}

#[cfg(test)]
pub(super) mod tests;
