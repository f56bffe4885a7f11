//! Tells one story: when its acts happen, to which records, by whom.

use super::act::{Doing, Official, Papers};
use super::words::{Bulk, BulkAct, Owner};
use super::{Run, Told};
use crate::Failure;
use crate::demo::story::{Story, Well};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kernel::{Actor, PartyId, RecordId, Refusal, Snapshot};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A record of a story by the name under which it was kept.
type Kept = BTreeMap<String, RecordId>;

/// A story under way.
struct Teller<'a> {
    run: &'a Run,
    seed: &'a str,
    story: Story<'a>,
    parties: BTreeMap<&'a str, Actor>,
    records: Vec<Snapshot>,
    papers: Papers,
    kept: Kept,
    told: Told,
}

/// Whether a story goes on.
enum Step {
    On(Date),
    End,
}

impl Run {
    /// Tells one story until it ends or comes to today. `place` of `of` says when it begins.
    pub(super) async fn story(
        &self,
        bulk: &Bulk,
        seed: String,
        number: usize,
        (place, of): (usize, usize),
    ) -> Result<Told, Failure> {
        let today = crate::tokyo_day(self.now);
        let calendar = &self.engine.catalogue().calendar;
        let well = Well {
            service: &self.service,
            places: &self.places,
            calendar,
            today,
        };
        let mut story = Story::new(&well, seed.clone(), &bulk.generators).map_err(said)?;
        let width = bulk.until.saturating_sub(bulk.from).max(0);
        let step = i64::try_from(place).unwrap_or(0).saturating_mul(width)
            / i64::try_from(of.max(1)).unwrap_or(1);
        // They are spread evenly, so that numbers rise with the days.
        let days = bulk.from + step + story.between("begin", [0, 2]);
        let begin = today.checked_add(days.days()).unwrap_or(today);
        let begin = calendar.next_business_day(begin);
        story.say("begin", Json::String(begin.to_string()));
        story.say("today", Json::String(today.to_string()));
        story.say("number", Json::from(number + 1));
        let mut parties = BTreeMap::new();
        let owner = ("owner", &bulk.owner);
        let others = bulk.others.iter().map(|(name, who)| (name.as_str(), who));
        for (name, who) in std::iter::once(owner).chain(others) {
            parties.insert(
                name,
                party(who, &mut story, &format!("{seed}/{name}"), begin)?,
            );
        }
        let mut teller = Teller {
            run: self,
            seed: &seed,
            story,
            parties,
            records: Vec::new(),
            papers: Papers::new(),
            kept: Kept::new(),
            told: Told::default(),
        };
        let mut day = begin;
        for (number, step) in bulk.acts.iter().enumerate() {
            match teller.step(number, step, day).await? {
                Step::On(next) => day = next,
                Step::End => break,
            }
        }
        Ok(teller.end())
    }
}

