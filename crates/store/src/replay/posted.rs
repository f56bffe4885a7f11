//! Whether postings are those of their acts: the first event of an act keeps a digest over what it posted. Acts of older
//! programs keep none, nor do those whose content was disposed of; for them it is seen only that there is such an act.

use super::{Difference, Stop};
use crate::codec;
use crate::db::Row;
use kernel::port::Stored;
use kernel::posted::Posted;
use kernel::{ActId, RecordId};
use std::collections::HashMap;

/// Postings with an act, act by act and in their order.
pub(crate) const BY_ACT: &str =
    "SELECT no, act, ledger, key, record, posted, held FROM posting WHERE act IS NOT NULL";

/// What acts say that they posted.
#[derive(Default)]
pub(crate) struct Wanted {
    acts: HashMap<ActId, (u64, RecordId, String)>,
    current: Option<(ActId, Posted)>,
}

impl Wanted {
    /// One event.
    pub(crate) fn see(&mut self, stored: &Stored) {
        if let Some(digest) = &stored.event.body.postings {
            let header = &stored.event.header;
            let said = (stored.position, header.record, digest.clone());
            self.acts.insert(header.act, said);
        }
    }

    /// One row of [`BY_ACT`], its amounts as text.
    pub(crate) fn row(&mut self, row: Row<'_>, amounts: [String; 2]) -> Result<(), Stop> {
        let act = ActId(codec::id(&row.get::<_, Vec<u8>>("act")?)?);
        if self
            .current
            .as_ref()
            .is_some_and(|(current, _)| *current != act)
        {
            self.act_ends()?;
        }
        let record = RecordId(codec::id(&row.get::<_, Vec<u8>>("record")?)?);
        let [posted, held] = amounts;
        let amounts = [codec::decimal(&posted)?, codec::decimal(&held)?];
        let (ledger, key): (String, String) = (row.get("ledger")?, row.get("key")?);
        let (_, digest) = self.current.get_or_insert_with(|| (act, Posted::default()));
        digest.add(&ledger, &key, record, amounts);
        Ok(())
    }

    fn act_ends(&mut self) -> Result<(), Stop> {
        let Some((act, posted)) = self.current.take() else {
            return Ok(());
        };
        match self.acts.remove(&act) {
            Some((position, record, digest)) if digest != posted.digest() => {
                Err(other(position, record))
            }
            _ => Ok(()),
        }
    }

    /// After the last row.
    pub(crate) fn end(mut self) -> Result<(), Stop> {
        self.act_ends()?;
        let first = self
            .acts
            .into_values()
            .min_by_key(|(position, ..)| *position);
        first.map_or(Ok(()), |(position, record, _)| Err(other(position, record)))
    }
}

fn other(position: u64, record: RecordId) -> Stop {
    Stop::Different(Difference {
        position: Some(position),
        record: Some(record),
        what: "the postings of its act are not those that it made".into(),
    })
}
