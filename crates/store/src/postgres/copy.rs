//! Which copy of the program this is, and what it is seeing to.
//!
//! A copy that takes timers, effects, deliveries or runs writes its number beside them, so that no other copy takes
//! them too (`FOR UPDATE SKIP LOCKED` keeps two that ask at once apart). The number counts as long as the copy holds a
//! lock of its name, which the database lets go of when the copy's session ends, however it ends: nothing waits for a
//! lease to run out.

use super::session::Session;
use crate::failure::Failure;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};

/// First half of the locks' names.
const CLASS: &str = "hashtext(current_schema() || ' copy')";

/// The number of this copy; another one after each new session of its writer.
#[derive(Default)]
pub(super) struct Copy(AtomicI32);

impl Copy {
    /// Takes a number, and the lock of its name, on the session of the writer.
    pub(super) fn register(&self, session: &Session) -> Result<(), Failure> {
        let rows = session.rows("SELECT nextval('copy_number')::integer AS number", &[])?;
        let number: i32 = rows
            .first()
            .ok_or(Failure::NoRow)?
            .try_get("number")
            .map_err(Failure::damaged)?;
        session.rows(
            &format!("SELECT pg_advisory_lock({CLASS}, $1::integer)"),
            &[&number],
        )?;
        self.0.store(number, SeqCst);
        Ok(())
    }

    pub(super) fn number(&self) -> i32 {
        self.0.load(SeqCst)
    }
}

/// SQL: whether this copy may take a row. `$1` is its number.
pub(super) fn may_take() -> String {
    format!(
        "(claimed_by IS NULL OR claimed_by = $1 OR NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND classid::bigint = ({CLASS}::bigint & 4294967295) AND objid::bigint = claimed_by AND objsubid = 2))"
    )
}

/// SQL: takes rows of a table and answers `returning` of them. `which` says which rows, with `$3` and on for its values,
/// and `order` in what order; `joined` brings further tables to `taken`. `$1` is the copy's number, `$2` how many.
pub(super) fn take(table: &str, which: &str, order: &str, returning: &str, joined: &str) -> String {
    let may_take = may_take();
    format!(
        "WITH picked AS MATERIALIZED (SELECT ctid AS place FROM {table} WHERE {which} AND {may_take}
             ORDER BY {order} LIMIT $2 FOR UPDATE SKIP LOCKED),
           taken AS (UPDATE {table} SET claimed_by = $1 FROM picked WHERE {table}.ctid = picked.place RETURNING {table}.*)
         SELECT {returning} FROM taken {joined} ORDER BY {order}"
    )
}
