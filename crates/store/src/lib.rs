//! The store: journal, snapshots, indexes, search, attachments, clocks and outbox on embedded SQLite and on PostgreSQL.
//!
//! Implements [`kernel::port::Store`]. On SQLite one thread writes, and many acts share one fsync; reads run on a small pool of
//! connections beside it. See `docs/decisions/0005-journal.md` and `0006-sqlite-layout.md`.

pub mod arriving;
pub mod backup;
mod codec;
mod counters;
mod db;
mod failure;
mod filter;
mod guard;
mod house;
mod identities;
mod keep;
mod keyring;
pub mod leaving;
mod log;
mod looks;
mod mailroom;
mod masters;
mod names;
mod numbers;
mod open;
mod places;
mod pool;
mod port;
mod postgres;
mod proofs;
mod quarantine;
mod queue;
mod read;
mod replay;
mod reviews;
mod ring_file;
mod schema;
mod seal;
mod shelf;
mod slips;
mod slow;
mod tokens;
mod whole;
mod writer;

pub use counters::{Counts, GROUP_BOUNDS, Monotonic, Spread, TIME_BOUNDS_MICROS};
pub use keyring::Random;
pub use log::LogFile;
pub use masters::{Master, Masters};
pub use numbers::{NUMBERS_APART, has_numbers};
pub use open::{OpenError, Options, SqliteStore};
pub use postgres::{Alone, Database, PostgresStore};
pub use replay::{Derive, Difference, Replayed};
pub use schema::schema_sql;
pub use slow::SlowStatement;
pub use tokens::document;
