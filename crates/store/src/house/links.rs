//! By which outside identity an account is found, and which party a 法人番号 names.

use super::accounts;
use crate::codec;
use crate::db::{Connection, OptionalExtension, Row, params};
use crate::failure::Failure;
use kernel::identity::Link;
use kernel::port::Account;
use kernel::{AccountId, PartyId};

/// The link of an outside identity.
pub(crate) fn of(db: &Connection, issuer: &str, subject: &str) -> Result<Option<Link>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT issuer, subject, account, hats, seats FROM account_link WHERE issuer = ?1 AND subject = ?2",
    )?;
    let mut rows = find.query(params![issuer, subject])?;
    rows.next()?.map(link).transpose()
}

fn link(row: Row<'_>) -> Result<Link, Failure> {
    let hats: String = row.get("hats")?;
    Ok(Link {
        issuer: row.get("issuer")?,
        subject: row.get("subject")?,
        account: AccountId(codec::id(&row.get::<_, Vec<u8>>("account")?)?),
        hats: codec::json(hats.as_bytes())?,
        seats: row.get("seats")?,
    })
}

/// The links of an account.
pub(crate) fn all(db: &Connection, account: AccountId) -> Result<Vec<Link>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT issuer, subject, account, hats, seats FROM account_link WHERE account = ?1 ORDER BY issuer, subject",
    )?;
    let mut rows = find.query(params![account.0.into_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(link(row)?);
    }
    Ok(found)
}

/// Takes a link away and writes its account; answers 0, with nothing written, where it would be the last way in.
pub(crate) fn remove(
    db: &Connection,
    account: &Account,
    link: &Link,
    other_ways: bool,
) -> Result<u64, Failure> {
    // Whoever else takes a link of this account away waits here, and then counts what is left.
    let mut lock = db.prepare_cached("UPDATE account SET closed = closed WHERE id = ?1")?;
    lock.execute(params![account.id.0.into_bytes()])?;
    if !other_ways && all(db, account.id)?.len() < 2 {
        return Ok(0);
    }
    let mut remove = db.prepare_cached(
        "DELETE FROM account_link WHERE issuer = ?1 AND subject = ?2 AND account = ?3",
    )?;
    let id = account.id.0.into_bytes();
    if remove.execute(params![link.issuer, link.subject, id])? == 0 {
        return Ok(0);
    }
    accounts::put(db, account)
}

/// Writes the link and its account, unless the identity has another; answers 0 then.
pub(crate) fn put(db: &Connection, account: &Account, link: &Link) -> Result<u64, Failure> {
    let mut put = db.prepare_cached(
        "INSERT INTO account_link(issuer, subject, account, hats, seats) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT(issuer, subject) DO UPDATE SET hats = excluded.hats, seats = excluded.seats
           WHERE account_link.account = excluded.account",
    )?;
    let written = put.execute(params![
        link.issuer,
        link.subject,
        link.account.0.into_bytes(),
        serde_json::to_string(&link.hats)?,
        link.seats,
    ])?;
    if written > 0 {
        accounts::put(db, account)?;
    }
    Ok(written as u64)
}

/// The party that a number names.
pub(crate) fn party(db: &Connection, number: &str) -> Result<Option<PartyId>, Failure> {
    let mut find = db.prepare_cached("SELECT party FROM party_number WHERE number = ?1")?;
    let found = find.query_row([number], |row| row.get::<_, Vec<u8>>("party"));
    found
        .optional()?
        .map(|party| Ok(PartyId(codec::id(&party)?)))
        .transpose()
}

/// Gives a number a party, unless it has one.
pub(crate) fn claim_number(db: &Connection, number: &str, party: PartyId) -> Result<u64, Failure> {
    let mut put = db.prepare_cached(
        "INSERT INTO party_number(number, party) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    Ok(put.execute(params![number, party.0.into_bytes()])? as u64)
}
