//! The stores that the conformance tests run against: the same tests, SQLite and PostgreSQL.

use super::options;
use kernel::port::{Store, StoreError};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Counts, Database, Options, PostgresStore, Replayed, SqliteStore};
use tempfile::TempDir;

#[path = "../../../../tests/postgres/private.rs"]
pub mod private;

/// A place for one store, which can be opened more than once.
pub enum World {
    Sqlite(TempDir),
    Postgres(Database),
}

/// A store of either kind.
pub enum AnyStore {
    Sqlite(Box<SqliteStore>),
    Postgres(PostgresStore),
}

impl World {
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// A schema of its own; none where there is no PostgreSQL on this machine.
    pub fn postgres() -> Option<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let url = private::server()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Some(Self::Postgres(Database {
            schema: format!("t{number}"),
            ..Database::new(url)
        }))
    }

    pub async fn open(&self) -> AnyStore {
        self.open_with(options(7)).await
    }

    pub async fn open_with(&self, options: Options) -> AnyStore {
        match self {
            Self::Sqlite(dir) => {
                AnyStore::Sqlite(Box::new(SqliteStore::open(dir.path(), options).unwrap()))
            }
            Self::Postgres(database) => AnyStore::Postgres(
                PostgresStore::open(database.clone(), options)
                    .await
                    .unwrap(),
            ),
        }
    }

    /// Something beside the store's back: how many rows a statement counts, or what it is refused with.
    pub async fn sql(&self, sql: &str) -> Result<i64, String> {
        match self {
            Self::Sqlite(dir) => {
                let db = rusqlite::Connection::open(dir.path().join("tsumugi.sqlite")).unwrap();
                let run = |error: rusqlite::Error| error.to_string();
                if sql.starts_with("SELECT") {
                    db.query_row(sql, [], |row| row.get(0)).map_err(run)
                } else {
                    let written = db.execute(sql, []).map_err(run)?;
                    Ok(i64::try_from(written).unwrap())
                }
            }
            Self::Postgres(database) => {
                let (client, connection) =
                    tokio_postgres::connect(&database.url, tokio_postgres::NoTls)
                        .await
                        .unwrap();
                tokio::spawn(connection);
                client
                    .batch_execute(&format!("SET search_path TO {}", database.schema))
                    .await
                    .unwrap();
                let said = |error: tokio_postgres::Error| {
                    error.as_db_error().unwrap().message().to_owned()
                };
                if sql.starts_with("SELECT") {
                    let row = client.query_one(sql, &[]).await.map_err(said)?;
                    Ok(row.get(0))
                } else {
                    let written = client.execute(sql, &[]).await.map_err(said)?;
                    Ok(i64::try_from(written).unwrap())
                }
            }
        }
    }
}

impl Port for PostgresStore {
    fn port(&self) -> &dyn Store {
        self
    }
}

impl AnyStore {
    pub async fn replay(&self) -> Result<Replayed, StoreError> {
        match self {
            Self::Sqlite(store) => store.replay(),
            Self::Postgres(store) => store.replay().await,
        }
    }

    pub fn counts(&self) -> Counts {
        match self {
            Self::Sqlite(store) => store.counts(),
            Self::Postgres(store) => store.counts(),
        }
    }
}

/// What has the port.
pub trait Port: Sync {
    fn port(&self) -> &dyn Store;
}

impl Port for AnyStore {
    fn port(&self) -> &dyn Store {
        &**self
    }
}

impl Port for SqliteStore {
    fn port(&self) -> &dyn Store {
        self
    }
}

impl<T: Port + Send> Port for std::sync::Arc<T> {
    fn port(&self) -> &dyn Store {
        (**self).port()
    }
}

impl Deref for AnyStore {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Sqlite(store) => &**store,
            Self::Postgres(store) => store,
        }
    }
}

/// Runs each of these tests on both stores.
#[macro_export]
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::common::World::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(world) = $crate::common::World::postgres() {
                    super::$name(world).await;
                }
            })*
        }
    };
}
