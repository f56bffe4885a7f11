//! Gathers what a decision may read.

use crate::list::lookup_page;
use crate::{Engine, Failure};
use definition::model::{RecordType, Service};
use kernel::{Actor, AttachmentFact, AttachmentId, Facts, RecordId, Snapshot};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

/// The most related records that are read with one.
const MAX_RELATED: usize = 200;
/// Parents, their parents …: the most generations above a record that an act can reach.
const MAX_GENERATIONS: usize = 4;

impl Engine {
    /// Facts for a record that is to be opened.
    pub(crate) fn empty_facts(&self, service: Arc<Service>) -> Facts {
        Facts {
            service,
            record: None,
            related: BTreeMap::new(),
            lookups: BTreeMap::new(),
            attachments: BTreeMap::new(),
            calendar: Arc::clone(&self.catalogue().calendar),
            today: self.today(),
            now: self.clock.now(),
        }
    }

    /// Facts around a record: related records and lookups.
    pub(crate) async fn facts(
        &self,
        service: Arc<Service>,
        rt: &RecordType,
        record: Snapshot,
    ) -> Result<Facts, Failure> {
        let mut facts = self.empty_facts(service);
        let mut wanted: BTreeSet<RecordId> = record.links.values().flatten().copied().collect();
        if !rt.has.is_empty() {
            for child in self.store.children(record.id, MAX_RELATED).await? {
                facts.related.insert(child.id, child);
            }
        }
        let mut above = record.parent.as_ref().map(|parent| parent.id);
        for _ in 0..MAX_GENERATIONS {
            let Some(id) = above.take() else { break };
            for parent in self.store.snapshots(&[id]).await? {
                wanted.extend(parent.links.values().flatten());
                above = parent.parent.as_ref().map(|parent| parent.id);
                facts.related.insert(parent.id, parent);
            }
            // A parent without its children would be judged wrongly: `every` over none is true.
            for sibling in self.store.children(id, MAX_RELATED).await? {
                facts.related.insert(sibling.id, sibling);
            }
        }
        let missing: Vec<RecordId> = wanted
            .into_iter()
            .filter(|id| !facts.related.contains_key(id))
            .take(MAX_RELATED)
            .collect();
        if !missing.is_empty() {
            for linked in self.store.snapshots(&missing).await? {
                facts.related.insert(linked.id, linked);
            }
        }
        facts.record = Some(record);
        self.add_lookups(&mut facts, rt).await?;
        Ok(facts)
    }

    /// Looks up anew what the record as it stands in the facts asks for.
    pub(crate) async fn add_lookups(
        &self,
        facts: &mut Facts,
        rt: &RecordType,
    ) -> Result<(), Failure> {
        for lookup in rt.lookups.values() {
            let found = lookup_page(self, facts, rt, lookup).await?;
            facts.lookups.insert(lookup.name.clone(), found);
        }
        Ok(())
    }

    /// Adds what is known of the uploads named in the input or already in the record.
    pub(crate) async fn add_attachments(
        &self,
        facts: &mut Facts,
        actor: &Actor,
        input: &Map<String, Json>,
    ) -> Result<(), Failure> {
        let mut ids = BTreeSet::new();
        input
            .values()
            .for_each(|value| collect_ids(value, &mut ids));
        if let Some(record) = &facts.record {
            record
                .fields
                .values()
                .for_each(|value| collect_ids(value, &mut ids));
        }
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<AttachmentId> = ids.into_iter().take(MAX_RELATED).collect();
        let record = facts.record.as_ref().map(|record| record.id);
        for found in self.store.attachments(&ids).await? {
            let in_record = found.record.is_some() && found.record == record;
            let own = found.record.is_none()
                && (actor.system || (found.owner.is_some() && found.owner == actor.account));
            facts.attachments.insert(
                found.id,
                AttachmentFact {
                    media_type: found.media_type,
                    bytes: found.bytes,
                    usable: in_record || own,
                },
            );
        }
        Ok(())
    }
}

/// Every text that reads as a UUID may name an upload; the kernel looks only at those in file fields.
fn collect_ids(value: &Json, into: &mut BTreeSet<AttachmentId>) {
    match value {
        Json::String(text) if text.len() == 36 => {
            if let Ok(id) = AttachmentId::from_str(text) {
                into.insert(id);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| collect_ids(item, into)),
        Json::Object(members) => members
            .values()
            .for_each(|member| collect_ids(member, into)),
        _ => {}
    }
}
