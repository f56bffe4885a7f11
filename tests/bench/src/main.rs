//! The bench: what the product costs, as ratios to what the machine can do. `cargo xtask bench`.
#![expect(
    clippy::disallowed_methods,
    reason = "a bench reads the clock, and runs itself anew to see a fresh process"
)]
#![expect(clippy::print_stdout, reason = "its table is what it is for")]

mod capped;
#[cfg(feature = "http")]
mod http_part;
#[cfg(feature = "http")]
mod letters_part;
mod postgres_part;
mod store_part;
mod table;

use clap::Parser;
use std::path::PathBuf;

/// Measures the store beside a bare writer, then reads, lists and searches as records grow; and letters.
#[derive(Parser)]
struct Arguments {
    /// Numbers of records at which reads are measured.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    sizes: Vec<u64>,
    /// Acts in the comparison with the bare writer.
    #[arg(long, default_value_t = 12_000)]
    commits: usize,
    /// Where to write; a directory beside the others of the machine if absent.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// A directory in which the grown store stays for the next run.
    #[arg(long)]
    grown: Option<PathBuf>,
    /// Only the part without HTTP.
    #[arg(long)]
    store_only: bool,
    /// Records opened through HTTP beside the bare writer.
    #[arg(long, default_value_t = 8_000)]
    creates: usize,
    /// Records over which reads through HTTP are measured.
    #[arg(long, default_value_t = 100_000)]
    records: usize,
    /// Only the store on PostgreSQL: beside pgbench, and two copies beside one.
    #[arg(long)]
    postgres: bool,
    /// Is one of these copies, over the database at an address. Used by the bench itself.
    #[arg(long, hide = true)]
    copy_of: Option<String>,
    /// Which.
    #[arg(long, hide = true, default_value_t = 0)]
    copy_number: u64,
    /// Only the part through HTTP.
    #[arg(long)]
    http_only: bool,
    /// Only what a letter costs.
    #[arg(long)]
    letters_only: bool,
    /// Only a whole ledger taken in, and its editions.
    #[arg(long)]
    files_only: bool,
    /// Only three times the load that is carried, and two thousand slow connections.
    #[arg(long)]
    overload: bool,
    /// Rows of that ledger.
    #[arg(long, default_value_t = 40_000)]
    rows: usize,
    /// Serves the product from a directory. Used by the bench itself.
    #[arg(long, hide = true)]
    serve: Option<PathBuf>,
    /// Opens the store in a directory, says how long it took and what it holds in memory. Used by the bench itself.
    #[arg(long, hide = true)]
    at_rest: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let Some(dir) = &arguments.at_rest {
        return store_part::at_rest::child(dir);
    }
    if let Some(address) = &arguments.copy_of {
        return postgres_part::copy::child(address, arguments.copy_number);
    }
    #[cfg(feature = "http")]
    if let Some(dir) = &arguments.serve {
        return http_part::child::serve(dir);
    }
    let room = match &arguments.dir {
        Some(dir) => tempfile::tempdir_in(dir)?,
        None => tempfile::tempdir()?,
    };
    let mut table = table::Table::default();
    if arguments.postgres {
        postgres_part::run(arguments.commits, &mut table)?;
        table.print();
        return Ok(());
    }
    #[cfg(feature = "http")]
    if arguments.overload {
        http_part::overload::run(room.path(), &mut table)?;
        table.print();
        return Ok(());
    }
    #[cfg(feature = "http")]
    if arguments.files_only {
        http_part::files::run(room.path(), arguments.rows, &mut table)?;
        table.print();
        return Ok(());
    }
    #[cfg(feature = "http")]
    if !(arguments.store_only || arguments.http_only) {
        letters_part::run(&mut table)?;
    }
    if !(arguments.http_only || arguments.letters_only) {
        store_part::run(
            room.path(),
            arguments.commits,
            &arguments.sizes,
            arguments.grown.as_deref(),
            &mut table,
        )?;
    }
    #[cfg(feature = "http")]
    if !(arguments.store_only || arguments.letters_only) {
        http_part::run(
            room.path(),
            arguments.creates,
            arguments.records,
            &mut table,
        )?;
    }
    table.print();
    Ok(())
}
