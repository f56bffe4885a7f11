//! Accounts and settings.

use crate::codec;
use crate::db::{Connection, OptionalExtension, Row, params};
use crate::failure::Failure;
use kernel::port::Account;
use kernel::{AccountId, PartyId};

/// Adds or replaces an account.
pub(crate) fn put(db: &Connection, account: &Account) -> Result<u64, Failure> {
    let mut put = db.prepare_cached(
        "INSERT INTO account(id, login, name, password, party, hats, seats, demo, closed)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT(id) DO UPDATE SET login = excluded.login, name = excluded.name, password = excluded.password,
           party = excluded.party, hats = excluded.hats, seats = excluded.seats, demo = excluded.demo,
           closed = excluded.closed",
    )?;
    let written = put.execute(params![
        account.id.0.into_bytes(),
        account.login,
        account.name,
        account.password,
        account.party.0.into_bytes(),
        serde_json::to_string(&account.hats)?,
        serde_json::to_string(&account.seats)?,
        account.demo,
        account.closed.map(codec::nanos),
    ])?;
    for hat in &account.hats {
        if let Some(number) = &hat.corporate_number {
            super::links::claim_number(db, number, hat.id)?;
        }
    }
    Ok(written as u64)
}

const ACCOUNT: &str =
    "SELECT id, login, name, password, party, hats, seats, demo, closed FROM account";

/// An account by sign-in name.
pub(crate) fn by_login(db: &Connection, login: &str) -> Result<Option<Account>, Failure> {
    let mut find = db.prepare_cached(&format!("{ACCOUNT} WHERE login = ?1"))?;
    let mut rows = find.query([login])?;
    rows.next()?.map(account).transpose()
}

/// An account by id.
pub(crate) fn by_id(db: &Connection, id: AccountId) -> Result<Option<Account>, Failure> {
    let mut find = db.prepare_cached(&format!("{ACCOUNT} WHERE id = ?1"))?;
    let mut rows = find.query(params![id.0.into_bytes()])?;
    rows.next()?.map(account).transpose()
}

/// The account of a person or body, if it has one.
pub(crate) fn of_party(db: &Connection, party: PartyId) -> Result<Option<AccountId>, Failure> {
    let mut find = db.prepare_cached("SELECT id FROM account WHERE party = ?1 LIMIT 1")?;
    let mut rows = find.query(params![party.0.into_bytes()])?;
    let id = rows
        .next()?
        .map(|row| codec::id(&row.get::<_, Vec<u8>>("id")?));
    Ok(id.transpose()?.map(AccountId))
}

pub(crate) fn account(row: Row<'_>) -> Result<Account, Failure> {
    let (hats, seats): (String, String) = (row.get("hats")?, row.get("seats")?);
    Ok(Account {
        id: AccountId(codec::id(&row.get::<_, Vec<u8>>("id")?)?),
        login: row.get("login")?,
        name: row.get("name")?,
        password: row.get("password")?,
        party: PartyId(codec::id(&row.get::<_, Vec<u8>>("party")?)?),
        hats: codec::json(hats.as_bytes())?,
        seats: codec::json(seats.as_bytes())?,
        passes: Vec::new(),
        demo: row.get("demo")?,
        closed: row
            .get::<_, Option<i64>>("closed")?
            .map(codec::instant)
            .transpose()?,
    })
}

/// A setting of the installation.
pub(crate) fn setting(db: &Connection, name: &str) -> Result<Option<String>, Failure> {
    let mut find = db.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
    find.query_row([name], |row| row.get("value")).optional()
}

/// Writes a setting.
pub(crate) fn put_setting(db: &Connection, name: &str, value: &str) -> Result<u64, Failure> {
    let mut put =
        db.prepare_cached("INSERT INTO setting(name, value) VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET value = excluded.value")?;
    Ok(put.execute([name, value])? as u64)
}
