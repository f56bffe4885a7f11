//! One connection, driven by the thread that asks.
//!
//! The driver is asynchronous, the statements shared with SQLite are not: so each session has a small runtime of its
//! own that runs only while it is asked. Sessions are used on threads that may wait, never where requests are served.

use super::address::Address;
use super::refused::Refused;
use crate::failure::Failure;
use parking_lot::Mutex;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

/// Statements kept ready; those of lists differ by filter, so their number has no bound of its own.
const READY_STATEMENTS: usize = 400;
/// A database that does not answer for so long is away.
const PATIENCE: Duration = Duration::from_secs(60);
/// Waiting for a connection.
pub(crate) const CONNECT: Duration = Duration::from_secs(3);

type Driver = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;
type Values<'v> = [&'v (dyn ToSql + Sync)];

/// One connection.
pub(crate) struct Session {
    client: Client,
    driver: RefCell<Driver>,
    ready: RefCell<HashMap<String, Statement>>,
    is_over: Cell<bool>,
    runtime: Option<Runtime>,
}

/// What a statement of a batch is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    Count,
    Rows,
}

/// What a statement of a batch answered.
pub(crate) enum Answered {
    Count(u64),
    Rows(Vec<Row>),
}

/// Statements sent in one go; each is answered in turn.
#[derive(Default)]
pub(crate) struct Batch<'b>(Vec<Asked<'b>>);

type Asked<'b> = (Statement, Vec<Box<dyn ToSql + Sync + 'b>>, Wants);

impl<'b> Batch<'b> {
    pub(crate) fn push(
        &mut self,
        session: &Session,
        sql: &str,
        values: Vec<Box<dyn ToSql + Sync + 'b>>,
        wants: Wants,
    ) -> Result<(), Failure> {
        self.0.push((session.prepare(sql)?, values, wants));
        Ok(())
    }

