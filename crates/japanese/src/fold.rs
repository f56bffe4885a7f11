//! Folding of Japanese text for search.

/// Folded form of `text`.
#[must_use]
pub fn search_key(text: &str) -> String { text.to_lowercase() }
/// Index terms of `text`.
#[must_use]
pub fn terms(text: &str) -> Vec<String> { vec![search_key(text)] }
/// Terms which a text must all have to match `query`.
#[must_use]
pub fn query_terms(query: &str) -> Vec<String> { terms(query) }
/// Whether each blank-separated word of `query` stands in the key.
#[must_use]
pub fn matches(haystack_key: &str, query: &str) -> bool { haystack_key.contains(&search_key(query)) }
