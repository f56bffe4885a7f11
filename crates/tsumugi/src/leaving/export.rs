//! Out of an installation: one snapshot of it, written as a stream, under its name only when it is whole.

use super::folder::{Folder, Hashed, hex};
use super::manifest::{
    ACCOUNTS, ATTACHMENTS, AttachmentLine, CONTACTS, DEFINITIONS, EVENTS, FORMAT, KEYS, LOG,
    MANIFEST, Manifest, PUBLICATIONS, PublicationLine, RECORDS, SUM, ServiceEntry, TILES, VERSION,
};
use super::plain::{Definitions, Plain};
use super::progress::Progress;
use super::sheets::Sheets;
use crate::data;
use crate::place::Opened;
use crate::witness;
use anyhow::{Context as _, Result, bail};
use definition::model::Service;
use jiff::Timestamp;
use kernel::port::Account;
use kernel::shelf::Departure;
use kernel::{RecordId, Snapshot};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use store::Database;
use store::leaving::{Leaving, RecordRow, TABLES, Which, leave, note};

/// Registers whose records are about other services, and the field that says of which: `SLUG/…`.
const ABOUT: [(&str, &str); 2] = [(engine::CLOSINGS, "report"), (engine::DISPOSALS, "place")];
/// What counts the individual numbers (個人番号) that records refer to: they lie in a vault of their own and do not leave.
pub const NUMBERS_LEFT: &str = "numbers_left";
/// Events in one file.
const EVENTS_A_FILE: u64 = 1_000_000;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The folder that is made.
    pub to: PathBuf,
    /// Services by slug; none: everything.
    pub services: Option<Vec<String>>,
    /// Who does it, with their office.
    pub by: String,
    /// What for.
    pub purpose: String,
    /// When.
    pub at: Timestamp,
}

/// What left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Slugs of the services.
    pub services: Vec<String>,
    /// The last position of the journal that is in it.
    pub cut: u64,
    /// How much there is of what.
    pub counts: BTreeMap<String, u64>,
    /// Uploads whose content was lost.
    pub lost: usize,
    /// SHA-256 (hex) of the manifest.
    pub manifest: String,
}

/// Writes a service, several or all into a folder. Servers may go on working. That it leaves is written down before
/// anything is read, and again when it is whole.
///
/// # Errors
/// If there is no such service, if the data cannot be read or the folder not be written.
pub fn export(data: &Path, database: Option<&Database>, asked: &Asked) -> Result<Exported> {
    let runtime = tokio::runtime::Runtime::new()?;
    let opened = match database {
        Some(_) => Some(runtime.block_on(Opened::open(data, database))?),
        None => None,
    };
    let mut folder = Folder::begin(&asked.to)?;
    let begun = departure(asked, asked.services.clone().unwrap_or_default(), 0, None);
    written_down(&runtime, opened.as_ref(), data, begun)?;
    let which = Which {
        services: asked.services.clone(),
        also: Vec::new(),
    };
    let own = asked.clone();
    let write = move |leaving: &mut Leaving<'_>| {
        let manifest = Export::new(&mut folder, &own).write(leaving)?;
        anyhow::Ok((folder, manifest))
    };
    let (mut folder, mut manifest) = match &opened {
        Some(Opened::Postgres(store)) => {
            runtime.block_on(store.leave(which, Box::new(write)))??
        }
        _ => leave(data, &crate::masters(None)?, which, Box::new(write))??,
    };
    manifest.signed = log(&mut folder, data, database)?;
    manifest.files = folder.files();
    let text = serde_json::to_string_pretty(&manifest)?;
    let sum = hex(&Sha256::digest(text.as_bytes()));
    folder.put("README.txt", include_str!("readme.txt").as_bytes())?;
    folder.put(MANIFEST, text.as_bytes())?;
    folder.put(SUM, format!("{sum}  {MANIFEST}\n").as_bytes())?;
    folder.end()?;
    let slugs: Vec<String> = manifest
        .services
        .iter()
        .map(|one| one.slug.clone())
        .collect();
    let whole = departure(asked, slugs.clone(), manifest.cut, Some(sum.clone()));
    written_down(&runtime, opened.as_ref(), data, whole)?;
    Ok(Exported {
        services: slugs,
        cut: manifest.cut,
        counts: manifest.counts,
        lost: manifest.lost.len(),
        manifest: sum,
    })
}

