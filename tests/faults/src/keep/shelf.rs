//! A shelf of binders whose time is over: what a round disposes of, and what stays.

use crate::stores::calls::copy;
use crate::{common, quick_folder, root};
use anyhow::{Context as _, Result, bail, ensure};
use definition::{Catalogue, Severity, Source};
use engine::{ActRequest, Clock, Engine, Ids, ManualClock, Proposal, RoundDeed, Worker};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use kernel::port::{Account, SearchQuery, Store as _};
use kernel::{AccountId, Actor, AttachmentId, PartyId, RecordId, Seat};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use store::{Masters, OpenError, SqliteStore};
use tempfile::TempDir;
use uuid::Uuid;

const SLUG: &str = "shelf";
const OFFICE: &str = "多摩立川保健所";
/// Binders that are disposed of; one more is still in use.
const BINDERS: usize = 3;
const SHEETS: usize = 2;

/// A binder with what belongs to it.
pub(crate) struct Binder {
    /// The record and its parts.
    pub(crate) records: Vec<RecordId>,
    file: AttachmentId,
    name: String,
    content: Vec<u8>,
    scopes: Vec<String>,
    is_closed: bool,
}

/// A folder in which a round of disposals is decided and not yet begun.
pub(crate) struct Base {
    pub(crate) folder: TempDir,
    /// What the round is about.
    pub(crate) doomed: Vec<Binder>,
    /// What stays.
    kept: Binder,
    pub(crate) round: RecordId,
}

/// The engine and the store over a folder.
pub(crate) struct Open {
    pub(crate) engine: Arc<Engine>,
    pub(crate) store: Arc<SqliteStore>,
    clock: Arc<ManualClock>,
}

/// Ids that count; each process counts from a place of its own.
struct Counted(AtomicU64);

impl Ids for Counted {
    fn uuid(&self, at: Timestamp) -> Uuid {
        let mut rest = [0; 10];
        rest[..8].copy_from_slice(&(self.0.fetch_add(1, Relaxed) << 16).to_be_bytes());
        let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }
}

/// The packages that are needed, and no other: a child reads them at each start.
fn source() -> Result<Source> {
    let mut source = Source::default();
    for (folder, name) in [
        ("services/_registers/disposals", "_registers/disposals"),
        ("tests/faults/services/common/901-shelf", "common/901-shelf"),
    ] {
        let files = Source::from_dir(&root().join(folder))?.files;
        let named = files
            .into_iter()
            .map(|(path, bytes)| (format!("{name}/{path}"), bytes));
        source.files.extend(named);
    }
    Ok(source)
}

fn catalogue(source: &Source) -> Result<Catalogue> {
    let loaded = definition::load(source, engine::tokyo_day(first_day()));
    let mut found = loaded.diagnostics.iter();
    match found.find(|found| found.severity == Severity::Error) {
        Some(wrong) => bail!("{wrong}"),
        None => Ok(loaded.catalogue),
    }
}

/// A morning.
fn first_day() -> Timestamp {
    engine::day_begins(date(2026, 11, 24))
}

/// Two years later.
fn last_day() -> Timestamp {
    engine::day_begins(date(2028, 11, 24))
}

