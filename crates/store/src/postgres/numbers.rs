//! The vault of individual numbers (個人番号) on PostgreSQL: a schema of its own, and keys in a further one where keys are.

use super::PostgresStore;
use super::keys::PostgresKeys;
use super::session::{Kept, Session};
use crate::db::Connection;
use crate::failure::Failure;
use crate::house::numbers;
use crate::keyring::Keys;
use jiff::Timestamp;
use kernel::RecordId;
use kernel::port::{StoreError, Task};
use kernel::vault::{Number, NumberPlace, Vault};
use std::sync::Arc;
use uuid::Uuid;

/// The vault: one session each for rows and keys.
pub(super) struct NumberVault {
    pub(super) rows: Kept,
    pub(super) keys: PostgresKeys,
}

impl NumberVault {
    fn read<T>(
        &self,
        work: impl Fn(&Connection<'_>, &dyn Keys) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.rows.with(|session| work(&session.into(), &self.keys))
    }

    /// What is written, all or nothing; done twice where a session was lost, which each statement bears.
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

    fn blind(&self, text: &str) -> Result<String, Failure> {
        let key = self.write(|db, keys| {
            if let Some(key) = numbers::blinding(db)? {
                return Ok(key);
            }
            numbers::choose_blinding(db, keys.take()?)?;
            // Of two copies of the program that choose at once, one has chosen.
            numbers::blinding(db)?.ok_or(Failure::NoRow)
        })?;
        numbers::blind(&self.keys, key, text)
    }
}

impl PostgresStore {
    fn vaulted<T: Send + 'static>(
        &self,
        work: impl FnOnce(&NumberVault) -> Result<T, Failure> + Send + 'static,
    ) -> Task<'_, T> {
        let vault = Arc::clone(&self.numbers);
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || work(&vault)).await;
            Ok(done.map_err(|error| StoreError::Unavailable(error.to_string()))??)
        })
    }
}

impl Vault for PostgresStore {
    fn keep_number(&self, place: NumberPlace, number: Number) -> Task<'_, ()> {
        self.vaulted(move |vault| {
            let sealed = numbers::seal(&vault.keys, place, &number)?;
            vault.write(|db, _| numbers::put(db, &sealed))
        })
    }

    fn number(&self, id: Uuid, record: RecordId) -> Task<'_, Option<Number>> {
        self.vaulted(move |vault| vault.read(|db, keys| numbers::open(db, keys, id, record)))
    }

    fn numbers_of(&self, record: RecordId) -> Task<'_, Vec<NumberPlace>> {
        self.vaulted(move |vault| vault.read(|db, _| numbers::of(db, record)))
    }

    fn settle_number(&self, id: Uuid, settled: bool) -> Task<'_, ()> {
        self.vaulted(move |vault| vault.write(|db, _| numbers::settle(db, id, settled)))
    }

    fn unsettled_numbers(&self, before: Timestamp, limit: usize) -> Task<'_, Vec<NumberPlace>> {
        self.vaulted(move |vault| vault.read(|db, _| numbers::unsettled(db, before, limit)))
    }

    fn all_numbers(&self, after: Option<Uuid>, limit: usize) -> Task<'_, Vec<NumberPlace>> {
        self.vaulted(move |vault| vault.read(|db, _| numbers::all(db, after, limit)))
    }

    fn destroy_numbers(&self, ids: Vec<Uuid>, at: Timestamp) -> Task<'_, ()> {
        self.vaulted(move |vault| vault.write(|db, keys| numbers::destroy(db, keys, &ids, at)))
    }

    fn destroyed_numbers(&self) -> Task<'_, u64> {
        self.vaulted(|vault| vault.read(|db, _| numbers::destroyed(db)))
    }

    fn blind<'a>(&'a self, text: &'a str) -> Task<'a, String> {
        let text = text.to_owned();
        self.vaulted(move |vault| vault.blind(&text))
    }
}
