//! What process, store and machine say of themselves.

use crate::place::Opened;
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use store::{Counts, GROUP_BOUNDS, TIME_BOUNDS_MICROS};
use web::{Disk, Number, Slow, Spread, Vitals};

/// Reads them anew each time it is asked.
pub(crate) struct Watch {
    pub(crate) opened: Opened,
    pub(crate) data: PathBuf,
    pub(crate) started: Timestamp,
}

impl Watch {
    pub(crate) fn read(&self) -> Vitals {
        let counts = self.opened.counts();
        let mut numbers = numbers(&counts);
        if let Some((used, most)) = self.opened.sessions() {
            let gauge = |name, help, title, value| Number {
                name,
                help,
                title,
                is_counter: false,
                value,
            };
            numbers.push(gauge(
                "tsumugi_database_sessions",
                "Reading sessions in use.",
                "読むためのつなぎ",
                used as u64,
            ));
            numbers.push(gauge(
                "tsumugi_database_sessions_most",
                "Reading sessions at most.",
                "その上限",
                most as u64,
            ));
        }
        Vitals {
            version: env!("CARGO_PKG_VERSION").into(),
            store: self.opened.kind().into(),
            started: Some(self.started),
            numbers,
            spreads: spreads(&counts),
            memory_bytes: memory_bytes(),
            disks: disk("data", &self.data).into_iter().collect(),
            slow: self.slow(),
        }
    }

    fn slow(&self) -> Vec<Slow> {
        let slow = self.opened.slow_statements().into_iter();
        slow.map(|one| Slow {
            statement: one.statement,
            times: one.times,
            total: one.total,
            longest: one.longest,
        })
        .collect()
    }
}

/// What the writer has done: acts against fsyncs shows how well group commit works.
fn numbers(counts: &Counts) -> Vec<Number> {
    let counter = |name, help, title, value| Number {
        name,
        help,
        title,
        is_counter: true,
        value,
    };
    vec![
        counter(
            "tsumugi_store_acts_total",
            "Acts made durable.",
            "確定した操作",
            counts.acts,
        ),
        counter(
            "tsumugi_store_groups_total",
            "Commits to disk, each for a group of acts.",
            "ディスクへの確定",
            counts.groups,
        ),
        counter(
            "tsumugi_store_groups_failed_total",
            "Groups that could not be committed.",
            "確定できなかった組",
            counts.failed,
        ),
        counter(
            "tsumugi_store_fsyncs_total",
            "Fsyncs of database and keys.",
            "fsync",
            counts.fsyncs(),
        ),
        counter(
            "tsumugi_store_read_notes_refused_total",
            "Readings that were refused, since they could not be written down.",
            "閲覧の記録が書けず断った閲覧",
            counts.notes_refused,
        ),
        Number {
            name: "tsumugi_store_waiting",
            help: "Acts and other writes that wait for the writer.",
            title: "書き込みを待つ操作",
            is_counter: false,
            value: counts.waiting,
        },
    ]
}

fn spreads(counts: &Counts) -> Vec<Spread> {
    let seconds = |micros: u64| micros as f64 / 1e6;
    let sizes = GROUP_BOUNDS
        .iter()
        .map(|bound| *bound as f64)
        .zip(counts.sizes.buckets);
    let times = TIME_BOUNDS_MICROS
        .iter()
        .map(|bound| seconds(*bound))
        .zip(counts.micros.buckets);
    vec![
        Spread {
            name: "tsumugi_store_group_size",
            help: "Acts and other writes in a group.",
            buckets: sizes.collect(),
            count: counts.sizes.count,
            sum: counts.sizes.sum as f64,
        },
        Spread {
            name: "tsumugi_store_group_seconds",
            help: "Time that a group took, its fsync included.",
            buckets: times.collect(),
            count: counts.micros.count,
            sum: seconds(counts.micros.sum),
        },
    ]
}

fn disk(what: &'static str, path: &Path) -> Option<Disk> {
    let room = rustix::fs::statvfs(path).ok()?;
    Some(Disk {
        what,
        free_bytes: room.f_bavail.saturating_mul(room.f_frsize),
        total_bytes: room.f_blocks.saturating_mul(room.f_frsize),
    })
}

/// As Linux tells it; none elsewhere.
fn memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_says_something() {
        assert!(memory_bytes().unwrap() > 1_000_000);
        let disk = disk("data", Path::new(".")).unwrap();
        assert!(disk.total_bytes >= disk.free_bytes && disk.total_bytes > 0);
        assert!(super::disk("data", Path::new("/nowhere/at/all")).is_none());
    }
}
