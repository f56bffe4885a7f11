//! The keys in PostgreSQL: numbered rows in a schema or a database of their own.
//!
//! Each copy of the program makes keys ahead of use, in a transaction of their own, so that a commit only names a
//! number. Numbers come from the database, so no two copies ever give out the same.

use super::session::Kept;
use crate::codec;
use crate::counters::Counters;
use crate::failure::Failure;
use crate::keyring::{Keys, Random};
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Keys made at a time.
const BATCH: usize = 512;
/// Keys remembered, at most.
const REMEMBERED: usize = 20_000;

pub(super) struct PostgresKeys {
    session: Kept,
    counters: Arc<Counters>,
    stock: Mutex<Stock>,
    known: Mutex<HashMap<u64, [u8; 32]>>,
}

struct Stock {
    random: Random,
    made: VecDeque<u64>,
}

impl PostgresKeys {
    pub(super) fn new(session: Kept, random: Random, counters: Arc<Counters>) -> Self {
        Self {
            session,
            counters,
            stock: Mutex::new(Stock {
                random,
                made: VecDeque::new(),
            }),
            known: Mutex::default(),
        }
    }

    fn make(&self, stock: &mut Stock) -> Result<(), Failure> {
        let mut keys = vec![[0_u8; 32]; BATCH];
        keys.iter_mut().for_each(|key| (stock.random)(key));
        stock.made.extend(self.lay(&keys)?);
        Counters::add(&self.counters.key_batches, 1);
        Ok(())
    }

    /// Keeps keys under numbers of their own, which it answers in order.
    pub(super) fn lay(&self, keys: &[[u8; 32]]) -> Result<Vec<u64>, Failure> {
        let bytes: Vec<&[u8]> = keys.iter().map(<[u8; 32]>::as_slice).collect();
        let rows = self.session.with(|session| {
            session.rows(
                "INSERT INTO key(bytes) SELECT bytes FROM unnest($1::bytea[]) WITH ORDINALITY AS made(bytes, place)
                 ORDER BY place RETURNING no, bytes",
                &[&bytes],
            )
        })?;
        rows.iter().map(|row| self.remember(row)).collect()
    }

    fn remember(&self, row: &tokio_postgres::Row) -> Result<u64, Failure> {
        let no = codec::count(row.try_get("no").map_err(Failure::damaged)?)?;
        let bytes: &[u8] = row.try_get("bytes").map_err(Failure::damaged)?;
        let mut known = self.known.lock();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(no, codec::hash(bytes)?);
        Ok(no)
    }
}

impl Keys for PostgresKeys {
    fn take(&self) -> Result<u64, Failure> {
        let mut stock = self.stock.lock();
        if stock.made.is_empty() {
            self.make(&mut stock)?;
        }
        stock
            .made
            .pop_front()
            .ok_or_else(|| Failure::Unavailable("no key could be made".into()))
    }

    fn key(&self, id: u64) -> Result<[u8; 32], Failure> {
        if let Some(key) = self.known.lock().get(&id) {
            return Ok(*key);
        }
        self.expect(&[id])?;
        let known = self.known.lock().get(&id).copied();
        known.ok_or_else(|| Failure::damaged(format!("key {id} is not there")))
    }

    fn expect(&self, ids: &[u64]) -> Result<(), Failure> {
        let missing: Vec<i64> = {
            let known = self.known.lock();
            ids.iter()
                .filter(|id| !known.contains_key(id))
                .map(|id| codec::column(*id))
                .collect::<Result<_, _>>()?
        };
        if missing.is_empty() {
            return Ok(());
        }
        let rows = self.session.with(|session| {
            session.rows("SELECT no, bytes FROM key WHERE no = ANY($1)", &[&missing])
        })?;
        for row in &rows {
            self.remember(row)?;
        }
        Ok(())
    }
}
