//! Runs (一括処理): one act over many records. Tried first, then kept whole, then done record by record, each act a
//! commit of its own under its own idempotency key, so that a restart goes on where it stopped and nothing is done
//! twice. Each act asks for authority anew; what is refused is written down, and the rest goes on.

use crate::perform::ActRequest;
use crate::registry::record_type;
use crate::view::RecordView;
use crate::{Engine, Failure, IdempotencyKey, ListRequest};
use definition::model::{RecordType, Service};
use jiff::Timestamp;
use kernel::port::{RunItem, RunOutcome, RunRow};
use kernel::{Actor, RecordId, Refusal, RefusalKind, RunId, Snapshot};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most records of one run.
pub const MAX_RUN_RECORDS: usize = 1000;
/// Items seen to before whoever asked for the run is answered; the worker does the rest.
const AT_ONCE: usize = 100;
/// Items in one round of the worker, so that messages and deadlines need not wait for a long run.
const BATCH: usize = 200;
/// Runs in one round of the worker.
const RUNS: usize = 10;

/// What one act over many is asked for.
#[derive(Clone)]
pub struct RunRequest {
    /// Who.
    pub actor: Actor,
    /// Stated purpose.
    pub purpose: Option<String>,
    /// Service slug.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// Action, of the definition or of a route.
    pub action: String,
    /// Its input, the same for each record.
    pub input: Map<String, Json>,
    /// On which records.
    pub chosen: Chosen,
    /// `Idempotency-Key` with the hash of the request; needed to go.
    pub idempotency: Option<IdempotencyKey>,
}

/// The records of a run.
#[derive(Clone)]
pub enum Chosen {
    /// These, with the version that was seen; the newest where none is given.
    Records(Vec<(RecordId, Option<u64>)>),
    /// All rows of a view.
    View(String),
    /// All that a filter finds.
    Filter(String),
}

/// A run, or how it would go. `Debug` is left out: it holds names of records.
pub struct RunView {
    /// Its id; none for a trial.
    pub id: Option<RunId>,
    /// The service.
    pub service: Arc<Service>,
    /// The record type.
    pub record_type: Arc<RecordType>,
    /// The action.
    pub action: String,
    /// Its title.
    pub title: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// When all had been seen to.
    pub done_at: Option<Timestamp>,
    /// The records in order.
    pub items: Vec<RunItemView>,
}

/// One record of a run, as far as the actor may see it.
pub struct RunItemView {
    /// The record.
    pub record: RecordId,
    /// The version that was seen.
    pub version: u64,
    /// The record: as it is, or in a trial as it would be.
    pub view: Option<RecordView>,
    /// The line that names the record above it, which tells it from others.
    pub above: Option<String>,
    /// How it ended or would end.
    pub status: RunStatus,
}

/// How one record of a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// It would pass.
    Passes,
    /// Done.
    Done,
    /// Refused, and why.
    Refused(Refusal),
    /// Not seen to yet.
    Pending,
}

impl RunView {
    /// How many ended well, or would; were refused; wait.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&RunStatus) -> bool| {
            self.items.iter().filter(|i| wanted(&i.status)).count()
        };
        (
            count(|s| matches!(s, RunStatus::Passes | RunStatus::Done)),
            count(|s| matches!(s, RunStatus::Refused(_))),
            count(|s| matches!(s, RunStatus::Pending)),
        )
    }
}

impl Engine {
    /// Tries an act on many records and leaves nothing.
    ///
    /// # Errors
    /// If the action may not be taken on many, or the records cannot be told.
    pub async fn try_run(&self, request: &RunRequest) -> Result<RunView, Failure> {
        let (service, rt, title) = self.runnable(request)?;
        let chosen = self.chosen(request).await?;
        let ids: Vec<RecordId> = chosen.iter().map(|(id, _)| *id).collect();
        let mut seen = self.seen(&request.actor, &service, &ids).await?;
        let mut items = Vec::with_capacity(chosen.len());
        for (record, version) in chosen {
            let mut act = act_of(request, record, version);
            act.dry_run = true;
            act.run = Some(RunId(uuid::Uuid::nil()));
            let (status, view) = match self.perform(act).await {
                Ok(outcome) => (RunStatus::Passes, Some(outcome.view)),
                Err(Failure::Refused(refusal)) => (RunStatus::Refused(refusal), None),
                Err(fault) => return Err(fault),
            };
            let (now, above) = seen.remove(&record).unzip();
            items.push(RunItemView {
                record,
                version,
                view: view.or(now),
                above: above.flatten(),
                status,
            });
        }
        Ok(RunView {
            id: None,
            service,
            record_type: rt,
            action: request.action.clone(),
            title,
            at: self.clock.now(),
            done_at: None,
            items,
        })
    }

