//! What the writer does after a commit has failed with the disk, so that it goes on without a restart and loses nothing.
//!
//! A full disk is the simple case: SQLite has undone the transaction, and the next commit may be tried as soon as there is
//! room. A failed write or fsync is not: the system may have thrown away what it could not write and call the pages
//! clean ("fsyncgate", <https://wiki.postgresql.org/wiki/Fsync_Errors>), so that a second fsync would succeed over nothing.
//! So no fsync is tried twice over the same bytes: the write-ahead log is written anew, byte for byte, which makes its
//! pages dirty again, and is fsynced; then a new connection takes over, which must find as many frames as were
//! acknowledged. Nothing reads the log from the file meanwhile, since the index over it is in memory. SQLite itself
//! writes what a failed checkpoint copied once more, and frames of a failed commit are written over by the next one.

use super::connect;
use super::group::Writer;
use crate::failure::Failure;
use crate::keyring::BATCH;
use rusqlite::Connection;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// So much must be free before a disk that was full is trusted again.
const ROOM_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes written anew at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// How far the writer may trust its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// All is well, or what failed had nothing to do with the disk.
    Whole,
    /// It was full.
    Full,
    /// A write or an fsync failed.
    Broken,
    /// Acknowledged frames are not there: only a person may go on.
    Lost,
}

impl Trust {
    /// After a failure.
    pub(super) fn after(self, failure: &Failure) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DiskFull, FileLockingProtocolFailed, SystemIoFailure,
        };
        let code = match failure {
            Failure::Sqlite(error) => error.sqlite_error_code(),
            Failure::Io(error) if error.kind() == ErrorKind::StorageFull => Some(DiskFull),
            Failure::Io(_) => Some(SystemIoFailure),
            _ => None,
        };
        match (self, code) {
            (Self::Lost, _) => Self::Lost,
            (Self::Broken, _)
            | (_, Some(SystemIoFailure | CannotOpen | FileLockingProtocolFailed)) => Self::Broken,
            (_, Some(DiskFull)) => Self::Full,
            (trust, _) => trust,
        }
    }
}

impl Writer {
    /// Makes the store fit to be written, if it is not.
    pub(super) fn heal(&mut self) -> Result<(), Failure> {
        match self.trust {
            Trust::Whole => Ok(()),
            Trust::Full => {
                has_room(&self.path)?;
                self.trust = Trust::Whole;
                Ok(())
            }
            Trust::Broken => self.reopen(),
            Trust::Lost => Err(lost()),
        }
    }

    fn reopen(&mut self) -> Result<(), Failure> {
        has_room(&self.path)?;
        write_anew(&log_of(&self.path))?;
        // Before the old one is closed: the last connection to close would take the log away.
        let fresh = connect(&self.path)?;
        let frames: i64 =
            fresh.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get("log"))?;
        if frames < i64::from(self.frames()) {
            tracing::error!(
                frames,
                acknowledged = self.frames(),
                "frames of acknowledged acts are missing"
            );
            self.trust = Trust::Lost;
            return Err(lost());
        }
        self.take_over(fresh);
        self.trust = Trust::Whole;
        tracing::warn!(
            "the database was opened anew after a failed write; nothing acknowledged was lost"
        );
        Ok(())
    }

    /// Looks whether the store can be written, while it is said that it cannot.
    pub(super) fn look(&mut self) {
        let looked = self
            .heal()
            .and_then(|()| self.keys.refill(BATCH / 4))
            .and_then(|()| self.probe());
        match looked {
            Ok(()) => *self.health.lock() = None,
            Err(failure) => {
                self.trust = self.trust.after(&failure);
                *self.health.lock() = Some(failure.to_string());
            }
        }
    }
}

/// Whether a disk has some room.
pub(crate) fn has_room(path: &Path) -> Result<(), Failure> {
    let free = free_bytes(path)?;
    if free < ROOM_BYTES {
        let text = format!("the disk is full: {} MB are free", free / 1024 / 1024);
        return Err(Failure::Unavailable(text));
    }
    Ok(())
}

fn free_bytes(path: &Path) -> Result<u64, Failure> {
    let room = rustix::fs::statvfs(path).map_err(std::io::Error::from)?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}

fn lost() -> Failure {
    Failure::Damaged(
        "after a failed write the log of the database lacks acknowledged acts; stop, run verify and restore from the copy"
            .into(),
    )
}

/// The write-ahead log beside a database.
pub(crate) fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Writes a file over itself and fsyncs it, so that what the page cache holds is on the disk. None is fine too.
pub(crate) fn write_anew(path: &Path) -> std::io::Result<()> {
    let file = match File::options().read(true).write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok(());
    }
    write_range_anew(&file, 0, length)
}

/// The same for a part of an open file.
pub(crate) fn write_range_anew(file: &File, from: u64, to: u64) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut at = from;
    while at < to {
        let bytes = usize::try_from(to - at)
            .unwrap_or(usize::MAX)
            .min(CHUNK_BYTES);
        let part = chunk.get_mut(..bytes).unwrap_or_default();
        file.read_exact_at(part, at)?;
        file.write_all_at(part, at)?;
        at += bytes as u64;
    }
    file.sync_all()
}

/// A commit as small as there can be: the highest key number that was given out, once more.
pub(super) fn commit_nothing(db: &Connection, last_key: i64) -> Result<(), Failure> {
    db.execute_batch("BEGIN IMMEDIATE")?;
    db.prepare_cached(
        "INSERT INTO counter(name, last) VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET last = excluded.last",
    )?
    .execute(rusqlite::params![super::KEY_COUNTER, last_key])?;
    Ok(db.execute_batch("COMMIT")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn a_file_written_anew_is_the_same_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_anew(&path).unwrap();
        assert!(!path.exists(), "none is made");
        let content: Vec<u8> = (0..700_001_u32).map(|n| (n % 251) as u8).collect();
        std::fs::write(&path, &content).unwrap();
        let before = std::fs::metadata(&path).unwrap();
        write_anew(&path).unwrap();
        let after = std::fs::metadata(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), content);
        assert_eq!(before.ino(), after.ino());
    }

    #[test]
    fn a_broken_disk_is_not_taken_for_a_full_one() {
        let full = Failure::Io(ErrorKind::StorageFull.into());
        let broken = Failure::Io(ErrorKind::Other.into());
        let other = Failure::Damaged("x".into());
        assert_eq!(Trust::Whole.after(&full), Trust::Full);
        assert_eq!(Trust::Full.after(&broken), Trust::Broken);
        assert_eq!(Trust::Broken.after(&full), Trust::Broken);
        assert_eq!(Trust::Whole.after(&other), Trust::Whole);
        assert_eq!(Trust::Lost.after(&broken), Trust::Lost);
    }
}
