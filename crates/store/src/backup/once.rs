//! A copy of one moment, while a server may go on working.

use super::copier::{Start, Work, installation};
use super::uploads::Fresh;
use super::{Backup, Renewal, state};
use crate::codec;
use crate::failure::Failure;
use crate::open::OpenError;
use crate::writer::Turn;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Everything acknowledged before this moment is in it.
    pub at: Timestamp,
    /// Events.
    pub position: u64,
}

/// Copies the installation in a data directory, whether or not a server has it open.
///
/// # Errors
/// When the directory or a vault cannot be read or written, or a vault holds the copy of another installation.
pub fn backup(dir: &Path, backup: Backup) -> Result<Done, OpenError> {
    copied(dir, backup).map_err(|failure| OpenError::Unusable {
        path: dir.to_owned(),
        reason: failure.to_string(),
    })
}

fn copied(dir: &Path, mut backup: Backup) -> Result<Done, Failure> {
    let path = dir.join("tsumugi.sqlite");
    let db = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 0")?;
    let start = Start {
        dir: dir.to_owned(),
        database: Arc::new(File::open(&path)?),
        installation: installation(&db, &mut backup.random)?,
        was_closed: false,
        turn: Turn::default(),
        fresh: Fresh::default(),
        renewal: match state::is_kept(dir) {
            true => Renewal::of_another(dir),
            false => Renewal::of(dir),
        },
        backup,
    };
    let mut work = Work::new(start, None)?;
    while !work.has_base() {
        work.look_again();
        work.round()?;
    }
    let state = work.state.as_ref().ok_or(Failure::NoRow)?;
    Ok(Done {
        at: codec::instant(state.at)?,
        position: state.position,
    })
}
