//! Numbered migrations of PostgreSQL. A number once released never changes its meaning.

use super::session::Session;
use crate::failure::Failure;

/// The tables of the data.
pub(super) const DATA: &[&str] = &[
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
];
/// The tables of the vault of numbers.
pub(super) const NUMBERS: &[&str] = &[include_str!("schema/vault-0001.sql")];
/// The table of the keys.
pub(super) const KEYS: &[&str] = &[
    include_str!("schema/keys-0001.sql"),
    include_str!("schema/keys-0002.sql"),
];

/// Brings a schema to the newest form; answers the version found if that is newer than this program. Copies that start
/// together wait for each other.
pub(super) fn migrate(
    session: &Session,
    schema: &str,
    migrations: &[&str],
) -> Result<Result<(), i64>, Failure> {
    session.batch_execute("BEGIN")?;
    let outcome = locked(session, schema, migrations);
    session.batch_execute(match outcome {
        Ok(Ok(())) => "COMMIT",
        _ => "ROLLBACK",
    })?;
    outcome
}

fn locked(
    session: &Session,
    schema: &str,
    migrations: &[&str],
) -> Result<Result<(), i64>, Failure> {
    session.run(
        "SELECT pg_advisory_xact_lock(hashtextextended('tsumugi migrate', 0))",
        &[],
    )?;
    session.batch_execute(&format!(
        "CREATE SCHEMA IF NOT EXISTS {schema};
         CREATE TABLE IF NOT EXISTS {schema}.schema_version(version bigint PRIMARY KEY)"
    ))?;
    let found = session.rows(
        "SELECT coalesce(max(version), 0) AS version FROM schema_version",
        &[],
    )?;
    let found: i64 = found.first().map_or(0, |row| row.get("version"));
    if found > newest(migrations) {
        return Ok(Err(found));
    }
    for (version, sql) in (1_i64..)
        .zip(migrations)
        .filter(|(version, _)| *version > found)
    {
        session.batch_execute(sql)?;
        session.run(
            "INSERT INTO schema_version(version) VALUES ($1)",
            &[&version],
        )?;
    }
    Ok(Ok(()))
}

/// The newest version of a list of migrations.
pub(super) fn newest(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}
