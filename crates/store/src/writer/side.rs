//! What an act leaves beside journal and snapshots: unique values, uploads taken into use, timers, effects, its key.

use super::act::Stop;
use super::group::Writer;
use crate::codec;
use crate::db::OptionalExtension as _;
use crate::failure::Failure;
use jiff::Timestamp;
use kernel::port::{Committed, Idempotency, Prepared};
use kernel::{ActId, AttachmentId, Derived, RecordId, Snapshot};
use rusqlite::params;

impl Writer {
    /// Keeps the idempotency key, or answers what it answered before.
    pub(super) fn remember(&self, key: Option<&Idempotency>) -> Result<(), Stop> {
        let Some(new) = key else { return Ok(()) };
        if let Some(earlier) = find_idempotency(&(&self.db).into(), &new.owner, &new.key)? {
            return Err(Stop::answer(Committed::Repeated(earlier)));
        }
        self.db
            .prepare_cached("INSERT INTO idempotency(owner, key, request, act, record, version, status, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute(params![
                new.owner,
                new.key,
                new.request,
                new.act.0.into_bytes(),
                new.record.0.into_bytes(),
                codec::column(new.version)?,
                new.status,
                codec::nanos(new.at)
            ])?;
        Ok(())
    }

    /// Gives each upload to its record; one that is in use stays with its first record, and is noted to be used by this
    /// one too.
    pub(super) fn take_attachments(
        &self,
        attachments: &[(AttachmentId, RecordId)],
    ) -> Result<(), Stop> {
        let mut take = self.db.prepare_cached(
            "UPDATE attachment SET record = coalesce(record, ?2) WHERE id = ?1 AND doomed = 0",
        )?;
        let mut also = self.db.prepare_cached(
            "INSERT INTO attachment_use(attachment, record) SELECT id, ?2 FROM attachment WHERE id = ?1 AND record <> ?2
             ON CONFLICT DO NOTHING",
        )?;
        for (id, record) in attachments {
            let named = params![id.0.into_bytes(), record.0.into_bytes()];
            if take.execute(named)? == 0 {
                return Err(Stop::answer(Committed::AttachmentMissing(*id)));
            }
            also.execute(named)?;
        }
        Ok(())
    }

    /// Lets go of values that records no longer have, then claims the new ones: records of one act may swap values.
    pub(super) fn claim_unique(&self, records: &[(Snapshot, Derived)]) -> Result<(), Stop> {
        for (snapshot, derived) in records {
            if snapshot.version > 1 {
                self.release_unique(snapshot.id, derived)?;
            }
        }
        let mut claim = self.db.prepare_cached("INSERT INTO unique_value(rule, value, record) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
        let mut holder = self
            .db
            .prepare_cached("SELECT record FROM unique_value WHERE rule = ?1 AND value = ?2")?;
        for (snapshot, derived) in records {
            for unique in &derived.unique {
                if claim.execute(params![
                    unique.constraint,
                    unique.value,
                    snapshot.id.0.into_bytes()
                ])? > 0
                {
                    continue;
                }
                let by: Vec<u8> = holder
                    .query_row(params![unique.constraint, unique.value], |row| {
                        row.get("record")
                    })?;
                let by = RecordId(codec::id(&by)?);
                if by != snapshot.id {
                    let (constraint, message) = (unique.constraint.clone(), unique.message.clone());
                    return Err(Stop::answer(Committed::Taken {
                        constraint,
                        message,
                        by,
                    }));
                }
            }
        }
        Ok(())
    }

    fn release_unique(&self, record: RecordId, derived: &Derived) -> Result<(), Failure> {
        let mut held = self
            .db
            .prepare_cached("SELECT rule, value FROM unique_value WHERE record = ?1")?;
        let held = held.query_map([record.0.as_bytes().as_slice()], |row| {
            Ok((row.get("rule")?, row.get("value")?))
        })?;
        let held: Vec<(String, Vec<u8>)> = held.collect::<Result<_, _>>()?;
        let mut release = self
            .db
            .prepare_cached("DELETE FROM unique_value WHERE rule = ?1 AND value = ?2")?;
        for (rule, value) in held {
            if !derived
                .unique
                .iter()
                .any(|kept| kept.constraint == rule && kept.value == value)
            {
                release.execute(params![rule, value])?;
            }
        }
        Ok(())
    }

    /// Timers and effects.
    pub(super) fn send_off(&self, prepared: &Prepared) -> Result<(), Failure> {
        for (snapshot, derived) in &prepared.records {
            self.set_timers(snapshot, derived)?;
        }
        let since = prepared
            .events
            .first()
            .map(|event| event.header.recorded_at)
            .or(prepared.idempotency.as_ref().map(|key| key.at));
        let since = codec::nanos(since.unwrap_or(Timestamp::UNIX_EPOCH));
        let mut add = self.db.prepare_cached(
            "INSERT INTO outbox(id, kind, body, since, next_try) VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT(id) DO NOTHING",
        )?;
        for effect in &prepared.effects {
            add.execute(params![
                effect.id.0.into_bytes(),
                effect.order.kind(),
                serde_json::to_vec(&effect.order)?,
                since
            ])?;
        }
        Ok(())
    }

    fn set_timers(&self, snapshot: &Snapshot, derived: &Derived) -> Result<(), Failure> {
        let record = snapshot.id.0.into_bytes();
        if snapshot.version > 1 {
            self.db
                .prepare_cached("DELETE FROM timer WHERE record = ?1")?
                .execute([record])?;
        }
        let mut add = self.db.prepare_cached(
            "INSERT OR IGNORE INTO timer(record, clock, what, due) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for timer in &derived.timers {
            add.execute(params![
                record,
                timer.clock,
                timer.what,
                timer.on.to_string()
            ])?;
        }
        Ok(())
    }
}

/// What an idempotency key answered.
pub(crate) fn find_idempotency(
    db: &crate::db::Connection<'_>,
    owner: &str,
    key: &str,
) -> Result<Option<Idempotency>, Failure> {
    let mut find = db.prepare_cached("SELECT request, act, record, version, status, at FROM idempotency WHERE owner = ?1 AND key = ?2")?;
    let found = find
        .query_row([owner, key], |row| {
            let ids: (Vec<u8>, Vec<u8>) = (row.get("act")?, row.get("record")?);
            let rest: (i64, u16, i64) = (row.get("version")?, row.get("status")?, row.get("at")?);
            Ok((row.get::<_, String>("request")?, ids, rest))
        })
        .optional()?;
    let Some((request, (act, record), (version, status, at))) = found else {
        return Ok(None);
    };
    Ok(Some(Idempotency {
        owner: owner.to_owned(),
        key: key.to_owned(),
        request,
        act: ActId(codec::id(&act)?),
        record: RecordId(codec::id(&record)?),
        version: codec::count(version)?,
        status,
        at: codec::instant(at)?,
    }))
}
