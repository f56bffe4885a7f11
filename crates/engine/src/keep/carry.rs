//! Carrying out what was decided: record by record, each a commit of its own, going on after a restart.

use super::list::Listed;
use super::round::place;
use super::rounds::text;
use super::{ROUND, SERVICE};
use crate::perform::in_the_name_of;
use crate::registry::record_type;
use crate::{Engine, Failure};
use definition::model::{RecordType, Service};
use jiff::civil::Date;
use kernel::keep::{Certificate, Decided, Deed, Disposal, Kept};
use kernel::{
    AccountId, ActId, Actor, Around, Decision, Expect, MAX_RECORDS_PER_ACT, RecordId, Snapshot,
    measure,
};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Records seen to in one round of the worker, so that messages and deadlines need not wait for a long list.
const BATCH: usize = 200;
/// The most events that are read for a certificate.
const MAX_EVENTS: usize = 10_000;
/// Children read at a time.
const CHILDREN: usize = 1_000;
/// That words of what was disposed of are still to be forgotten.
pub(super) const WORDS: &str = "search_to_forget";

/// A round that is being carried out, or what goes without one.
pub(super) struct Going {
    pub(super) id: RecordId,
    pub(super) deed: Deed,
    pub(super) service: Arc<Service>,
    pub(super) of: Arc<RecordType>,
    pub(super) because: String,
    pub(super) until: Option<Date>,
    pub(super) proposed_by: String,
    pub(super) decided_by: String,
    pub(super) decider: Option<AccountId>,
    pub(super) decided_on: Date,
    pub(super) basis: String,
}

impl Engine {
    /// Goes on with rounds that are decided. One that cannot go on does not hold up the others.
    pub(crate) async fn go_on_with_rounds(&self) -> Result<(), Failure> {
        if self.index_retention().await? {
            *self.keep.unsent.lock() = None;
            self.wake.notify_one();
        }
        if self.let_unsent_go().await? {
            self.wake.notify_one();
        }
        for round in self.rounds_in("decided").await? {
            match self.carry(&round).await {
                Ok(true) => self.import_wake.notify_one(),
                Ok(false) => self.wake.notify_one(),
                Err(Failure::Store(fault)) => return Err(fault.into()),
                Err(fault) => tracing::error!(round = %round.id, %fault, "a round does not go on"),
            }
        }
        Ok(())
    }

    /// Does up to [`BATCH`] records of a round; answers whether it is over.
    async fn carry(&self, round: &Snapshot) -> Result<bool, Failure> {
        let rt = self.round_type()?.1;
        let going = self.going(&rt, round)?;
        let listed = self.list_of_round(&rt, round).await?;
        let ids: Vec<RecordId> = listed.iter().map(|one| one.record).collect();
        let found = self.store.snapshots(&ids).await?;
        let standing: BTreeMap<RecordId, Snapshot> =
            found.into_iter().map(|one| (one.id, one)).collect();
        let (mut skipped, mut extended, mut left) = (0_u64, 0_u64, BATCH);
        for one in &listed {
            // What is not there any more was disposed of before a restart.
            let Some(snapshot) = standing.get(&one.record) else {
                continue;
            };
            if snapshot
                .kept
                .as_ref()
                .is_some_and(|kept| kept.round == going.id)
            {
                extended += 1;
                continue;
            }
            if !self.is_as_proposed(&going, snapshot, one) {
                skipped += 1;
                continue;
            }
            if left == 0 {
                return Ok(false);
            }
            left -= 1;
            match self.carry_one(&going, snapshot, one.until).await? {
                // Somebody was quicker; the next round of the worker looks again.
                false => return Ok(false),
                true if going.deed == Deed::Extend => extended += 1,
                true => {}
            }
        }
        let carried = match going.deed {
            Deed::Extend => extended,
            _ => self.store.keeper().disposed_by(going.id).await?,
        };
        self.finish(&going, carried, skipped).await?;
        Ok(true)
    }

