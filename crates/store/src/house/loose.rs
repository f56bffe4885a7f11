//! Files of uploads that have no row: a crash between the two leaves one, and so does a caller that goes away while its
//! file is written. What is being written right now is known, and never touched.

use super::attachments::place;
use crate::db::Connection;
use crate::failure::Failure;
use kernel::AttachmentId;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use uuid::Uuid;

/// What is known of files without a row.
#[derive(Default)]
pub(crate) struct Loose {
    writing: Mutex<HashSet<AttachmentId>>,
    /// Whether every file is known to have its row, or to be written right now.
    clean: AtomicBool,
}

/// An upload between its first byte and its row.
pub(crate) struct Flight {
    loose: Arc<Loose>,
    id: AttachmentId,
    stage: Stage,
}

enum Stage {
    Writing,
    /// The row is on its way: whether it will be there is not known until the answer comes.
    Sent,
    Landed,
}

impl Loose {
    /// An upload begins: until its row is there, its file has none and yet is not loose.
    pub(crate) fn begin(self: &Arc<Self>, id: AttachmentId) -> Flight {
        self.writing.lock().insert(id);
        Flight {
            loose: Arc::clone(self),
            id,
            stage: Stage::Writing,
        }
    }

    /// Whether a search may find something; from now on whoever leaves a file says so.
    pub(crate) fn search_begins(&self) -> bool {
        !self.clean.swap(true, SeqCst)
    }

    /// A search did not come to its end: another must follow.
    pub(crate) fn search_failed(&self) {
        self.clean.store(false, SeqCst);
    }

    /// Those files whose upload is not being written. Asked before the rows are: what was written until then has its row
    /// by the time that these are looked up.
    pub(crate) fn at_rest(&self, found: Vec<Found>) -> Vec<Found> {
        let writing = self.writing.lock();
        found
            .into_iter()
            .filter(|file| !writing.contains(&file.id))
            .collect()
    }
}

impl Flight {
    /// The row is sent to the writer.
    pub(crate) fn send(&mut self) {
        self.stage = Stage::Sent;
    }

    /// The row is there.
    pub(crate) fn landed(mut self) {
        self.stage = Stage::Landed;
    }
}

impl Drop for Flight {
    /// Without an answer the row may yet be committed: then the file stays untouched until the store is opened the next
    /// time, when there is no doubt.
    fn drop(&mut self) {
        match self.stage {
            Stage::Sent => {}
            Stage::Landed => drop(self.loose.writing.lock().remove(&self.id)),
            Stage::Writing => {
                self.loose.writing.lock().remove(&self.id);
                self.loose.clean.store(false, SeqCst);
            }
        }
    }
}

/// A file in the directory of uploads.
pub(crate) struct Found {
    pub(crate) id: AttachmentId,
    path: PathBuf,
}

/// The first directories, each searched by itself so that few names are in memory at a time.
pub(crate) fn directories(files: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for entry in fs::read_dir(files)? {
        all.push(entry?.path());
    }
    Ok(all)
}

/// Uploads in one of [`directories`], finished or not. What this store did not put there is passed over.
pub(crate) fn found_in(files: &Path, directory: &Path) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    for inner in fs::read_dir(directory)? {
        for file in fs::read_dir(inner?.path())? {
            let path = file?.path();
            let id = path
                .file_stem()
                .and_then(|name| Uuid::try_parse(name.to_str()?).ok());
            if let Some(id) = id.map(AttachmentId)
                && place(files, id) == path.with_extension("")
            {
                found.push(Found { id, path });
            }
        }
    }
    Ok(found)
}

/// Whole uploads in one of [`directories`].
pub(crate) fn whole_in(files: &Path, directory: &Path) -> Result<Vec<AttachmentId>, Failure> {
    let found = found_in(files, directory)?.into_iter();
    let whole = found.filter(|file| file.path.extension().is_none());
    Ok(whole.map(|file| file.id).collect())
}

/// Those without a row.
pub(crate) fn without_row(db: &Connection, found: Vec<Found>) -> Result<Vec<Found>, Failure> {
    let mut find = db.prepare_cached("SELECT 1 FROM attachment WHERE id = ?1")?;
    let mut loose = Vec::new();
    for file in found {
        let is_unfinished = file.path.extension().is_some();
        if is_unfinished || !find.exists([file.id.0.as_bytes().as_slice()])? {
            loose.push(file);
        }
    }
    Ok(loose)
}

/// Removes files.
pub(crate) fn remove(found: &[Found]) -> Result<(), Failure> {
    for file in found {
        match fs::remove_file(&file.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
