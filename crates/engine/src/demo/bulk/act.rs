//! One act of a story: facts from the story's own records, decided by the kernel, committed by the store.

use super::Run;
use super::tell::uuid_at;
use super::words::BulkAct;
use crate::Failure;
use crate::demo::drawing::Paper;
use crate::registry::record_type;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kernel::port::{Attachment, Committed};
use kernel::{Act, ActId, Actor, AttachmentFact, AttachmentId, RecordId, Seat, Snapshot};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Messages, charges and letters of acts that are not older are sent like any others: what is under way must have
/// its bill, and the desk its post.
const SENT: SignedDuration = SignedDuration::from_hours(24 * 14);

/// What a story's people have sent so far.
pub(super) type Papers = BTreeMap<AttachmentId, AttachmentFact>;

/// One act of a story.
pub(super) struct Doing<'a> {
    pub(super) step: &'a BulkAct,
    pub(super) at: Timestamp,
    pub(super) day: Date,
    pub(super) seed: String,
    pub(super) actor: Actor,
}

/// Somebody with a seat at the record's office.
pub(super) struct Official<'a> {
    pub(super) role: &'a str,
    pub(super) name: Option<String>,
    /// The party for which a record is opened.
    pub(super) on_behalf: Option<Actor>,
}

impl Official<'_> {
    pub(super) fn actor(self, record: Option<&Snapshot>) -> Actor {
        let mut actor = Actor::public();
        actor.assurance = kernel::Assurance::HIGHEST;
        actor.name = self.name.unwrap_or_else(|| "見本 職員".into());
        actor.seats = vec![Seat {
            role: self.role.to_owned(),
            office: record.and_then(|r| r.office.clone()),
            authority: record.and_then(|r| r.authority.clone()),
            municipality: record.and_then(|r| r.municipality.clone()),
            substitute: None,
        }];
        if let Some(party) = self.on_behalf {
            actor.on_behalf_of = party.acting_party();
            actor.on_behalf_kind = Some(party.on_behalf_kind.unwrap_or_else(|| "person".into()));
            actor.on_behalf_name = Some(party.on_behalf_name.unwrap_or(party.name));
        }
        actor
    }
}

impl Run {
    pub(super) async fn perform(
        &self,
        doing: &Doing<'_>,
        record: Option<Snapshot>,
        mut input: Map<String, Json>,
        (records, papers): (&[Snapshot], &mut Papers),
    ) -> Result<(RecordId, Vec<Snapshot>), Failure> {
        let new = RecordId(uuid_at(doing.at, &doing.seed, "record"));
        let kind = record.as_ref().map(|r| r.record_type.clone());
        let kind = kind.or_else(|| doing.step.record_type.clone());
        let kind = kind.unwrap_or_default();
        let act_on = record.as_ref().map_or(new, |record| record.id);
        let version = record.as_ref().map(|record| record.version);
        let mut facts = self.engine.empty_facts(self.service.clone());
        (facts.today, facts.now) = (doing.day, doing.at);
        let related = records.iter().filter(|other| other.id != act_on);
        facts.related = related.map(|other| (other.id, other.clone())).collect();
        facts.record = record;
        if facts.record.is_some() {
            let rt = record_type(&self.service, &kind)?;
            self.engine.add_lookups(&mut facts, &rt).await?;
        }
        self.uploads(doing, papers, &mut input).await?;
        facts.attachments.clone_from(papers);
        let act = Act {
            id: ActId(uuid_at(doing.at, &doing.seed, "act")),
            actor: doing.actor.clone(),
            purpose: None,
            service: self.service.slug.clone(),
            record_type: kind,
            record: act_on,
            action: doing.step.action.clone(),
            input,
            expected_version: version,
            occurred_at: doing.at,
            recorded_at: doing.at,
            effective_on: doing.day,
            run: None,
        };
        let mut decision = kernel::decide(&facts, &act)?;
        if doing.at.checked_add(SENT).is_ok_and(|end| end < self.now) {
            decision.effects.clear();
        }
        let events = decision.events.len();
        match self.engine.commit_bulk(facts, decision, doing.at).await? {
            Committed::Done(snapshots) => {
                self.events.fetch_add(events, Ordering::Relaxed);
                Ok((act_on, snapshots))
            }
            other => Err(crate::perform::refusal_of(other).into()),
        }
    }

    /// Puts an upload for every `{upload: NAME}`.
    async fn uploads(
        &self,
        doing: &Doing<'_>,
        papers: &mut Papers,
        input: &mut Map<String, Json>,
    ) -> Result<(), Failure> {
        for (name, value) in input.iter_mut() {
            for place in crate::demo::places_of("upload", value) {
                let Some(found) = value.pointer_mut(&place) else {
                    continue;
                };
                let file = found.get("upload").and_then(Json::as_str);
                let file = file.unwrap_or_default().to_owned();
                let paper = Paper::named(&file).map_err(|e| Failure::Internal(e.to_string()))?;
                let seed = format!("{}/{name}{place}", doing.seed);
                let bytes = paper.content.len() as u64;
                let meta = Attachment {
                    id: AttachmentId(uuid_at(doing.at, &seed, "upload")),
                    name: file,
                    media_type: paper.media_type.into(),
                    bytes,
                    sha256: String::new(),
                    owner: None,
                    record: None,
                    also: Vec::new(),
                    at: doing.at,
                };
                let put = self
                    .engine
                    .store
                    .put_attachment(meta, paper.content)
                    .await?;
                let fact = AttachmentFact {
                    media_type: paper.media_type.into(),
                    bytes,
                    usable: true,
                    pages: paper.pages,
                };
                papers.insert(put.id, fact);
                *found = Json::String(put.id.to_string());
            }
        }
        Ok(())
    }
}
