//! The log of evidence (docs/decisions/0025): who signs it, what has been appended, and what people and witnesses get of it.

mod read;
mod receipt;
mod sequence;

pub use receipt::{Receipted, SIGNED_WITHIN_SECONDS};

use crate::{Engine, Failure};
use evidence::{Fault, Growing, Head, LogKey, edge};
use kernel::log::{LogKeyRow, SignedHead};
use kernel::port::StoreError;
use std::sync::Arc;

/// Tries to put a new key in force before the other copies of the program are let be.
const TURNS: usize = 5;

/// What the engine remembers of the log. The store may know more: another copy of the program appends too.
#[derive(Default)]
pub(crate) struct Log {
    /// Where the log has got to. One appends at a time.
    edge: tokio::sync::Mutex<Option<Edge>>,
    /// The key used last, by its number.
    key: parking_lot::Mutex<Option<(u64, Arc<LogKey>)>>,
}

/// The growing edge, as the head of that number signed it.
struct Edge {
    no: u64,
    head: Head,
    growing: Growing,
}

impl Engine {
    /// Gives the log its first key, if it has none. `name` is the log's for ever: where it is served, without a scheme.
    ///
    /// # Errors
    /// If the store is not available, or the name has blanks or a plus in it.
    pub async fn prepare_log(&self, name: &str) -> Result<(), Failure> {
        let log = self.store.log();
        if !log.log_keys().await?.is_empty() {
            return Ok(());
        }
        let (seed, secret) = log.fresh_seed().await?;
        let key = LogKey::new(name, &secret.0).map_err(internal)?;
        let head = Head {
            size: 0,
            root: Growing::default().root(),
            at: self.clock.now(),
        };
        let row = LogKeyRow {
            no: 1,
            seed,
            verifier: key.verifier().to_string(),
        };
        let checkpoint = key.sign_head(&head).map_err(internal)?;
        let first = SignedHead {
            no: 1,
            key: 1,
            checkpoint,
        };
        // Another copy may have been quicker: then the log has a key, which is all that was wanted.
        log.put_log_key(row, first).await?;
        Ok(())
    }

    /// Puts a new key in force. Its first head is signed by the key before too. Answers the new public key.
    ///
    /// # Errors
    /// If the store is not available, the log has no key yet, or other copies keep appending.
    pub async fn turn_log_key(&self) -> Result<String, Failure> {
        let log = self.store.log();
        let busy = || StoreError::Unavailable("the log is being appended to".into());
        for _ in 0..TURNS {
            self.sequence().await?;
            let newest = log.newest_head().await?.ok_or_else(no_key)?;
            let before = self.log_key(newest.key).await?;
            let head = before.verifier().head(&newest.checkpoint);
            let head = Head {
                at: self.clock.now(),
                ..head.map_err(damaged)?
            };
            let (seed, secret) = log.fresh_seed().await?;
            let key = LogKey::new(before.verifier().origin(), &secret.0).map_err(internal)?;
            let verifier = key.verifier().to_string();
            let row = LogKeyRow {
                no: newest.key + 1,
                seed,
                verifier: verifier.clone(),
            };
            let first = SignedHead {
                no: newest.no + 1,
                key: row.no,
                checkpoint: key.sign_turn(&before, &head).map_err(internal)?,
            };
            if log.put_log_key(row, first).await? {
                return Ok(verifier);
            }
        }
        Err(busy().into())
    }

    /// A key of the log by its number.
    async fn log_key(&self, no: u64) -> Result<Arc<LogKey>, Failure> {
        if let Some((known, key)) = self.log.key.lock().as_ref()
            && *known == no
        {
            return Ok(Arc::clone(key));
        }
        let rows = self.store.log().log_keys().await?;
        let row = rows.into_iter().find(|row| row.no == no);
        let row = row.ok_or_else(no_key)?;
        let secret = self.store.log().log_seed(row.seed).await?;
        let origin = row.verifier.split('+').next().unwrap_or_default();
        let key = LogKey::new(origin, &secret.0).map_err(damaged)?;
        if key.verifier().to_string() != row.verifier {
            let what = format!("key {no} of the log is not that of its secret");
            return Err(StoreError::Damaged(what).into());
        }
        let key = Arc::new(key);
        *self.log.key.lock() = Some((no, Arc::clone(&key)));
        Ok(key)
    }

    /// The newest head, with its signature checked; none before the log has a key.
    pub(crate) async fn newest_head(&self) -> Result<Option<(SignedHead, Head)>, Failure> {
        let Some(signed) = self.store.log().newest_head().await? else {
            return Ok(None);
        };
        let key = self.log_key(signed.key).await?;
        let head = key.verifier().head(&signed.checkpoint).map_err(damaged)?;
        Ok(Some((signed, head)))
    }

    /// The edge of the log, read anew from its tiles.
    async fn edge_of(&self, signed: &SignedHead, head: Head) -> Result<Edge, Failure> {
        let tiles = self.store.log().tiles(edge(head.size)).await?;
        let growing = Growing::resume(head.size, |name| tiles.get(&name).cloned());
        let growing = growing.map_err(damaged)?;
        if growing.root() != head.root {
            let what = "the tiles of the log do not lead to its signed head".into();
            return Err(StoreError::Damaged(what).into());
        }
        Ok(Edge {
            no: signed.no,
            head,
            growing,
        })
    }
}

fn no_key() -> Failure {
    Failure::Internal("the log has no key".into())
}

pub(crate) fn internal(fault: Fault) -> Failure {
    Failure::Internal(fault.to_string())
}

pub(crate) fn damaged(fault: Fault) -> Failure {
    StoreError::Damaged(format!("the log: {fault}")).into()
}
