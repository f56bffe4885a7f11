//! Faces: what one listener offers, and whom it knows. Residents come from the internet and officials from a network of
//! their own; each comes to a listener that knows nothing of the other's matters.
//!
//! Two questions are answered here and nowhere else: which routes there are ([`Face::offers`], a route that is in no list
//! is on no single face), and whether a secret belongs to somebody of this face ([`App::known`]). What a face does not offer
//! is not routed at all, so it is answered as an address that never was. `docs/decisions/0053-faces.md` says why.

mod routes;
mod table;

pub(crate) use routes::Routes;

use crate::App;
use engine::proofs::PasskeySite;
use engine::{Failure, SignedIn};
use kernel::port::Account;

/// What a listener is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Face {
    /// Everything for everybody: demos and development.
    #[default]
    Whole,
    /// Residents and businesses, from the internet.
    Public,
    /// Officials, from the network of their offices.
    Staff,
    /// Health and numbers alone, for whoever watches the machines.
    Operations,
}

/// How a request brought its secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Brought {
    /// In the session's cookie.
    Cookie,
    /// As a bearer token.
    Token,
}

impl Face {
    /// Its name in numbers, and the mark of its sessions.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Public => "public",
            Self::Staff => "staff",
            Self::Operations => "operations",
        }
    }

    /// Its name for people; none where there is but one.
    #[must_use]
    pub const fn title(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::Public => Some("都民の側"),
            Self::Staff => Some("職員の側"),
            Self::Operations => Some("監視の側"),
        }
    }

    /// Whether there is such a route here. `route` is written as the router has it (`/desk/{service}/{type}`).
    #[must_use]
    pub(crate) fn offers(self, route: &str) -> bool {
        let listed = |lists: &[&[&str]]| lists.iter().any(|list| list.contains(&route));
        match self {
            Self::Whole => true,
            Self::Public => listed(&[table::EVERY, table::BOTH, table::PUBLIC]),
            Self::Staff => listed(&[table::EVERY, table::BOTH, table::STAFF, table::NUMBERS]),
            Self::Operations => listed(&[table::EVERY, table::NUMBERS]),
        }
    }

    /// Whether somebody is known here at all: officials, and systems with an official's seat, on the staff's face alone.
    #[must_use]
    pub(crate) fn admits(self, account: &Account) -> bool {
        self.knows_officials(!account.seats.is_empty())
    }

    /// Whether officials are known here, or those who are none.
    #[must_use]
    pub(crate) fn knows_officials(self, official: bool) -> bool {
        match self {
            Self::Whole => true,
            Self::Public => !official,
            Self::Staff => official,
            Self::Operations => false,
        }
    }

    /// What the secrets of sessions begin with that were opened here; a session is found by a digest over all of it, so it
    /// cannot be changed.
    fn mark(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::Public => Some("public."),
            Self::Staff => Some("staff."),
            Self::Operations => Some("operations."),
        }
    }

    /// Whether a secret may be one of this face's. Tokens that a command made bear no mark; a session of a browser does.
    fn takes(self, secret: &str, brought: Brought) -> bool {
        let Some(mark) = self.mark() else {
            return true;
        };
        let others = [Self::Public, Self::Staff, Self::Operations].into_iter();
        match brought {
            Brought::Cookie => secret.starts_with(mark),
            Brought::Token => !others
                .filter_map(Self::mark)
                .any(|other| other != mark && secret.starts_with(other)),
        }
    }
}

impl App {
    /// Who is behind a secret, if they belong to this face; whoever does not is nobody here.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn known(
        &self,
        secret: &str,
        brought: Brought,
    ) -> Result<Option<SignedIn>, Failure> {
        if !self.face.takes(secret, brought) {
            return Ok(None);
        }
        let signed = self.engine.signed_in(secret).await?;
        Ok(signed.filter(|signed| self.face.admits(&signed.account)))
    }

    /// The secret of a session that is opened here.
    pub(crate) fn session_secret(&self) -> String {
        let mark = self.face.mark().unwrap_or_default();
        format!("{mark}{}", self.secret())
    }

    /// The address of this face: the issuer of tokens that are given here.
    pub(crate) fn issuer(&self) -> &str {
        match (self.face, &self.staff_url) {
            (Face::Staff, Some(url)) => url,
            _ => self.engine.issuer(),
        }
    }

    /// Where passkeys hold that are made here; none where browsers make none for the address.
    pub(crate) fn passkey_site(&self) -> Option<PasskeySite> {
        match (self.face, &self.staff_url) {
            (Face::Staff, Some(url)) => PasskeySite::of(url),
            _ => self.engine.passkey_site(),
        }
    }

    /// The provider of identities with this key, if it knows people of this face.
    pub(crate) fn provider(
        &self,
        key: &str,
    ) -> Option<&std::sync::Arc<dyn engine::IdentityProvider>> {
        let found = self.engine.provider(key);
        found.filter(|provider| self.face.asks(provider.knows()))
    }
}

impl Face {
    /// Whether people whom a provider knows so sign in here.
    #[must_use]
    pub(crate) fn asks(self, known: engine::Known) -> bool {
        self.knows_officials(known == engine::Known::Officials)
    }
}

#[cfg(test)]
mod tests;
