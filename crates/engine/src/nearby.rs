//! What the lines of a list read of records beside their own: parents, and records that they name.

use crate::facts::named;
use crate::{Engine, Failure};
use definition::model::RecordType;
use feel::Typed;
use kernel::{RecordId, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// Records beside those of a page, by id.
pub(crate) struct Nearby(BTreeMap<RecordId, Snapshot>);

impl Nearby {
    /// Those that stand beside one record.
    pub(crate) fn of(&self, rt: &RecordType, record: &Snapshot) -> BTreeMap<RecordId, Snapshot> {
        if self.0.is_empty() {
            return BTreeMap::new();
        }
        let parent = record.parent.iter().map(|parent| parent.id);
        let near = parent.chain(named(rt, record));
        near.filter_map(|id| Some((id, self.0.get(&id)?.clone())))
            .collect()
    }
}

impl Engine {
    /// Reads in one go what the labels and `columns` of a page's records read beside them; nothing where they read
    /// their own record alone.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn nearby(
        &self,
        rt: &RecordType,
        columns: &[&Typed],
        page: &[Snapshot],
    ) -> Result<Nearby, Failure> {
        let read: BTreeSet<&str> = rt
            .label
            .iter()
            .chain(columns.iter().copied())
            .flat_map(|value| value.reads())
            .filter_map(|path| path.first().map(String::as_str))
            .collect();
        let links = rt.fields.values();
        let names = links
            .filter(|field| field.kind.record_link().is_some())
            .any(|field| read.contains(field.name.as_str()));
        let mut wanted = BTreeSet::new();
        if read.contains("parent") {
            wanted.extend(
                page.iter()
                    .flat_map(|one| &one.parent)
                    .map(|above| above.id),
            );
        }
        if names {
            wanted.extend(page.iter().flat_map(|record| named(rt, record)));
        }
        if wanted.is_empty() {
            return Ok(Nearby(BTreeMap::new()));
        }
        let wanted: Vec<RecordId> = wanted.into_iter().collect();
        let found = self.store.snapshots(&wanted).await?;
        Ok(Nearby(found.into_iter().map(|one| (one.id, one)).collect()))
    }
}
