//! Opening a database.

use super::address::{self, Address};
use super::copy::Copy;
use super::keys::PostgresKeys;
use super::numbers::NumberVault;
use super::pool::Pool;
use super::schema;
use super::session::{Kept, Session};
use super::writer::{Handle, Parts};
use crate::counters::{Counters, Counts};
use crate::db::Connection;
use crate::failure::Failure;
use crate::house::numbers::Numbers;
use crate::keyring::Random;
use crate::names::Names;
use crate::open::{OpenError, Options};
use crate::port::aside;
use kernel::port::{StoreError, Task};
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// So often it is asked whether another copy has started.
const STARTING: Duration = Duration::from_millis(100);

/// Where a database is. `Debug` does not print addresses, which may hold a password.
#[derive(Clone)]
pub struct Database {
    /// Address of the data: `postgres://user@host/name`, or `host=/run/postgresql dbname=…`.
    pub url: String,
    /// Address of the keys; none: a schema of their own in the same database.
    pub keys: Option<String>,
    /// Schema of the data; that of the keys is named after it with `_keys` behind.
    pub schema: String,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Database")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

impl Database {
    /// The usual schema, and the keys beside it.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            keys: None,
            schema: "tsumugi".into(),
        }
    }

    /// Host and name, to be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        address::config(&self.url).map_or_else(|| "postgres".into(), |(config, _)| shown(&config))
    }
}

fn shown(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => String::new(),
    };
    format!(
        "postgres://{host}/{}",
        config.get_dbname().unwrap_or_default()
    )
}

/// The store in a PostgreSQL database.
pub struct PostgresStore {
    pub(super) writer: Handle,
    pub(super) pool: Arc<Pool>,
    pub(super) names: Arc<Names>,
    pub(super) keys: Arc<PostgresKeys>,
    /// 個人番号, apart from the rest.
    pub(super) numbers: Numbers<NumberVault>,
    pub(super) health: Arc<Mutex<Option<String>>>,
    pub(super) copy: Arc<Copy>,
    counters: Arc<Counters>,
}

impl PostgresStore {
    /// Opens the store: brings both schemas to their newest form, which are made if they are not there.
    ///
    /// # Errors
    /// When the database cannot be reached or a newer program wrote it.
    pub async fn open(database: Database, options: Options) -> Result<Self, OpenError> {
        let path = PathBuf::from(database.shown());
        let opened = tokio::task::spawn_blocking(move || open(&database, options)).await;
        opened.unwrap_or_else(|error| {
            Err(OpenError::Unusable {
                path,
                reason: error.to_string(),
            })
        })
    }

    /// Waits until no other copy of the program is starting over this database, and keeps others waiting until what it
    /// answers is dropped: what an installation has once (schemas, secrets, a demo) is made by one of them.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn alone(database: Database) -> Result<Alone, OpenError> {
        let path = PathBuf::from(database.shown());
        let waited = tokio::task::spawn_blocking(move || alone(&database)).await;
        let reason = match waited {
            Ok(Ok(alone)) => return Ok(alone),
            Ok(Err(failure)) => failure.to_string(),
            Err(error) => error.to_string(),
        };
        Err(OpenError::Unusable { path, reason })
    }

    /// Sessions that read now, and how many there may be.
    #[must_use]
    pub fn sessions(&self) -> (usize, usize) {
        self.pool.in_use()
    }

    /// What the writer has done since the store was opened.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    /// Whether nothing was ever written: no act, no account, no setting.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_new(&self) -> Result<bool, StoreError> {
        let is_new = self.native(|session| {
            let rows = session.rows(
                "SELECT NOT EXISTS (SELECT 1 FROM event) AND NOT EXISTS (SELECT 1 FROM account)
                   AND NOT EXISTS (SELECT 1 FROM setting) AS is_new",
                &[],
            )?;
            let row = rows.first().ok_or(Failure::NoRow)?;
            row.try_get("is_new").map_err(Failure::damaged)
        });
        is_new.await
    }

    /// Removes everything that this store keeps, keys too, so that a demo can be made anew.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn destroy(database: Database) -> Result<(), OpenError> {
        let path = PathBuf::from(database.shown());
        let unusable = move |reason: String| OpenError::Unusable { path, reason };
        let gone = tokio::task::spawn_blocking(move || -> Result<(), Failure> {
            for (url, schema) in places(&database) {
                let address = Address::read(&url, &schema)?;
                Session::open(&address, &schema)?
                    .batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))?;
            }
            Ok(())
        });
        match gone.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(failure)) => Err(unusable(failure.to_string())),
            Err(error) => Err(unusable(error.to_string())),
        }
    }

    /// A read by statements that SQLite understands too.
    pub(super) fn read<'a, T: Send + 'static>(
        &'a self,
        work: impl Fn(&Connection<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Task<'a, T> {
        self.native(move |session| work(&session.into()))
    }

    /// A read by PostgreSQL's own means.
    pub(super) fn native<'a, T: Send + 'static>(
        &'a self,
        work: impl Fn(&Session) -> Result<T, Failure> + Send + 'static,
    ) -> Task<'a, T> {
        Box::pin(self.pool.read(work))
    }

    /// A write of which only the success matters.
    pub(super) fn write<'a>(
        &'a self,
        write: impl Fn(&Connection<'_>) -> Result<u64, Failure> + Send + 'static,
    ) -> Task<'a, ()> {
        Box::pin(async move { self.writer.write(write).await.map(drop) })
    }

    /// A write whose count matters.
    pub(super) async fn counted(
        &self,
        write: impl Fn(&Connection<'_>) -> Result<u64, Failure> + Send + 'static,
    ) -> Result<u64, StoreError> {
        self.writer.write(write).await
    }
}

