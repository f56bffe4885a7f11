//! What the objects of a copy are called.
//!
//! ```text
//! data  installation            whose copy this is
//!       epochs/E                an unbroken chain of segments, named after its beginning
//!       epoch/E/segment/G/N     the Nth piece of the log; a thousand to a group G
//!       epoch/E/bases/B         a whole base: what it is made of
//!       epoch/E/base/B/P        a piece of it
//!       attachments/aa/bb/ID    an upload, sealed as it lies
//! keys  installation
//!       epoch/E                 the key under which the epoch's objects are sealed
//!       block/N                 4,096 keys of records and uploads, as they are now
//!       wrap, blocks/T/N        the same, wrapped under a master key
//!       destroyed               what remains of keys that were destroyed
//! ```

/// Segments to a group.
pub(super) const GROUP: u64 = 1_000;
pub(super) const INSTALLATION: &str = "installation";
pub(super) const EPOCHS: &str = "epochs/";
/// What wraps the keys, and which blocks count.
pub(super) const WRAP: &str = "wrap";
/// What was destroyed.
pub(super) const DESTROYED: &str = "destroyed";

pub(super) fn epoch(epoch: &str) -> String {
    format!("{EPOCHS}{epoch}")
}

pub(super) fn epoch_key(epoch: &str) -> String {
    format!("epoch/{epoch}")
}

/// Everything of an epoch.
pub(super) fn of_epoch(epoch: &str) -> String {
    format!("epoch/{epoch}/")
}

pub(super) fn group(epoch: &str, group: u64) -> String {
    format!("epoch/{epoch}/segment/{group:09}/")
}

pub(super) fn segment(epoch: &str, no: u64) -> String {
    format!("{}{no:012}", group(epoch, no / GROUP))
}

pub(super) fn bases(epoch: &str) -> String {
    format!("epoch/{epoch}/bases/")
}

pub(super) fn base(epoch: &str, base: u64) -> String {
    format!("{}{base:06}", bases(epoch))
}

/// Pieces of a base.
pub(super) fn of_base(epoch: &str, base: u64) -> String {
    format!("epoch/{epoch}/base/{base:06}/")
}

pub(super) fn piece(epoch: &str, base: u64, piece: u64) -> String {
    format!("{}{piece:08}", of_base(epoch, base))
}

/// Blocks of keys since a rotation; 0 before the first.
pub(super) fn blocks(turn: u64) -> String {
    match turn {
        0 => "block/".to_owned(),
        turn => format!("blocks/{turn}/"),
    }
}

pub(super) fn block(turn: u64, block: u64) -> String {
    format!("{}{block:08}", blocks(turn))
}

/// The number at the end of a name.
pub(super) fn number(name: &str) -> Option<u64> {
    name.rsplit('/').next()?.parse().ok()
}
