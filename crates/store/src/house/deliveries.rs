//! Messages on their way to addresses.

use crate::codec;
use crate::db::{Connection, Params, Row, params};
use crate::failure::Failure;
use jiff::Timestamp;
use kernel::mailroom::{Channel, Delivery, DeliveryRow, Tried};
use kernel::{EffectId, PartyId, RecordId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Queues a delivery; one that is known stays as it is.
pub(super) fn add(db: &Connection, delivery: &Delivery) -> Result<u64, Failure> {
    let mut add = db.prepare_cached(
        "INSERT INTO delivery(id, message, mailbox, party, way, channel, record, office, next_try)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
    )?;
    Ok(add.execute(params![
        delivery.id.into_bytes(),
        delivery.message.0.into_bytes(),
        delivery.mailbox,
        delivery.party.0.into_bytes(),
        delivery.way.into_bytes(),
        delivery.channel.name(),
        delivery.record.0.into_bytes(),
        delivery.office,
        codec::nanos(delivery.first_try),
    ])? as u64)
}

const DELIVERY: &str = "SELECT id, message, mailbox, party, way, channel, record, office, tries, next_try, sent_at, error
  FROM delivery";

/// Those of a channel whose time has come.
pub(crate) fn due(
    db: &Connection,
    channel: Channel,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<DeliveryRow>, Failure> {
    let sql =
        format!("{DELIVERY} WHERE channel = ?1 AND next_try <= ?2 ORDER BY next_try, no LIMIT ?3");
    let values = params![channel.name(), codec::nanos(now), codec::limit(limit)];
    rows(db, &sql, values)
}

/// Those that have failed are tried again at once.
pub(crate) fn hurry(db: &Connection, channel: Channel, now: Timestamp) -> Result<u64, Failure> {
    let mut hurry = db.prepare_cached(
        "UPDATE delivery SET next_try = ?2 WHERE channel = ?1 AND tries > 0 AND next_try > ?2",
    )?;
    Ok(hurry.execute(params![channel.name(), codec::nanos(now)])? as u64)
}

/// Those that ended without arriving and were not put away.
pub(crate) fn undelivered(
    db: &Connection,
    office: Option<&str>,
    limit: usize,
) -> Result<Vec<DeliveryRow>, Failure> {
    const OPEN: &str = "failed = 1 AND seen = 0";
    match office {
        Some(office) => {
            let sql = format!("{DELIVERY} WHERE {OPEN} AND office = ?1 ORDER BY no DESC LIMIT ?2");
            rows(db, &sql, params![office, codec::limit(limit)])
        }
        None => {
            let sql = format!("{DELIVERY} WHERE {OPEN} ORDER BY no DESC LIMIT ?1");
            rows(db, &sql, params![codec::limit(limit)])
        }
    }
}

fn rows(db: &Connection, sql: &str, values: impl Params) -> Result<Vec<DeliveryRow>, Failure> {
    let mut find = db.prepare_cached(sql)?;
    let mut rows = find.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(delivery(row)?);
    }
    Ok(found)
}

/// A delivery of a row.
pub(crate) fn delivery(row: Row<'_>) -> Result<DeliveryRow, Failure> {
    let id = |name: &str| codec::id(&row.get::<_, Vec<u8>>(name)?);
    let instant = |name: &str| -> Result<Option<Timestamp>, Failure> {
        row.get::<_, Option<i64>>(name)?
            .map(codec::instant)
            .transpose()
    };
    let channel: String = row.get("channel")?;
    let next_try = instant("next_try")?;
    Ok(DeliveryRow {
        delivery: Delivery {
            id: id("id")?,
            message: EffectId(id("message")?),
            mailbox: row.get("mailbox")?,
            party: PartyId(id("party")?),
            way: id("way")?,
            channel: Channel::parse(&channel)
                .ok_or_else(|| Failure::damaged(format!("no channel {channel}")))?,
            record: RecordId(id("record")?),
            office: row.get("office")?,
            first_try: next_try.unwrap_or(Timestamp::UNIX_EPOCH),
        },
        tries: row.get("tries")?,
        next_try,
        sent_at: instant("sent_at")?,
        error: row.get("error")?,
    })
}

/// Writes how a try ended. One that has ended stays so.
pub(crate) fn tried(db: &Connection, id: Uuid, tried: &Tried) -> Result<u64, Failure> {
    let (tries, next, sent, error, failed) = match tried {
        Tried::Sent(at) => (1, None, Some(*at), None, false),
        Tried::Failed(error, next) => (1, Some(*next), None, Some(error), false),
        Tried::Later(next) => (0, Some(*next), None, None, false),
        Tried::Never(error) => (1, None, None, Some(error), true),
        Tried::Withdrawn => (0, None, None, None, false),
    };
    let mut keep = db.prepare_cached(
        "UPDATE delivery SET tries = tries + ?2, next_try = ?3, sent_at = ?4, error = coalesce(?5, error), failed = ?6
         WHERE id = ?1 AND next_try IS NOT NULL",
    )?;
    Ok(keep.execute(params![
        id.into_bytes(),
        tries,
        next.map(codec::nanos),
        sent.map(codec::nanos),
        error,
        failed,
    ])? as u64)
}

/// Puts away one that a person has seen to.
pub(crate) fn seen(db: &Connection, id: Uuid) -> Result<u64, Failure> {
    Ok(db
        .prepare_cached("UPDATE delivery SET seen = 1 WHERE id = ?1")?
        .execute(params![id.into_bytes()])? as u64)
}

/// How many wait, by channel, and when the one that was to go first was to go.
pub(crate) fn waiting(db: &Connection) -> Result<BTreeMap<Channel, (u64, Timestamp)>, Failure> {
    let mut count = db.prepare_cached(
        "SELECT channel, count(*) AS many, min(next_try) AS first FROM delivery WHERE next_try IS NOT NULL GROUP BY channel",
    )?;
    let mut rows = count.query(params![])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let channel: String = row.get("channel")?;
        if let Some(channel) = Channel::parse(&channel) {
            let many = codec::count(row.get("many")?)?;
            found.insert(channel, (many, codec::instant(row.get("first")?)?));
        }
    }
    Ok(found)
}
