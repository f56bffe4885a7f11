//! Bases: the database's file, read while it is written to.
//!
//! A page may be read as it was, as it is, or torn between the two. Whatever was written to the file during that time
//! stands in the log since the segment from which a base is to be replayed, so the replay mends it: a base is whole once
//! the segments up to its end are there.

use super::segment;
use super::state::State;
use super::vault::Vault;
use super::{log, names};
use crate::failure::Failure;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Bytes of a piece.
const PIECE: u64 = 8 << 20;

/// What a base is made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Base {
    /// Segments are replayed from this one on.
    pub(super) first: u64,
    /// With those before this one it is whole.
    pub(super) until: u64,
    /// The moment at which it was; nanoseconds since 1970.
    pub(super) at: i64,
    /// The last event until then.
    pub(super) position: u64,
    pub(super) pieces: u64,
    pub(super) bytes: u64,
}

/// A base in the making.
pub(super) struct Making {
    no: u64,
    first: u64,
    pieces: u64,
    bytes: u64,
    /// Whether the file is read to its end: once the log is copied up to now, it is whole.
    pub(super) is_read: bool,
}

impl Making {
    pub(super) fn begin(state: &State) -> Self {
        Self {
            no: state.bases,
            first: if state.end.is_some() {
                state.log_began
            } else {
                state.next
            },
            pieces: 0,
            bytes: 0,
            is_read: false,
        }
    }

    /// Copies a piece.
    pub(super) fn step(
        &mut self,
        file: &File,
        vault: &dyn Vault,
        epoch: &str,
        key: &[u8; 32],
    ) -> Result<(), Failure> {
        let size = file.metadata()?.len();
        let end = size.min(self.bytes + PIECE);
        if end <= self.bytes {
            self.is_read = true;
            return Ok(());
        }
        let length = usize::try_from(end - self.bytes).map_err(Failure::damaged)?;
        let mut content = vec![0; length];
        file.read_exact_at(&mut content, self.bytes)?;
        let name = names::piece(epoch, self.no, self.pieces);
        vault.put(&name, &segment::sealed(key, &name, &content)?)?;
        self.pieces += 1;
        self.bytes = end;
        Ok(())
    }

    /// The segments up to now are there: writes what the base is made of.
    pub(super) fn end(self, vault: &dyn Vault, state: &mut State) -> Result<(), Failure> {
        let base = Base {
            first: self.first,
            until: state.next,
            at: state.at,
            position: state.position,
            pieces: self.pieces,
            bytes: self.bytes,
        };
        let name = names::base(&state.epoch, self.no);
        vault.put(&name, &serde_json::to_vec(&base)?)?;
        state.bases = self.no + 1;
        (state.since_base, state.base_bytes, state.base_at) = (0, self.bytes, state.at);
        Ok(())
    }
}

/// Writes pages of commits into a database's file, and gives it the size that it has after the last.
pub(super) fn replay(file: &File, page_bytes: usize, frames: &[u8]) -> Result<(), Failure> {
    let mut size = 0;
    for (page, pages, content) in log::pages(page_bytes, frames) {
        let page = u64::from(page)
            .checked_sub(1)
            .ok_or_else(|| Failure::damaged("there is no page 0"))?;
        file.write_all_at(content, page * page_bytes as u64)?;
        if pages > 0 {
            size = u64::from(pages);
        }
    }
    if size > 0 {
        file.set_len(size * page_bytes as u64)?;
    }
    Ok(())
}
