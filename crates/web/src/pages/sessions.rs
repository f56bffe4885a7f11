//! ログインと安全: where one is signed in, with ending any of it, and one's password.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::{Chrome, page, see, with_cookies};
use super::prove::demanded;
use super::show::instant;
use super::visitor::Visitor;
use crate::auth::{
    SHORTEST_PASSWORD_CHARACTERS, SignInError, Whence, hash_password, is_guessable, origin,
    own_password, rotate,
};
use crate::i18n::{say, with};
use crate::{App, Problem};
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::linked::{Unlinking, link_name, links_itself};
use engine::mailed::moves;
use engine::{Known, SessionLimits};
use kernel::identity::{Link, Session};
use kernel::port::Account;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// Where somebody is signed in.
struct Line {
    id: String,
    device: String,
    place: String,
    way: String,
    made: Option<String>,
    used: String,
    ends: String,
    here: bool,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct Page {
    c: Chrome,
    lines: Vec<Line>,
    idle_minutes: u32,
    hours: i64,
    /// Whether the account has a password that can be changed here.
    password: bool,
    /// Passkeys, apps and recovery codes that are left.
    factors: [usize; 3],
    done: Option<&'static str>,
    /// What is wrong with the password now, and with the one to come.
    wrong: [Option<String>; 2],
    /// The mail address by which they sign in, where it can be changed here.
    address: Option<String>,
    /// The address that was typed, and what is wrong with it.
    mail: Option<(String, String)>,
    /// What did not go well.
    sorry: Option<&'static str>,
    /// Providers by which they sign in, or may.
    doors: Vec<Door>,
}

/// What is shown again, since it was not taken.
#[derive(Default)]
struct Again {
    wrong: [Option<String>; 2],
    mail: Option<(String, String)>,
    sorry: Option<&'static str>,
}

/// A provider by which somebody signs in, or may.
struct Door {
    title: String,
    /// The names of what they have there.
    names: Vec<String>,
    /// The way to add it.
    href: String,
}

/// Whether the account's mail address can be changed here.
fn moves_here(app: &App, account: &Account) -> bool {
    app.face.offers("/my/sign-in/mail") && moves(account) && app.engine.mails()
}

/// The providers for an account, with what it has there.
async fn doors(visitor: &Visitor, account: &Account) -> Result<Vec<Door>, PageError> {
    let offered = visitor.app.face.offers("/my/sign-in/link/{key}");
    if !offered || !links_itself(account) {
        return Ok(Vec::new());
    }
    let engine = &visitor.app.engine;
    let links = engine.links_of(account.id).await?;
    let those = engine.providers().iter();
    let those = those.filter(|one| one.knows() != Known::Officials);
    let names = |key: &str| {
        let of = |link: &&Link| engine.provider_of(link).is_some_and(|one| one.key() == key);
        links.iter().filter(of).map(link_name).collect()
    };
    let doors = those.map(|one| Door {
        title: one.title().to_owned(),
        names: names(one.key()),
        href: format!("/my/sign-in/link/{}", one.key()),
    });
    Ok(doors.collect())
}

/// Takes an outside identity away, after a fresh proof.
pub(super) async fn unlink(
    visitor: Visitor,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    receive(&visitor.app, &visitor.signed, request).await?;
    let account = demanded(&visitor, &headers, "/my/sign-in").await?;
    if !links_itself(&account) {
        return Err(PageError::not_found());
    }
    let (engine, here) = (&visitor.app.engine, visitor.signed.session_id);
    let gone = engine.unlink_identity(account.id, &name, here).await?;
    Ok(see(match gone {
        Unlinking::Done => "/my/sign-in?done=unlinked",
        Unlinking::Last => "/my/sign-in?sorry=last",
    }))
}

#[derive(Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
    /// What did not go well.
    sorry: Option<String>,
}

pub(super) async fn get(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = asked.done.as_deref().and_then(said);
    let again = Again {
        sorry: asked.sorry.as_deref().and_then(sorry),
        ..Again::default()
    };
    shown(&visitor, StatusCode::OK, done, again).await
}

