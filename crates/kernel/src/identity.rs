//! Who is there, as a store keeps it: sessions and tokens by the hash of their secret, how surely somebody is known, and
//! by which outside identity an account is found.

use crate::ids::{AccountId, PartyId};
use crate::port::{Account, Task};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How surely it is known who somebody is. Levels as in the Digital Agency's guideline on digital identity in
/// administrative procedures (DS-511), which follows NIST SP 800-63: 0 not said, 1 low, 2 middle, 3 high.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Assurance {
    /// How surely the person exists and is the one they say (身元確認保証レベル).
    pub identity: u8,
    /// How surely the one at the keyboard is that person (当人認証保証レベル).
    pub authentication: u8,
}

impl Assurance {
    /// A password that somebody chose for themselves.
    pub const PASSWORD: Self = Self {
        identity: 1,
        authentication: 1,
    };

    /// Nothing is surer.
    pub const HIGHEST: Self = Self {
        identity: 3,
        authentication: 3,
    };

    /// Whether it reaches what is asked for, in both.
    #[must_use]
    pub const fn reaches(self, asked: Self) -> bool {
        self.identity >= asked.identity && self.authentication >= asked.authentication
    }
}

/// A session or bearer token, kept by the hash of its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// SHA-256 (hex) of the secret.
    pub secret: String,
    /// Names it to its owner; it stays when the secret changes.
    pub id: Uuid,
    /// The account.
    pub account: AccountId,
    /// `browser`, `bearer` or `link`.
    pub kind: String,
    /// When its owner signed in.
    pub made: Timestamp,
    /// When it was last used, as far as it was noted.
    pub used: Timestamp,
    /// Ends when unused for so long; none: it does not.
    pub idle_seconds: Option<u32>,
    /// Ends then, used or not.
    pub until: Timestamp,
    /// How surely its owner is known.
    pub assurance: Assurance,
    /// Where it was opened.
    pub origin: Origin,
}

/// Where a session was opened, for its owner to recognise it. Does not print.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Browser and system, in their makers' words; empty where unknown.
    pub device: String,
    /// The network, cut so short that it names no line (`192.0.2.x`); empty where unknown.
    pub place: String,
    /// How its owner signed in: `password`, `persona`, or the key of a provider.
    pub way: String,
    /// SHA-256 (hex) over the provider's issuer and its own name of the session, so that it can end it.
    pub outside: Option<String>,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Origin")
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// One that only its end limits: a bearer token or a link.
    #[must_use]
    pub fn plain(
        secret: String,
        id: Uuid,
        account: AccountId,
        kind: &str,
        (made, until): (Timestamp, Timestamp),
    ) -> Self {
        Self {
            secret,
            id,
            account,
            kind: kind.to_owned(),
            made,
            used: made,
            idle_seconds: None,
            until,
            assurance: Assurance::PASSWORD,
            origin: Origin::default(),
        }
    }

    /// When it ends if it is not used again after `used`.
    #[must_use]
    pub fn ends(&self, used: Timestamp) -> Timestamp {
        let idle = self.idle_seconds.map(i64::from);
        let unused = idle.and_then(|idle| used.checked_add(SignedDuration::from_secs(idle)).ok());
        unused.map_or(self.until, |unused| unused.min(self.until))
    }
}

/// An outside identity by which an account is found. Does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Who says so.
    pub issuer: String,
    /// Whom it names so.
    pub subject: String,
    /// The account.
    pub account: AccountId,
    /// Parties that it said the account may act for, when last asked.
    pub hats: Vec<PartyId>,
    /// Whether it says which seats the account has.
    pub seats: bool,
}

/// The part of a store that knows sessions and outside identities.
pub trait Identities: Send + Sync + 'static {
    /// Sessions and tokens of an account that have not reached their end, last used first; links are none.
    fn sessions_of(&self, account: AccountId, now: Timestamp) -> Task<'_, Vec<Session>>;
    /// Opens a session in the place of another, whose secret ends in the same transaction.
    fn replace_session<'a>(&'a self, old: &'a str, new: Session) -> Task<'a, ()>;
    /// Ends one session of an account, by its id.
    fn end_session_of(&self, account: AccountId, id: Uuid) -> Task<'_, ()>;
    /// Ends all sessions and tokens of an account, but for the one of this id.
    fn end_sessions_of(&self, account: AccountId, keep: Option<Uuid>) -> Task<'_, ()>;
    /// Ends the sessions that a provider calls so.
    fn end_sessions_from<'a>(&'a self, outside: &'a str) -> Task<'a, ()>;
    /// Notes when sessions were last used, and removes those that have reached their end.
    fn sessions_used(&self, uses: Vec<(String, Timestamp)>, now: Timestamp) -> Task<'_, ()>;
    /// Writes an account and ends its sessions, but for the one of this id, in one transaction.
    fn put_account_anew(&self, account: Account, keep: Option<Uuid>) -> Task<'_, ()>;
    /// The link of an outside identity.
    fn link<'a>(&'a self, issuer: &'a str, subject: &'a str) -> Task<'a, Option<Link>>;
    /// Writes an account and the link to it in one transaction, unless that identity has another account by now; answers
    /// whether it was written.
    fn put_linked(&self, account: Account, link: Link) -> Task<'_, bool>;
    /// The outside identities of an account, in the order of their issuers.
    fn links_of(&self, account: AccountId) -> Task<'_, Vec<Link>>;
    /// Takes a link away and writes its account, in one transaction. Without other ways in the last link stays; answers
    /// whether it went.
    fn remove_link(&self, account: Account, link: Link, other_ways: bool) -> Task<'_, bool>;
    /// The party that a 法人番号 names.
    fn party_of_number<'a>(&'a self, number: &'a str) -> Task<'a, Option<PartyId>>;
    /// Gives a 法人番号 this party, unless it has one; answers which it has.
    fn claim_number<'a>(&'a self, number: &'a str, party: PartyId) -> Task<'a, PartyId>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_unused_or_at_its_end() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let account = AccountId(Uuid::from_u128(1));
        let mut session = Session::plain(
            "x".into(),
            Uuid::nil(),
            account,
            "browser",
            (at(0), at(100)),
        );
        assert_eq!(session.ends(at(0)), at(100));
        session.idle_seconds = Some(30);
        assert_eq!(session.ends(at(0)), at(30));
        assert_eq!(session.ends(at(50)), at(80));
        assert_eq!(session.ends(at(99)), at(100));
        session.origin.place = "192.0.2.x".into();
        assert!(!format!("{session:?}").contains("192.0.2"));
    }

    #[test]
    fn a_level_is_reached_in_both_or_not_at_all() {
        let asked = Assurance {
            identity: 2,
            authentication: 2,
        };
        assert!(!Assurance::PASSWORD.reaches(asked));
        assert!(Assurance::PASSWORD.reaches(Assurance::default()));
        assert!(asked.reaches(asked));
        let known = Assurance {
            identity: 3,
            authentication: 1,
        };
        assert!(!known.reaches(asked));
    }
}
