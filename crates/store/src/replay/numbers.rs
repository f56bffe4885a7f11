//! Whether the counters stand where the numbers that were given say: a counter that was put back would give one twice.

use super::Stop;
use crate::codec;
use crate::db::{Connection, params};
use crate::house::looks;
use crate::read::Evidence;
use crate::writer::KEY_COUNTER;
use kernel::port::Stored;
use kernel::{Patch, RecordId, number};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers that the events gave, by counter; and the highest key that they name.
#[derive(Default)]
pub(crate) struct Numbers {
    given: BTreeMap<String, u64>,
    key: u64,
    /// Records whose events can no longer be read.
    sealed: BTreeSet<RecordId>,
}

impl Numbers {
    /// One event.
    pub(crate) fn see(&mut self, stored: &Stored, evidence: &Evidence) {
        self.key = self.key.max(evidence.key);
        let header = &stored.event.header;
        // Of what was disposed of, the certificate says which numbers it had.
        if let Some(certificate) = kernel::keep::certificate(&stored.event) {
            if self.sealed.remove(&header.record) {
                for counter in &certificate.drawn {
                    *self.given.entry(counter.clone()).or_default() += 1;
                }
            }
            return;
        }
        if !evidence.is_opened {
            self.sealed.insert(header.record);
            return;
        }
        let numbers = stored.event.body.patches.iter();
        let numbers = numbers.filter(|patch| matches!(patch, Patch::Number(_)));
        for _ in numbers {
            let (service, kind) = (&header.service, &header.record_type);
            let authority = evidence.authority.as_deref();
            let counter = number::counter(service, kind, authority, header.effective_on);
            *self.given.entry(counter).or_default() += 1;
        }
    }

    /// Numbers are drawn in the commit that uses them, so they have no gaps: a counter is how many were given.
    pub(crate) fn compare(mut self, db: &Connection<'_>) -> Result<(), Stop> {
        let mut find = db.prepare_cached("SELECT name, last FROM counter ORDER BY name")?;
        let mut rows = find.query(params![])?;
        while let Some(row) = rows.next()? {
            let (name, last): (String, i64) = (row.get("name")?, row.get("last")?);
            let last = codec::count(last)?;
            if name == KEY_COUNTER {
                if last < self.key {
                    let what =
                        format!("key {} is in use, yet keys are counted to {last}", self.key);
                    return Err(Stop::other(what));
                }
                continue;
            }
            if name == looks::index::DONE {
                continue;
            }
            let given = self.given.remove(&name).unwrap_or_default();
            if given != last {
                let what =
                    format!("{given} numbers of {name} were given, yet its counter says {last}");
                return Err(Stop::other(what));
            }
        }
        match self.given.into_keys().next() {
            Some(name) => Err(Stop::other(format!("numbers of {name} have no counter"))),
            None => Ok(()),
        }
    }
}
