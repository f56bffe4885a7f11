//! What PostgreSQL refuses. Says the code and the constraint, never a value.

use tokio_postgres::error::SqlState;

/// A refusal or a lost connection.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Refused {
    code: Option<SqlState>,
    what: String,
    is_lost: bool,
}

impl From<tokio_postgres::Error> for Refused {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(said) = error.as_db_error() else {
            let source = std::error::Error::source(&error);
            let is_io = source.is_some_and(|source| source.is::<std::io::Error>());
            // The driver says what it was doing; what went wrong stands below.
            let why = source.map_or_else(String::new, |source| format!(": {source}"));
            return Self {
                code: None,
                what: format!("{error}{why}"),
                is_lost: is_io || error.is_closed(),
            };
        };
        let code = said.code().clone();
        let what = match said.constraint() {
            Some(constraint) => format!("{} ({constraint})", code.code()),
            None if speaks_of_data(&code) => code.code().to_owned(),
            None => format!("{} {}", code.code(), said.message()),
        };
        let is_lost = code.code().starts_with("08") || code.code().starts_with("57P");
        Self {
            code: Some(code),
            what,
            is_lost,
        }
    }
}

/// Classes 22 and 23 may quote what was written.
fn speaks_of_data(code: &SqlState) -> bool {
    code.code().starts_with("22") || code.code().starts_with("23")
}

impl Refused {
    /// Whether the connection is of no use any more.
    pub(crate) fn is_connection(&self) -> bool {
        self.is_lost
    }

    /// Whether another was quicker: what was decided is to be decided anew.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(
            self.code,
            Some(
                SqlState::T_R_SERIALIZATION_FAILURE
                    | SqlState::T_R_DEADLOCK_DETECTED
                    | SqlState::UNIQUE_VIOLATION
                    | SqlState::LOCK_NOT_AVAILABLE
            )
        )
    }

    /// Whether the database says of itself that it is damaged.
    pub(crate) fn is_damage(&self) -> bool {
        let is = |class: &str| {
            self.code
                .as_ref()
                .is_some_and(|code| code.code().starts_with(class))
        };
        is("XX") || is("22") || is("23")
    }
}
