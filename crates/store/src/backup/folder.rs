//! A vault in a folder, of another disk or machine.

use super::vault::{Vault, VaultError};
use crate::whole;
use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A folder. Each object is a file, readable by its owner only.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// At a path, which is made when something is first put there.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn fault<T>(&self, done: std::io::Result<T>) -> Result<T, VaultError> {
        done.map_err(|error| VaultError {
            place: self.shown(),
            why: error.to_string(),
        })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let path = self.0.join(name);
        let dir = path.parent().unwrap_or(&self.0);
        let is_new = !dir.is_dir();
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        whole::write(&path, bytes, true)?;
        // A name is durable once its directory is; a new directory's own name lies in those above it.
        let above = if is_new { usize::MAX } else { 1 };
        for dir in dir.ancestors().take(above) {
            File::open(dir)?.sync_all()?;
            if dir == self.0 {
                break;
            }
        }
        Ok(())
    }

    fn walk(&self, dir: &Path, found: &mut Vec<String>) -> std::io::Result<()> {
        let entries = match fs::read_dir(dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                self.walk(&path, found)?;
            } else if path.extension().is_none_or(|extension| extension != "part")
                && let Ok(name) = path.strip_prefix(&self.0)
            {
                found.push(name.to_string_lossy().into_owned());
            }
        }
        Ok(())
    }
}

impl Vault for Folder {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
        self.fault(self.write(name, bytes))
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        match fs::read(self.0.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => self.fault(read.map(Some)),
        }
    }

    fn list(&self, below: &str) -> Result<Vec<String>, VaultError> {
        let mut found = Vec::new();
        self.fault(self.walk(&self.0.join(below), &mut found))?;
        found.sort_unstable();
        Ok(found)
    }

    fn remove(&self, name: &str) -> Result<(), VaultError> {
        match fs::remove_file(self.0.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => self.fault(removed),
        }
    }

    fn shown(&self) -> String {
        self.0.display().to_string()
    }
}