impl Teller<'_> {
    async fn step(&mut self, number: usize, step: &BulkAct, day: Date) -> Result<Step, Failure> {
        if !self.holds(step, day)? {
            return Ok(Step::On(day));
        }
        let day = self.day(number, step, day)?;
        let minute = self.story.between(&format!("minute/{number}"), [0, 419]);
        let at = crate::day_begins(day)
            .checked_add(SignedDuration::from_mins(9 * 60 + minute))
            .unwrap_or(self.run.now);
        if at >= self.run.now {
            return Ok(Step::End);
        }
        let record = match &step.record {
            None => None,
            Some(path) => match find(path, &self.kept, &self.records) {
                Some(record) => Some(record.clone()),
                None => return Ok(Step::On(day)),
            },
        };
        let input = Json::Object(step.input.clone());
        let Json::Object(mut input) = self.story.fill(&input, day).map_err(said)? else {
            return Ok(Step::On(day));
        };
        self.name_records(&mut input);
        let doing = Doing {
            step,
            at,
            day,
            seed: format!("{}/{number}", self.seed),
            actor: self.actor(step, record.as_ref(), day)?,
        };
        let known = (self.records.as_slice(), &mut self.papers);
        match self.run.perform(&doing, record, input, known).await {
            Ok((id, snapshots)) => {
                self.told.acts += 1;
                if let Some(name) = &step.save_as {
                    self.kept.insert(name.clone(), id);
                }
                snapshots
                    .into_iter()
                    .for_each(|new| lay(new, &mut self.records));
                Ok(Step::On(day))
            }
            Err(Failure::Refused(refusal)) => {
                if !step.may_fail {
                    self.told.refused = Some(describe(self.seed, &step.action, &refusal));
                }
                Ok(Step::End)
            }
            Err(fault) => Err(fault),
        }
    }

    /// The day of an act: a business day, unless the platform acts.
    fn day(&mut self, number: usize, step: &BulkAct, before: Date) -> Result<Date, Failure> {
        let day = match &step.on {
            Some(on) => {
                let on = self.story.fill(on, before).map_err(said)?;
                let read = on.as_str().and_then(|text| text.parse().ok());
                read.ok_or_else(|| said(format!("{}: on は日ではありません。", step.action)))?
            }
            None => {
                let wait = self.story.between(&format!("after/{number}"), step.after);
                before.checked_add(wait.days()).unwrap_or(before)
            }
        };
        match step.by.as_str() {
            "system" => Ok(day),
            _ => Ok(self.run.engine.catalogue().calendar.next_business_day(day)),
        }
    }

    fn holds(&mut self, step: &BulkAct, day: Date) -> Result<bool, Failure> {
        for (name, wanted) in &step.when {
            let name = Json::String(format!("{{{name}}}"));
            let drawn = self.story.fill(&name, day).map_err(said)?;
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

    /// Puts the id of a record of the story for every `{record: PATH}`.
    fn name_records(&self, input: &mut Map<String, Json>) {
        for value in input.values_mut() {
            for place in crate::demo::places_of("record", value) {
                let Some(named) = value.pointer_mut(&place) else {
                    continue;
                };
                let path = named.get("record").and_then(Json::as_str);
                let found = path.and_then(|path| find(path, &self.kept, &self.records));
                if let Some(found) = found {
                    *named = Json::String(found.id.to_string());
                }
            }
        }
    }

    fn actor(
        &mut self,
        step: &BulkAct,
        record: Option<&Snapshot>,
        day: Date,
    ) -> Result<Actor, Failure> {
        let by = step.by.as_str();
        if by == "system" {
            return Ok(Actor::system());
        }
        let party = |name: &str| {
            let known = self.parties.get(name).cloned();
            known.ok_or_else(|| said(format!("「{name}」という人は、この話にいません。")))
        };
        let Some(role) = by.strip_prefix("desk.") else {
            return party(by);
        };
        let on_behalf = match record {
            Some(_) => None,
            None => Some(party(step.on_behalf.as_deref().unwrap_or("owner"))?),
        };
        let name = match &step.name {
            None => None,
            Some(name) => Some(text(&mut self.story, name, day)?),
        };
        Ok(Official {
            role,
            name,
            on_behalf,
        }
        .actor(record))
    }

    fn end(mut self) -> Told {
        for record in self.records {
            let of = (record.record_type, record.state);
            *self.told.opened.entry(of).or_default() += 1;
        }
        self.told
    }
}

fn said(error: String) -> Failure {
    Failure::Internal(format!("demo.yaml: {error}"))
}

fn describe(seed: &str, action: &str, refusal: &Refusal) -> String {
    let faults = refusal.faults.iter();
    let faults: Vec<String> = faults
        .map(|f| format!("{} {}", f.pointer, f.detail))
        .collect();
    format!("{seed} {action}: {} {}", refusal.title, faults.join(" / "))
}

fn text(story: &mut Story<'_>, template: &str, day: Date) -> Result<String, Failure> {
    let filled = story
        .fill(&Json::String(template.to_owned()), day)
        .map_err(said)?;
    let filled = filled.as_str().map(str::to_owned);
    filled.ok_or_else(|| said(format!("「{template}」は文字ではありません。")))
}

fn party(who: &Owner, story: &mut Story<'_>, seed: &str, day: Date) -> Result<Actor, Failure> {
    let (kind, name) = (text(story, &who.kind, day)?, text(story, &who.name, day)?);
    let id = PartyId(uuid_at(Timestamp::UNIX_EPOCH, seed, "party"));
    let mut actor = Actor::public();
    actor.assurance = kernel::Assurance::HIGHEST;
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

/// Puts a snapshot in the place of the one before it.
fn lay(snapshot: Snapshot, records: &mut Vec<Snapshot>) {
    match records.iter_mut().find(|known| known.id == snapshot.id) {
        Some(known) => *known = snapshot,
        None => records.push(snapshot),
    }
}

/// `a`, `a.visits[0]`, `a.items[1].permit`: a kept record, its children by slot, its links by name. `[-1]` is the last.
fn find<'r>(path: &str, kept: &Kept, records: &'r [Snapshot]) -> Option<&'r Snapshot> {
    let by_id = |id: RecordId| records.iter().find(|record| record.id == id);
    let mut steps = path.split('.');
    let mut found = by_id(*kept.get(steps.next()?)?)?;
    for step in steps {
        let (name, index) = match step.split_once('[') {
            Some((name, index)) => (name, index.trim_end_matches(']').parse().ok()?),
            None => (step, 0_isize),
        };
        let is_child = |record: &&Snapshot| {
            let parent = record.parent.as_ref();
            parent.is_some_and(|parent| parent.id == found.id && parent.slot == name)
        };
        let mut inside: Vec<&Snapshot> = records.iter().filter(is_child).collect();
        inside.sort_by_key(|record| (record.created_at, record.id));
        let ids = found.links.get(name).into_iter().flatten();
        inside.extend(ids.filter_map(|id| by_id(*id)));
        let at = match usize::try_from(index) {
            Ok(at) => at,
            Err(_) => inside.len().checked_sub(index.unsigned_abs())?,
        };
        found = inside.get(at).copied()?;
    }
    Some(found)
}

/// A UUIDv7 of an instant that follows from a seed.
pub(super) fn uuid_at(at: Timestamp, seed: &str, what: &str) -> Uuid {
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
