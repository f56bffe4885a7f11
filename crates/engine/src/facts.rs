//! Gathers what a decision may read.

use crate::list::lookup_page;
use crate::{Engine, Failure};
use definition::model::{RecordType, Service};
use kernel::port::{Account, Attachment, MAX_USES};
use kernel::scope::ids_in;
use kernel::{Actor, AttachmentFact, AttachmentId, Facts, Official, RecordId, Snapshot};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

/// The most related records that are read with one.
pub(crate) const MAX_RELATED: usize = 200;
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
            officials: BTreeMap::new(),
            numbers: BTreeMap::new(),
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
        wanted.extend(named(rt, &record));
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
                if let Some(rt) = facts.service.types.get(&parent.record_type) {
                    wanted.extend(named(rt, &parent));
                }
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

    /// Whether something among the facts has moved on since it was read. Records are read one after another: while others
    /// act, they may show together what never was.
    pub(crate) async fn have_moved(&self, facts: &Facts) -> Result<bool, Failure> {
        let looked_up = facts.lookups.values().flatten();
        let around = facts.related.values().chain(looked_up);
        let read = facts.record.iter().chain(around);
        // The record may stand there twice, read at two moments: as such, and as a sibling of its own.
        let read: BTreeSet<(RecordId, u64)> = read.map(|one| (one.id, one.version)).collect();
        // One alone was so when it was read.
        if read.len() < 2 {
            return Ok(false);
        }
        let ids: BTreeSet<RecordId> = read.iter().map(|(id, _)| *id).collect();
        let ids: Vec<RecordId> = ids.into_iter().collect();
        let now = self.store.snapshots(&ids).await?;
        let now: BTreeSet<(RecordId, u64)> = now.iter().map(|one| (one.id, one.version)).collect();
        Ok(read != now)
    }

    /// Adds the records that an input names, as far as the actor may name them.
    pub(crate) async fn add_named(
        &self,
        facts: &mut Facts,
        rt: &RecordType,
        actor: &Actor,
        input: &Map<String, Json>,
    ) -> Result<(), Failure> {
        let ids: Vec<RecordId> = rt
            .fields
            .values()
            .filter(|field| field.kind.record_link().is_some())
            .filter_map(|field| input.get(&field.name))
            .flat_map(ids_in)
            .filter(|id| !facts.related.contains_key(id))
            .take(MAX_RELATED)
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        for found in self.store.snapshots(&ids).await? {
            let seen = found.service == facts.service.slug
                && facts
                    .service
                    .types
                    .get(&found.record_type)
                    .is_some_and(|rt| kernel::may_name(rt, actor, &found));
            if seen {
                facts.related.insert(found.id, found);
            }
        }
        Ok(())
    }

    /// Adds the officials whom an input names, by sign-in name or by the account's number.
    pub(crate) async fn add_officials(
        &self,
        facts: &mut Facts,
        rt: &RecordType,
        input: &Map<String, Json>,
    ) -> Result<(), Failure> {
        let fields = rt.fields.values().filter(|field| field.official.is_some());
        let named = fields.filter_map(|field| Some((field, input.get(&field.name)?.as_str()?)));
        for (field, said) in named {
            let said = said.trim();
            let gives_back = facts.record.as_ref();
            let gives_back =
                gives_back.is_some_and(|record| kernel::had_before(rt, field, record, said));
            let found = match said.parse().map(kernel::AccountId) {
                Ok(id) => self.account(id).await?,
                Err(_) => self.account_by_login(said).await?,
            };
            let official = |one: &Account| {
                gives_back || one.seats.iter().any(|seat| seat.substitute.is_none())
            };
            if let Some(account) = found.filter(official) {
                let official = Official {
                    account: account.id,
                    name: account.name,
                    seats: account.seats,
                };
                facts.officials.insert(said.to_owned(), official);
            }
        }
        Ok(())
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
        // What the record names, and what was drafted for it.
        let mut standing = BTreeSet::new();
        if let Some(record) = &facts.record {
            let drafted = record.route.iter().flat_map(|route| route.input.values());
            let values = record.fields.values().chain(drafted);
            values.for_each(|value| collect_ids(value, &mut standing));
        }
        let mut ids = standing.clone();
        input
            .values()
            .for_each(|value| collect_ids(value, &mut ids));
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<AttachmentId> = ids.into_iter().take(MAX_RELATED).collect();
        for found in self.store.attachments(&ids).await? {
            let in_record = found.record.is_some() && standing.contains(&found.id);
            let own = found.record.is_none()
                && (actor.system || (found.owner.is_some() && found.owner == actor.account));
            let usable = in_record || own || self.may_be_named_again(facts, actor, &found).await?;
            facts.attachments.insert(
                found.id,
                AttachmentFact {
                    media_type: found.media_type,
                    bytes: found.bytes,
                    usable,
                    pages: None,
                },
            );
        }
        Ok(())
    }

    /// Whether what a record has may be taken over into another: from one that this record names, or from one in which
    /// the actor reads it as their own.
    async fn may_be_named_again(
        &self,
        facts: &Facts,
        actor: &Actor,
        found: &Attachment,
    ) -> Result<bool, Failure> {
        let uses: Vec<RecordId> = found.uses().collect();
        if uses.is_empty() || uses.len() >= MAX_USES {
            return Ok(false);
        }
        let related = uses.iter().filter_map(|id| facts.related.get(id));
        let taken_over = related
            .filter_map(|other| Some((other, facts.service.types.get(&other.record_type)?)))
            .any(|(other, rt)| kernel::may_name(rt, actor, other));
        if taken_over {
            return Ok(true);
        }
        for other in self.store.snapshots(&uses).await? {
            if self.may_reuse(actor, &other, found.id).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The records that a record's fields name.
pub(crate) fn named(rt: &RecordType, record: &Snapshot) -> Vec<RecordId> {
    rt.fields
        .values()
        .filter(|field| field.kind.record_link().is_some())
        .filter_map(|field| record.fields.get(&field.id))
        .flat_map(ids_in)
        .collect()
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
