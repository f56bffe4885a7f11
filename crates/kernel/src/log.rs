//! What the engine needs of a store for evidence: the hashes of events in commit order, and the append-only log that is
//! made of them, with its signed heads and the keys that sign. See `docs/decisions/0025-evidence.md`.

use crate::ids::RecordId;
use crate::port::Task;
use evidence::{Hash, Tile, TileName, Tiles};

/// The secret of a key of the log. Does not print.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub Hash);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed")
    }
}

/// A key that signs heads of the log, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKeyRow {
    /// Counted from 1; the last one signs.
    pub no: u64,
    /// Number of its secret among the keys of the installation.
    pub seed: u64,
    /// The public key with the log's name, as c2sp.org/signed-note writes it.
    pub verifier: String,
}

/// A head as it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// Counted from 1.
    pub no: u64,
    /// Which key signed it.
    pub key: u64,
    /// The checkpoint: a signed note.
    pub checkpoint: String,
}

/// An event as it was hashed, unopened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedEvent {
    /// Position in the journal, from 1.
    pub position: u64,
    /// Canonical header (UTF-8 JSON).
    pub header: String,
    /// Sealed body.
    pub sealed: Vec<u8>,
    /// Hash of the event before it in its record's chain.
    pub previous: Hash,
    /// Its own hash, as the journal has it.
    pub hash: Hash,
}

/// The part of a store that keeps the log.
pub trait EventLog: Send + Sync {
    /// Hashes of the events after a position in commit order, at most `limit`. Positions have no gaps.
    fn event_hashes(&self, after: u64, limit: usize) -> Task<'_, Vec<Hash>>;
    /// One event as it was hashed.
    fn sealed_event(&self, record: RecordId, seq: u64) -> Task<'_, Option<SealedEvent>>;
    /// Tiles by name; those not there are left out.
    fn tiles(&self, names: Vec<TileName>) -> Task<'_, Tiles>;
    /// The newest signed head; none before the log has a key.
    fn newest_head(&self) -> Task<'_, Option<SignedHead>>;
    /// The first head of each key, oldest first. From the second on, the key before has signed it too.
    fn turns(&self) -> Task<'_, Vec<SignedHead>>;
    /// All keys that ever signed, oldest first.
    fn log_keys(&self) -> Task<'_, Vec<LogKeyRow>>;
    /// A secret by its number.
    fn log_seed(&self, number: u64) -> Task<'_, Seed>;
    /// A fresh secret, durable before this answers, with its number.
    fn fresh_seed(&self) -> Task<'_, (u64, Seed)>;
    /// Puts a key in force together with the first head that it signed; false if another was quicker.
    fn put_log_key(&self, key: LogKeyRow, head: SignedHead) -> Task<'_, bool>;
    /// Appends tiles with the head over them, all or nothing; false if another head was quicker.
    fn append_tiles(&self, tiles: Vec<Tile>, head: SignedHead) -> Task<'_, bool>;
}
