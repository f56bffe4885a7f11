//! Signing in with a provider: the way there and the way back. What goes wrong is said on the sign-in page, which offers
//! the other ways.

use super::error::PageError;
use super::layout::{encode, see, with_cookies};
use super::prove::demanded;
use super::visitor::Visitor;
use crate::auth::{self, Arrival, Ask, Whence, open, safe_next};
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::Response;
use engine::linked::{Linking, links_itself};
use engine::{IdentityProvider, Known, Proven, ProviderFault, Vouched, outside_name};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Wanted {
    next: Option<String>,
    /// How surely the person must be known: `identity.authentication`, each 0 to 3.
    level: Option<String>,
}

/// What a provider sends back.
#[derive(Deserialize)]
pub(super) struct Came {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    /// Who sends it (RFC 9207), where it says so.
    iss: Option<String>,
}

/// Why somebody is on the sign-in page again.
#[derive(Clone, Copy)]
pub(super) enum Sorry {
    Away,
    Proof,
    TurnedBack,
    Low,
    NotThese,
    Closed,
}

impl Sorry {
    pub(super) const ALL: [(Self, &'static str); 6] = [
        (Self::Away, "away"),
        (Self::Proof, "proof"),
        (Self::TurnedBack, "turned-back"),
        (Self::Low, "low"),
        (Self::NotThese, "not-these"),
        (Self::Closed, "closed"),
    ];

    fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    fn of(fault: &ProviderFault) -> Self {
        match fault {
            ProviderFault::Away => Self::Away,
            ProviderFault::Unproven(_) => Self::Proof,
            ProviderFault::TurnedBack => Self::TurnedBack,
            ProviderFault::TooLow => Self::Low,
            ProviderFault::NotThese => Self::NotThese,
        }
    }
}

fn refused(visitor: &Visitor, why: Sorry) -> Sorry {
    visitor.app.metrics.sign_in("refused");
    why
}

/// The sign-in page, which says why.
fn again(provider: &dyn IdentityProvider, why: Sorry, next: &str) -> Response {
    let (key, why) = (provider.key(), why.name());
    see(&format!(
        "/sign-in?with={key}&sorry={why}&next={}",
        encode(next)
    ))
}

fn provider(visitor: &Visitor, key: &str) -> Result<Arc<dyn IdentityProvider>, PageError> {
    let found = visitor.app.provider(key);
    found.map(Arc::clone).ok_or_else(PageError::not_found)
}

/// The way there. Nobody is sent from elsewhere: signing in is one's own doing.
pub(super) async fn begin(
    visitor: Visitor,
    Path(key): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    start(&visitor, &key, wanted, &headers, None).await
}

/// The way there, to add the identity to one's account: after a fresh proof of who one is.
pub(super) async fn link(
    visitor: Visitor,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let here = format!("/my/sign-in/link/{}", encode(&key));
    let account = demanded(&visitor, &headers, &here).await?;
    let provider = provider(&visitor, &key)?;
    if provider.knows() == Known::Officials || !links_itself(&account) {
        return Err(PageError::not_found());
    }
    let wanted = Wanted {
        next: Some("/my/sign-in".to_owned()),
        level: None,
    };
    let session = visitor.signed.session.clone();
    start(&visitor, &key, wanted, &headers, session).await
}

async fn start(
    visitor: &Visitor,
    key: &str,
    wanted: Wanted,
    headers: &HeaderMap,
    link: Option<String>,
) -> Result<Response, PageError> {
    let provider = provider(visitor, key)?;
    let next = wanted.next.as_deref().filter(|next| !next.is_empty());
    let next = next.map(|next| safe_next(Some(next))).unwrap_or_default();
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
    if !matches!(site, None | Some(b"same-origin" | b"none")) {
        return Ok(see(&format!("/sign-in?next={}", encode(next))));
    }
    let asked = wanted.level.as_deref().and_then(super::level::read);
    let ask = Ask::new(&visitor.app, key, next, asked);
    let ask = match &link {
        Some(session) => ask.linking(session),
        None => ask,
    };
    match provider.begin(&ask.round()).await {
        Ok(address) => Ok(with_cookies(see(&address), ask.cookie(&visitor.app))),
        Err(fault) => {
            told(visitor, &*provider, &fault);
            if link.is_some() {
                return Ok(see("/my/sign-in?sorry=unproven"));
            }
            Ok(again(&*provider, Sorry::of(&fault), next))
        }
    }
}

/// Written down for an operator, without a word about the person.
fn told(visitor: &Visitor, provider: &dyn IdentityProvider, fault: &ProviderFault) {
    let (key, metrics) = (provider.key(), &visitor.app.metrics);
    match fault {
        ProviderFault::TurnedBack => {}
        ProviderFault::Away => metrics.sign_in("fault"),
        _ => {
            tracing::warn!(provider = key, %fault, "somebody was not signed in");
            metrics.sign_in("refused");
        }
    }
}

/// The way back.
pub(super) async fn back(
    visitor: Visitor,
    whence: Whence,
    Path(key): Path<String>,
    Query(came): Query<Came>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let provider = provider(&visitor, &key)?;
    let state = came.state.as_deref().unwrap_or_default();
    let ask = Ask::of(&headers, &key, state);
    let next = ask.as_ref().map(|ask| ask.next.clone()).unwrap_or_default();
    let links = ask
        .as_ref()
        .is_some_and(|ask| ask.links(visitor.signed.session.as_deref()).is_some());
    let response = match arrive(&visitor, &whence, &*provider, ask, came).await? {
        Ok(response) => response,
        Err(_) if links => see("/my/sign-in?sorry=unproven"),
        Err(why) => again(&*provider, why, &next),
    };
    Ok(with_cookies(response, Ask::forget(&visitor.app)))
}

async fn arrive(
    visitor: &Visitor,
    whence: &Whence,
    provider: &dyn IdentityProvider,
    ask: Option<Ask>,
    came: Came,
) -> Result<Result<Response, Sorry>, PageError> {
    let engine = &visitor.app.engine;
    let proven = match (ask, came.code, came.error.as_deref()) {
        (Some(ask), Some(code), None) if provider.is(came.iss.as_deref()) => {
            let proven = provider.finish(&ask.round(), &code).await;
            proven.map(|proven| (ask, proven))
        }
        (Some(_), _, Some("access_denied" | "login_required" | "interaction_required")) => {
            Err(ProviderFault::TurnedBack)
        }
        (Some(_), _, Some("unmet_authentication_requirements")) => Err(ProviderFault::TooLow),
        (Some(_), _, Some("temporarily_unavailable" | "server_error")) => Err(ProviderFault::Away),
        (Some(_), _, Some(_)) => Err(ProviderFault::Unproven("the provider refused the round")),
        _ => Err(ProviderFault::Unproven("no round of this browser")),
    };
    let (ask, proven) = match proven {
        Ok(both) => both,
        Err(fault) => {
            told(visitor, provider, &fault);
            return Ok(Err(Sorry::of(&fault)));
        }
    };
    if let Some(own) = ask.links(visitor.signed.session.as_deref()) {
        return Ok(Ok(linked(visitor, provider, &proven, own).await?));
    }
    let account = match engine.account_from(provider, &proven).await? {
        Vouched::Open(account) => *account,
        Vouched::Closed => return Ok(Err(refused(visitor, Sorry::Closed))),
        Vouched::Seatless => return Ok(Err(refused(visitor, Sorry::NotThese))),
    };
    let session = proven.session.as_deref();
    let arrival = Arrival {
        whence,
        way: provider.key(),
        assurance: proven.assurance,
        outside: session.map(|session| outside_name(&proven.issuer, session)),
        old: visitor.signed.session.as_deref(),
    };
    if auth::second::needed(&visitor.app, &account, arrival.assurance).await? {
        return Ok(Ok(super::second::lead(
            visitor,
            &account,
            &arrival,
            ("", &ask.next),
        )
        .await?));
    }
    let session = open(&visitor.app, account, arrival).await?;
    visitor.app.metrics.sign_in("done");
    let response = see(match ask.next.as_str() {
        "" => session.home(),
        next => next,
    });
    Ok(Ok(with_cookies(response, session.cookies)))
}

/// Adds the identity to the account of the session that asked for it.
async fn linked(
    visitor: &Visitor,
    provider: &dyn IdentityProvider,
    proven: &Proven,
    own: bool,
) -> Result<Response, PageError> {
    let account = visitor.account()?;
    if !own {
        return Ok(see("/my/sign-in?sorry=unproven"));
    }
    let engine = &visitor.app.engine;
    let outcome = engine.link_identity(account.id, provider, proven).await?;
    Ok(see(match outcome {
        Linking::Done => "/my/sign-in?done=linked",
        Linking::Already => "/my/sign-in?done=already",
        Linking::Anothers => "/my/sign-in?sorry=anothers",
        Linking::NotThese => "/my/sign-in?sorry=not-these",
    }))
}
