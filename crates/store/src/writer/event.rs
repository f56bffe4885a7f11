//! Appending to the journal.

use super::act::{Met, Stop};
use super::group::Writer;
use crate::{codec, seal};
use kernel::port::Committed;
use kernel::{Derived, Event, Snapshot};
use rusqlite::params;

impl Writer {
    /// Seals an event and appends it to its record's chain.
    pub(super) fn append(
        &self,
        met: &mut Met,
        event: &Event,
        body: &[u8],
        records: &[(Snapshot, Derived)],
    ) -> Result<(), Stop> {
        let header = &event.header;
        let touched = self.touch(met, header.record)?;
        if header.seq != touched.version + 1 {
            return Err(Stop::answer(Committed::Moved(header.record)));
        }
        if touched.key == 0 {
            touched.key = self.keys.take()?;
        }
        let authority = records
            .iter()
            .find(|(snapshot, _)| snapshot.id == header.record)
            .and_then(|(snapshot, _)| snapshot.authority.as_deref());
        let plain = seal::canonical(header, authority)?;
        let sealed = seal::seal(&self.keys.key(touched.key)?, &plain, body)?;
        let hash = seal::sha256(&[&touched.hash, &plain, &sealed]);
        self.db
            .prepare_cached(
                "INSERT INTO event(record, seq, act, service, record_type, action, definition, authority, recorded_at, occurred_at,
                   effective_on, actor, on_behalf_of, acted_as, seat_office, previous, hash, key, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
            )?
            .execute(params![
                header.record.0.into_bytes(),
                codec::column(header.seq)?,
                header.act.0.into_bytes(),
                header.service,
                header.record_type,
                header.action,
                header.definition,
                authority,
                header.recorded_at.to_string(),
                header.occurred_at.to_string(),
                header.effective_on.to_string(),
                header.actor.map(|id| id.0.into_bytes()),
                header.on_behalf_of.map(|id| id.0.into_bytes()),
                header.acted_as,
                header.seat_office,
                touched.hash,
                hash,
                codec::column(touched.key)?,
                sealed,
            ])?;
        touched.version = header.seq;
        touched.hash = hash;
        Ok(())
    }
}
