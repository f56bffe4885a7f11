//! The records as the act changes them, and the events that it leaves. Every change goes through [`World::put`];
//! the answer's snapshots are the fold of the events, so that journal and snapshot agree by construction.

use crate::act::{Act, Actor};
use crate::decision::{Decision, Draw, EffectOrder, Expect, Posting};
use crate::event::{Body, Event, Header, Patch};
use crate::evolve;
use crate::facts::{Facts, MAX_RECORDS_PER_ACT};
use crate::ids::{AttachmentId, RecordId};
use crate::refusal::{Refusal, RefusalKind};
use crate::scope::{Around, RecordScope};
use crate::snapshot::Snapshot;
use crate::uses;
use crate::who::{seat_used, who_name};
use definition::model::{RecordType, Who};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// An event in the making.
struct Pending {
    event: Event,
    /// Kept although it changed nothing: somebody acted.
    keep: bool,
}

/// Records and events while an act is being decided.
pub(crate) struct World<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) act: &'a Act,
    now: Vec<Snapshot>,
    pending: Vec<Pending>,
    seen: RefCell<BTreeSet<RecordId>>,
    opened: u16,
    letters: u16,
    /// System actions performed so far, each at most once a record.
    pub(crate) performed: BTreeSet<(RecordId, String)>,
    pub(crate) draws: Vec<Draw>,
    pub(crate) postings: Vec<Posting>,
    pub(crate) effects: Vec<EffectOrder>,
    pub(crate) attachments: Vec<(AttachmentId, RecordId)>,
}

/// Who does what to which record.
#[derive(Clone, Copy)]
pub(crate) struct Doing<'a> {
    pub(crate) id: RecordId,
    pub(crate) rt: &'a RecordType,
    /// Name of the action as the journal has it.
    pub(crate) action: &'a str,
    pub(crate) who: &'a Who,
}

impl<'a> World<'a> {
    pub(crate) fn new(facts: &'a Facts, act: &'a Act) -> Self {
        Self {
            facts,
            act,
            now: Vec::new(),
            pending: Vec::new(),
            seen: RefCell::default(),
            opened: 0,
            letters: 0,
            performed: BTreeSet::new(),
            draws: Vec::new(),
            postings: Vec::new(),
            effects: Vec::new(),
            attachments: Vec::new(),
        }
    }

