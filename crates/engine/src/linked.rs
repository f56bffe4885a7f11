//! Further identities of an account: somebody who has one way in adds another, by proving both. The account is found by any
//! of them from then on, and is known as surely as the one says by which they came. Why so:
//! `docs/decisions/0049-further-identities.md`.

use crate::hash::sha256;
use crate::outside::{IdentityProvider, Known, Proven};
use crate::{Engine, Failure};
use kernel::AccountId;
use kernel::identity::Link;
use kernel::port::Account;
use uuid::Uuid;

/// Outside identities of one account at most.
const MOST: usize = 10;

/// What came of adding an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linking {
    /// The account has it now.
    Done,
    /// The account had it before.
    Already,
    /// It is another account's.
    Anothers,
    /// Not of those that people add themselves: an official's, or one too many.
    NotThese,
}

/// What came of taking an identity away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlinking {
    /// It is gone, or never was.
    Done,
    /// It is the last way in: it stays.
    Last,
}

/// Names a link to its owner without saying who they are there.
#[must_use]
pub fn link_name(link: &Link) -> String {
    let (issuer, subject) = (&link.issuer, &link.subject);
    sha256(format!("link {} {issuer} {subject}", issuer.len()).as_bytes())
}

/// Whether an account is one whose owner adds and removes identities: no official's, nobody's of a demo.
#[must_use]
pub fn links_itself(account: &Account) -> bool {
    account.seats.is_empty() && !account.demo && account.closed.is_none()
}

impl Engine {
    /// The outside identities of an account.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn links_of(&self, account: AccountId) -> Result<Vec<Link>, Failure> {
        Ok(self.store.links_of(account).await?)
    }

    /// The provider by which an identity came, if it is still wired in.
    #[must_use]
    pub fn provider_of(&self, link: &Link) -> Option<&dyn IdentityProvider> {
        let mut all = self.providers().iter();
        let found = all.find(|one| one.knows() != Known::Officials && one.is(Some(&link.issuer)));
        found.map(|one| &**one)
    }

    /// Gives an account, whose owner proved a moment ago who they are, the identity for which a provider vouches. They are
    /// told.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn link_identity(
        &self,
        account: AccountId,
        provider: &dyn IdentityProvider,
        proven: &Proven,
    ) -> Result<Linking, Failure> {
        let known = self.store.account(account).await?;
        let known = known.ok_or_else(Failure::not_found)?;
        let itself = links_itself(&self.appointed(known.clone()).await?);
        if provider.knows() == Known::Officials || !itself {
            return Ok(Linking::NotThese);
        }
        match self.store.link(&proven.issuer, &proven.subject).await? {
            Some(link) if link.account == account => return Ok(Linking::Already),
            Some(_) => return Ok(Linking::Anothers),
            None => {}
        }
        if self.store.links_of(account).await?.len() >= MOST {
            return Ok(Linking::NotThese);
        }
        let hats = self.hats_of(proven).await?;
        let account = self.described(provider, proven, Some(known), &[], &hats);
        let link = Link {
            issuer: proven.issuer.clone(),
            subject: proven.subject.clone(),
            account: account.id,
            hats: hats.iter().map(|hat| hat.id).collect(),
            seats: false,
        };
        let written = self.store.put_linked(account.clone(), link).await;
        self.sessions.forget_all();
        if !written? {
            return Ok(Linking::Anothers);
        }
        self.tell_of_proof(&account, "provider", (true, provider.title()))
            .await;
        Ok(Linking::Done)
    }

    /// Takes an identity away from an account: it signs in by it no more, hats that came by it alone go, and so do the
    /// sessions that it opened, but for `keep`. Never the last way in. They are told.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn unlink_identity(
        &self,
        account: AccountId,
        name: &str,
        keep: Option<Uuid>,
    ) -> Result<Unlinking, Failure> {
        let known = self.store.account(account).await?;
        let mut known = known.ok_or_else(Failure::not_found)?;
        let links = self.store.links_of(account).await?;
        let (gone, stay): (Vec<Link>, Vec<Link>) =
            links.into_iter().partition(|link| link_name(link) == name);
        let Some(gone) = gone.into_iter().next() else {
            return Ok(Unlinking::Done);
        };
        let still = |hat: &kernel::PartyId| stay.iter().any(|link| link.hats.contains(hat));
        known
            .hats
            .retain(|hat| !gone.hats.contains(&hat.id) || still(&hat.id));
        let other_ways = known.password.is_some() || self.has_passkey(account).await?;
        let done = self
            .store
            .remove_link(known.clone(), gone.clone(), other_ways);
        let done = done.await;
        self.sessions.forget_all();
        if !done? {
            return Ok(Unlinking::Last);
        }
        let provider = self.provider_of(&gone);
        let (key, title) = provider.map_or(("", ""), |one| (one.key(), one.title()));
        for session in self.sessions_of(account).await? {
            if session.origin.way == key && Some(session.id) != keep {
                self.end_session_of(account, session.id).await?;
            }
        }
        self.tell_of_proof(&known, "provider", (false, title)).await;
        Ok(Unlinking::Done)
    }

    async fn has_passkey(&self, account: AccountId) -> Result<bool, Failure> {
        let proofs = self.proofs_of(account).await?;
        Ok(self.passkey_site().is_some() && !proofs.passkeys.is_empty())
    }

    /// Whether an account has a way in beside its passkeys.
    pub(crate) async fn has_other_way(&self, account: &Account) -> Result<bool, Failure> {
        Ok(account.password.is_some() || !self.store.links_of(account.id).await?.is_empty())
    }
}
