//! The part of the port for evidence, and the log of a folder that a server has open.

use crate::failure::Failure;
use crate::house::log;
use crate::open::SqliteStore;
use crate::pool::Pool;
use crate::seal;
use evidence::{Hash, Tile, TileName, Tiles};
use kernel::RecordId;
use kernel::log::{EventLog, LogKeyRow, SealedEvent, Seed, SignedHead};
use kernel::port::{StoreError, Task};
use std::path::Path;

impl EventLog for SqliteStore {
    fn event_hashes(&self, after: u64, limit: usize) -> Task<'_, Vec<Hash>> {
        Box::pin(async move { self.read(|db| log::event_hashes(db, after, limit)) })
    }

    fn sealed_event(&self, record: RecordId, seq: u64) -> Task<'_, Option<SealedEvent>> {
        Box::pin(async move { self.read(|db| log::sealed_event(db, record, seq)) })
    }

    fn tiles(&self, names: Vec<TileName>) -> Task<'_, Tiles> {
        Box::pin(async move { self.read(|db| log::tiles(db, &names)) })
    }

    fn newest_head(&self) -> Task<'_, Option<SignedHead>> {
        Box::pin(async move { self.read(log::newest_head) })
    }

    fn turns(&self) -> Task<'_, Vec<SignedHead>> {
        Box::pin(async move { self.read(log::turns) })
    }

    fn log_keys(&self) -> Task<'_, Vec<LogKeyRow>> {
        Box::pin(async move { self.read(log::keys) })
    }

    fn log_seed(&self, number: u64) -> Task<'_, Seed> {
        Box::pin(async move { Ok(seal::seed(self.keys.as_ref(), number)?) })
    }

    fn fresh_seed(&self) -> Task<'_, (u64, Seed)> {
        Box::pin(async move {
            let number = self.keys.take()?;
            Ok((number, seal::seed(self.keys.as_ref(), number)?))
        })
    }

    fn put_log_key(&self, key: LogKeyRow, head: SignedHead) -> Task<'_, bool> {
        Box::pin(async move {
            let put = self.writer.write(move |db| log::put_key(db, &key, &head));
            Ok(put.await? > 0)
        })
    }

    fn append_tiles(&self, tiles: Vec<Tile>, head: SignedHead) -> Task<'_, bool> {
        Box::pin(async move {
            let put = self.writer.write(move |db| log::append(db, &tiles, &head));
            Ok(put.await? > 0)
        })
    }
}

/// The log in a data directory, read while a server may have it open: what a witness takes along.
pub struct LogFile(Pool);

impl LogFile {
    /// Opens the log of a data directory. Nothing is written, and nothing made.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join("tsumugi.sqlite");
        if !path.exists() {
            return Err(StoreError::Unavailable(format!(
                "{} is not there",
                path.display()
            )));
        }
        let file = Self(Pool::new(&path, 1, crate::slow::Slow::default()));
        file.newest_head()?;
        Ok(file)
    }

    /// The newest signed head.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn newest_head(&self) -> Result<Option<SignedHead>, StoreError> {
        self.read(log::newest_head)
    }

    /// The first head of each key.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn turns(&self) -> Result<Vec<SignedHead>, StoreError> {
        self.read(log::turns)
    }

    /// All keys that ever signed.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn log_keys(&self) -> Result<Vec<LogKeyRow>, StoreError> {
        self.read(log::keys)
    }

    /// Tiles by name.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn tiles(&self, names: &[TileName]) -> Result<Tiles, StoreError> {
        self.read(|db| log::tiles(db, names))
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&crate::db::Connection<'_>) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        Ok(self.0.read(|db| work(&db.into()))?)
    }
}
