//! The product in a process of its own, so that its CPU time and memory are its own.

use crate::store_part::cpu_of;
use anyhow::Context as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A running product.
pub(super) struct Product {
    child: Child,
    pub(super) address: String,
    pub(super) started_ms: f64,
    tokens: std::collections::BTreeMap<String, String>,
}

impl Product {
    /// Starts it on a data directory and waits until it listens.
    pub(super) fn start(data: &Path) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let out = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        anyhow::ensure!(line.contains(':'), "the product did not start");
        let tokens = tsumugi::demo_tokens(data)?;
        Ok(Self {
            child,
            address: line.trim().to_owned(),
            started_ms: begun.elapsed().as_secs_f64() * 1e3,
            tokens,
        })
    }

    pub(super) fn token(&self, persona: &str) -> &str {
        self.tokens.get(persona).map_or("", String::as_str)
    }

    /// Its number.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// User and system time so far.
    pub(super) fn cpu(&self) -> Duration {
        cpu_of(&self.child.id().to_string())
    }

    /// Resident memory in MB.
    pub(super) fn resident_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default();
        let kb = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .map_or("", str::trim);
        kb.trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
    }

    /// Stops it and waits until its store is closed.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

/// The child: serves the repository's packages on a free port and says which. No worker runs: what is compared is what
/// an act costs until it is acknowledged, and the bare writer beside it delivers nothing either.
pub(crate) fn serve(data: &Path) -> anyhow::Result<()> {
    tsumugi::server::runtime()?.block_on(async {
        let running = tsumugi::start(config(data)).await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let limits = tsumugi::server::Limits::new(tsumugi::server::connections(8_192));
        tsumugi::server::serve(listener, running.router, limits, std::future::pending()).await?;
        Ok(())
    })
}

/// The repository's packages over a data directory, with the demo's people and nothing else.
pub(super) fn config(data: &Path) -> tsumugi::Config {
    let clock = Arc::new(tsumugi::SystemClock);
    tsumugi::Config::demo(
        data.to_owned(),
        "services".into(),
        tsumugi::Demo::People,
        clock,
    )
}
