//! Search, newest first.
//!
//! Two ways to the same answer. Most words have their newest matches close at hand: then the postings of the words
//! alone are walked, and kind and scope are looked up for each. Where few of the first candidates may be seen (the
//! scope is small: a citizen's own records), the scope's own token leads instead, and FTS5 leaps over the rest. A
//! word of one character has no term of its own inside longer runs; then the scope leads from the beginning and the
//! exact check does the rest.

use super::{SCAN_AT_MOST, records};
use crate::failure::Failure;
use crate::names::{Names, unpack_scopes};
use crate::tokens::{all_of, seen_by};
use japanese::fold;
use kernel::Snapshot;
use kernel::port::{ListCursor, Page, SearchQuery};
use rusqlite::{Connection, params};

/// Candidates that are looked at before the scope's token leads.
pub(crate) const FIRST_CANDIDATES: usize = 400;

const CANDIDATES: &str =
    "SELECT found.row AS row, found.kind AS kind, found.scopes AS scopes, found.text AS text
   FROM search_index CROSS JOIN found ON found.row = search_index.rowid
   WHERE search_index MATCH ?1 AND search_index.rowid < ?2 ORDER BY search_index.rowid DESC";

/// Searches.
pub(crate) fn search(db: &Connection, names: &Names, query: &SearchQuery) -> Result<Page, Failure> {
    let mut kinds = Vec::with_capacity(query.record_types.len());
    for record_type in &query.record_types {
        kinds.extend(names.kind(db, &query.service, record_type)?);
    }
    let scopes = names.known_scopes(db, &query.scopes)?;
    if kinds.is_empty() || scopes.is_empty() {
        return Ok(Page::default());
    }
    let key = fold::search_key(&query.text);
    let terms = fold::query_terms(&key);
    let seen = seen_by(&kinds, &scopes);
    let before = query.before.unwrap_or(i64::MAX);
    let mut walk = Walk {
        db,
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
        match walk.go(&all_of(&terms), FIRST_CANDIDATES)? {
            End::Budget => walk.go(&format!("{} AND {seen}", all_of(&terms)), SCAN_AT_MOST)?,
            end => end,
        }
    } else {
        walk.go(&seen, SCAN_AT_MOST)?
    };
    let items = records::by_rows(db, walk.rows.iter().copied())?;
    Ok(end.page(items, &walk.rows, walk.before))
}

/// Why a walk ended.
pub(crate) enum End {
    /// There is one more than fits on the page.
    Full,
    /// So many candidates were looked at.
    Budget,
    NoMore,
}

impl End {
    /// The page of what was found, with where the next begins: after the last that is on it, or where the walk stood.
    pub(crate) fn page(self, items: Vec<Snapshot>, rows: &[i64], before: i64) -> Page {
        let (row, stopped) = match self {
            Self::Full => (rows.last().copied(), false),
            Self::Budget => (Some(before), true),
            Self::NoMore => (None, false),
        };
        let cursor = |row| ListCursor {
            keys: Vec::new(),
            row,
        };
        Page {
            items,
            next: row.map(cursor),
            stopped,
        }
    }
}

struct Walk<'w> {
    db: &'w Connection,
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
    /// Walks the candidates of an FTS5 query until the page is full or `most` were looked at in all.
    fn go(&mut self, tokens: &str, most: usize) -> Result<End, Failure> {
        let mut statement = self.db.prepare_cached(CANDIDATES)?;
        let mut candidates = statement.query(params![tokens, self.before])?;
        while let Some(candidate) = candidates.next()? {
            if self.looked_at >= most {
                return Ok(End::Budget);
            }
            self.looked_at += 1;
            let row: i64 = candidate.get("row")?;
            if self.is_seen(candidate)? && self.matches(candidate)? {
                if self.rows.len() == self.limit {
                    return Ok(End::Full);
                }
                self.rows.push(row);
            }
            self.before = row;
        }
        Ok(End::NoMore)
    }

    fn is_seen(&self, candidate: &rusqlite::Row<'_>) -> Result<bool, Failure> {
        let kind: i64 = candidate.get("kind")?;
        let scopes = candidate
            .get_ref("scopes")?
            .as_blob()
            .map_err(Failure::damaged)?;
        Ok(self.kinds.contains(&kind)
            && unpack_scopes(scopes).any(|scope| self.scopes.contains(&scope)))
    }

    fn matches(&self, candidate: &rusqlite::Row<'_>) -> Result<bool, Failure> {
        let text = candidate
            .get_ref("text")?
            .as_str()
            .map_err(Failure::damaged)?;
        Ok(fold::matches_key(text, self.key))
    }
}
