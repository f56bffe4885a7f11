//! The journal against everything that was made of it.

use crate::world::{RandomIds, SystemClock, random};
use anyhow::{Context as _, Result};
use definition::Catalogue;
use engine::Engine;
use std::path::Path;
use std::sync::Arc;
use store::{Options, Replayed, SqliteStore};

/// Replays the journal of a data directory that no server has open, and compares snapshots, index entries, search,
/// unique values and balances with it, each record under the definition of its last event.
///
/// # Errors
/// If the directory cannot be opened or read.
pub fn verify(data: &Path) -> Result<Replayed> {
    let opened = SqliteStore::open(data, Options::new(Box::new(random)));
    let store = opened.map(Arc::new).with_context(|| {
        format!(
            "{} を開けません。サーバーが動いているときは止めてから実行してください",
            data.display()
        )
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let engine = Engine::new(
        Arc::<SqliteStore>::clone(&store),
        Arc::new(SystemClock),
        Arc::new(RandomIds::default()),
        Catalogue::default(),
    );
    let own = |snapshot: &kernel::Snapshot, definition: &str| {
        // A definition that cannot be opened is told by whoever opens the record; here it leaves the rest to compare.
        if let Err(failure) = runtime.block_on(engine.know(definition)) {
            tracing::warn!(%failure, definition, "a definition is not there");
        }
        engine.own(snapshot, definition)
    };
    Ok(store.replay_with(&own)?)
}
