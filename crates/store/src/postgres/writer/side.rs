//! What an act leaves beside journal and snapshots, as statements of its script.

use super::act::{Check, Script};
use super::group::Group;
use crate::codec;
use crate::failure::Failure;
use crate::postgres::session::Wants;
use jiff::Timestamp;
use kernel::port::Prepared;
use kernel::{Derived, Snapshot};
use tokio_postgres::types::ToSql;

type Value<'s> = Box<dyn ToSql + Sync + 's>;

impl<'s> Script<'s> {
    /// Adds a statement and what it must answer.
    pub(super) fn put(
        &mut self,
        group: &Group<'_>,
        sql: &str,
        values: Vec<Value<'s>>,
        check: Check,
    ) -> Result<(), Failure> {
        let wants = match check {
            Check::Balance(..) | Check::Unique(_) => Wants::Rows,
            _ => Wants::Count,
        };
        self.batch.push(group.session, sql, values, wants)?;
        self.checks.push(check);
        Ok(())
    }
}

impl Group<'_> {
    /// Idempotency key, uploads, postings, unique values, timers and effects.
    pub(super) fn side<'s>(
        &self,
        script: &mut Script<'s>,
        prepared: &'s Prepared,
    ) -> Result<(), Failure> {
        self.remember(script, prepared)?;
        for (id, record) in &prepared.attachments {
            script.put(
                self,
                "UPDATE attachment SET record = coalesce(record, $2) WHERE id = $1 AND doomed = 0",
                vec![Box::new(id.0), Box::new(record.0)],
                Check::Attachment(*id),
            )?;
            script.put(
                self,
                "INSERT INTO attachment_use(attachment, record) SELECT id, $2 FROM attachment WHERE id = $1 AND record <> $2
                 ON CONFLICT DO NOTHING",
                vec![Box::new(id.0), Box::new(record.0)],
                Check::Any,
            )?;
        }
        self.post(script, prepared)?;
        self.claim_unique(script, &prepared.records)?;
        for (snapshot, derived) in &prepared.records {
            self.set_timers(script, snapshot, derived)?;
        }
        self.send_off(script, prepared)
    }

    fn remember<'s>(&self, script: &mut Script<'s>, prepared: &'s Prepared) -> Result<(), Failure> {
        let Some(key) = &prepared.idempotency else {
            return Ok(());
        };
        script.put(
            self,
            "INSERT INTO idempotency(owner, key, request, act, record, version, status, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            vec![
                Box::new(&key.owner),
                Box::new(&key.key),
                Box::new(&key.request),
                Box::new(key.act.0),
                Box::new(key.record.0),
                Box::new(codec::column(key.version)?),
                Box::new(i64::from(key.status)),
                Box::new(codec::nanos(key.at)),
            ],
            Check::Idempotency,
        )
    }

    fn post<'s>(&self, script: &mut Script<'s>, prepared: &'s Prepared) -> Result<(), Failure> {
        let act = prepared.events.first().map(|event| event.header.act.0);
        for posting in &prepared.postings {
            let (posted, held) = (posting.posted.to_string(), posting.held.to_string());
            script.put(
                self,
                "INSERT INTO balance(ledger, key, posted, held) VALUES ($1, $2, $3::text::numeric, $4::text::numeric)
                 ON CONFLICT(ledger, key) DO UPDATE SET posted = balance.posted + excluded.posted,
                   held = balance.held + excluded.held
                 RETURNING posted::text AS posted, held::text AS held",
                vec![
                    Box::new(&posting.ledger),
                    Box::new(&posting.key),
                    Box::new(posted.clone()),
                    Box::new(held.clone()),
                ],
                Check::Balance(posting.ledger.clone(), posting.key.clone()),
            )?;
            script.put(
                self,
                "INSERT INTO posting(ledger, key, record, act, posted, held)
                 VALUES ($1, $2, $3, $4, $5::text::numeric, $6::text::numeric)",
                vec![
                    Box::new(&posting.ledger),
                    Box::new(&posting.key),
                    Box::new(posting.record.0),
                    Box::new(act),
                    Box::new(posted),
                    Box::new(held),
                ],
                Check::Any,
            )?;
        }
        Ok(())
    }

    /// Lets go of values that records no longer have, then claims the new ones: records of one act may swap values.
    fn claim_unique<'s>(
        &self,
        script: &mut Script<'s>,
        records: &'s [(Snapshot, Derived)],
    ) -> Result<(), Failure> {
        for (snapshot, derived) in records.iter().filter(|(one, _)| one.version > 1) {
            script.put(
                self,
                "DELETE FROM unique_value WHERE record = $1 AND NOT EXISTS
                   (SELECT 1 FROM unnest($2::text[], $3::bytea[]) AS kept(rule, value)
                    WHERE kept.rule = unique_value.rule AND kept.value = unique_value.value)",
                values_of(snapshot, derived),
                Check::Any,
            )?;
        }
        for (snapshot, derived) in records.iter().filter(|(_, one)| !one.unique.is_empty()) {
            script.put(
                self,
                "INSERT INTO unique_value(rule, value, record)
                 SELECT wanted.rule, wanted.value, $1::uuid FROM unnest($2::text[], $3::bytea[]) AS wanted(rule, value)
                 ON CONFLICT DO NOTHING",
                values_of(snapshot, derived),
                Check::Any,
            )?;
            script.put(
                self,
                "SELECT unique_value.rule, unique_value.record
                 FROM unnest($2::text[], $3::bytea[]) AS wanted(rule, value)
                 JOIN unique_value ON unique_value.rule = wanted.rule AND unique_value.value = wanted.value
                 WHERE unique_value.record <> $1 LIMIT 1",
                values_of(snapshot, derived),
                Check::Unique(snapshot.id),
            )?;
        }
        Ok(())
    }

    fn set_timers<'s>(
        &self,
        script: &mut Script<'s>,
        snapshot: &Snapshot,
        derived: &'s Derived,
    ) -> Result<(), Failure> {
        let record = snapshot.id.0;
        if snapshot.version > 1 {
            script.put(
                self,
                "DELETE FROM timer WHERE record = $1",
                vec![Box::new(record)],
                Check::Any,
            )?;
        }
        if derived.timers.is_empty() {
            return Ok(());
        }
        let timers = &derived.timers;
        script.put(
            self,
            "INSERT INTO timer(record, clock, what, due)
             SELECT $1::uuid, clock, what, due FROM unnest($2::text[], $3::text[], $4::text[]) AS timer(clock, what, due)
             ON CONFLICT DO NOTHING",
            vec![
                Box::new(record),
                Box::new(timers.iter().map(|timer| &timer.clock).collect::<Vec<_>>()),
                Box::new(timers.iter().map(|timer| &timer.what).collect::<Vec<_>>()),
                Box::new(timers.iter().map(|timer| timer.on.to_string()).collect::<Vec<_>>()),
            ],
            Check::Any,
        )
    }

    fn send_off<'s>(&self, script: &mut Script<'s>, prepared: &Prepared) -> Result<(), Failure> {
        let since = prepared
            .events
            .first()
            .map(|event| event.header.recorded_at)
            .or(prepared.idempotency.as_ref().map(|key| key.at));
        let since = codec::nanos(since.unwrap_or(Timestamp::UNIX_EPOCH));
        for effect in &prepared.effects {
            script.put(
                self,
                "INSERT INTO outbox(id, kind, body, since, next_try) VALUES ($1, $2, $3, $4, $4) ON CONFLICT(id) DO NOTHING",
                vec![
                    Box::new(effect.id.0),
                    Box::new(effect.order.kind()),
                    Box::new(serde_json::to_vec(&effect.order)?),
                    Box::new(since),
                ],
                Check::Any,
            )?;
        }
        Ok(())
    }
}

/// The record and its unique values: `$1`, `$2`, `$3`.
fn values_of<'s>(snapshot: &Snapshot, derived: &'s Derived) -> Vec<Value<'s>> {
    let unique = &derived.unique;
    vec![
        Box::new(snapshot.id.0),
        Box::new(unique.iter().map(|one| &one.constraint).collect::<Vec<_>>()),
        Box::new(unique.iter().map(|one| &one.value).collect::<Vec<_>>()),
    ]
}
