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
    /// Digest of the session whose account the identity is to be added to; none where somebody signs in.
    #[serde(default)]
    link: Option<String>,
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
            link: None,
        }
    }

    /// The same, to add the identity to the account of a session.
    pub(crate) fn linking(self, session: &str) -> Self {
        Self {
            link: Some(super::digest(&[b"link", session.as_bytes()])),
            ..self
        }
    }

    /// Whether it is to add an identity, and then whether to the account of this session.
    pub(crate) fn links(&self, session: Option<&str>) -> Option<bool> {
        let link = self.link.as_ref()?;
        let own = session.map(|session| super::digest(&[b"link", session.as_bytes()]));
        Some(own.as_ref() == Some(link))
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
