//! Who is behind a session, remembered for a moment: a browser or a machine asks many times a second.
//!
//! A session that ends, and an account that changes, take effect at once: every write of either passes the engine,
//! which forgets all. Other processes over one database learn of it when what they remember has aged, within
//! [`OLDEST`].

use jiff::{SignedDuration, Timestamp};
use kernel::port::Account;
use parking_lot::Mutex;
use std::collections::HashMap;

/// What is older is asked anew.
const OLDEST: SignedDuration = SignedDuration::from_secs(1);
/// Sessions remembered at most.
const MOST: usize = 4_096;

/// The memory. Nothing in it is printed.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    known: HashMap<String, Known>,
    /// Counts what was forgotten: an answer that was read before a change is not kept after it.
    forgotten: u64,
}

struct Known {
    account: Account,
    until: Timestamp,
    read_at: Timestamp,
}

/// When a question to the store began.
pub(crate) struct Asked(u64);

impl Sessions {
    /// The account behind a session, if it was read a moment ago.
    pub(crate) fn known(&self, hash: &str, now: Timestamp) -> Option<Account> {
        let inner = self.0.lock();
        let known = inner.known.get(hash)?;
        let age = now.duration_since(known.read_at);
        let fresh = (SignedDuration::ZERO..OLDEST).contains(&age) && now < known.until;
        fresh.then(|| known.account.clone())
    }

    /// To be called before the store is asked.
    pub(crate) fn ask(&self) -> Asked {
        Asked(self.0.lock().forgotten)
    }

    /// Keeps what the store answered, unless something has changed since it was asked.
    pub(crate) fn remember(
        &self,
        asked: Asked,
        hash: String,
        account: Account,
        until: Timestamp,
        now: Timestamp,
    ) {
        let mut inner = self.0.lock();
        if inner.forgotten != asked.0 {
            return;
        }
        if inner.known.len() >= MOST {
            inner.known.clear();
        }
        inner.known.insert(
            hash,
            Known {
                account,
                until,
                read_at: now,
            },
        );
    }

    /// A session or an account has changed, or may have.
    pub(crate) fn forget_all(&self) {
        let mut inner = self.0.lock();
        inner.known.clear();
        inner.forgotten += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{AccountId, PartyId};
    use uuid::Uuid;

    fn account() -> Account {
        Account {
            id: AccountId(Uuid::from_u128(1)),
            login: "a".into(),
            name: "A".into(),
            password: None,
            party: PartyId(Uuid::from_u128(2)),
            hats: Vec::new(),
            seats: Vec::new(),
            demo: false,
        }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap()
    }

    #[test]
    fn it_ages_and_ends_with_its_session() {
        let sessions = Sessions::default();
        sessions.remember(sessions.ask(), "x".into(), account(), at(5_000), at(0));
        assert!(sessions.known("x", at(999)).is_some());
        assert!(sessions.known("x", at(1_000)).is_none(), "too old");
        assert!(sessions.known("x", at(-1)).is_none(), "the clock went back");
        assert!(sessions.known("y", at(0)).is_none());
        sessions.remember(sessions.ask(), "x".into(), account(), at(300), at(0));
        assert!(
            sessions.known("x", at(300)).is_none(),
            "the session has run out"
        );
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let sessions = Sessions::default();
        let asked = sessions.ask();
        sessions.forget_all();
        sessions.remember(asked, "x".into(), account(), at(5_000), at(0));
        assert!(sessions.known("x", at(1)).is_none());
        sessions.remember(sessions.ask(), "x".into(), account(), at(5_000), at(0));
        assert!(sessions.known("x", at(1)).is_some());
        sessions.forget_all();
        assert!(sessions.known("x", at(1)).is_none());
    }
}
