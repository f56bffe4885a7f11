//! Where it leaves from.

use super::{Leaving, Which};
use crate::backup;
use crate::db::Connection;
use crate::failure::Failure;
use crate::house::departures;
use crate::keyring::KeyFile;
use crate::masters::Masters;
use crate::pool::{self, Pool};
use crate::slow::Slow;
use kernel::port::StoreError;
use kernel::shelf::Departure;
use rusqlite::OpenFlags;
use std::path::Path;

/// What is done with what leaves.
pub type Source<'w, T> = Box<dyn FnOnce(&mut Leaving<'_>) -> T + Send + 'w>;

/// Reads a data directory in one snapshot, whether or not a server has it open. Nothing is written.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn leave<T>(
    dir: &Path,
    masters: &Masters,
    which: Which,
    work: Source<'_, T>,
) -> Result<T, StoreError> {
    let path = dir.join("tsumugi.sqlite");
    if !path.exists() {
        let shown = path.display();
        return Err(StoreError::Unavailable(format!("{shown} is not there")));
    }
    let keys = KeyFile::open(dir, masters)?;
    let files = dir.join("attachments");
    Ok(Pool::new(&path, 1, Slow::default()).aside(|db| {
        let mut leaving = Leaving::new(Connection::Sqlite(db), &keys, Some(&files), which)?;
        Ok(work(&mut leaving))
    })?)
}

/// Writes down that something leaves, whether or not a server has the data directory open.
///
/// # Errors
/// If it cannot be written: then nothing may leave.
pub fn note(dir: &Path, departure: &Departure) -> Result<(), StoreError> {
    let written = || -> Result<(), Failure> {
        // Whoever writes takes away the mark that all is copied; a server that runs has done so.
        match std::fs::remove_file(dir.join(backup::CLEAN)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let db = pool::open(
            &dir.join("tsumugi.sqlite"),
            OpenFlags::SQLITE_OPEN_READ_WRITE,
        )?;
        // Checkpoints are the server's to time.
        db.execute_batch(
            "PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0",
        )?;
        departures::put(&Connection::Sqlite(&db), departure).map(drop)
    };
    Ok(written()?)
}
