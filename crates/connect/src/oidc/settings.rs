//! The settings file that an operator gives: which providers there are, for whom, and what their claims mean. Secrets
//! stand in files or in the environment, never in it.

use super::client_key::ClientKey;
use crate::SetupError;
use engine::Known;
use kernel::{Assurance, Seat};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The settings file, read and whole. Secrets in it do not print.
pub struct IdentitySettings {
    pub(super) providers: Vec<Provider>,
    /// Whether officials must have a second factor.
    pub second_of_officials: bool,
}

/// What officials need.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Officials {
    #[serde(default)]
    second_factor: bool,
}

/// What a settings file names but does not hold.
pub struct Outside<'o> {
    /// What the file is called, for sentences.
    pub name: &'o str,
    /// Reads a file of a secret; relative paths are beside the settings file.
    pub file: &'o dyn Fn(&Path) -> std::io::Result<String>,
    /// Reads the environment.
    pub environment: &'o dyn Fn(&str) -> Option<String>,
}

/// How we prove to a provider that we are its client.
#[derive(Clone)]
pub(super) enum Proof {
    /// A shared secret, in the header (`client_secret_basic`).
    Secret(String),
    /// A key of our own (`private_key_jwt`, RFC 7523).
    Key(ClientKey),
}

/// One provider.
#[derive(Clone)]
pub(super) struct Provider {
    pub(super) key: String,
    pub(super) title: String,
    pub(super) knows: Known,
    pub(super) issuer: String,
    pub(super) client: String,
    pub(super) proof: Proof,
    pub(super) said: Said,
}

/// What stands in the file for a provider, but for who we are.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    title: String,
    #[serde(rename = "for")]
    knows: String,
    issuer: String,
    client: String,
    secret: Option<Source>,
    key: Option<Source>,
    /// Further scopes besides `openid`.
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    /// Whether claims are asked for at the userinfo endpoint too.
    #[serde(default)]
    pub(super) userinfo: bool,
    /// Addresses, where the provider publishes none (OpenID Connect Discovery).
    pub(super) endpoints: Option<Endpoints>,
    #[serde(default)]
    pub(super) claims: Claims,
    /// Only whose claims have one of these values come in.
    #[serde(default)]
    pub(super) only: BTreeMap<String, Vec<String>>,
    /// What to say to others.
    pub(super) otherwise: Option<String>,
    /// How surely somebody is known: the first that fits.
    #[serde(default)]
    pub(super) levels: Vec<Level>,
    /// Officials: which seats the values of a claim give.
    #[serde(default)]
    pub(super) seats: Vec<SeatRule>,
    /// Officials: the claim by which they are appointed (職員番号). The provider must let nobody choose it.
    pub(super) number: Option<String>,
}

/// Where a secret is.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    file: Option<PathBuf>,
    environment: Option<String>,
}

/// Addresses of a provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoints {
    pub(super) authorization: String,
    pub(super) token: String,
    pub(super) keys: String,
    pub(super) userinfo: Option<String>,
    pub(super) logout: Option<String>,
}

/// Which claims say what.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    /// The person's name: these in a row, with a blank between.
    #[serde(default)]
    pub(super) name: Vec<String>,
    /// 法人番号.
    pub(super) corporate_number: Option<String>,
    /// The corporation's name.
    pub(super) corporation: Option<String>,
}

/// How surely somebody is known.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Level {
    /// Claims that must have these values; none: for everybody.
    #[serde(default)]
    pub(super) when: BTreeMap<String, String>,
    /// What is asked for to get there (`acr_values`).
    pub(super) ask: Option<String>,
    pub(super) identity: u8,
    pub(super) authentication: u8,
}

impl Level {
    pub(super) const fn assurance(&self) -> Assurance {
        Assurance {
            identity: self.identity,
            authentication: self.authentication,
        }
    }
}

/// A seat that a value of a claim gives.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeatRule {
    pub(super) claim: String,
    pub(super) is: String,
    pub(super) role: String,
    office: Option<String>,
    authority: Option<String>,
    municipality: Option<String>,
}

