//! Snapshots and what makes them found, as statements of an act's script.

use super::act::{Check, Draft, Script};
use super::group::Group;
use super::touched::FoundRow;
use crate::codec;
use crate::failure::Failure;
use crate::names::{pack_entries, pack_scopes, unpack_entries, unpack_scopes};
use crate::places::{Found, Place};
use crate::postgres::terms;
use crate::writer::Ready;
use kernel::{Derived, Snapshot};
use std::collections::BTreeSet;

impl Group<'_> {
    /// Writes each snapshot over the one before it.
    pub(super) fn records<'s>(
        &mut self,
        script: &mut Script<'s>,
        draft: &mut Draft,
        ready: &'s Ready,
    ) -> Result<(), Failure> {
        for ((snapshot, derived), body) in ready.prepared.records.iter().zip(&ready.snapshots) {
            self.record(script, draft, snapshot, derived, body)?;
        }
        Ok(())
    }

    fn record<'s>(
        &mut self,
        script: &mut Script<'s>,
        draft: &mut Draft,
        snapshot: &'s Snapshot,
        derived: &'s Derived,
        body: &'s Vec<u8>,
    ) -> Result<(), Failure> {
        let mut touched = self.latest(draft, snapshot.id)?;
        if touched.version != snapshot.version {
            return Err(Failure::damaged(format!(
                "snapshot {} does not follow from its events",
                snapshot.id
            )));
        }
        let kind = self
            .names
            .make_kind(self.aside, &snapshot.service, &snapshot.record_type)?;
        let found = Found::numbered(self.names, self.aside, kind, derived)?;
        let (row, is_new) = match touched.row {
            Some(row) => (row, false),
            None => (self.next_row()?, true),
        };
        let parent = snapshot.parent.as_ref();
        let hash = touched.hash.to_vec();
        let common: Vec<Box<dyn tokio_postgres::types::ToSql + Sync + 's>> = vec![
            Box::new(row),
            Box::new(codec::column(snapshot.version)?),
            Box::new(hash),
            Box::new(&snapshot.state),
            Box::new(&snapshot.authority),
            Box::new(&snapshot.office),
            Box::new(&snapshot.number),
            Box::new(parent.map(|parent| parent.id.0)),
            Box::new(parent.map(|parent| parent.slot.as_str())),
            Box::new(codec::nanos(snapshot.updated_at)),
            Box::new(body),
        ];
        if is_new {
            let mut values = common;
            values.push(Box::new(snapshot.id.0));
            values.push(Box::new(kind));
            values.push(Box::new(codec::column(touched.key)?));
            values.push(Box::new(codec::nanos(snapshot.created_at)));
            script.put(
                self,
                "INSERT INTO record(row, version, last_hash, state, authority, office, number, parent, slot, updated_at, body,
                   id, kind, key, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                values,
                Check::Any,
            )?;
        } else {
            script.put(
                self,
                "UPDATE record SET version = $2, last_hash = $3, state = $4, authority = $5, office = $6, number = $7,
                   parent = $8, slot = $9, updated_at = $10, body = $11 WHERE row = $1",
                common,
                Check::Any,
            )?;
        }
        self.find(script, row, kind, &touched.found, &found, derived, is_new)?;
        touched.row = Some(row);
        touched.found = FoundRow {
            scopes: pack_scopes(&found.scopes),
            text: terms::stored(&derived.search),
            entries: pack_entries(&found.entries),
        };
        draft.touched.insert(snapshot.id, touched);
        Ok(())
    }

    /// Writes only what is another than before.
    #[expect(clippy::too_many_arguments, reason = "before and after of one row")]
    fn find<'s>(
        &self,
        script: &mut Script<'s>,
        row: i64,
        kind: i64,
        before: &FoundRow,
        found: &Found,
        derived: &Derived,
        is_new: bool,
    ) -> Result<(), Failure> {
        let (scopes, entries) = (pack_scopes(&found.scopes), pack_entries(&found.entries));
        let text = terms::stored(&derived.search);
        let is_same_document = !is_new && before.scopes == scopes && before.text == text;
        if is_same_document && before.entries == entries {
            return Ok(());
        }
        let old = Found {
            scopes: unpack_scopes(&before.scopes).collect(),
            entries: unpack_entries(&before.entries)?,
        };
        let (old, new) = (old.places(), found.places());
        let remove = "DELETE FROM list_entry USING unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[],
             $6::bytea[]) AS gone(index_no, scope, k1, k2, k3, k4)
           WHERE list_entry.index_no = gone.index_no AND list_entry.scope = gone.scope AND list_entry.k1 = gone.k1
             AND list_entry.k2 = gone.k2 AND list_entry.k3 = gone.k3 AND list_entry.k4 = gone.k4 AND list_entry.row = $7";
        self.entries(
            script,
            remove,
            row,
            &old.difference(&new).copied().collect(),
        )?;
        let add = "INSERT INTO list_entry(index_no, scope, k1, k2, k3, k4, row)
           SELECT index_no, scope, k1, k2, k3, k4, $7::bigint FROM unnest($1::bigint[], $2::bigint[], $3::bytea[],
             $4::bytea[], $5::bytea[], $6::bytea[]) AS new(index_no, scope, k1, k2, k3, k4)";
        self.entries(script, add, row, &new.difference(&old).copied().collect())?;
        let numbers = || terms::of_document(&text, row, kind, &found.scopes);
        if is_new {
            script.put(
                self,
                "INSERT INTO found(row, kind, scopes, text, entries, terms) VALUES ($1, $2, $3, $4, $5, $6)",
                vec![
                    Box::new(row),
                    Box::new(kind),
                    Box::new(scopes),
                    Box::new(text.clone()),
                    Box::new(entries),
                    Box::new(numbers()),
                ],
                Check::Any,
            )
        } else if is_same_document {
            script.put(
                self,
                "UPDATE found SET entries = $2 WHERE row = $1",
                vec![Box::new(row), Box::new(entries)],
                Check::Any,
            )
        } else {
            script.put(
                self,
                "UPDATE found SET scopes = $2, text = $3, entries = $4, terms = $5 WHERE row = $1",
                vec![
                    Box::new(row),
                    Box::new(scopes),
                    Box::new(text.clone()),
                    Box::new(entries),
                    Box::new(numbers()),
                ],
                Check::Any,
            )
        }
    }

    fn entries(
        &self,
        script: &mut Script<'_>,
        sql: &str,
        row: i64,
        places: &BTreeSet<Place<'_>>,
    ) -> Result<(), Failure> {
        if places.is_empty() {
            return Ok(());
        }
        let key = |at: usize| -> Vec<Vec<u8>> {
            places
                .iter()
                .map(|(_, _, keys)| keys.get(at).cloned().unwrap_or_default())
                .collect()
        };
        let indexes: Vec<i64> = places.iter().map(|(index, _, _)| *index).collect();
        let scopes: Vec<i64> = places
            .iter()
            .map(|(_, scope, _)| i64::from(*scope))
            .collect();
        script.put(
            self,
            sql,
            vec![
                Box::new(indexes),
                Box::new(scopes),
                Box::new(key(0)),
                Box::new(key(1)),
                Box::new(key(2)),
                Box::new(key(3)),
                Box::new(row),
            ],
            Check::Any,
        )
    }
}
