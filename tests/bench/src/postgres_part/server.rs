//! A private server that syncs what it commits, and what it spends.

use crate::store_part::cpu_of;
use anyhow::{Context as _, Result, ensure};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/postgres/private.sh"
);

/// Ends when dropped.
pub(super) struct Server {
    process: Child,
    pub(super) address: String,
    postmaster: String,
}

impl Server {
    pub(super) fn start() -> Result<Self> {
        let mut process = Command::new(SCRIPT)
            .env("TSUMUGI_TEST_FSYNC", "on")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context(SCRIPT)?;
        let mut line = String::new();
        let said = process.stdout.take().context("no output")?;
        BufReader::new(said).read_line(&mut line)?;
        ensure!(!line.is_empty(), "there is no PostgreSQL on this machine");
        let address = line.trim().to_owned();
        let folder = folder(&address)?;
        let pid = std::fs::read_to_string(folder.join("data/postmaster.pid"))?;
        let postmaster = pid.lines().next().context("postmaster.pid")?.to_owned();
        Ok(Self {
            process,
            address,
            postmaster,
        })
    }

    /// Where its socket lies.
    pub(super) fn folder(&self) -> Result<PathBuf> {
        folder(&self.address)
    }

    /// User and system time of all its processes, those that have ended too.
    pub(super) fn cpu(&self) -> Duration {
        let mut sum = crate::store_part::cpu_of_all(&self.postmaster);
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if crate::store_part::parent_of(&name).as_deref() == Some(&self.postmaster) {
                sum += cpu_of(&name);
            }
        }
        sum
    }
}

fn folder(address: &str) -> Result<PathBuf> {
    let host = address
        .split(' ')
        .find_map(|pair| pair.strip_prefix("host="));
    Ok(host.context("no socket")?.into())
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
