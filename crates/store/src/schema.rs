//! Numbered migrations. A number once released never changes its meaning.

use rusqlite::Connection;

/// Every migration in order; the first makes version 1.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001.sql"),
    include_str!("schema/0002.sql"),
    include_str!("schema/0003.sql"),
    include_str!("schema/0004.sql"),
    include_str!("schema/0005.sql"),
    include_str!("schema/0006.sql"),
    include_str!("schema/0007.sql"),
    include_str!("schema/0008.sql"),
    include_str!("schema/0009.sql"),
    include_str!("schema/0010.sql"),
    include_str!("schema/0011.sql"),
    include_str!("schema/0012.sql"),
    include_str!("schema/0013.sql"),
    include_str!("schema/0014.sql"),
    include_str!("schema/0015.sql"),
];

/// The newest schema that this program knows.
pub(crate) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// The whole schema as SQL, for a bench that writes the same tables without this store.
#[must_use]
pub fn schema_sql() -> String {
    MIGRATIONS.concat()
}

/// Brings the database to [`NEWEST`]; answers the version found if that is newer.
pub(crate) fn migrate(db: &mut Connection) -> rusqlite::Result<Result<(), i64>> {
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_version(version INTEGER PRIMARY KEY) STRICT",
    )?;
    let found: i64 = db.query_row(
        "SELECT coalesce(max(version), 0) AS version FROM schema_version",
        [],
        |row| row.get("version"),
    )?;
    if found > NEWEST {
        return Ok(Err(found));
    }
    for (version, sql) in (1_i64..)
        .zip(MIGRATIONS)
        .filter(|(version, _)| *version > found)
    {
        let step = db.transaction()?;
        step.execute_batch(sql)?;
        step.execute("INSERT INTO schema_version(version) VALUES (?1)", [version])?;
        step.commit()?;
    }
    Ok(Ok(()))
}
