//! Into an installation: piece by piece, each in one transaction with how far it is. What was cut off goes on where it was,
//! and until it is whole no server starts over it.

use super::check::{Signed, Whole};
use super::lines::Lines;
use super::manifest::{
    ACCOUNTS, ATTACHMENTS, AttachmentLine, CONTACTS, DEFINITIONS, EVENTS, KEYS, PUBLICATIONS,
    PublicationLine, RECORDS,
};
use super::plain::RecordLine;
use super::progress::Progress;
use crate::data::{self, Holds};
use crate::place::Opened;
use crate::verify::{engine_over, replayed};
use crate::world::random;
use anyhow::{Context as _, Result, bail, ensure};
use engine::Engine;
use jiff::Timestamp;
use kernel::port::{Account, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::arriving::{Arriving, Batch, Folded, UNDER_WAY};
use store::leaving::{
    ContactLine, EntryLine, EventLine, FoundLine, KeyLine, Published, TABLES, UniqueLine,
};
use store::{Database, Replayed};

/// Lines in one transaction.
const PIECE: usize = 500;
/// What is under way rests with this word until an operator lets it go on.
const HELD: &str =
    "取り込んだときに止めました。書き出し元で送られていないことを確かめてから、送り直してください";

/// What is imported, and how.
#[derive(Clone, Debug)]
pub struct From {
    /// The folder of the export.
    pub folder: PathBuf,
    /// Whether this installation takes the place of the other, which was stopped: what was on its way goes on from here.
    pub takes_over: bool,
    /// When.
    pub at: Timestamp,
}

/// What came of it.
#[derive(Debug)]
pub struct Arrived {
    /// Slugs of the services, with the hash of the definition that was in force.
    pub services: BTreeMap<String, String>,
    /// How much there was of what.
    pub counts: BTreeMap<String, u64>,
    /// Effects and deliveries that rest until somebody lets them go.
    pub held: u64,
    /// What verifying everything came to.
    pub verified: Replayed,
}

/// How far it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct UnderWay {
    /// Sum of the manifest.
    manifest: String,
    step: Step,
    /// Lines of the step that are done.
    done: u64,
    held: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Definitions,
    Accounts,
    Contacts,
    Attachments,
    Events,
    Records,
    Table(usize),
    Check,
}

/// Imports an export into a data directory that no server has open, or a database; then verifies everything.
///
/// # Errors
/// If the export is not whole; if its services have records here already; if what its events give is not what its records
/// say. What was begun can be gone on with by the same command.
pub fn import(data: &Path, database: Option<&Database>, from: &From) -> Result<Arrived> {
    let whole = Whole::check(&from.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (opened, under_way) = runtime.block_on(begin(data, database, &whole))?;
    let mut arrival = Arrival {
        whole: &whole,
        from,
        store: opened.store(),
        arriving: opened.arriving(),
        engine: engine_over(&opened),
        under_way,
        progress: Progress::default(),
    };
    runtime.block_on(arrival.go())?;
    runtime.block_on(arrival.dispose())?;
    let verified = replayed(&runtime, &opened, &[])?;
    if verified.difference.is_none() {
        runtime.block_on(arrival.end(data))?;
    }
    let services = whole.manifest.services.iter();
    Ok(Arrived {
        services: services
            .map(|one| (one.slug.clone(), one.definition.clone()))
            .collect(),
        counts: whole.manifest.counts.clone(),
        held: arrival.under_way.held,
        verified,
    })
}

/// Opens the place and says how far an import into it is.
async fn begin(
    data: &Path,
    database: Option<&Database>,
    whole: &Whole,
) -> Result<(Opened, UnderWay)> {
    let was_new = data::is_new(data);
    let alone = Opened::alone(database).await?;
    let opened = Opened::open(data, database).await;
    let opened =
        opened.context("サーバーがこのフォルダーを使っているときは、止めてから実行してください")?;
    let (was_new, store) = (opened.is_new(was_new).await?, opened.store());
    if let Some(text) = store.setting(UNDER_WAY).await? {
        let under_way: UnderWay = serde_json::from_str(&text)?;
        ensure!(
            under_way.manifest == whole.sum,
            "ここには別の書き出しの取り込みが途中まであります。先にそれを終わらせてください。"
        );
        eprintln!("途中までの取り込みの続きを行います。");
        return Ok((opened, under_way));
    }
    let holds = data::holds(store.as_ref(), was_new).await?;
    may_begin(holds, whole.manifest.demo)?;
    // Single records of a register that concern the others may stand beside those that are here.
    let services = whole.manifest.services.iter().filter(|one| !one.in_part);
    let slugs = services.map(|one| one.slug.clone());
    if let Some(slug) = opened.arriving().holds(slugs.collect()).await? {
        bail!(
            "サービス {slug} の記録がすでにここにあります。取り込めるのは、そのサービスの記録がない所だけです。別のフォルダーかデータベースを指定してください。"
        );
    }
    let under_way = UnderWay {
        manifest: whole.sum.clone(),
        step: Step::Definitions,
        done: 0,
        held: 0,
    };
    let text = serde_json::to_string(&under_way)?;
    opened.arriving().arrive(Batch::Nothing, Some(text)).await?;
    drop(alone);
    Ok((opened, under_way))
}

fn may_begin(holds: Holds, demo: bool) -> Result<()> {
    match (holds, demo) {
        (Holds::HalfDemo, _) => {
            bail!("ここの見本データは作りかけです。別のフォルダーを --data に指定してください。")
        }
        (Holds::Real, true) => bail!(
            "この書き出しは見本のデータです。本番のデータには取り込めません。別のフォルダーを --data に指定してください。"
        ),
        (Holds::Demo, false) => bail!(
            "ここは見本のデータです。本番の書き出しは取り込めません。別のフォルダーを --data に指定してください。"
        ),
        _ => Ok(()),
    }
}

struct Arrival<'a> {
    whole: &'a Whole,
    from: &'a From,
    store: Arc<dyn Store>,
    arriving: Arc<dyn Arriving + Send>,
    engine: Engine,
    under_way: UnderWay,
    progress: Progress,
}

