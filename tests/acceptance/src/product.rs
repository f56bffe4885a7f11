//! The product, started anew for each scenario: store, engine and web face in this process, on a port of its own, over
//! a copy of a home in which only the demo's personas exist.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use connect::payment::sandbox::Sandbox;
use connect::payment::webhook::Secret;
use connect::sandbox::{SampleBox, Sandbox as Providers};
use definition::{Catalogue, Severity, Source};
use engine::outreach::{Channel, Outreach, Samples};
use engine::{Clock, Engine, Ids, ManualClock, Press, Worker};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use kernel::port::{Account, MessageRow, Store};
use kernel::{AccountId, PartyId, Seat};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::home::{Home, Server};

/// The day on which the data directory is made, and scenarios begin that name none.
const FIRST_DAY: Date = date(2026, 11, 22);
/// Offices open: scenarios begin at this hour of their day in Asia/Tokyo.
const OPENING_HOURS: i64 = 9;
/// The metropolis, whose officials scenarios seat.
const METROPOLIS: &str = "13000";
/// Tokens of officials whom a scenario has seated.
const TOKENS_LAST: SignedDuration = SignedDuration::from_hours(24 * 3650);
/// Between two steps.
const STEP: SignedDuration = SignedDuration::from_secs(60);
/// Under which letters say that the product is reached. Scenarios follow the path alone.
const PUBLIC_URL: &str = "https://tsumugi.example.jp";
/// What the log of evidence is called.
const LOG_NAME: &str = "tsumugi.example.jp/log";
/// The package that uses every word of the language.
const SAMPLE: &str = "_reference/service.yaml";
/// Below the folder of assets that `cargo xtask assets` fills.
const FONTS: &str = ".cache/assets/fonts";
/// The most messages that are looked at.
const MESSAGES: usize = 500;

/// What all scenarios start from.
pub(crate) struct Template {
    home: Home,
    /// The packages that are free of errors.
    pub(crate) catalogue: Catalogue,
    /// What the others have wrong.
    pub(crate) faults: Vec<String>,
    tokens: BTreeMap<String, String>,
    runtime: Runtime,
    /// Reads its fonts once for all scenarios.
    press: Arc<dyn Press>,
    /// The same with the sample package among those that run.
    sample: Option<Box<Template>>,
}

/// One running product.
pub(crate) struct Product<'a> {
    template: &'a Template,
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    engine: Arc<Engine>,
    worker: Worker,
    clock: Arc<ManualClock>,
    sandbox: Arc<Sandbox>,
    /// What the providers of mail and the like took.
    samples: Arc<SampleBox>,
    server: tokio::task::JoinHandle<()>,
    /// Tokens of officials whom the scenario has seated.
    seated: RefCell<BTreeMap<String, String>>,
    /// Removed last, when nothing has it open.
    _home: Home,
}

impl Template {
    /// Reads the packages and makes the data directory.
    ///
    /// # Errors
    /// What the packages have wrong, or what fails.
    pub(crate) fn make(services: &Path, database: Option<&str>) -> Result<Self> {
        let mut source =
            Source::from_dir(services).with_context(|| services.display().to_string())?;
        let mut template = Self::of(&source, database)?;
        // What no running package uses yet has its scenarios in the sample of every word, which runs for them alone.
        if let Some(sample) = source.files.get_mut(SAMPLE) {
            let text = String::from_utf8_lossy(sample);
            let text = text.replace("status: register", "status: running");
            *sample = text.into_bytes();
            template.sample = Some(Box::new(Self::of(&source, database)?));
        }
        Ok(template)
    }

    /// What the scenarios of a package start from: only where they are the sample's does the sample run.
    pub(crate) fn for_package(&self, slug: &str) -> &Self {
        let sample = self.sample.as_deref();
        let is_its = SAMPLE.split('/').next().map(definition::slug_of) == Some(slug.to_owned());
        sample.filter(|_| is_its).unwrap_or(self)
    }

