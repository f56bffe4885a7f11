//! Writing a piece, within the writer's transaction.

use super::{Batch, UNDER_WAY, records, rows};
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use crate::house::{accounts, packages};
use crate::leaving::EventLine;
use crate::postgres;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kernel::RecordId;
use kernel::port::Account;
use std::collections::HashMap;

/// Writes a piece and how far the arrival is.
pub(crate) fn write(
    db: Connection<'_>,
    batch: &Batch,
    under_way: Option<&str>,
) -> Result<u64, Failure> {
    match batch {
        Batch::Package(published, files) => {
            packages::put(&db, &published.slug, &published.hash, files, published.at)?;
        }
        Batch::Accounts(people) => people.iter().try_for_each(|one| person(db, one))?,
        Batch::Events(events, keys) => journal(db, events, keys)?,
        Batch::Records(all) => {
            for (folded, found) in all {
                records::put(db, folded, found)?;
            }
        }
        Batch::Rows(table, lines) => rows::put(db, *table, lines)?,
        Batch::Nothing => {}
    }
    match under_way {
        Some(text) => accounts::put_setting(&db, UNDER_WAY, text),
        None => Ok(db
            .prepare_cached("DELETE FROM setting WHERE name = ?1")?
            .execute([UNDER_WAY])? as u64),
    }
}

/// A person who is not there yet. Where another has the sign-in name, theirs is lengthened: it stays theirs to sort out.
fn person(db: Connection<'_>, account: &Account) -> Result<(), Failure> {
    if accounts::by_id(&db, account.id)?.is_some() {
        return Ok(());
    }
    let mut account = account.clone();
    if accounts::by_login(&db, &account.login)?.is_some() {
        account.login = format!("{}#{}", account.login, account.id);
    }
    accounts::put(&db, &account).map(drop)
}

/// Appends events behind those that are there.
fn journal(
    db: Connection<'_>,
    events: &[EventLine],
    keys: &HashMap<RecordId, u64>,
) -> Result<(), Failure> {
    if let Connection::Postgres(session) = db {
        postgres::lock_positions(session)?;
    }
    let mut last = db.prepare_cached("SELECT coalesce(max(position), 0) AS last FROM event")?;
    let mut position: i64 = last.query_row(params![], |row| row.get("last"))?;
    for event in events {
        position += 1;
        append(db, position, event, key_of(db, event, keys)?)?;
    }
    Ok(())
}

/// The number of the key of an event's record.
fn key_of(
    db: Connection<'_>,
    event: &EventLine,
    keys: &HashMap<RecordId, u64>,
) -> Result<i64, Failure> {
    let record = event.header.record;
    if let Some(key) = keys.get(&record) {
        return codec::column(*key);
    }
    let mut find = db.prepare_cached("SELECT key FROM event WHERE record = ?1 AND seq = 1")?;
    let key = find.query_row(params![record.0.into_bytes()], |row| row.get("key"));
    key.optional()?.ok_or_else(|| {
        let position = event.position;
        Failure::damaged(format!("event {position} comes before its record's first"))
    })
}

fn append(db: Connection<'_>, position: i64, event: &EventLine, key: i64) -> Result<(), Failure> {
    let header = &event.header;
    let sealed = BASE64_STANDARD.decode(&event.sealed);
    let sealed = sealed.map_err(|_| {
        let position = event.position;
        Failure::damaged(format!("the sealed body of event {position} is no base64"))
    })?;
    let mut add = db.prepare_cached(
        "INSERT INTO event(position, record, seq, act, service, record_type, action, definition, authority, recorded_at,
           occurred_at, effective_on, actor, on_behalf_of, acted_as, seat_office, previous, hash, key, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?;
    add.execute(params![
        position,
        header.record.0.into_bytes(),
        codec::column(header.seq)?,
        header.act.0.into_bytes(),
        header.service,
        header.record_type,
        header.action,
        header.definition,
        event.authority,
        header.recorded_at.to_string(),
        header.occurred_at.to_string(),
        header.effective_on.to_string(),
        header.actor.map(|id| id.0.into_bytes()),
        header.on_behalf_of.map(|id| id.0.into_bytes()),
        header.acted_as,
        header.seat_office,
        codec::unhex(&event.previous)?,
        codec::unhex(&event.hash)?,
        key,
        sealed,
    ])?;
    Ok(())
}
