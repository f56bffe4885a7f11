//! The keys of records and uploads, as they are now: a copy of the past is opened with the keys of today, so what was
//! disposed of since stays so.

use super::names;
use super::vault::Vault;
use crate::failure::Failure;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes of 4,096 keys.
const BLOCK: u64 = 4_096 * 32;

/// Copies `keys.bin` block by block.
pub(super) struct Keys {
    file: File,
    /// Bytes that are copied.
    copied: u64,
}

impl Keys {
    pub(super) fn open(dir: &Path) -> Result<Self, Failure> {
        let file = File::open(dir.join("keys.bin"))?;
        Ok(Self { file, copied: 0 })
    }

    /// Copies what was added; all of it the first time.
    pub(super) fn copy(&mut self, vault: &dyn Vault) -> Result<(), Failure> {
        let bytes = self.file.metadata()?.len();
        while self.copied < bytes {
            let block = self.copied / BLOCK;
            let end = bytes.min((block + 1) * BLOCK);
            let size = usize::try_from(end - block * BLOCK).map_err(Failure::damaged)?;
            let mut content = vec![0; size];
            self.file.read_exact_at(&mut content, block * BLOCK)?;
            vault.put(&names::block(block), &content)?;
            self.copied = end;
        }
        Ok(())
    }
}

/// Writes `keys.bin` from its blocks.
pub(super) fn restore(vault: &dyn Vault, file: &File) -> Result<(), Failure> {
    for name in vault.list(names::BLOCKS)? {
        let (Some(block), Some(content)) = (names::number(&name), vault.get(&name)?) else {
            return Err(Failure::damaged(format!("{name} is no block of keys")));
        };
        file.write_all_at(&content, block * BLOCK)?;
    }
    Ok(file.sync_all()?)
}
