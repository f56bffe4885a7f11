//! What a provider publishes of itself: its addresses (OpenID Connect Discovery 1.0) and its keys. Kept for an hour; keys
//! are asked for anew when a token names one that is not known, but not more often than now and then.

use super::settings::{Endpoints, Provider, safe};
use crate::Now;
use crate::http::Client;
use engine::ProviderFault;
use engine::jose::{self, Key};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is older is asked for anew.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// Tokens with names of keys that are not known make us ask so often in a while, and not more: anybody may invent names.
const ASKS: u32 = 5;
const WHILE: SignedDuration = SignedDuration::from_secs(60);

/// What is known of a provider.
pub(super) struct Metadata {
    provider: Arc<Provider>,
    client: Client,
    now: Now,
    endpoints: Mutex<Option<(Timestamp, Arc<Endpoints>)>>,
    keys: Mutex<Option<(Timestamp, Arc<Vec<Key>>)>>,
    /// When the while began, and how often keys were asked for in it.
    asked: Mutex<(Timestamp, u32)>,
    away: AtomicBool,
}

/// The part of a discovery document that matters here.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
}

impl Metadata {
    pub(super) fn new(provider: Arc<Provider>, client: Client, now: Now) -> Self {
        let said = provider.said.endpoints.clone();
        // What an operator wrote never ages.
        let endpoints = said.map(|said| (Timestamp::MAX, Arc::new(said)));
        Self {
            provider,
            client,
            now,
            endpoints: Mutex::new(endpoints),
            keys: Mutex::new(None),
            asked: Mutex::new((Timestamp::MIN, 0)),
            away: AtomicBool::new(false),
        }
    }

    /// Whether it did not answer when it was last asked.
    pub(super) fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }

    /// Notes whether it answered.
    pub(super) fn heard<T>(&self, answer: Result<T, ProviderFault>) -> Result<T, ProviderFault> {
        let away = matches!(answer, Err(ProviderFault::Away));
        if away && !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                provider = self.provider.key,
                "a provider of identities is away"
            );
        } else if !away {
            self.away.store(false, Ordering::Relaxed);
        }
        answer
    }

    /// Its addresses, as last published; while it is away, those of before.
    pub(super) async fn endpoints(&self) -> Result<Arc<Endpoints>, ProviderFault> {
        let now = (self.now)();
        let known = self.endpoints.lock().clone();
        if let Some((at, known)) = &known
            && now.duration_since(*at) < KEPT
        {
            return Ok(Arc::clone(known));
        }
        match self.heard(self.discover().await) {
            Ok(found) => {
                let found = Arc::new(found);
                *self.endpoints.lock() = Some((now, Arc::clone(&found)));
                Ok(found)
            }
            Err(fault) => known.map(|(_, known)| known).ok_or(fault),
        }
    }

    /// Its addresses, if they are known here already.
    pub(super) fn known(&self) -> Option<Arc<Endpoints>> {
        let known = self.endpoints.lock();
        known.as_ref().map(|(_, known)| Arc::clone(known))
    }

    async fn discover(&self) -> Result<Endpoints, ProviderFault> {
        let issuer = &self.provider.issuer;
        let base = issuer.trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        let answer = self.client.get(&url, Vec::new()).await;
        let answer = answer.map_err(|_| ProviderFault::Away)?;
        if answer.status != 200 {
            return Err(ProviderFault::Away);
        }
        let document: Document =
            serde_json::from_str(&answer.body).map_err(|_| ProviderFault::Away)?;
        if document.issuer != *issuer {
            return Err(ProviderFault::Unproven("it calls itself otherwise"));
        }
        let addresses = [
            Some(&document.authorization_endpoint),
            Some(&document.token_endpoint),
            Some(&document.jwks_uri),
            document.userinfo_endpoint.as_ref(),
            document.end_session_endpoint.as_ref(),
        ];
        if addresses.into_iter().flatten().any(|url| !safe(url)) {
            return Err(ProviderFault::Unproven("it publishes an unsafe address"));
        }
        Ok(Endpoints {
            authorization: document.authorization_endpoint,
            token: document.token_endpoint,
            keys: document.jwks_uri,
            userinfo: document.userinfo_endpoint,
            logout: document.end_session_endpoint,
        })
    }

    /// The key with which a token may have been signed.
    pub(super) async fn key(
        &self,
        id: Option<&str>,
        algorithm: &str,
    ) -> Result<Key, ProviderFault> {
        let now = (self.now)();
        let kept = self.keys.lock().clone();
        let unknown = ProviderFault::Unproven("signed with a key that is not known");
        if let Some((at, keys)) = &kept
            && now.duration_since(*at) < KEPT
        {
            match choose(keys, id, algorithm) {
                Some(key) => return Ok(key),
                None if !self.may_ask(now) => return Err(unknown),
                None => {}
            }
        }
        let keys = match self.heard(self.fetch_keys().await) {
            Ok(keys) => {
                let keys = Arc::new(keys);
                *self.keys.lock() = Some((now, Arc::clone(&keys)));
                keys
            }
            Err(fault) => kept.map(|(_, keys)| keys).ok_or(fault)?,
        };
        choose(&keys, id, algorithm).ok_or(unknown)
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        let mut asked = self.asked.lock();
        if asked.1 == 0 || now.duration_since(asked.0) >= WHILE {
            *asked = (now, 0);
        }
        asked.1 += 1;
        asked.1 <= ASKS
    }

    async fn fetch_keys(&self) -> Result<Vec<Key>, ProviderFault> {
        let url = self.endpoints().await?.keys.clone();
        let answer = self.client.get(&url, Vec::new()).await;
        let answer = answer.map_err(|_| ProviderFault::Away)?;
        let keys = (answer.status == 200).then(|| jose::keys(&answer.body));
        keys.flatten().ok_or(ProviderFault::Away)
    }
}

/// The key of this name; a token without a name needs a set with one key that fits.
fn choose(keys: &[Key], id: Option<&str>, algorithm: &str) -> Option<Key> {
    let mut fit = keys.iter().filter(|key| key.fits(algorithm));
    match id {
        Some(id) => fit.find(|key| key.id.as_deref() == Some(id)).cloned(),
        None => fit.next().filter(|_| fit.next().is_none()).cloned(),
    }
}