fn departure(
    asked: &Asked,
    services: Vec<String>,
    position: u64,
    manifest: Option<String>,
) -> Departure {
    Departure {
        at: asked.at,
        by: asked.by.clone(),
        purpose: asked.purpose.clone(),
        services,
        position,
        manifest,
    }
}

fn written_down(
    runtime: &tokio::runtime::Runtime,
    opened: Option<&Opened>,
    data: &Path,
    departure: Departure,
) -> Result<()> {
    let written = match opened {
        Some(opened) => runtime.block_on(opened.store().shelf().put_departure(departure)),
        None => note(data, &departure),
    };
    written.context("書き出すことを記録できないので、書き出しません")
}

/// The log as a witness would take it, with a list of its tiles; answers how many events are signed.
fn log(folder: &mut Folder, data: &Path, database: Option<&Database>) -> Result<Option<u64>> {
    let to = folder.root().join(LOG);
    let Some(copied) = witness::witness_if_signed(data, database, &to)? else {
        return Ok(None);
    };
    let mut list = folder.file(TILES)?;
    let mut paths = Vec::new();
    files_below(&to.join("tile"), &mut paths)?;
    paths.sort();
    for place in paths {
        let bytes = std::fs::read(&place)?;
        let path = place.strip_prefix(folder.root())?.display().to_string();
        list.line(&serde_json::json!({
            "path": path, "bytes": bytes.len(), "sha256": hex(&Sha256::digest(&bytes)),
        }))?;
    }
    folder.keep(list, true)?;
    for name in ["checkpoint", "key"] {
        let place = to.join(name);
        let bytes = std::fs::read(&place)?;
        std::fs::remove_file(&place)?;
        folder.put(&format!("{LOG}/{name}"), &bytes)?;
    }
    Ok(Some(copied.head.size))
}

fn files_below(dir: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => files_below(&entry.path(), paths)?,
            false => paths.push(entry.path()),
        }
    }
    Ok(())
}

/// How many individual numbers (個人番号) a record refers to.
fn numbers(record: &Snapshot, service: &Service) -> u64 {
    let fields = service.types.get(&record.record_type).into_iter();
    let fields = fields.flat_map(|rt| rt.fields.values());
    let fields = fields.filter(|field| field.kind.individual_rule().is_some());
    fields.fold(0, |sum, field| {
        sum + u64::from(record.fields.contains_key(&field.id))
    })
}

/// An export while it is written.
struct Export<'e> {
    folder: &'e mut Folder,
    asked: &'e Asked,
    definitions: Definitions,
    counts: BTreeMap<String, u64>,
    states: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>>,
    lost: Vec<kernel::AttachmentId>,
    progress: Progress,
}

impl<'e> Export<'e> {
    fn new(folder: &'e mut Folder, asked: &'e Asked) -> Self {
        Self {
            folder,
            asked,
            definitions: Definitions::default(),
            counts: BTreeMap::new(),
            states: BTreeMap::new(),
            lost: Vec::new(),
            progress: Progress::default(),
        }
    }

    fn write(mut self, leaving: &mut Leaving<'_>) -> Result<Manifest> {
        let cut = leaving.position()?;
        let demo = leaving.setting(data::SETTING)?;
        if demo.as_deref() == Some(data::MAKING) {
            bail!("見本データが作りかけです。できあがってから書き出してください。");
        }
        let slugs = self.choose(leaving)?;
        self.definitions(leaving, &slugs)?;
        self.events(leaving)?;
        self.records(leaving)?;
        self.attachments(leaving)?;
        self.people(leaving)?;
        self.tables(leaving)?;
        let mut services = Vec::new();
        for slug in slugs {
            services.push(self.service(leaving, slug)?);
        }
        Ok(Manifest {
            format: FORMAT.into(),
            version: VERSION,
            made_at: self.asked.at,
            by: self.asked.by.clone(),
            purpose: self.asked.purpose.clone(),
            program: env!("CARGO_PKG_VERSION").into(),
            cut,
            whole: self.asked.services.is_none(),
            demo: demo.is_some(),
            services,
            counts: self.counts,
            signed: None,
            lost: self.lost,
            files: Vec::new(),
        })
    }

