//! The vault of individual numbers (個人番号) on SQLite: `numbers/` in the data directory, with a database and a ring of keys
//! that hold nothing else. It is made with the first number, so that an installation without any has none.

use crate::counters::Counters;
use crate::db::Connection as Db;
use crate::failure::Failure;
use crate::house::numbers;
use crate::keyring::{Keyring, Keys, Random};
use crate::masters::Masters;
use crate::open::{OpenError, SqliteStore, make_dir, private_file};
use crate::writer;
use jiff::Timestamp;
use kernel::RecordId;
use kernel::port::{StoreError, Task};
use kernel::vault::{Number, NumberPlace, Vault};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

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
    /// Whether it was made: nobody else makes it while the directory is ours.
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

    /// Whether there is one: told without waiting for whoever is at it, and without a look at the disk.
    pub(crate) fn is_there(&self) -> bool {
        self.there.load(Ordering::Acquire)
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

    /// What is done with the vault, all or nothing; it is made if it is not there.
    fn with<T>(
        &self,
        work: impl FnOnce(&Db<'_>, &dyn Keys) -> Result<T, Failure>,
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

    fn blind(&self, text: &str) -> Result<String, Failure> {
        let key = self.with(|db, keys| match numbers::blinding(db)? {
            Some(key) => Ok(key),
            None => {
                let key = keys.take()?;
                numbers::choose_blinding(db, key)?;
                Ok(key)
            }
        })?;
        self.with(|_, keys| numbers::blind(keys, key, text))
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

impl SqliteStore {
    /// Work on the vault, off the threads that answer requests: it waits for a disk and for whoever is at it.
    fn vaulted<T: Send + 'static>(
        &self,
        work: impl FnOnce(&NumberVault) -> Result<T, Failure> + Send + 'static,
    ) -> Task<'_, T> {
        let vault = Arc::clone(&self.numbers);
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || work(&vault)).await;
            Ok(done.map_err(|error| StoreError::Unavailable(error.to_string()))??)
        })
    }

    /// The same where there is a vault; `T`'s nothing, at once, where there is none.
    fn looked_up<T: Default + Send + 'static>(
        &self,
        work: impl FnOnce(&NumberVault) -> Result<T, Failure> + Send + 'static,
    ) -> Task<'_, T> {
        if self.numbers.is_there() {
            self.vaulted(work)
        } else {
            Box::pin(async { Ok(T::default()) })
        }
    }
}

impl Vault for SqliteStore {
    fn keep_number(&self, place: NumberPlace, number: Number) -> Task<'_, ()> {
        self.vaulted(move |vault| {
            vault.with(|db, keys| {
                let sealed = numbers::seal(keys, place, &number)?;
                numbers::put(db, &sealed)
            })
        })
    }

    fn number(&self, id: Uuid, record: RecordId) -> Task<'_, Option<Number>> {
        self.looked_up(move |vault| vault.with(|db, keys| numbers::open(db, keys, id, record)))
    }

    fn numbers_of(&self, record: RecordId) -> Task<'_, Vec<NumberPlace>> {
        self.looked_up(move |vault| vault.with(|db, _| numbers::of(db, record)))
    }

    fn settle_number(&self, id: Uuid, settled: bool) -> Task<'_, ()> {
        self.looked_up(move |vault| vault.with(|db, _| numbers::settle(db, id, settled)))
    }

    fn unsettled_numbers(&self, before: Timestamp, limit: usize) -> Task<'_, Vec<NumberPlace>> {
        self.looked_up(move |vault| vault.with(|db, _| numbers::unsettled(db, before, limit)))
    }

    fn all_numbers(&self, after: Option<Uuid>, limit: usize) -> Task<'_, Vec<NumberPlace>> {
        self.looked_up(move |vault| vault.with(|db, _| numbers::all(db, after, limit)))
    }

    fn destroy_numbers(&self, ids: Vec<Uuid>, at: Timestamp) -> Task<'_, ()> {
        if ids.is_empty() {
            return Box::pin(async { Ok(()) });
        }
        self.looked_up(move |vault| vault.with(|db, keys| numbers::destroy(db, keys, &ids, at)))
    }

    fn destroyed_numbers(&self) -> Task<'_, u64> {
        self.looked_up(|vault| vault.with(|db, _| numbers::destroyed(db)))
    }

    fn blind<'a>(&'a self, text: &'a str) -> Task<'a, String> {
        let text = text.to_owned();
        self.vaulted(move |vault| vault.blind(&text))
    }
}
