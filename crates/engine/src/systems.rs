//! Other systems that sign in by themselves: each proves with its own key that it is the one that an operator registered
//! (OAuth 2.0 client credentials, RFC 6749, with a signed assertion, RFC 7523) and gets a token of a few minutes, for what
//! it was registered for and nothing else.
//!
//! A system is an account without a password; its seats say whose records it sees, its scope which services and which
//! actions. Keys and scope are a setting of the installation; used assertions are counted with what guards guessing.

use crate::identity::hex_digest;
use crate::jose::{Parts, keys};
use crate::{Engine, Failure};
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::port::Account;
use kernel::{Actor, Assurance, Mandate, MandateScope, RecordId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// Kind of session that a system's token is.
pub(crate) const KIND: &str = "system";
/// What the sign-in name of a system begins with; its client id follows.
pub const LOGIN: &str = "system:";
/// A token lasts so long.
pub const TOKEN_SECONDS: i64 = 10 * 60;
/// Clocks may differ by so much.
const SKEW_SECONDS: i64 = 60;
/// An assertion lasts so long at most: it is made for one request.
const ASSERTION_SECONDS: i64 = 5 * 60;
/// A used assertion is remembered for longer than any lasts.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(60);
/// Longer names of assertions are none.
const LONGEST_JTI_BYTES: usize = 255;
/// Tokens that a system gets in a minute at most.
const TOKENS_A_MINUTE: u32 = 60;
/// Signs of a token that are random, in hexadecimal.
const SECRET_SIGNS: usize = 64;
/// How surely a system is known: by a key that never leaves it.
const ASSURANCE: Assurance = Assurance {
    identity: 1,
    authentication: 2,
};

/// What a system was let in for: `read:SERVICE`, `act:SERVICE/TYPE/ACTION`, each once, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope(Vec<String>);

impl Scope {
    /// As it is written in requests and answers; none where a word of it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut words: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
        words.sort_unstable();
        words.dedup();
        words
            .iter()
            .all(|word| is_word(word))
            .then_some(Self(words))
    }

    /// As it is written in answers.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.join(" ")
    }

    /// Whether all of it is within another.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.iter().all(|word| other.0.contains(word))
    }

    /// Whether it is about nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Services that may be read. Who may act reads what they act upon.
    fn services(&self) -> Vec<String> {
        let services = self.0.iter().filter_map(|word| {
            let (_, what) = word.split_once(':')?;
            what.split('/').next().map(str::to_owned)
        });
        services.collect()
    }

    fn actions(&self) -> Vec<String> {
        let actions = self.0.iter().filter_map(|word| word.strip_prefix("act:"));
        actions.map(str::to_owned).collect()
    }

    /// A token's text carries its scope before what is random; a token is found by a digest over both.
    pub(crate) fn of_token(token: &str) -> Self {
        let scope = token.split_once('.').map_or("", |(scope, _)| scope);
        let plain = hex_bytes(scope).and_then(|bytes| String::from_utf8(bytes).ok());
        plain.as_deref().and_then(Self::read).unwrap_or_default()
    }

    fn token(&self, secret: &str) -> String {
        let scope: String = self
            .text()
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{scope}.{secret}")
    }

    /// The actor, as far as a system was let in.
    #[must_use]
    pub fn confines(&self, actor: Actor) -> Actor {
        let mandate = Mandate {
            record: RecordId(Uuid::nil()),
            capacity: String::new(),
            scope: MandateScope::Only(self.actions()),
            from: Date::MIN,
            until: Date::MAX,
        };
        Actor {
            reads: Some(self.services()),
            mandates: Some(vec![mandate]),
            ..actor
        }
    }

    /// Whether a request is of a kind that systems make: reading a service, acting on its records, uploads. What a record
    /// shows and which act is possible, the kernel says.
    #[must_use]
    pub fn lets(&self, method: &str, path: &str) -> bool {
        let Some(rest) = path.strip_prefix("/api/v1/") else {
            return false;
        };
        let parts: Vec<&str> = rest.split('/').collect();
        let reads = |service: &str| self.services().iter().any(|one| one == service);
        let acts = |service: &str| {
            let mut all = self.0.iter().filter_map(|word| word.strip_prefix("act:"));
            all.any(|word| word.split('/').next() == Some(service))
        };
        match (method, parts.as_slice()) {
            (
                "GET",
                ["session" | "changes" | "services"] | ["services", _] | ["postal-codes", _],
            ) => true,
            ("GET", ["uploads", ..]) => !self.is_empty(),
            ("GET", ["services", service, ..]) => reads(service),
            ("POST", ["services", service, _] | ["services", service, _, _, "actions", _]) => {
                acts(service)
            }
            ("POST", ["uploads"]) => !self.actions().is_empty(),
            _ => false,
        }
    }
}

