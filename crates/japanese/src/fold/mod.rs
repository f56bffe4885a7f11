//! Folding of Japanese text for search: one key for all spellings of a word,
//! and the index terms that find it.
//!
//! A search has two steps. The index is asked for what has all of
//! [`query_terms`]; [`matches()`] then checks each candidate exactly. Terms are
//! built so that the first step loses nothing that the second would keep,
//! with two stated limits: a word in Latin letters or digits is found from its
//! beginning, and a query of a single character finds it only where it stands
//! alone (`林 太郎` for `林`).

mod key;
mod term;
mod variant;

pub use key::search_key;
pub use term::{MAX_PREFIX_CHARS, query_terms, terms, terms_of_key};

/// Whether each blank-separated word of `query` stands somewhere in
/// `haystack_key`, which is a [`search_key`].
///
/// A blank between two Japanese characters of the key is optional, so that
/// `山田太郎` finds `山田 太郎`; so are the hyphens of a number of seven digits or
/// more (`1900023` finds `190-0023`). A query without any word matches everything.
#[must_use]
pub fn matches(haystack_key: &str, query: &str) -> bool {
    matches_key(haystack_key, &search_key(query))
}

/// As [`matches()`], for a query that is a [`search_key`] already: worth it when
/// one query is checked against many candidates.
#[must_use]
pub fn matches_key(haystack_key: &str, query_key: &str) -> bool {
    let mut joined: Option<String> = None;
    let may_join = haystack_key.contains([' ', '-']);
    query_key
        .split(' ')
        .filter(|word| !word.is_empty())
        .all(|word| {
            haystack_key.contains(word)
                || may_join
                    && joined
                        .get_or_insert_with(|| term::joined(haystack_key))
                        .contains(word)
        })
}

#[cfg(test)]
mod tests;
