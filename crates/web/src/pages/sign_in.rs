//! Signing in: with name and password, or in a demo as one of its people.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::{Chrome, page, see};
use super::visitor::Visitor;
use crate::auth::{
    DEMO_PASSWORD, PERSONAS, Persona, SignInError, origin, remember, safe_next, sign_in,
};
use crate::i18n::{say, with};
use askama::Template;
use axum::extract::{ConnectInfo, Query, Request};
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use std::net::SocketAddr;

#[derive(Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    c: Chrome,
    next: String,
    login: String,
    error: Option<String>,
    personas: &'static [Persona],
    password: &'static str,
}

pub(super) async fn get(visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    let next = asked
        .next
        .as_deref()
        .map(|next| safe_next(Some(next)).to_owned())
        .unwrap_or_default();
    if visitor.signed.account.is_some() && !next.is_empty() {
        return see(&next);
    }
    shown(&visitor, StatusCode::OK, next, String::new(), None)
}

fn shown(
    visitor: &Visitor,
    status: StatusCode,
    next: String,
    login: String,
    error: Option<String>,
) -> Response {
    let personas: &'static [Persona] = if visitor.app.demo { PERSONAS } else { &[] };
    page(
        status,
        &SignIn {
            c: visitor.chrome(say("ログイン")),
            next,
            login,
            error,
            personas,
            password: if visitor.app.demo { DEMO_PASSWORD } else { "" },
        },
    )
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

pub(super) async fn post(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let (peer, headers) = (peer.map(|info| info.0.ip()), request.headers().clone());
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let login = posted.get("login").unwrap_or_default().trim().to_owned();
    let next = posted
        .get("next")
        .filter(|next| !next.is_empty())
        .map(|next| safe_next(Some(next)).to_owned())
        .unwrap_or_default();
    let password = posted.get("password").unwrap_or_default().to_owned();
    let from = origin(&visitor.app, &headers, &login, peer).await?;
    let session = match sign_in(&visitor.app, &login, password, &from).await {
        Ok(session) => session,
        Err(SignInError::Problem(problem)) => return Err((*problem).into()),
        Err(error) => {
            let status = if matches!(error, SignInError::Wait(_)) {
                StatusCode::TOO_MANY_REQUESTS
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            return Ok(shown(&visitor, status, next, login, Some(said(&error))));
        }
    };
    if let Some(old) = &visitor.signed.session {
        visitor.app.engine.end_session(old).await?;
    }
    let home = if session.account.seats.is_empty() {
        "/my"
    } else {
        "/desk"
    };
    let mut response = see(if next.is_empty() { home } else { &next });
    let known = remember(&visitor.app, &login).await?;
    for cookie in session.cookies.into_iter().chain(known) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
