//! The vault of individual numbers (個人番号) on PostgreSQL: a schema of its own, and keys in a further one where keys are.

use super::keys::PostgresKeys;
use super::session::{Kept, Session};
use crate::db::Connection;
use crate::failure::Failure;
use crate::house::numbers::Place;
use crate::keyring::Keys;

/// The vault: one session each for rows and keys.
pub(super) struct NumberVault {
    pub(super) rows: Kept,
    pub(super) keys: PostgresKeys,
}

impl Place for NumberVault {
    /// Its schemas are made with the others.
    fn is_there(&self) -> bool {
        true
    }

    fn read<T>(
        &self,
        work: impl Fn(&Connection<'_>, &dyn Keys) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.rows.with(|session| work(&session.into(), &self.keys))
    }

    fn write<T>(
        &self,
        work: impl Fn(&Connection<'_>, &dyn Keys) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.rows.with(|session: &Session| {
            session.batch_execute("BEGIN")?;
            let done = work(&session.into(), &self.keys);
            session.batch_execute(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
            done
        })
    }
}