    /// Keeps a run, and begins with it; the worker does what is left. The same key gives the same run.
    ///
    /// # Errors
    /// If the action may not be taken on many, or the records cannot be told; then nothing has changed.
    pub async fn start_run(&self, request: &RunRequest) -> Result<RunId, Failure> {
        let (account, key) = match (request.actor.account, &request.idempotency) {
            (Some(account), Some(key)) => (account, key),
            _ => return Err(Failure::not_found()),
        };
        self.runnable(request)?;
        let id = run_id(&account.to_string(), &key.key);
        if self.store.run(id).await?.is_none() {
            let chosen = self.chosen(request).await?;
            let items = chosen.into_iter().map(|(record, version)| RunItem {
                record,
                version,
                outcome: None,
            });
            let run = RunRow {
                id,
                account,
                on_behalf_of: request.actor.on_behalf_of,
                purpose: request.purpose.clone(),
                service: request.service.clone(),
                record_type: request.record_type.clone(),
                action: request.action.clone(),
                input: request.input.clone(),
                request: key.request.clone(),
                at: self.clock.now(),
                done_at: None,
            };
            self.store.put_run(run, items.collect()).await?;
        }
        // Whoever came first with this key decides what the run is.
        let kept = self.store.run(id).await?;
        if kept.is_none_or(|(run, _)| run.request != key.request) {
            let detail =
                "同じ Idempotency-Key が別の内容で使われています。新しいキーで送り直してください。";
            return Err(Failure::invalid(
                "/headers/Idempotency-Key",
                "reused",
                detail,
            ));
        }
        self.advance_run(id, AT_ONCE).await?;
        self.wake.notify_one();
        Ok(id)
    }

    /// Does up to `limit` items of a run that nobody else is at; answers whether it is over.
    ///
    /// # Errors
    /// A fault of the store: the rest waits.
    pub async fn advance_run(&self, id: RunId, limit: usize) -> Result<bool, Failure> {
        if !self.running.lock().insert(id) {
            return Ok(false);
        }
        let outcome = self.go_on(id, limit).await;
        self.running.lock().remove(&id);
        outcome
    }

    async fn go_on(&self, id: RunId, limit: usize) -> Result<bool, Failure> {
        let Some((run, items)) = self.store.run(id).await? else {
            return Ok(true);
        };
        // Seats as they are held now: what was lost meanwhile no longer counts.
        let Some(account) = self.acting_account(run.account).await? else {
            return Err(Failure::Internal(format!("run {id} has no account")));
        };
        let actor = Actor {
            // Asked when the run was begun, of whoever sat there.
            assurance: kernel::Assurance::HIGHEST,
            ..self.actor(&account, run.on_behalf_of)?
        };
        let request = request_of(&run, actor);
        let waiting = (0_u32..).zip(&items).filter(|(_, i)| i.outcome.is_none());
        let mut left = 0;
        for (done, (no, item)) in waiting.enumerate() {
            if done >= limit {
                left += 1;
                continue;
            }
            let outcome = self.one(&request, id, item).await?;
            self.store.run_item_done(id, no, outcome).await?;
        }
        if left == 0 {
            self.tell_of_handing(&request.actor, &run).await?;
            self.store.run_done(id, self.clock.now()).await?;
        }
        Ok(left == 0)
    }

    async fn one(
        &self,
        request: &RunRequest,
        id: RunId,
        item: &RunItem,
    ) -> Result<RunOutcome, Failure> {
        let mut act = act_of(request, item.record, item.version);
        act.run = Some(id);
        act.idempotency = Some(IdempotencyKey {
            key: format!("run:{id}:{}", item.record),
            request: id.to_string(),
        });
        match self.perform(act).await {
            Ok(outcome) => Ok(RunOutcome::Done(outcome.view.version)),
            Err(Failure::Refused(refusal)) => Ok(RunOutcome::Refused(refusal)),
            Err(fault) => Err(fault),
        }
    }

    /// Goes on with the runs that have items left. One that cannot go on does not hold up the others.
    pub(crate) async fn go_on_with_runs(&self) -> Result<(), Failure> {
        for id in self.store.open_runs(RUNS).await? {
            match self.advance_run(id, BATCH).await {
                Ok(true) => {}
                Ok(false) => self.wake.notify_one(),
                Err(Failure::Store(fault)) => return Err(fault.into()),
                Err(fault) => tracing::error!(run = %id, %fault, "a run does not go on"),
            }
        }
        Ok(())
    }

