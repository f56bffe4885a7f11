//! What a copy remembers in the data directory, so that it goes on where it was.

use super::log::Place;
use crate::codec;
use crate::failure::Failure;
use crate::whole;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Left when everything was copied and closed. Whoever opens the store takes it away: who then writes without a copy
/// leaves none, and the next copy begins a new epoch.
pub(crate) const CLEAN: &str = "copy-clean";
const STATE: &str = "copy-state";
/// A segment that was let go before it was put away.
const PENDING: &str = "copy-pending";

/// Where a copy is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) epoch: String,
    /// The number of the next segment.
    pub(super) next: u64,
    /// The end of the last; none before the first.
    pub(super) end: Option<Place>,
    /// The segment in which the log that is now began.
    pub(super) log_began: u64,
    /// Bases made.
    pub(super) bases: u64,
    /// Bytes of segments since the last base, and of that base.
    pub(super) since_base: u64,
    pub(super) base_bytes: u64,
    /// When the last base was whole; nanoseconds since 1970, 0 before the first.
    pub(super) base_at: i64,
    /// The last segment's moment and position.
    pub(super) at: i64,
    pub(super) position: u64,
    /// The start of the machine during which this was written: after a power cut nothing here is relied upon.
    pub(super) boot: String,
}

/// The files.
pub(super) struct Files(PathBuf);

impl Files {
    pub(super) fn new(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    pub(super) fn state(&self) -> Result<Option<State>, Failure> {
        let Some(bytes) = self.read(STATE)? else {
            return Ok(None);
        };
        // Half a file is of no use, and nothing is lost with it but time.
        Ok(serde_json::from_slice(&bytes).ok())
    }

    pub(super) fn keep(&self, state: &State) -> Result<(), Failure> {
        self.write(STATE, &serde_json::to_vec(state)?, false)
    }

    /// Everything is copied and closed.
    pub(super) fn closed(&self) -> Result<(), Failure> {
        self.write(CLEAN, b"", true)
    }

    /// A segment that must reach the vault before any other.
    pub(super) fn pending(&self) -> Result<Option<(State, Vec<u8>)>, Failure> {
        let Some(bytes) = self.read(PENDING)? else {
            return Ok(None);
        };
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| Failure::damaged("copy-pending has no head"))?;
        Ok(Some((
            codec::json(&bytes[..end])?,
            bytes[end + 1..].to_vec(),
        )))
    }

    /// Keeps a sealed segment and the state after it.
    pub(super) fn put_off(&self, after: &State, sealed: &[u8]) -> Result<(), Failure> {
        let mut bytes = serde_json::to_vec(after)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(sealed);
        self.write(PENDING, &bytes, true)
    }

    pub(super) fn caught_up(&self) -> Result<(), Failure> {
        match fs::remove_file(self.0.join(PENDING)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        match fs::read(self.0.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => Ok(Some(read?)),
        }
    }

    fn write(&self, name: &str, bytes: &[u8], durably: bool) -> Result<(), Failure> {
        whole::write(&self.0.join(name), bytes, durably)?;
        if durably {
            fs::File::open(&self.0)?.sync_all()?;
        }
        Ok(())
    }
}

/// Whether a copy of a data directory is kept up.
pub(super) fn is_kept(dir: &Path) -> bool {
    dir.join(STATE).exists()
}

/// Names the start of this machine.
pub(super) fn boot() -> String {
    let read = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    read.unwrap_or_default().trim().to_owned()
}
