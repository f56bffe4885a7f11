//! The part of the port for evidence. Copies of the program append in turn: each looks for the newest head under one
//! lock, and who comes second has nothing left to do.

use super::open::PostgresStore;
use crate::house::log;
use crate::keyring::Keys as _;
use crate::port::aside;
use crate::seal;
use evidence::{Hash, Tile, TileName, Tiles};
use kernel::RecordId;
use kernel::log::{EventLog, LogKeyRow, SealedEvent, Seed, SignedHead};
use kernel::port::Task;
use std::sync::Arc;

impl PostgresStore {
    /// Keys are fetched from the database: on a thread that may wait.
    fn seeds<T: Send + 'static>(
        &self,
        work: impl FnOnce(&super::keys::PostgresKeys) -> Result<T, crate::failure::Failure>
        + Send
        + 'static,
    ) -> Task<'_, T> {
        let keys = Arc::clone(&self.keys);
        Box::pin(aside(move || work(&keys)))
    }
}

impl EventLog for PostgresStore {
    fn event_hashes(&self, after: u64, limit: usize) -> Task<'_, Vec<Hash>> {
        self.read(move |db| log::event_hashes(db, after, limit))
    }

    fn sealed_event(&self, record: RecordId, seq: u64) -> Task<'_, Option<SealedEvent>> {
        self.read(move |db| log::sealed_event(db, record, seq))
    }

    fn tiles(&self, names: Vec<TileName>) -> Task<'_, Tiles> {
        self.read(move |db| log::tiles(db, &names))
    }

    fn newest_head(&self) -> Task<'_, Option<SignedHead>> {
        self.read(log::newest_head)
    }

    fn turns(&self) -> Task<'_, Vec<SignedHead>> {
        self.read(log::turns)
    }

    fn log_keys(&self) -> Task<'_, Vec<LogKeyRow>> {
        self.read(log::keys)
    }

    fn log_seed(&self, number: u64) -> Task<'_, Seed> {
        self.seeds(move |keys| seal::seed(keys, number))
    }

    fn fresh_seed(&self) -> Task<'_, (u64, Seed)> {
        self.seeds(|keys| {
            let number = keys.take()?;
            Ok((number, seal::seed(keys, number)?))
        })
    }

    fn put_log_key(&self, key: LogKeyRow, head: SignedHead) -> Task<'_, bool> {
        Box::pin(async move {
            let put = self.counted(move |db| log::put_key(db, &key, &head));
            Ok(put.await? > 0)
        })
    }

    fn append_tiles(&self, tiles: Vec<Tile>, head: SignedHead) -> Task<'_, bool> {
        Box::pin(async move {
            let put = self.counted(move |db| log::append(db, &tiles, &head));
            Ok(put.await? > 0)
        })
    }
}
