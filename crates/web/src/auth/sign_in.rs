//! Signing in with name and password.

use super::cookie::set;
use super::{HAT_COOKIE, SESSION_COOKIE, Whence, password, second, throttle};
use crate::{App, Problem};
use axum::http::HeaderValue;
use engine::SessionLimits;
use jiff::{SignedDuration, Timestamp};
use kernel::identity::Origin;
use kernel::port::Account;
use kernel::{Assurance, PartyId};

const LONGEST_LOGIN_BYTES: usize = 320;

/// A session that was opened, with the cookies to send: append each as `Set-Cookie`.
pub struct NewSession {
    /// Who signed in.
    pub account: Account,
    /// `Set-Cookie` headers.
    pub cookies: Vec<HeaderValue>,
}

impl NewSession {
    /// Where somebody goes who wanted nowhere else.
    #[must_use]
    pub fn home(&self) -> &'static str {
        if engine::maintains(&self.account) {
            super::maintenance::PATH
        } else if self.account.seats.is_empty() {
            "/my"
        } else {
            "/desk"
        }
    }
}

/// How somebody comes to be signed in.
pub struct Arrival<'a> {
    /// From where.
    pub whence: &'a Whence,
    /// `password`, `persona`, `link`, or the key of a provider.
    pub way: &'a str,
    /// How surely it is known who they are.
    pub assurance: Assurance,
    /// The name that the provider's own session has with us, see [`Origin::outside`].
    pub outside: Option<String>,
    /// The secret of the session that the browser had, which ends.
    pub old: Option<&'a str>,
}

impl<'a> Arrival<'a> {
    /// By a way that says no more of the person than that they know a secret.
    #[must_use]
    pub fn by(way: &'a str, whence: &'a Whence, old: Option<&'a str>) -> Self {
        Self {
            whence,
            way,
            assurance: Assurance::PASSWORD,
            outside: None,
            old,
        }
    }
}

/// Whoever has shown the first factor and not the second. Does not print.
pub struct Halfway(pub Box<Account>);

impl std::fmt::Debug for Halfway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Halfway").finish_non_exhaustive()
    }
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
    /// Name and password are right; the second factor is still to come.
    #[error("もう1つの確認が必要です。")]
    Second(Halfway),
    /// The platform's own fault.
    #[error("いまログインできません。少し待ってからもう一度お試しください。")]
    Problem(Box<Problem>),
}

impl From<Problem> for SignInError {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// Checks name and password and opens a session in the place of `old`. The first of `from` is what a try counts against,
/// the second what its owner may recognise.
///
/// # Errors
/// A wrong name or password, too many tries, or a fault of the platform.
pub async fn sign_in(
    app: &App,
    login: &str,
    password: String,
    (from, whence): (&str, &Whence),
    old: Option<&str>,
) -> Result<NewSession, SignInError> {
    let outcome = match proved(app, login, password, from).await {
        Ok(account) if second::needed(app, &account, Assurance::PASSWORD).await? => {
            Err(SignInError::Second(Halfway(Box::new(account))))
        }
        Ok(account) => {
            let session = open(app, account, Arrival::by("password", whence, old)).await;
            session.map_err(SignInError::from)
        }
        Err(error) => Err(error),
    };
    app.metrics.sign_in(match &outcome {
        Ok(_) => "done",
        Err(SignInError::Refused) => "refused",
        Err(SignInError::Second(_)) => "second",
        Err(SignInError::Wait(_)) => "wait",
        Err(SignInError::Problem(_)) => "fault",
    });
    outcome
}

/// Whether somebody who is signed in knows their password, before what matters. Throttled as signing in is.
///
/// # Errors
/// A wrong password, too many tries, or a fault of the platform.
pub async fn own_password(
    app: &App,
    account: &Account,
    password: String,
    from: &str,
) -> Result<(), SignInError> {
    proved(app, &account.login, password, from).await.map(drop)
}

async fn proved(
    app: &App,
    login: &str,
    password: String,
    address: &str,
) -> Result<Account, SignInError> {
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
    Ok(account)
}

/// A demo persona exists in a demo only, an official on the staff's face, a closed account nowhere.
pub(super) fn may_be_used(app: &App, account: &Account) -> bool {
    (app.demo || !account.demo) && account.closed.is_none() && app.face.admits(account)
}

/// Opens a browser session for an account that has proved who it is.
///
/// # Errors
/// 404 for whoever does not belong to this face; a fault of the store.
pub async fn open(
    app: &App,
    account: Account,
    arrival: Arrival<'_>,
) -> Result<NewSession, Problem> {
    if !app.face.admits(&account) {
        return Err(Problem::not_found());
    }
    let secret = app.session_secret();
    let origin = Origin {
        device: arrival.whence.device().to_owned(),
        place: arrival.whence.place(),
        way: arrival.way.to_owned(),
        outside: arrival.outside,
    };
    app.engine
        .open_browser(&secret, arrival.old, &account, arrival.assurance, origin)
        .await?;
    // Whoever holds a link that was handed out is led to a case, not to the account's ways to sign in.
    let fresh = match arrival.way {
        "link" => None,
        _ => second::fresh(app, &secret).await?,
    };
    let cookies = [
        session_cookie(app, &account, &secret),
        set(app, HAT_COOKIE, "", Some(0)),
        fresh,
    ];
    Ok(NewSession {
        account,
        cookies: cookies.into_iter().flatten().collect(),
    })
}

/// Gives a session another secret, in the same place: whoever knew the old one knows nothing now. The `Set-Cookie` to
/// send; none if the session has ended.
///
/// # Errors
/// A fault of the store.
pub async fn rotate(
    app: &App,
    account: &Account,
    old: &str,
) -> Result<Option<HeaderValue>, Problem> {
    let secret = app.session_secret();
    if !app.engine.rotate_session(old, &secret).await? {
        return Ok(None);
    }
    Ok(session_cookie(app, account, &secret))
}

/// The cookie of an account's session.
pub(super) fn session_cookie(app: &App, account: &Account, secret: &str) -> Option<HeaderValue> {
    let seconds = u32::try_from(SessionLimits::of(account).hours * 3600).ok();
    set(app, SESSION_COOKIE, secret, seconds)
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
