//! Writing a piece, within the writer's transaction.

use super::{Batch, UNDER_WAY, records, rows};
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use crate::house::journal::{self, Evidence};
use crate::house::{accounts, keep, packages};
use crate::keyring::Keys;
use crate::leaving::EventLine;
use crate::seal;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kernel::keep::{DISPOSE, certificate};
use kernel::port::Account;
use kernel::{Body, Event, RecordId};
use std::collections::HashMap;

/// Writes a piece and how far the arrival is.
pub(crate) fn write(
    db: Connection<'_>,
    ring: &dyn Keys,
    batch: &Batch,
    under_way: Option<&str>,
) -> Result<u64, Failure> {
    match batch {
        Batch::Package(published, files) => {
            packages::put(&db, &published.slug, &published.hash, files, published.at)?;
        }
        Batch::Accounts(people) => people.iter().try_for_each(|one| person(db, one))?,
        Batch::Events(all) => events(db, ring, all)?,
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
fn events(
    db: Connection<'_>,
    ring: &dyn Keys,
    all: &[(EventLine, Option<u64>)],
) -> Result<(), Failure> {
    let mut position = journal::last_position(&db)?;
    let mut keys = HashMap::new();
    for (event, brought) in all {
        position += 1;
        if event.header.seq == 1 {
            keys.extend(brought.map(|key| (event.header.record, key)));
        }
        let own = key_of(db, event, &keys)?;
        let sealed = sealed(event)?;
        append(db, position, event, brought.unwrap_or(own), &sealed)?;
        if event.header.action == DISPOSE {
            dispose(db, ring, event, (own, brought.unwrap_or(own)), &sealed)?;
        }
    }
    Ok(())
}

/// The number of the key of an event's record.
fn key_of(
    db: Connection<'_>,
    event: &EventLine,
    keys: &HashMap<RecordId, u64>,
) -> Result<u64, Failure> {
    let record = event.header.record;
    if let Some(key) = keys.get(&record) {
        return Ok(*key);
    }
    let mut find = db.prepare_cached("SELECT key FROM event WHERE record = ?1 AND seq = 1")?;
    let key = find.query_row(params![record.0.into_bytes()], |row| {
        codec::count(row.get("key")?)
    });
    key.optional()?.ok_or_else(|| {
        let position = event.position;
        Failure::damaged(format!("event {position} comes before its record's first"))
    })
}

fn sealed(event: &EventLine) -> Result<Vec<u8>, Failure> {
    BASE64_STANDARD.decode(&event.sealed).map_err(|_| {
        let position = event.position;
        Failure::damaged(format!("the sealed body of event {position} is no base64"))
    })
}

fn append(
    db: Connection<'_>,
    position: i64,
    event: &EventLine,
    key: u64,
    sealed: &[u8],
) -> Result<(), Failure> {
    let evidence = Evidence {
        authority: event.authority.as_deref(),
        previous: &codec::unhex(&event.previous)?,
        hash: &codec::unhex(&event.hash)?,
        key,
        sealed,
    };
    journal::append(&db, position, &event.header, &evidence)
}

/// A record that was disposed of where it comes from is disposed of here too. What its certificate says is taken from what
/// was sealed; whatever key came along for the record is destroyed with the others.
fn dispose(
    db: Connection<'_>,
    ring: &dyn Keys,
    event: &EventLine,
    (own, of_certificate): (u64, u64),
    sealed: &[u8],
) -> Result<(), Failure> {
    let header = &event.header;
    let plain = seal::canonical(header, event.authority.as_deref())?;
    let body: Body = codec::json(&seal::open(&ring.key(of_certificate)?, &plain, sealed)?)?;
    let event = Event {
        header: header.clone(),
        body,
    };
    let certificate =
        certificate(&event).ok_or_else(|| Failure::damaged("a disposal has no certificate"))?;
    keep::remember(&db, header, certificate, own)
}
