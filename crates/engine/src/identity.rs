//! Accounts, sessions, and the actor that an account is at the moment.

use crate::sessions::Known;
use crate::systems::Scope;
use crate::{Engine, Failure};
use jiff::{SignedDuration, Timestamp};
use kernel::identity::Origin;
use kernel::port::{Account, Session};
use kernel::{AccountId, Actor, Assurance, PartyId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Kind of session that a browser has.
const BROWSER: &str = "browser";

/// Who is behind a session or token.
#[derive(Clone)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// The session's name, which is no secret.
    pub session: Uuid,
    /// How surely it is known who they are.
    pub assurance: Assurance,
    /// What a system was let in for; none for people.
    pub scope: Option<crate::systems::Scope>,
}

/// How long a browser stays signed in. Why these: `docs/decisions/0035-signing-in.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Unused for so long, it ends.
    pub idle_seconds: u32,
    /// Used or not, it ends after so many hours.
    pub hours: i64,
}

impl SessionLimits {
    /// Residents and businesses: an hour and a day, what NIST SP 800-63B-4 advises at most for AAL2.
    pub const RESIDENTS: Self = Self {
        idle_seconds: 60 * 60,
        hours: 24,
    };
    /// Officials: half an hour and twelve hours, what NIST SP 800-63B (revision 3) demands for AAL2.
    pub const OFFICIALS: Self = Self {
        idle_seconds: 30 * 60,
        hours: 12,
    };

    /// Those of an account.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        if account.seats.is_empty() {
            Self::RESIDENTS
        } else {
            Self::OFFICIALS
        }
    }

    /// When a session ends that begins now.
    #[must_use]
    pub fn until(self, now: Timestamp) -> Timestamp {
        now.checked_add(SignedDuration::from_hours(self.hours))
            .unwrap_or(Timestamp::MAX)
    }
}

