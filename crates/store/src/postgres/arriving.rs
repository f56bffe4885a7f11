//! What leaves for another installation and what arrives from one, on PostgreSQL.

use super::open::PostgresStore;
use super::session::Session;
use super::terms;
use crate::arriving::{self, Arriving, Batch, Folded};
use crate::db::Connection;
use crate::failure::Failure;
use crate::leaving::{Leaving, Source, Which};
use crate::names::{pack_entries, pack_scopes};
use crate::places::Found;
use crate::port::aside;
use kernel::RecordId;
use kernel::port::{StoreError, Task};

impl Arriving for PostgresStore {
    fn arrive(&self, batch: Batch, under_way: Option<String>) -> Task<'_, ()> {
        let keys = self.keys.clone();
        self.write(move |db| arriving::write(*db, &*keys, &batch, under_way.as_deref()))
    }

    fn lay_keys(&self, keys: Vec<Option<[u8; 32]>>) -> Task<'_, Vec<u64>> {
        let ring = self.keys.clone();
        Box::pin(aside(move || ring.lay(&keys)))
    }

    fn folded(&self, ids: Vec<RecordId>) -> Task<'_, Vec<Folded>> {
        let keys = self.keys.clone();
        self.read(move |db| arriving::folded(*db, &*keys, &ids))
    }

    fn holds(&self, services: Vec<String>) -> Task<'_, Option<String>> {
        self.read(move |db| arriving::holds(*db, &services))
    }
}

impl PostgresStore {
    /// Reads the database in one snapshot. Copies of the program may go on meanwhile.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn leave<T: Send + 'static>(
        &self,
        which: Which,
        work: Source<'static, T>,
    ) -> Result<T, StoreError> {
        let keys = self.keys.clone();
        let left = self.pool.once(move |session| {
            // One snapshot for as long as it takes: what is written out between two rows takes its time too.
            session.batch_execute(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0;
                 SET LOCAL idle_in_transaction_session_timeout = 0",
            )?;
            let mut leaving = Leaving::new(Connection::Postgres(session), &*keys, None, which)?;
            let done = work(&mut leaving);
            session.batch_execute("ROLLBACK")?;
            Ok::<T, Failure>(done)
        });
        left.await
    }
}

/// Writes what a record that arrived is found by.
pub(crate) fn find(
    session: &Session,
    row: i64,
    kind: i64,
    found: &Found,
    text: &str,
) -> Result<(), Failure> {
    let text = terms::stored(text);
    let numbers = terms::of_document(&text, row, kind, &found.scopes);
    session.run(
        "INSERT INTO found(row, kind, scopes, text, entries, terms) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &row,
            &kind,
            &pack_scopes(&found.scopes),
            &text,
            &pack_entries(&found.entries),
            &numbers,
        ],
    )?;
    let places = found.places();
    let key = |at: usize| -> Vec<&[u8]> {
        let keys = places.iter().map(|(_, _, keys)| keys.get(at));
        keys.map(|key| key.map_or(&[][..], Vec::as_slice)).collect()
    };
    let indexes: Vec<i64> = places.iter().map(|(index, _, _)| *index).collect();
    let scopes: Vec<i64> = places
        .iter()
        .map(|(_, scope, _)| i64::from(*scope))
        .collect();
    session.run(
        "INSERT INTO list_entry(index_no, scope, k1, k2, k3, k4, row)
           SELECT index_no, scope, k1, k2, k3, k4, $7::bigint FROM unnest($1::bigint[], $2::bigint[], $3::bytea[],
             $4::bytea[], $5::bytea[], $6::bytea[]) AS new(index_no, scope, k1, k2, k3, k4)",
        &[&indexes, &scopes, &key(0), &key(1), &key(2), &key(3), &row],
    )?;
    Ok(())
}
