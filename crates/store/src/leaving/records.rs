//! Records as they stand, with what they are found by, and their uploads.

use super::Leaving;
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, Row, params};
use crate::failure::Failure;
use crate::house::attachments;
use crate::names::{Names, unpack_entries, unpack_scopes};
use crate::postgres;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kernel::port::{Attachment, StoreError};
use kernel::{AttachmentId, RecordId, Snapshot};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordRow {
    /// Its place among all records of the installation: they were opened in this order.
    pub order: i64,
    /// As it stands.
    pub snapshot: Snapshot,
    /// What it is found by.
    pub found: FoundLine,
}

/// What a record is found by: only this platform needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundLine {
    /// Scope keys.
    pub scopes: Vec<String>,
    /// Folded text.
    pub search: String,
    /// Entries of indexes.
    pub entries: Vec<EntryLine>,
    /// Values that no other record of its kind may have.
    pub unique: Vec<UniqueLine>,
    /// When it must be looked at again.
    pub timers: Vec<TimerLine>,
}

/// One entry of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLine {
    /// Name of the index.
    pub index: String,
    /// Its keys in order-preserving bytes (base64).
    pub keys: Vec<String>,
}

/// One unique value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueLine {
    /// The rule: `service/type/name`.
    pub rule: String,
    /// The value in order-preserving bytes (base64).
    pub value: String,
}

impl EntryLine {
    /// An entry as it is said.
    #[must_use]
    pub fn of(entry: &kernel::Entry) -> Self {
        Self {
            index: entry.index.clone(),
            keys: entry
                .keys
                .iter()
                .map(|key| BASE64_STANDARD.encode(key))
                .collect(),
        }
    }
}

impl UniqueLine {
    /// A value as it is said.
    #[must_use]
    pub fn of(unique: &kernel::decision::UniqueValue) -> Self {
        Self {
            rule: unique.constraint.clone(),
            value: BASE64_STANDARD.encode(&unique.value),
        }
    }
}

/// One timer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerLine {
    /// The clock.
    pub clock: String,
    /// What it brings.
    pub what: String,
    /// The day, `YYYY-MM-DD`.
    pub due: String,
}

/// Names that were looked up already.
#[derive(Default)]
struct Known {
    names: Names,
    indexes: HashMap<i64, String>,
}

