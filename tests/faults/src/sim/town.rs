//! A small town over the real store: its people, its clock, its payment gateway; and what its people were told.

use super::faulty::{Chance, Turns};
use crate::root;
use crate::stores::calls::copy;
use anyhow::{Result, ensure};
use connect::payment::sandbox::Sandbox;
use connect::payment::webhook::Secret;
use definition::{Catalogue, Severity, Source};
use engine::{ActRequest, Clock, Engine, Ids, ManualClock};
use hooked::Hooked;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use kernel::port::{Account, Store};
use kernel::{AccountId, Actor, PartyId, RecordId, Seat};
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Options, SqliteStore};
use tokio::runtime::Runtime;
use uuid::Uuid;

pub(crate) const SLUG: &str = "fair";
pub(crate) const FEE: u64 = 1_000;
const OFFICE: &str = "多摩立川保健所";
/// Citizens; after them the official.
const CITIZENS: u128 = 3;

/// What every seed begins from.
pub(crate) struct Ground {
    catalogue: Catalogue,
    folder: tempfile::TempDir,
}

impl Ground {
    /// Reads the packages, and makes a store in which they are published.
    pub(crate) fn make() -> Result<Self> {
        let mut source = Source::from_dir(&root().join("services"))?;
        source
            .files
            .retain(|path, _| path.starts_with("_archetypes/") || path.starts_with("_registers/"));
        source
            .files
            .extend(Source::from_dir(&root().join("tests/faults/services"))?.files);
        let loaded = definition::load(&source, engine::tokyo_day(first_day()));
        let wrong = loaded
            .diagnostics
            .iter()
            .find(|found| found.severity == Severity::Error);
        ensure!(
            wrong.is_none(),
            "{}",
            wrong.map(ToString::to_string).unwrap_or_default()
        );
        let folder = crate::quick_folder()?;
        let chance = Chance::new(0, false);
        let store = open(folder.path(), &chance)?;
        let clock = Arc::new(ManualClock::new(first_day()));
        let engine = Engine::new(
            store,
            clock,
            Arc::new(Seeded(chance)),
            loaded.catalogue.clone(),
        );
        let runtime = runtime()?;
        runtime.block_on(async {
            engine.publish(loaded.catalogue.clone(), &source).await?;
            engine.prepare_log("sim.example/log").await?;
            for account in (0..=CITIZENS).map(account) {
                engine.put_account(account).await?;
            }
            anyhow::Ok(())
        })?;
        Ok(Self {
            catalogue: loaded.catalogue,
            folder,
        })
    }
}

/// One seed's town.
pub(crate) struct Town<'g> {
    ground: &'g Ground,
    folder: PathBuf,
    pub(crate) chance: Arc<Chance>,
    pub(crate) clock: Arc<ManualClock>,
    sandbox: Arc<Sandbox>,
    house: Option<(Arc<Engine>, Arc<SqliteStore>)>,
    pub(crate) memory: Arc<Mutex<Memory>>,
    pub(crate) restarts: u64,
    pub(crate) runtime: Runtime,
}

/// What people were told.
#[derive(Default)]
pub(crate) struct Memory {
    /// Every act that somebody wanted.
    pub(crate) jobs: Vec<Job>,
    /// Items that can be taken, and whose they are.
    pub(crate) items: Vec<(usize, RecordId)>,
    /// Payments and their letters: how many of each are still to come.
    pub(crate) letters: Vec<(RecordId, u32)>,
    /// Payments of which a letter was taken.
    pub(crate) paid: Vec<RecordId>,
}

/// An act that somebody wants.
#[derive(Clone)]
pub(crate) struct Job {
    /// Whose lane it is: nobody begins another before the last is answered.
    pub(crate) lane: usize,
    pub(crate) request: ActRequest,
    pub(crate) answer: Option<Answer>,
}

/// What they were told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Done {
        record: RecordId,
        version: u64,
        shown: serde_json::Value,
    },
    Refused,
}

