//! Whether a store kept its word: what was acknowledged is there, once, and everything fits.

use super::child;
use crate::common::{self, log};
use anyhow::{Context as _, Result, bail, ensure};
use kernel::Snapshot;
use kernel::port::{Committed, Lane, Store as _};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};
use store::SqliteStore;

/// A start that takes longer is a fault; a machine under load may be slow.
const READY_WITHIN: Duration = Duration::from_secs(2);
/// How much longer a busy machine may take before the suite says no.
const PATIENCE: u32 = 5;

/// What was seen.
pub(crate) struct Held {
    /// Acts that are there, acknowledged or not.
    pub(crate) acts: u64,
    /// How long it took to open.
    pub(crate) ready: Duration,
}

/// Opens a store after its process ended. Acts run from 1; each that is there must be there wholly and once, all in
/// `acknowledged` must be there, and the next one can be done, under a log that goes on.
pub(crate) fn held(dir: &Path, acknowledged: &BTreeSet<u64>) -> Result<Held> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let begun = Instant::now();
    let store = SqliteStore::open(dir, common::options(99)).context("the store does not open")?;
    let ready = begun.elapsed();
    ensure!(
        ready < READY_WITHIN * PATIENCE,
        "ready only after {ready:?}"
    );
    runtime.block_on(async {
        let acts = all_there(&store, acknowledged).await?;
        fits(&store)?;
        again(&store, acts).await?;
        fits(&store)?;
        Ok(Held { acts, ready })
    })
}

/// How many acts are there.
async fn all_there(store: &SqliteStore, acknowledged: &BTreeSet<u64>) -> Result<u64> {
    let mut acts = 0;
    loop {
        let n = acts + 1;
        let Some(snapshot) = store.snapshots(&[child::record(n)]).await?.pop() else {
            break;
        };
        let known = store.idempotency("a", &child::key(n)).await?;
        ensure!(known.is_some(), "act {n} is there without its key");
        ensure!(
            snapshot.fields["n"] == n,
            "record {n} has another's content"
        );
        if n.is_multiple_of(3) {
            let id = kernel::AttachmentId(common::id_of(n << 20));
            let content = store.attachment_content(id).await?;
            ensure!(
                content == Some(child::content(n)),
                "the upload of act {n} is not there"
            );
        }
        acts = n;
    }
    if let Some(lost) = acknowledged.iter().find(|n| **n > acts) {
        bail!("LOST: act {lost} was acknowledged, and only {acts} are there");
    }
    let total = store.balance("books/shelf", "total").await?.0;
    ensure!(total == (2 * acts).into(), "{acts} acts posted {total}");
    let waiting = store
        .outbox(Lane::Inside, child::later(), 10_000)
        .await?
        .len();
    let shown = store
        .messages(&["desk:本館:".into()], None, 10_000)
        .await?
        .len();
    // A message may be shown while its effect still waits: it is told again, under the same id.
    let acts_here = usize::try_from(acts)?;
    ensure!(
        waiting + shown >= acts_here && shown <= acts_here,
        "{acts} notices: {shown} shown, {waiting} wait"
    );
    let timers = store
        .due_timers(jiff::civil::date(2026, 12, 1), 10_000)
        .await?
        .len();
    ensure!(timers == acts_here, "{timers} timers of {acts} records");
    Ok(acts)
}

fn fits(store: &SqliteStore) -> Result<()> {
    let own = |snapshot: &Snapshot, _: &str| child::own(snapshot);
    match store.replay_with(&own, &[])?.difference {
        None => Ok(()),
        Some(found) => bail!("verify: {found:?}"),
    }
}

/// Acts that are there are done once more, and change nothing; then the next one.
async fn again(store: &SqliteStore, acts: u64) -> Result<()> {
    for n in (1..=acts).rev().take(3) {
        let done = child::act(store, n).await?;
        ensure!(
            matches!(done, Committed::Repeated(_) | Committed::Moved(_)),
            "act {n} was done twice"
        );
    }
    let next = child::act(store, acts + 1).await?;
    ensure!(
        matches!(next, Committed::Done(_)),
        "the next act was not done: {next:?}"
    );
    if store.log().newest_head().await?.is_some() {
        log::sign(store, 10_000).await;
    }
    Ok(())
}
