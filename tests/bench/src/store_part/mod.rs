//! The store by itself, without HTTP.

pub(crate) mod at_rest;
mod bare;
mod commits;
mod reads;
pub(crate) mod sample;

#[cfg(feature = "http")]
pub(crate) use bare::{Rows, run as bare};
pub(crate) use commits::{CALLERS, Run, commits, cpu, cpu_of, cpu_of_all, parent_of, pour};

use crate::table::Table;
use rand::RngCore;
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::path::Path;
use store::{OpenError, Options, SqliteStore};

/// Runs every measure of the store.
pub(crate) fn run(
    room: &Path,
    commits: usize,
    sizes: &[u64],
    grown: Option<&Path>,
    table: &mut Table,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    commits::compare(&runtime, room, commits, table)?;
    reads::grow(&runtime, grown.unwrap_or(&room.join("grown")), sizes, table)
}

/// A store with the same keys each time.
pub(crate) fn open(dir: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(dir, options())
}

/// The same keys each time.
pub(crate) fn options() -> Options {
    let mut random = StdRng::seed_from_u64(1);
    Options::new(Box::new(move |bytes| random.fill_bytes(bytes)))
}