impl Arrival<'_> {
    async fn go(&mut self) -> Result<()> {
        loop {
            match self.under_way.step {
                Step::Definitions => self.definitions().await?,
                Step::Accounts => self.accounts().await?,
                Step::Contacts => self.contacts().await?,
                Step::Attachments => self.attachments().await?,
                Step::Events => self.events().await?,
                Step::Records => self.records().await?,
                Step::Table(table) => self.table(table).await?,
                Step::Check => return Ok(()),
            }
            self.under_way.step = match self.under_way.step {
                Step::Definitions => Step::Accounts,
                Step::Accounts => Step::Contacts,
                Step::Contacts => Step::Attachments,
                Step::Attachments => Step::Events,
                Step::Events => Step::Records,
                Step::Records => Step::Table(0),
                Step::Table(last) if last + 1 == TABLES.len() => Step::Check,
                Step::Table(table) => Step::Table(table + 1),
                Step::Check => Step::Check,
            };
            self.under_way.done = 0;
            self.put(Batch::Nothing, 0).await?;
        }
    }

    /// Writes a piece with so many lines more.
    async fn put(&mut self, batch: Batch, lines: usize) -> Result<()> {
        self.under_way.done += lines as u64;
        let text = serde_json::to_string(&self.under_way)?;
        self.arriving.arrive(batch, Some(text)).await?;
        self.progress.add(lines as u64);
        Ok(())
    }

    /// Lines of files of which those that are done are passed over.
    fn lines<T: serde::de::DeserializeOwned>(&self, paths: &[String]) -> Result<Lines<T>> {
        let mut lines = Lines::new(&self.whole.root, paths);
        lines.skip(self.under_way.done)?;
        Ok(lines)
    }

    async fn definitions(&mut self) -> Result<()> {
        self.progress.turn_to("定義を取り込んでいます");
        let mut lines: Lines<PublicationLine> = self.lines(&[PUBLICATIONS.into()])?;
        while let Some(line) = lines.next()? {
            let prefix = format!("{DEFINITIONS}/{}/", line.definition);
            let mut files = BTreeMap::new();
            for path in self.whole.below(&prefix) {
                let bytes = std::fs::read(self.whole.root.join(&path))?;
                files.insert(path[prefix.len()..].to_owned(), bytes);
            }
            let published = Published {
                slug: line.service,
                hash: line.definition,
                at: line.at,
            };
            self.put(Batch::Package(published, files), 1).await?;
        }
        Ok(())
    }

    async fn accounts(&mut self) -> Result<()> {
        let mut lines: Lines<Account> = self.lines(&[ACCOUNTS.into()])?;
        loop {
            let some = lines.some(PIECE)?;
            if some.is_empty() {
                return Ok(());
            }
            let many = some.len();
            self.put(Batch::Accounts(some), many).await?;
        }
    }

    /// Addresses are sealed anew; who has some here already keeps them.
    async fn contacts(&mut self) -> Result<()> {
        let mut lines: Lines<ContactLine> = self.lines(&[CONTACTS.into()])?;
        while let Some(mut line) = lines.next()? {
            if self.store.contact(line.contact.party).await?.is_none() {
                line.contact.revision = 0;
                self.store
                    .put_contact(line.contact, Some(line.desks))
                    .await?;
            }
            self.put(Batch::Nothing, 1).await?;
        }
        Ok(())
    }

    async fn attachments(&mut self) -> Result<()> {
        self.progress.turn_to("添付を取り込んでいます");
        let mut lines: Lines<AttachmentLine> = self.lines(&[ATTACHMENTS.into()])?;
        while let Some(line) = lines.next()? {
            let is_there = !self.store.attachments(&[line.upload.id]).await?.is_empty();
            if let (Some(path), false) = (&line.path, is_there) {
                let content = std::fs::read(self.whole.root.join(path))?;
                self.store.put_attachment(line.upload, content).await?;
            }
            self.put(Batch::Nothing, 1).await?;
        }
        Ok(())
    }

    async fn events(&mut self) -> Result<()> {
        self.progress.turn_to("履歴を取り込んでいます");
        let mut keys: Lines<KeyLine> = Lines::new(&self.whole.root, &[KEYS.into()]);
        let mut events: Lines<EventLine> =
            Lines::new(&self.whole.root, &self.whole.below(&format!("{EVENTS}/")));
        let mut signed = Signed::of(self.whole);
        for _ in 0..self.under_way.done {
            if events.next()?.is_some_and(|event| brings_a_key(&event)) {
                keys.next()?;
            }
        }
        loop {
            let some = events.some(PIECE)?;
            if some.is_empty() {
                return Ok(());
            }
            let mut bytes = Vec::new();
            for event in &some {
                let position = event.position;
                ensure!(
                    signed.bears(position, &event.hash)?,
                    "履歴の{position}番目が、台帳に署名されたものではありません"
                );
                if brings_a_key(event) {
                    bytes.push(key_of(event, keys.next()?)?);
                }
            }
            let mut numbers = self.arriving.lay_keys(bytes).await?.into_iter();
            let with_key = |event: EventLine| {
                let key = brings_a_key(&event).then(|| numbers.next()).flatten();
                (event, key)
            };
            let some: Vec<_> = some.into_iter().map(with_key).collect();
            let many = some.len();
            self.put(Batch::Events(some), many).await?;
        }
    }

    /// Records of all types in the order in which they were opened: each file has it, so they are merged.
    async fn records(&mut self) -> Result<()> {
        self.progress.turn_to("記録を確かめて取り込んでいます");
        let paths = self.whole.below(&format!("{RECORDS}/"));
        let files = paths
            .into_iter()
            .map(|path| Lines::new(&self.whole.root, &[path]));
        let mut merged = Merged::new(files.collect())?;
        for _ in 0..self.under_way.done {
            merged.next()?;
        }
        loop {
            let mut some = Vec::new();
            while some.len() < PIECE
                && let Some(line) = merged.next()?
            {
                some.push(line);
            }
            if some.is_empty() {
                return Ok(());
            }
            let ids = some.iter().map(|line| line.snapshot.id).collect();
            let folded = self.arriving.folded(ids).await?;
            let mut ready = Vec::new();
            for (line, folded) in some.into_iter().zip(folded) {
                ready.push(self.record(line, folded).await?);
            }
            let many = ready.len();
            self.put(Batch::Records(ready), many).await?;
        }
    }

    /// What a record is found by is made anew as far as it follows from the record; the rest is taken as it was.
    async fn record(&self, line: RecordLine, folded: Folded) -> Result<(Folded, FoundLine)> {
        let id = folded.snapshot.id;
        ensure!(
            folded.snapshot == line.snapshot,
            "記録 {id} が、その履歴から得られるものと違います。書き出したものが書き換えられたおそれがあります。"
        );
        let mut found = line.found;
        if self.engine.know(&folded.definition).await.is_err() {
            return Ok((folded, found));
        }
        if let Some(own) = self.engine.own(&folded.snapshot, &folded.definition) {
            found.scopes = own.scopes;
            // Until when it is kept follows from today's rule, not from its definition: the worker looks at it anew.
            found
                .entries
                .retain(|entry| entry.index == kernel::keep::INDEX);
            let own_entries = own.entries.iter().map(EntryLine::of);
            found.entries.splice(0..0, own_entries);
            found.search = own.search.unwrap_or(found.search);
            if let Some(unique) = own.unique {
                found.unique = unique.iter().map(UniqueLine::of).collect();
            }
        }
        Ok((folded, found))
    }

    async fn table(&mut self, table: usize) -> Result<()> {
        let name = TABLES[table].name;
        let path = format!("{}.jsonl", TABLES[table].path);
        let mut lines: Lines<Map<String, Json>> = self.lines(&[path])?;
        loop {
            let mut some = lines.some(PIECE)?;
            if some.is_empty() {
                return Ok(());
            }
            if !self.from.takes_over && matches!(name, "outbox" | "delivery") {
                self.under_way.held += some.iter_mut().map(hold).sum::<u64>();
            }
            let many = some.len();
            self.put(Batch::Rows(table, some), many).await?;
        }
    }

    /// What was disposed of stays so: where these keys know of records that came back in an older export, and for those that
    /// were disposed of before they left.
    async fn dispose(&self) -> Result<()> {
        self.engine.dispose_again().await?;
        while self.store.keeper().destroy().await? > 0 {}
        Ok(())
    }

    /// It is whole: a server may start.
    async fn end(&self, data: &Path) -> Result<()> {
        let manifest = &self.whole.manifest;
        let slugs: Vec<&String> = manifest.services.iter().map(|one| &one.slug).collect();
        let said = json!({
            "at": self.from.at, "services": slugs, "made_at": manifest.made_at, "made_by": manifest.by,
            "purpose": manifest.purpose, "cut": manifest.cut, "counts": manifest.counts,
        });
        let name = format!("arrived:{}", self.whole.sum);
        self.store.put_setting(&name, &said.to_string()).await?;
        if manifest.demo {
            self.personas(data).await?;
        }
        Ok(self.arriving.arrive(Batch::Nothing, None).await?)
    }

    /// Passwords and tokens are secrets and did not travel: a demo's are made anew.
    async fn personas(&self, data: &Path) -> Result<()> {
        let secrets: web::Random = Arc::new(random);
        let told = |problem: web::Problem| anyhow::anyhow!("{}", problem.title);
        let password =
            web::auth::hash_password(web::auth::DEMO_PASSWORD, &secrets).map_err(told)?;
        for persona in web::auth::PERSONAS {
            let account = self.store.account_by_login(persona.login).await?;
            if let Some(mut account) = account.filter(|one| one.demo && one.password.is_none()) {
                account.password = Some(password.clone());
                self.store.put_account(account).await?;
            }
        }
        let tokens = web::auth::make_personas(&self.engine, &secrets).await;
        std::fs::create_dir_all(data)?;
        data::keep_tokens(data, &tokens.map_err(told)?)?;
        Ok(self.store.put_setting(data::SETTING, data::MADE).await?)
    }
}

