//! With what people prove who they are. Each writing is sealed under a key of its own, so that no nonce is used twice.

use crate::codec;
use crate::db::{Connection, OptionalExtension, params};
use crate::failure::Failure;
use crate::keyring::Keys;
use crate::seal;
use kernel::AccountId;
use kernel::proofs::Proofs;

/// Proofs ready to be written.
pub(crate) struct Sealed {
    account: AccountId,
    revision: u64,
    key: u64,
    bytes: Vec<u8>,
    credentials: Vec<String>,
}

/// What the seal is bound to.
fn label(account: AccountId, revision: u64) -> Vec<u8> {
    let revision = revision.to_be_bytes();
    [b"proofs ".as_slice(), account.0.as_bytes(), &revision].concat()
}

/// Seals proofs as their next revision.
pub(crate) fn seal(
    keys: &dyn Keys,
    proofs: &Proofs,
    credentials: Vec<String>,
) -> Result<Sealed, Failure> {
    let (key, revision) = (keys.take()?, proofs.revision + 1);
    let body = serde_json::to_vec(proofs)?;
    let bytes = seal::seal(&keys.key(key)?, &label(proofs.account, revision), &body)?;
    Ok(Sealed {
        account: proofs.account,
        revision,
        key,
        bytes,
        credentials,
    })
}

/// Writes them over the revision before; answers 0, with nothing written, if another was there or a passkey is another's.
pub(crate) fn put(db: &Connection, new: &Sealed) -> Result<u64, Failure> {
    let account = new.account.0.into_bytes();
    for credential in &new.credentials {
        if owner(db, credential)?.is_some_and(|owner| owner != new.account) {
            return Ok(0);
        }
    }
    let (revision, key) = (codec::column(new.revision)?, codec::column(new.key)?);
    let written = if new.revision == 1 {
        db.prepare_cached(
            "INSERT INTO account_proof(account, revision, key, sealed) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![account, revision, key, new.bytes])?
    } else {
        db.prepare_cached(
            "UPDATE account_proof SET revision = ?2, key = ?3, sealed = ?4 WHERE account = ?1 AND revision = ?5",
        )?
        .execute(params![account, revision, key, new.bytes, revision - 1])?
    };
    if written == 0 {
        return Ok(0);
    }
    db.prepare_cached("DELETE FROM passkey WHERE account = ?1")?
        .execute(params![account])?;
    let mut name = db.prepare_cached("INSERT INTO passkey(credential, account) VALUES (?1, ?2)")?;
    for credential in &new.credentials {
        name.execute(params![credential, account])?;
    }
    Ok(written as u64)
}

/// What an account has.
pub(crate) fn of(
    db: &Connection,
    keys: &dyn Keys,
    account: AccountId,
) -> Result<Option<Proofs>, Failure> {
    let mut find =
        db.prepare_cached("SELECT revision, key, sealed FROM account_proof WHERE account = ?1")?;
    let mut rows = find.query(params![account.0.into_bytes()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let revision = codec::count(row.get("revision")?)?;
    let key = keys.key(codec::count(row.get("key")?)?)?;
    let sealed: Vec<u8> = row.get("sealed")?;
    let mut proofs: Proofs = codec::json(&seal::open(&key, &label(account, revision), &sealed)?)?;
    proofs.revision = revision;
    Ok(Some(proofs))
}

/// Whose a passkey is.
pub(crate) fn owner(db: &Connection, credential: &str) -> Result<Option<AccountId>, Failure> {
    let mut find = db.prepare_cached("SELECT account FROM passkey WHERE credential = ?1")?;
    let found = find.query_row([credential], |row| row.get::<_, Vec<u8>>("account"));
    found
        .optional()?
        .map(|account| Ok(AccountId(codec::id(&account)?)))
        .transpose()
}
