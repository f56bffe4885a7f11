//! Objects as they lie: sealed under the key of their epoch, bound to their name.

use super::log::{Commits, Place};
use crate::codec;
use crate::failure::Failure;
use crate::seal;
use serde::{Deserialize, Serialize};

/// What a segment says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Segment {
    /// The moment of its round: once that is whole, everything acknowledged before stands in it or before it; nanoseconds
    /// since 1970.
    pub(super) at: i64,
    /// The last event of its round.
    pub(super) position: u64,
    /// Whether its round ends with it. A copy that was cut off within a round has not reached the round's moment.
    pub(super) whole: bool,
    pub(super) page_bytes: usize,
    /// The number of the first frame; 1 at the beginning of a log.
    pub(super) first: u64,
    pub(super) end: Place,
}

impl Segment {
    pub(super) fn of(commits: &Commits, at: i64, position: u64, whole: bool) -> Self {
        Self {
            at,
            position,
            whole,
            page_bytes: commits.page_bytes,
            first: commits.first,
            end: commits.end,
        }
    }

    /// A line of JSON, then the frames.
    pub(super) fn write(&self, frames: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(frames);
        Ok(bytes)
    }

    pub(super) fn read(bytes: &[u8]) -> Result<(Self, &[u8]), Failure> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| Failure::damaged("a segment has no head"))?;
        Ok((codec::json(&bytes[..end])?, &bytes[end + 1..]))
    }

    /// Whether it goes on where another ended.
    pub(super) fn follows(&self, before: &Self) -> bool {
        if self.end.salts == before.end.salts {
            return self.first == before.end.frame + 1;
        }
        self.first == 1
    }
}

/// Seals content. The content's digest goes into the nonce, so that one name never meets two contents under one nonce.
pub(super) fn sealed(key: &[u8; 32], name: &str, content: &[u8]) -> Result<Vec<u8>, Failure> {
    let digest = seal::sha256(&[content]);
    let sealed = seal::seal(key, &label(name, &digest), content)?;
    Ok([digest.as_slice(), &sealed].concat())
}

/// Opens what [`sealed`] made.
pub(super) fn opened(key: &[u8; 32], name: &str, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let lost = || Failure::damaged(format!("{name} of the copy does not open: it was changed"));
    let (digest, sealed) = bytes.split_first_chunk::<32>().ok_or_else(lost)?;
    seal::open(key, &label(name, digest), sealed).map_err(|_| lost())
}

fn label(name: &str, digest: &[u8; 32]) -> Vec<u8> {
    [b"copy ".as_slice(), name.as_bytes(), b" ", digest].concat()
}