impl Engine {
    /// An account by sign-in name, with the seats that it is appointed to today: not to be written back.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn account_by_login(&self, login: &str) -> Result<Option<Account>, Failure> {
        let found = self.store.account_by_login(login).await?;
        self.found_appointed(found).await
    }

    /// An account by its id, with the seats that it is appointed to today: not to be written back. None where there is
    /// none or it is closed.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn open_account(&self, id: AccountId) -> Result<Option<Account>, Failure> {
        let account = self.account(id).await?;
        Ok(account.filter(|account| account.closed.is_none()))
    }

    /// An account by its id, closed or not, with the seats that it is appointed to today: not to be written back.
    pub(crate) async fn account(&self, id: AccountId) -> Result<Option<Account>, Failure> {
        let found = self.store.account(id).await?;
        self.found_appointed(found).await
    }

    async fn found_appointed(&self, found: Option<Account>) -> Result<Option<Account>, Failure> {
        match found {
            Some(account) => Ok(Some(self.appointed(account).await?)),
            None => Ok(None),
        }
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

    /// Opens a token or link of somebody who is known no more surely than by a password. Only the hash of the secret is
    /// kept.
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
        let known = (kind, Assurance::PASSWORD);
        self.open_known(secret, account, known, until).await
    }

    /// Opens a token or link of somebody who is known so surely.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn open_known(
        &self,
        secret: &str,
        account: AccountId,
        (kind, assurance): (&str, Assurance),
        until: Timestamp,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let id = self.ids.uuid(now);
        let hash = secret_hash(secret);
        let mut session = Session::plain(hash, id, account, kind, (now, until));
        session.assurance = assurance;
        let done = self.store.put_session(session).await;
        self.sessions.forget_all();
        Ok(done?)
    }

    /// Opens a browser's session in the place of the one that it had, if any: whoever knew the old secret knows nothing
    /// now. A session of the same account keeps its name and its beginning.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn open_browser(
        &self,
        secret: &str,
        old: Option<&str>,
        account: &Account,
        assurance: Assurance,
        origin: Origin,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let limits = SessionLimits::of(account);
        let old = old.map(secret_hash);
        let before = match &old {
            Some(hash) => self.store.session(hash).await?,
            None => None,
        };
        let same = before.as_ref().filter(|old| old.account == account.id);
        let session = Session {
            secret: secret_hash(secret),
            id: same.map_or_else(|| self.ids.uuid(now), |old| old.id),
            account: account.id,
            kind: BROWSER.to_owned(),
            made: same.map_or(now, |old| old.made),
            used: now,
            idle_seconds: Some(limits.idle_seconds),
            until: limits.until(now),
            assurance,
            origin,
        };
        let done = match old.filter(|_| before.is_some_and(|old| old.kind == BROWSER)) {
            Some(old) => self.store.replace_session(&old, session).await,
            None => self.store.put_session(session).await,
        };
        self.sessions.forget_all();
        Ok(done?)
    }

    /// Gives a session another secret; all else stays. Answers whether there was one.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn rotate_session(&self, old: &str, secret: &str) -> Result<bool, Failure> {
        let old = secret_hash(old);
        let Some(session) = self.store.session(&old).await? else {
            return Ok(false);
        };
        let session = Session {
            secret: secret_hash(secret),
            used: self.clock.now(),
            ..session
        };
        let done = self.store.replace_session(&old, session).await;
        self.sessions.forget_all();
        done?;
        Ok(true)
    }

    /// Notes that the owner of a session proved anew who they are, at least so surely, and gives it another secret.
    /// Answers whether there was one.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn raise_session(
        &self,
        old: &str,
        secret: &str,
        authentication: u8,
    ) -> Result<bool, Failure> {
        let old = secret_hash(old);
        let Some(mut session) = self.store.session(&old).await? else {
            return Ok(false);
        };
        session.secret = secret_hash(secret);
        session.used = self.clock.now();
        let assurance = &mut session.assurance;
        assurance.authentication = assurance.authentication.max(authentication);
        let done = self.store.replace_session(&old, session).await;
        self.sessions.forget_all();
        done?;
        Ok(true)
    }

    /// The account of a session or token that has not ended.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn session_account(&self, secret: &str) -> Result<Option<Account>, Failure> {
        let signed = self.signed_in(secret).await?;
        Ok(signed.map(|signed| signed.account))
    }

    /// Who is behind a session or token that has not ended. Asking is a use of it.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn signed_in(&self, secret: &str) -> Result<Option<SignedIn>, Failure> {
        let (hash, now) = (secret_hash(secret), self.clock.now());
        if let Some(signed) = self.sessions.known(&hash, now) {
            return Ok(Some(signed));
        }
        let asked = self.sessions.ask();
        let Some(session) = self.store.session(&hash).await? else {
            return Ok(None);
        };
        let here = self.sessions.used(&hash);
        let noted = here.map_or(session.used, |used| used.max(session.used));
        // A link opens a page; it is no token of the API.
        if session.ends(noted) <= now || session.kind == "link" {
            return Ok(None);
        }
        let Some(account) = self.acting_account(session.account).await? else {
            return Ok(None);
        };
        let signed = SignedIn {
            account,
            session: session.id,
            assurance: session.assurance,
            scope: (session.kind == crate::systems::KIND).then(|| Scope::of_token(secret)),
        };
        let known = Known {
            signed: signed.clone(),
            noted,
            until: session.until,
            read_at: now,
        };
        self.sessions.remember(&asked, hash, known);
        Ok(Some(signed))
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

    /// Where an account is signed in, last used first.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn sessions_of(&self, account: AccountId) -> Result<Vec<Session>, Failure> {
        let now = self.clock.now();
        let mut sessions = self.store.sessions_of(account, now).await?;
        for session in &mut sessions {
            let here = self.sessions.used(&session.secret);
            session.used = here.map_or(session.used, |used| used.max(session.used));
            // Nobody needs it any more, and what is not handed out cannot leak.
            session.secret.clear();
        }
        sessions.retain(|session| session.ends(session.used) > now);
        sessions.sort_by_key(|session| std::cmp::Reverse(session.used));
        Ok(sessions)
    }

    /// Ends one session of an account by its id; nothing if it has none of this id.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn end_session_of(&self, account: AccountId, id: Uuid) -> Result<(), Failure> {
        let done = self.store.end_session_of(account, id).await;
        self.sessions.forget_all();
        Ok(done?)
    }

    /// Ends all sessions and tokens of an account, but for one.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn end_sessions_of(
        &self,
        account: AccountId,
        keep: Option<Uuid>,
    ) -> Result<(), Failure> {
        let done = self.store.end_sessions_of(account, keep).await;
        self.sessions.forget_all();
        Ok(done?)
    }

    /// Gives an account another password, as its hash. All its sessions and tokens end in the same transaction, but for
    /// the one in which it was changed.
    ///
    /// # Errors
    /// 404 where there is no such account; if the store is not available.
    pub async fn change_password(
        &self,
        account: AccountId,
        hash: String,
        keep: Option<Uuid>,
    ) -> Result<(), Failure> {
        let mut account = self.account_to_change(account).await?;
        account.password = Some(hash);
        self.put_account_anew(account, keep).await
    }

    /// Closes an account: nobody signs in with it any more, and its sessions and tokens end in the same transaction. Its
    /// name stays in histories.
    ///
    /// # Errors
    /// 404 where there is no such account; if the store is not available.
    pub async fn close_account(&self, account: AccountId) -> Result<(), Failure> {
        let mut account = self.account_to_change(account).await?;
        account.closed = Some(self.clock.now());
        self.put_account_anew(account, None).await
    }

    async fn account_to_change(&self, id: AccountId) -> Result<Account, Failure> {
        let account = self.store.account(id).await?;
        account.ok_or_else(Failure::not_found)
    }

    async fn put_account_anew(&self, account: Account, keep: Option<Uuid>) -> Result<(), Failure> {
        let done = self.store.put_account_anew(account, keep).await;
        self.sessions.forget_all();
        Ok(done?)
    }

    /// Writes down which sessions were used, if any were.
    pub(crate) async fn note_uses(&self) -> Result<(), Failure> {
        let uses = self.sessions.uses();
        if uses.is_empty() {
            return Ok(());
        }
        self.store
            .sessions_used(uses.clone(), self.clock.now())
            .await?;
        self.sessions.written(&uses);
        Ok(())
    }

    /// Removes sessions that have reached their end.
    pub(crate) async fn forget_sessions(&self) -> Result<(), Failure> {
        let done = self.store.sessions_used(Vec::new(), self.clock.now());
        Ok(done.await?)
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
        let today = self.today();
        let hat = match on_behalf_of.filter(|party| *party != account.party) {
            None => None,
            Some(party) => {
                let mut hats = account.hats.iter();
                let held = hats.find(|hat| hat.id == party && hat.is_held(today));
                Some(held.ok_or_else(|| {
                    let detail = "この相手の代理はできません。任された期間が過ぎたか、取りやめになっています。マイページの「委任・代理」で確かめてください。";
                    Failure::invalid("/headers/On-Behalf-Of", "not_delegated", detail)
                })?)
            }
        };
        let actor = Actor {
            account: Some(account.id),
            party: Some(account.party),
            name: account.name.clone(),
            on_behalf_of: hat.map(|hat| hat.id),
            on_behalf_kind: hat.map(|hat| hat.kind.clone()),
            on_behalf_name: hat.map(|hat| hat.name.clone()),
            counter: false,
            mandates: hat.and_then(|hat| {
                let all = hat.mandates.as_ref()?.iter();
                Some(all.filter(|one| one.in_force(today)).cloned().collect())
            }),
            reads: None,
            seats: account
                .seats
                .iter()
                .filter(|seat| seat.in_force(self.today()))
                .cloned()
                .collect(),
            passes: self.passes_now(account),
            system: false,
            assurance: Assurance::default(),
        };
        Ok(crate::maintenance::confined(account, actor))
    }

    /// Whether the data directory was made as a demo.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn is_demo(&self) -> Result<bool, Failure> {
        Ok(self.store.setting("demo").await?.is_some())
    }
}

pub(crate) fn secret_hash(secret: &str) -> String {
    hex_digest(secret.as_bytes())
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    Sha256::digest(bytes)
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}
