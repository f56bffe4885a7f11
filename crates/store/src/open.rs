//! Opening a data directory.

use crate::backup::{self, Backup, Copier, Fresh, Renewal};
use crate::counters::{Counters, Counts, Monotonic};
use crate::failure::Failure;
use crate::house::loose::Loose;
use crate::house::numbers::{Numbers, Place as _};
use crate::keyring::{Keyring, Random};
use crate::masters::Masters;
use crate::names::Names;
use crate::numbers::{self, NumberVault};
use crate::pool::Pool;
use crate::schema;
use crate::slow::{Slow, SlowStatement};
use crate::writer::{self, Handle};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a store is opened.
pub struct Options {
    /// Randomness fit for keys.
    pub random: Random,
    /// Acts that may wait for the writer; one more is refused as unavailable.
    pub queue: usize,
    /// Reading connections; as many as threads that read.
    pub readers: usize,
    /// What wraps the keys of records; none: they lie as they are.
    pub masters: Masters,
    /// How a copy is kept up while the store works; SQLite only, PostgreSQL has its own.
    pub backup: Option<Backup>,
    /// For durations in metrics; none: they are not measured.
    pub monotonic: Option<Monotonic>,
}

impl Options {
    /// The usual: 1,024 waiting acts, a reading connection for each core.
    #[must_use]
    pub fn new(random: Random) -> Self {
        let readers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            random,
            queue: 1_024,
            readers,
            masters: Masters::default(),
            backup: None,
            monotonic: None,
        }
    }
}

/// Why a data directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("{0} is in use by another process")]
    Locked(PathBuf),
    /// It was written by a newer program.
    #[error(
        "{path} has schema {found}, written by a newer version of this program; this one knows schemas up to {known}. Install the newer version"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// A file or directory cannot be made or read.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The database or the keys are damaged or unusable.
    #[error("{path}: {reason}")]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// The store in one directory: `tsumugi.sqlite`, `keys.bin`, `attachments/`, `LOCK`.
pub struct SqliteStore {
    pub(crate) writer: Handle,
    /// Ends after the writer, so that it copies the writer's last.
    copier: Option<Copier>,
    /// Asks the copier to begin anew.
    pub(crate) renewal: Renewal,
    /// Uploads that the copy lacks.
    pub(crate) fresh: Option<Fresh>,
    pub(crate) pool: Pool,
    pub(crate) names: Names,
    pub(crate) keys: Arc<Keyring>,
    /// 個人番号, apart from the rest.
    pub(crate) numbers: Numbers<NumberVault>,
    pub(crate) health: Arc<Mutex<Option<String>>>,
    pub(crate) files: PathBuf,
    pub(crate) loose: Arc<Loose>,
    counters: Arc<Counters>,
    /// The database as the copier reads it: to close it earlier would drop SQLite's own locks on it.
    _database: Option<Arc<File>>,
    /// Held as long as the store is open; the system lets go of it when the process ends, however it ends.
    _lock: File,
}