    fn going(&self, rt: &RecordType, round: &Snapshot) -> Result<Going, Failure> {
        let said = |name: &str| text(rt, round, name);
        let broken = || Failure::Internal(format!("round {} cannot be read", round.id));
        let at = said("place").ok_or_else(broken)?;
        let (service, kind) = at.split_once('/').ok_or_else(broken)?;
        let (service, of) = self.kept_type(service, kind)?;
        debug_assert_eq!(at, place(&service, &of));
        let deed = said("deed").and_then(|deed| Deed::read(&deed));
        let mut because = said("because").unwrap_or_default();
        if let Some(destination) = said("destination") {
            because = format!("{because}（移管先：{destination}）");
        }
        Ok(Going {
            id: round.id,
            deed: deed.ok_or_else(broken)?,
            service,
            of,
            because,
            until: said("keep_until").and_then(|day| day.parse().ok()),
            proposed_by: said("proposed_by").unwrap_or_default(),
            decided_by: said("decided_by").unwrap_or_default(),
            decider: said("decider").and_then(|id| id.parse().ok().map(AccountId)),
            decided_on: said("decided_on")
                .and_then(|day| day.parse().ok())
                .ok_or_else(broken)?,
            basis: said("basis").unwrap_or_default(),
        })
    }

    /// Whether nothing has happened to a record since it was proposed, and its time is still over.
    fn is_as_proposed(&self, going: &Going, snapshot: &Snapshot, listed: &Listed) -> bool {
        let facts = self.empty_facts(Arc::clone(&going.service));
        let until = kernel::keep::until(&going.of, snapshot, Around::of(&facts));
        snapshot.version == listed.version && until.is_some_and(|until| until < self.today())
    }

    /// One record with its parts; false if it moved meanwhile.
    pub(super) async fn carry_one(
        &self,
        going: &Going,
        snapshot: &Snapshot,
        until: Date,
    ) -> Result<bool, Failure> {
        if going.deed == Deed::Extend {
            return self.extend(going, snapshot).await;
        }
        // What is deepest first, so that no child is left without the record above it.
        let mut open = self.parts(going, snapshot).await?;
        open.reverse();
        while open.len() >= MAX_RECORDS_PER_ACT {
            let some = open.drain(..MAX_RECORDS_PER_ACT).collect();
            if !self.dispose(going, some, snapshot.id, until).await? {
                return Ok(false);
            }
        }
        open.push(snapshot.clone());
        self.dispose(going, open, snapshot.id, until).await
    }

    /// The records that go with one, each after the one above it.
    async fn parts(&self, going: &Going, of: &Snapshot) -> Result<Vec<Snapshot>, Failure> {
        let types = kernel::keep::parts(&going.service.types, &going.of.name);
        let mut found: Vec<Snapshot> = Vec::new();
        if types.is_empty() {
            return Ok(found);
        }
        let mut seen: BTreeSet<RecordId> = BTreeSet::from([of.id]);
        let mut above = vec![of.id];
        while let Some(id) = above.pop() {
            for child in self.store.children(id, CHILDREN).await? {
                if types.contains(&child.record_type) && seen.insert(child.id) {
                    above.push(child.id);
                    found.push(child);
                }
            }
        }
        Ok(found)
    }

    async fn dispose(
        &self,
        going: &Going,
        records: Vec<Snapshot>,
        of: RecordId,
        until: Date,
    ) -> Result<bool, Failure> {
        let at = self.clock.now();
        let decided = Decided {
            act: ActId(self.ids.uuid(at)),
            account: going.decider,
            at,
            today: self.today(),
            definition: going.service.hash.clone(),
        };
        let mut disposal = Disposal {
            records: Vec::with_capacity(records.len()),
        };
        for record in records {
            let mut certificate = self.certificate(going, &record).await?;
            if record.id == of {
                certificate.kept_until = Some(until);
            } else {
                certificate.part_of = Some(of);
            }
            let expect = Expect {
                record: record.id,
                version: record.version,
            };
            let event = kernel::keep::event(&record, &decided, certificate);
            disposal.records.push((expect, event));
        }
        self.let_go(disposal).await
    }

    /// Disposes of records, and of the individual numbers that they hold: marked before and destroyed after, so that what
    /// a kill leaves in between is found by the mark. Answers whether the records still stood as they were seen.
    async fn let_go(&self, disposal: Disposal) -> Result<bool, Failure> {
        let ids = disposal.records.iter().map(|(expect, _)| expect.record);
        let numbers = self.mark_numbers(ids.collect()).await?;
        let disposed = self.store.keeper().dispose(disposal).await?;
        if disposed {
            self.destroy_numbers(numbers).await?;
        }
        Ok(disposed)
    }

