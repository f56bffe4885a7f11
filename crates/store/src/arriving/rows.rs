//! Rows of tables that arrive as they left; balances are summed from their postings.

use crate::codec;
use crate::db::{Connection, OptionalExtension as _};
use crate::failure::Failure;
use crate::leaving::TABLES;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

/// Writes rows of a table.
pub(super) fn put(
    db: Connection<'_>,
    table: usize,
    lines: &[Map<String, Json>],
) -> Result<(), Failure> {
    let table = TABLES.get(table).ok_or(Failure::NoRow)?;
    for line in lines {
        table.put(db, line)?;
        if table.name == "posting" {
            post(db, line)?;
        }
    }
    Ok(())
}

fn post(db: Connection<'_>, line: &Map<String, Json>) -> Result<(), Failure> {
    let text = |name: &str| line.get(name).and_then(Json::as_str).unwrap_or_default();
    let (ledger, key) = (text("ledger"), text("key"));
    let (posted, held) = (
        codec::decimal(text("posted"))?,
        codec::decimal(text("held"))?,
    );
    let session = match db {
        Connection::Postgres(session) => session,
        Connection::Sqlite(_) => return add(db, (ledger, key), posted, held),
    };
    let (posted, held) = (posted.to_string(), held.to_string());
    session.run(
        "INSERT INTO balance(ledger, key, posted, held) VALUES ($1, $2, $3::text::numeric, $4::text::numeric)
         ON CONFLICT(ledger, key) DO UPDATE SET posted = balance.posted + excluded.posted,
           held = balance.held + excluded.held",
        &[&ledger, &key, &posted, &held],
    )?;
    Ok(())
}

fn add(
    db: Connection<'_>,
    (ledger, key): (&str, &str),
    posted: Decimal,
    held: Decimal,
) -> Result<(), Failure> {
    let mut find =
        db.prepare_cached("SELECT posted, held FROM balance WHERE ledger = ?1 AND key = ?2")?;
    let before = find.query_row([ledger, key], |row| {
        let (posted, held): (String, String) = (row.get("posted")?, row.get("held")?);
        Ok((codec::decimal(&posted)?, codec::decimal(&held)?))
    });
    let before = before.optional()?.unwrap_or_default();
    let sum = |a: Decimal, b: Decimal| {
        let sum = a.checked_add(b).map(|sum| sum.to_string());
        sum.ok_or_else(|| Failure::damaged("a balance has too many digits"))
    };
    let (posted, held) = (sum(before.0, posted)?, sum(before.1, held)?);
    db.prepare_cached(
        "INSERT INTO balance(ledger, key, posted, held) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT(ledger, key) DO UPDATE SET posted = excluded.posted, held = excluded.held",
    )?
    .execute([ledger, key, &posted, &held])?;
    Ok(())
}
