//! Accounts, sessions, and the actor that an account is at the moment.

use crate::{Engine, Failure};
use jiff::Timestamp;
use kernel::port::{Account, Session};
use kernel::{AccountId, Actor, PartyId};
use sha2::{Digest, Sha256};

impl Engine {
    /// An account by sign-in name.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn account_by_login(&self, login: &str) -> Result<Option<Account>, Failure> {
        Ok(self.store.account_by_login(login).await?)
    }

    /// Adds or replaces an account.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn put_account(&self, account: Account) -> Result<(), Failure> {
        let done = self.store.put_account(account).await;
        self.sessions.forget_all();
        Ok(done?)
    }

    /// Opens a session or token. Only the hash of the secret is kept.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn open_session(
        &self,
        secret: &str,
        account: AccountId,
        kind: &str,
        until: Timestamp,
    ) -> Result<(), Failure> {
        let session = Session {
            secret: secret_hash(secret),
            account,
            kind: kind.to_owned(),
            until,
        };
        let done = self.store.put_session(session).await;
        self.sessions.forget_all();
        Ok(done?)
    }

    /// The account of a session or token that has not run out.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn session_account(&self, secret: &str) -> Result<Option<Account>, Failure> {
        let (hash, now) = (secret_hash(secret), self.clock.now());
        if let Some(account) = self.sessions.known(&hash, now) {
            return Ok(Some(account));
        }
        let asked = self.sessions.ask();
        let Some(session) = self.store.session(&hash).await? else {
            return Ok(None);
        };
        // A link opens a page; it is no token of the API.
        if session.until <= now || session.kind == "link" {
            return Ok(None);
        }
        let account = self.acting_account(session.account).await?;
        if let Some(account) = &account {
            self.sessions
                .remember(asked, hash, account.clone(), session.until, now);
        }
        Ok(account)
    }

    /// A session by its secret, of whatever kind.
    pub(crate) async fn link_session(&self, secret: &str) -> Result<Option<Session>, Failure> {
        Ok(self.store.session(&secret_hash(secret)).await?)
    }

    /// Ends a session or token.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn end_session(&self, secret: &str) -> Result<(), Failure> {
        let done = self.store.end_session(&secret_hash(secret)).await;
        self.sessions.forget_all();
        Ok(done?)
    }

    /// The actor that an account is, for itself or under one of its hats.
    ///
    /// # Errors
    /// If the account may not act for that party.
    pub fn actor(
        &self,
        account: &Account,
        on_behalf_of: Option<PartyId>,
    ) -> Result<Actor, Failure> {
        let hat = match on_behalf_of.filter(|party| *party != account.party) {
            None => None,
            Some(party) => Some(account.hats.iter().find(|hat| hat.id == party).ok_or_else(
                || {
                    let detail = "この相手の代理はできません。代理の設定を確かめてください。";
                    Failure::invalid("/headers/On-Behalf-Of", "not_delegated", detail)
                },
            )?),
        };
        Ok(Actor {
            account: Some(account.id),
            party: Some(account.party),
            name: account.name.clone(),
            on_behalf_of: hat.map(|hat| hat.id),
            on_behalf_kind: hat.map(|hat| hat.kind.clone()),
            on_behalf_name: hat.map(|hat| hat.name.clone()),
            counter: false,
            seats: account
                .seats
                .iter()
                .filter(|seat| seat.in_force(self.today()))
                .cloned()
                .collect(),
            system: false,
        })
    }

    /// Whether the data directory was made as a demo.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn is_demo(&self) -> Result<bool, Failure> {
        Ok(self.store.setting("demo").await?.is_some())
    }
}

fn secret_hash(secret: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    Sha256::digest(secret.as_bytes())
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}
