//! What leaves with a service: read in one snapshot of the database, line after line, while a server may go on working.
//!
//! Everything is handed out as a stream: nothing grows with the number of records. See `docs/decisions/0031-leaving.md`.

mod journal;
mod people;
mod records;
mod source;
pub(crate) mod tables;

use crate::db::{Connection, Row};
use crate::failure::Failure;
use crate::house::keep::Left;
use crate::house::{packages, shelf};
use crate::keyring::Keys;
use crate::postgres::Session;
use jiff::Timestamp;
use kernel::RecordId;
use kernel::port::StoreError;
use serde_json::{Map, Value as Json};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

pub use journal::{EventLine, KeyLine};
pub use people::ContactLine;
pub use records::{EntryLine, FoundLine, RecordRow, TimerLine, UniqueLine};
pub use source::{Source, leave, note};
pub use tables::TABLES;

/// Rows fetched at a time where they do not come one by one.
const PIECE: usize = 500;

/// What leaves.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Slugs of services; none: everything.
    pub services: Option<Vec<String>>,
    /// Records of other services that go along.
    pub also: Vec<RecordId>,
}

/// A version of a definition that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Slug of the service.
    pub slug: String,
    /// Hash of the package.
    pub hash: String,
    /// From when on it was in force.
    pub at: Timestamp,
}

/// The database in one snapshot of it.
pub struct Leaving<'c> {
    db: Connection<'c>,
    keys: Left<'c>,
    /// Where uploads lie; none: in the database.
    files: Option<&'c Path>,
    which: Which,
    cursors: Cell<u32>,
}

impl<'c> Leaving<'c> {
    pub(crate) fn new(
        db: Connection<'c>,
        keys: &'c dyn Keys,
        files: Option<&'c Path>,
        which: Which,
    ) -> Result<Self, Failure> {
        Ok(Self {
            // What is about to be destroyed does not leave any more.
            keys: Left::of(&db, keys)?,
            db,
            files,
            which: plainly(which)?,
            cursors: Cell::new(0),
        })
    }

    /// The same snapshot with another choice of what leaves.
    ///
    /// # Errors
    /// If a service's name is none.
    pub fn choose(&mut self, which: Which) -> Result<(), StoreError> {
        self.which = plainly(which)?;
        Ok(())
    }

