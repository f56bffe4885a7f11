//! Uploads: sealed files that never change, each copied once, before the segment that tells of it.

use super::vault::Vault;
use crate::failure::Failure;
use crate::house::{attachments, loose};
use kernel::AttachmentId;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Uploads that are not copied yet. Named before their row is written, so that no segment is ahead of them.
pub(crate) type Fresh = Arc<Mutex<Vec<AttachmentId>>>;

/// The directory of uploads.
pub(super) struct Uploads {
    files: PathBuf,
    fresh: Fresh,
    is_reconciled: bool,
}

impl Uploads {
    pub(super) fn new(files: &Path, fresh: Fresh) -> Self {
        Self {
            files: files.to_owned(),
            fresh,
            is_reconciled: false,
        }
    }

    /// Copies what is new; the first time all that the vault lacks.
    pub(super) fn copy(&mut self, vault: &dyn Vault) -> Result<(), Failure> {
        if !self.is_reconciled {
            for directory in loose::directories(&self.files)? {
                self.reconcile(vault, &directory)?;
            }
            self.is_reconciled = true;
        }
        let fresh = std::mem::take(&mut *self.fresh.lock());
        for (done, id) in fresh.iter().enumerate() {
            if let Err(failure) = self.copy_one(vault, *id) {
                self.fresh.lock().extend_from_slice(&fresh[done..]);
                return Err(failure);
            }
        }
        Ok(())
    }

    /// The next time all is looked through.
    pub(super) fn look_again(&mut self) {
        self.is_reconciled = false;
    }

    /// One of the first directories at a time, so that few names are in memory.
    fn reconcile(&self, vault: &dyn Vault, directory: &Path) -> Result<(), Failure> {
        let Some(below) = directory.file_name().and_then(|name| name.to_str()) else {
            return Ok(());
        };
        let there = vault.list(&format!("attachments/{below}/"))?;
        let there: BTreeSet<String> = there.into_iter().collect();
        for id in loose::whole_in(&self.files, directory)? {
            if !there.contains(&name(id)) {
                self.copy_one(vault, id)?;
            }
        }
        Ok(())
    }

    fn copy_one(&self, vault: &dyn Vault, id: AttachmentId) -> Result<(), Failure> {
        match std::fs::read(attachments::place(&self.files, id)) {
            // Nothing used it, and it was collected meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            read => Ok(vault.put(&name(id), &read?)?),
        }
    }
}

/// What an upload is called in the vault: as it is in the data directory.
pub(super) fn name(id: AttachmentId) -> String {
    let place = attachments::place(Path::new("attachments"), id);
    place.to_string_lossy().into_owned()
}
