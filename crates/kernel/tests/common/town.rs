//! A store in memory: gathers facts, keeps what decisions say, checks what every decision must hold to.

use definition::model::Service;
use japanese::calendar::Calendar;
use jiff::{Timestamp, civil::Date};
use kernel::*;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

#[derive(Clone)]
pub(crate) struct Town {
    pub(crate) service: Arc<Service>,
    pub(crate) records: BTreeMap<RecordId, Snapshot>,
    pub(crate) journal: Vec<Event>,
    pub(crate) counters: BTreeMap<String, u64>,
    pub(crate) attachments: BTreeMap<AttachmentId, AttachmentFact>,
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) today: Date,
    pub(crate) acts: u128,
}

pub(crate) fn uuid(n: u128) -> Uuid {
    Uuid::from_u128((0x0197_0000_0000_7000_8000 << 48) | n)
}

pub(crate) fn person(n: u128) -> Actor {
    Actor {
        account: Some(AccountId(uuid(n))),
        party: Some(PartyId(uuid(n))),
        name: format!("人{n}"),
        on_behalf_of: None,
        on_behalf_kind: None,
        on_behalf_name: None,
        counter: false,
        mandates: None,
        reads: None,
        seats: vec![],
        passes: vec![],
        system: false,
        assurance: kernel::Assurance::default(),
    }
}

pub(crate) fn official(n: u128, role: &str, office: Option<&str>) -> Actor {
    let municipality = (role == "clerk").then(|| "13202".into());
    let seat = Seat {
        role: role.into(),
        office: office.map(Into::into),
        authority: Some("13000".into()),
        municipality,
        substitute: None,
    };
    Actor {
        seats: vec![seat],
        ..person(n)
    }
}

pub(crate) fn object(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

impl Town {
    pub(crate) fn new(service: Arc<Service>) -> Self {
        Self {
            service,
            records: BTreeMap::new(),
            journal: vec![],
            counters: BTreeMap::new(),
            attachments: BTreeMap::new(),
            calendar: Arc::new(Calendar::default()),
            today: jiff::civil::date(2026, 11, 24),
            acts: 0,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        jiff::tz::Offset::constant(9)
            .to_timestamp(self.today.at(9, 0, 0, 0))
            .unwrap()
    }

    pub(crate) fn facts(&self, record: Option<RecordId>) -> Facts {
        let own = record.and_then(|id| self.records.get(&id)).cloned();
        let near = |s: &&Snapshot| {
            own.as_ref().is_some_and(|o| {
                let parent = o.parent.as_ref().map(|p| p.id);
                s.id != o.id
                    && (Some(s.id) == parent
                        || s.parent
                            .as_ref()
                            .is_some_and(|p| p.id == o.id || Some(p.id) == parent)
                        || o.links.values().flatten().any(|id| *id == s.id))
            })
        };
        let related = self
            .records
            .values()
            .filter(near)
            .map(|s| (s.id, s.clone()))
            .collect();
        Facts {
            service: self.service.clone(),
            record: own.clone(),
            related,
            lookups: BTreeMap::new(),
            attachments: self.attachments.clone(),
            officials: BTreeMap::new(),
            numbers: BTreeMap::new(),
            calendar: self.calendar.clone(),
            today: self.today,
            now: self.now(),
        }
    }

    pub(crate) fn act(
        &mut self,
        actor: &Actor,
        ty: &str,
        record: Option<RecordId>,
        action: &str,
        version: Option<u64>,
        input: Json,
    ) -> Act {
        self.acts += 1;
        let id = Uuid::from_u128(
            (u128::from(0x0197_0000_0000_u64) + self.acts) << 80 | 0x7000_8000_0000_0000_0000,
        );
        Act {
            id: ActId(id),
            actor: actor.clone(),
            purpose: None,
            service: "sample".into(),
            record_type: ty.into(),
            record: record.unwrap_or_else(|| RecordId(uuid(1_000_000 + self.acts))),
            action: action.into(),
            input: object(input),
            expected_version: version,
            occurred_at: self.now(),
            recorded_at: self.now(),
            effective_on: self.today,
            run: None,
        }
    }

    /// Decides and keeps what was decided.
    pub(crate) fn perform(&mut self, act: &Act) -> Result<Decision, Refusal> {
        let exists = self.records.contains_key(&act.record).then_some(act.record);
        let facts = self.facts(exists);
        let decision = decide(&facts, act);
        let again = decide(&facts, act);
        assert_eq!(
            format!("{decision:?}"),
            format!("{again:?}"),
            "one act has one answer"
        );
        let decision = decision?;
        for expect in &decision.expects {
            assert_eq!(
                self.records.get(&expect.record).map_or(0, |r| r.version),
                expect.version
            );
        }
        let mut seqs = vec![];
        for draw in &decision.draws {
            let counter = self.counters.entry(draw.counter.clone()).or_default();
            *counter += 1;
            seqs.push(*counter);
        }
        let decision = fill_numbers(decision, &seqs);
        self.journal.extend(decision.events.iter().cloned());
        self.records
            .extend(decision.snapshots.iter().map(|s| (s.id, s.clone())));
        Ok(decision)
    }

    /// Opens a record.
    pub(crate) fn open(
        &mut self,
        actor: &Actor,
        ty: &str,
        action: &str,
        input: Json,
    ) -> Result<RecordId, Refusal> {
        let act = self.act(actor, ty, None, action, None, input);
        self.perform(&act).map(|_| act.record)
    }

    /// Acts on the newest version.
    pub(crate) fn go(
        &mut self,
        actor: &Actor,
        id: RecordId,
        action: &str,
        input: Json,
    ) -> Result<Decision, Refusal> {
        let record = &self.records[&id];
        let (ty, version) = (record.record_type.clone(), record.version);
        let act = self.act(actor, &ty, Some(id), action, Some(version), input);
        self.perform(&act)
    }

    pub(crate) fn of_type(&self, ty: &str) -> Vec<RecordId> {
        self.records
            .values()
            .filter(|r| r.record_type == ty)
            .map(|r| r.id)
            .collect()
    }

    /// All records folded anew from the journal.
    pub(crate) fn replay(&self) -> BTreeMap<RecordId, Snapshot> {
        let mut records: BTreeMap<RecordId, Snapshot> = BTreeMap::new();
        for event in &self.journal {
            let id = event.header.record;
            let next = evolve(records.remove(&id), event).unwrap();
            records.insert(id, next);
        }
        records
    }
}
