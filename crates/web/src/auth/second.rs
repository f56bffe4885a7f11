//! The step after a password: a code or a passkey; and the proof, fresh for some minutes, that whoever changes their ways to
//! sign in is who they are.

use super::sign_in::SignInError;
use super::{Arrival, sealed, throttle};
use crate::{App, Problem};
use axum::http::{HeaderMap, HeaderValue};
use engine::proofs::{PasskeyAnswer, PasskeySite, ProofFault, Proved};
use kernel::port::Account;
use kernel::{AccountId, Assurance};
use serde::{Deserialize, Serialize};

const SECOND: &str = "tsumugi_second";
const CHALLENGE: &str = "tsumugi_challenge";
const FRESH: &str = "tsumugi_fresh";
/// To find a telephone and open an app.
const SECOND_SECONDS: u32 = 10 * 60;
/// To find a key; browsers give up after five minutes.
const CHALLENGE_SECONDS: u32 = 10 * 60;
/// A proof counts as fresh for so long.
const FRESH_SECONDS: u32 = 10 * 60;
/// How surely somebody is at the keyboard who showed a passkey, or a code behind a password (DS-511, NIST SP 800-63B-4).
pub(crate) const TWO_FACTORS: u8 = 2;

/// Somebody who has shown the first factor. Kept by their browser.
#[derive(Serialize, Deserialize)]
pub(crate) struct Second {
    account: AccountId,
    /// Ties it to the password that was shown: with another one it is over.
    password: String,
    assurance: Assurance,
    /// How they came, as [`Arrival::way`] says.
    pub(crate) way: String,
    pub(crate) outside: Option<String>,
    /// The name by which they signed in; empty where a provider named them.
    pub(crate) login: String,
    pub(crate) next: String,
}

fn password_of(account: &Account) -> String {
    let password = account.password.as_deref().unwrap_or_default();
    super::digest(&[b"second", password.as_bytes()])
}

/// Whether somebody who is known so surely must show a second factor.
///
/// # Errors
/// If the store is not available.
pub(crate) async fn needed(
    app: &App,
    account: &Account,
    assurance: Assurance,
) -> Result<bool, Problem> {
    if assurance.authentication >= TWO_FACTORS {
        return Ok(false);
    }
    Ok(app.engine.proofs_of(account.id).await?.any())
}

impl Second {
    /// `Set-Cookie` that leads an account to its second step.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn keep(
        app: &App,
        account: &Account,
        arrival: &Arrival<'_>,
        (login, next): (&str, &str),
    ) -> Result<Option<HeaderValue>, Problem> {
        let second = Self {
            account: account.id,
            password: password_of(account),
            assurance: arrival.assurance,
            way: arrival.way.to_owned(),
            outside: arrival.outside.clone(),
            login: login.to_owned(),
            next: next.to_owned(),
        };
        sealed::keep(app, SECOND, second, SECOND_SECONDS).await
    }

    /// Who is at their second step, and what they showed first; none where nobody is.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn of(
        app: &App,
        headers: &HeaderMap,
    ) -> Result<Option<(Self, Account)>, Problem> {
        let Some(second) = sealed::kept::<Self>(app, headers, SECOND).await? else {
            return Ok(None);
        };
        let account = app.engine.open_account(second.account).await?;
        let account = account.filter(|account| password_of(account) == second.password);
        Ok(account.map(|account| (second, account)))
    }

    /// How surely they are known with the second factor.
    pub(crate) fn raised(&self) -> Assurance {
        Assurance {
            authentication: self.assurance.authentication.max(TWO_FACTORS),
            ..self.assurance
        }
    }

    /// The cookie that forgets it.
    pub(crate) fn forget(app: &App) -> Option<HeaderValue> {
        sealed::forget(app, SECOND)
    }
}

/// What a passkey is asked to sign, and for what. Kept by the browser that was asked.
#[derive(Serialize, Deserialize)]
pub(crate) struct Challenge {
    /// Random, in base 64 without padding, as browsers say it.
    pub(crate) text: String,
    purpose: String,
}

