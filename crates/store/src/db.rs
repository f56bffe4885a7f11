//! One way to ask either database.
//!
//! What the store keeps beside the records is written and read by the same statements on SQLite and PostgreSQL. This
//! is the part of rusqlite's interface that they use, over both. Placeholders are SQLite's (`?1`); values go and come
//! as SQLite's five kinds, and a column of PostgreSQL takes the form that its type asks for.

use crate::codec;
use crate::failure::Failure;
use crate::postgres::Session;
use crate::postgres::value;
use rusqlite::types::{FromSql, ValueRef};
pub(crate) use rusqlite::{ToSql, params};

/// A connection that reads or writes right now.
#[derive(Clone, Copy)]
pub(crate) enum Connection<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c Session),
}

impl<'c> From<&'c rusqlite::Connection> for Connection<'c> {
    fn from(db: &'c rusqlite::Connection) -> Self {
        Self::Sqlite(db)
    }
}

impl<'c> From<&'c Session> for Connection<'c> {
    fn from(db: &'c Session) -> Self {
        Self::Postgres(db)
    }
}

impl<'c> From<&Connection<'c>> for Connection<'c> {
    fn from(db: &Connection<'c>) -> Self {
        *db
    }
}

impl<'c> Connection<'c> {
    /// A statement that the connection keeps ready.
    pub(crate) fn prepare_cached(&self, sql: &str) -> Result<Statement<'c>, Failure> {
        Ok(match *self {
            Self::Sqlite(db) => Statement::Sqlite(db.prepare_cached(sql)?),
            Self::Postgres(session) => {
                Statement::Postgres(session, session.prepare(&dollars(sql))?)
            }
        })
    }
}

/// `?1` and bare `?` as PostgreSQL numbers its placeholders. No statement has a question mark elsewhere.
fn dollars(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 8);
    let (mut bare, mut rest) = (0, sql.chars().peekable());
    while let Some(c) = rest.next() {
        if c != '?' {
            out.push(c);
            continue;
        }
        out.push('$');
        if !rest.peek().is_some_and(char::is_ascii_digit) {
            bare += 1;
            out.push_str(&bare.to_string());
        }
    }
    out
}

/// The values of a statement.
pub(crate) trait Params {
    /// Calls `with` with them.
    fn bound<T>(&self, with: impl FnOnce(&[&dyn ToSql]) -> T) -> T;
}

impl Params for &[&dyn ToSql] {
    fn bound<T>(&self, with: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        with(self)
    }
}

impl<P: ToSql, const N: usize> Params for [P; N] {
    fn bound<T>(&self, with: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        with(&self.each_ref().map(|value| value as &dyn ToSql))
    }
}

/// A statement ready to be run.
pub(crate) enum Statement<'c> {
    Sqlite(rusqlite::CachedStatement<'c>),
    Postgres(&'c Session, tokio_postgres::Statement),
}

impl Statement<'_> {
    /// Runs it; answers how many rows it wrote.
    pub(crate) fn execute(&mut self, values: impl Params) -> Result<usize, Failure> {
        values.bound(|values| match self {
            Self::Sqlite(statement) => Ok(statement.execute(values)?),
            Self::Postgres(session, statement) => {
                let values = value::bound(values)?;
                let written = session.execute(statement, &value::refs(&values))?;
                Ok(usize::try_from(written).unwrap_or(usize::MAX))
            }
        })
    }

    /// Its rows. Of PostgreSQL they all come at once: statements over many rows have a limit.
    pub(crate) fn query(&mut self, values: impl Params) -> Result<Rows<'_>, Failure> {
        values.bound(|values| match self {
            Self::Sqlite(statement) => Ok(Rows::Sqlite(statement.query(values)?)),
            Self::Postgres(session, statement) => {
                let values = value::bound(values)?;
                let rows = session.query(statement, &value::refs(&values))?;
                Ok(Rows::Postgres(rows, 0))
            }
        })
    }

    /// Its first row; [`Failure::NoRow`] if there is none.
    pub(crate) fn query_row<T>(
        &mut self,
        values: impl Params,
        read: impl FnOnce(Row<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.query(values)?
            .next()?
            .map_or(Err(Failure::NoRow), read)
    }

    /// What is read of each of its rows.
    pub(crate) fn query_map<T>(
        &mut self,
        values: impl Params,
        mut read: impl FnMut(Row<'_>) -> Result<T, Failure>,
    ) -> Result<std::vec::IntoIter<Result<T, Failure>>, Failure> {
        let mut rows = self.query(values)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row));
        }
        Ok(all.into_iter())
    }

    /// Whether there is a row.
    pub(crate) fn exists(&mut self, values: impl Params) -> Result<bool, Failure> {
        Ok(self.query(values)?.next()?.is_some())
    }
}

/// Rows, one after another.
pub(crate) enum Rows<'s> {
    Sqlite(rusqlite::Rows<'s>),
    Postgres(Vec<tokio_postgres::Row>, usize),
}

impl Rows<'_> {
    /// A column of all rows that are here already, to fetch what they name in one go; SQLite's come one by one.
    pub(crate) fn ahead(&self, column: &str) -> Result<Vec<u64>, Failure> {
        match self {
            Self::Sqlite(_) => Ok(Vec::new()),
            Self::Postgres(rows, _) => rows
                .iter()
                .map(|row| codec::count(Row::Postgres(row).get(column)?))
                .collect(),
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>, Failure> {
        Ok(match self {
            Self::Sqlite(rows) => rows.next()?.map(Row::Sqlite),
            Self::Postgres(rows, next) => {
                *next += 1;
                rows.get(*next - 1).map(Row::Postgres)
            }
        })
    }
}

/// One row, read by the names of its columns.
#[derive(Clone, Copy)]
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> From<&'r rusqlite::Row<'r>> for Row<'r> {
    fn from(row: &'r rusqlite::Row<'r>) -> Self {
        Self::Sqlite(row)
    }
}

impl<'r> Row<'r> {
    pub(crate) fn get<I: AsRef<str>, T: FromSql>(&self, column: I) -> Result<T, Failure> {
        let column = column.as_ref();
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => T::column_result(value::of(row, column)?)
                .map_err(|error| Failure::damaged(format!("column {column}: {error}"))),
        }
    }

    /// The same without a copy.
    pub(crate) fn get_ref(&self, column: &str) -> Result<ValueRef<'r>, Failure> {
        match self {
            Self::Sqlite(row) => Ok(row.get_ref(column)?),
            Self::Postgres(row) => value::of(row, column),
        }
    }
}

/// A row that may be missing.
pub(crate) trait OptionalExtension<T> {
    /// None where there is no row.
    fn optional(self) -> Result<Option<T>, Failure>;
}

impl<T> OptionalExtension<T> for Result<T, Failure> {
    fn optional(self) -> Result<Option<T>, Failure> {
        match self {
            Err(Failure::NoRow) => Ok(None),
            other => other.map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::dollars;

    #[test]
    fn placeholders_are_numbered_as_postgresql_does() {
        assert_eq!(dollars("a = ?2 AND b = ?1"), "a = $2 AND b = $1");
        assert_eq!(
            dollars("(k1, row) > (?, ?) LIMIT ?"),
            "(k1, row) > ($1, $2) LIMIT $3"
        );
    }
}