impl SqliteStore {
    /// Opens the store in a directory, which is made if it is not there.
    ///
    /// # Errors
    /// When another process has it open, when a newer program wrote it, when files fail or are damaged.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        let files = dir.join("attachments");
        make_dir(dir)?;
        make_dir(&files)?;
        let lock = take_lock(dir)?;
        let path = dir.join("tsumugi.sqlite");
        // Made first, so that SQLite gives the same mode to the files beside it.
        private_file(&path)?;
        let unusable = |failure: Failure| OpenError::Unusable {
            path: path.clone(),
            reason: failure.to_string(),
        };
        // What is read back from the log may lie in memory alone, if an fsync failed before: acts to come build on it.
        writer::heal::write_anew(&writer::heal::log_of(&path))
            .map_err(|error| unusable(error.into()))?;
        let mut db = writer::connect(&path).map_err(|error| unusable(error.into()))?;
        if let Err(found) = schema::migrate(&mut db).map_err(|error| unusable(error.into()))? {
            return Err(OpenError::Newer {
                path,
                found,
                known: schema::NEWEST,
            });
        }
        let turn = writer::Turn::default();
        let was_closed = take_mark(dir)?;
        let counters = Arc::new(Counters::new(options.monotonic));
        let random = Arc::new(Mutex::new(options.random));
        let numbers = NumberVault::of(dir, options.masters.clone(), Arc::clone(&random))?;
        let random: Random = Box::new(move |bytes| (random.lock())(bytes));
        let keys = Arc::new(open_keys(dir, &options.masters, &db, random, &counters)?);
        // A file's own sync does not make its name safe: without this a power cut could leave a database without its keys.
        sync_dir(dir)?;
        let fresh = options.backup.as_ref().map(|_| Fresh::default());
        let renewal = Renewal::of(dir);
        let (mut copier, mut database) = (None, None);
        if let (Some(mut backup), Some(fresh)) = (options.backup, &fresh) {
            // Before the writer starts: nothing is written that the copier has not seen.
            let installation = backup::installation(&db, &mut backup.random).map_err(unusable)?;
            let file = database.insert(Arc::new(private_file(&path)?));
            let start = backup::Start {
                dir: dir.to_owned(),
                database: Arc::clone(file),
                installation,
                was_closed,
                turn: Arc::clone(&turn),
                fresh: Arc::clone(fresh),
                renewal: renewal.clone(),
                backup,
            };
            copier = Some(Copier::attach(start).map_err(unusable)?);
        }
        let health = Arc::new(Mutex::new(None));
        let slow = Slow::default();
        slow.watch(&mut db)
            .map_err(|error| unusable(error.into()))?;
        let parts = writer::Parts {
            db,
            slow: slow.clone(),
            path: path.clone(),
            keys: Arc::clone(&keys),
            counters: Arc::clone(&counters),
            health: Arc::clone(&health),
            turn,
        };
        let writer = Handle::start(parts, options.queue).map_err(|error| OpenError::File {
            path: path.clone(),
            error,
        })?;
        let pool = Pool::new(&path, options.readers, slow);
        Ok(Self {
            writer,
            copier,
            renewal,
            fresh,
            pool,
            names: Names::default(),
            keys,
            numbers: Numbers(Arc::new(numbers)),
            health,
            files,
            loose: Arc::default(),
            counters,
            _database: database,
            _lock: lock,
        })
    }

    /// What the writer has done since the store was opened.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    /// Statements that took long since the store was opened, those first that took most together.
    #[must_use]
    pub fn slow_statements(&self) -> Vec<SlowStatement> {
        self.pool.slow().all()
    }

    /// How far the copy is, if one is kept.
    #[must_use]
    pub fn copying(&self) -> Option<kernel::port::Copying> {
        let progress = self.copier.as_ref().map(Copier::progress)?;
        Some(kernel::port::Copying {
            lacks_numbers: self.numbers.0.is_there(),
            ..progress
        })
    }

    /// A read by statements that PostgreSQL understands too.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&crate::db::Connection<'_>) -> Result<T, Failure>,
    ) -> Result<T, kernel::port::StoreError> {
        self.pool_read(|db| work(&db.into()))
    }

    /// A read by SQLite's own means.
    pub(crate) fn pool_read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, kernel::port::StoreError> {
        Ok(self.pool.read(work)?)
    }
}

fn open_keys(
    dir: &Path,
    masters: &Masters,
    db: &Connection,
    random: Random,
    counters: &Arc<Counters>,
) -> Result<Keyring, OpenError> {
    let path = dir.join(crate::ring_file::PLAIN);
    let unusable = |reason: String| OpenError::Unusable {
        path: path.clone(),
        reason,
    };
    let used: i64 = db
        .query_row(
            "SELECT coalesce(max(last), 0) AS last FROM counter WHERE name = ?1",
            [writer::KEY_COUNTER],
            |row| row.get("last"),
        )
        .map_err(|error| unusable(error.to_string()))?;
    let used = u64::try_from(used).map_err(|error| unusable(error.to_string()))?;
    Keyring::open(dir, masters, used, random, Arc::clone(counters))
        .map_err(|failure| unusable(failure.to_string()))
}

/// Takes away the mark that the last process left when everything was copied; answers whether it was there.
fn take_mark(dir: &Path) -> Result<bool, OpenError> {
    let path = dir.join(backup::CLEAN);
    match std::fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(OpenError::File { path, error }),
    }
}

fn take_lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join("LOCK");
    let file = private_file(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::File { path, error }),
    }
}

fn sync_dir(path: &Path) -> Result<(), OpenError> {
    let synced = File::open(path).and_then(|dir| dir.sync_all());
    synced.map_err(|error| OpenError::File {
        path: path.to_owned(),
        error,
    })
}

pub(crate) fn make_dir(path: &Path) -> Result<(), OpenError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| OpenError::File {
            path: path.to_owned(),
            error,
        })
}

pub(crate) fn private_file(path: &Path) -> Result<File, OpenError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path);
    file.map_err(|error| OpenError::File {
        path: path.to_owned(),
        error,
    })
}

impl SqliteStore {
    /// Wraps all keys of a data directory, which no server may have open, under the newest master key; answers how many
    /// rows there are, none where it is in force already. A kill at any moment leaves it done or not done.
    ///
    /// # Errors
    /// When the directory is in use, when the master key before is not given, when files fail.
    pub fn rotate_keys(dir: &Path, masters: &Masters) -> Result<Option<u64>, OpenError> {
        let _lock = take_lock(dir)?;
        let rotate = |dir: &Path| {
            let rotated = crate::ring_file::rotate(dir, masters);
            rotated.map_err(|failure| OpenError::Unusable {
                path: dir.to_owned(),
                reason: failure.to_string(),
            })
        };
        // The vault's keys first: what a kill leaves undone is done by the next, as of the others.
        let vault = dir.join(numbers::FOLDER);
        let of_numbers = match vault.is_dir() {
            true => rotate(&vault)?,
            false => None,
        };
        let rotated = rotate(dir)?;
        Ok(match (rotated, of_numbers) {
            (None, None) => None,
            (one, other) => Some(one.unwrap_or_default() + other.unwrap_or_default()),
        })
    }
}