/// Whether a line of the keys belongs to an event: to the first of a record, and to the one that disposed of it.
fn brings_a_key(event: &EventLine) -> bool {
    event.header.seq == 1 || event.header.action == kernel::keep::DISPOSE
}

/// The key that an event brings; none where it was destroyed.
fn key_of(event: &EventLine, line: Option<KeyLine>) -> Result<Option<[u8; 32]>> {
    let record = event.header.record;
    let line = line.filter(|line| line.record == record);
    let line = line.with_context(|| {
        format!("記録 {record} の鍵が {KEYS} にありません。廃棄した記録があるのに廃棄の記録の鍵がないときは、新しい版の tsumugi でもう一度書き出してください（docs/operate/export.md）。")
    })?;
    if line.key.is_none() && event.header.seq == 1 {
        return Ok(None);
    }
    let key = line.bytes();
    Ok(Some(key.with_context(|| {
        format!("記録 {record} の鍵が {KEYS} で壊れています")
    })?))
}

/// Lets what is on its way rest; answers 1 if it was.
fn hold(line: &mut Map<String, Json>) -> u64 {
    if line.get("next_try").is_none_or(Json::is_null) {
        return 0;
    }
    line.insert("next_try".into(), Json::Null);
    line.insert("error".into(), HELD.into());
    let tries = line.get("tries").and_then(Json::as_i64).unwrap_or_default();
    line.insert("tries".into(), tries.max(1).into());
    if let Some(failed) = line.get_mut("failed") {
        *failed = 1.into();
    }
    1
}

/// Files whose records each stand in order, as one.
struct Merged {
    files: Vec<Lines<RecordLine>>,
    heads: BTreeMap<i64, (usize, RecordLine)>,
}

impl Merged {
    fn new(files: Vec<Lines<RecordLine>>) -> Result<Self> {
        let mut merged = Self {
            files,
            heads: BTreeMap::new(),
        };
        for at in 0..merged.files.len() {
            merged.refill(at)?;
        }
        Ok(merged)
    }

    fn refill(&mut self, at: usize) -> Result<()> {
        if let Some(line) = self.files[at].next()? {
            self.heads.insert(line.order, (at, line));
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<RecordLine>> {
        let Some((_, (at, line))) = self.heads.pop_first() else {
            return Ok(None);
        };
        self.refill(at)?;
        Ok(Some(line))
    }
}
