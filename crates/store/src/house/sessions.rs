//! Sessions and tokens, by the hash of their secret.

use crate::codec;
use crate::db::{Connection, OptionalExtension, Row, params};
use crate::failure::Failure;
use jiff::Timestamp;
use kernel::AccountId;
use kernel::identity::{Assurance, Origin, Session};
use uuid::Uuid;

/// Browsers in which one account may be signed in at once; the one unused for longest gives way.
const MOST_BROWSERS: i64 = 20;

const SESSION: &str = "SELECT secret, id, account, kind, made, used, idle_seconds, until, identity, authentication, \
     device, place, way, outside FROM session";

/// Adds a session or token.
pub(crate) fn put(db: &Connection, session: &Session) -> Result<u64, Failure> {
    let mut put = db.prepare_cached(
        "INSERT INTO session(secret, id, account, kind, made, used, idle_seconds, until, identity, authentication,
           device, place, way, outside)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT(secret) DO UPDATE SET account = excluded.account, kind = excluded.kind, until = excluded.until",
    )?;
    let written = put.execute(params![
        session.secret,
        session.id.into_bytes(),
        session.account.0.into_bytes(),
        session.kind,
        codec::nanos(session.made),
        codec::nanos(session.used),
        session.idle_seconds,
        codec::nanos(session.until),
        session.assurance.identity,
        session.assurance.authentication,
        session.origin.device,
        session.origin.place,
        session.origin.way,
        session.origin.outside,
    ])?;
    if session.kind == "browser" {
        db.prepare_cached(
            "DELETE FROM session WHERE secret IN (SELECT secret FROM session
               WHERE account = ?1 AND kind = 'browser' AND secret <> ?2
               ORDER BY used DESC, secret LIMIT 1000 OFFSET ?3)",
        )?
        .execute(params![
            session.account.0.into_bytes(),
            session.secret,
            MOST_BROWSERS - 1
        ])?;
    }
    Ok(written as u64)
}

/// A session by the hash of its secret.
pub(crate) fn one(db: &Connection, secret: &str) -> Result<Option<Session>, Failure> {
    let mut find = db.prepare_cached(&format!("{SESSION} WHERE secret = ?1"))?;
    let found = find.query_row([secret], |row| Ok(read(row)));
    found.optional()?.transpose()
}

/// Those of an account that have not reached their end, last used first.
pub(crate) fn of(
    db: &Connection,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<Session>, Failure> {
    let mut find = db.prepare_cached(&format!(
        "{SESSION} WHERE account = ?1 AND until > ?2 AND kind <> 'link' ORDER BY used DESC, id LIMIT 100"
    ))?;
    let rows = find.query_map(params![account.0.into_bytes(), codec::nanos(now)], read)?;
    rows.collect()
}

fn read(row: Row<'_>) -> Result<Session, Failure> {
    let level = |column: &str| -> Result<u8, Failure> {
        u8::try_from(row.get::<_, i64>(column)?).map_err(Failure::damaged)
    };
    let idle: Option<i64> = row.get("idle_seconds")?;
    Ok(Session {
        secret: row.get("secret")?,
        id: codec::id(&row.get::<_, Vec<u8>>("id")?)?,
        account: AccountId(codec::id(&row.get::<_, Vec<u8>>("account")?)?),
        kind: row.get("kind")?,
        made: codec::instant(row.get("made")?)?,
        used: codec::instant(row.get("used")?)?,
        idle_seconds: idle
            .map(u32::try_from)
            .transpose()
            .map_err(Failure::damaged)?,
        until: codec::instant(row.get("until")?)?,
        assurance: Assurance {
            identity: level("identity")?,
            authentication: level("authentication")?,
        },
        origin: Origin {
            device: row.get("device")?,
            place: row.get("place")?,
            way: row.get("way")?,
            outside: row.get("outside")?,
        },
    })
}

/// Ends a session.
pub(crate) fn end(db: &Connection, secret: &str) -> Result<u64, Failure> {
    let mut end = db.prepare_cached("DELETE FROM session WHERE secret = ?1")?;
    Ok(end.execute([secret])? as u64)
}

/// Ends one of an account.
pub(crate) fn end_of(db: &Connection, account: AccountId, id: Uuid) -> Result<u64, Failure> {
    let mut end =
        db.prepare_cached("DELETE FROM session WHERE account = ?1 AND id = ?2 AND kind <> 'link'")?;
    Ok(end.execute(params![account.0.into_bytes(), id.into_bytes()])? as u64)
}

/// Ends those of an account, but for one.
pub(crate) fn end_all(
    db: &Connection,
    account: AccountId,
    keep: Option<Uuid>,
) -> Result<u64, Failure> {
    // No session has the id of zeros.
    let keep = keep.unwrap_or_default().into_bytes();
    let mut end = db
        .prepare_cached("DELETE FROM session WHERE account = ?1 AND id <> ?2 AND kind <> 'link'")?;
    Ok(end.execute(params![account.0.into_bytes(), keep])? as u64)
}

/// Ends those that a provider calls so.
pub(crate) fn end_from(db: &Connection, outside: &str) -> Result<u64, Failure> {
    let mut end = db.prepare_cached("DELETE FROM session WHERE outside = ?1")?;
    Ok(end.execute([outside])? as u64)
}

/// Notes when they were last used, never an earlier moment than is noted; removes those that have reached their end.
pub(crate) fn used(
    db: &Connection,
    uses: &[(String, Timestamp)],
    now: Timestamp,
) -> Result<u64, Failure> {
    let mut note =
        db.prepare_cached("UPDATE session SET used = ?2 WHERE secret = ?1 AND used < ?2")?;
    for (secret, at) in uses {
        note.execute(params![secret, codec::nanos(*at)])?;
    }
    let mut end = db.prepare_cached("DELETE FROM session WHERE until <= ?1")?;
    Ok(end.execute(params![codec::nanos(now)])? as u64)
}
