//! Where the data lies: a folder with SQLite, or a PostgreSQL database.

use crate::data;
use crate::vault::CopyTo;
use crate::world::{monotonic, random};
use anyhow::{Context as _, Result, bail};
use kernel::port::Store;
use std::path::Path;
use std::sync::Arc;
use store::arriving::Arriving;
use store::{Alone, Counts, Database, Masters, Options, PostgresStore, SlowStatement, SqliteStore};

/// An open store of either kind.
#[derive(Clone)]
pub(crate) enum Opened {
    /// In the data folder.
    Sqlite(Arc<SqliteStore>),
    /// In a database.
    Postgres(Arc<PostgresStore>),
}

impl Opened {
    /// Opens the database, or without one the data folder.
    ///
    /// # Errors
    /// If it cannot be opened, in a sentence that names it.
    pub(crate) async fn open(folder: &Path, database: Option<&Database>) -> Result<Self> {
        Self::open_copied(folder, database, None).await
    }

    /// The same for what only looks at data that is there: a folder that was misspelt is not made.
    ///
    /// # Errors
    /// As for [`Self::open`]; if the folder holds no data.
    pub(crate) async fn existing(folder: &Path, database: Option<&Database>) -> Result<Self> {
        if database.is_none() && data::is_new(folder) {
            bail!(
                "フォルダー {} にデータがありません。--data に、データのあるフォルダーを指定してください",
                folder.display()
            );
        }
        let opened = Self::open(folder, database).await;
        opened.context("サーバーがこのフォルダーを使っているときは、止めてから実行してください")
    }

    /// As [`Self::open`], and keeps up a copy of the data folder.
    ///
    /// # Errors
    /// If it cannot be opened; where a copy is asked of a database, which has its own means.
    pub(crate) async fn open_copied(
        folder: &Path,
        database: Option<&Database>,
        copy: Option<&CopyTo>,
    ) -> Result<Self> {
        Self::open_with(folder, database, copy, crate::masters(None)?).await
    }

    /// The same with these master keys.
    ///
    /// # Errors
    /// As for [`Self::open_copied`].
    pub(crate) async fn open_with(
        folder: &Path,
        database: Option<&Database>,
        copy: Option<&CopyTo>,
        masters: Masters,
    ) -> Result<Self> {
        let mut options = Options::new(Box::new(random));
        options.monotonic = Some(Arc::new(monotonic()));
        options.masters = masters;
        options.backup = copy.map(CopyTo::backup);
        if database.is_some() && copy.is_some() {
            bail!(
                "--copy は SQLite のためのものです。PostgreSQL では、データベースのアーカイブを使ってください（docs/operate/backup.md）。"
            );
        }
        let Some(database) = database else {
            let opened = SqliteStore::open(folder, options);
            let named = || format!("データのフォルダー {} を開けません", folder.display());
            return Ok(Self::Sqlite(Arc::new(opened.with_context(named)?)));
        };
        std::fs::create_dir_all(folder)
            .with_context(|| format!("フォルダー {} を作れません", folder.display()))?;
        let opened = PostgresStore::open(database.clone(), options).await;
        let named = || format!("データベース {} を開けません", database.shown());
        Ok(Self::Postgres(Arc::new(opened.with_context(named)?)))
    }

    /// Waits until no other copy of the program is starting over the database; others wait while the answer is kept. A
    /// folder belongs to one process anyway.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub(crate) async fn alone(database: Option<&Database>) -> Result<Option<Alone>> {
        let Some(database) = database else {
            return Ok(None);
        };
        let named = || format!("データベース {} を開けません", database.shown());
        let alone = PostgresStore::alone(database.clone()).await;
        alone.map(Some).with_context(named)
    }

    /// The port.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn Store>,
            Self::Postgres(store) => Arc::clone(store) as Arc<dyn Store>,
        }
    }

    /// What takes records of another installation.
    pub(crate) fn arriving(&self) -> Arc<dyn Arriving + Send> {
        match self {
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn Arriving + Send>,
            Self::Postgres(store) => Arc::clone(store) as Arc<dyn Arriving + Send>,
        }
    }

    /// What the writer has done.
    pub(crate) fn counts(&self) -> Counts {
        match self {
            Self::Sqlite(store) => store.counts(),
            Self::Postgres(store) => store.counts(),
        }
    }

    /// What it is called.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Statements that took long; PostgreSQL writes its own to its log.
    pub(crate) fn slow_statements(&self) -> Vec<SlowStatement> {
        match self {
            Self::Sqlite(store) => store.slow_statements(),
            Self::Postgres(_) => Vec::new(),
        }
    }

    /// Reading sessions in use, and how many there may be; none of a folder.
    pub(crate) fn sessions(&self) -> Option<(usize, usize)> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(store) => Some(store.sessions()),
        }
    }

    /// Whether nothing was ever written: a folder tells by its files before it is opened, a database by what it says.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) async fn is_new(&self, was_new: bool) -> Result<bool> {
        match self {
            Self::Sqlite(_) => Ok(was_new),
            Self::Postgres(store) => Ok(store.is_new().await?),
        }
    }

    /// Removes a demo that was left half made, and opens the place again.
    ///
    /// # Errors
    /// If something cannot be removed.
    pub(crate) async fn begin_anew(
        self,
        folder: &Path,
        database: Option<&Database>,
        copy: Option<&CopyTo>,
    ) -> Result<Self> {
        drop(self);
        if let Some(database) = database {
            PostgresStore::destroy(database.clone()).await?;
        }
        data::clear(folder)?;
        Self::open_copied(folder, database, copy).await
    }
}
