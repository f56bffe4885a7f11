//! The keys in PostgreSQL: numbered rows in a schema or a database of their own.
//!
//! Each copy of the program makes keys ahead of use, in a transaction of their own, so that a commit only names a
//! number. Numbers come from the database, so no two copies ever give out the same. A row says which master key wraps it,
//! so that rows are wrapped anew a few at a time, while copies work.

use super::session::{Kept, Session};
use crate::codec;
use crate::counters::Counters;
use crate::failure::Failure;
use crate::keyring::{Doomed, Keys, Random};
use crate::masters::{Master, Masters};
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use uuid::Uuid;

/// Keys made at a time.
const BATCH: usize = 512;
/// Keys remembered, at most.
const REMEMBERED: usize = 20_000;
/// Keys wrapped anew in one transaction.
const REWRAPPED: i64 = 2_000;

pub(super) struct PostgresKeys {
    session: Kept,
    masters: Masters,
    counters: Arc<Counters>,
    stock: Mutex<Stock>,
    known: Mutex<HashMap<u64, [u8; 32]>>,
}

struct Stock {
    random: Random,
    made: VecDeque<u64>,
}

impl PostgresKeys {
    pub(super) fn new(
        session: Kept,
        random: Random,
        masters: Masters,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            session,
            masters,
            counters,
            stock: Mutex::new(Stock {
                random,
                made: VecDeque::new(),
            }),
            known: Mutex::default(),
        }
    }

    fn make(&self, stock: &mut Stock) -> Result<(), Failure> {
        let mut made = || {
            let mut key = [0_u8; 32];
            (stock.random)(&mut key);
            Some(key)
        };
        let keys: Vec<Option<[u8; 32]>> = (0..BATCH).map(|_| made()).collect();
        let made = self.lay(&keys)?;
        stock.made.extend(made);
        Counters::add(&self.counters.key_batches, 1);
        Ok(())
    }

    /// Keeps keys under numbers of their own, which it answers in order. One that was destroyed elsewhere has a number, and
    /// no row.
    pub(super) fn lay(&self, keys: &[Option<[u8; 32]>]) -> Result<Vec<u64>, Failure> {
        let many = codec::limit(keys.len());
        let master = self.masters.newest();
        let id = master.map(Master::id);
        let made = self.session.with(|session| {
            // The number is a part of what wraps the key, so it is drawn first.
            let drawn = session.rows(
                "SELECT nextval(pg_get_serial_sequence('key', 'no')) AS no FROM generate_series(1, $1::bigint)",
                &[&many],
            )?;
            let numbers = drawn.iter().map(number).collect::<Result<Vec<_>, _>>()?;
            let standing = || there(&numbers, keys);
            let columns: Vec<i64> = standing()
                .map(|(no, _)| codec::column(no))
                .collect::<Result<_, _>>()?;
            let wrapped: Vec<[u8; 32]> = standing()
                .map(|(no, key)| master.map_or(key, |master| master.turn(no, &key)))
                .collect();
            let bytes: Vec<&[u8]> = wrapped.iter().map(<[u8; 32]>::as_slice).collect();
            session.rows(
                "INSERT INTO key(no, bytes, master) OVERRIDING SYSTEM VALUE
                 SELECT no, bytes, $3 FROM unnest($1::bigint[], $2::bytea[]) AS made(no, bytes)",
                &[&columns, &bytes, &id],
            )?;
            Ok(numbers)
        })?;
        let mut known = self.known.lock();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.extend(there(&made, keys));
        drop(known);
        Ok(made)
    }

    fn remember(&self, row: &tokio_postgres::Row) -> Result<(), Failure> {
        let (no, key) = unwrapped(row, &self.masters)?;
        let mut known = self.known.lock();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(no, key);
        Ok(())
    }

    /// Wraps all rows under the newest master key that are not; answers how many. What a kill leaves is done by the next.
    pub(super) fn rotate(&self) -> Result<u64, Failure> {
        let newest = self
            .masters
            .newest()
            .ok_or_else(|| Failure::Unavailable("no master key was given".into()))?;
        let mut done = 0;
        loop {
            let many = self
                .session
                .with(|session| rewrap(session, &self.masters, newest))?;
            if many == 0 {
                return Ok(done);
            }
            done += many;
        }
    }
}

/// The keys that were not destroyed, by number.
fn there<'k>(
    numbers: &'k [u64],
    keys: &'k [Option<[u8; 32]>],
) -> impl Iterator<Item = (u64, [u8; 32])> + 'k {
    let pairs = numbers.iter().zip(keys);
    pairs.filter_map(|(no, key)| Some((*no, (*key)?)))
}

