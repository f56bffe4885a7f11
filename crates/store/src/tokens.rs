//! The tokens of the search index.

use std::fmt::Write as _;

/// A search term as one token. The tokenizer splits at ASCII signs, and folding leaves no full-width form in a key:
/// so such a sign (the long vowel `-`) is written full-width.
fn push_term(out: &mut String, term: &str) {
    for c in term.chars() {
        let wide = c.is_ascii() && !c.is_ascii_alphanumeric();
        out.push(if wide {
            char::from_u32(u32::from(c) + 0xFEE0).unwrap_or('＿')
        } else {
            c
        });
    }
}

/// The token that says that a record of a kind is seen by a scope. Full-width letters never stand in a term.
fn push_scope(out: &mut String, kind: i64, scope: u32) {
    // Writing to a String cannot fail.
    let _ = write!(out, "Ｋ{kind}Ｓ{scope}");
}

/// The document of a record for the search index: its terms, and a token for each scope.
#[must_use]
pub fn document(text: &str, kind: i64, scopes: &[u32]) -> String {
    let terms = japanese::fold::terms(text);
    with_scopes(terms_text(&terms), kind, scopes)
}

/// The terms' part of a document.
pub(crate) fn terms_text(terms: &[String]) -> String {
    let mut out = String::with_capacity(terms.len() * 8 + 80);
    for term in terms {
        push_term(&mut out, term);
        out.push(' ');
    }
    out
}

/// Adds the scopes' part.
pub(crate) fn with_scopes(mut out: String, kind: i64, scopes: &[u32]) -> String {
    for scope in scopes {
        push_scope(&mut out, kind, *scope);
        out.push(' ');
    }
    out
}

/// The query for records that have all terms; empty terms ask nothing.
pub(crate) fn all_of(terms: &[String]) -> String {
    let mut out = String::new();
    for (at, term) in terms.iter().enumerate() {
        out.push_str(if at == 0 { "\"" } else { " AND \"" });
        push_term(&mut out, term);
        out.push('"');
    }
    out
}

/// The query for records of one of the kinds that one of the scopes sees.
pub(crate) fn seen_by(kinds: &[i64], scopes: &[u32]) -> String {
    let mut out = String::from("(");
    for kind in kinds {
        for scope in scopes {
            out.push_str(if out.len() == 1 { "\"" } else { " OR \"" });
            push_scope(&mut out, *kind, *scope);
            out.push('"');
        }
    }
    out.push(')');
    out
}
