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
use kernel::port::Task;
use kernel::vault::{Number, NumberPlace, Vault};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

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
    opened: Mutex<Option<Opened>>,
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
        };
        if vault.is_there() {
            let opened = vault.open().map_err(|failure| OpenError::Unusable {
                path: vault.dir.clone(),
                reason: failure.to_string(),
            })?;
            *vault.opened.lock() = Some(opened);
        }
        Ok(vault)
    }

    fn is_there(&self) -> bool {
        self.dir.join(DATABASE).exists()
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

    /// What is done with the vault, which is made if it is not there.
    fn with<T>(
        &self,
        work: impl FnOnce(&Connection, &Keyring) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut opened = self.opened.lock();
        let opened = match opened.take() {
            Some(there) => opened.insert(there),
            None => opened.insert(self.open()?),
        };
        work(&opened.db, &opened.keys)
    }

    /// What is read of it; `T`'s nothing where there is none.
    fn read<T: Default>(
        &self,
        work: impl FnOnce(&Db<'_>, &dyn Keys) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if self.opened.lock().is_none() && !self.is_there() {
            return Ok(T::default());
        }
        self.with(|db, keys| work(&db.into(), keys))
    }

    /// What is written, all or nothing.
    fn write<T>(
        &self,
        work: impl FnOnce(&Db<'_>, &dyn Keys) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.with(|db, keys| {
            let step = db.unchecked_transaction()?;
            let done = work(&(&*step).into(), keys)?;
            step.commit()?;
            Ok(done)
        })
    }

    fn blind(&self, text: &str) -> Result<String, Failure> {
        let key = self.write(|db, keys| match numbers::blinding(db)? {
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

impl Vault for SqliteStore {
    fn keep_number(&self, place: NumberPlace, number: Number) -> Task<'_, ()> {
        Box::pin(async move {
            let kept = self.numbers.write(|db, keys| {
                let sealed = numbers::seal(keys, place, &number)?;
                numbers::put(db, &sealed)
            });
            Ok(kept?)
        })
    }

    fn number(&self, id: Uuid, record: RecordId) -> Task<'_, Option<Number>> {
        Box::pin(async move {
            let opened = |db: &Db<'_>, keys: &dyn Keys| numbers::open(db, keys, id, record);
            Ok(self.numbers.read(opened)?)
        })
    }

    fn numbers_of(&self, record: RecordId) -> Task<'_, Vec<NumberPlace>> {
        Box::pin(async move { Ok(self.numbers.read(|db, _| numbers::of(db, record))?) })
    }

    fn settle_number(&self, id: Uuid, settled: bool) -> Task<'_, ()> {
        Box::pin(async move {
            Ok(self
                .numbers
                .write(|db, _| numbers::settle(db, id, settled))?)
        })
    }

    fn unsettled_numbers(&self, before: Timestamp, limit: usize) -> Task<'_, Vec<NumberPlace>> {
        Box::pin(async move {
            let found = |db: &Db<'_>, _: &dyn Keys| numbers::unsettled(db, before, limit);
            Ok(self.numbers.read(found)?)
        })
    }

    fn all_numbers(&self, after: Option<Uuid>, limit: usize) -> Task<'_, Vec<NumberPlace>> {
        Box::pin(async move { Ok(self.numbers.read(|db, _| numbers::all(db, after, limit))?) })
    }

    fn destroy_numbers(&self, ids: Vec<Uuid>, at: Timestamp) -> Task<'_, ()> {
        Box::pin(async move {
            if ids.is_empty() {
                return Ok(());
            }
            let gone = |db: &Db<'_>, keys: &dyn Keys| numbers::destroy(db, keys, &ids, at);
            Ok(self.numbers.write(gone)?)
        })
    }

    fn destroyed_numbers(&self) -> Task<'_, u64> {
        Box::pin(async move { Ok(self.numbers.read(|db, _| numbers::destroyed(db))?) })
    }

    fn blind<'a>(&'a self, text: &'a str) -> Task<'a, String> {
        Box::pin(async move { Ok(self.numbers.blind(text)?) })
    }
}
