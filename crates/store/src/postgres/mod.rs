//! The store on PostgreSQL 15 or later, for several copies of the program over one database.
//!
//! What stands beside the records shares its statements with SQLite; writing acts, lists, searches and claims are its
//! own. See `docs/decisions/0024-postgres.md`.

mod address;
mod arriving;
mod copy;
mod identities;
mod keep;
mod keys;
mod list;
mod log;
mod looks;
mod numbers;
mod open;
mod pool;
mod port;
mod proofs;
mod quarantine;
mod reads;
mod refused;
mod schema;
mod search;
mod session;
mod shelf;
mod slips;
mod terms;
mod tls;
mod uploads;
pub(crate) mod value;
mod verify;
mod writer;

pub(crate) use arriving::find;
pub use open::{Alone, Database, PostgresStore};
pub(crate) use refused::Refused;
pub(crate) use session::Session;
pub(crate) use uploads::content as upload;
pub(crate) use writer::lock_positions;
