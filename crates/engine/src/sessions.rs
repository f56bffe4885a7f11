//! Who is behind a session, remembered for a moment: a browser or a machine asks many times a second.
//!
//! A session that ends, and an account that changes, take effect at once: every write of either passes the engine,
//! which forgets all. Other processes over one database learn of it when what they remember has aged, within
//! [`OLDEST`]. That a session was used is noted here and written by the worker, never on a request's way.

use crate::identity::SignedIn;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use std::collections::HashMap;

/// What is older is asked anew.
const OLDEST: SignedDuration = SignedDuration::from_secs(1);
/// Sessions remembered at most.
const MOST: usize = 4_096;
/// A use is noted when the last one that was noted is so long ago.
pub(crate) const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Uses that wait to be written at most: a store that is away for long must not cost memory without end.
const MOST_USES: usize = 65_536;

/// The memory. Nothing in it is printed.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    known: HashMap<String, Known>,
    /// Uses that are not written yet, by the hash of the secret.
    uses: HashMap<String, Timestamp>,
    /// Counts what was forgotten: an answer that was read before a change is not kept after it.
    forgotten: u64,
}

/// What the store said of a session.
pub(crate) struct Known {
    pub(crate) signed: SignedIn,
    /// When it was last noted as used.
    pub(crate) noted: Timestamp,
    /// When it ends, used or not.
    pub(crate) until: Timestamp,
    /// When this was read.
    pub(crate) read_at: Timestamp,
}

/// When a question to the store began.
pub(crate) struct Asked(u64);

impl Sessions {
    /// Who is behind a session, if it was read a moment ago. Being asked is a use.
    pub(crate) fn known(&self, hash: &str, now: Timestamp) -> Option<SignedIn> {
        let inner = &mut *self.0.lock();
        let known = inner.known.get_mut(hash)?;
        let age = now.duration_since(known.read_at);
        let fresh = (SignedDuration::ZERO..OLDEST).contains(&age) && now < known.until;
        if !fresh {
            return None;
        }
        note(&mut inner.uses, hash, &mut known.noted, now);
        Some(known.signed.clone())
    }

    /// When a session was last used, as far as it is known here and not yet in the store.
    pub(crate) fn used(&self, hash: &str) -> Option<Timestamp> {
        self.0.lock().uses.get(hash).copied()
    }

    /// To be called before the store is asked.
    pub(crate) fn ask(&self) -> Asked {
        Asked(self.0.lock().forgotten)
    }

    /// Keeps what the store answered, unless something has changed since it was asked. Being asked is a use.
    pub(crate) fn remember(&self, asked: &Asked, hash: String, mut known: Known) {
        let inner = &mut *self.0.lock();
        let now = known.read_at;
        note(&mut inner.uses, &hash, &mut known.noted, now);
        if inner.forgotten != asked.0 {
            return;
        }
        if inner.known.len() >= MOST {
            inner.known.clear();
        }
        inner.known.insert(hash, known);
    }

    /// A session or an account has changed, or may have.
    pub(crate) fn forget_all(&self) {
        let mut inner = self.0.lock();
        inner.known.clear();
        inner.forgotten += 1;
    }

    /// Uses that wait to be written.
    pub(crate) fn uses(&self) -> Vec<(String, Timestamp)> {
        let inner = self.0.lock();
        let uses = inner.uses.iter();
        uses.map(|(hash, at)| (hash.clone(), *at)).collect()
    }

    /// They are written, unless there was a later one meanwhile.
    pub(crate) fn written(&self, uses: &[(String, Timestamp)]) {
        let mut inner = self.0.lock();
        for (hash, at) in uses {
            if inner.uses.get(hash) == Some(at) {
                inner.uses.remove(hash);
            }
        }
    }
}

fn note(uses: &mut HashMap<String, Timestamp>, hash: &str, noted: &mut Timestamp, now: Timestamp) {
    let due = now.duration_since(*noted) >= NOTED_EVERY;
    if due && (uses.len() < MOST_USES || uses.contains_key(hash)) {
        uses.insert(hash.to_owned(), now);
        *noted = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::port::Account;
    use kernel::{AccountId, Assurance, PartyId};
    use uuid::Uuid;

    fn known(read: i64, until: i64) -> Known {
        let account = Account {
            id: AccountId(Uuid::from_u128(1)),
            login: "a".into(),
            name: "A".into(),
            password: None,
            party: PartyId(Uuid::from_u128(2)),
            hats: Vec::new(),
            seats: Vec::new(),
            passes: Vec::new(),
            demo: false,
            closed: None,
        };
        Known {
            signed: SignedIn {
                account,
                session: Uuid::from_u128(3),
                assurance: Assurance::PASSWORD,
                scope: None,
            },
            noted: at(0),
            until: at(until),
            read_at: at(read),
        }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap()
    }

    #[test]
    fn it_ages_and_ends_with_its_session() {
        let sessions = Sessions::default();
        sessions.remember(&sessions.ask(), "x".into(), known(0, 5_000));
        assert!(sessions.known("x", at(999)).is_some());
        assert!(sessions.known("x", at(1_000)).is_none(), "too old");
        assert!(sessions.known("x", at(-1)).is_none(), "the clock went back");
        assert!(sessions.known("y", at(0)).is_none());
        sessions.remember(&sessions.ask(), "x".into(), known(0, 300));
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
        sessions.remember(&asked, "x".into(), known(0, 5_000));
        assert!(sessions.known("x", at(1)).is_none());
        sessions.remember(&sessions.ask(), "x".into(), known(0, 5_000));
        assert!(sessions.known("x", at(1)).is_some());
        sessions.forget_all();
        assert!(sessions.known("x", at(1)).is_none());
    }

    #[test]
    fn a_use_is_noted_once_a_minute_and_kept_until_it_is_written() {
        let sessions = Sessions::default();
        sessions.remember(&sessions.ask(), "x".into(), known(59_000, 900_000));
        assert!(sessions.uses().is_empty(), "a minute is not over");
        sessions.remember(&sessions.ask(), "x".into(), known(60_000, 900_000));
        sessions.known("x", at(60_500));
        let first = sessions.uses();
        assert_eq!(first, [("x".to_owned(), at(60_000))]);
        assert_eq!(sessions.used("x"), Some(at(60_000)));
        let mut later = known(130_000, 900_000);
        later.noted = at(60_000);
        sessions.remember(&sessions.ask(), "x".into(), later);
        sessions.written(&first);
        assert_eq!(sessions.uses(), [("x".to_owned(), at(130_000))]);
        sessions.written(&sessions.uses());
        assert_eq!(sessions.used("x"), None);
    }
}