    /// The last position of the journal: the cut.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn position(&self) -> Result<u64, StoreError> {
        Ok(shelf::position(&self.db)?)
    }

    /// A setting of the installation.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(crate::house::accounts::setting(&self.db, name)?)
    }

    /// Slugs that have records, in order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn services(&self) -> Result<Vec<String>, StoreError> {
        let mut slugs = Vec::new();
        self.each::<StoreError>(
            "SELECT DISTINCT service FROM kind ORDER BY service",
            |row| {
                slugs.push(row.get("service")?);
                Ok(())
            },
        )?;
        Ok(slugs)
    }

    /// Every publication of some services, oldest first; of all without a choice.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn published(&self, slugs: &[String]) -> Result<Vec<Published>, StoreError> {
        let mut all = Vec::new();
        self.each::<StoreError>(
            "SELECT slug, package, at FROM publication ORDER BY no",
            |row| {
                let published = Published {
                    slug: row.get("slug")?,
                    hash: row.get("package")?,
                    at: crate::codec::instant(row.get("at")?)?,
                };
                if slugs.contains(&published.slug) {
                    all.push(published);
                }
                Ok(())
            },
        )?;
        Ok(all)
    }

    /// The files of a package.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn package(&self, hash: &str) -> Result<Option<BTreeMap<String, Vec<u8>>>, StoreError> {
        Ok(packages::files(&self.db, hash)?)
    }

    /// Rows of a table that leave, as JSON by the names of their columns.
    ///
    /// # Errors
    /// If the database cannot be read; or what `each` answers.
    pub fn rows<E: From<StoreError>>(
        &self,
        table: &tables::Table,
        mut each: impl FnMut(Map<String, Json>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(sql) = table.select(self) else {
            return Ok(());
        };
        self.each(&sql, |row| {
            let line = table.line(row).map_err(StoreError::from)?;
            match self.is_own(table, &line)? {
                true => each(line),
                false => Ok(()),
            }
        })
    }

    /// Of rows that name their record only in their body.
    fn is_own(&self, table: &tables::Table, line: &Map<String, Json>) -> Result<bool, StoreError> {
        if self.which.services.is_none() || !table.is_told_by_body() {
            return Ok(true);
        }
        let body = line.get("body").and_then(Json::as_str).unwrap_or("null");
        let order: Json = serde_json::from_str(body).map_err(Failure::from)?;
        let record = order.as_object().and_then(|order| order.values().next());
        let record = record.and_then(|order| order.get("record")?.as_str());
        let Some(record) = record.and_then(|record| record.parse().ok()) else {
            return Ok(false);
        };
        Ok(self.has(RecordId(record))?)
    }

    /// Whether a record leaves.
    fn has(&self, record: RecordId) -> Result<bool, Failure> {
        let sql = format!("SELECT 1 AS yes WHERE {}", self.records("?1"));
        let sql = match self.which.services {
            None => return Ok(true),
            Some(_) => sql,
        };
        let mut find = self.db.prepare_cached(&sql)?;
        find.exists([record.0.as_bytes().as_slice()])
    }

    /// SQL: whether a column holds the slug of a service that leaves.
    fn services_in(&self, column: &str) -> String {
        let Some(services) = &self.which.services else {
            return "1 = 1".into();
        };
        let slugs: Vec<String> = services.iter().map(|slug| format!("'{slug}'")).collect();
        match slugs.is_empty() {
            true => "1 = 0".into(),
            false => format!("{column} IN ({})", slugs.join(", ")),
        }
    }

    /// SQL: whether a column holds one of the records that go along.
    fn also_in(&self, column: &str) -> Option<String> {
        let literal = |id: &RecordId| match self.db {
            Connection::Sqlite(_) => format!("x'{}'", id.0.simple()),
            Connection::Postgres(_) => format!("'{}'::uuid", id.0),
        };
        let ids: Vec<String> = self.which.also.iter().map(literal).collect();
        (!ids.is_empty()).then(|| format!("{column} IN ({})", ids.join(", ")))
    }

    /// SQL: whether a row is of a service that leaves, or of a record that goes along.
    fn own(&self, service: &str, record: &str) -> String {
        let services = self.services_in(service);
        match self.also_in(record) {
            Some(also) if self.which.services.is_some() => format!("({services} OR {also})"),
            _ => services,
        }
    }

    /// SQL: whether a column names a record that leaves, or what is left of one that was disposed of.
    fn records(&self, column: &str) -> String {
        if self.which.services.is_none() {
            return "1 = 1".into();
        }
        let own = self.own("kind.service", "record.id");
        let gone = self.services_in("disposed.service");
        format!(
            "(EXISTS (SELECT 1 FROM record JOIN kind ON kind.id = record.kind WHERE record.id = {column} AND {own})
               OR EXISTS (SELECT 1 FROM disposed WHERE disposed.record = {column} AND {gone}))"
        )
    }

    /// Each row of a statement, as it comes. The statement's order must be that of a key, or there be few rows.
    fn each<E: From<StoreError>>(
        &self,
        sql: &str,
        mut each: impl FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.db {
            Connection::Sqlite(db) => {
                let fault = |error: rusqlite::Error| E::from(Failure::from(error).into());
                let mut find = db.prepare(sql).map_err(fault)?;
                let mut rows = find.query([]).map_err(fault)?;
                while let Some(row) = rows.next().map_err(fault)? {
                    each(row.into())?;
                }
                Ok(())
            }
            Connection::Postgres(session) => self.fetched(session, sql, each),
        }
    }

    fn fetched<E: From<StoreError>>(
        &self,
        session: &Session,
        sql: &str,
        mut each: impl FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let fault = |failure: Failure| E::from(failure.into());
        let number = self.cursors.get() + 1;
        self.cursors.set(number);
        let mut open = String::new();
        // Writing to a String cannot fail.
        let _ = write!(open, "DECLARE leaving_{number} NO SCROLL CURSOR FOR {sql}");
        session.batch_execute(&open).map_err(fault)?;
        let next = format!("FETCH {PIECE} FROM leaving_{number}");
        loop {
            let rows = session.rows(&next, &[]).map_err(fault)?;
            for row in &rows {
                each(Row::Postgres(row))?;
            }
            if rows.len() < PIECE {
                break;
            }
        }
        session
            .batch_execute(&format!("CLOSE leaving_{number}"))
            .map_err(fault)
    }
}
/// Names of services go into statements, so they are of plain letters.
fn plainly(which: Which) -> Result<Which, Failure> {
    let plain = |slug: &String| {
        let mut signs = slug.chars();
        signs.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    if which.services.iter().flatten().all(plain) {
        return Ok(which);
    }
    Err(Failure::Unavailable(
        "a service's name has letters, digits, - and _".into(),
    ))
}