impl SeatRule {
    pub(super) fn seat(&self) -> Seat {
        Seat {
            role: self.role.clone(),
            office: self.office.clone(),
            authority: self.authority.clone(),
            municipality: self.municipality.clone(),
            substitute: None,
        }
    }
}

impl IdentitySettings {
    /// Reads the file.
    ///
    /// # Errors
    /// A sentence for the operator: what is wrong, at which provider.
    pub fn read(text: &str, outside: &Outside<'_>) -> Result<Self, SetupError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            providers: BTreeMap<String, Said>,
            #[serde(default)]
            officials: Officials,
        }
        let file: File = serde_saphyr::from_str(text)
            .map_err(|error| SetupError::new(format!("{} を読めません：{error}", outside.name)))?;
        // A file that only says what officials need is one too.
        if file.providers.is_empty() && !file.officials.second_factor {
            let name = outside.name;
            return Err(SetupError::new(format!("{name} に providers がありません")));
        }
        let providers = file.providers.into_iter();
        let providers = providers.map(|(key, said)| provider(key, said, outside));
        Ok(Self {
            providers: providers.collect::<Result<_, _>>()?,
            second_of_officials: file.officials.second_factor,
        })
    }
}

fn provider(key: String, said: Said, outside: &Outside<'_>) -> Result<Provider, SetupError> {
    let wrong = |what: &str| {
        Err(SetupError::new(format!(
            "{} の {key}：{what}",
            outside.name
        )))
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if key.is_empty() || !key.chars().all(plain) || WAYS.contains(&key.as_str()) {
        return wrong(
            "名前は英小文字、数字、ハイフンで付けてください（password などは使えません）",
        );
    }
    let knows = match said.knows.as_str() {
        "residents" => Known::Residents,
        "businesses" => Known::Businesses,
        "officials" => Known::Officials,
        _ => return wrong("for は residents、businesses、officials のどれかです"),
    };
    if !safe(&said.issuer) {
        return wrong("issuer は https:// で始めてください");
    }
    if (knows == Known::Officials) == (said.seats.is_empty() && said.number.is_none()) {
        return wrong(
            "seats か number のどちらかが、職員（officials）には要ります。ほかには書けません",
        );
    }
    if said
        .levels
        .iter()
        .any(|level| level.identity > 3 || level.authentication > 3)
    {
        return wrong("levels の identity と authentication は 0 から 3 です");
    }
    if said.claims.corporate_number.is_some() != said.claims.corporation.is_some() {
        return wrong(
            "corporate_number と corporation は、両方を書くか、どちらも書かないでください",
        );
    }
    let proof = match (&said.secret, &said.key) {
        (Some(source), None) => Proof::Secret(secret(&key, source, outside)?),
        (None, Some(source)) => {
            Proof::Key(ClientKey::read(&secret(&key, source, outside)?, outside)?)
        }
        _ => return wrong("secret か key の、どちらか1つを書いてください"),
    };
    Ok(Provider {
        title: said.title.clone(),
        knows,
        issuer: said.issuer.clone(),
        client: said.client.clone(),
        key,
        proof,
        said,
    })
}

/// Ways of signing in that are none of a provider.
const WAYS: &[&str] = &["password", "persona", "link", "passkey"];

/// Whether an address may be asked: over TLS, or on this machine.
pub(super) fn safe(url: &str) -> bool {
    url.starts_with("https://") || crate::is_loopback(url)
}

fn secret(key: &str, source: &Source, outside: &Outside<'_>) -> Result<String, SetupError> {
    let wrong = |what: String| SetupError::new(format!("{} の {key}：{what}", outside.name));
    let text = match (&source.file, &source.environment) {
        (Some(path), None) => (outside.file)(path)
            .map_err(|error| wrong(format!("{} を読めません（{error}）", path.display())))?,
        (None, Some(name)) => (outside.environment)(name)
            .ok_or_else(|| wrong(format!("環境変数 {name} がありません")))?,
        _ => {
            return Err(wrong(
                "file か environment の、どちらか1つを書いてください".into(),
            ));
        }
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(wrong("秘密が空です".into()));
    }
    Ok(text.to_owned())
}
