//! The facts around a record: its relatives, as an act leaves them.

use crate::facts::Facts;
use crate::ids::RecordId;
use crate::snapshot::Snapshot;
use definition::model::{RecordType, Service};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The facts around a record, with records that an act has changed laid over them.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// What was gathered.
    pub facts: &'a Facts,
    over: &'a [Snapshot],
    seen: Option<&'a RefCell<BTreeSet<RecordId>>>,
    /// Relatives that are closed beyond role are as if they were not there.
    open_only: bool,
}

impl<'a> Around<'a> {
    /// The facts as gathered.
    #[must_use]
    pub fn of(facts: &'a Facts) -> Self {
        Self {
            facts,
            over: &[],
            seen: None,
            open_only: false,
        }
    }

    /// With changed records (those of a [`crate::Decision`]) in place of the gathered ones.
    #[must_use]
    pub fn over(self, changed: &'a [Snapshot]) -> Self {
        Self {
            over: changed,
            ..self
        }
    }

    /// For what is told of a record to whoever reads it, or found by it: an open record says nothing of relatives that
    /// are closed beyond role.
    #[must_use]
    pub fn telling(self, of: &Snapshot) -> Self {
        Self {
            open_only: self.open_only || of.closed.is_none(),
            ..self
        }
    }

    /// Whether a relative may be spoken of.
    pub(crate) fn tells(&self, relative: &Snapshot) -> bool {
        !self.open_only || relative.closed.is_none()
    }

    /// Notes which related records are read.
    pub(crate) fn noting(self, seen: &'a RefCell<BTreeSet<RecordId>>) -> Self {
        Self {
            seen: Some(seen),
            ..self
        }
    }

    pub(crate) fn note(&self, ids: impl IntoIterator<Item = RecordId>) {
        if let Some(seen) = self.seen {
            seen.borrow_mut().extend(ids);
        }
    }

    /// The service.
    #[must_use]
    pub fn service(&self) -> &'a Service {
        &self.facts.service
    }

    /// A record, if it is among the facts.
    #[must_use]
    pub fn record(&self, id: RecordId) -> Option<&'a Snapshot> {
        let own = || self.facts.record.as_ref().filter(|r| r.id == id);
        let found = self
            .over
            .iter()
            .find(|s| s.id == id)
            .or_else(own)
            .or_else(|| self.facts.related.get(&id));
        self.note(found.map(|_| id));
        found.filter(|one| self.tells(one))
    }

    /// The children of a record in a slot, in the order in which they were opened.
    #[must_use]
    pub fn children(&self, parent: RecordId, slot: &str) -> Vec<&'a Snapshot> {
        let is_child = |s: &&Snapshot| {
            s.parent
                .as_ref()
                .is_some_and(|p| p.id == parent && p.slot == slot)
        };
        let unchanged = |s: &&Snapshot| !self.over.iter().any(|o| o.id == s.id);
        let mut all: Vec<&Snapshot> = self.over.iter().filter(is_child).collect();
        all.extend(
            self.facts
                .related
                .values()
                .chain(&self.facts.record)
                .filter(unchanged)
                .filter(is_child),
        );
        all.sort_by_key(|s| (s.created_at, s.id));
        all.dedup_by_key(|s| s.id);
        self.note(all.iter().map(|s| s.id));
        all.retain(|one| self.tells(one));
        all
    }

    /// The type of a record of this service.
    #[must_use]
    pub fn type_of(&self, snapshot: &Snapshot) -> Option<&'a RecordType> {
        self.facts
            .service
            .types
            .get(&snapshot.record_type)
            .map(Arc::as_ref)
    }
}
