//! Where the product's data lies, to be looked at.

use crate::common;
use anyhow::{Context as _, Result, ensure};
use kernel::RecordId;
use kernel::port::{Store, Stored};
use std::path::{Path, PathBuf};
use std::process::Command;
use store::{Database, PostgresStore, SqliteStore};
use tempfile::TempDir;

/// Data that may be looked at.
pub(crate) struct Place {
    data: PathBuf,
    database: Option<String>,
    /// Goes with this.
    _image: Option<TempDir>,
}

/// What stands there.
pub(crate) struct Found {
    pub(crate) journal: Vec<Stored>,
    /// Messages of the resident: about which record, with which subject.
    pub(crate) messages: Vec<(RecordId, String)>,
}

impl Place {
    /// A folder that nobody has open.
    pub(crate) fn folder(image: TempDir) -> Self {
        Self {
            data: image.path().to_owned(),
            database: None,
            _image: Some(image),
        }
    }

    /// A database, with the folder of a copy of the product.
    pub(crate) fn database(data: PathBuf, url: String) -> Self {
        Self {
            data,
            database: Some(url),
            _image: None,
        }
    }

    /// `tsumugi verify`; what it said.
    pub(crate) fn verify(&self) -> Result<String> {
        let output = Self::command("verify", &self.data, self.database.as_deref())?.output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let more = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "verify: {said}{more}");
        Ok(said)
    }

    /// A command of the built product, which lies beside this program.
    pub(crate) fn command(name: &str, data: &Path, database: Option<&str>) -> Result<Command> {
        let product = std::env::current_exe()?.with_file_name("tsumugi");
        let mut command = Command::new(product);
        command.arg(name).arg("--data").arg(data);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        Ok(command)
    }

    /// The whole journal, and the messages of the resident.
    pub(crate) fn read(&self) -> Result<Found> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let options = common::options(7);
            match &self.database {
                None => found(&SqliteStore::open(&self.data, options)?).await,
                Some(url) => found(&PostgresStore::open(Database::new(url), options).await?).await,
            }
        })
    }
}

async fn found(store: &dyn Store) -> Result<Found> {
    let mut journal: Vec<Stored> = Vec::new();
    loop {
        let after = journal.last().map_or(0, |stored| stored.position);
        let more = store.changes(after, 1_000).await?;
        if more.is_empty() {
            break;
        }
        for (stored, position) in more.iter().zip(after + 1..) {
            ensure!(
                stored.position == position,
                "the journal has a gap at {position}"
            );
        }
        journal.extend(more);
    }
    let account = store.account_by_login("resident").await?;
    let mailbox = format!("party:{}", account.context("no resident")?.party);
    let (mut messages, mut before) = (Vec::new(), None);
    loop {
        let page = store
            .messages(std::slice::from_ref(&mailbox), before, 500)
            .await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        messages.extend(page.iter().map(|row| (row.record, row.subject.clone())));
    }
    Ok(Found { journal, messages })
}