fn is_word(word: &str) -> bool {
    let name = |part: &str| {
        let sign = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !part.is_empty() && part.chars().all(sign)
    };
    let parts =
        |text: &str, many: usize| text.split('/').count() == many && text.split('/').all(name);
    match word.split_once(':') {
        Some(("read", what)) => parts(what, 1),
        Some(("act", what)) => parts(what, 3),
        _ => false,
    }
}

fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let pairs = digits?;
    let bytes = pairs.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high << 4 | low).ok(),
        _ => None,
    });
    bytes.collect()
}

/// What an operator registered of a system, besides its account.
#[derive(Clone, Serialize, Deserialize)]
pub struct SystemRule {
    /// What it may do.
    pub scope: Scope,
    /// Its public keys: a JWK set (RFC 7517).
    pub keys: Json,
}

impl SystemRule {
    /// Under which name a store keeps the rule of a client.
    #[must_use]
    pub fn setting(client: &str) -> String {
        format!("{LOGIN}{client}")
    }

    /// Public keys that can prove something: at least one, and no private part.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn public_keys(text: &str) -> Result<Json, &'static str> {
        let set: Json = serde_json::from_str(text)
            .map_err(|_| "鍵は、JWK の集まり（{\"keys\": […]}）を JSON で書いてください。")?;
        let all = set.get("keys").and_then(Json::as_array);
        if all.is_some_and(|all| {
            all.iter()
                .any(|key| key.get("d").is_some() || key.get("k").is_some())
        }) {
            return Err(
                "秘密鍵が入っています。公開鍵だけのファイルを渡してください。この鍵は使わず、作り直してください。",
            );
        }
        match keys(text) {
            Some(known) if !known.is_empty() => Ok(set),
            _ => Err(
                "使える公開鍵がありません。P-256、P-384、Ed25519、RSA（2048ビット以上）の公開鍵を JWK で書いてください。",
            ),
        }
    }
}

/// Why a system gets no token, in the words of RFC 6749, 5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// The system is not known, or has not proved that it is the one. What lacked stands in the log alone.
    #[error("the client is not known, or its assertion proves nothing: {0}")]
    Client(&'static str),
    /// It asks for what it was not registered for.
    #[error("the scope is not one of those that the client was registered for")]
    Scope,
    /// Too many tokens in a minute.
    #[error("too many tokens in a minute")]
    Often,
}

/// A token that was given out.
pub struct Issued {
    /// Its text.
    pub token: String,
    /// What it is for.
    pub scope: Scope,
}

type Told<T> = Result<Result<T, TokenFault>, Failure>;

impl Engine {
    /// Who we are to systems: the public address, which is the issuer of their tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.base()
    }

    /// The client that an assertion says to be from; it proves nothing yet.
    #[must_use]
    pub fn client_of(assertion: &str) -> Option<String> {
        let parts = Parts::of(assertion).ok()?;
        parts.said_to_be("sub").map(str::to_owned)
    }

    /// The account of a system that proves who it is by an assertion for one of these audiences. An assertion is worth
    /// something once.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn system_by(
        &self,
        audiences: &[String],
        assertion: &str,
    ) -> Told<(Account, SystemRule)> {
        let parts = match Parts::of(assertion) {
            Ok(parts) => parts,
            Err(why) => return Ok(Err(TokenFault::Client(why))),
        };
        let client = parts.said_to_be("sub").unwrap_or_default().to_owned();
        let Some((account, rule)) = self.system(&client).await? else {
            return Ok(Err(TokenFault::Client("no such client")));
        };
        let claims = match proved(parts, &rule.keys) {
            Ok(claims) => claims,
            Err(why) => return Ok(Err(TokenFault::Client(why))),
        };
        let jti = match now_and_for(&claims, &client, audiences, self.now()) {
            Ok(jti) => jti,
            Err(why) => return Ok(Err(TokenFault::Client(why))),
        };
        let used = hex_digest(format!("assertion {client} {jti}").as_bytes());
        if self.count_up(used).await? > 1 {
            return Ok(Err(TokenFault::Client("the assertion was used before")));
        }
        Ok(Ok((account, rule)))
    }

    /// A token for a system that proves who it is; `wanted` is the scope asked for, all of it where nothing is said.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn system_token(
        &self,
        audiences: &[String],
        assertion: &str,
        (wanted, secret): (Option<&str>, &str),
    ) -> Told<Issued> {
        let (account, rule) = match self.system_by(audiences, assertion).await? {
            Ok(found) => found,
            Err(fault) => return Ok(Err(fault)),
        };
        let scope = match wanted.map(Scope::read) {
            None => rule.scope,
            Some(Some(wanted)) if !wanted.is_empty() && wanted.is_within(&rule.scope) => wanted,
            Some(_) => return Ok(Err(TokenFault::Scope)),
        };
        let now = self.now();
        let minute = now.as_second().div_euclid(60);
        let often = hex_digest(format!("tokens {} {minute}", account.id).as_bytes());
        if self.count_up(often).await? > TOKENS_A_MINUTE {
            return Ok(Err(TokenFault::Often));
        }
        let secret: String = secret.chars().take(SECRET_SIGNS).collect();
        let token = scope.token(&secret);
        let until = now.checked_add(SignedDuration::from_secs(TOKEN_SECONDS));
        let known = (KIND, ASSURANCE);
        self.open_known(&token, account.id, known, until.unwrap_or(now))
            .await?;
        Ok(Ok(Issued { token, scope }))
    }

    /// Ends a token of a system that proves who it is; another's stays (RFC 7009).
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn revoke_system_token(
        &self,
        audiences: &[String],
        assertion: &str,
        token: &str,
    ) -> Told<()> {
        let account = match self.system_by(audiences, assertion).await? {
            Ok((account, _)) => account,
            Err(fault) => return Ok(Err(fault)),
        };
        if let Some(signed) = self.signed_in(token).await?
            && signed.account.id == account.id
        {
            self.end_session_of(account.id, signed.session).await?;
        }
        Ok(Ok(()))
    }

    async fn system(&self, client: &str) -> Result<Option<(Account, SystemRule)>, Failure> {
        let rule = self.store.setting(&SystemRule::setting(client)).await?;
        let rule = rule.and_then(|text| serde_json::from_str::<SystemRule>(&text).ok());
        let login = format!("{LOGIN}{client}");
        let account = self.store.account_by_login(&login).await?;
        let open = account.filter(|account| account.closed.is_none());
        Ok(open.zip(rule))
    }

    /// How often this was counted, this time included. Two at once may both be told two, never both one.
    async fn count_up(&self, key: String) -> Result<u32, Failure> {
        let keys = [key];
        let forget = self.now().checked_sub(REMEMBERED);
        self.guess_failed(&keys, forget.unwrap_or(Timestamp::MIN))
            .await?;
        let known = self.guesses(&keys).await?.into_iter().next().flatten();
        Ok(known.map_or(u32::MAX, |known| known.failures))
    }
}

