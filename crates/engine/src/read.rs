//! Every read of a record passes here, so that who looked can be written down.

use crate::looking::Read;
use crate::registry::record_type;
use crate::view::RecordView;
use crate::{Engine, Failure};
use definition::model::{RecordType, Service};
use jiff::civil::Date;
use kernel::looks::Way;
use kernel::{Actor, Facts, Header, RecordId, Sight, Snapshot};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most events that are folded to show a record as of a day.
const MAX_EVENTS: usize = 10_000;

/// A record as it is, opened for somebody who may see it.
pub(crate) struct Opened<'a> {
    /// The definition that governs it.
    pub(crate) service: Arc<Service>,
    pub(crate) rt: Arc<RecordType>,
    pub(crate) record: Snapshot,
    /// Who looks: a clerk may stand in for a party.
    pub(crate) actor: Cow<'a, Actor>,
    /// What of it they see.
    pub(crate) sight: Sight,
}

impl Engine {
    /// A record as the actor may see it, now or as of a day (by effective date).
    ///
    /// # Errors
    /// 404 if there is no such record for this actor.
    pub async fn record(
        &self,
        actor: &Actor,
        purpose: Option<&str>,
        service: &str,
        record_type: &str,
        id: RecordId,
        as_of: Option<Date>,
    ) -> Result<RecordView, Failure> {
        let opened = self.open_record(actor, purpose, service, record_type, id);
        let Opened {
            service,
            rt,
            record,
            actor,
            ..
        } = opened.await?;
        let Some(day) = as_of else {
            let facts = self.facts(service, &rt, record).await?;
            let mut view = self.view(&facts, &actor)?;
            if let Some(record) = &facts.record {
                let shown = |field: &str| view.fields.contains_key(field);
                let is_there = |id| facts.related.contains_key(&id);
                view.gone = self.gone_beside(record, &rt, shown, is_there).await?;
                self.noted_beside(&actor, purpose, &facts, &view).await?;
            }
            return Ok(view);
        };
        let mut then = self
            .folded(id, MAX_EVENTS, |header| header.effective_on <= day)
            .await?;
        // To whom it is closed today it is closed as it was, too.
        then.closed = record.closed;
        let facts = self.facts(service, &rt, then).await?;
        let mut view = self.view(&facts, &actor)?;
        view.actions.clear();
        Ok(view)
    }

    /// Opens a record for whoever may see it, and writes down that they looked.
    ///
    /// # Errors
    /// 404 for everybody else.
    pub(crate) async fn open_record<'a>(
        &self,
        actor: &'a Actor,
        purpose: Option<&str>,
        service: &str,
        record_type: &str,
        id: RecordId,
    ) -> Result<Opened<'a>, Failure> {
        let found = match self.find(service, record_type, id).await {
            Ok(found) => found,
            Err(fault) => return Err(self.or_gone(actor, service, record_type, id, fault).await),
        };
        let (service, rt, record) = found;
        let actor = kernel::counter::stand_in(&rt, actor, &record);
        // What one may see is decided by the record as it is today: a past state never opens it.
        let sight = kernel::may_see(&service, &rt, &actor, &record);
        let Some(sight) = sight else {
            // What is hidden costs what was never there costs, down to the question whether it was disposed of.
            let none = Failure::not_found();
            return Err(self
                .or_gone(&actor, &service.slug, &rt.name, id, none)
                .await);
        };
        self.noted(
            &actor,
            Way::Record,
            purpose,
            Read::one(&rt, &actor, &record),
        )
        .await?;
        Ok(Opened {
            service,
            rt,
            record,
            actor,
            sight,
        })
    }

    /// What shows in short beside a record was read too.
    async fn noted_beside(
        &self,
        actor: &Actor,
        purpose: Option<&str>,
        facts: &Facts,
        view: &RecordView,
    ) -> Result<(), Failure> {
        let Some(record) = &facts.record else {
            return Ok(());
        };
        let closed: BTreeSet<RecordId> = around_of(facts)
            .filter(|one| one.closed.is_some())
            .map(|one| one.id)
            .collect();
        let mut beside: BTreeMap<&str, (&RecordType, Vec<RecordId>)> = BTreeMap::new();
        let many = [&view.children, &view.links, &view.lookups];
        let shown = many.into_iter().flat_map(|all| all.values().flatten());
        for one in shown.chain(&view.parent) {
            let (_, ids) = beside
                .entry(&one.record_type.name)
                .or_insert_with(|| (&one.record_type, Vec::new()));
            if !ids.contains(&one.id) {
                ids.push(one.id);
            }
        }
        for (rt, records) in beside.into_values() {
            let read = Read {
                service: &record.service,
                rt,
                seat: kernel::see::seat_of(&view.record_type, actor, record),
                closed: records.iter().any(|id| closed.contains(id)),
                glass: around_of(facts)
                    .filter(|one| records.contains(&one.id) && one.record_type == rt.name)
                    .find_map(|one| kernel::see::by_glass(rt, actor, one)),
                records,
            };
            self.noted(actor, Way::Beside, purpose, read).await?;
        }
        Ok(())
    }

    /// The record with the definition that governs it, unchecked: for acts, whose decision checks.
    pub(crate) async fn find(
        &self,
        service: &str,
        kind: &str,
        id: RecordId,
    ) -> Result<(Arc<Service>, Arc<RecordType>, Snapshot), Failure> {
        let found = self.store.snapshots(&[id]).await?.into_iter().next();
        let snapshot = found
            .filter(|s| s.service == service && s.record_type == kind)
            .ok_or_else(Failure::not_found)?;
        let definition = self.governing(&snapshot).await?;
        let rt = record_type(&definition, kind)?;
        Ok((definition, rt, snapshot))
    }

    /// A record folded from those of its first `limit` events that are wanted.
    pub(crate) async fn folded(
        &self,
        id: RecordId,
        limit: usize,
        wanted: impl Fn(&Header) -> bool,
    ) -> Result<Snapshot, Failure> {
        let mut snapshot = None;
        for stored in self.store.history(id, 0, limit).await? {
            if wanted(&stored.event.header) {
                let next = kernel::evolve(snapshot, &stored.event);
                snapshot = Some(next.map_err(|error| Failure::Internal(error.to_string()))?);
            }
        }
        snapshot.ok_or_else(Failure::not_found)
    }
}

/// What stands around a record.
fn around_of(facts: &Facts) -> impl Iterator<Item = &Snapshot> {
    let looked_up = facts.lookups.values().flatten();
    facts.related.values().chain(looked_up)
}