    /// Adds the statements of another behind.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// How many statements there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Session {
    /// Connects; `schema` is where the tables lie.
    pub(super) fn open(address: &Address, schema: &str) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let connecting = async {
            tokio::time::timeout(CONNECT * 2, address.config.connect(address.tls.clone()))
                .await
                .map_err(|_| Failure::Unavailable("the database cannot be reached".into()))?
                .map_err(|error| Failure::from(Refused::from(error)))
        };
        let (client, connection) = runtime.block_on(connecting)?;
        let session = Self {
            client,
            driver: RefCell::new(Box::pin(connection)),
            ready: RefCell::default(),
            is_over: Cell::new(false),
            runtime: Some(runtime),
        };
        // Instants and names are compared by bytes; a backend whose peer is gone lets go of its locks within a minute.
        session.batch_execute(&format!(
            "SET search_path TO {schema}; SET client_min_messages TO warning; SET statement_timeout TO '60s';
             SET idle_in_transaction_session_timeout TO '120s'; SET tcp_keepalives_idle TO 30;
             SET tcp_keepalives_interval TO 10; SET tcp_keepalives_count TO 3;
             SELECT set_config('synchronous_commit', 'on', false)
               WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        ))?;
        Ok(session)
    }

    /// Whether the connection is lost.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.get() || self.client.is_closed()
    }

    fn drive<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Failure> {
        let lost = || Failure::Unavailable("the connection to the database is lost".into());
        let Some(runtime) = self.runtime.as_ref().filter(|_| !self.is_over.get()) else {
            return Err(lost());
        };
        let mut driver = self.driver.borrow_mut();
        let outcome = runtime.block_on(async {
            let mut work = pin!(work);
            let both = poll_fn(|context: &mut Context<'_>| {
                // First the work, which puts its question into the queue that the driver sends.
                if let Poll::Ready(done) = work.as_mut().poll(context) {
                    return Poll::Ready(Some(done));
                }
                match driver.as_mut().poll(context) {
                    Poll::Ready(_) => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            });
            tokio::time::timeout(PATIENCE, both).await
        });
        match outcome {
            Ok(Some(done)) => done.map_err(|error| {
                let refused = Refused::from(error);
                if refused.is_connection() {
                    self.is_over.set(true);
                }
                refused.into()
            }),
            Ok(None) | Err(_) => {
                self.is_over.set(true);
                Err(lost())
            }
        }
    }

    /// A statement, kept ready.
    pub(crate) fn prepare(&self, sql: &str) -> Result<Statement, Failure> {
        if let Some(ready) = self.ready.borrow().get(sql) {
            return Ok(ready.clone());
        }
        let statement = self.drive(self.client.prepare(sql))?;
        let mut ready = self.ready.borrow_mut();
        if ready.len() >= READY_STATEMENTS {
            ready.clear();
        }
        ready.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Runs a statement; answers how many rows it wrote.
    pub(crate) fn execute(
        &self,
        statement: &Statement,
        values: &Values<'_>,
    ) -> Result<u64, Failure> {
        self.drive(self.client.execute(statement, values))
    }

    /// Rows of a statement.
    pub(crate) fn query(
        &self,
        statement: &Statement,
        values: &Values<'_>,
    ) -> Result<Vec<Row>, Failure> {
        self.drive(self.client.query(statement, values))
    }

    /// Rows of a statement by its text.
    pub(crate) fn rows(&self, sql: &str, values: &Values<'_>) -> Result<Vec<Row>, Failure> {
        self.query(&self.prepare(sql)?, values)
    }

    /// Runs a statement by its text.
    pub(crate) fn run(&self, sql: &str, values: &Values<'_>) -> Result<u64, Failure> {
        self.execute(&self.prepare(sql)?, values)
    }

    /// Statements without values, one after another.
    pub(crate) fn batch_execute(&self, sql: &str) -> Result<(), Failure> {
        self.drive(self.client.batch_execute(sql))
    }

    /// Sends all statements at once and answers each in turn: one way there and back instead of many.
    pub(crate) fn pipeline(
        &self,
        batch: &Batch<'_>,
    ) -> Result<Vec<Result<Answered, Failure>>, Failure> {
        type One<'f> = Pin<Box<dyn Future<Output = Result<Answered, tokio_postgres::Error>> + 'f>>;
        let values: Vec<Vec<&(dyn ToSql + Sync)>> = batch
            .0
            .iter()
            .map(|(_, values, _)| values.iter().map(|value| &**value as _).collect())
            .collect();
        let mut under_way: Vec<One<'_>> = Vec::with_capacity(batch.0.len());
        for ((statement, _, wants), values) in batch.0.iter().zip(&values) {
            let client = &self.client;
            under_way.push(match wants {
                Wants::Count => {
                    Box::pin(
                        async move { client.execute(statement, values).await.map(Answered::Count) },
                    )
                }
                Wants::Rows => {
                    Box::pin(
                        async move { client.query(statement, values).await.map(Answered::Rows) },
                    )
                }
            });
        }
        let mut answers: Vec<Option<Result<Answered, tokio_postgres::Error>>> =
            (0..batch.0.len()).map(|_| None).collect();
        self.drive(poll_fn(|context| {
            // In order: so are the questions put into the queue.
            for (one, answer) in under_way.iter_mut().zip(&mut answers) {
                if answer.is_none()
                    && let Poll::Ready(done) = one.as_mut().poll(context)
                {
                    *answer = Some(done);
                }
            }
            match answers.iter().all(Option::is_some) {
                true => Poll::Ready(Ok(())),
                false => Poll::Pending,
            }
        }))?;
        Ok(answers
            .into_iter()
            .flatten()
            .map(|answer| answer.map_err(|error| Refused::from(error).into()))
            .collect())
    }
}

impl Drop for Session {
    /// A runtime may not be waited for where requests are served, and there is nothing to wait for.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A session that is kept, and opened anew when it was lost.
pub(crate) struct Kept {
    address: Address,
    schema: String,
    session: Mutex<Option<Session>>,
}

impl Kept {
    pub(super) fn new(address: &Address, schema: &str) -> Self {
        Self {
            address: address.clone(),
            schema: schema.to_owned(),
            session: Mutex::new(None),
        }
    }

    /// Runs work on it, once more on a fresh session if the one that was kept turns out to be lost: what it did before
    /// may stand, so the work must bear to be done twice.
    pub(crate) fn with<T>(
        &self,
        work: impl Fn(&Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut kept = self.session.lock();
        if let Some(session) = kept.take().filter(|session| !session.is_over()) {
            let outcome = work(&session);
            if !outcome.as_ref().is_err_and(Failure::is_away) {
                *kept = Some(session);
                return outcome;
            }
        }
        let session = Session::open(&self.address, &self.schema)?;
        let outcome = work(&session);
        *kept = Some(session);
        outcome
    }
}
