//! Signing in with a passkey, and the step after a password: a code, or a passkey.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::{Chrome, page, see, with_cookies};
use super::sign_in::{missed, next_of};
use super::visitor::Visitor;
use crate::auth::second::{Challenge, Second, by_code, by_passkey};
use crate::auth::{Arrival, SignInError, Whence, open, remember};
use crate::i18n::{say, with};
use askama::Template;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::proofs::{PASSKEY_ALGORITHMS, ProofFault, Proved};
use kernel::Assurance;
use kernel::port::Account;
use serde_json::{Value, json};

/// What a passkey may be asked for.
const PURPOSES: [&str; 4] = ["sign-in", "second", "prove", "add"];
/// A browser asks its owner for so long, in milliseconds.
const TIMEOUT: u32 = 5 * 60 * 1000;

#[derive(Template)]
#[template(path = "second.html")]
struct Page {
    c: Chrome,
    /// Whether the account has a passkey, and an app.
    passkey: bool,
    app: bool,
    error: Option<String>,
}

/// The site's own words for what did not go well with a passkey.
pub(super) fn sorry(fault: ProofFault) -> &'static str {
    match fault {
        ProofFault::Late | ProofFault::Twice => {
            say("時間がたちすぎたか、前の画面が残っていました。もう一度押してください。")
        }
        ProofFault::Full => say("これ以上は登録できません。使わないものを外してください。"),
        ProofFault::Taken => say("このパスキーは、もう登録されています。"),
        ProofFault::Last => say(
            "ほかにログインの方法がないため、外せません。先にパスキーなど、別の方法を登録してください。",
        ),
        ProofFault::Code => {
            say("番号が違うか、もう使われています。いま表示されている番号を入れてください。")
        }
        ProofFault::Passkey(_) | ProofFault::Unknown => say(
            "このパスキーでは確かめられませんでした。別のパスキーか、ほかの方法をお試しください。",
        ),
    }
}

/// Leads somebody who has shown the first factor to the second.
pub(super) async fn lead(
    visitor: &Visitor,
    account: &Account,
    arrival: &Arrival<'_>,
    (login, next): (&str, &str),
) -> Result<Response, PageError> {
    let cookie = Second::keep(&visitor.app, account, arrival, (login, next)).await?;
    Ok(with_cookies(see("/sign-in/second"), cookie))
}

/// What a browser asks a passkey. Nothing is kept here of it.
pub(super) async fn begin(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let purpose = posted.get("for").unwrap_or_default();
    let site = visitor.app.passkey_site();
    let (Some(site), true) = (site, PURPOSES.contains(&purpose)) else {
        return Err(PageError::not_found());
    };
    let challenge = Challenge::new(&visitor.app, purpose);
    let mut options = json!({
        "challenge": challenge.text, "rpId": site.rp, "timeout": TIMEOUT,
        "userVerification": "required",
    });
    if purpose == "add" {
        options = making(&visitor, &challenge.text, &site.rp).await?;
    }
    let cookie = challenge.keep(&visitor.app).await?;
    Ok(with_cookies(Json(options).into_response(), cookie))
}

/// A passkey that its authenticator knows without being told whose it is, and that makes sure who touches it.
async fn making(visitor: &Visitor, challenge: &str, rp: &str) -> Result<Value, PageError> {
    let account = visitor.account()?;
    let known = visitor.app.engine.proofs_of(account.id).await?.passkeys;
    let known: Vec<Value> = known
        .iter()
        .map(|one| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(&one.credential) }))
        .collect();
    let algorithms = PASSKEY_ALGORITHMS.map(|one| json!({ "type": "public-key", "alg": one }));
    Ok(json!({
        "challenge": challenge, "rp": { "id": rp, "name": say("つむぎ") }, "timeout": TIMEOUT,
        "user": { "id": URL_SAFE_NO_PAD.encode(account.id.0), "name": account.login, "displayName": account.name },
        "pubKeyCredParams": algorithms, "excludeCredentials": known, "attestation": "none",
        "authenticatorSelection": { "residentKey": "required", "requireResidentKey": true, "userVerification": "required" },
    }))
}

