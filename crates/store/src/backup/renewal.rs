//! A disposal asks for a fresh copy: older ones hold what was disposed of in plain pages, so their keys go once it is whole.

use crate::failure::Failure;
use crate::whole;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// There until older copies are worth nothing.
const NAME: &str = "copy-renew";

/// What a store and its copier share.
#[derive(Clone)]
pub(crate) struct Renewal {
    dir: PathBuf,
    asked: Arc<AtomicU64>,
}

impl Renewal {
    /// Of a data directory; what an earlier process was asked for still is.
    pub(crate) fn of(dir: &Path) -> Self {
        let is_asked = dir.join(NAME).exists();
        Self {
            dir: dir.to_owned(),
            asked: Arc::new(AtomicU64::new(u64::from(is_asked))),
        }
    }

    /// Of a copy beside one that is kept up: what waits is that one's to do.
    pub(crate) fn of_another(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            asked: Arc::default(),
        }
    }

    /// Asks, durably.
    pub(crate) fn ask(&self) -> Result<(), Failure> {
        self.asked.fetch_add(1, SeqCst);
        whole::write(&self.dir.join(NAME), b"", true)?;
        Ok(File::open(&self.dir)?.sync_all()?)
    }

    /// How often it was asked for; zero if nothing waits.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(SeqCst)
    }

    /// Older copies are worth nothing now, as far as it was asked until then.
    pub(super) fn done(&self, until: u64) -> Result<(), Failure> {
        if self
            .asked
            .compare_exchange(until, 0, SeqCst, SeqCst)
            .is_err()
        {
            return Ok(());
        }
        match fs::remove_file(self.dir.join(NAME)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}