impl<'g> Town<'g> {
    pub(crate) fn new(ground: &'g Ground, folder: &Path, seed: u64, tells: bool) -> Result<Self> {
        copy(ground.folder.path(), folder)?;
        let chance = Chance::new(seed, tells);
        let clock = Arc::new(ManualClock::new(first_day()));
        let secret = Secret::new(vec![7; 32]);
        let sandbox = Sandbox::forgetful(secret, Arc::clone(&clock) as Arc<dyn Clock>);
        let mut town = Self {
            ground,
            folder: folder.to_owned(),
            chance,
            clock,
            sandbox,
            house: None,
            memory: Arc::default(),
            restarts: 0,
            runtime: runtime()?,
        };
        town.start()?;
        Ok(town)
    }

    /// Ends everything where it stands, and begins anew on what is there.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.restarts += 1;
        self.chance
            .tell(|| "everything stops, and begins anew".into());
        self.start()
    }

    fn start(&mut self) -> Result<()> {
        self.house = None;
        let store = open(&self.folder, &self.chance)?;
        let turns = Turns(Arc::clone(&self.chance));
        let sim = Hooked::new(Arc::clone(&store) as Arc<dyn Store>, turns);
        let engine = Engine::new(
            Arc::new(sim),
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Arc::new(Seeded(Arc::clone(&self.chance))),
            self.ground.catalogue.clone(),
        );
        let engine = engine.with_gateway(Arc::clone(&self.sandbox) as Arc<dyn engine::Gateway>);
        self.house = Some((Arc::new(engine), store));
        Ok(())
    }

    /// The engine as it runs now.
    pub(crate) fn engine(&self) -> Result<Arc<Engine>> {
        let house = self.house.as_ref().map(|(engine, _)| Arc::clone(engine));
        house.ok_or_else(|| anyhow::anyhow!("nothing runs"))
    }

    /// The store itself, not behind chance.
    pub(crate) fn store(&self) -> Result<Arc<SqliteStore>> {
        let house = self.house.as_ref().map(|(_, store)| Arc::clone(store));
        house.ok_or_else(|| anyhow::anyhow!("nothing runs"))
    }
}

fn runtime() -> Result<Runtime> {
    // The simulation takes its own turns; the store hands some file work to a thread of it.
    Ok(tokio::runtime::Builder::new_current_thread().build()?)
}

fn open(folder: &Path, chance: &Arc<Chance>) -> Result<Arc<SqliteStore>> {
    let chance = Arc::clone(chance);
    let mut options = Options::new(Box::new(move |bytes| chance.fill(bytes)));
    options.readers = 1;
    Ok(Arc::new(SqliteStore::open(folder, options)?))
}

/// A morning.
pub(crate) fn first_day() -> Timestamp {
    let day = engine::day_begins(date(2026, 11, 24));
    day.checked_add(SignedDuration::from_hours(9))
        .unwrap_or(day)
}

/// Identifiers of a seed.
struct Seeded(Arc<Chance>);

impl Ids for Seeded {
    fn uuid(&self, at: Timestamp) -> Uuid {
        let mut rest = [0; 10];
        self.0.fill(&mut rest);
        let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }
}

fn account(number: u128) -> Account {
    let seat = Seat {
        role: "examiner".into(),
        office: Some(OFFICE.into()),
        authority: Some("13000".into()),
        municipality: None,
        substitute: None,
    };
    Account {
        id: AccountId(Uuid::from_u128(number << 1 | 1 << 64)),
        login: format!("person-{number}"),
        name: format!("見本 {number}"),
        password: None,
        party: PartyId(Uuid::from_u128(number << 1 | 1 << 65)),
        hats: Vec::new(),
        seats: if number == CITIZENS {
            vec![seat]
        } else {
            Vec::new()
        },
        passes: Vec::new(),
        demo: true,
        closed: None,
    }
}

/// The people as actors; the last is the official.
pub(crate) fn people(engine: &Engine) -> Result<Vec<Actor>> {
    let people = (0..=CITIZENS).map(|number| engine.actor(&account(number), None));
    Ok(people.collect::<Result<_, _>>()?)
}