/// Signing in with a passkey alone.
pub(super) async fn sign_in(
    visitor: Visitor,
    whence: Whence,
    request: Request,
) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let (app, next) = (&visitor.app, next_of(&posted));
    let answer = posted.get("answer").unwrap_or_default();
    let account = match by_passkey(app, &headers, "sign-in", (answer, None)).await? {
        Ok(account) => account,
        Err(fault) => {
            app.metrics.sign_in("refused");
            return Ok(missed(&visitor, &next, sorry(fault)));
        }
    };
    let arrival = Arrival {
        assurance: Assurance {
            authentication: crate::auth::second::TWO_FACTORS,
            ..Assurance::PASSWORD
        },
        ..Arrival::by("passkey", &whence, visitor.signed.session.as_deref())
    };
    let session = open(app, account, arrival).await?;
    app.metrics.sign_in("done");
    let to = if next.is_empty() {
        session.home()
    } else {
        &next
    };
    let response = with_cookies(see(to), session.cookies);
    Ok(with_cookies(response, Challenge::forget(app)))
}

pub(super) async fn get(visitor: Visitor, headers: HeaderMap) -> Result<Response, PageError> {
    let Some((_, account)) = Second::of(&visitor.app, &headers).await? else {
        return Ok(see("/sign-in"));
    };
    shown(&visitor, &account, StatusCode::OK, None).await
}

async fn shown(
    visitor: &Visitor,
    account: &Account,
    status: StatusCode,
    error: Option<String>,
) -> Result<Response, PageError> {
    let proofs = visitor.app.engine.proofs_of(account.id).await?;
    let site = visitor.app.passkey_site();
    Ok(page(
        status,
        &Page {
            c: visitor.chrome(say("もう1つの確認")),
            passkey: !proofs.passkeys.is_empty() && site.is_some(),
            app: !proofs.apps.is_empty(),
            error,
        },
    ))
}

/// Takes a code or a passkey's answer of an account; what went wrong is a sentence with its status.
pub(super) async fn shows(
    visitor: &Visitor,
    (headers, purpose): (&HeaderMap, &str),
    account: &Account,
    posted: &Posted,
) -> Result<Result<Option<Proved>, (StatusCode, String)>, PageError> {
    let app = &visitor.app;
    let answer = posted.get("answer").unwrap_or_default();
    if !answer.is_empty() {
        let only = (answer, Some(account.id));
        let proved = by_passkey(app, headers, purpose, only).await?;
        let unproved = |fault| (StatusCode::UNPROCESSABLE_ENTITY, sorry(fault).to_owned());
        return Ok(proved.map(|_| None).map_err(unproved));
    }
    let code = posted.get("code").unwrap_or_default();
    Ok(match by_code(app, account, code).await {
        Ok(proved) => Ok(Some(proved)),
        Err(SignInError::Problem(problem)) => return Err((*problem).into()),
        Err(SignInError::Wait(seconds)) => Err(too_many(seconds)),
        Err(_) => {
            let said = sorry(ProofFault::Code).to_owned();
            Err((StatusCode::UNPROCESSABLE_ENTITY, said))
        }
    })
}

/// What to say, with its status, to somebody who guessed wrong too often.
pub(super) fn too_many(seconds: u32) -> (StatusCode, String) {
    (
        StatusCode::TOO_MANY_REQUESTS,
        with(
            "続けて間違えたため、しばらく確かめられません。{0}秒たってからもう一度お試しください。",
            &[&seconds],
        ),
    )
}

pub(super) async fn post(
    visitor: Visitor,
    whence: Whence,
    request: Request,
) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    let posted: Posted = receive(&visitor.app, &visitor.signed, request).await?;
    let app = &visitor.app;
    let Some((second, account)) = Second::of(app, &headers).await? else {
        return Ok(see("/sign-in"));
    };
    let proved = match shows(&visitor, (&headers, "second"), &account, &posted).await? {
        Ok(proved) => proved,
        Err((status, said)) => {
            app.metrics.sign_in("refused");
            return shown(&visitor, &account, status, Some(said)).await;
        }
    };
    let arrival = Arrival {
        whence: &whence,
        way: &second.way,
        assurance: second.raised(),
        outside: second.outside.clone(),
        old: visitor.signed.session.as_deref(),
    };
    let session = open(app, account, arrival).await?;
    app.metrics.sign_in("done");
    let to = match (proved, second.next.as_str()) {
        // Few are left, or the device is lost: where to set one up.
        (Some(Proved::Recovery(_)), _) => "/my/sign-in/factors?done=recovered",
        (_, "") => session.home(),
        (_, next) => next,
    };
    let known = match second.login.as_str() {
        "" => None,
        login => remember(app, login).await?,
    };
    let gone = [Second::forget(app), Challenge::forget(app), known];
    let response = with_cookies(see(to), session.cookies);
    Ok(with_cookies(response, gone.into_iter().flatten()))
}
