//! People whom somebody else vouches for: providers of identities behind a port, and the account that an outside
//! identity has here. An account is found by issuer and subject, never by an address.

use crate::identity::hex_digest;
use crate::{Engine, Failure};
use kernel::identity::Link;
use kernel::port::{Account, Party};
use kernel::{AccountId, Assurance, PartyId, Seat};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Whom a provider knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Residents (都民).
    Residents,
    /// Businesses: corporations and those who trade by themselves.
    Businesses,
    /// Officials: who has no seat by it does not come in.
    Officials,
}

/// What a provider answers, in time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProviderFault>> + Send + 'a>>;

/// What begins a round to a provider and back. Secrets of the browser that goes there; they do not print.
#[derive(Clone)]
pub struct Round {
    /// Comes back with the answer: it belongs to this browser.
    pub state: String,
    /// Stands in the token: it was made for this round.
    pub nonce: String,
    /// Whose digest goes along, and which only we can show with the code (PKCE, RFC 7636).
    pub verifier: String,
    /// How surely the person must be known at the end; none: as the provider likes.
    pub asked: Option<Assurance>,
}

/// Somebody whom a provider vouches for. Does not print.
#[derive(Clone)]
pub struct Proven {
    /// Who says so.
    pub issuer: String,
    /// Whom it names so.
    pub subject: String,
    /// The name that its own session has, where it says one.
    pub session: Option<String>,
    /// Their name, where it says one.
    pub name: Option<String>,
    /// The corporation they act for: 法人番号 and name.
    pub corporation: Option<(String, String)>,
    /// Their seats, by the declared mapping.
    pub seats: Vec<Seat>,
    /// The number by which an official is appointed.
    pub number: Option<String>,
    /// How surely they are known.
    pub assurance: Assurance,
}

/// What comes of somebody for whom a provider vouches.
pub enum Vouched {
    /// They come in.
    Open(Box<Account>),
    /// Their account is closed.
    Closed,
    /// An official without a seat, or with somebody else's number.
    Seatless,
}

/// What a provider tells when somebody has signed out there.
pub struct SignedOut {
    /// Who says so.
    pub issuer: String,
    /// Whom.
    pub subject: Option<String>,
    /// Which session of its own; none: all of them.
    pub session: Option<String>,
}

/// Why somebody did not come in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFault {
    /// It does not answer, or not as it should: it is worth trying again.
    #[error("the provider does not answer")]
    Away,
    /// They turned back at it.
    #[error("the person turned back")]
    TurnedBack,
    /// What came back proves nothing; why, for the log alone.
    #[error("the answer proves nothing: {0}")]
    Unproven(&'static str),
    /// They are known less surely than asked for.
    #[error("known less surely than asked for")]
    TooLow,
    /// It vouches for them, but they are none of those who may come in this way.
    #[error("not one of those who come in this way")]
    NotThese,
}

/// A provider of identities. Implementations keep what they fetched for all.
pub trait IdentityProvider: Send + Sync {
    /// Names it in addresses and in sessions.
    fn key(&self) -> &str;
    /// What people call it.
    fn title(&self) -> &str;
    /// Whether an answer that names its issuer (RFC 9207) names this one; one that names none may be its.
    fn is(&self, issuer: Option<&str>) -> bool;
    /// Whom it knows.
    fn knows(&self) -> Known;
    /// Whether it did not answer when it was last asked.
    fn is_away(&self) -> bool;
    /// How surely it can say who somebody is, when asked to.
    fn reaches(&self) -> Assurance;
    /// What to say to somebody who is none of those who may come in this way.
    fn turns_away(&self) -> String;
    /// The address at which the person goes on.
    fn begin<'a>(&'a self, round: &'a Round) -> Answer<'a, String>;
    /// Takes what came back and answers for whom it vouches. A code is worth something once.
    fn finish<'a>(&'a self, round: &'a Round, code: &'a str) -> Answer<'a, Proven>;
    /// The address at which the person signs out there too; none where it has none.
    fn leave(&self) -> Option<String>;
    /// Takes its word that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0).
    fn told<'a>(&'a self, token: &'a str) -> Answer<'a, SignedOut>;
}

/// The name that a provider's own session has with us.
#[must_use]
pub fn outside_name(issuer: &str, session: &str) -> String {
    hex_digest(format!("{issuer} {session}").as_bytes())
}

impl Engine {
    /// Wires the providers in, once.
    pub fn vouch(&self, providers: Vec<Arc<dyn IdentityProvider>>) {
        // A second call would come of a wiring error; the first stands.
        drop(self.providers.set(providers));
    }

    /// The providers, as they were wired in.
    #[must_use]
    pub fn providers(&self) -> &[Arc<dyn IdentityProvider>] {
        self.providers.get().map_or(&[], Vec::as_slice)
    }

