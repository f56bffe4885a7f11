//! The keys of records and uploads, as they are now: a copy of the past is opened with the keys of today, so what was
//! disposed of since stays so.

use super::names;
use super::vault::Vault;
use crate::failure::Failure;
use crate::keyring::KEY_BYTES;
use crate::ring_file::{self, DESTROYED, PLAIN, WRAP, Wrap};
use crate::{codec, whole};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Bytes of 4,096 keys.
const BLOCK: u64 = 4_096 * KEY_BYTES;

/// Copies the file of keys block by block.
pub(super) struct Keys {
    dir: PathBuf,
    file: File,
    /// What wraps its rows.
    wrap: Option<Wrap>,
    /// Bytes that are copied.
    copied: u64,
}

impl Keys {
    pub(super) fn open(dir: &Path) -> Result<Self, Failure> {
        Ok(Self {
            dir: dir.to_owned(),
            file: File::open(ring_file::path(dir)?)?,
            wrap: Wrap::of(dir)?,
            copied: 0,
        })
    }

    /// Copies what was added; all of it the first time, and what was destroyed.
    pub(super) fn copy(&mut self, vault: &dyn Vault) -> Result<(), Failure> {
        let is_first = self.copied == 0;
        let bytes = self.file.metadata()?.len();
        while self.copied < bytes {
            let block = self.copied / BLOCK;
            let end = bytes.min((block + 1) * BLOCK);
            let size = usize::try_from(end - block * BLOCK).map_err(Failure::damaged)?;
            let mut content = vec![0; size];
            self.file.read_exact_at(&mut content, block * BLOCK)?;
            vault.put(&names::block(self.turn(), block), &content)?;
            self.copied = end;
        }
        if is_first {
            self.settle(vault)?;
        }
        Ok(())
    }

    /// The next time all of it is copied: keys were destroyed.
    pub(super) fn look_again(&mut self) {
        self.copied = 0;
    }

    fn turn(&self) -> u64 {
        self.wrap.as_ref().map_or(0, |wrap| wrap.turn)
    }

    /// Says which blocks count, once they are there; those of before a rotation go.
    fn settle(&self, vault: &dyn Vault) -> Result<(), Failure> {
        match fs::read(self.dir.join(DESTROYED)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            read => vault.put(names::DESTROYED, &read?)?,
        }
        let Some(wrap) = &self.wrap else {
            return Ok(());
        };
        vault.put(names::WRAP, &serde_json::to_vec(wrap)?)?;
        for turn in 0..wrap.turn {
            for name in vault.list(&names::blocks(turn))? {
                vault.remove(&name)?;
            }
        }
        Ok(())
    }
}

/// Writes the files of the keys from their copy.
pub(super) fn restore(vault: &dyn Vault, dir: &Path) -> Result<(), Failure> {
    let wrap: Option<Wrap> = vault
        .get(names::WRAP)?
        .map(|bytes| codec::json(&bytes))
        .transpose()?;
    let name = wrap.as_ref().map_or_else(|| PLAIN.to_owned(), Wrap::file);
    let file = crate::open::private_file(&dir.join(name))
        .map_err(|error| Failure::Unavailable(error.to_string()))?;
    let turn = wrap.as_ref().map_or(0, |wrap| wrap.turn);
    for name in vault.list(&names::blocks(turn))? {
        let (Some(block), Some(content)) = (names::number(&name), vault.get(&name)?) else {
            return Err(Failure::damaged(format!("{name} is no block of keys")));
        };
        file.write_all_at(&content, block * BLOCK)?;
    }
    file.sync_all()?;
    if let Some(wrap) = &wrap {
        whole::write(&dir.join(WRAP), &serde_json::to_vec(wrap)?, true)?;
    }
    if let Some(destroyed) = vault.get(names::DESTROYED)? {
        whole::write(&dir.join(DESTROYED), &destroyed, true)?;
    }
    Ok(())
}
