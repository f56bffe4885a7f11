//! Files that are there wholly or not at all.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes a file that only its owner may read: under another name, which then gives way to its own. `durably` means its
/// content; its name is durable once its directory is synced, which is the caller's.
pub(crate) fn write(path: &Path, bytes: &[u8], durably: bool) -> std::io::Result<()> {
    let unfinished = path.with_extension("part");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(bytes)?;
    if durably {
        file.sync_all()?;
    }
    fs::rename(&unfinished, path)
}