impl Leaving<'_> {
    /// The records that leave, in the order in which they were opened.
    ///
    /// # Errors
    /// If the database cannot be read; or what `each` answers.
    pub fn each_record<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(RecordRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut known = Known::default();
        let sql = format!(
            "SELECT record.row AS row, record.id AS id, record.body AS body, found.scopes AS scopes, found.text AS text,
               found.entries AS entries
             FROM record JOIN kind ON kind.id = record.kind JOIN found ON found.row = record.row
             WHERE {} ORDER BY record.row",
            self.own("kind.service", "record.id")
        );
        self.each(&sql, |row| {
            each(self.record(row, &mut known).map_err(StoreError::from)?)
        })
    }

    fn record(&self, row: Row<'_>, known: &mut Known) -> Result<RecordRow, Failure> {
        let id = row.get::<_, Vec<u8>>("id")?;
        let body = row.get_ref("body")?;
        let scopes: Vec<u8> = row.get("scopes")?;
        let mut entries = Vec::new();
        for (index, keys) in unpack_entries(&row.get::<_, Vec<u8>>("entries")?)? {
            let index = self.index_name(index, known)?;
            let keys = keys.iter().map(|key| BASE64_STANDARD.encode(key)).collect();
            entries.push(EntryLine { index, keys });
        }
        let scopes = unpack_scopes(&scopes).map(|scope| known.names.scope_name(self.db, scope));
        Ok(RecordRow {
            order: row.get("row")?,
            snapshot: codec::json(body.as_blob().map_err(Failure::damaged)?)?,
            found: FoundLine {
                scopes: scopes.collect::<Result<_, _>>()?,
                search: row.get("text")?,
                entries,
                unique: self.unique(&id)?,
                timers: self.timers(&id)?,
            },
        })
    }

    fn index_name(&self, index: i64, known: &mut Known) -> Result<String, Failure> {
        if let Some(name) = known.indexes.get(&index) {
            return Ok(name.clone());
        }
        let mut find = self
            .db
            .prepare_cached("SELECT name FROM index_name WHERE id = ?1")?;
        let name: String = find.query_row([index], |row| row.get("name"))?;
        known.indexes.insert(index, name.clone());
        Ok(name)
    }

    fn unique(&self, id: &[u8]) -> Result<Vec<UniqueLine>, Failure> {
        let mut find = self.db.prepare_cached(
            "SELECT rule, value FROM unique_value WHERE record = ?1 ORDER BY rule, value",
        )?;
        let found = find.query_map([id], |row| {
            Ok(UniqueLine {
                rule: row.get("rule")?,
                value: BASE64_STANDARD.encode(row.get::<_, Vec<u8>>("value")?),
            })
        })?;
        found.collect()
    }

    fn timers(&self, id: &[u8]) -> Result<Vec<TimerLine>, Failure> {
        let mut find = self.db.prepare_cached(
            "SELECT clock, what, due FROM timer WHERE record = ?1 ORDER BY clock, what, due",
        )?;
        let found = find.query_map([id], |row| {
            Ok(TimerLine {
                clock: row.get("clock")?,
                what: row.get("what")?,
                due: row.get("due")?,
            })
        })?;
        found.collect()
    }

    /// Records of one type of another service, that may go along.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn records_of(
        &self,
        service: &str,
        mut each: impl FnMut(&Snapshot),
    ) -> Result<(), StoreError> {
        let mut find = self
            .db
            .prepare_cached("SELECT id FROM kind WHERE service = ?1")?;
        let kinds: Vec<i64> = find
            .query_map([service], |row| row.get("id"))?
            .collect::<Result<_, Failure>>()?;
        for kind in kinds {
            let sql = format!("SELECT body FROM record WHERE kind = {kind} ORDER BY row");
            self.each::<StoreError>(&sql, |row| {
                each(&codec::json(&row.get::<_, Vec<u8>>("body")?)?);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Uploads that the records that leave have named.
    ///
    /// # Errors
    /// If the database cannot be read; or what `each` answers.
    pub fn attachments<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(Attachment) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = format!(
            "SELECT id, name, media_type, bytes, sha256, owner, record, at FROM attachment
             WHERE record IS NOT NULL AND doomed = 0 AND ({} OR EXISTS (SELECT 1 FROM attachment_use AS named
               WHERE named.attachment = attachment.id AND {})) ORDER BY id",
            self.records("attachment.record"),
            self.records("named.record")
        );
        self.each(&sql, |row| {
            let mut meta = attachments::attachment(row).map_err(StoreError::from)?;
            self.own_use(&mut meta).map_err(StoreError::from)?;
            each(meta)
        })
    }

    /// An upload whose first record stays behind is that of the first that leaves.
    fn own_use(&self, meta: &mut Attachment) -> Result<(), Failure> {
        let Some(first) = meta.record else {
            return Ok(());
        };
        if self.has(first)? {
            return Ok(());
        }
        let sql = format!(
            "SELECT record FROM attachment_use AS named WHERE attachment = ?1 AND {} ORDER BY record LIMIT 1",
            self.records("named.record")
        );
        let mut find = self.db.prepare_cached(&sql)?;
        let next = find.query_row(params![meta.id.0.into_bytes()], |row| {
            codec::id(&row.get::<_, Vec<u8>>("record")?)
        });
        meta.record = next.optional()?.map(RecordId);
        Ok(())
    }

    /// Content of an upload, opened and checked; none where it is lost.
    ///
    /// # Errors
    /// If it cannot be read, or is not what was written.
    pub fn content(&self, id: AttachmentId) -> Result<Option<Vec<u8>>, StoreError> {
        match (self.files, self.db) {
            (Some(files), _) => {
                let Some((key, sha256)) = attachments::seal_of(&self.db, id)? else {
                    return Ok(None);
                };
                if !attachments::place(files, id).exists() {
                    return Ok(None);
                }
                Ok(Some(attachments::read_file(
                    files, &self.keys, id, key, &sha256,
                )?))
            }
            (None, Connection::Postgres(session)) => Ok(postgres::upload(session, &self.keys, id)?),
            (None, Connection::Sqlite(_)) => Ok(None),
        }
    }
}
