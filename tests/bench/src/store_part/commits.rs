//! Durable commits: the store against a bare writer of the same rows, 64 callers each.

use super::{bare, open, sample};
use crate::table::Table;
use kernel::port::{Commit, Committed, Store};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::Counts;
use tokio::runtime::Runtime;

pub(crate) const CALLERS: usize = 64;

/// Both writers twice, in turns, since the disk has its moods; the better run of each counts.
pub(super) fn compare(
    runtime: &Runtime,
    room: &Path,
    commits: usize,
    table: &mut Table,
) -> anyhow::Result<()> {
    let (mut best, mut best_bare) = (Run::default(), Run::default());
    for turn in 0..2 {
        let dir = room.join(format!("store-{turn}"));
        let run = run_store(runtime, &dir, commits)?;
        best = best.better(run);
        let rows = bare::Rows::of(&dir.join("tsumugi.sqlite"))?;
        best_bare = best_bare.better(bare::run(
            runtime,
            &room.join(format!("bare-{turn}.sqlite")),
            rows,
            run.per_group(),
        )?);
    }
    let counts = best.counts;
    let per_fsync = |counts: Counts| counts.acts as f64 / counts.fsyncs() as f64;
    table.add(
        "durable commits, store, 64 callers",
        format!("{:.0}/s", best.rate()),
        "",
    );
    table.add(
        "durable commits, bare writer, same rows",
        format!(
            "{:.0}/s, {:.0} acts a group",
            best_bare.rate(),
            best_bare.counts.acts as f64 / best_bare.counts.groups as f64
        ),
        "",
    );
    table.add(
        "store : bare",
        format!("{:.0} %", 100.0 * best.rate() / best_bare.rate()),
        ">= 60 % through HTTP",
    );
    table.add(
        "acts an fsync",
        format!("{:.1}", per_fsync(counts)),
        ">= 16",
    );
    table.add(
        "CPU an act: store / bare",
        format!("{:.3} / {:.3} ms", best.cpu_ms(), best_bare.cpu_ms()),
        "<= 0.5 ms through HTTP",
    );
    Ok(())
}

/// One run of a writer.
#[derive(Clone, Copy, Default)]
pub(crate) struct Run {
    pub(super) counts: Counts,
    pub(super) took: Duration,
    pub(super) cpu: Duration,
}

impl Run {
    /// What was done between two looks at the counters.
    pub(crate) fn since(before: Counts, after: Counts, took: Duration, cpu: Duration) -> Self {
        let counts = Counts {
            acts: after.acts - before.acts,
            groups: after.groups - before.groups,
            checkpoints: after.checkpoints - before.checkpoints,
            key_batches: after.key_batches - before.key_batches,
            notes_refused: 0,
            ..Counts::default()
        };
        Self { counts, took, cpu }
    }

    pub(crate) fn rate(&self) -> f64 {
        self.counts.acts as f64 / self.took.as_secs_f64()
    }

    pub(crate) fn cpu_ms(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e3 / self.counts.acts as f64
    }

    pub(crate) fn per_group(&self) -> f64 {
        self.counts.acts as f64 / self.counts.groups.max(1) as f64
    }

    pub(crate) fn better(self, other: Self) -> Self {
        if self.counts.acts > 0 && self.rate() > other.rate() {
            self
        } else {
            other
        }
    }
}

fn run_store(runtime: &Runtime, dir: &Path, commits: usize) -> anyhow::Result<Run> {
    let store = Arc::new(open(dir)?);
    let commits = self::commits(0, commits)?;
    let before = (store.counts(), cpu(), Instant::now());
    runtime.block_on(pour(
        &(Arc::clone(&store) as Arc<dyn Store>),
        commits,
        CALLERS,
    ))?;
    let (took, cpu) = (before.2.elapsed(), cpu() - before.1);
    Ok(Run::since(before.0, store.counts(), took, cpu))
}

/// The openings of so many records, from a number on.
pub(crate) fn commits(from: u64, many: usize) -> anyhow::Result<Vec<Commit>> {
    (from..).take(many).map(sample::commit).collect()
}

/// Commits everything from so many callers, each waiting for its answer before the next.
pub(crate) async fn pour(
    store: &Arc<dyn Store>,
    commits: Vec<Commit>,
    callers: usize,
) -> anyhow::Result<()> {
    let slots: Arc<Vec<_>> = Arc::new(
        commits
            .into_iter()
            .map(|commit| std::sync::Mutex::new(Some(commit)))
            .collect(),
    );
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..callers {
        let (store, slots, next) = (Arc::clone(store), Arc::clone(&slots), Arc::clone(&next));
        tasks.spawn(async move {
            while let Some(slot) = slots.get(next.fetch_add(1, Ordering::Relaxed)) {
                let commit = slot.lock().ok().and_then(|mut slot| slot.take());
                let Some(commit) = commit else { continue };
                let done = store.commit(commit).await?;
                anyhow::ensure!(matches!(done, Committed::Done(_)), "an act was not done");
            }
            Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}

/// User and system time of this process so far.
pub(crate) fn cpu() -> Duration {
    cpu_of("self")
}

/// User and system time of a process so far, by its name under `/proc`.
pub(crate) fn cpu_of(process: &str) -> Duration {
    ticks(process, 2)
}

/// The same with that of its children that have ended.
pub(crate) fn cpu_of_all(process: &str) -> Duration {
    ticks(process, 4)
}

/// The parent of a process.
pub(crate) fn parent_of(process: &str) -> Option<String> {
    stat(process).split_whitespace().nth(1).map(str::to_owned)
}

/// What the system says of a process, behind its name.
fn stat(process: &str) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.to_owned()
}

fn ticks(process: &str, columns: usize) -> Duration {
    let ticks: u64 = stat(process)
        .split_whitespace()
        .skip(11)
        .take(columns)
        .filter_map(|word| word.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}
