//! A copy of an installation on SQLite, kept up while it works, and made into an installation again.
//!
//! The write-ahead log is copied in segments, whole commits at a time, beside a base: the database's file as it was when
//! the chain of segments began, or later. All of it is sealed, since its pages are plain; keys go to a vault of their own.
//! A [`Copier`] does it on a thread of its own and never keeps an act waiting. See `docs/decisions/0028-backup.md`.

mod base;
mod copier;
mod folder;
mod keys;
mod log;
mod names;
mod once;
mod pins;
mod prune;
mod renewal;
mod restore;
mod segment;
mod state;
mod uploads;
mod vault;

pub use folder::Folder;
pub use once::{Done, backup};
pub use restore::{Restored, restore};
pub use vault::{Vault, VaultError};

pub(crate) use copier::{Copier, Start, installation};
pub(crate) use renewal::Renewal;
pub(crate) use state::CLEAN;
pub(crate) use uploads::Fresh;

use crate::keyring::Random;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// How a copy is kept.
pub struct Backup {
    /// Where the data goes.
    pub data: Arc<dyn Vault>,
    /// Where the keys go: elsewhere, so that neither is worth anything without the other.
    pub keys: Arc<dyn Vault>,
    /// The time between two rounds: what a machine that is lost may lose.
    pub every: Duration,
    /// The clock.
    pub now: Now,
    /// Randomness fit for keys.
    pub random: Random,
    /// The log is let begin anew when it has grown to so many bytes.
    pub log_bytes: u64,
    /// A vault that stays away is given up when the log has grown to so many bytes: the copy then begins anew.
    pub log_at_most_bytes: u64,
    /// A moment that lies back no further can be gone back to.
    pub keep: Duration,
}

/// The clock that was passed in.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

impl Backup {
    /// The usual: a round every two seconds, 64 MiB of log, at most 2 GiB while the vault is away, five weeks.
    #[must_use]
    pub fn new(data: Arc<dyn Vault>, keys: Arc<dyn Vault>, now: Now, random: Random) -> Self {
        Self {
            data,
            keys,
            every: Duration::from_secs(2),
            now,
            random,
            log_bytes: 64 << 20,
            log_at_most_bytes: 2 << 30,
            keep: Duration::from_secs(35 * 24 * 3_600),
        }
    }
}
