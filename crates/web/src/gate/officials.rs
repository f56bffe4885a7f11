//! Sessions that were seen to be an official's. The head of a request can say anything; this cannot be said by it.

use crate::auth;
use axum::http::HeaderMap;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// Sessions remembered at most, in each of two generations.
const MOST: usize = 8_192;

/// The memory: keyed hashes, so that no secret lies in it.
#[derive(Default)]
pub(super) struct Officials {
    hasher: RandomState,
    known: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashSet<u64>,
    old: HashSet<u64>,
}

impl Officials {
    pub(super) fn remember(&self, secret: &str) {
        let hash = self.hasher.hash_one(secret);
        let mut known = self.known.lock();
        if known.young.contains(&hash) {
            return;
        }
        if known.young.len() >= MOST {
            known.old = std::mem::take(&mut known.young);
        }
        known.young.insert(hash);
    }

    /// Whether the session or token that a request brings was an official's before.
    pub(super) fn is_known(&self, headers: &HeaderMap) -> bool {
        let Some(secret) = auth::secret_of(headers) else {
            return false;
        };
        let hash = self.hasher.hash_one(secret);
        let known = self.known.lock();
        known.young.contains(&hash) || known.old.contains(&hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, header};

    fn with(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_str(&format!("tsumugi={cookie}")).unwrap(),
        );
        headers
    }

    #[test]
    fn only_what_was_seen_is_known_and_the_memory_is_bounded() {
        let officials = Officials::default();
        officials.remember("abc");
        assert!(officials.is_known(&with("abc")));
        assert!(!officials.is_known(&with("abd")) && !officials.is_known(&HeaderMap::new()));
        for n in 0..3 * MOST {
            officials.remember(&n.to_string());
        }
        let known = officials.known.lock();
        assert!(known.young.len() <= MOST && known.old.len() <= MOST);
        drop(known);
        assert!(!officials.is_known(&with("abc")), "long not seen");
        assert!(officials.is_known(&with(&(3 * MOST - 1).to_string())));
    }
}
