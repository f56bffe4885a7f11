//! Makes the demo alive: performs the acts of every package's `demo.yaml` through the engine, on the days they name,
//! as the personas they name. Nothing is written beside the acts, so the demo is as real as any use.

mod bulk;
mod drawing;
mod story;

pub use bulk::DemoPlace;

use crate::perform::ActRequest;
use crate::{Engine, Failure, ManualClock, RecordView, Worker};
use definition::Source;
use definition::model::Status;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kernel::port::Account;
use kernel::{Actor, RecordId};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::Arc;

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DemoReport {
    /// Acts performed.
    pub acts: usize,
    /// Acts refused, with package, position and reason: a demo that does not fit its definition.
    pub refused: Vec<String>,
}

/// How much of a demo is made.
#[derive(Clone, Debug)]
pub enum DemoScale {
    /// The packages' acts.
    Small,
    /// The stories of `bulk` too, over these places.
    Full(Arc<[DemoPlace]>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoFile {
    acts: Vec<DemoAct>,
    #[serde(default)]
    bulk: Vec<bulk::Bulk>,
    /// Generators of all stories.
    #[serde(default, rename = "let")]
    generators: Map<String, Json>,
}

impl DemoFile {
    /// The stories, each with the generators of all beneath its own.
    fn stories(&self) -> Vec<bulk::Bulk> {
        let stories = self.bulk.iter().cloned();
        stories.map(|story| story.over(&self.generators)).collect()
    }
}

/// One act. `record` names an earlier act's record (`save_as`), or something in it: `a.visits[0]`, `a.links.permit`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoAct {
    /// Days from today; negative in the past.
    at: i64,
    #[serde(rename = "as")]
    persona: String,
    #[serde(default)]
    service: Option<String>,
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

struct Made {
    service: String,
    record_type: String,
    id: RecordId,
}

impl Engine {
    /// Performs the demo acts of all running packages in the order of their days, after the stories of `bulk` if the
    /// scale is full. `clock` must be the engine's own. `progress` hears how many of how many are done.
    ///
    /// # Errors
    /// If the store fails. Acts that are refused are reported, not fatal.
    pub async fn make_demo(
        self: &Arc<Self>,
        clock: &ManualClock,
        source: &Source,
        scale: &DemoScale,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<DemoReport, Failure> {
        let files = self.demo_files(source)?;
        let mut report = DemoReport::default();
        let DemoScale::Full(places) = scale else {
            self.demo_of(clock, files, progress, &mut report).await?;
            return Ok(report);
        };
        let (places, mut makings) = (bulk::by_municipality(places), Vec::new());
        for (slug, file) in &files {
            let service = self.service(slug)?;
            let of = (slug.clone(), service);
            let making = bulk::Making::new(self, of, file.stories(), &places, progress);
            makings.push(making);
        }
        for making in &mut makings {
            making.go(false, &mut report).await?;
        }
        let before = makings.iter().map(bulk::Making::events).sum();
        self.demo_of(clock, files, progress, &mut report).await?;
        self.count_opened(before, &mut makings).await?;
        for making in &mut makings {
            making.go(true, &mut report).await?;
        }
        Ok(report)
    }

    /// Tells the makings what was opened since so many events, as it stands now.
    async fn count_opened(
        &self,
        events: usize,
        makings: &mut [bulk::Making<'_>],
    ) -> Result<(), Failure> {
        let mut after = events as u64;
        loop {
            let page = self.store.changes(after, 500).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.position;
            let headers = page.iter().map(|stored| &stored.event.header);
            let opened = headers.filter(|header| header.seq == 1);
            let opened: Vec<RecordId> = opened.map(|header| header.record).collect();
            for record in self.store.snapshots(&opened).await? {
                let of = |making: &&mut bulk::Making<'_>| making.is_of(&record.service);
                if let Some(making) = makings.iter_mut().find(of) {
                    making.count(record);
                }
            }
        }
    }

    async fn demo_of(
        self: &Arc<Self>,
        clock: &ManualClock,
        files: Vec<(String, DemoFile)>,
        progress: &(dyn Fn(usize, usize) + Sync),
        report: &mut DemoReport,
    ) -> Result<(), Failure> {
        let today = clock.morning();
        let of = |(slug, file): (String, DemoFile)| {
            let acts = file.acts.into_iter();
            acts.map(move |act| (slug.clone(), act)).collect::<Vec<_>>()
        };
        let mut acts: Vec<(String, DemoAct)> = files.into_iter().flat_map(of).collect();
        acts.sort_by_key(|(_, act)| act.at);
        let mut made = HashMap::new();
        let worker = Worker::new(Arc::clone(self));
        let total = acts.len();
        let mut day = i64::MIN;
        for (done, (slug, act)) in acts.into_iter().enumerate() {
            let minutes = i64::try_from(done).unwrap_or(0);
            let offset =
                SignedDuration::from_hours(24 * act.at) + SignedDuration::from_mins(minutes % 240);
            clock.set(today.checked_add(offset).unwrap_or(today));
            if act.at != day {
                worker.tick().await?;
                day = act.at;
            }
            match self
                .demo_act(&slug, &act, crate::tokyo_day(today), &mut made)
                .await
            {
                Ok(()) => report.acts += 1,
                Err(Failure::Refused(refusal)) => {
                    report.refused.push(describe(&slug, done, &act, &refusal))
                }
                Err(fault) => return Err(fault),
            }
            progress(done + 1, total);
        }
        clock.set(today);
        worker.tick().await?;
        Ok(())
    }

    fn demo_files(&self, source: &Source) -> Result<Vec<(String, DemoFile)>, Failure> {
        let mut files = Vec::new();
        for (slug, service) in &self.catalogue().services {
            let found = source
                .files
                .iter()
                .find(|(path, _)| service.status == Status::Running && is_demo(path, slug));
            let Some((_, bytes)) = found else { continue };
            let text = String::from_utf8_lossy(bytes);
            let file: DemoFile = serde_saphyr::from_str(&text)
                .map_err(|e| Failure::Internal(format!("{slug}/demo.yaml: {e}")))?;
            files.push((slug.clone(), file));
        }
        Ok(files)
    }

    async fn demo_act(
        &self,
        slug: &str,
        act: &DemoAct,
        today: Date,
        made: &mut HashMap<(String, String), Made>,
    ) -> Result<(), Failure> {
        let account = self
            .account_by_login(&act.persona)
            .await?
            .ok_or_else(|| fault("as", &act.persona))?;
        let actor = Actor {
            assurance: kernel::Assurance::HIGHEST,
            ..self.actor(&account, None)?
        };
        let service = act
            .service
            .as_deref()
            .filter(|name| *name != "this")
            .unwrap_or(slug)
            .to_owned();
        let (record_type, record, version) = match &act.record {
            None => (
                act.record_type.clone().ok_or_else(|| fault("type", ""))?,
                None,
                None,
            ),
            Some(path) => {
                let found = self.demo_record(slug, &actor, made, path).await?;
                (found.0, Some(found.1), Some(found.2))
            }
        };
        let mut input = self.demo_input(&account, &act.input, today).await?;
        for value in input.values_mut() {
            for place in places_of("record", value) {
                if let Some(found) = value.pointer_mut(&place)
                    && let Some(path) = found.get("record").and_then(Json::as_str)
                {
                    let id = self.demo_record(slug, &actor, made, path).await?.1;
                    *found = Json::String(id.to_string());
                }
            }
        }
        let request = ActRequest {
            actor,
            purpose: None,
            service: service.clone(),
            record_type: record_type.clone(),
            record,
            action: act.action.clone(),
            input,
            version,
            dry_run: false,
            idempotency: None,
            run: None,
        };
        let outcome = self.perform(request).await?;
        if let Some(name) = &act.save_as {
            made.insert(
                (slug.to_owned(), name.clone()),
                Made {
                    service,
                    record_type,
                    id: outcome.view.id,
                },
            );
        }
        Ok(())
    }

    /// The record of an earlier act, or one in it: type, id, version.
    async fn demo_record(
        &self,
        slug: &str,
        actor: &Actor,
        made: &HashMap<(String, String), Made>,
        path: &str,
    ) -> Result<(String, RecordId, u64), Failure> {
        let name = path.split(['.', '[']).next().unwrap_or(path);
        let base = made
            .get(&(slug.to_owned(), name.to_owned()))
            .ok_or_else(|| fault("record", path))?;
        let view = self
            .record(actor, None, &base.service, &base.record_type, base.id, None)
            .await?;
        resolve(&view, path.get(name.len()..).unwrap_or_default())
            .ok_or_else(|| fault("record", path))
    }

    /// Replaces `{upload: NAME}` by an upload made for it, and `{days: N}` by the day N days after today, wherever
    /// they stand.
    async fn demo_input(
        &self,
        account: &Account,
        input: &Map<String, Json>,
        today: Date,
    ) -> Result<Map<String, Json>, Failure> {
        let mut ready = Map::new();
        for (name, value) in input {
            let mut value = dated(value, today);
            for place in places_of("upload", &value) {
                if let Some(found) = value.pointer_mut(&place)
                    && let Some(name) = found.get("upload").and_then(Json::as_str)
                {
                    *found = self.demo_upload(account, name).await?;
                }
            }
            ready.insert(name.clone(), value);
        }
        Ok(ready)
    }

    async fn demo_upload(&self, account: &Account, name: &str) -> Result<Json, Failure> {
        let paper = drawing::Paper::named(name).map_err(|e| Failure::Internal(e.to_string()))?;
        let upload = self
            .upload(&self.actor(account, None)?, name, paper.content)
            .await?;
        Ok(Json::String(upload.id.to_string()))
    }
}

/// The value with `{days: N}` as days.
fn dated(value: &Json, today: Date) -> Json {
    match value {
        Json::Array(items) => items.iter().map(|item| dated(item, today)).collect(),
        Json::Object(members) => {
            match (members.len(), members.get("days").and_then(Json::as_i64)) {
                (1, Some(days)) => {
                    let day = today.checked_add(days.days()).unwrap_or(today);
                    Json::String(day.to_string())
                }
                _ => members
                    .iter()
                    .map(|(name, member)| (name.clone(), dated(member, today)))
                    .collect(),
            }
        }
        other => other.clone(),
    }
}

/// JSON Pointers to what stands for an upload or a record: `{upload: …}`, `{record: …}`.
fn places_of(word: &str, value: &Json) -> Vec<String> {
    let below = |step: String, inner: &Json| -> Vec<String> {
        let step = step.replace('~', "~0").replace('/', "~1");
        let inner = places_of(word, inner);
        inner.iter().map(|rest| format!("/{step}{rest}")).collect()
    };
    match value {
        Json::Object(members) if members.get(word).is_some_and(Json::is_string) => {
            vec![String::new()]
        }
        Json::Object(members) => members
            .iter()
            .flat_map(|(name, member)| below(name.clone(), member))
            .collect(),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(at, item)| below(at.to_string(), item))
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether a path is a package's `demo.yaml`.
fn is_demo(path: &str, slug: &str) -> bool {
    path.strip_suffix("/demo.yaml")
        .and_then(|folder| folder.rsplit('/').next())
        .is_some_and(|folder| definition::slug_of(folder) == slug)
}

impl ManualClock {
    /// Nine o'clock of the clock's day in Asia/Tokyo, when the desks open.
    fn morning(&self) -> Timestamp {
        let day = crate::tokyo_day(crate::Clock::now(self));
        crate::day_begins(day)
            .checked_add(SignedDuration::from_hours(9))
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// `.visits[0]`, `.links.permit`, `.children.items[1]` in a view, or the record itself.
fn resolve(view: &RecordView, rest: &str) -> Option<(String, RecordId, u64)> {
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    if rest.is_empty() {
        return Some((view.record_type.name.clone(), view.id, view.version));
    }
    let rest = rest
        .strip_prefix("children.")
        .or_else(|| rest.strip_prefix("links."))
        .unwrap_or(rest);
    let (name, index) = match rest.split_once('[') {
        Some((name, index)) => (name, index.trim_end_matches(']').parse().ok()?),
        None => (rest, 0),
    };
    let list = view.children.get(name).or_else(|| view.links.get(name))?;
    list.get::<usize>(index)
        .map(|found| (found.record_type.name.clone(), found.id, found.version))
}

fn fault(what: &str, value: &str) -> Failure {
    Failure::invalid(
        &format!("/{what}"),
        "demo",
        format!("demo.yaml の {what} が見つかりません: {value}"),
    )
}

fn describe(slug: &str, position: usize, act: &DemoAct, refusal: &kernel::Refusal) -> String {
    let faults: Vec<String> = refusal
        .faults
        .iter()
        .map(|f| format!("{} {}", f.pointer, f.detail))
        .collect();
    format!(
        "{slug} #{position} {} {} ({}): {} {}",
        act.persona,
        act.action,
        act.record.as_deref().unwrap_or("-"),
        refusal.title,
        faults.join(" / ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn days_are_counted_from_today_wherever_they_stand() {
        let today = jiff::civil::date(2026, 11, 22);
        let input = json!({
            "on": {"days": 10}, "late": [{"by": {"days": -22}, "days": 3}], "days": {"days": 0},
            "open": {"days": "3"}, "n": 1
        });
        assert_eq!(
            dated(&input, today),
            json!({
                "on": "2026-12-02", "late": [{"by": "2026-10-31", "days": 3}], "days": "2026-11-22",
                "open": {"days": "3"}, "n": 1
            })
        );
    }

    #[test]
    fn uploads_are_found_in_rows() {
        let input = json!([{"a/b": [{"upload": "x.png"}], "c": "d"}, {"upload": "y.png"}]);
        assert_eq!(places_of("upload", &input), ["/0/a~1b/0", "/1"]);
        assert_eq!(places_of("upload", &json!({"upload": "z.png"})), [""]);
    }
}
