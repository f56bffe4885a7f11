//! The journal against everything that was made of it.

use crate::place::Opened;
use crate::world::{RandomIds, SystemClock};
use anyhow::{Context as _, Result};
use definition::Catalogue;
use engine::Engine;
use evidence::{Head, Verifier};
use kernel::port::Store;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use store::{Database, Replayed};
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
    replayed(&runtime, &opened, &witnessed)
}

/// The same over what is open already.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn replayed(runtime: &Runtime, opened: &Opened, witnessed: &[Head]) -> Result<Replayed> {
    let engine = engine_over(opened);
    let known = Mutex::new(BTreeSet::new());
    let own = |snapshot: &kernel::Snapshot, definition: &str| {
        if known.lock().insert(definition.to_owned()) {
            know(runtime.handle(), &engine, definition);
        }
        engine.own(snapshot, definition)
    };
    Ok(match opened {
        Opened::Sqlite(store) => store.replay_with(&own, witnessed)?,
        Opened::Postgres(store) => runtime.block_on(store.replay_with(&own, witnessed))?,
    })
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
