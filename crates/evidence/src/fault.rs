//! What can be wrong with evidence.

/// Why something is no evidence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The text is not what it claims to be.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    /// A signature is missing, or was made with another key or over another text.
    #[error("the signature of {0} does not hold")]
    Signature(&'static str),
    /// Hashes do not lead to the signed root.
    #[error("the proof does not lead to the signed head")]
    Proof,
    /// The content does not give the hash that was committed.
    #[error("the content is not what was committed")]
    Content,
    /// A tile that is needed is not there, or shorter than the log.
    #[error("tile {number} of level {level} is missing or too short")]
    Tile {
        /// Level, 0 nearest to the entries.
        level: u8,
        /// Place within the level.
        number: u64,
    },
    /// An entry beyond the end of the log.
    #[error("entry {index} is not in a log of {size}")]
    Beyond {
        /// Asked for.
        index: u64,
        /// Entries in the log.
        size: u64,
    },
}