/// What the page says after something was done.
fn said(done: &str) -> Option<&'static str> {
    Some(match done {
        "ended" => say("その端末をログアウトさせました。"),
        "others" => say("ほかの端末をすべてログアウトさせました。"),
        "linked" => say("ログインの方法を足しました。次からは、その方法でもログインできます。"),
        "already" => say("その方法は、すでにこのアカウントで使えます。"),
        "unlinked" => say("ログインの方法を外しました。"),
        "asked" => say(
            "新しいメールアドレスに、確かめるためのメールを送りました。届いたリンクを開いて、ボタンを押すと変わります。",
        ),
        "password" => say("パスワードを変えました。ほかの端末は、すべてログアウトさせました。"),
        _ => return None,
    })
}

/// What the page says after something did not go well.
fn sorry(why: &str) -> Option<&'static str> {
    Some(match why {
        "anothers" => say(
            "その方法は、別のアカウントで使われているため、足せませんでした。その方法でログインし直すと、別のアカウントに入れます。そちらで外すと、このアカウントに足せます。",
        ),
        "not-these" => say("その方法は、このアカウントには足せません。"),
        "unproven" => say(
            "確かめられなかったため、ログインの方法は変わっていません。少し待ってからもう一度お試しください。",
        ),
        "last" => say(
            "ほかにログインの方法がないため、外せません。先にパスキーなど、別の方法を登録してください。",
        ),
        _ => return None,
    })
}

async fn shown(
    visitor: &Visitor,
    status: StatusCode,
    done: Option<&'static str>,
    again: Again,
) -> Result<Response, PageError> {
    let account = visitor.account()?;
    let here = visitor.signed.session_id;
    let sessions = visitor.app.engine.sessions_of(account.id).await?;
    let way = |way: &str| way_of(visitor, way);
    let mut lines: Vec<Line> = sessions.iter().map(|one| line(one, here, &way)).collect();
    lines.sort_by_key(|line| !line.here);
    let limits = SessionLimits::of(account);
    let proofs = visitor.app.engine.proofs_of(account.id).await?;
    Ok(page(
        status,
        &Page {
            c: visitor.chrome(say("ログインと安全")),
            lines,
            idle_minutes: limits.idle_seconds / 60,
            hours: limits.hours,
            password: changeable(account),
            factors: [
                proofs.passkeys.len(),
                proofs.apps.len(),
                proofs.recovery.len(),
            ],
            done,
            wrong: again.wrong,
            address: moves_here(&visitor.app, account).then(|| account.login.clone()),
            mail: again.mail,
            sorry: again.sorry,
            doors: doors(visitor, account).await?,
        },
    ))
}

/// The people of a demo share their passwords, so nobody changes them.
fn changeable(account: &Account) -> bool {
    account.password.is_some() && !account.demo
}

/// How somebody signed in, in words.
fn way_of(visitor: &Visitor, way: &str) -> String {
    match way {
        "password" => say("パスワード").to_owned(),
        "passkey" => say("パスキー").to_owned(),
        "persona" => say("見本の人のボタン").to_owned(),
        "link" => say("窓口でもらったリンク").to_owned(),
        other => {
            let provider = visitor.app.engine.provider(other);
            provider.map_or(other, |one| one.title()).to_owned()
        }
    }
}

fn line(session: &Session, here: Option<Uuid>, way: &dyn Fn(&str) -> String) -> Line {
    let origin = &session.origin;
    let device = match (origin.device.as_str(), session.kind.as_str()) {
        ("", "bearer") => say("プログラム（トークン）").to_owned(),
        ("", _) => say("名前のわからない端末").to_owned(),
        (device, _) => device.to_owned(),
    };
    // Of sessions of earlier versions the beginning is not known.
    let known = session.made.as_second() > 0;
    Line {
        id: session.id.to_string(),
        device,
        place: origin.place.clone(),
        way: way(&origin.way),
        made: known.then(|| instant(session.made)),
        used: instant(session.used),
        ends: instant(session.ends(session.used)),
        here: here == Some(session.id),
    }
}

/// Ends one; where it is this one, that is signing out.
pub(super) async fn end(
    visitor: Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    let account = visitor.account()?.id;
    let id: Uuid = id.parse().map_err(|_| PageError::not_found())?;
    receive(&visitor.app, &visitor.signed, request).await?;
    visitor.app.engine.end_session_of(account, id).await?;
    if visitor.signed.session_id == Some(id) {
        return Ok(see("/"));
    }
    Ok(see("/my/sign-in?done=ended"))
}

