//! Small numbers for names that recur: kinds (service and record type), indexes, scopes.

use crate::db::{Connection, OptionalExtension, params};
use crate::failure::Failure;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// More than this and the memory of names starts anew: there is a scope for every owner.
const MOST_REMEMBERED: usize = 50_000;

/// A memory of names and their numbers. Numbers never change once committed; the writer forgets all after a rollback.
#[derive(Default)]
pub(crate) struct Names {
    kinds: RwLock<HashMap<String, i64>>,
    indexes: RwLock<HashMap<(i64, String), i64>>,
    scopes: RwLock<HashMap<String, u32>>,
    scope_names: RwLock<HashMap<u32, String>>,
    /// Whether a number was given out that is not committed yet.
    fresh: AtomicBool,
}

impl Names {
    /// A transaction begins: all that is remembered is committed.
    pub(crate) fn begin(&self) {
        self.fresh.store(false, Relaxed);
    }

    /// Something was rolled back: a name that got its number since [`Names::begin`] may have lost it.
    pub(crate) fn forget(&self) {
        if !self.fresh.load(Relaxed) {
            return;
        }
        self.kinds.write().clear();
        self.indexes.write().clear();
        self.scopes.write().clear();
        self.scope_names.write().clear();
    }

    /// The number of a kind, if it is known.
    pub(crate) fn kind<'c>(
        &self,
        db: impl Into<Connection<'c>>,
        service: &str,
        record_type: &str,
    ) -> Result<Option<i64>, Failure> {
        let db = db.into();
        let name = format!("{service}/{record_type}");
        if let Some(id) = self.kinds.read().get(&name) {
            return Ok(Some(*id));
        }
        let mut find =
            db.prepare_cached("SELECT id FROM kind WHERE service = ?1 AND record_type = ?2")?;
        let id: Option<i64> = find
            .query_row([service, record_type], |row| row.get("id"))
            .optional()?;
        if let Some(id) = id {
            self.kinds.write().insert(name, id);
        }
        Ok(id)
    }

    /// The number of a kind, given now if it has none.
    pub(crate) fn make_kind<'c>(
        &self,
        db: impl Into<Connection<'c>>,
        service: &str,
        record_type: &str,
    ) -> Result<i64, Failure> {
        let db = db.into();
        if let Some(id) = self.kind(db, service, record_type)? {
            return Ok(id);
        }
        // Another copy over the same database may be as quick: then its number stands.
        db.prepare_cached(
            "INSERT INTO kind(service, record_type) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute([service, record_type])?;
        self.fresh.store(true, Relaxed);
        self.kind(db, service, record_type)?.ok_or_else(unnumbered)
    }

    /// The number of an index of a kind, if it is known.
    pub(crate) fn index<'c>(
        &self,
        db: impl Into<Connection<'c>>,
        kind: i64,
        name: &str,
    ) -> Result<Option<i64>, Failure> {
        let db = db.into();
        let key = (kind, name.to_owned());
        if let Some(id) = self.indexes.read().get(&key) {
            return Ok(Some(*id));
        }
        let mut find =
            db.prepare_cached("SELECT id FROM index_name WHERE kind = ?1 AND name = ?2")?;
        let id: Option<i64> = find
            .query_row(params![kind, name], |row| row.get("id"))
            .optional()?;
        if let Some(id) = id {
            self.indexes.write().insert(key, id);
        }
        Ok(id)
    }

    /// The number of an index, given now if it has none.
    pub(crate) fn make_index<'c>(
        &self,
        db: impl Into<Connection<'c>>,
        kind: i64,
        name: &str,
    ) -> Result<i64, Failure> {
        let db = db.into();
        if let Some(id) = self.index(db, kind, name)? {
            return Ok(id);
        }
        db.prepare_cached(
            "INSERT INTO index_name(kind, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![kind, name])?;
        self.fresh.store(true, Relaxed);
        self.index(db, kind, name)?.ok_or_else(unnumbered)
    }

    /// The number of a scope, if it is known.
    pub(crate) fn scope<'c>(
        &self,
        db: impl Into<Connection<'c>>,
        name: &str,
    ) -> Result<Option<u32>, Failure> {
        let db = db.into();
        if let Some(id) = self.scopes.read().get(name) {
            return Ok(Some(*id));
        }
        let mut find = db.prepare_cached("SELECT id FROM scope_name WHERE name = ?1")?;
        let id: Option<i64> = find.query_row([name], |row| row.get("id")).optional()?;
        let Some(id) = id else { return Ok(None) };
        let id = u32::try_from(id).map_err(Failure::damaged)?;
        self.remember_scope(name, id);
        Ok(Some(id))
    }

    /// The number of a scope, given now if it has none.
    pub(crate) fn make_scope<'c>(
        &self,
        db: impl Into<Connection<'c>>,
        name: &str,
    ) -> Result<u32, Failure> {
        let db = db.into();
        if let Some(id) = self.scope(db, name)? {
            return Ok(id);
        }
        db.prepare_cached("INSERT INTO scope_name(name) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([name])?;
        self.fresh.store(true, Relaxed);
        self.scope(db, name)?.ok_or_else(unnumbered)
    }

    fn remember_scope(&self, name: &str, id: u32) {
        let mut scopes = self.scopes.write();
        if scopes.len() >= MOST_REMEMBERED {
            scopes.clear();
        }
        scopes.insert(name.to_owned(), id);
    }

    /// The name of a scope by number.
    pub(crate) fn scope_name<'c>(
        &self,
        db: impl Into<Connection<'c>>,
        id: u32,
    ) -> Result<String, Failure> {
        let db = db.into();
        if let Some(name) = self.scope_names.read().get(&id) {
            return Ok(name.clone());
        }
        let name: String = db
            .prepare_cached("SELECT name FROM scope_name WHERE id = ?1")?
            .query_row([id], |row| row.get("name"))
            .optional()?
            .ok_or_else(|| Failure::damaged(format!("scope {id} has no name")))?;
        let mut names = self.scope_names.write();
        if names.len() >= MOST_REMEMBERED {
            names.clear();
        }
        names.insert(id, name.clone());
        Ok(name)
    }

    /// The numbers of those scopes that are known, each once. Others have no records.
    pub(crate) fn known_scopes<'c>(
        &self,
        db: impl Into<Connection<'c>>,
        names: &[String],
    ) -> Result<Vec<u32>, Failure> {
        let db = db.into();
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            if let Some(id) = self.scope(db, name)?.filter(|id| !ids.contains(id)) {
                ids.push(id);
            }
        }
        Ok(ids)
    }
}

