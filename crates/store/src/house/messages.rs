//! Messages on My Page and at desks.

use crate::codec;
use crate::db::{Connection, Row, params};
use crate::failure::Failure;
use jiff::Timestamp;
use kernel::mailroom::Delivery;
use kernel::port::MessageRow;
use kernel::{EffectId, RecordId};

/// Shows a message once per effect, and queues its deliveries with it.
pub(crate) fn put(
    db: &Connection,
    message: &MessageRow,
    deliveries: &[Delivery],
) -> Result<u64, Failure> {
    let added = add(db, message)?;
    if added > 0 {
        for delivery in deliveries {
            super::deliveries::add(db, delivery)?;
        }
    }
    Ok(added)
}

fn add(db: &Connection, message: &MessageRow) -> Result<u64, Failure> {
    let mut add = db.prepare_cached(
        "INSERT INTO message(mailbox, id, record, service, record_type, subject, body, at, read_at, others, reach)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING",
    )?;
    let added = add.execute(params![
        message.mailbox,
        message.id.0.into_bytes(),
        message.record.0.into_bytes(),
        message.service,
        message.record_type,
        message.subject,
        message.body,
        codec::nanos(message.at),
        message.read_at.map(codec::nanos),
        serde_json::to_string(&message.others)?,
        serde_json::to_string(&message.reach)?,
    ])?;
    Ok(added as u64)
}

/// Takes away what was said about a record.
pub(crate) fn forget(db: &Connection, record: RecordId) -> Result<(), Failure> {
    db.prepare_cached("DELETE FROM message WHERE record = ?1")?
        .execute(params![record.0.into_bytes()])?;
    Ok(())
}

const MESSAGE: &str =
    "SELECT mailbox, id, record, service, record_type, subject, body, at, read_at, others, reach
  FROM message";

/// One message of a mailbox.
pub(crate) fn one(
    db: &Connection,
    mailbox: &str,
    id: EffectId,
) -> Result<Option<MessageRow>, Failure> {
    let mut find = db.prepare_cached(&format!("{MESSAGE} WHERE mailbox = ?1 AND id = ?2"))?;
    let mut rows = find.query(params![mailbox, id.0.into_bytes()])?;
    rows.next()?.map(message).transpose()
}

/// Messages of mailboxes, newest first; one that stands in several of them comes once.
pub(crate) fn of(
    db: &Connection,
    mailboxes: &[String],
    before: Option<EffectId>,
    limit: usize,
) -> Result<Vec<MessageRow>, Failure> {
    let before = before.map_or([0xff; 16], |id| id.0.into_bytes());
    let mut find = db.prepare_cached(&format!(
        "{MESSAGE} WHERE mailbox = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
    ))?;
    let mut found = Vec::new();
    for mailbox in mailboxes {
        let mut rows = find.query(params![mailbox, before, codec::limit(limit)])?;
        while let Some(row) = rows.next()? {
            found.push(message(row)?);
        }
    }
    found.sort_by_key(|message| std::cmp::Reverse(message.id));
    found.dedup_by(|a, b| a.id == b.id);
    found.truncate(limit);
    Ok(found)
}

fn message(row: Row<'_>) -> Result<MessageRow, Failure> {
    let (others, reach): (String, String) = (row.get("others")?, row.get("reach")?);
    Ok(MessageRow {
        id: EffectId(codec::id(&row.get::<_, Vec<u8>>("id")?)?),
        mailbox: row.get("mailbox")?,
        record: RecordId(codec::id(&row.get::<_, Vec<u8>>("record")?)?),
        service: row.get("service")?,
        record_type: row.get("record_type")?,
        subject: row.get("subject")?,
        body: row.get("body")?,
        others: codec::json(others.as_bytes())?,
        reach: codec::json(reach.as_bytes())?,
        at: codec::instant(row.get("at")?)?,
        read_at: row
            .get::<_, Option<i64>>("read_at")?
            .map(codec::instant)
            .transpose()?,
    })
}

/// Marks a message as read; the first reading stands.
pub(crate) fn read(
    db: &Connection,
    mailbox: &str,
    id: EffectId,
    at: Timestamp,
) -> Result<u64, Failure> {
    let mut mark = db.prepare_cached(
        "UPDATE message SET read_at = coalesce(read_at, ?3) WHERE mailbox = ?1 AND id = ?2",
    )?;
    Ok(mark.execute(params![mailbox, id.0.into_bytes(), codec::nanos(at)])? as u64)
}