    /// The services that leave, and with them the months of their reports that were closed and what was decided on the disposal
    /// of their records.
    fn choose(&self, leaving: &mut Leaving<'_>) -> Result<Vec<String>> {
        let known = leaving.services()?;
        let Some(asked) = &self.asked.services else {
            return Ok(known);
        };
        if let Some(strange) = asked.iter().find(|slug| !known.contains(slug)) {
            bail!(
                "サービス {strange} の記録はありません。記録のあるサービス：{}",
                known.join("、")
            );
        }
        let mut also: Vec<RecordId> = Vec::new();
        let mut slugs = asked.clone();
        for (register, field) in ABOUT {
            if asked.iter().any(|slug| slug == register) {
                continue;
            }
            let before = also.len();
            leaving.records_of(register, |one| {
                let about = one.fields.get(field).and_then(|place| place.as_str());
                let slug = about.and_then(|place| place.split('/').next());
                if slug.is_some_and(|slug| asked.iter().any(|one| one == slug)) {
                    also.push(one.id);
                }
            })?;
            if also.len() > before {
                slugs.push(register.to_owned());
            }
        }
        leaving.choose(Which {
            services: Some(asked.clone()),
            also,
        })?;
        Ok(slugs)
    }

    fn count(&mut self, what: &str, number: u64) {
        *self.counts.entry(what.to_owned()).or_default() += number;
    }

    fn definitions(&mut self, leaving: &Leaving<'_>, slugs: &[String]) -> Result<()> {
        self.progress.turn_to("定義を書き出しています");
        let published = leaving.published(slugs)?;
        let mut list = self.folder.file(PUBLICATIONS)?;
        let mut seen = BTreeSet::new();
        for one in published {
            list.line(&PublicationLine {
                service: one.slug.clone(),
                definition: one.hash.clone(),
                at: one.at,
            })?;
            self.definitions.now(&one.slug, &one.hash);
            if seen.insert(one.hash.clone()) {
                for (path, bytes) in leaving.package(&one.hash)?.unwrap_or_default() {
                    let path = format!("{DEFINITIONS}/{}/{path}", one.hash);
                    self.folder.put(&path, &bytes)?;
                }
            }
        }
        self.count("definitions", seen.len() as u64);
        self.folder.keep(list, true)
    }

    fn events(&mut self, leaving: &Leaving<'_>) -> Result<()> {
        self.progress.turn_to("履歴を書き出しています");
        let mut keys = self.folder.file(KEYS)?;
        let mut file = self.folder.file(&events_file(1))?;
        let mut part = 1;
        let (folder, progress) = (&mut *self.folder, &mut self.progress);
        let mut events = 0;
        leaving.events::<anyhow::Error>(|event, key| {
            if file.lines() >= EVENTS_A_FILE {
                part += 1;
                let next = folder.file(&events_file(part))?;
                folder.keep(std::mem::replace(&mut file, next), true)?;
            }
            file.line(&event)?;
            if let Some(key) = key {
                keys.line(&key)?;
            }
            events += 1;
            progress.add(1);
            Ok(())
        })?;
        self.folder.keep(file, true)?;
        self.folder.keep(keys, true)?;
        self.count("events", events);
        Ok(())
    }

    fn records(&mut self, leaving: &Leaving<'_>) -> Result<()> {
        self.progress.turn_to("記録を書き出しています");
        let mut files: BTreeMap<String, Hashed> = BTreeMap::new();
        let mut sheets = Sheets::default();
        leaving.each_record::<anyhow::Error>(|row| {
            let service = self.definitions.of(leaving, &row.snapshot)?;
            let path = format!(
                "{RECORDS}/{}/{}.jsonl",
                row.snapshot.service, row.snapshot.record_type
            );
            if !files.contains_key(&path) {
                files.insert(path.clone(), self.folder.file(&path)?);
            }
            if let Some(file) = files.get_mut(&path) {
                file.line(&Plain::of(&row, service.as_deref()))?;
            }
            if let Some(service) = &service {
                sheets.add(self.folder, &row.snapshot, service)?;
            }
            self.stands(&row);
            let left = service.map_or(0, |service| numbers(&row.snapshot, &service));
            self.count(NUMBERS_LEFT, left);
            self.progress.add(1);
            Ok(())
        })?;
        for file in files.into_values() {
            self.folder.keep(file, true)?;
        }
        sheets.end(self.folder)
    }