    fn of(source: &Source, database: Option<&str>) -> Result<Self> {
        let loaded = definition::load(source, FIRST_DAY);
        let errors = loaded
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error);
        let faults = errors.map(ToString::to_string).collect();
        let catalogue = loaded.catalogue;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let server = database.map(|url| Server::new(url, runtime.handle().clone()));
        let home = Home::empty(server)?;
        let press: Arc<dyn Press> = Arc::new(document::Typesetter::new(Path::new(FONTS)));
        let parts = open(&home, 0, catalogue.clone(), &press)?;
        let tokens = runtime.block_on(async {
            parts.store.put_setting("demo", "true").await?;
            parts.engine.publish(catalogue.clone(), source).await?;
            parts.engine.prepare_log(LOG_NAME).await?;
            web::auth::make_personas(&parts.engine, &parts.app.random)
                .await
                .map_err(|problem| anyhow!("{problem:?}"))
        })?;
        Ok(Self {
            home,
            catalogue,
            faults,
            tokens,
            runtime,
            press,
            sample: None,
        })
    }

    /// Starts a product over a copy of the data directory. `number` sets its identifiers apart.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) fn start(&self, number: u64) -> Result<Product<'_>> {
        let home = self.home.copied()?;
        let parts = open(&home, number, self.catalogue.clone(), &self.press)?;
        let (now, random) = (Arc::clone(&parts.clock), Arc::clone(&parts.app.random));
        let now: connect::Now = Arc::new(move || now.now());
        let samples = self.runtime.block_on(async {
            parts.engine.prepare_reviews("acceptance").await?;
            let providers = Providers::start(now, random).await?;
            let samples = Arc::clone(&providers.samples);
            let outreach = Outreach::new(providers.senders()?, PUBLIC_URL);
            parts
                .engine
                .connect(outreach.with_samples(Arc::<SampleBox>::clone(&samples)));
            Ok::<_, anyhow::Error>(samples)
        })?;
        let listener = self
            .runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let base = format!("http://{}", listener.local_addr()?);
        let app = Arc::downgrade(&parts.app);
        parts
            .sandbox
            .deliver_to(move || app.upgrade().map(web::router));
        let router = web::router(Arc::clone(&parts.app))
            .merge(connect::payment::sandbox::router(Arc::clone(
                &parts.sandbox,
            )))
            .into_make_service_with_connect_info::<SocketAddr>();
        let server = self.runtime.spawn(async move {
            // Ends only when the scenario does; a fault then shows as a request without an answer.
            let _ = axum::serve(listener, router).await;
        });
        let worker = Worker::new(Arc::clone(&parts.engine));
        Ok(Product {
            template: self,
            base,
            engine: parts.engine,
            worker,
            clock: parts.clock,
            sandbox: parts.sandbox,
            samples,
            server,
            seated: RefCell::default(),
            _home: home,
        })
    }
}

