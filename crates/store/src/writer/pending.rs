//! Search documents that wait for the end of their group.
//!
//! FTS5 writes a segment at every savepoint that it lives through. The documents of a group are therefore written
//! after its last act, still in the same transaction: one segment a group instead of one an act.

use crate::failure::Failure;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// The search document of a record.
pub(super) struct Document {
    pub(super) row: i64,
    pub(super) is_new: bool,
    pub(super) text: String,
}

/// By row, ascending as FTS5 likes it.
#[derive(Default)]
pub(super) struct Pending(BTreeMap<i64, Document>);

impl Pending {
    pub(super) fn add(&mut self, documents: Vec<Document>) {
        for mut document in documents {
            // A record made and changed in one group is still new to the index.
            document.is_new |= self
                .0
                .get(&document.row)
                .is_some_and(|earlier| earlier.is_new);
            self.0.insert(document.row, document);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn flush(&self, db: &Connection) -> Result<(), Failure> {
        let mut remove = db.prepare_cached("DELETE FROM search_index WHERE rowid = ?1")?;
        let mut add =
            db.prepare_cached("INSERT INTO search_index(rowid, tokens) VALUES (?1, ?2)")?;
        for document in self.0.values() {
            if !document.is_new {
                remove.execute([document.row])?;
            }
            add.execute(params![document.row, document.text])?;
        }
        Ok(())
    }
}