/// While it is kept, other copies of the program wait with starting. The database lets go of it when this one ends.
pub struct Alone(#[expect(dead_code, reason = "held for its lock")] Session);

fn alone(database: &Database) -> Result<Alone, Failure> {
    let [(url, schema), ..] = places(database);
    let session = Session::open(&Address::read(&url, &schema)?, &schema)?;
    let mut is_told = false;
    // Asked for again and again, since a wait inside the database would end with the time of a statement.
    loop {
        let rows = session.rows(
            "SELECT pg_try_advisory_lock(hashtextextended('tsumugi start ' || $1::text, 0)) AS is_alone",
            &[&schema],
        )?;
        let row = rows.first().ok_or(Failure::NoRow)?;
        if row.try_get("is_alone").map_err(Failure::damaged)? {
            return Ok(Alone(session));
        }
        if !is_told {
            tracing::info!("another copy is starting; this one waits for it");
            is_told = true;
        }
        std::thread::sleep(STARTING);
    }
}

/// Addresses and schemas of data and keys, then those of the vault of numbers.
fn places(database: &Database) -> [(String, String); 4] {
    let keys = database.keys.as_ref().unwrap_or(&database.url);
    [
        (database.url.clone(), database.schema.clone()),
        (keys.clone(), format!("{}_keys", database.schema)),
        (database.url.clone(), format!("{}_numbers", database.schema)),
        (keys.clone(), format!("{}_number_keys", database.schema)),
    ]
}

fn open(database: &Database, options: Options) -> Result<PostgresStore, OpenError> {
    let path = PathBuf::from(database.shown());
    let unusable = |failure: Failure| OpenError::Unusable {
        path: path.clone(),
        reason: failure.to_string(),
    };
    if !is_name(&database.schema) {
        let strange =
            Failure::Unavailable("a schema's name has small letters, digits and _".into());
        return Err(unusable(strange));
    }
    let [data, keys, vault, vault_keys] = places(database);
    // The address, and a session over tables that are as this program needs them.
    let ready = |(url, schema): &(String, String), migrations: &'static [&'static str]| {
        let address = Address::read(url, schema).map_err(unusable)?;
        let session = Session::open(&address, schema).map_err(unusable)?;
        let migrated = schema::migrate(&session, schema, migrations).map_err(unusable)?;
        migrated.map_err(|found| OpenError::Newer {
            path: path.clone(),
            found,
            known: schema::newest(migrations),
        })?;
        Ok((address, session))
    };
    let kept = |place: &(String, String), migrations| {
        let (address, _) = ready(place, migrations)?;
        Ok(Kept::new(&address, &place.1))
    };
    let (address, session) = ready(&data, schema::DATA)?;
    let keys = kept(&keys, schema::KEYS)?;
    let vault = kept(&vault, schema::NUMBERS)?;
    let vault_keys = kept(&vault_keys, schema::KEYS)?;
    let schema = data.1;
    let copy = Arc::new(Copy::default());
    copy.register(&session).map_err(unusable)?;
    let (counters, names) = (
        Arc::new(Counters::new(options.monotonic)),
        Arc::new(Names::default()),
    );
    let health = Arc::default();
    let random = Arc::new(Mutex::new(options.random));
    let ring = |session: Kept| {
        let random = Arc::clone(&random);
        let random: Random = Box::new(move |bytes| (random.lock())(bytes));
        let masters = options.masters.clone();
        PostgresKeys::new(session, random, masters, Arc::clone(&counters))
    };
    let keys = Arc::new(ring(keys));
    let numbers = Numbers(Arc::new(NumberVault {
        rows: vault,
        keys: ring(vault_keys),
    }));
    let parts = Parts {
        address: address.clone(),
        schema: schema.clone(),
        keys: Arc::clone(&keys),
        names: Arc::clone(&names),
        counters: Arc::clone(&counters),
        health: Arc::clone(&health),
        copy: Arc::clone(&copy),
    };
    let writer = Handle::start(parts, session, options.queue).map_err(|error| OpenError::File {
        path: path.clone(),
        error,
    })?;
    let readers = options.readers.saturating_mul(2).max(4);
    let pool = Pool::new(&address, &schema, readers, Arc::clone(&health));
    Ok(PostgresStore {
        writer,
        pool: Arc::new(pool),
        names,
        keys,
        numbers,
        health,
        copy,
        counters,
    })
}

/// What may stand in a statement without quotes.
fn is_name(text: &str) -> bool {
    let small = |c: char| c.is_ascii_lowercase() || c == '_';
    text.starts_with(small)
        && text.len() <= 50
        && text.chars().all(|c| small(c) || c.is_ascii_digit())
}

impl PostgresStore {
    /// Wraps all keys under the newest master key, a few at a time, while copies of the program that know both work on;
    /// answers how many there were. What a kill leaves is done by the next call.
    ///
    /// # Errors
    /// When the database refuses, or a master key that wraps some of them was not given.
    pub async fn rotate_keys(&self) -> Result<u64, StoreError> {
        let (keys, numbers) = (Arc::clone(&self.keys), Arc::clone(&self.numbers.0));
        aside(move || Ok(numbers.keys.rotate()? + keys.rotate()?)).await
    }
}
