//! A PostgreSQL server of its own, which is broken and comes back.

use anyhow::{Context as _, Result, ensure};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A private server (`tests/postgres/private.sh`); it ends with this process.
pub(crate) struct Server {
    url: &'static str,
}

/// What happens to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Breaks {
    /// `kill -9` of every process of it but the first, which begins anew by itself.
    Children,
    /// All of it ends at once, and stays away for a while.
    Away,
}

impl Server {
    /// The one of this process; none where there is no PostgreSQL on this machine.
    pub(crate) fn shared() -> Option<Self> {
        let url = crate::common::private::server()?;
        Some(Self { url })
    }

    /// A new database.
    pub(crate) fn database(&self) -> Result<String> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let name = format!("fair_{}", NEXT.fetch_add(1, Relaxed));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(self.url, tokio_postgres::NoTls).await?;
            let going = tokio::spawn(connection);
            let sql = format!("CREATE DATABASE {name}");
            client.batch_execute(&sql).await?;
            drop(client);
            going.await??;
            anyhow::Ok(())
        })?;
        let url = self
            .url
            .replace("dbname=postgres", &format!("dbname={name}"));
        ensure!(url != self.url, "an address without a database");
        Ok(url)
    }

    /// Breaks it, and brings it back where it does not come by itself.
    pub(crate) fn breaks(&self, how: Breaks, away: impl FnOnce()) -> Result<()> {
        match how {
            Breaks::Children => self.script("children"),
            Breaks::Away => {
                self.script("stop")?;
                away();
                self.script("start")
            }
        }
    }

    fn script(&self, what: &str) -> Result<()> {
        let words = self.url.split(' ');
        let folder = words
            .filter_map(|word| word.strip_prefix("host="))
            .map(PathBuf::from)
            .next()
            .context("an address without a folder")?;
        let mut script = Command::new(crate::root().join("tests/postgres/break.sh"));
        let ended = script.arg(what).arg(folder).output()?;
        let said = String::from_utf8_lossy(&ended.stderr);
        ensure!(ended.status.success(), "break.sh {what}: {said}");
        Ok(())
    }
}
