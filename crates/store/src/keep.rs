//! The part of the port for disposal, on SQLite.

use crate::failure::Failure;
use crate::house::{accounts, keep};
use crate::keyring::Keys as _;
use crate::open::SqliteStore;
use crate::port::aside;
use kernel::RecordId;
use kernel::keep::{Disposal, Gone, Keeper, Revived};
use kernel::port::Task;
use std::sync::Arc;
use uuid::Uuid;

/// How many lines of what was destroyed the data knows of, as a setting: an older copy of the data knows of fewer.
pub(crate) const KNOWN: &str = "destroyed_known";
/// Pages of the search index merged at a time.
const PAGES: i64 = 500;

impl Keeper for SqliteStore {
    fn dispose(&self, disposal: Disposal) -> Task<'_, bool> {
        Box::pin(async move {
            let keys = Arc::clone(&self.keys);
            let written = self.writer.write(move |db| {
                let fresh = fresh(keys.as_ref(), &disposal)?;
                keep::dispose(db, keys.as_ref(), &disposal, &fresh)
            });
            Ok(written.await? > 0)
        })
    }

    fn disposed<'a>(&'a self, records: &'a [RecordId]) -> Task<'a, Vec<Gone>> {
        Box::pin(async move { self.read(|db| keep::disposed(db, records)) })
    }

    fn disposed_by(&self, round: RecordId) -> Task<'_, u64> {
        Box::pin(async move { self.read(|db| keep::disposed_by(db, round)) })
    }

    fn destroy(&self) -> Task<'_, u64> {
        Box::pin(async move {
            let doomed = self.read(keep::doomed)?;
            if doomed.is_empty() {
                return Ok(0);
            }
            let numbers: Vec<u64> = doomed.iter().map(|one| one.key).collect();
            let (keys, renewal) = (Arc::clone(&self.keys), self.renewal.clone());
            aside(move || {
                // Asked for first: once a key is gone, no older copy may stay that holds what it sealed in plain pages.
                renewal.ask()?;
                keys.destroy(&doomed)
            })
            .await?;
            self.writer.write(move |db| done(db, &numbers)).await
        })
    }

    fn revived(&self) -> Task<'_, Vec<Revived>> {
        Box::pin(async move {
            let known = self.read(known)?;
            let keys = Arc::clone(&self.keys);
            let destroyed = aside(move || keys.destroyed(known)).await?;
            self.read(|db| revived(db, &destroyed))
        })
    }

    fn forget_words(&self) -> Task<'_, bool> {
        Box::pin(async move {
            let merged = self.writer.write(|db| match db {
                crate::db::Connection::Sqlite(db) => merge(db),
                crate::db::Connection::Postgres(_) => Ok(0),
            });
            Ok(merged.await? > 0)
        })
    }
}

/// A key that stays for each event.
pub(crate) fn fresh(
    keys: &dyn crate::keyring::Keys,
    disposal: &Disposal,
) -> Result<Vec<u64>, Failure> {
    disposal.records.iter().map(|_| keys.take()).collect()
}

/// FTS5 marks what is deleted, and lets go of it when it merges. A negative number begins a merge of everything.
fn merge(db: &rusqlite::Connection) -> Result<u64, Failure> {
    let merge = |pages: i64| -> Result<u64, Failure> {
        let before = db.total_changes();
        db.prepare_cached("INSERT INTO search_index(search_index, rank) VALUES ('merge', ?1)")?
            .execute([pages])?;
        Ok(db.total_changes() - before)
    };
    // One change is the command itself.
    let going_on = merge(PAGES)?;
    if going_on >= 2 {
        return Ok(1);
    }
    Ok(u64::from(merge(-PAGES)? >= 2))
}

/// Lines of what was destroyed that the data knows of.
pub(crate) fn known(db: &crate::db::Connection<'_>) -> Result<usize, Failure> {
    let known = accounts::setting(db, KNOWN)?;
    Ok(known.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Keys are destroyed: the data knows of their lines.
pub(crate) fn done(db: &crate::db::Connection<'_>, keys: &[u64]) -> Result<u64, Failure> {
    let records = keep::destroyed(db, keys)?;
    let known = known(db)? as u64 + records;
    accounts::put_setting(db, KNOWN, &known.to_string())?;
    Ok(keys.len() as u64)
}

/// Those that are there although they were disposed of.
pub(crate) fn revived(
    db: &crate::db::Connection<'_>,
    destroyed: &[(Uuid, String)],
) -> Result<Vec<Revived>, Failure> {
    let ids: Vec<Uuid> = destroyed.iter().map(|(record, _)| *record).collect();
    let there = keep::standing(db, &ids)?;
    destroyed
        .iter()
        .filter(|(record, _)| there.contains(record))
        .map(|(record, certificate)| {
            Ok(Revived {
                record: RecordId(*record),
                certificate: crate::codec::json(certificate.as_bytes())?,
            })
        })
        .collect()
}
