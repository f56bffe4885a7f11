//! One copy: a process of its own that opens records for a while, on a quarter of a core.

use super::SERVED;
use crate::capped::Capped;
use crate::store_part::{self, sample};
use anyhow::{Context as _, Result, ensure};
use kernel::port::{Committed, Store as _};
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use store::{Database, PostgresStore};

const SHARE: f64 = 0.25;
const CALLERS: usize = 16;
/// The records of one copy are numbered apart from those of the others.
const APART: u64 = 10_000_000;

/// A copy under way.
pub(super) struct Copy {
    process: Child,
    into: ChildStdin,
    said: BufReader<ChildStdout>,
    cap: Option<Capped>,
}

pub(super) fn start(address: &str, number: u64) -> Result<Copy> {
    let mut process = Command::new(std::env::current_exe()?)
        .args(["--copy-of", address, "--copy-number", &number.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let into = process.stdin.take().context("no input")?;
    let said = BufReader::new(process.stdout.take().context("no output")?);
    Ok(Copy {
        process,
        into,
        said,
        cap: None,
    })
}

impl Copy {
    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        ensure!(!line.is_empty(), "a copy ended early");
        Ok(line.trim().to_owned())
    }

    /// It has opened the store.
    pub(super) fn ready(&mut self) -> Result<()> {
        self.line().map(drop)
    }

    pub(super) fn begin(&mut self) -> Result<()> {
        self.cap = Some(Capped::hold(self.process.id(), SHARE));
        Ok(writeln!(self.into, "begin")?)
    }

    /// Acts done in the time.
    pub(super) fn done(mut self) -> Result<u64> {
        let done = self.line()?.parse()?;
        drop(self.cap.take());
        self.process.wait()?;
        Ok(done)
    }
}

/// What such a process does.
pub(crate) fn child(address: &str, number: u64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let opening = PostgresStore::open(Database::new(address), store_part::options());
    let store = Arc::new(runtime.block_on(opening)?);
    println!("ready");
    std::io::stdin().lock().read_line(&mut String::new())?;
    let (next, done) = (
        Arc::new(AtomicU64::new(number * APART)),
        Arc::new(AtomicU64::new(0)),
    );
    let begun = Instant::now();
    runtime.block_on(async {
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..CALLERS {
            let (store, next, done) = (Arc::clone(&store), Arc::clone(&next), Arc::clone(&done));
            callers.spawn(async move {
                while begun.elapsed() < SERVED {
                    let commit = sample::commit(next.fetch_add(1, Ordering::Relaxed))?;
                    let answer = store.commit(commit).await?;
                    ensure!(matches!(answer, Committed::Done(_)), "an act was not done");
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            });
        }
        while let Some(caller) = callers.join_next().await {
            caller??;
        }
        anyhow::Ok(())
    })?;
    println!("{}", done.load(Ordering::Relaxed));
    Ok(())
}