fn rewrap(session: &Session, masters: &Masters, newest: &Master) -> Result<u64, Failure> {
    session.batch_execute("BEGIN")?;
    let outcome = rewrap_some(session, masters, newest);
    session.batch_execute(if outcome.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    })?;
    outcome
}

fn rewrap_some(session: &Session, masters: &Masters, newest: &Master) -> Result<u64, Failure> {
    let id = newest.id();
    let rows = session.rows(
        "SELECT no, bytes, master FROM key WHERE master IS DISTINCT FROM $1 ORDER BY no LIMIT $2 FOR UPDATE",
        &[&id, &REWRAPPED],
    )?;
    let (mut numbers, mut wrapped) = (Vec::new(), Vec::new());
    for row in &rows {
        let (no, key) = unwrapped(row, masters)?;
        numbers.push(codec::column(no)?);
        wrapped.push(newest.turn(no, &key));
    }
    let bytes: Vec<&[u8]> = wrapped.iter().map(<[u8; 32]>::as_slice).collect();
    session.rows(
        "UPDATE key SET bytes = new.bytes, master = $3 FROM unnest($1::bigint[], $2::bytea[]) AS new(no, bytes)
         WHERE key.no = new.no",
        &[&numbers, &bytes, &id],
    )?;
    Ok(numbers.len() as u64)
}

fn number(row: &tokio_postgres::Row) -> Result<u64, Failure> {
    codec::count(row.try_get("no").map_err(Failure::damaged)?)
}

fn unwrapped(row: &tokio_postgres::Row, masters: &Masters) -> Result<(u64, [u8; 32]), Failure> {
    let no = number(row)?;
    let bytes: &[u8] = row.try_get("bytes").map_err(Failure::damaged)?;
    let key = codec::hash(bytes)?;
    let id: Option<&str> = row.try_get("master").map_err(Failure::damaged)?;
    let Some(id) = id else {
        return Ok((no, key));
    };
    let master = masters.named(id).ok_or_else(|| {
        Failure::Unavailable(format!(
            "keys are wrapped under master key {id}, which was not given"
        ))
    })?;
    Ok((no, master.turn(no, &key)))
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
        if let Some(key) = self.known.lock().get(&id) {
            return Ok(*key);
        }
        let number = codec::column(id)?;
        let gone = self
            .session
            .with(|session| session.rows("SELECT no FROM destroyed WHERE key = $1", &[&number]))?;
        match gone.is_empty() {
            true => Err(Failure::damaged(format!("key {id} is not there"))),
            false => Err(Failure::Destroyed(id)),
        }
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
            session.rows(
                "SELECT no, bytes, master FROM key WHERE no = ANY($1)",
                &[&missing],
            )
        })?;
        for row in &rows {
            self.remember(row)?;
        }
        Ok(())
    }

    fn destroy(&self, doomed: &[Doomed]) -> Result<(), Failure> {
        let numbers: Vec<i64> = doomed
            .iter()
            .map(|one| codec::column(one.key))
            .collect::<Result<_, _>>()?;
        let records: Vec<Option<Uuid>> = doomed.iter().map(|one| one.record).collect();
        let said: Vec<Option<&str>> = doomed
            .iter()
            .map(|one| one.certificate.as_deref())
            .collect();
        // One statement, so one commit: no key goes without what remains of its record.
        self.session.with(|session| {
            session.rows(
                "WITH noted AS (
                   INSERT INTO destroyed(key, record, certificate)
                   SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[]) ON CONFLICT (key) DO NOTHING)
                 DELETE FROM key WHERE no = ANY($1)",
                &[&numbers, &records, &said],
            )
        })?;
        let mut known = self.known.lock();
        for one in doomed {
            known.remove(&one.key);
        }
        Ok(())
    }

    fn destroyed(&self, after: usize) -> Result<Vec<(Uuid, String)>, Failure> {
        let after = codec::limit(after);
        let rows = self.session.with(|session| {
            session.rows(
                "SELECT record, certificate FROM destroyed WHERE record IS NOT NULL AND certificate IS NOT NULL
                 ORDER BY no OFFSET $1",
                &[&after],
            )
        })?;
        rows.iter()
            .map(|row| {
                Ok((
                    row.try_get("record").map_err(Failure::damaged)?,
                    row.try_get("certificate").map_err(Failure::damaged)?,
                ))
            })
            .collect()
    }
}
