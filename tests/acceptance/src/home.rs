//! Where the data of scenarios lies: in folders, or in databases of one PostgreSQL server, each copied from the first.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail};
use kernel::port::Store;
use store::{Database, Options, PostgresStore, Random, SqliteStore};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio_postgres::NoTls;

/// The home of one product; what it wrote goes when this is dropped.
pub(crate) struct Home {
    /// What lies outside the database; and SQLite's.
    dir: TempDir,
    database: Option<Own>,
}

/// A database of this run.
struct Own {
    server: Server,
    name: String,
}

/// A PostgreSQL server on which databases may be made.
#[derive(Clone)]
pub(crate) struct Server {
    url: String,
    runtime: Handle,
}

impl Home {
    /// An empty home.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn empty(server: Option<Server>) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let database = server.map(|server| server.make("template0")).transpose()?;
        Ok(Self { dir, database })
    }

    /// A copy of this home, which nothing has open.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn copied(&self) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        copy(self.dir.path(), dir.path())?;
        let database = self.database.as_ref();
        let database = database.map(|own| own.server.make(&own.name)).transpose()?;
        Ok(Self { dir, database })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// Opens the store in it.
    ///
    /// # Errors
    /// If it does not open.
    pub(crate) fn open(&self, random: Random) -> Result<Arc<dyn Store>> {
        let mut options = Options::new(random);
        let Some(own) = &self.database else {
            return Ok(Arc::new(SqliteStore::open(self.folder(), options)?));
        };
        // One scenario asks one thing at a time; each further session would be a process of the server.
        options.readers = 1;
        let database = Database::new(&own.server.address(&own.name)?);
        let opened = own
            .server
            .runtime
            .block_on(PostgresStore::open(database, options))?;
        Ok(Arc::new(opened))
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let gone = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        if let Err(error) = self.server.tell(&gone) {
            eprintln!("{}: {error:#}", self.name);
        }
    }
}

impl Server {
    /// At the address of any of its databases.
    pub(crate) fn new(url: &str, runtime: Handle) -> Self {
        Self {
            url: url.to_owned(),
            runtime,
        }
    }

    fn make(&self, from: &str) -> Result<Own> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("acceptance_{}_{number}", std::process::id());
        self.tell(&format!("CREATE DATABASE {name} TEMPLATE {from}"))?;
        let server = self.clone();
        Ok(Own { server, name })
    }

    fn tell(&self, sql: &str) -> Result<()> {
        self.runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.url, NoTls)
                .await
                .context("データベースにつながりません")?;
            let driver = tokio::spawn(connection);
            let done = client.batch_execute(sql).await;
            drop(client);
            // What the connection ended with says nothing more.
            let _ = driver.await;
            done.with_context(|| sql.to_owned())
        })
    }

    /// The address with another database.
    fn address(&self, name: &str) -> Result<String> {
        let Some((scheme, rest)) = self.url.split_once("://") else {
            return Ok(format!("{} dbname={name}", self.url));
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let host = place.split_once('/').map_or(place, |(host, _)| host);
        if host.is_empty() {
            bail!("--database にはサーバーの名前も書いてください");
        }
        Ok(format!("{scheme}://{host}/{name}?{query}"))
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