impl Product<'_> {
    /// The bearer token of a persona, or of an official whom the scenario has seated.
    ///
    /// # Errors
    /// If there is no such persona.
    pub(crate) fn token(&self, persona: &str) -> Result<String> {
        let (known, seated) = (&self.template.tokens, self.seated.borrow());
        let found = seated.get(persona).or_else(|| known.get(persona));
        let names = || known.keys().cloned().collect::<Vec<_>>().join("、");
        found
            .cloned()
            .with_context(|| format!("人物 {persona} はいません。いるのは {}", names()))
    }

    /// Seats a further official of the metropolis in an office.
    ///
    /// # Errors
    /// If the account cannot be made.
    pub(crate) fn seat(&self, login: &str, role: &str, office: &str) -> Result<()> {
        let digest = Sha256::digest(login);
        let id = |from: usize| -> Result<Uuid> {
            let bytes = digest.get(from..from + 16).context("digest")?;
            Ok(uuid::Builder::from_custom_bytes(bytes.try_into()?).into_uuid())
        };
        let seat = Seat {
            role: role.into(),
            office: Some(office.into()),
            authority: Some(METROPOLIS.into()),
            municipality: None,
            substitute: None,
        };
        let account = Account {
            id: AccountId(id(0)?),
            login: login.into(),
            name: login.into(),
            password: None,
            party: PartyId(id(16)?),
            hats: Vec::new(),
            seats: vec![seat],
            passes: Vec::new(),
            demo: true,
            closed: None,
        };
        let token: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let until = self.engine.now().checked_add(TOKENS_LAST)?;
        self.template.runtime.block_on(async {
            self.engine.put_account(account.clone()).await?;
            self.engine
                .open_known(
                    &token,
                    account.id,
                    ("bearer", web::auth::DEMO_ASSURANCE),
                    until,
                )
                .await
        })?;
        self.seated.borrow_mut().insert(login.to_owned(), token);
        Ok(())
    }

    /// Lets a persona act as somebody who has shown a password and nothing else, or again as surely as before.
    ///
    /// # Errors
    /// If there is no such persona.
    pub(crate) fn weaken(&self, persona: &str, weak: bool) -> Result<()> {
        if !weak {
            self.seated.borrow_mut().remove(persona);
            return Ok(());
        }
        let digest = Sha256::digest(format!("weak {persona}"));
        let token: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let until = self.engine.now().checked_add(TOKENS_LAST)?;
        self.template.runtime.block_on(async {
            let account = self.engine.account_by_login(persona).await?;
            let account = account.with_context(|| format!("人物 {persona} はいません"))?;
            let opened = self
                .engine
                .open_session(&token, account.id, "bearer", until);
            anyhow::Ok(opened.await?)
        })?;
        self.seated.borrow_mut().insert(persona.to_owned(), token);
        Ok(())
    }

    /// The clock, in seconds since 1970.
    pub(crate) fn now_seconds(&self) -> i64 {
        self.engine.now().as_second()
    }

    /// Today in Asia/Tokyo.
    pub(crate) fn today(&self) -> Date {
        self.engine.today()
    }

    /// The morning of a day.
    ///
    /// # Errors
    /// If the worker's round fails.
    pub(crate) fn set_day(&self, day: Date) -> Result<()> {
        self.clock.set(opening(day)?);
        self.tick()
    }

    /// The next time that a clock on the wall shows this hour.
    ///
    /// # Errors
    /// If the worker's round fails, or there is no such hour.
    pub(crate) fn set_hour(&self, hour: u32) -> Result<()> {
        let of = |day: Date| -> Result<Timestamp> {
            Ok(engine::day_begins(day).checked_add(SignedDuration::from_hours(hour.into()))?)
        };
        let mut at = of(self.today())?;
        if at <= self.engine.now() {
            at = of(self.today().checked_add(1.day())?)?;
        }
        self.clock.set(at);
        self.tick()
    }

    /// Lets civil days pass, one by one, as they would.
    ///
    /// # Errors
    /// If a worker's round fails.
    pub(crate) fn pass_days(&self, days: u32) -> Result<()> {
        for _ in 0..days {
            self.set_day(self.today().checked_add(1.day())?)?;
        }
        Ok(())
    }

    /// Lets business days pass.
    ///
    /// # Errors
    /// If a worker's round fails.
    pub(crate) fn pass_business_days(&self, days: u32) -> Result<()> {
        let until = self
            .template
            .catalogue
            .calendar
            .add_business_days(self.today(), days);
        while self.today() < until {
            self.pass_days(1)?;
        }
        Ok(())
    }

    /// What happens between two steps: time goes on, timers fire, effects are delivered.
    ///
    /// # Errors
    /// If the worker's round fails.
    pub(crate) fn settle(&self) -> Result<()> {
        self.clock.set(self.engine.now().checked_add(STEP)?);
        self.tick()
    }

    /// The worker's round, the payment gateway's letters, and what follows from them.
    fn tick(&self) -> Result<()> {
        self.template.runtime.block_on(async {
            self.worker.tick().await.context("worker")?;
            self.sandbox.tick().await;
            self.worker.tick().await.context("worker")?;
            self.engine.carry_imports().await.context("imports")
        })
    }

    /// Whether the payment gateway can be reached.
    pub(crate) fn gateway_away(&self, away: bool) {
        self.sandbox.go_away(away);
    }

    /// Mails that came to an address, newest first: subject and text.
    pub(crate) fn mails(&self, to: &str) -> Vec<(String, String)> {
        let letters = self.samples.letters().into_iter();
        letters
            .filter(|letter| letter.channel == Channel::Mail && letter.to == to)
            .map(|letter| (letter.subject, letter.body))
            .collect()
    }

    /// Whether a provider can be reached.
    pub(crate) fn channel_down(&self, channel: Channel, down: bool) {
        self.samples.set_down(channel, down);
    }

    /// Messages of a persona: its own, its corporation's and its desks'.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn messages(&self, persona: &str) -> Result<Vec<MessageRow>> {
        self.template.runtime.block_on(async {
            let account = self
                .engine
                .account_by_login(persona)
                .await?
                .with_context(|| format!("人物 {persona} はいません"))?;
            let actor = self.engine.actor(&account, None)?;
            Ok(self.engine.messages(&actor, None, MESSAGES).await?)
        })
    }
}

