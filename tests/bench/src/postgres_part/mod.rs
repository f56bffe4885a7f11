//! The store on PostgreSQL: beside pgbench with the same rows, and two copies beside one.

pub(crate) mod copy;
mod pgbench;
mod server;

use crate::store_part::{self, Run, cpu};
use crate::table::Table;
use anyhow::{Context as _, Result};
use kernel::port::Store;
use server::Server;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Database, PostgresStore};
use tokio::runtime::Runtime;

/// How long copies are measured.
const SERVED: Duration = Duration::from_secs(10);

/// Runs every measure on PostgreSQL, each on a server of its own that keeps its promises to the disk.
pub(crate) fn run(commits: usize, table: &mut Table) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    share_of_pgbench(&runtime, commits, table)?;
    two_copies(table)
}

/// Both twice, in turns, since the disk has its moods; the better run of each counts.
fn share_of_pgbench(runtime: &Runtime, commits: usize, table: &mut Table) -> Result<()> {
    let mut best: Option<(Run, Duration)> = None;
    let mut best_bare = pgbench::Run::default();
    for _ in 0..2 {
        let server = Server::start()?;
        let before = server.cpu();
        let run = pour(runtime, &server, commits)?;
        let database = server.cpu().saturating_sub(before);
        if best.is_none_or(|(best, _)| run.rate() > best.rate()) {
            best = Some((run, database));
        }
        let bare = pgbench::run(runtime, &server, commits)?;
        if bare.rate > best_bare.rate {
            best_bare = bare;
        }
    }
    let (best, best_database) = best.context("no run")?;
    let each = |cpu: Duration| 1e3 * cpu.as_secs_f64() / commits as f64;
    table.add(
        "PostgreSQL: durable commits, store, 64 callers",
        format!("{:.0}/s, {:.1} acts a group", best.rate(), best.per_group()),
        "",
    );
    table.add(
        "PostgreSQL: pgbench, same rows, a commit an act, 64 clients",
        format!("{:.0}/s", best_bare.rate),
        "",
    );
    table.add(
        "PostgreSQL: store : pgbench",
        format!("{:.0} %", 100.0 * best.rate() / best_bare.rate),
        ">= 40 %",
    );
    table.add(
        "PostgreSQL: CPU an act, the store's",
        format!("{:.3} ms", best.cpu_ms()),
        "",
    );
    table.add(
        "PostgreSQL: CPU an act, the database's: store / pgbench",
        format!(
            "{:.3} / {:.3} ms",
            each(best_database),
            each(best_bare.database)
        ),
        "",
    );
    Ok(())
}

fn pour(runtime: &Runtime, server: &Server, commits: usize) -> Result<Run> {
    let database = Database {
        schema: "a".into(),
        ..Database::new(&server.address)
    };
    let store = runtime.block_on(PostgresStore::open(database, store_part::options()))?;
    let store = Arc::new(store);
    let commits = store_part::commits(0, commits)?;
    let (counts, spent, begun) = (store.counts(), cpu(), Instant::now());
    runtime.block_on(store_part::pour(
        &(Arc::clone(&store) as Arc<dyn Store>),
        commits,
        store_part::CALLERS,
    ))?;
    let took = begun.elapsed();
    Ok(Run::since(counts, store.counts(), took, cpu() - spent))
}

fn two_copies(table: &mut Table) -> Result<()> {
    let mut rates = Vec::new();
    for copies in [1, 2] {
        let server = Server::start()?;
        let mut running = Vec::new();
        for copy in 0..copies {
            running.push(copy::start(&server.address, copy)?);
        }
        // All have opened the store before the first begins.
        running.iter_mut().try_for_each(copy::Copy::ready)?;
        running.iter_mut().try_for_each(copy::Copy::begin)?;
        let done: Result<Vec<u64>> = running.into_iter().map(copy::Copy::done).collect();
        let done: u64 = done?.iter().sum();
        rates.push(done as f64 / SERVED.as_secs_f64());
    }
    let [one, two] = rates[..] else {
        return Err(anyhow::anyhow!("two rates")).context("copies");
    };
    table.add(
        "PostgreSQL: acts of one copy on a quarter of a core",
        format!("{one:.0}/s"),
        "",
    );
    table.add(
        "PostgreSQL: two copies, each on a quarter : one",
        format!("{:.2} ({two:.0}/s)", two / one),
        ">= 1.7",
    );
    Ok(())
}