    /// A run, for whoever asked for it.
    ///
    /// # Errors
    /// 404 for others.
    pub async fn run(&self, actor: &Actor, id: RunId) -> Result<RunView, Failure> {
        let found = self.store.run(id).await?;
        let (run, kept) = found
            .filter(|(run, _)| actor.account == Some(run.account))
            .ok_or_else(Failure::not_found)?;
        let service = self.service(&run.service)?;
        let rt = record_type(&service, &run.record_type)?;
        let ids: Vec<RecordId> = kept.iter().map(|item| item.record).collect();
        let mut seen = self.seen(actor, &service, &ids).await?;
        let mut items = Vec::with_capacity(kept.len());
        for item in kept {
            let (view, above) = seen.remove(&item.record).unzip();
            items.push(RunItemView {
                view,
                above: above.flatten(),
                record: item.record,
                version: item.version,
                status: match item.outcome {
                    None => RunStatus::Pending,
                    Some(RunOutcome::Done(_)) => RunStatus::Done,
                    Some(RunOutcome::Refused(refusal)) => RunStatus::Refused(refusal),
                },
            });
        }
        Ok(RunView {
            id: Some(id),
            title: title(&service, &rt, &run.action).unwrap_or_else(|| run.action.clone()),
            service,
            record_type: rt,
            action: run.action,
            at: run.at,
            done_at: run.done_at,
            items,
        })
    }

    /// Whether the action may be taken on many at all.
    fn runnable(
        &self,
        request: &RunRequest,
    ) -> Result<(Arc<Service>, Arc<RecordType>, String), Failure> {
        let service = self.service(&request.service)?;
        let rt = record_type(&service, &request.record_type)?;
        if request.actor.account.is_none() {
            return Err(Failure::not_found());
        }
        let found = kernel::route::resolve(&service, &rt, &request.action, None);
        let Some(found) = found.filter(|found| found.action.batch.is_some()) else {
            let detail = "この操作は、まとめて行えません。まとめて行える操作を選ぶか、1件ずつ行ってください。";
            return Err(Failure::invalid("/action", "batch", detail));
        };
        let (action, actor) = (&*found.action, &request.actor);
        // Only desks take an action on many.
        let desk = definition::model::Who::Desk(String::new());
        if let Some(demanded) = kernel::assured::short(action, actor, &desk) {
            return Err(kernel::assured::refusal(&action.title, actor, demanded).into());
        }
        crate::individual::refuse(&rt, &request.input)?;
        let title = found.action.title.clone();
        Ok((service, rt, title))
    }

    /// The chosen records with the versions seen, each once.
    async fn chosen(&self, request: &RunRequest) -> Result<Vec<(RecordId, u64)>, Failure> {
        let named = match &request.chosen {
            Chosen::Records(records) => records.clone(),
            Chosen::View(view) => self.rows_of(request, view).await?,
            Chosen::Filter(filter) => self.found_by(request, filter).await?,
        };
        if named.is_empty() {
            let detail = "対象がありません。1件以上選んでください。";
            return Err(Failure::invalid("/records", "required", detail));
        }
        if named.len() > MAX_RUN_RECORDS {
            return Err(too_many());
        }
        let unknown: Vec<RecordId> = named
            .iter()
            .filter(|(_, version)| version.is_none())
            .map(|(id, _)| *id)
            .collect();
        let newest: BTreeMap<RecordId, u64> = match unknown.is_empty() {
            true => BTreeMap::new(),
            false => {
                let mut newest = BTreeMap::new();
                for found in self.store.snapshots(&unknown).await? {
                    // Of what one does not see not even the version is told.
                    if self.sees(&request.actor, &found).await? {
                        newest.insert(found.id, found.version);
                    }
                }
                newest
            }
        };
        let mut once = BTreeSet::new();
        Ok(named
            .into_iter()
            .filter(|(id, _)| once.insert(*id))
            // A record that is not there is refused as such, like one that the actor may not see.
            .map(|(id, version)| (id, version.or(newest.get(&id).copied()).unwrap_or(1)))
            .collect())
    }