    /// Facts with the changes so far.
    pub(crate) fn around(&self) -> Around<'_> {
        Around::of(self.facts).over(&self.now).noting(&self.seen)
    }

    /// A changed record as it stands.
    pub(crate) fn get(&self, id: RecordId) -> Option<&Snapshot> {
        self.now.iter().find(|s| s.id == id)
    }

    /// The records touched so far.
    pub(crate) fn touched(&self) -> Vec<RecordId> {
        self.now.iter().map(|s| s.id).collect()
    }

    /// The scope of a touched record.
    pub(crate) fn scope<'s>(&'s self, doing: &Doing<'s>) -> Result<RecordScope<'s>, Refusal> {
        let snapshot = self.get(doing.id).ok_or_else(unread)?;
        Ok(RecordScope::new(
            self.around(),
            doing.rt,
            snapshot,
            Some((&self.act.actor, who_name(doing.who))),
        ))
    }

    /// Begins an event of a record that exists, or of one that it opens.
    pub(crate) fn begin(
        &mut self,
        doing: &Doing<'_>,
        opens: bool,
        keep: bool,
    ) -> Result<(), Refusal> {
        let event = self.blank(doing);
        if opens {
            self.now.push(evolve::unborn(&event));
        } else if self.get(doing.id).is_none() {
            let known = Around::of(self.facts)
                .record(doing.id)
                .ok_or_else(unread)?
                .clone();
            self.now.push(known);
        }
        if self.now.len() > MAX_RECORDS_PER_ACT {
            let title = format!(
                "一度に変えられるのは{MAX_RECORDS_PER_ACT}件までです。分けて行ってください。"
            );
            return Err(Refusal::new(RefusalKind::Invalid, title, Vec::new()));
        }
        self.pending.push(Pending { event, keep });
        Ok(())
    }

    /// Begins an event unless this act has one of the record already.
    pub(crate) fn join(&mut self, doing: &Doing<'_>) -> Result<(), Refusal> {
        match self
            .pending
            .iter()
            .any(|p| p.event.header.record == doing.id)
        {
            true => Ok(()),
            false => self.begin(doing, false, false),
        }
    }

    fn blank(&self, doing: &Doing<'_>) -> Event {
        let act = self.act;
        // What the platform does in an official's name bears that name; what merely follows from an act does not.
        let named = act.actor.system && act.actor.account.is_some();
        let system = *doing.who == Who::System && !named;
        let snapshot =
            self.get(doing.id)
                .or(self.facts.record.as_ref().filter(|r| r.id == doing.id));
        let seat = seat_used(doing.rt, doing.who, &act.actor, snapshot)
            .or_else(|| seat_used(doing.rt, doing.who, &act.actor, None));
        Event {
            header: Header {
                record: doing.id,
                service: self.facts.service.slug.clone(),
                record_type: doing.rt.name.clone(),
                seq: 0,
                act: act.id,
                action: doing.action.to_owned(),
                recorded_at: act.recorded_at,
                occurred_at: act.occurred_at,
                effective_on: act.effective_on,
                actor: act.actor.account.filter(|_| !system),
                on_behalf_of: act.actor.on_behalf_of.filter(|_| !system),
                acted_as: who_name(doing.who),
                seat_office: seat.and_then(|s| s.office.clone()).filter(|_| !system),
                definition: self.facts.service.hash.clone(),
            },
            body: Body {
                actor_name: if system {
                    crate::act::Actor::system().name
                } else {
                    name_of(&act.actor, doing)
                },
                purpose: act.purpose.clone().filter(|_| !system),
                run: act.run,
                patches: Vec::new(),
                note: None,
                postings: None,
            },
        }
    }

    /// Changes a touched record; what changes nothing is dropped.
    pub(crate) fn put(&mut self, id: RecordId, patch: Patch) {
        let Some(snapshot) = self.now.iter_mut().find(|s| s.id == id) else {
            return;
        };
        if !evolve::changes(snapshot, &patch) {
            return;
        }
        evolve::apply(snapshot, &patch, u64::MAX);
        if let Some(pending) = self
            .pending
            .iter_mut()
            .rev()
            .find(|p| p.event.header.record == id)
        {
            let patches = &mut pending.event.body.patches;
            match patches.iter_mut().find(|old| same_place(old, &patch)) {
                Some(old) => *old = patch,
                None => patches.push(patch),
            }
        }
    }

    /// Takes values out of a touched record: they become part of its event instead.
    pub(crate) fn take(&mut self, id: RecordId, field: &str) -> Option<serde_json::Value> {
        let value = self.get(id)?.fields.get(field).cloned();
        self.put(
            id,
            Patch::Field {
                id: field.to_owned(),
                value: serde_json::Value::Null,
            },
        );
        value
    }

    /// Writes a note into the event of a record.
    pub(crate) fn note(&mut self, id: RecordId, note: crate::event::Note) {
        let mut pending = self.pending.iter_mut().rev();
        if let Some(pending) = pending.find(|p| p.event.header.record == id) {
            pending.event.body.note = Some(note);
        }
    }

    /// The id of the next record that the act opens.
    pub(crate) fn next_id(&mut self) -> RecordId {
        let id = crate::newid::record(self.act.id, self.opened);
        self.opened += 1;
        id
    }

    /// The id of the next letter that the act issues.
    pub(crate) fn next_letter(&mut self) -> AttachmentId {
        let id = crate::newid::letter(self.act.id, self.letters);
        self.letters += 1;
        id
    }

    /// Events in their final form, the snapshots that they fold to, and all that must still be so at the commit.
    pub(crate) fn finish(mut self) -> Result<Decision, Refusal> {
        crate::closed::settle(&mut self)?;
        let facts = self.facts;
        let found = |id: RecordId| facts.lookups.values().flatten().find(|s| s.id == id);
        let own = |id: RecordId| facts.record.as_ref().filter(|r| r.id == id);
        let base = |id: RecordId| {
            own(id)
                .or_else(|| facts.related.get(&id))
                .or_else(|| found(id))
        };
        let mut folded: BTreeMap<RecordId, Snapshot> = BTreeMap::new();
        let mut events = Vec::with_capacity(self.pending.len());
        for Pending { mut event, keep } in self.pending {
            let id = event.header.record;
            let before = folded.remove(&id).or_else(|| base(id).cloned());
            event.body.patches.retain(|patch| match &before {
                Some(snapshot) => evolve::changes(snapshot, patch),
                None => !matches!(patch, Patch::Field { value, .. } if value.is_null()),
            });
            if event.body.patches.is_empty() && !keep {
                folded.extend(before.map(|b| (id, b)));
                continue;
            }
            event.header.seq = before.as_ref().map_or(0, |b| b.version) + 1;
            let after = evolve::evolve(before, &event).map_err(|_| unread())?;
            folded.insert(id, after);
            events.push(event);
        }
        let mut attachments = self.attachments;
        for event in &events {
            for file in uses::named_by(facts, event) {
                if !attachments.contains(&file) {
                    attachments.push(file);
                }
            }
        }
        let written: BTreeSet<RecordId> = events.iter().map(|e| e.header.record).collect();
        let mut concerned: BTreeSet<RecordId> = self.seen.into_inner();
        concerned.extend(&written);
        let expects = concerned.into_iter().map(|record| Expect {
            record,
            version: base(record).map_or(0, |b| b.version),
        });
        Ok(Decision {
            expects: expects.collect(),
            snapshots: self
                .now
                .iter()
                .filter(|s| written.contains(&s.id))
                .filter_map(|s| folded.remove(&s.id))
                .collect(),
            events,
            draws: self.draws,
            postings: self.postings,
            effects: self.effects,
            attachments,
        })
    }
}

/// Whether a later patch stands for an earlier one of the same event.
fn same_place(old: &Patch, new: &Patch) -> bool {
    match (old, new) {
        (Patch::Field { id: a, .. }, Patch::Field { id: b, .. }) => a == b,
        (Patch::Clock { name: a, .. }, Patch::Clock { name: b, .. }) => a == b,
        (Patch::State(_), Patch::State(_))
        | (Patch::Place { .. }, Patch::Place { .. })
        | (Patch::Route(_), Patch::Route(_))
        | (Patch::Closed(_), Patch::Closed(_)) => true,
        _ => false,
    }
}

/// The facts lack a record that they should hold: gather again.
pub(crate) fn unread() -> Refusal {
    Refusal::new(
        RefusalKind::Busy,
        "関係する記録を読めませんでした。少し待って、もう一度お試しください。",
        Vec::new(),
    )
}

/// The name in the history: who acts by a mandate is named with their capacity and with the party for which they act.
fn name_of(actor: &Actor, doing: &Doing<'_>) -> String {
    let mandate = actor.mandate_for(doing.rt, doing.action);
    let (Some(mandate), Some(whose)) = (mandate, &actor.on_behalf_name) else {
        return actor.name.clone();
    };
    let named = format!("{} {}", mandate.capacity, actor.name);
    format!("{}（{whose}のために）", named.trim_start())
}
