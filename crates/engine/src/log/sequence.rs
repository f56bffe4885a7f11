//! Appends committed events to the log, in the order of their commits, and signs what has become of it.

use super::{Edge, internal};
use crate::{Engine, Failure};
use evidence::Head;
use jiff::SignedDuration;
use kernel::log::SignedHead;

/// Events appended under one head: so an import of any size is caught up with in little memory, and acts come between.
const BATCH: usize = 4_096;
/// Heads are at least so far apart, unless there is a whole batch. The worker looks more often, so no event waits a
/// minute for its signature.
const APART: SignedDuration = SignedDuration::from_secs(30);

impl Engine {
    /// Appends what was committed since the last head, batch by batch, and signs. Answers how many events it appended: none
    /// where the last head is too fresh, another copy of the program was quicker, or the log has no key yet.
    ///
    /// # Errors
    /// If the store is not available or the log is damaged; nothing is appended then.
    pub async fn sequence(&self) -> Result<u64, Failure> {
        let mut kept = self.log.edge.lock().await;
        let mut appended = 0;
        loop {
            let Some((signed, head)) = self.newest_head().await? else {
                return Ok(0);
            };
            // Taken out: whatever fails on the way, the next round reads the edge anew.
            let edge = match kept.take() {
                Some(edge) if edge.no == signed.no => edge,
                _ => self.edge_of(&signed, head).await?,
            };
            let log = self.store.log();
            let hashes = log.event_hashes(edge.growing.size(), BATCH).await?;
            let whole = hashes.len() == BATCH;
            let since = self.clock.now().duration_since(edge.head.at);
            // A clock that was put back must not keep the log waiting.
            let fresh = since >= SignedDuration::ZERO && since < APART;
            if hashes.is_empty() || (fresh && !whole && appended == 0) {
                *kept = Some(edge);
                return Ok(appended);
            }
            let Some(grown) = self.append(edge, &signed, &hashes).await? else {
                return Ok(appended);
            };
            *kept = Some(grown);
            appended += hashes.len() as u64;
            if !whole {
                return Ok(appended);
            }
        }
    }

    /// Appends and signs one batch; none if another was quicker.
    async fn append(
        &self,
        mut edge: Edge,
        last: &SignedHead,
        hashes: &[evidence::Hash],
    ) -> Result<Option<Edge>, Failure> {
        hashes.iter().for_each(|hash| edge.growing.push(hash));
        let head = Head {
            size: edge.growing.size(),
            root: edge.growing.root(),
            at: self.clock.now(),
        };
        let key = self.log_key(last.key).await?;
        let signed = SignedHead {
            no: last.no + 1,
            key: last.key,
            checkpoint: key.sign_head(&head).map_err(internal)?,
        };
        let no = signed.no;
        let tiles = edge.growing.take();
        let done = self.store.log().append_tiles(tiles, signed).await?;
        Ok(done.then_some(Edge { no, head, ..edge }))
    }
}
