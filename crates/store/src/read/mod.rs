//! Reads of records and journal.

mod journal;
mod list;
mod records;
mod search;

pub(crate) use journal::{Evidence, changes, columns, header_of, history, stored_of};
pub(crate) use list::list;
pub(crate) use records::{balance, balances, children, last_looks, scopes, snapshots};
pub(crate) use search::{End, FIRST_CANDIDATES, search};

/// Entries or postings that one read looks at, at most.
pub(crate) const SCAN_AT_MOST: usize = 20_000;
