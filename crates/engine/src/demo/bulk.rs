//! The demo at real scale: stories made by the thousand. Every act of a story is decided by the kernel and committed
//! by the store like any other, so that journal, seals, hashes, snapshots, indexes and search text are those of real
//! use; only what a story needs to know of its own records is kept in memory instead of being read back, many stories
//! run at once, so that many acts share a commit, and messages of years past are not sent.

use super::story::{Story, Well};
use crate::{DemoReport, Engine, Failure};
use definition::model::Service;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};
use kernel::port::{Attachment, Committed};
use kernel::{
    Act, ActId, Actor, AttachmentFact, AttachmentId, Facts, PartyId, RecordId, Seat, Snapshot,
};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Stories under way at once: as many acts may share a commit.
const AT_ONCE: usize = 192;
/// What a type that is filled up leaves for the acts that follow; see [`Bulk::fill`].
const SPARE: usize = 64;
/// Refusals that are reported; more of the same help nobody.
const REPORTED: usize = 20;

/// A place with a postal code, for addresses that look real.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPlace {
    /// `190-0023`, if known.
    pub postal_code: Option<String>,
    /// Five-digit code.
    pub municipality: String,
    /// Town.
    pub town: String,
}

/// Many stories of one kind.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bulk {
    /// How many.
    #[serde(default)]
    count: usize,
    /// As many more as the type needs to have so many records in all, other stories and acts included.
    #[serde(default)]
    fill: Option<Fill>,
    /// Days from today on which the first and the last story begin.
    from: i64,
    until: i64,
    /// The party whose records they become.
    owner: Owner,
    /// Generators by name.
    #[serde(default, rename = "let")]
    generators: Map<String, Json>,
    acts: Vec<BulkAct>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fill {
    #[serde(rename = "type")]
    record_type: String,
    of: usize,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Owner {
    kind: String,
    name: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct BulkAct {
    /// Days after the act before it, from and to.
    #[serde(default)]
    after: [i64; 2],
    /// `owner`, or a seat at the office of the record: `desk.examiner`.
    #[serde(rename = "as")]
    by: String,
    /// Only in stories that drew one of these values for these names.
    #[serde(default)]
    when: BTreeMap<String, Json>,
    #[serde(default, rename = "type")]
    record_type: Option<String>,
    #[serde(default)]
    record: Option<String>,
    action: String,
    #[serde(default)]
    input: Map<String, Json>,
    #[serde(default)]
    save_as: Option<String>,
}

/// What all stories of a run share.
struct Run {
    engine: Arc<Engine>,
    service: Arc<Service>,
    places: Arc<[DemoPlace]>,
    picture: Vec<u8>,
    now: Timestamp,
    done: AtomicUsize,
    events: AtomicUsize,
}

/// What one story came to.
#[derive(Default)]
struct Told {
    acts: usize,
    opened: BTreeMap<String, usize>,
    refused: Option<String>,
}

/// A run of bulk stories of one service, over several batches.
pub(super) struct Making<'p> {
    run: Arc<Run>,
    slug: String,
    bulks: Vec<Bulk>,
    opened: BTreeMap<String, usize>,
    begun: Vec<usize>,
    progress: &'p (dyn Fn(usize, usize) + Sync),
}

impl<'p> Making<'p> {
    pub(super) fn new(
        engine: &Arc<Engine>,
        (slug, service): (String, Arc<Service>),
        bulks: Vec<Bulk>,
        places: &Arc<[DemoPlace]>,
        progress: &'p (dyn Fn(usize, usize) + Sync),
    ) -> Result<Self, Failure> {
        let picture = super::drawing::floor_plan().map_err(|e| Failure::Internal(e.to_string()))?;
        let run = Run {
            engine: Arc::clone(engine),
            service,
            places: Arc::clone(places),
            picture,
            now: engine.now(),
            done: AtomicUsize::new(0),
            events: AtomicUsize::new(0),
        };
        Ok(Self {
            run: Arc::new(run),
            slug,
            begun: vec![0; bulks.len()],
            bulks,
            opened: BTreeMap::new(),
            progress,
        })
    }

    /// Whether these are stories of a service.
    pub(super) fn is_of(&self, slug: &str) -> bool {
        self.slug == slug
    }

    /// Events written so far.
    pub(super) fn events(&self) -> usize {
        self.run.events.load(Ordering::Relaxed)
    }

    /// Counts records that something else opened.
    pub(super) fn count(&mut self, record_type: &str) {
        *self.opened.entry(record_type.to_owned()).or_default() += 1;
    }

    /// Tells the stories. What is to be filled up is filled but for a few, or, at the `end`, wholly.
    pub(super) async fn go(&mut self, end: bool, report: &mut DemoReport) -> Result<(), Failure> {
        for at in 0..self.bulks.len() {
            let bulk = &self.bulks[at];
            let wanted = match &bulk.fill {
                None => bulk.count.saturating_sub(self.begun[at]),
                Some(fill) => {
                    let there = self.opened.get(&fill.record_type).copied().unwrap_or(0);
                    let spare = if end { 0 } else { SPARE.min(fill.of / 2) };
                    fill.of.saturating_sub(there + spare)
                }
            };
            let from = self.begun[at];
            self.begun[at] += wanted;
            self.tell(at, from..from + wanted, report).await?;
        }
        Ok(())
    }

    async fn tell(
        &mut self,
        at: usize,
        numbers: std::ops::Range<usize>,
        report: &mut DemoReport,
    ) -> Result<(), Failure> {
        let bulk = Arc::new(self.bulks[at].clone());
        let (total, mut under_way) = (numbers.len(), JoinSet::new());
        self.run.done.store(0, Ordering::Relaxed);
        let mut waiting = numbers.clone();
        loop {
            while under_way.len() < AT_ONCE
                && let Some(number) = waiting.next()
            {
                let (run, bulk) = (Arc::clone(&self.run), Arc::clone(&bulk));
                let seed = format!("{}/{at}/{number}", self.slug);
                let place = (number - numbers.start, total);
                under_way.spawn(async move { run.story(&bulk, seed, place).await });
            }
            let Some(told) = under_way.join_next().await else {
                return Ok(());
            };
            let told = told.map_err(|error| Failure::Internal(error.to_string()))??;
            report.acts += told.acts;
            for (name, count) in told.opened {
                *self.opened.entry(name).or_default() += count;
            }
            if report.refused.len() < REPORTED {
                report.refused.extend(told.refused);
            }
            (self.progress)(self.run.done.fetch_add(1, Ordering::Relaxed) + 1, total);
        }
    }
}

/// A record of a story by the name under which it was kept.
type Kept = BTreeMap<String, RecordId>;

impl Run {
    /// Tells one story until it ends or comes to today.
    async fn story(
        &self,
        bulk: &Bulk,
        seed: String,
        (place, of): (usize, usize),
    ) -> Result<Told, Failure> {
        let today = crate::tokyo_day(self.now);
        let well = Well {
            service: &self.service,
            places: &self.places,
            today,
        };
        let said = |error| Failure::Internal(format!("demo.yaml: {error}"));
        let mut story = Story::new(&well, seed.clone(), &bulk.generators).map_err(said)?;
        let mut told = Told::default();
        let (mut records, mut kept): (Vec<Snapshot>, Kept) = (Vec::new(), Kept::new());
        let mut day = begin(bulk, &story, place, of, today);
        let owner = owner(bulk, &mut story, &seed, day).map_err(said)?;
        for (number, step) in bulk.acts.iter().enumerate() {
            if !holds(step, &mut story, day).map_err(said)? {
                continue;
            }
            let wait = story.between(&format!("after/{number}"), step.after);
            day = weekday(day.checked_add(wait.days()).unwrap_or(day));
            let minute = story.between(&format!("minute/{number}"), [0, 419]);
            let at = crate::day_begins(day)
                .checked_add(SignedDuration::from_mins(9 * 60 + minute))
                .unwrap_or(self.now);
            if at >= self.now {
                break;
            }
            let record = match &step.record {
                None => None,
                Some(path) => match find(path, &kept, &records) {
                    Some(record) => Some(record.clone()),
                    None => continue,
                },
            };
            let input = story
                .fill(&Json::Object(step.input.clone()), day)
                .map_err(said)?;
            let Json::Object(input) = input else { continue };
            let doing = Doing {
                step,
                at,
                day,
                seed: format!("{seed}/{number}"),
                owner: &owner,
            };
            match self.perform(&doing, record, input, &records).await {
                Ok((id, snapshots)) => {
                    told.acts += 1;
                    if let Some(name) = &step.save_as {
                        kept.insert(name.clone(), id);
                    }
                    for snapshot in snapshots {
                        lay(snapshot, &mut records, &mut told);
                    }
                }
                Err(Failure::Refused(refusal)) => {
                    let faults: Vec<String> = refusal
                        .faults
                        .iter()
                        .map(|f| format!("{} {}", f.pointer, f.detail))
                        .collect();
                    told.refused = Some(format!(
                        "{seed} {}: {} {}",
                        step.action,
                        refusal.title,
                        faults.join(" / ")
                    ));
                    break;
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(told)
    }

    async fn perform(
        &self,
        doing: &Doing<'_>,
        record: Option<Snapshot>,
        mut input: Map<String, Json>,
        records: &[Snapshot],
    ) -> Result<(RecordId, Vec<Snapshot>), Failure> {
        let id = ActId(uuid_at(doing.at, &doing.seed, "act"));
        let new = RecordId(uuid_at(doing.at, &doing.seed, "record"));
        let kind = record.as_ref().map(|r| r.record_type.clone());
        let kind = kind.or_else(|| doing.step.record_type.clone());
        let act_on = record.as_ref().map_or(new, |record| record.id);
        let version = record.as_ref().map(|record| record.version);
        let mut facts = self.engine.empty_facts(Arc::clone(&self.service));
        (facts.today, facts.now) = (doing.day, doing.at);
        facts.related = records
            .iter()
            .filter(|other| other.id != act_on)
            .map(|other| (other.id, other.clone()))
            .collect();
        let actor = doing.actor(record.as_ref());
        facts.record = record;
        self.uploads(doing, &mut facts, &mut input).await?;
        let act = Act {
            id,
            actor,
            purpose: None,
            service: self.service.slug.clone(),
            record_type: kind.unwrap_or_default(),
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
        decision.effects.clear();
        let events = decision.events.len();
        match self.engine.commit_bulk(&Arc::new(facts), decision).await? {
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
        facts: &mut Facts,
        input: &mut Map<String, Json>,
    ) -> Result<(), Failure> {
        for (name, value) in input.iter_mut() {
            for place in super::places_of("upload", value) {
                let Some(found) = value.pointer_mut(&place) else {
                    continue;
                };
                let file = found
                    .get("upload")
                    .and_then(Json::as_str)
                    .unwrap_or_default();
                let seed = format!("{}/{name}{place}", doing.seed);
                let meta = Attachment {
                    id: AttachmentId(uuid_at(doing.at, &seed, "upload")),
                    name: file.to_owned(),
                    media_type: "image/png".into(),
                    bytes: self.picture.len() as u64,
                    sha256: String::new(),
                    owner: None,
                    record: None,
                    at: doing.at,
                };
                let put = self.engine.store.put_attachment(meta, self.picture.clone());
                let put = put.await?;
                let fact = AttachmentFact {
                    media_type: put.media_type,
                    bytes: put.bytes,
                    usable: true,
                };
                facts.attachments.insert(put.id, fact);
                *found = Json::String(put.id.to_string());
            }
        }
        // Those that a record has already are its own.
        let mut known = BTreeSet::new();
        if let Some(record) = &facts.record {
            let values = record.fields.values();
            values.for_each(|value| crate::facts::collect_ids(value, &mut known));
        }
        for id in known {
            facts.attachments.entry(id).or_insert(AttachmentFact {
                media_type: "image/png".into(),
                bytes: self.picture.len() as u64,
                usable: true,
            });
        }
        Ok(())
    }
}

/// One act of a story.
struct Doing<'a> {
    step: &'a BulkAct,
    at: Timestamp,
    day: Date,
    seed: String,
    owner: &'a Actor,
}

impl Doing<'_> {
    /// The owner, or an official whose seat is at the record's office; one who opens a record does so for the owner.
    fn actor(&self, record: Option<&Snapshot>) -> Actor {
        let Some(role) = self.step.by.strip_prefix("desk.") else {
            return self.owner.clone();
        };
        let seat = Seat {
            role: role.to_owned(),
            office: record.and_then(|r| r.office.clone()),
            authority: record.and_then(|r| r.authority.clone()),
            municipality: record.and_then(|r| r.municipality.clone()),
            substitute: None,
        };
        let mut official = Actor::public();
        official.name = "見本 職員".into();
        official.seats = vec![seat];
        if record.is_none() {
            official.on_behalf_of = self.owner.acting_party();
            official.on_behalf_kind = Some(
                self.owner
                    .on_behalf_kind
                    .clone()
                    .unwrap_or_else(|| "person".into()),
            );
            let name = self.owner.on_behalf_name.as_ref();
            official.on_behalf_name = Some(name.unwrap_or(&self.owner.name).clone());
        }
        official
    }
}

/// The day on which a story begins: they are spread evenly, so that numbers rise with the days.
fn begin(bulk: &Bulk, story: &Story<'_>, place: usize, of: usize, today: Date) -> Date {
    let width = bulk.until.saturating_sub(bulk.from).max(0);
    let step = i64::try_from(place).unwrap_or(0).saturating_mul(width)
        / i64::try_from(of.max(1)).unwrap_or(1);
    let days = bulk.from + step + story.between("begin", [0, 2]);
    weekday(today.checked_add(days.days()).unwrap_or(today))
}

/// The day itself, or the Monday after it: offices are closed at weekends.
fn weekday(day: Date) -> Date {
    let days = match day.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    day.checked_add(days.days()).unwrap_or(day)
}

fn owner(bulk: &Bulk, story: &mut Story<'_>, seed: &str, day: Date) -> Result<Actor, String> {
    let mut text = |template: &str| {
        let filled = story.fill(&Json::String(template.to_owned()), day)?;
        filled
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("owner「{template}」は文字ではありません。"))
    };
    let (kind, name) = (text(&bulk.owner.kind)?, text(&bulk.owner.name)?);
    let id = PartyId(uuid_at(Timestamp::UNIX_EPOCH, seed, "party"));
    let mut actor = Actor::public();
    actor.name.clone_from(&name);
    if kind == "person" {
        actor.party = Some(id);
    } else {
        actor.on_behalf_of = Some(id);
        actor.on_behalf_kind = Some(kind);
        actor.on_behalf_name = Some(name);
    }
    Ok(actor)
}

fn holds(step: &BulkAct, story: &mut Story<'_>, day: Date) -> Result<bool, String> {
    for (name, wanted) in &step.when {
        let drawn = story.fill(&Json::String(format!("{{{name}}}")), day)?;
        let fits = match wanted {
            Json::Array(all) => all.contains(&drawn),
            one => *one == drawn,
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Puts a snapshot in the place of the one before it.
fn lay(snapshot: Snapshot, records: &mut Vec<Snapshot>, told: &mut Told) {
    match records.iter_mut().find(|known| known.id == snapshot.id) {
        Some(known) => *known = snapshot,
        None => {
            let count = told.opened.entry(snapshot.record_type.clone());
            *count.or_default() += 1;
            records.push(snapshot);
        }
    }
}

/// `a`, `a.visits[0]`, `a.items[1].permit`: a kept record, its children by slot, its links by name.
fn find<'r>(path: &str, kept: &Kept, records: &'r [Snapshot]) -> Option<&'r Snapshot> {
    let by_id = |id: RecordId| records.iter().find(|record| record.id == id);
    let mut steps = path.split('.');
    let mut found = by_id(*kept.get(steps.next()?)?)?;
    for step in steps {
        let (name, index) = match step.split_once('[') {
            Some((name, index)) => (name, index.trim_end_matches(']').parse().ok()?),
            None => (step, 0_usize),
        };
        let is_child = |record: &&Snapshot| {
            let parent = record.parent.as_ref();
            parent.is_some_and(|parent| parent.id == found.id && parent.slot == name)
        };
        let mut children: Vec<&Snapshot> = records.iter().filter(is_child).collect();
        children.sort_by_key(|record| (record.created_at, record.id));
        let linked = || {
            let ids = found.links.get(name)?;
            by_id(*ids.get(index)?)
        };
        found = children.get(index).copied().or_else(linked)?;
    }
    Some(found)
}

/// A UUIDv7 of an instant that follows from a seed.
fn uuid_at(at: Timestamp, seed: &str, what: &str) -> Uuid {
    let digest = Sha256::new()
        .chain_update(seed.as_bytes())
        .chain_update([0])
        .chain_update(what.as_bytes())
        .finalize();
    let mut ten = [0; 10];
    ten.copy_from_slice(&digest[..10]);
    let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &ten).into_uuid()
}