    fn stands(&mut self, row: &RecordRow) {
        self.count("records", 1);
        let snapshot = &row.snapshot;
        let types = self.states.entry(snapshot.service.clone()).or_default();
        let states = types.entry(snapshot.record_type.clone()).or_default();
        *states.entry(snapshot.state.clone()).or_default() += 1;
    }

    fn attachments(&mut self, leaving: &Leaving<'_>) -> Result<()> {
        self.progress.turn_to("添付を書き出しています");
        let mut index = self.folder.file(ATTACHMENTS)?;
        leaving.attachments::<anyhow::Error>(|upload| {
            let path = match leaving.content(upload.id)? {
                None => {
                    self.lost.push(upload.id);
                    None
                }
                Some(content) => {
                    let path = attachment_path(upload.id, &upload.name);
                    // Its sum stands in the index: the manifest would grow with them.
                    let mut file = self.folder.file(&path)?;
                    std::io::Write::write_all(&mut file, &content)?;
                    file.end()?;
                    Some(path)
                }
            };
            index.line(&AttachmentLine { path, upload })?;
            self.progress.add(1);
            Ok(())
        })?;
        self.count("attachments", index.lines());
        self.folder.keep(index, true)
    }

    fn people(&mut self, leaving: &Leaving<'_>) -> Result<()> {
        let mut accounts = self.folder.file(ACCOUNTS)?;
        let mut contacts = self.folder.file(CONTACTS)?;
        leaving.accounts::<anyhow::Error>(|account: Account| {
            let hats = account.hats.iter().map(|hat| hat.id);
            for party in hats.chain([account.party]) {
                if let Some(contact) = leaving.contact(party)? {
                    contacts.line(&contact)?;
                }
            }
            accounts.line(&account)
        })?;
        self.count("accounts", accounts.lines());
        self.folder.keep(accounts, true)?;
        self.folder.keep(contacts, true)
    }

    fn tables(&mut self, leaving: &Leaving<'_>) -> Result<()> {
        self.progress.turn_to("残高・連絡などを書き出しています");
        for table in TABLES {
            let mut file = self.folder.file(&format!("{}.jsonl", table.path))?;
            leaving.rows::<anyhow::Error>(table, |line| file.line(&line))?;
            self.count(table.name, file.lines());
            self.folder.keep(file, true)?;
        }
        Ok(())
    }

    fn service(&mut self, leaving: &Leaving<'_>, slug: String) -> Result<ServiceEntry> {
        let service = self.definitions.current(leaving, &slug)?;
        Ok(ServiceEntry {
            title: service
                .as_ref()
                .map_or_else(|| slug.clone(), |one| one.title.clone()),
            definition: service.map_or_else(String::new, |one| one.hash.clone()),
            states: self.states.remove(&slug).unwrap_or_default(),
            in_part: self
                .asked
                .services
                .as_ref()
                .is_some_and(|asked| !asked.contains(&slug)),
            slug,
        })
    }
}

fn events_file(part: u64) -> String {
    format!("{EVENTS}/{part:06}.jsonl")
}

/// Spread by the last signs of the id, which are random; with the ending of its name, so that it opens by a click.
fn attachment_path(id: kernel::AttachmentId, name: &str) -> String {
    let text = id.0.simple().to_string();
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    let is_plain = |ending: &String| {
        (1..=5).contains(&ending.len()) && ending.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let ending = ending
        .filter(is_plain)
        .map_or_else(String::new, |ending| format!(".{ending}"));
    format!(
        "attachments/{}/{}/{id}{ending}",
        &text[28..30],
        &text[30..32]
    )
}