/// Scope numbers as a column: four bytes each, little end first.
pub(crate) fn pack_scopes(scopes: &[u32]) -> Vec<u8> {
    scopes
        .iter()
        .flat_map(|scope| scope.to_le_bytes())
        .collect()
}

/// Scope numbers of a column.
pub(crate) fn unpack_scopes(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes
        .chunks_exact(4)
        .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// An entry of an index by number, with up to four keys.
pub(crate) type NumberedEntry = (i64, Vec<Vec<u8>>);

/// Entries as a column: JSON would triple them, so: index, count of keys, and each key behind its length.
pub(crate) fn pack_entries(entries: &[NumberedEntry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.len() * 48);
    for (index, keys) in entries {
        out.extend(index.to_le_bytes());
        out.push(u8::try_from(keys.len()).unwrap_or(u8::MAX));
        for key in keys {
            out.extend(u32::try_from(key.len()).unwrap_or(u32::MAX).to_le_bytes());
            out.extend(key);
        }
    }
    out
}

/// Entries of a column.
pub(crate) fn unpack_entries(mut bytes: &[u8]) -> Result<Vec<NumberedEntry>, Failure> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let index = i64::from_le_bytes(cut::<8>(&mut bytes)?);
        let [count] = cut::<1>(&mut bytes)?;
        let mut keys = Vec::with_capacity(4);
        for _ in 0..count {
            let length = u32::from_le_bytes(cut::<4>(&mut bytes)?);
            let length = usize::try_from(length).map_err(Failure::damaged)?;
            let (key, rest) = bytes.split_at_checked(length).ok_or_else(short)?;
            keys.push(key.to_vec());
            bytes = rest;
        }
        entries.push((index, keys));
    }
    Ok(entries)
}

fn cut<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Failure> {
    let (head, rest) = bytes.split_first_chunk::<N>().ok_or_else(short)?;
    *bytes = rest;
    Ok(*head)
}

fn unnumbered() -> Failure {
    Failure::damaged("a name has no number, though it was just given one")
}

fn short() -> Failure {
    Failure::damaged("entries of a record end too early")
}