/// The claims, if one of the client's keys made them.
fn proved(parts: Parts<'_>, set: &Json) -> Result<Map<String, Json>, &'static str> {
    if let Some(kind) = parts.kind.as_deref()
        && !["JWT", "client-authentication+jwt"]
            .iter()
            .any(|one| one.eq_ignore_ascii_case(kind))
    {
        return Err("it is another kind of token");
    }
    let known = keys(&set.to_string()).unwrap_or_default();
    let mut fitting = known.iter().filter(|key| {
        let named = key.id.is_none() || parts.key.is_none() || key.id == parts.key;
        named && key.fits(&parts.algorithm)
    });
    let key = fitting.next().ok_or("no key of the client fits it")?;
    parts.proved(key)
}

/// Whether an assertion is the client's own, for us, and for now (RFC 7523, 3); its name, by which it is used once.
fn now_and_for<'c>(
    claims: &'c Map<String, Json>,
    client: &str,
    audiences: &[String],
    now: Timestamp,
) -> Result<&'c str, &'static str> {
    let text = |name: &str| claims.get(name).and_then(Json::as_str);
    let seconds = |name: &str| claims.get(name).and_then(Json::as_f64);
    if text("iss") != Some(client) || text("sub") != Some(client) {
        return Err("it was made by another or for another");
    }
    // One audience: an assertion that serves elsewhere too could be carried here from there.
    let audience = match claims.get("aud") {
        Some(Json::String(one)) => Some(one.as_str()),
        Some(Json::Array(all)) => match all.as_slice() {
            [one] => one.as_str(),
            _ => None,
        },
        _ => None,
    };
    if !audience.is_some_and(|one| audiences.iter().any(|own| own == one)) {
        return Err("it is not for us alone");
    }
    // Seconds of this century are whole numbers far within what a double holds.
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
    let now = now.as_second() as f64;
    #[expect(clippy::cast_precision_loss, reason = "a few minutes")]
    let (skew, lasts) = (SKEW_SECONDS as f64, ASSERTION_SECONDS as f64);
    let until = seconds("exp").ok_or("it has no end")?;
    if until <= now - skew {
        return Err("it has run out");
    }
    if until > now + lasts + skew {
        return Err("it lasts too long");
    }
    let later = |name: &str| seconds(name).is_some_and(|from| from > now + skew);
    if later("nbf") || later("iat") {
        return Err("it is of the future");
    }
    if seconds("iat").is_some_and(|made| made < now - lasts - skew) {
        return Err("it is old");
    }
    match text("jti") {
        Some(jti) if !jti.is_empty() && jti.len() <= LONGEST_JTI_BYTES => Ok(jti),
        _ => Err("it has no name"),
    }
}
