//! By what a record is found, in numbers: scopes, and the entries of its indexes.

use crate::db::Connection;
use crate::failure::Failure;
use crate::names::{Names, NumberedEntry};
use kernel::Derived;
use std::collections::BTreeSet;

/// Scope keys of one record.
const SCOPES_AT_MOST: usize = 16;
const KEYS_AT_MOST: usize = 4;

/// One row of `list_entry` but for the record's number.
pub(crate) type Place<'e> = (i64, u32, &'e [Vec<u8>]);

/// What is found of a record, by numbers.
pub(crate) struct Found {
    pub(crate) scopes: Vec<u32>,
    pub(crate) entries: Vec<NumberedEntry>,
}

impl Found {
    /// Gives numbers to the names of what was derived for a record of a kind.
    pub(crate) fn numbered<'c>(
        names: &Names,
        db: impl Into<Connection<'c>>,
        kind: i64,
        derived: &Derived,
    ) -> Result<Self, Failure> {
        let db = db.into();
        let mut scopes = Vec::with_capacity(derived.scopes.len());
        for name in &derived.scopes {
            let scope = names.make_scope(db, name)?;
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        if scopes.len() > SCOPES_AT_MOST
            || derived
                .entries
                .iter()
                .any(|entry| entry.keys.len() > KEYS_AT_MOST)
        {
            return Err(Failure::damaged(
                "a record has at most 16 scopes, and an index four keys",
            ));
        }
        let number = |entry: &kernel::Entry| {
            Ok((
                names.make_index(db, kind, &entry.index)?,
                entry.keys.clone(),
            ))
        };
        let entries = derived
            .entries
            .iter()
            .map(number)
            .collect::<Result<_, Failure>>()?;
        Ok(Self { scopes, entries })
    }

    /// The rows of `list_entry` that it should have.
    pub(crate) fn places(&self) -> BTreeSet<Place<'_>> {
        let entries = self.entries.iter();
        entries
            .flat_map(|(index, keys)| {
                self.scopes
                    .iter()
                    .map(move |scope| (*index, *scope, keys.as_slice()))
            })
            .collect()
    }
}