    async fn rows_of(
        &self,
        request: &RunRequest,
        view: &str,
    ) -> Result<Vec<(RecordId, Option<u64>)>, Failure> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let board = self
                .view_page(
                    &request.actor,
                    &request.service,
                    &request.record_type,
                    view,
                    after.as_deref(),
                )
                .await?;
            all.extend(board.rows.iter().map(|(r, _)| (r.id, Some(r.version))));
            if all.len() > MAX_RUN_RECORDS {
                return Err(too_many());
            }
            after = board.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    async fn found_by(
        &self,
        request: &RunRequest,
        filter: &str,
    ) -> Result<Vec<(RecordId, Option<u64>)>, Failure> {
        let mut all = Vec::new();
        let mut page = ListRequest {
            filter: Some(filter.to_owned()),
            limit: Some(200),
            ..ListRequest::default()
        };
        loop {
            let found = self
                .list(
                    &request.actor,
                    &request.service,
                    &request.record_type,
                    &page,
                )
                .await?;
            all.extend(found.items.iter().map(|r| (r.id, Some(r.version))));
            if all.len() > MAX_RUN_RECORDS {
                return Err(too_many());
            }
            page.after = found.next;
            if page.after.is_none() {
                return Ok(all);
            }
        }
    }

    /// The records of a run in short, each with the line of the one above it, as far as the actor may see them.
    async fn seen(
        &self,
        actor: &Actor,
        service: &Arc<Service>,
        records: &[RecordId],
    ) -> Result<BTreeMap<RecordId, (RecordView, Option<String>)>, Failure> {
        let mut found = self.store.snapshots(records).await?;
        found.retain(|snapshot| snapshot.service == service.slug);
        let above: BTreeMap<RecordId, RecordId> = found
            .iter()
            .filter_map(|one| Some((one.id, one.parent.as_ref()?.id)))
            .collect();
        let parents: BTreeSet<RecordId> = above.values().copied().collect();
        let parents: Vec<RecordId> = parents.into_iter().collect();
        let parents = self.store.snapshots(&parents).await?;
        let parents = self.short(actor, service, parents).await?;
        let views = self.short(actor, service, found).await?.into_values();
        let with_parent = |view: RecordView| {
            let parent = above.get(&view.id).and_then(|id| parents.get(id));
            let line = parent.and_then(|parent| parent.label.clone());
            (view.id, (view, line))
        };
        Ok(views.map(with_parent).collect())
    }

    /// Records of any types in short, by id.
    async fn short(
        &self,
        actor: &Actor,
        service: &Arc<Service>,
        records: Vec<Snapshot>,
    ) -> Result<BTreeMap<RecordId, RecordView>, Failure> {
        let mut by_type: BTreeMap<String, Vec<Snapshot>> = BTreeMap::new();
        for record in records {
            let name = record.record_type.clone();
            by_type.entry(name).or_default().push(record);
        }
        let mut views = BTreeMap::new();
        for (name, records) in by_type {
            let rt = record_type(service, &name)?;
            let found = self.item_views(service, &rt, actor, records).await?;
            views.extend(found.into_iter().map(|view| (view.id, view)));
        }
        Ok(views)
    }
}

fn title(service: &Service, rt: &RecordType, action: &str) -> Option<String> {
    let found = kernel::route::resolve(service, rt, action, None)?;
    Some(found.action.title.clone())
}

fn act_of(request: &RunRequest, record: RecordId, version: u64) -> ActRequest {
    ActRequest {
        actor: request.actor.clone(),
        purpose: request.purpose.clone(),
        service: request.service.clone(),
        record_type: request.record_type.clone(),
        record: Some(record),
        action: request.action.clone(),
        input: request.input.clone(),
        version: Some(version),
        dry_run: false,
        idempotency: None,
        run: None,
    }
}

fn request_of(run: &RunRow, actor: Actor) -> RunRequest {
    RunRequest {
        actor,
        purpose: run.purpose.clone(),
        service: run.service.clone(),
        record_type: run.record_type.clone(),
        action: run.action.clone(),
        input: run.input.clone(),
        chosen: Chosen::Records(Vec::new()),
        idempotency: None,
    }
}

/// The run of a key: the same for the same key, whichever copy of the platform is asked.
pub(crate) fn run_id(owner: &str, key: &str) -> RunId {
    let mut hash = Sha256::new();
    for part in ["run", owner, key] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    RunId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

fn too_many() -> Failure {
    let detail =
        format!("一度に行えるのは{MAX_RUN_RECORDS}件までです。絞り込んで、分けて行ってください。");
    Refusal::new(
        RefusalKind::Invalid,
        detail.clone(),
        vec![kernel::Fault::new("/records", "too_many", detail)],
    )
    .into()
}