    /// The provider of a key.
    #[must_use]
    pub fn provider(&self, key: &str) -> Option<&Arc<dyn IdentityProvider>> {
        self.providers().iter().find(|one| one.key() == key)
    }

    /// The account of somebody for whom a provider vouches: the one that this identity has, as the provider describes
    /// them today, or a new one. Officials come in who have a seat: one that the provider's claims give, or one to which
    /// they are appointed.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn account_from(
        &self,
        provider: &dyn IdentityProvider,
        proven: &Proven,
    ) -> Result<Vouched, Failure> {
        let hats = self.hats_of(proven).await?;
        // Another request may have made the account meanwhile: then it is found the second time.
        for _ in 0..2 {
            let link = self.store.link(&proven.issuer, &proven.subject).await?;
            let known = match &link {
                Some(link) => self.store.account(link.account).await?,
                None => None,
            };
            if known.as_ref().is_some_and(|one| one.closed.is_some()) {
                return Ok(Vouched::Closed);
            }
            let worn = link.map(|link| link.hats).unwrap_or_default();
            let account = self.described(provider, proven, known, &worn, &hats);
            let appointed = self.appointed(account.clone()).await?;
            if provider.knows() == Known::Officials {
                let namesake = self.store.account_by_login(&account.login).await?;
                let is_another = namesake.is_some_and(|one| one.id != account.id);
                if is_another || appointed.seats.is_empty() {
                    return Ok(Vouched::Seatless);
                }
            }
            let link = Link {
                issuer: proven.issuer.clone(),
                subject: proven.subject.clone(),
                account: account.id,
                hats: hats.iter().map(|hat| hat.id).collect(),
                seats: provider.knows() == Known::Officials,
            };
            let written = self.store.put_linked(account, link).await;
            self.sessions.forget_all();
            if written? {
                return Ok(Vouched::Open(Box::new(appointed)));
            }
        }
        Err(Failure::Store(kernel::port::StoreError::Unavailable(
            "an outside identity changes its account".into(),
        )))
    }

    /// The corporation they act for: its party is the one that its number names.
    pub(crate) async fn hats_of(&self, proven: &Proven) -> Result<Vec<Party>, Failure> {
        let Some((number, name)) = &proven.corporation else {
            return Ok(Vec::new());
        };
        let known = self.store.party_of_number(number).await?;
        let id = match known {
            Some(id) => id,
            None => {
                let fresh = PartyId(self.ids.uuid(self.clock.now()));
                self.store.claim_number(number, fresh).await?
            }
        };
        Ok(vec![Party {
            id,
            kind: "corporation".into(),
            name: name.clone(),
            corporate_number: Some(number.clone()),
            mandates: None,
        }])
    }

    pub(crate) fn described(
        &self,
        provider: &dyn IdentityProvider,
        proven: &Proven,
        known: Option<Account>,
        worn: &[PartyId],
        hats: &[Party],
    ) -> Account {
        let now = self.clock.now();
        let mut account = known.unwrap_or_else(|| {
            let id = AccountId(self.ids.uuid(now));
            Account {
                id,
                login: format!("{}:{id}", provider.key()),
                name: "お名前の登録なし".into(),
                password: None,
                party: PartyId(self.ids.uuid(now)),
                hats: Vec::new(),
                seats: Vec::new(),
                passes: Vec::new(),
                demo: false,
                closed: None,
            }
        });
        if let Some(name) = &proven.name {
            account.name.clone_from(name);
        }
        let given = |hat: &Party| worn.contains(&hat.id) || hats.iter().any(|new| new.id == hat.id);
        account.hats.retain(|hat| !given(hat));
        account.hats.extend(hats.iter().cloned());
        if provider.knows() == Known::Officials {
            account.seats.clone_from(&proven.seats);
            if let Some(number) = &proven.number {
                account.login = format!("{}:{number}", provider.key());
            }
        }
        account
    }

    /// Ends the sessions of somebody who has signed out at a provider.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn signed_out_at(
        &self,
        provider: &dyn IdentityProvider,
        out: &SignedOut,
    ) -> Result<(), Failure> {
        if let Some(session) = &out.session {
            let name = outside_name(&out.issuer, session);
            let done = self.store.end_sessions_from(&name).await;
            self.sessions.forget_all();
            return Ok(done?);
        }
        let Some(subject) = &out.subject else {
            return Ok(());
        };
        let Some(link) = self.store.link(&out.issuer, subject).await? else {
            return Ok(());
        };
        for session in self.sessions_of(link.account).await? {
            if session.origin.way == provider.key() {
                self.end_session_of(link.account, session.id).await?;
            }
        }
        Ok(())
    }
}
