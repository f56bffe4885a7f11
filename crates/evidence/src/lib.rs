//! Evidence: one append-only log over every committed event, in commit order, whose head is signed.
//!
//! The log is a Merkle tree as in RFC 6962. Its entries are the hashes of events (32 bytes each), so it tells nothing of
//! what they say. It is kept in tiles (c2sp.org/tlog-tiles), its heads are checkpoints (c2sp.org/tlog-checkpoint) signed
//! with Ed25519 as notes (c2sp.org/signed-note): a witness that knows these formats needs nothing of ours.
//!
//! Nothing here reads a clock, a disk or chance.

mod fault;
mod grow;
mod head;
mod place;
mod proof;
mod receipt;

pub use fault::Fault;
pub use grow::{Growing, Tile, TileName, WIDEST, edge, over};
pub use head::{Head, LogKey, Verifier};
pub use place::{Wanted, wider};
pub use proof::{
    Tiles, contains, grew, prove_entry, prove_growth, tiles_for_entry, tiles_for_growth,
};
pub use receipt::{Proven, Receipt, Subject};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

#[cfg(test)]
mod fuzz;
