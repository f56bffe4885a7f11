//! A round to a provider and back.

use super::metadata::Metadata;
use super::settings::{IdentitySettings, Proof, Provider};
use super::{claims, token};
use crate::http::{self, Client};
use crate::{Now, Random, SetupError};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use engine::jose::Parts;
use engine::{Answer, IdentityProvider, Known, Proven, ProviderFault, Round, SignedOut};
use kernel::Assurance;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// A proof of who we are holds so long.
const PROOF_SECONDS: i64 = 60;

/// A provider of identities by OpenID Connect.
pub struct OidcProvider {
    provider: Arc<Provider>,
    metadata: Metadata,
    client: Client,
    now: Now,
    random: Random,
    /// Where whom it knows reach us.
    ours: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: String,
}

impl OidcProvider {
    /// The providers of a settings file. `public_url` is where the public reaches us, `staff_url` where officials do: they
    /// send people back there.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn all(
        settings: IdentitySettings,
        (public_url, staff_url): (&str, &str),
        now: &Now,
        random: &Random,
    ) -> Result<Vec<Arc<dyn IdentityProvider>>, SetupError> {
        let providers = settings.providers.into_iter().map(|provider| {
            let client = Client::of(&provider.title, &provider.issuer)?;
            let ours = match provider.knows {
                Known::Officials => staff_url,
                Known::Residents | Known::Businesses => public_url,
            };
            let provider = Arc::new(provider);
            let metadata = Metadata::new(Arc::clone(&provider), client.clone(), Arc::clone(now));
            Ok(Arc::new(Self {
                provider,
                metadata,
                client,
                now: Arc::clone(now),
                random: Arc::clone(random),
                ours: ours.trim_end_matches('/').to_owned(),
            }) as Arc<dyn IdentityProvider>)
        });
        providers.collect()
    }

    /// Where the provider sends people back to.
    fn back(&self) -> String {
        format!("{}/sign-in/with/{}/back", self.ours, self.provider.key)
    }

    async fn address(&self, round: &Round) -> Result<String, ProviderFault> {
        let endpoints = self.metadata.endpoints().await?;
        let scopes = self.provider.said.scopes.iter().map(String::as_str);
        let scopes: Vec<&str> = ["openid"].into_iter().chain(scopes).collect();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(round.verifier.as_bytes()));
        let mut query = vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.provider.client.clone()),
            ("redirect_uri", self.back()),
            ("scope", scopes.join(" ")),
            ("state", round.state.clone()),
            ("nonce", round.nonce.clone()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256".to_owned()),
        ];
        if let Some(acr) = self.acr(round.asked) {
            query.push(("acr_values", acr));
        }
        if round.asked.is_some() {
            // Whoever is asked to prove it again proves it again, whatever session they have there.
            query.push(("prompt", "login".to_owned()));
        }
        Ok(with_query(&endpoints.authorization, &query))
    }

    /// What to ask for: the first level that reaches what is needed; else the first that is asked for at all.
    fn acr(&self, asked: Option<Assurance>) -> Option<String> {
        let mut levels = self.provider.said.levels.iter();
        let needed = asked.unwrap_or_default();
        levels
            .find(|level| level.ask.is_some() && level.assurance().reaches(needed))
            .and_then(|level| level.ask.clone())
    }

    async fn exchange(&self, round: &Round, code: &str) -> Result<Tokens, ProviderFault> {
        let endpoints = self.metadata.endpoints().await?;
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", self.back()),
            ("code_verifier", round.verifier.clone()),
        ];
        let mut headers = vec![
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
            ("accept", "application/json".to_owned()),
        ];
        match &self.provider.proof {
            Proof::Secret(secret) => {
                let pair = format!("{}:{}", encode(&self.provider.client), encode(secret));
                headers.push(("authorization", format!("Basic {}", STANDARD.encode(pair))));
            }
            Proof::Key(_) => {
                form.push(("client_id", self.provider.client.clone()));
                form.push(("client_assertion_type", ASSERTION.to_owned()));
                form.push(("client_assertion", self.assertion(&endpoints.token)));
            }
        }
        let answer = self
            .client
            .post(&endpoints.token, headers, query(&form).into());
        let answer = answer.await.map_err(|_| ProviderFault::Away)?;
        match answer.status {
            200 => parsed(&answer),
            // A code that was used, has run out, or is another's.
            400..=499 => Err(ProviderFault::Unproven("the code is worth nothing")),
            _ => Err(ProviderFault::Away),
        }
    }

    /// A proof that we are the client (RFC 7523).
    fn assertion(&self, audience: &str) -> String {
        let Proof::Key(key) = &self.provider.proof else {
            return String::new();
        };
        let mut number = [0_u8; 16];
        (self.random)(&mut number);
        let now = (self.now)().as_second();
        key.sign(&json!({
            "iss": self.provider.client,
            "sub": self.provider.client,
            "aud": audience,
            "jti": URL_SAFE_NO_PAD.encode(number),
            "iat": now,
            "exp": now + PROOF_SECONDS,
        }))
    }

    fn expected(&self) -> token::Expected<'_> {
        token::Expected {
            issuer: &self.provider.issuer,
            client: &self.provider.client,
            now: (self.now)(),
        }
    }

    /// The claims of a token that this provider signed, and its kind.
    async fn signed(
        &self,
        token: &str,
    ) -> Result<(Map<String, Json>, Option<String>), ProviderFault> {
        let parts = Parts::of(token).map_err(ProviderFault::Unproven)?;
        let key = self
            .metadata
            .key(parts.key.as_deref(), &parts.algorithm)
            .await?;
        let kind = parts.kind.clone();
        let claims = parts.proved(&key).map_err(ProviderFault::Unproven)?;
        Ok((claims, kind))
    }

    /// Further claims, of the same person.
    async fn userinfo(
        &self,
        access: &str,
        subject: &str,
    ) -> Result<Map<String, Json>, ProviderFault> {
        let endpoints = self.metadata.endpoints().await?;
        let url = endpoints.userinfo.as_ref().ok_or(ProviderFault::Away)?;
        let headers = vec![("authorization", format!("Bearer {access}"))];
        let answer = self.client.get(url, headers).await;
        let answer = answer.map_err(|_| ProviderFault::Away)?;
        if answer.status != 200 {
            return Err(ProviderFault::Away);
        }
        let claims: Map<String, Json> = parsed(&answer)?;
        if token::text(&claims, "sub") != Some(subject) {
            return Err(ProviderFault::Unproven("it speaks of somebody else"));
        }
        Ok(claims)
    }

    async fn proven(&self, round: &Round, code: &str) -> Result<Proven, ProviderFault> {
        let tokens = self.exchange(round, code).await?;
        let (signed, _) = self.signed(&tokens.id_token).await?;
        token::identity(&signed, &self.expected(), &round.nonce)
            .map_err(ProviderFault::Unproven)?;
        let mut all = Map::new();
        if self.provider.said.userinfo {
            let subject = token::text(&signed, "sub").unwrap_or_default();
            all = self.userinfo(&tokens.access_token, subject).await?;
        }
        // What is signed wins over what is only said.
        all.extend(signed);
        let proven = claims::read(&self.provider, &all)?;
        match round.asked {
            Some(asked) if !proven.assurance.reaches(asked) => Err(ProviderFault::TooLow),
            _ => Ok(proven),
        }
    }
}

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl IdentityProvider for OidcProvider {
    fn key(&self) -> &str {
        &self.provider.key
    }

    fn title(&self) -> &str {
        &self.provider.title
    }

    fn is(&self, issuer: Option<&str>) -> bool {
        issuer.is_none_or(|issuer| issuer == self.provider.issuer)
    }

    fn knows(&self) -> Known {
        self.provider.knows
    }

    fn is_away(&self) -> bool {
        self.metadata.is_away()
    }

    fn reaches(&self) -> Assurance {
        let levels = self.provider.said.levels.iter();
        let mut all = levels.map(super::settings::Level::assurance);
        all.next().map_or(Assurance::PASSWORD, |first| {
            all.fold(
                first,
                |best, one| if one.reaches(best) { one } else { best },
            )
        })
    }

    fn turns_away(&self) -> String {
        claims::turns_away(&self.provider)
    }

    fn begin<'a>(&'a self, round: &'a Round) -> Answer<'a, String> {
        Box::pin(self.address(round))
    }

    fn finish<'a>(&'a self, round: &'a Round, code: &'a str) -> Answer<'a, Proven> {
        Box::pin(async move { self.metadata.heard(self.proven(round, code).await) })
    }

    fn leave(&self) -> Option<String> {
        let endpoints = self.metadata.known()?;
        let logout = endpoints.logout.as_ref()?;
        let query = [
            ("client_id", self.provider.client.clone()),
            ("post_logout_redirect_uri", format!("{}/", self.ours)),
        ];
        Some(with_query(logout, &query))
    }

    fn told<'a>(&'a self, token: &'a str) -> Answer<'a, SignedOut> {
        Box::pin(async move {
            let (claims, kind) = self.signed(token).await?;
            token::out(&claims, kind.as_deref(), &self.expected()).map_err(ProviderFault::Unproven)
        })
    }
}

fn parsed<T: serde::de::DeserializeOwned>(answer: &http::Answer) -> Result<T, ProviderFault> {
    serde_json::from_str(&answer.body).map_err(|_| ProviderFault::Unproven("no JSON"))
}

fn with_query(url: &str, pairs: &[(&str, String)]) -> String {
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{}", query(pairs))
}

fn query(pairs: &[(&str, String)]) -> String {
    let pairs = pairs.iter();
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}

/// As forms and queries write it: all but the unreserved characters of RFC 3986.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
