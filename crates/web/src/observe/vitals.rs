//! What the binary knows of its process, its store and its machine, for `/metrics` and the operator's page.

use jiff::Timestamp;
use std::fmt::Write as _;
use std::time::Duration;

/// Names, counts and sizes. Nothing personal.
#[derive(Clone, Debug, Default)]
pub struct Vitals {
    /// Version of the program.
    pub version: String,
    /// `SQLite` or `PostgreSQL`.
    pub store: String,
    /// When the process started.
    pub started: Option<Timestamp>,
    /// Counters and gauges of the store.
    pub numbers: Vec<Number>,
    /// How values are spread.
    pub spreads: Vec<Spread>,
    /// Memory of the process in bytes.
    pub memory_bytes: Option<u64>,
    /// Disks.
    pub disks: Vec<Disk>,
    /// Statements that took long.
    pub slow: Vec<Slow>,
}

/// One number.
#[derive(Clone, Debug)]
pub struct Number {
    /// Its name in metrics.
    pub name: &'static str,
    /// What it is, in English.
    pub help: &'static str,
    /// What it is, as the operator's page says it.
    pub title: &'static str,
    /// Whether it only ever rises.
    pub is_counter: bool,
    /// Its value.
    pub value: u64,
}

/// How values are spread.
#[derive(Clone, Debug)]
pub struct Spread {
    /// Its name in metrics.
    pub name: &'static str,
    /// What it is, in English.
    pub help: &'static str,
    /// Upper bounds, each with how many values lie at or below it.
    pub buckets: Vec<(f64, u64)>,
    /// All values.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
}

/// A disk on which something of ours lies.
#[derive(Clone, Debug)]
pub struct Disk {
    /// What lies there.
    pub what: &'static str,
    /// Free bytes.
    pub free_bytes: u64,
    /// All bytes.
    pub total_bytes: u64,
}

impl Disk {
    /// Whether it will soon be full.
    #[must_use]
    pub fn is_short(&self) -> bool {
        const LEAST_BYTES: u64 = 1024 * 1024 * 1024;
        self.free_bytes < LEAST_BYTES || self.free_bytes < self.total_bytes / 20
    }
}

/// A statement that took long.
#[derive(Clone, Debug)]
pub struct Slow {
    /// Its text, without values.
    pub statement: String,
    /// How often.
    pub times: u64,
    /// All of them together.
    pub total: Duration,
    /// The longest.
    pub longest: Duration,
}

impl Vitals {
    /// The text form of Prometheus.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "# HELP tsumugi_build_info The program.\n# TYPE tsumugi_build_info gauge\ntsumugi_build_info{{version=\"{}\",store=\"{}\"}} 1",
            self.version, self.store
        );
        for number in &self.numbers {
            let kind = if number.is_counter {
                "counter"
            } else {
                "gauge"
            };
            single(&mut text, number.name, number.help, kind, number.value);
        }
        for spread in &self.spreads {
            spread.write(&mut text);
        }
        if let Some(bytes) = self.memory_bytes {
            single(
                &mut text,
                "process_resident_memory_bytes",
                "Memory of the process.",
                "gauge",
                bytes,
            );
        }
        if let Some(started) = self.started {
            let second = u64::try_from(started.as_second()).unwrap_or_default();
            single(
                &mut text,
                "process_start_time_seconds",
                "When it started, since 1970.",
                "gauge",
                second,
            );
        }
        self.disks(&mut text);
        let many = self.slow.iter().map(|slow| slow.times).sum();
        single(
            &mut text,
            "tsumugi_slow_statements_total",
            "Statements of 100 ms and more.",
            "counter",
            many,
        );
        text
    }

    fn disks(&self, text: &mut String) {
        let _ = writeln!(
            text,
            "# HELP tsumugi_disk_free_bytes Free bytes of a disk.\n# TYPE tsumugi_disk_free_bytes gauge"
        );
        for disk in &self.disks {
            let _ = writeln!(
                text,
                "tsumugi_disk_free_bytes{{what=\"{}\"}} {}",
                disk.what, disk.free_bytes
            );
        }
    }
}

impl Spread {
    fn write(&self, text: &mut String) {
        let (name, help) = (self.name, self.help);
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} histogram");
        for (bound, count) in &self.buckets {
            let _ = writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {count}");
        }
        let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {}", self.count);
        let _ = writeln!(text, "{name}_sum {}\n{name}_count {}", self.sum, self.count);
    }
}

/// One metric without labels.
pub(crate) fn single(text: &mut String, name: &str, help: &str, kind: &str, value: u64) {
    let _ = writeln!(
        text,
        "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
    );
}
