//! Keeps the log from beginning anew before it is copied.
//!
//! A log begins anew only when no reader stands in it. So there always is one, of two that take turns: the next stands
//! before the last lets go. A reader that begins when the log is wholly in the database does not keep it from beginning
//! anew, but from being brought into the database once it did; either way nothing is lost between two turns.

use crate::codec;
use crate::failure::Failure;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// The two readers.
pub(super) struct Pins {
    held: Connection,
    spare: Connection,
}

impl Pins {
    /// Stands in the log.
    pub(super) fn begin(path: &Path) -> Result<Self, Failure> {
        let pins = Self {
            held: connect(path)?,
            spare: connect(path)?,
        };
        stand(&pins.held)?;
        Ok(pins)
    }

    /// The next reader stands; answers the position of the last event that it sees.
    pub(super) fn next(&self) -> Result<u64, Failure> {
        if !self.spare.is_autocommit() {
            self.spare.execute_batch("ROLLBACK")?;
        }
        stand(&self.spare)
    }

    /// The next one has taken over.
    pub(super) fn adopt(&mut self) -> Result<(), Failure> {
        self.held.execute_batch("ROLLBACK")?;
        std::mem::swap(&mut self.held, &mut self.spare);
        Ok(())
    }

    /// Keeps writers waiting (the store's own waits for its turn already), brings the log into the database, and stands so that the next write begins it anew. `copied`
    /// is called while nobody writes. Answers whether it came so far; if not, it is tried again another time.
    pub(super) fn give_way(
        &mut self,
        path: &Path,
        copied: impl FnOnce(u64) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let writer = connect(path)?;
        // The store's own writer waits already; another process may write for a moment.
        writer.execute_batch("PRAGMA query_only = OFF; PRAGMA busy_timeout = 200")?;
        if writer.execute_batch("BEGIN IMMEDIATE").is_err() {
            return Ok(false);
        }
        let position = self.next()?;
        copied(position)?;
        self.adopt()?;
        let checkpoint = "PRAGMA wal_checkpoint(PASSIVE)";
        let (log, done): (i64, i64) = self
            .spare
            .query_row(checkpoint, [], |row| Ok((row.get(1)?, row.get(2)?)))?;
        // Where another reader stands further back, not all of it is done: then the log goes on for now.
        self.next()?;
        self.adopt()?;
        writer.execute_batch("ROLLBACK")?;
        Ok(log == done)
    }
}

fn connect(path: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.execute_batch(
        "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -2000;",
    )?;
    Ok(db)
}

fn stand(db: &Connection) -> Result<u64, Failure> {
    db.execute_batch("BEGIN")?;
    let last = db.query_row(
        "SELECT coalesce(max(position), 0) AS last FROM event",
        [],
        |row| row.get("last"),
    )?;
    codec::count(last)
}
