//! Sessions that read, on threads that may wait.

use super::address::Address;
use super::session::Session;
use crate::failure::Failure;
use kernel::port::StoreError;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A read waits for its turn at most so long.
const TURN: Duration = Duration::from_secs(10);

/// Sessions, opened as they are first needed.
pub(super) struct Pool {
    address: Address,
    schema: String,
    idle: Mutex<Vec<Session>>,
    most: usize,
    turns: Arc<Semaphore>,
    /// Whether the last connection failed: then one looks whether the database is back, and the others need not wait.
    is_away: AtomicBool,
    looking: Mutex<()>,
    health: Arc<Mutex<Option<String>>>,
}

impl Pool {
    pub(super) fn new(
        address: &Address,
        schema: &str,
        most: usize,
        health: Arc<Mutex<Option<String>>>,
    ) -> Self {
        Self {
            address: address.clone(),
            schema: schema.to_owned(),
            idle: Mutex::default(),
            most: most.max(1),
            turns: Arc::new(Semaphore::new(most.max(1))),
            is_away: AtomicBool::new(false),
            looking: Mutex::default(),
            health,
        }
    }

    /// Does work that may be begun anew: when its session turns out to be lost, a fresh one does it once more.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Fn(&Session) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.aside(move |pool| pool.twice(work)).await
    }

    /// Does work that must not be begun a second time: on a fresh session, which takes the place of one that lay idle, so that
    /// there are never more than may be. Where the work failed its session is not kept: it may stand in a transaction.
    pub(super) async fn once<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Session) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.aside(move |pool| {
            let replaced = pool.idle.lock().pop();
            drop(replaced);
            let session = pool.fresh()?;
            let outcome = work(&session);
            if outcome.is_ok() {
                pool.idle.lock().push(session);
            }
            outcome
        })
        .await
    }

    async fn aside<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let busy = || StoreError::Unavailable("all sessions of the database are busy".into());
        let turn = tokio::time::timeout(TURN, Arc::clone(&self.turns).acquire_owned())
            .await
            .map_err(|_| busy())?
            .map_err(|_| busy())?;
        let pool = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work(&pool);
            drop(turn);
            if let Err(failure) = &outcome
                && failure.is_away()
            {
                *pool.health.lock() = Some(failure.to_string());
            }
            outcome
        });
        let outcome = done
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(outcome?)
    }

    fn twice<T>(&self, work: impl Fn(&Session) -> Result<T, Failure>) -> Result<T, Failure> {
        let kept = self.idle.lock().pop();
        if let Some(session) = kept.filter(|session| !session.is_over()) {
            let (outcome, is_over) = self.go(session, &work);
            if !is_over {
                return outcome;
            }
        }
        self.go(self.fresh()?, work).0
    }

    fn fresh(&self) -> Result<Session, Failure> {
        let looks = self.looking.try_lock();
        if looks.is_none() && self.is_away.load(SeqCst) {
            return Err(Failure::Unavailable("the database is away".into()));
        }
        let opened = Session::open(&self.address, &self.schema);
        self.is_away
            .store(opened.as_ref().is_err_and(Failure::is_away), SeqCst);
        opened
    }

    /// Sessions in use, and how many there may be.
    pub(super) fn in_use(&self) -> (usize, usize) {
        (
            self.most.saturating_sub(self.turns.available_permits()),
            self.most,
        )
    }

    /// Answers also whether the session was lost on the way.
    fn go<T>(
        &self,
        session: Session,
        work: impl FnOnce(&Session) -> Result<T, Failure>,
    ) -> (Result<T, Failure>, bool) {
        let outcome = work(&session);
        let is_over = session.is_over();
        let mut idle = self.idle.lock();
        if is_over {
            // Those that lay idle beside it were most likely lost with it.
            idle.clear();
        } else {
            idle.push(session);
        }
        (outcome, is_over)
    }
}
