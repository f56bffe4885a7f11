//! The journal against everything that was made of it.

use crate::place::Opened;
use crate::world::{RandomIds, SystemClock};
use anyhow::{Context as _, Result};
use definition::Catalogue;
use engine::{Engine, NumberReferences};
use evidence::{Head, Verifier};
use kernel::port::Store;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use store::{Database, Difference, Replayed};
use tokio::runtime::Runtime;

/// Replays the journal of a data directory that no server has open, or of a database (servers may go on), and compares snapshots, index entries, search,
/// unique values and balances with it, each record under the definition of its last event; then the log with its signed
/// heads, and the `checkpoint` that a witness has kept.
///
/// # Errors
/// If the directory cannot be opened or read.
pub fn verify(
    data: &Path,
    database: Option<&Database>,
    checkpoint: Option<&str>,
) -> Result<Replayed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let opened = runtime.block_on(Opened::existing(data, database))?;
    let witnessed = match checkpoint {
        None => Vec::new(),
        Some(text) => vec![runtime.block_on(head_of(opened.store().as_ref(), text))?],
    };
    with_numbers(&runtime, &opened, &witnessed)
}

/// As [`verify`], and leaves out the vault of individual numbers, which is restored apart from the rest; answers how many
/// of them the records refer to.
///
/// # Errors
/// As for [`verify`].
pub fn verify_restored(data: &Path) -> Result<(Replayed, usize)> {
    let runtime = tokio::runtime::Runtime::new()?;
    let opened = runtime.block_on(Opened::existing(data, None))?;
    let engine = engine_over(&opened);
    let (replayed, referred) = walked(&runtime, &opened, &engine, &[])?;
    Ok((replayed, referred.len()))
}

/// The records, and then the vault of individual numbers against them.
fn with_numbers(runtime: &Runtime, opened: &Opened, witnessed: &[Head]) -> Result<Replayed> {
    let engine = engine_over(opened);
    let (mut replayed, referred) = walked(runtime, opened, &engine, witnessed)?;
    // A walk that stopped has not seen all references: what it found is told first.
    if replayed.difference.is_some() {
        return Ok(replayed);
    }
    let checked = runtime.block_on(engine.check_numbers(referred))?;
    replayed.numbers = checked.checked;
    replayed.destroyed_numbers = checked.destroyed;
    replayed.difference = checked.fault.map(|(record, what)| Difference {
        position: None,
        record: Some(record),
        what: what.into(),
    });
    Ok(replayed)
}

/// The same over what is open already, without the vault of individual numbers: they do not travel.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn replayed(runtime: &Runtime, opened: &Opened, witnessed: &[Head]) -> Result<Replayed> {
    let (replayed, _) = walked(runtime, opened, &engine_over(opened), witnessed)?;
    Ok(replayed)
}

/// Replays, and gathers what records refer to.
fn walked(
    runtime: &Runtime,
    opened: &Opened,
    engine: &Engine,
    witnessed: &[Head],
) -> Result<(Replayed, NumberReferences)> {
    let referred = Mutex::new(NumberReferences::default());
    let known = Mutex::new(BTreeSet::new());
    let own = |snapshot: &kernel::Snapshot, definition: &str| {
        if known.lock().insert(definition.to_owned()) {
            know(runtime.handle(), engine, definition);
        }
        engine.add_references(&mut referred.lock(), snapshot, definition);
        engine.own(snapshot, definition)
    };
    let replayed = match opened {
        Opened::Sqlite(store) => store.replay_with(&own, witnessed)?,
        Opened::Postgres(store) => runtime.block_on(store.replay_with(&own, witnessed))?,
    };
    Ok((replayed, referred.into_inner()))
}

/// A checkpoint that somebody has kept, signed by one of the keys that the log ever had.
async fn head_of(store: &dyn Store, checkpoint: &str) -> Result<Head> {
    let keys = store.log().log_keys().await?;
    let head = keys.iter().find_map(|key| {
        let verifier = Verifier::new(&key.verifier).ok()?;
        verifier.head(checkpoint).ok()
    });
    head.context("保管してある署名（checkpoint）は、この記録の鍵で署名されたものではありません")
}

/// Opens a definition, on a thread of its own: the replay of a database runs within the runtime already.
fn know(runtime: &tokio::runtime::Handle, engine: &Engine, definition: &str) {
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| {
            // A definition that cannot be opened is told by whoever opens the record; here it leaves the rest to compare.
            if let Err(failure) = runtime.block_on(engine.know(definition)) {
                tracing::warn!(%failure, definition, "a definition is not there");
            }
        });
        // A panic in there was told by itself.
        let _ = opening.join();
    });
}

/// Puts a new key of the log in force; answers the public one.
///
/// # Errors
/// If the data cannot be opened, or the log has no key yet.
pub fn turn_log_key(data: &Path, database: Option<&Database>) -> Result<String> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let opened = Opened::existing(data, database).await?;
        Ok(engine_over(&opened).turn_log_key().await?)
    })
}

/// Disposes again of what an older copy of the data brought back; answers how many records. For after a restore.
///
/// # Errors
/// If the data cannot be opened.
pub fn dispose_again(data: &Path, database: Option<&Database>) -> Result<usize> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let opened = Opened::existing(data, database).await?;
        Ok(engine_over(&opened).dispose_again().await?)
    })
}

/// An engine without packages.
pub(crate) fn engine_over(opened: &Opened) -> Engine {
    Engine::new(
        opened.store(),
        Arc::new(SystemClock),
        Arc::new(RandomIds::default()),
        Catalogue::default(),
    )
}
