//! What can go wrong inside, before it becomes a fault of the port.

use crate::postgres::Refused;
use kernel::port::StoreError;

/// A fault while reading or writing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// SQLite refused or failed.
    #[error("sqlite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused, failed or is away.
    #[error("postgresql: {0}")]
    Postgres(#[from] Refused),
    /// A row that was asked for is not there; never leaves the store.
    #[error("there is no such row")]
    NoRow,
    /// A file failed.
    #[error("file: {0}")]
    Io(#[from] std::io::Error),
    /// What lies in the store cannot be understood.
    #[error("{0}")]
    Damaged(String),
    /// A key was destroyed, and what was sealed under it with it.
    #[error("key {0} was destroyed")]
    Destroyed(u64),
    /// The store cannot take it now.
    #[error("{0}")]
    Unavailable(String),
}

impl Failure {
    /// Whether the database cannot be reached, rather than having refused something.
    pub(crate) fn is_away(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Postgres(refused) => refused.is_connection(),
            _ => false,
        }
    }

    /// Something stored does not have its form.
    pub(crate) fn damaged(what: impl std::fmt::Display) -> Self {
        Self::Damaged(what.to_string())
    }
}

impl From<crate::backup::VaultError> for Failure {
    fn from(error: crate::backup::VaultError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        // Only the place is told: the text around it may be personal.
        Self::Damaged(format!(
            "a stored JSON text does not have its form (column {})",
            error.column()
        ))
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let code = match &failure {
            Failure::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        };
        match (&failure, code) {
            (Failure::Damaged(_) | Failure::Destroyed(_), _)
            | (_, Some(DatabaseCorrupt | NotADatabase)) => Self::Damaged(failure.to_string()),
            (Failure::Postgres(refused), _) if refused.is_damage() => {
                Self::Damaged(failure.to_string())
            }
            _ => Self::Unavailable(failure.to_string()),
        }
    }
}
