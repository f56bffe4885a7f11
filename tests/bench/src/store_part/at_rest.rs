//! Start-up and memory, seen in a process of its own.

use super::{open, sample};
use crate::table::Table;
use kernel::port::Store;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Runs a child on the directory and tells what it said.
pub(super) fn measure(dir: &Path, size: u64, table: &mut Table) -> anyhow::Result<()> {
    let child = Command::new(std::env::current_exe()?)
        .arg("--at-rest")
        .arg(dir)
        .output()?;
    anyhow::ensure!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stderr)
    );
    let said = String::from_utf8(child.stdout)?;
    let mut words = said.split_whitespace();
    table.add(
        format!("{size}: start-up of the store"),
        format!("{} ms", words.next().unwrap_or("?")),
        "<= 1 s, product",
    );
    table.add(
        format!("{size}: memory after 5,000 reads"),
        format!("{} MB", words.next().unwrap_or("?")),
        "<= 120 MB at 100 k, product",
    );
    Ok(())
}

/// The child: opens, reads, looks at itself.
pub(crate) fn child(dir: &Path) -> anyhow::Result<()> {
    let started = Instant::now();
    let store = open(dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(store.snapshots(&[sample::record(0)]))?;
    let took = started.elapsed();
    for turn in 0..5_000 {
        runtime.block_on(store.snapshots(&[sample::record(sample::mix(turn, 50) % 10_000)]))?;
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap_or("")
        .trim()
        .trim_end_matches(" kB");
    println!(
        "{:.1} {:.1}",
        took.as_secs_f64() * 1e3,
        resident.parse::<f64>()? / 1024.0
    );
    Ok(())
}
