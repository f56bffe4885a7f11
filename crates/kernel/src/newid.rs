//! Ids that follow from the act: the same act always opens the same records and issues the same letters, so that an act
//! that is decided anew (its record moved) names what it named before. Ids of effects are drawn instead: they order a
//! mailbox, and among acts of one instant only what is drawn rises.

use crate::ids::{ActId, AttachmentId, RecordId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A UUID of version 7 from an act: its timestamp bits, then `index`, then a hash. Ids of one act are in the order
/// of their index, and in the order of time among acts.
#[must_use]
pub fn of_act(act: ActId, what: &str, index: u16) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(act.0.as_bytes());
    hash.update(what.as_bytes());
    hash.update(index.to_be_bytes());
    let digest = hash.finalize();
    let mut bytes = [0u8; 16];
    bytes[..6].copy_from_slice(&act.0.as_bytes()[..6]);
    let counter = (index & 0x0fff).to_be_bytes();
    bytes[6] = 0x70 | counter[0];
    bytes[7] = counter[1];
    bytes[8..].copy_from_slice(&digest[..8]);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    Uuid::from_bytes(bytes)
}

/// The id of the `index`-th record that an act opens by its changes.
#[must_use]
pub fn record(act: ActId, index: u16) -> RecordId {
    RecordId(of_act(act, "record", index))
}

/// The id of the `index`-th letter that an act issues.
#[must_use]
pub fn letter(act: ActId, index: u16) -> AttachmentId {
    AttachmentId(of_act(act, "letter", index))
}