/// Opens a store that this process may have held a moment ago: the child that another lane is just making is a copy of
/// this process, with its locks, until it becomes a program of its own.
fn opened(folder: &Path, process: u64, masters: Masters) -> Result<SqliteStore, OpenError> {
    let mut tries = 0;
    loop {
        let mut options = common::options(process);
        options.masters = masters.clone();
        match SqliteStore::open(folder, options) {
            Err(OpenError::Locked(_)) if tries < 100 => tries += 1,
            answer => return answer,
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Open {
    /// Opens a folder, on the day of the round. `process` tells processes apart.
    pub(crate) fn over(folder: &Path, process: u64, masters: Masters) -> Result<Self> {
        let source = source()?;
        let store = Arc::new(opened(folder, process, masters)?);
        let clock = Arc::new(ManualClock::new(last_day()));
        let engine = Engine::new(
            Arc::clone(&store) as Arc<dyn kernel::port::Store>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::new(Counted(AtomicU64::new(process << 32))),
            catalogue(&source)?,
        );
        Ok(Self {
            engine: Arc::new(engine),
            store,
            clock,
        })
    }

    /// Goes on with what is decided, to its end.
    pub(crate) async fn carry_out(&self) -> Result<()> {
        let worker = Worker::new(Arc::clone(&self.engine));
        for _ in 0..4 {
            worker.tick().await?;
            let later = self
                .engine
                .now()
                .checked_add(SignedDuration::from_mins(1))?;
            self.clock.set(later);
        }
        while self.store.keeper().forget_words().await? {}
        Ok(())
    }

    /// Snapshots are the fold, chains and log whole, and nothing is there that was disposed of.
    pub(crate) fn fits(&self) -> Result<()> {
        let own =
            |snapshot: &kernel::Snapshot, definition: &str| self.engine.own(snapshot, definition);
        match self.store.replay_with(&own, &[])?.difference {
            None => Ok(()),
            Some(found) => bail!("verify: {found:?}"),
        }
    }

    /// Whether a binder is there, wholly; else it is gone, wholly.
    pub(crate) async fn is_there(&self, binder: &Binder) -> Result<bool> {
        let store = &self.store;
        let there = store.snapshots(&binder.records).await?.len();
        let gone = store.keeper().disposed(&binder.records).await?.len();
        let query = SearchQuery {
            service: SLUG.into(),
            record_types: vec!["binder".into()],
            scopes: binder.scopes.clone(),
            text: binder.name.clone(),
            before: None,
            limit: 10,
        };
        let found = store.search(&query).await?.items.len();
        let content = store.attachment_content(binder.file).await?;
        let mailbox = format!("party:{}", person("owner", None).party);
        let told = store.messages(&[mailbox], None, 1_000).await?;
        let told = told.iter().any(|one| binder.records.contains(&one.record));
        let all = binder.records.len();
        let is_whole = (there, gone, found) == (all, 0, 1)
            && content.as_ref() == Some(&binder.content)
            && told == binder.is_closed;
        let is_gone = (there, gone, found) == (0, all, 0) && content.is_none() && !told;
        ensure!(
            is_whole != is_gone,
            "HALF: {there} of {all} records are there, {gone} are gone, {found} found, file {}, told {told}",
            content.is_some()
        );
        Ok(is_whole)
    }

    /// Whether what a binder's events say can still be read.
    pub(crate) async fn is_readable(&self, binder: &Binder) -> Result<bool> {
        let mut readable = 0;
        for record in &binder.records {
            let history = self.store.history(*record, 0, 100).await?;
            let opens = history.first().context("no history")?;
            readable += usize::from(!opens.event.body.patches.is_empty());
        }
        let all = binder.records.len();
        ensure!(
            readable == 0 || readable == all,
            "HALF: {readable} of {all} records can be read"
        );
        Ok(readable == all)
    }
}

impl Base {
    pub(crate) fn make() -> Result<Self> {
        let folder = quick_folder()?;
        let runtime = runtime()?;
        runtime.block_on(async {
            let open = Open::over(folder.path(), 1, Masters::default())?;
            open.clock.set(first_day());
            let source = source()?;
            let engine = &open.engine;
            engine.publish(catalogue(&source)?, &source).await?;
            engine.prepare_log("shelf.example/log").await?;
            let mut binders = Vec::new();
            for number in 0..=BINDERS {
                binders.push(open.binder(number).await?);
            }
            let kept = binders.pop().context("no binder")?;
            Worker::new(Arc::clone(engine)).tick().await?;
            open.clock.set(last_day());
            Worker::new(Arc::clone(engine)).tick().await?;
            let round = open.decided().await?;
            let base = Self {
                folder,
                doomed: binders,
                kept,
                round,
            };
            for binder in &base.doomed {
                ensure!(open.is_there(binder).await?, "the base lacks a binder");
            }
            open.fits()?;
            Ok(base)
        })
    }

    /// A folder in which the round is over.
    pub(crate) fn finished(&self) -> Result<TempDir> {
        let folder = quick_folder()?;
        copy(self.folder.path(), folder.path())?;
        let open = Open::over(folder.path(), 2, Masters::default())?;
        let runtime = runtime()?;
        runtime.block_on(open.carry_out())?;
        runtime.block_on(self.is_over(&open))?;
        Ok(folder)
    }

    /// Whether the round came to its end, once, and what it was not about is as it was.
    pub(crate) async fn is_over(&self, open: &Open) -> Result<()> {
        for binder in &self.doomed {
            ensure!(!open.is_there(binder).await?, "a binder is there again");
            ensure!(
                !open.is_readable(binder).await?,
                "what was disposed of can be read"
            );
        }
        self.is_kept(open).await?;
        let round = open.store.snapshots(&[self.round]).await?;
        let round = round.first().context("the round is gone")?;
        ensure!(round.state == "done", "the round is {}", round.state);
        let done = open.store.history(self.round, 0, 100).await?;
        let done = done
            .iter()
            .filter(|one| one.event.header.action == "finish");
        ensure!(done.count() == 1, "the round ended more than once");
        let by_round = open.store.keeper().disposed_by(self.round).await?;
        ensure!(by_round == BINDERS as u64, "{by_round} binders are gone");
        ensure!(
            open.store.keeper().destroy().await? == 0,
            "keys are still there"
        );
        ensure!(
            open.store.keeper().revived().await?.is_empty(),
            "something came back"
        );
        open.fits()
    }

    /// What stays is there.
    pub(crate) async fn is_kept(&self, open: &Open) -> Result<()> {
        ensure!(
            open.is_there(&self.kept).await? && open.is_readable(&self.kept).await?,
            "LOST: what was to be kept"
        );
        Ok(())
    }
}

impl Open {
    /// Makes a binder, and closes it unless it is the last.
    async fn binder(&self, number: usize) -> Result<Binder> {
        let engine = &self.engine;
        let owner = engine.actor(&person("owner", None), None)?;
        let (name, content) = (
            format!("青い綴り{number}"),
            format!("番号,名前\n{number},見本\n").into_bytes(),
        );
        let file = engine.upload(&owner, "一覧.csv", content.clone()).await?;
        let pages: Vec<Json> = (0..SHEETS)
            .map(|sheet| json!({"what": format!("紙{sheet}")}))
            .collect();
        let input = json!({"name": name, "list": [file.id], "pages": pages});
        let begun = engine.perform(act(&owner, "begin", None, input)).await?;
        let id = begun.view.id;
        let is_closed = number < BINDERS;
        if is_closed {
            let on = Some((id, begun.view.version));
            engine.perform(act(&owner, "end", on, json!({}))).await?;
        }
        let sheets = begun.view.children.values().flatten();
        let records: Vec<RecordId> = std::iter::once(id)
            .chain(sheets.map(|sheet| sheet.id))
            .collect();
        ensure!(records.len() == 1 + SHEETS, "a binder without its sheets");
        Ok(Binder {
            scopes: self.store.scopes(id).await?,
            records,
            file: file.id,
            name,
            content,
            is_closed,
        })
    }

    /// A round over all whose time is over, decided.
    async fn decided(&self) -> Result<RecordId> {
        let engine = &self.engine;
        let [examiner, chief] = ["examiner", "chief"].map(|role| person(role, Some(role)));
        let proposal = Proposal {
            deed: "dispose".into(),
            all: true,
            ..Proposal::default()
        };
        let examiner = engine.actor(&examiner, None)?;
        let proposed = engine.propose_round(&examiner, SLUG, "binder", &proposal, None);
        let proposed = proposed.await?;
        ensure!(
            proposed.count == BINDERS as u64,
            "{} binders are proposed",
            proposed.count
        );
        let chief = engine.actor(&chief, None)?;
        let decided = engine.round_deed(&chief, proposed.id, RoundDeed::Decide, None);
        decided.await?;
        Ok(proposed.id)
    }
}

fn act(actor: &Actor, action: &str, on: Option<(RecordId, u64)>, input: Json) -> ActRequest {
    ActRequest {
        actor: actor.clone(),
        purpose: None,
        service: SLUG.into(),
        record_type: "binder".into(),
        record: on.map(|(id, _)| id),
        action: action.into(),
        input: input.as_object().cloned().unwrap_or_default(),
        version: on.map(|(_, version)| version),
        dry_run: false,
        idempotency: None,
        run: None,
    }
}

/// One of the shelf's people.
fn person(login: &str, role: Option<&str>) -> Account {
    let number = login
        .bytes()
        .fold(1, |sum, byte| sum * 31 + u128::from(byte));
    let seat = |role: &str| Seat {
        role: role.into(),
        office: Some(OFFICE.into()),
        authority: Some("13000".into()),
        municipality: None,
        substitute: None,
    };
    Account {
        id: AccountId(Uuid::from_u128(number << 1)),
        login: login.into(),
        name: format!("見本 {login}"),
        password: None,
        party: PartyId(Uuid::from_u128(number << 1 | 1)),
        hats: Vec::new(),
        seats: role.map(seat).into_iter().collect(),
        passes: Vec::new(),
        demo: true,
        closed: None,
    }
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}