impl Drop for Product<'_> {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Parts {
    sandbox: Arc<Sandbox>,
    store: Arc<dyn Store>,
    engine: Arc<Engine>,
    clock: Arc<ManualClock>,
    app: Arc<web::App>,
}

fn open(home: &Home, number: u64, catalogue: Catalogue, press: &Arc<dyn Press>) -> Result<Parts> {
    let seed = Arc::new(Seed {
        number,
        count: AtomicU64::new(0),
    });
    let bytes = |seed: &Arc<Seed>| {
        let seed = Arc::clone(seed);
        move |into: &mut [u8]| seed.fill(into)
    };
    let store = home.open(Box::new(bytes(&seed)))?;
    let clock = Arc::new(ManualClock::new(opening(FIRST_DAY)?));
    let sandbox = Sandbox::open(
        Secret::new(vec![7; 32]),
        clock.clone(),
        &home.folder().join("payment-sandbox.jsonl"),
    )?;
    let engine = Engine::new(store.clone(), clock.clone(), seed.clone(), catalogue);
    let mut secret = [0; 64];
    seed.fill(&mut secret);
    let engine = engine.with_gateway(sandbox.clone());
    let engine = engine.with_pages(Arc::new(document::PdfPages::new(Path::new(FONTS))));
    let engine = Arc::new(engine.with_press(Arc::clone(press), PUBLIC_URL, vec![secret]));
    let app = web::App::new(web::Parts {
        engine: Arc::clone(&engine),
        demo: true,
        postal: web::Postal::none(),
        random: Arc::new(bytes(&seed)),
        secure_cookies: false,
        monotonic: Arc::new(|| Duration::ZERO),
        vitals: Arc::new(web::Vitals::default),
    });
    Ok(Parts {
        sandbox,
        store,
        engine,
        clock,
        app: Arc::new(app),
    })
}

fn opening(day: Date) -> Result<Timestamp> {
    Ok(engine::day_begins(day).checked_add(SignedDuration::from_hours(OPENING_HOURS))?)
}

/// Bytes and identifiers that are the same in every run, so that a failure can be seen again.
struct Seed {
    number: u64,
    count: AtomicU64,
}

impl Seed {
    fn next(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    fn fill(&self, into: &mut [u8]) {
        for chunk in into.chunks_mut(32) {
            let block =
                Sha256::digest([self.number.to_be_bytes(), self.next().to_be_bytes()].concat());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

impl Ids for Seed {
    fn uuid(&self, at: Timestamp) -> Uuid {
        // The count leads, so that identifiers of one instant keep their order.
        let mut rest = [0_u8; 10];
        rest[..8].copy_from_slice(&(self.next() << 24).to_be_bytes());
        rest[7..].copy_from_slice(&self.number.to_be_bytes()[5..]);
        let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }
}