impl Challenge {
    /// A new one.
    pub(crate) fn new(app: &App, purpose: &str) -> Self {
        use base64::Engine as _;
        let mut bytes = [0; 32];
        (app.random)(&mut bytes);
        Self {
            text: base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes),
            purpose: purpose.to_owned(),
        }
    }

    /// `Set-Cookie` that keeps it.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn keep(self, app: &App) -> Result<Option<HeaderValue>, Problem> {
        sealed::keep(app, CHALLENGE, self, CHALLENGE_SECONDS).await
    }

    /// The one that this browser was given for a purpose.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn of(
        app: &App,
        headers: &HeaderMap,
        purpose: &str,
    ) -> Result<Option<String>, Problem> {
        let kept = sealed::kept::<Self>(app, headers, CHALLENGE).await?;
        let kept = kept.filter(|challenge| challenge.purpose == purpose);
        Ok(kept.map(|challenge| challenge.text))
    }

    /// The cookie that forgets it.
    pub(crate) fn forget(app: &App) -> Option<HeaderValue> {
        sealed::forget(app, CHALLENGE)
    }
}

/// Whose passkey answers the challenge that this browser was given for a purpose.
///
/// # Errors
/// A fault of the platform.
pub(crate) async fn by_passkey(
    app: &App,
    headers: &HeaderMap,
    purpose: &str,
    (answer, only): (&str, Option<AccountId>),
) -> Result<Result<Account, ProofFault>, Problem> {
    let challenge = Challenge::of(app, headers, purpose).await?;
    let (Some(challenge), Some(site)) = (challenge, app.passkey_site()) else {
        return Ok(Err(ProofFault::Late));
    };
    let Some(answer) = PasskeyAnswer::read(answer) else {
        return Ok(Err(ProofFault::Unknown));
    };
    let site: (&PasskeySite, &str) = (&site, &challenge);
    let proved = app.engine.prove_by_passkey(site, &answer, only).await?;
    let account = match proved {
        Ok(account) if !super::sign_in::may_be_used(app, &account) => Err(ProofFault::Unknown),
        other => other,
    };
    if let Err(fault) = &account {
        tracing::warn!(%fault, "a passkey was not taken");
    }
    Ok(account)
}

/// Takes a code of somebody's app, or a recovery code. Guesses count by the account alone, from wherever they come: who
/// guesses here knew the password, so nobody else is kept out by it.
///
/// # Errors
/// A wrong code, too many tries, or a fault of the platform.
pub(crate) async fn by_code(
    app: &App,
    account: &Account,
    code: &str,
) -> Result<Proved, SignInError> {
    let (engine, name) = (&app.engine, format!("second {}", account.id));
    let wait = throttle::wait_seconds(engine, &name, &name).await;
    if let Some(seconds) = wait.map_err(Problem::from)? {
        return Err(SignInError::Wait(seconds));
    }
    let proved = engine.prove_by_code(account.id, code).await;
    match proved.map_err(Problem::from)? {
        Ok(proved) => {
            let done = throttle::succeeded(engine, &name, &name).await;
            done.map_err(Problem::from)?;
            Ok(proved)
        }
        Err(_) => {
            let done = throttle::failed(engine, &name, &name).await;
            done.map_err(Problem::from)?;
            Err(SignInError::Refused)
        }
    }
}

/// The cookie that says that the owner of a session proved a moment ago who they are. It holds for that session's secret
/// alone.
///
/// # Errors
/// If the store is not available.
pub(super) async fn fresh(app: &App, secret: &str) -> Result<Option<HeaderValue>, Problem> {
    sealed::keep(
        app,
        FRESH,
        super::digest(&[b"fresh", secret.as_bytes()]),
        FRESH_SECONDS,
    )
    .await
}

/// Whether the owner of a session proved a moment ago who they are.
///
/// # Errors
/// If the store is not available.
pub(crate) async fn is_fresh(
    app: &App,
    headers: &HeaderMap,
    secret: Option<&str>,
) -> Result<bool, Problem> {
    let Some(secret) = secret else {
        return Ok(false);
    };
    let kept = sealed::kept::<String>(app, headers, FRESH).await?;
    Ok(kept.is_some_and(|kept| kept == super::digest(&[b"fresh", secret.as_bytes()])))
}

/// Notes in the session that its owner proved anew who they are, as surely as `authentication` says, and gives it another
/// secret. The cookies to send.
///
/// # Errors
/// If the store is not available.
pub(crate) async fn raise(
    app: &App,
    account: &Account,
    old: &str,
    authentication: u8,
) -> Result<Vec<HeaderValue>, Problem> {
    let secret = app.session_secret();
    if !app
        .engine
        .raise_session(old, &secret, authentication)
        .await?
    {
        return Ok(Vec::new());
    }
    let cookies = [
        super::sign_in::session_cookie(app, account, &secret),
        fresh(app, &secret).await?,
    ];
    Ok(cookies.into_iter().flatten().collect())
}
