//! What a browser keeps while its owner is at a provider: the secrets of the round, bound to this browser by a cookie.
//! So any copy of the program can take the answer, and nobody who is not signed in makes us keep anything.

use super::cookie::{set, value};
use crate::App;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::Round;
use kernel::Assurance;
use serde::{Deserialize, Serialize};

const COOKIE: &str = "tsumugi_ask";
/// A person needs no longer at a provider.
const SECONDS: u32 = 15 * 60;

/// A round that was begun.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ask {
    provider: String,
    state: String,
    nonce: String,
    verifier: String,
    asked: Option<Assurance>,
    /// Where the person wanted to go.
    pub(crate) next: String,
}

impl Ask {
    /// A new round.
    pub(crate) fn new(app: &App, provider: &str, next: &str, asked: Option<Assurance>) -> Self {
        Self {
            provider: provider.to_owned(),
            state: app.secret(),
            nonce: app.secret(),
            verifier: app.secret(),
            asked,
            next: next.to_owned(),
        }
    }

    /// What the provider is given of it.
    pub(crate) fn round(&self) -> Round {
        Round {
            state: self.state.clone(),
            nonce: self.nonce.clone(),
            verifier: self.verifier.clone(),
            asked: self.asked,
        }
    }

    /// The cookie that keeps it.
    pub(crate) fn cookie(&self, app: &App) -> Option<HeaderValue> {
        let text = serde_json::to_vec(self).ok()?;
        set(app, COOKIE, &URL_SAFE_NO_PAD.encode(text), Some(SECONDS))
    }

    /// The round to which an answer belongs: the one that this browser began with this provider under this state.
    pub(crate) fn of(headers: &HeaderMap, provider: &str, state: &str) -> Option<Self> {
        let text = URL_SAFE_NO_PAD.decode(value(headers, COOKIE)?).ok()?;
        let ask: Self = serde_json::from_slice(&text).ok()?;
        let ours = super::digest(&[ask.state.as_bytes()]) == super::digest(&[state.as_bytes()]);
        (ours && ask.provider == provider).then_some(ask)
    }

    /// The cookie that forgets it: an answer is taken once.
    pub(crate) fn forget(app: &App) -> Option<HeaderValue> {
        set(app, COOKIE, "", Some(0))
    }
}
