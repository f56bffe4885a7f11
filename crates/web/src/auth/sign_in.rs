//! Signing in with name and password.

use super::cookie::set;
use super::{HAT_COOKIE, SESSION_COOKIE, password, throttle};
use crate::{App, Problem};
use axum::http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use kernel::PartyId;
use kernel::port::Account;

/// How long a browser's session lasts.
pub const SESSION_HOURS: i64 = 12;
const LONGEST_LOGIN_BYTES: usize = 320;

/// A session that was opened, with the cookies to send: append each as `Set-Cookie`.
pub struct NewSession {
    /// Who signed in.
    pub account: Account,
    /// `Set-Cookie` headers.
    pub cookies: Vec<HeaderValue>,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Name or password is wrong; never says which.
    #[error(
        "ログイン名またはパスワードが違います。大文字と小文字、半角と全角を確かめて、もう一度入力してください。"
    )]
    Refused,
    /// Too many tries; wait so many seconds.
    #[error(
        "続けて失敗したため、しばらくログインできません。{0}秒たってからもう一度お試しください。"
    )]
    Wait(u32),
    /// The platform's own fault.
    #[error("いまログインできません。少し待ってからもう一度お試しください。")]
    Problem(Box<Problem>),
}

impl From<Problem> for SignInError {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// Checks name and password and opens a session. `address` is the peer's, for throttling.
///
/// # Errors
/// A wrong name or password, too many tries, or a fault of the platform.
pub async fn sign_in(
    app: &App,
    login: &str,
    password: String,
    address: &str,
) -> Result<NewSession, SignInError> {
    let outcome = tried(app, login, password, address).await;
    app.metrics.sign_in(match &outcome {
        Ok(_) => "done",
        Err(SignInError::Refused) => "refused",
        Err(SignInError::Wait(_)) => "wait",
        Err(SignInError::Problem(_)) => "fault",
    });
    outcome
}

async fn tried(
    app: &App,
    login: &str,
    password: String,
    address: &str,
) -> Result<NewSession, SignInError> {
    let login = login.trim();
    let engine = &app.engine;
    let wait = throttle::wait_seconds(engine, login, address).await;
    if let Some(seconds) = wait.map_err(Problem::from)? {
        return Err(SignInError::Wait(seconds));
    }
    let account = match login.is_empty() || login.len() > LONGEST_LOGIN_BYTES {
        true => None,
        false => engine
            .account_by_login(login)
            .await
            .map_err(Problem::from)?,
    };
    let hash = account
        .as_ref()
        .and_then(|account| account.password.clone());
    let fits = password::verify(password, hash).await?;
    let Some(account) = account.filter(|account| fits && may_be_used(app, account)) else {
        throttle::failed(engine, login, address)
            .await
            .map_err(Problem::from)?;
        return Err(SignInError::Refused);
    };
    throttle::succeeded(engine, login, address)
        .await
        .map_err(Problem::from)?;
    Ok(open(app, account).await?)
}

/// A demo persona exists in a demo only.
fn may_be_used(app: &App, account: &Account) -> bool {
    app.demo || !account.demo
}

/// Opens a browser session for an account that has proved who it is.
///
/// # Errors
/// A fault of the store.
pub async fn open(app: &App, account: Account) -> Result<NewSession, Problem> {
    let secret = app.secret();
    let until = in_hours(app.engine.now(), SESSION_HOURS);
    app.engine
        .open_session(&secret, account.id, "browser", until)
        .await?;
    let seconds = u32::try_from(SESSION_HOURS * 3600).ok();
    let cookies = [
        set(app, SESSION_COOKIE, &secret, seconds),
        set(app, HAT_COOKIE, "", Some(0)),
    ];
    Ok(NewSession {
        account,
        cookies: cookies.into_iter().flatten().collect(),
    })
}

/// The cookies that forget a session.
#[must_use]
pub fn sign_out_cookies(app: &App) -> Vec<HeaderValue> {
    [SESSION_COOKIE, HAT_COOKIE]
        .iter()
        .filter_map(|name| set(app, name, "", Some(0)))
        .collect()
}

/// The cookie that chooses for whom the person acts; none: for themselves.
#[must_use]
pub fn hat_cookie(app: &App, hat: Option<PartyId>) -> Option<HeaderValue> {
    match hat {
        Some(hat) => set(app, HAT_COOKIE, &hat.to_string(), None),
        None => set(app, HAT_COOKIE, "", Some(0)),
    }
}

pub(super) fn in_hours(now: Timestamp, hours: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(hours))
        .unwrap_or(Timestamp::MAX)
}