    async fn certificate(&self, going: &Going, record: &Snapshot) -> Result<Certificate, Failure> {
        let history = self.store.history(record.id, 0, MAX_EVENTS).await?;
        let governing = self.governing(record).await?;
        let own = record_type(&governing, &record.record_type)?;
        let facts = self.empty_facts(governing);
        let counted = own.measures.values().filter_map(|one| {
            let (key, number) = measure::adds(&facts, &own, one, record)?;
            Some((one.name.clone(), key, number))
        });
        Ok(Certificate {
            deed: going.deed,
            title: own.title.clone(),
            number: record.number.clone(),
            drawn: kernel::keep::drawn(record.authority.as_deref(), &history),
            counted: counted.collect(),
            office: record.office.clone(),
            kept_until: None,
            basis: going.basis.clone(),
            because: going.because.clone(),
            round: going.id,
            proposed_by: going.proposed_by.clone(),
            decided_by: going.decided_by.clone(),
            decided_on: going.decided_on,
            events: record.version,
            files: files_of(&own, record),
            part_of: None,
        })
    }

    async fn extend(&self, going: &Going, snapshot: &Snapshot) -> Result<bool, Failure> {
        let Some(until) = going.until else {
            return Err(Failure::Internal("a round says no day".into()));
        };
        let (at, governing) = (self.clock.now(), self.governing(snapshot).await?);
        let own = record_type(&governing, &snapshot.record_type)?;
        let decided = Decided {
            act: ActId(self.ids.uuid(at)),
            account: going.decider,
            at,
            today: self.today(),
            definition: governing.hash.clone(),
        };
        let kept = Kept {
            until,
            because: going.because.clone(),
            round: going.id,
        };
        let event = kernel::keep::extension(snapshot, &decided, going.decided_by.clone(), kept);
        let next = kernel::evolve(Some(snapshot.clone()), &event)
            .map_err(|error| Failure::Internal(error.to_string()))?;
        let facts = self.facts(governing, &own, snapshot.clone()).await?;
        let decision = Decision {
            expects: vec![Expect {
                record: snapshot.id,
                version: snapshot.version,
            }],
            events: vec![event],
            snapshots: vec![next],
            draws: Vec::new(),
            postings: Vec::new(),
            effects: Vec::new(),
            attachments: Vec::new(),
        };
        let committed = self.commit_bulk(facts, decision, at).await?;
        Ok(matches!(committed, kernel::port::Committed::Done(_)))
    }

    async fn finish(&self, going: &Going, carried: u64, skipped: u64) -> Result<(), Failure> {
        if going.deed != Deed::Extend {
            self.store.put_setting(WORDS, "1").await?;
        }
        let input: Json = json!({"carried": carried, "skipped": skipped});
        let order = in_the_name_of(
            &Actor::system(),
            (SERVICE, ROUND),
            Some(going.id),
            "finish",
            input,
        );
        self.perform(order).await.map(drop)
    }

    /// Lets the search forget words of what was disposed of. It takes its time, so it goes beside the rest.
    pub(crate) async fn forget_words(&self) -> Result<(), Failure> {
        if self.store.setting(WORDS).await?.as_deref() != Some("1") {
            return Ok(());
        }
        while self.store.keeper().forget_words().await? {
            tokio::task::yield_now().await;
        }
        Ok(self.store.put_setting(WORDS, "0").await?)
    }

    /// Disposes again of what an older copy of the data brought back. Call it before serving.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn dispose_again(&self) -> Result<usize, Failure> {
        let revived = self.store.keeper().revived().await?;
        let at = self.clock.now();
        for one in &revived {
            let Some(snapshot) = self.store.snapshots(&[one.record]).await?.pop() else {
                continue;
            };
            let decided = Decided {
                act: ActId(self.ids.uuid(at)),
                account: None,
                at,
                today: self.today(),
                definition: snapshot.definition.clone(),
            };
            let event = kernel::keep::event(&snapshot, &decided, one.certificate.clone());
            let expect = Expect {
                record: snapshot.id,
                version: snapshot.version,
            };
            let records = vec![(expect, event)];
            if !self.let_go(Disposal { records }).await? {
                return Err(crate::perform::busy());
            }
        }
        self.store.keeper().destroy().await?;
        Ok(revived.len())
    }
}

/// Uploads and letters of a record.
fn files_of(rt: &RecordType, record: &Snapshot) -> u64 {
    let fields = rt
        .fields
        .values()
        .filter(|field| matches!(field.kind, definition::model::FieldKind::Files { .. }));
    let uploads = fields.filter_map(|field| record.fields.get(&field.id)?.as_array());
    let uploads: usize = uploads.map(Vec::len).sum();
    (uploads + record.issued.len()) as u64
}