/// Ends all others.
pub(super) async fn end_others(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    let account = visitor.account()?.id;
    receive(&visitor.app, &visitor.signed, request).await?;
    let here = visitor.signed.session_id;
    visitor.app.engine.end_sessions_of(account, here).await?;
    Ok(see("/my/sign-in?done=others"))
}

/// Another password: the old one is asked for, all other sessions end, and this one gets a new secret.
pub(super) async fn password(
    visitor: Visitor,
    whence: Whence,
    request: Request,
) -> Result<Response, PageError> {
    let account = visitor.account()?.clone();
    let headers = request.headers().clone();
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    if !changeable(&account) {
        return Err(PageError::not_found());
    }
    let field = |name: &str| posted.get(name).unwrap_or_default().to_owned();
    let (now, next) = (field("now"), field("next"));
    let weak = fault(&account, &next, &field("again"), &now);
    let from = origin(&visitor.app, &headers, &account.login, whence.peer()).await?;
    let proved = own_password(&visitor.app, &account, now, &from).await;
    let unproved = match proved {
        Ok(()) => None,
        Err(SignInError::Refused | SignInError::Second(_)) => {
            Some(say("いまのパスワードが違います。もう一度入力してください。").to_owned())
        }
        Err(SignInError::Wait(seconds)) => Some(with(
            "続けて間違えたため、しばらく変えられません。{0}秒たってからもう一度お試しください。",
            &[&seconds],
        )),
        Err(SignInError::Problem(problem)) => return Err((*problem).into()),
    };
    if weak.is_some() || unproved.is_some() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let again = Again {
            wrong: [unproved, weak],
            ..Again::default()
        };
        return shown(&visitor, status, None, again).await;
    }
    let hash = hashed(&visitor.app, next).await?;
    let (engine, here) = (&visitor.app.engine, visitor.signed.session_id);
    engine.change_password(account.id, hash, here).await?;
    let cookie = match &visitor.signed.session {
        Some(old) => rotate(&visitor.app, &account, old).await?,
        None => None,
    };
    Ok(with_cookies(see("/my/sign-in?done=password"), cookie))
}

/// The hash of a password that somebody chose.
pub(super) async fn hashed(app: &App, password: String) -> Result<String, Problem> {
    let random = Arc::clone(&app.random);
    let hash = tokio::task::spawn_blocking(move || hash_password(&password, &random));
    hash.await
        .map_err(|error| Problem::internal(error.to_string()))?
}

/// The page again, for somebody whose new mail address was not taken.
pub(super) async fn not_moved(
    visitor: &Visitor,
    typed: &str,
    said: String,
) -> Result<Response, PageError> {
    let mail = Some((typed.to_owned(), said));
    let again = Again {
        mail,
        ..Again::default()
    };
    shown(visitor, StatusCode::UNPROCESSABLE_ENTITY, None, again).await
}

/// What is wrong with a password that somebody wants in the place of another.
fn fault(account: &Account, next: &str, again: &str, now: &str) -> Option<String> {
    if next == now && !next.is_empty() {
        return Some(say("いまと同じパスワードです。別のものにしてください。").to_owned());
    }
    weak(&[&account.login, &account.name], next, again)
}

/// What is wrong with a password that somebody wants. `about`: what others may know of them.
pub(super) fn weak(about: &[&str], next: &str, again: &str) -> Option<String> {
    if next.chars().count() < SHORTEST_PASSWORD_CHARACTERS {
        return Some(with(
            "パスワードは{0}文字以上にしてください。いくつかの言葉をつなげると、長くても覚えやすくなります。",
            &[&SHORTEST_PASSWORD_CHARACTERS],
        ));
    }
    if is_guessable(next, about) {
        return Some(say("推測されやすいパスワードです。よく使われる言葉や数字の並び、お名前やログイン名だけのものは使えません。関係のない言葉をいくつかつなげてください。").to_owned());
    }
    if next != again {
        return Some(say("2回の入力が違います。同じものを2回入力してください。").to_owned());
    }
    None
}

#[cfg(test)]
mod tests;
