//! What anybody may read of the log: the newest head, the public key, tiles and entries. All of it is hashes.

use crate::{Engine, Failure};
use evidence::{TileName, WIDEST, Wanted};

/// Bytes before each entry of a bundle: its length, as c2sp.org/tlog-tiles says.
const ENTRY_LENGTH: [u8; 2] = 32_u16.to_be_bytes();

impl Engine {
    /// The newest checkpoint; none before the log has a key.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn log_checkpoint(&self) -> Result<Option<String>, Failure> {
        let newest = self.store.log().newest_head().await?;
        Ok(newest.map(|head| head.checkpoint))
    }

    /// Public keys of the log, the one in force last.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn log_verifiers(&self) -> Result<Vec<String>, Failure> {
        let keys = self.store.log().log_keys().await?;
        Ok(keys.into_iter().map(|key| key.verifier).collect())
    }

    /// The first checkpoint of each key. From the second on, the key before has signed it too.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn log_turns(&self) -> Result<Vec<String>, Failure> {
        let turns = self.store.log().turns().await?;
        Ok(turns.into_iter().map(|head| head.checkpoint).collect())
    }

    /// A tile, or a bundle of entries, by what stands behind `tile/` in its path.
    ///
    /// # Errors
    /// 404 beyond the newest head, and for a path that is written otherwise than c2sp.org/tlog-tiles says.
    pub async fn log_tile(&self, level: &str, place: &str) -> Result<Vec<u8>, Failure> {
        let wanted = TileName::read(level, place).ok_or_else(Failure::not_found)?;
        if wanted.entries {
            return self.entries(wanted).await;
        }
        let mut tiles = self.store.log().tiles(vec![wanted.name]).await?;
        let tile = tiles.remove(&wanted.name).unwrap_or_default();
        let hashes = tile.get(..wanted.width * 32).map(<[u8]>::to_vec);
        hashes.ok_or_else(Failure::not_found)
    }

    async fn entries(&self, wanted: Wanted) -> Result<Vec<u8>, Failure> {
        let from = wanted.name.number.saturating_mul(WIDEST as u64);
        let upto = from.saturating_add(wanted.width as u64);
        let size = self.newest_head().await?.map_or(0, |(_, head)| head.size);
        if upto > size {
            return Err(Failure::not_found());
        }
        let hashes = self.store.log().event_hashes(from, wanted.width).await?;
        let entries = hashes
            .iter()
            .flat_map(|hash| ENTRY_LENGTH.iter().chain(hash));
        Ok(entries.copied().collect())
    }
}
