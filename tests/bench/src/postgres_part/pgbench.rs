//! pgbench with the same rows: what the store has written is copied, act by act, into empty tables of the same form, in
//! a transaction each.

use super::server::Server;
use crate::store_part::CALLERS;
use anyhow::{Context as _, Result, ensure};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use store::{Database, PostgresStore};
use tokio::runtime::Runtime;

/// The rows of one act, found by keys, sent in one go as the store sends them.
const ACT: &str = "SELECT nextval('b.turn') AS n \\gset
\\startpipeline
BEGIN;
INSERT INTO b.record SELECT * FROM a.record WHERE row = :n;
INSERT INTO b.found SELECT * FROM a.found WHERE row = :n;
INSERT INTO b.list_entry SELECT * FROM a.list_entry WHERE row = :n;
INSERT INTO b.timer SELECT timer.* FROM a.timer JOIN a.record ON record.id = timer.record WHERE record.row = :n;
INSERT INTO b.outbox OVERRIDING SYSTEM VALUE SELECT * FROM a.outbox WHERE no = :n;
INSERT INTO b.event SELECT * FROM a.event WHERE position = :n;
COMMIT;
\\endpipeline
";
const PREPARE: &str =
    "CREATE SEQUENCE b.turn; CREATE INDEX list_entry_row ON a.list_entry(row); VACUUM ANALYZE";

/// What it reached.
#[derive(Clone, Copy, Default)]
pub(super) struct Run {
    pub(super) rate: f64,
    /// The database's CPU.
    pub(super) database: Duration,
}

pub(super) fn run(runtime: &Runtime, server: &Server, commits: usize) -> Result<Run> {
    // The tables are made as the store makes them.
    let database = Database {
        schema: "b".into(),
        ..Database::new(&server.address)
    };
    drop(runtime.block_on(PostgresStore::open(database, crate::store_part::options()))?);
    let folder = server.folder()?;
    let script = tempfile::NamedTempFile::new()?;
    std::fs::write(script.path(), ACT)?;
    let programs = programs()?;
    let program = |name: &str| {
        let mut program = Command::new(programs.join(name));
        program.args(["-h", &folder.display().to_string(), "-U", "tsumugi"]);
        program
    };
    for statement in PREPARE.split("; ") {
        let prepared = program("psql")
            .args(["-q", "-d", "postgres", "-c", statement])
            .status()?;
        ensure!(prepared.success(), "psql: {statement}");
    }
    let each = commits / CALLERS;
    let before = server.cpu();
    let output = program("pgbench")
        .args(["-n", "-M", "prepared", "-j", "2", "-f"])
        .arg(script.path())
        .args([
            "-c",
            &CALLERS.to_string(),
            "-t",
            &each.to_string(),
            "postgres",
        ])
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "pgbench: {failed}");
    let rate = said
        .lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok())
        .with_context(|| said.clone().into_owned())?;
    Ok(Run {
        rate,
        database: server.cpu().saturating_sub(before),
    })
}

/// Where Debian's package keeps its programs: those of the newest version.
fn programs() -> Result<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")?
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    all.sort();
    all.pop().context("/usr/lib/postgresql")
}
