//! Snapshots and what makes them found.

use super::act::{Stop, Touched};
use super::group::Writer;
use super::pending::Document;
use super::ready::terms_of;
use crate::codec;
use crate::failure::Failure;
use crate::names::{pack_entries, pack_scopes, unpack_entries, unpack_scopes};
use crate::places::{Found, Place};
use crate::tokens::with_scopes;
use kernel::{Derived, Snapshot};
use rusqlite::{params, types::ToSql};
use std::collections::BTreeSet;

impl Writer {
    /// Writes a snapshot over the one before it. Answers the search document if it is another than before.
    pub(super) fn put_record(
        &self,
        touched: &mut Touched,
        snapshot: &Snapshot,
        derived: &Derived,
        body: &[u8],
        terms: Option<String>,
    ) -> Result<Option<Document>, Stop> {
        if touched.version != snapshot.version {
            return Err(Failure::damaged(format!(
                "snapshot {} does not follow from its events",
                snapshot.id
            ))
            .into());
        }
        let kind = self
            .names
            .make_kind(&self.db, &snapshot.service, &snapshot.record_type)?;
        let found = Found::numbered(&self.names, &self.db, kind, derived)?;
        match touched.row {
            Some(row) => {
                self.update(row, touched, snapshot, body)?;
                Ok(self.find_again(row, kind, &found, derived)?)
            }
            None => {
                let row = self.insert(kind, touched, snapshot, body)?;
                touched.row = Some(row);
                self.find_first(row, kind, &found, derived)?;
                let terms = terms.unwrap_or_else(|| terms_of(&derived.search));
                Ok(Some(Document {
                    row,
                    is_new: true,
                    text: with_scopes(terms, kind, &found.scopes),
                }))
            }
        }
    }

    fn insert(
        &self,
        kind: i64,
        touched: &Touched,
        snapshot: &Snapshot,
        body: &[u8],
    ) -> Result<i64, Failure> {
        self.db
            .prepare_cached(
                "INSERT INTO record(id, kind, version, key, last_hash, state, authority, office, number, parent, slot, created_at, updated_at, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute(params![
                snapshot.id.0.into_bytes(),
                kind,
                codec::column(snapshot.version)?,
                codec::column(touched.key)?,
                touched.hash,
                snapshot.state,
                snapshot.authority,
                snapshot.office,
                snapshot.number,
                snapshot.parent.as_ref().map(|parent| parent.id.0.into_bytes()),
                snapshot.parent.as_ref().map(|parent| &parent.slot),
                codec::nanos(snapshot.created_at),
                codec::nanos(snapshot.updated_at),
                body,
            ])?;
        Ok(self.db.last_insert_rowid())
    }

    fn update(
        &self,
        row: i64,
        touched: &Touched,
        snapshot: &Snapshot,
        body: &[u8],
    ) -> Result<(), Failure> {
        self.db
            .prepare_cached(
                "UPDATE record SET version = ?2, last_hash = ?3, state = ?4, authority = ?5, office = ?6, number = ?7,
                   parent = ?8, slot = ?9, updated_at = ?10, body = ?11 WHERE row = ?1",
            )?
            .execute(params![
                row,
                codec::column(snapshot.version)?,
                touched.hash,
                snapshot.state,
                snapshot.authority,
                snapshot.office,
                snapshot.number,
                snapshot.parent.as_ref().map(|parent| parent.id.0.into_bytes()),
                snapshot.parent.as_ref().map(|parent| &parent.slot),
                codec::nanos(snapshot.updated_at),
                body,
            ])?;
        Ok(())
    }

    fn find_first(
        &self,
        row: i64,
        kind: i64,
        found: &Found,
        derived: &Derived,
    ) -> Result<(), Failure> {
        self.db
            .prepare_cached(
                "INSERT INTO found(row, kind, scopes, text, entries) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                row,
                kind,
                pack_scopes(&found.scopes),
                derived.search,
                pack_entries(&found.entries)
            ])?;
        self.add_entries(row, &found.places())
    }

    /// Writes only what is another than before.
    fn find_again(
        &self,
        row: i64,
        kind: i64,
        found: &Found,
        derived: &Derived,
    ) -> Result<Option<Document>, Failure> {
        let (scopes, text, entries): (Vec<u8>, String, Vec<u8>) = self
            .db
            .prepare_cached("SELECT scopes, text, entries FROM found WHERE row = ?1")?
            .query_row([row], |columns| {
                Ok((
                    columns.get("scopes")?,
                    columns.get("text")?,
                    columns.get("entries")?,
                ))
            })?;
        let (new_scopes, new_entries) = (pack_scopes(&found.scopes), pack_entries(&found.entries));
        let is_seen_alike = scopes == new_scopes;
        if is_seen_alike && text == derived.search && entries == new_entries {
            return Ok(None);
        }
        let before = Found {
            scopes: unpack_scopes(&scopes).collect(),
            entries: unpack_entries(&entries)?,
        };
        let (old, new) = (before.places(), found.places());
        self.remove_entries(row, &old.difference(&new).copied().collect())?;
        self.add_entries(row, &new.difference(&old).copied().collect())?;
        self.db
            .prepare_cached("UPDATE found SET scopes = ?2, text = ?3, entries = ?4 WHERE row = ?1")?
            .execute(params![row, new_scopes, derived.search, new_entries])?;
        let is_same_document = is_seen_alike && text == derived.search;
        Ok((!is_same_document).then(|| Document {
            row,
            is_new: false,
            text: with_scopes(terms_of(&derived.search), kind, &found.scopes),
        }))
    }

    fn add_entries(&self, row: i64, places: &BTreeSet<Place<'_>>) -> Result<(), Failure> {
        self.each_entry("INSERT INTO list_entry(row, index_no, scope, k1, k2, k3, k4) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", row, places)
    }

    fn remove_entries(&self, row: i64, places: &BTreeSet<Place<'_>>) -> Result<(), Failure> {
        self.each_entry(
            "DELETE FROM list_entry WHERE row = ?1 AND index_no = ?2 AND scope = ?3 AND k1 = ?4 AND k2 = ?5 AND k3 = ?6 AND k4 = ?7",
            row,
            places,
        )
    }

    fn each_entry(&self, sql: &str, row: i64, places: &BTreeSet<Place<'_>>) -> Result<(), Failure> {
        let mut statement = self.db.prepare_cached(sql)?;
        for (index, scope, keys) in places {
            let key = |at: usize| keys.get(at).map_or(&[][..], Vec::as_slice);
            let values: [&dyn ToSql; 7] = [&row, index, scope, &key(0), &key(1), &key(2), &key(3)];
            statement.execute(values)?;
        }
        Ok(())
    }
}
