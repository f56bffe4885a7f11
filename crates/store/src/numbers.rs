//! The vault of individual numbers (個人番号) on SQLite: `numbers/` in the data directory, with a database and a ring of keys
//! that hold nothing else. It is made with the first number, so that an installation without any has none.

use crate::counters::Counters;
use crate::db::Connection as Db;
use crate::failure::Failure;
use crate::house::numbers::Place;
use crate::keyring::{Keyring, Keys, Random};
use crate::masters::Masters;
use crate::open::{OpenError, make_dir, private_file};
use crate::writer;
use parking_lot::Mutex;
use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What whoever copies a data directory with a vault is told.
pub const NUMBERS_APART: &str =
    "個人番号の保管庫は写されません。docs/operate/backup.md のとおり別に写してください。";

/// Whether a data directory has a vault of individual numbers, which is never copied with the rest.
#[must_use]
pub fn has_numbers(data: &Path) -> bool {
    data.join(FOLDER).join(DATABASE).exists()
}

/// The folder of the vault.
pub(crate) const FOLDER: &str = "numbers";
/// Its database.
pub(crate) const DATABASE: &str = "numbers.sqlite";

const SCHEMA: &str = include_str!("schema/vault-0001.sql");
/// The newest schema that this program knows, as `user_version`.
const NEWEST: i64 = 1;

/// The vault of a data directory, opened when it is first needed.
pub(crate) struct NumberVault {
    dir: PathBuf,
    masters: Masters,
    random: Arc<Mutex<Random>>,
    /// Taken on threads that may block alone.
    opened: Mutex<Option<Opened>>,
    /// Whether it was made: nobody else makes it while the directory is ours, so the disk need not be looked at.
    there: AtomicBool,
}

struct Opened {
    db: Connection,
    keys: Keyring,
}

impl NumberVault {
    /// The vault of a data directory: what is there is opened at once, so that a fault of it shows at the start.
    pub(crate) fn of(
        data: &Path,
        masters: Masters,
        random: Arc<Mutex<Random>>,
    ) -> Result<Self, OpenError> {
        let vault = Self {
            dir: data.join(FOLDER),
            masters,
            random,
            opened: Mutex::default(),
            there: AtomicBool::new(false),
        };
        if has_numbers(data) {
            let opened = vault.open().map_err(|failure| OpenError::Unusable {
                path: vault.dir.clone(),
                reason: failure.to_string(),
            })?;
            *vault.opened.lock() = Some(opened);
            vault.there.store(true, Ordering::Release);
        }
        Ok(vault)
    }

    fn open(&self) -> Result<Opened, Failure> {
        let path = self.dir.join(DATABASE);
        let away = |error: OpenError| Failure::Unavailable(error.to_string());
        make_dir(&self.dir).map_err(away)?;
        private_file(&path).map_err(away)?;
        writer::heal::write_anew(&writer::heal::log_of(&path))?;
        let mut db = writer::connect(&path)?;
        // It is written to seldom, and by nobody who could copy the log back later.
        db.pragma_update(None, "wal_autocheckpoint", 16)?;
        migrate(&mut db)?;
        let used: i64 = db.query_row(
            "SELECT max(coalesce((SELECT max(key) FROM number), 0), coalesce((SELECT max(key) FROM blinding), 0)) AS last",
            [],
            |row| row.get("last"),
        )?;
        let random = Arc::clone(&self.random);
        let keys = Keyring::open(
            &self.dir,
            &self.masters,
            u64::try_from(used).map_err(Failure::damaged)?,
            Box::new(move |bytes| (random.lock())(bytes)),
            Arc::new(Counters::new(None)),
        )?;
        // Without this a power cut could leave a row whose files have no names.
        let above = self.dir.parent();
        for dir in std::iter::once(self.dir.as_path()).chain(above) {
            File::open(dir)?.sync_all()?;
        }
        Ok(Opened { db, keys })
    }
}

impl Place for NumberVault {
    fn is_there(&self) -> bool {
        self.there.load(Ordering::Acquire)
    }

    fn read<T>(
        &self,
        work: impl Fn(&Db<'_>, &dyn Keys) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.write(work)
    }

    fn write<T>(
        &self,
        work: impl Fn(&Db<'_>, &dyn Keys) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut opened = self.opened.lock();
        let opened = match opened.take() {
            Some(there) => opened.insert(there),
            None => opened.insert(self.open()?),
        };
        self.there.store(true, Ordering::Release);
        let step = opened.db.unchecked_transaction()?;
        let done = work(&(&*step).into(), &opened.keys)?;
        step.commit()?;
        Ok(done)
    }
}

fn migrate(db: &mut Connection) -> Result<(), Failure> {
    let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get("user_version"))?;
    if found > NEWEST {
        return Err(Failure::Unavailable(format!(
            "the vault of numbers has schema {found}, written by a newer version of this program"
        )));
    }
    if found < NEWEST {
        let step = db.transaction()?;
        step.execute_batch(SCHEMA)?;
        step.pragma_update(None, "user_version", NEWEST)?;
        step.commit()?;
    }
    Ok(())
}
