//! The part of the port for disposal, on PostgreSQL.

use super::open::PostgresStore;
use crate::house::keep;
use crate::keep::{done, fresh, known, revived};
use crate::keyring::Keys as _;
use crate::port::aside;
use kernel::RecordId;
use kernel::keep::{Disposal, Gone, Keeper, Revived};
use kernel::port::Task;
use std::sync::Arc;

impl Keeper for PostgresStore {
    fn dispose(&self, disposal: Disposal) -> Task<'_, bool> {
        Box::pin(async move {
            let keys = Arc::clone(&self.keys);
            let written = self.counted(move |db| {
                let fresh = fresh(keys.as_ref(), &disposal)?;
                keep::dispose(db, keys.as_ref(), &disposal, &fresh)
            });
            Ok(written.await? > 0)
        })
    }

    fn disposed<'a>(&'a self, records: &'a [RecordId]) -> Task<'a, Vec<Gone>> {
        let records = records.to_vec();
        self.read(move |db| keep::disposed(db, &records))
    }

    fn disposed_by(&self, round: RecordId) -> Task<'_, u64> {
        self.read(move |db| keep::disposed_by(db, round))
    }

    fn destroy(&self) -> Task<'_, u64> {
        Box::pin(async move {
            let doomed = self.read(keep::doomed).await?;
            if doomed.is_empty() {
                return Ok(0);
            }
            let numbers: Vec<u64> = doomed.iter().map(|one| one.key).collect();
            let keys = Arc::clone(&self.keys);
            aside(move || keys.destroy(&doomed)).await?;
            self.counted(move |db| done(db, &numbers)).await
        })
    }

    fn revived(&self) -> Task<'_, Vec<Revived>> {
        Box::pin(async move {
            let known = self.read(known).await?;
            let keys = Arc::clone(&self.keys);
            let destroyed = aside(move || keys.destroyed(known)).await?;
            self.read(move |db| revived(db, &destroyed)).await
        })
    }

    /// The terms of a record lie in its row, and went with it.
    fn forget_words(&self) -> Task<'_, bool> {
        Box::pin(async { Ok(false) })
    }
}
