//! Search, newest first, over the numbers of [`super::terms`].
//!
//! As on SQLite: first the words alone, and kind and scopes looked up for each candidate; if few of the first may be
//! seen, the scope's token joins. A word of one character has no term of its own: then the scope leads and the exact
//! check does the rest. Candidates come in pieces, from one block of records after another.

use super::reads;
use super::session::Session;
use super::terms;
use crate::codec;
use crate::failure::Failure;
use crate::names::{Names, unpack_scopes};
use crate::read::{End, FIRST_CANDIDATES, SCAN_AT_MOST};
use crate::tokens;
use japanese::fold;
use kernel::port::{Page, SearchQuery};

/// `$1` numbers of which all, `$2` of which one (none: not asked), `$3` rows below this, `$4` how many.
const CANDIDATES: &str = "SELECT candidate.row, candidate.kind, candidate.scopes, candidate.text
   FROM generate_series(($3::bigint - 1) >> 14, 0, -1) AS block
   CROSS JOIN LATERAL (
     SELECT row, kind, scopes, text FROM found
     WHERE terms @> ARRAY(SELECT (block << 48) | one FROM unnest($1::bigint[]) AS one)
       AND ($2::bigint[] IS NULL OR terms && ARRAY(SELECT (block << 48) | one FROM unnest($2::bigint[]) AS one))
       AND row < $3
     ORDER BY row DESC) AS candidate
   LIMIT $4";

/// Searches.
pub(super) fn search(
    session: &Session,
    names: &Names,
    query: &SearchQuery,
) -> Result<Page, Failure> {
    let mut kinds = Vec::with_capacity(query.record_types.len());
    for record_type in &query.record_types {
        kinds.extend(names.kind(session, &query.service, record_type)?);
    }
    let scopes = names.known_scopes(session, &query.scopes)?;
    if kinds.is_empty() || scopes.is_empty() {
        return Ok(Page::default());
    }
    let key = fold::search_key(&query.text);
    let terms = fold::query_terms(&key);
    let words: Vec<i64> = numbers(&tokens::terms_text(&terms));
    let mut seen = String::new();
    for kind in &kinds {
        seen = tokens::with_scopes(seen, *kind, &scopes);
    }
    let seen = numbers(&seen);
    let before = match query.before {
        Some(before) => before,
        None => reads::next_row(session)?,
    };
    let mut walk = Walk {
        session,
        key: &key,
        kinds: &kinds,
        scopes: &scopes,
        limit: query.limit,
        before,
        looked_at: 0,
        rows: Vec::new(),
    };
    let has_terms = terms.iter().any(|term| term.chars().nth(1).is_some());
    let end = if has_terms {
        match walk.go(&words, None, FIRST_CANDIDATES)? {
            End::Budget => walk.go(&words, Some(&seen), SCAN_AT_MOST)?,
            end => end,
        }
    } else {
        walk.go(&[], Some(&seen), SCAN_AT_MOST)?
    };
    let items = reads::by_rows(session, &walk.rows)?;
    Ok(end.page(items, &walk.rows, walk.before))
}

fn numbers(tokens: &str) -> Vec<i64> {
    tokens
        .split(' ')
        .filter(|token| !token.is_empty())
        .map(terms::number)
        .collect()
}

struct Walk<'w> {
    session: &'w Session,
    key: &'w str,
    kinds: &'w [i64],
    scopes: &'w [u32],
    limit: usize,
    /// Rows below this are still to be looked at.
    before: i64,
    looked_at: usize,
    rows: Vec<i64>,
}

impl Walk<'_> {
    /// Walks candidates until the page is full or `most` were looked at in all.
    fn go(&mut self, words: &[i64], seen: Option<&[i64]>, most: usize) -> Result<End, Failure> {
        let mut piece = (self.limit + 1).max(50);
        while self.before > 0 {
            let many = codec::limit(piece);
            let rows = self
                .session
                .rows(CANDIDATES, &[&words, &seen, &self.before, &many])?;
            for row in &rows {
                if self.looked_at >= most {
                    return Ok(End::Budget);
                }
                self.looked_at += 1;
                let number: i64 = row.try_get("row").map_err(Failure::damaged)?;
                if self.fits(row).map_err(Failure::damaged)? {
                    if self.rows.len() == self.limit {
                        return Ok(End::Full);
                    }
                    self.rows.push(number);
                }
                self.before = number;
            }
            if rows.len() < piece {
                return Ok(End::NoMore);
            }
            piece = FIRST_CANDIDATES.min(most - self.looked_at + 1);
        }
        Ok(End::NoMore)
    }

    fn fits(&self, row: &tokio_postgres::Row) -> Result<bool, tokio_postgres::Error> {
        let (kind, scopes): (i64, &[u8]) = (row.try_get("kind")?, row.try_get("scopes")?);
        Ok(self.kinds.contains(&kind)
            && unpack_scopes(scopes).any(|scope| self.scopes.contains(&scope))
            && fold::matches_key(row.try_get("text")?, self.key))
    }
}
