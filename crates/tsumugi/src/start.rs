//! From settings to a product that answers: packages, store, engine, demo, routes.

use crate::data::{self, Holds, MADE, MAKING, SETTING};
use crate::outreach::{self, OutreachConfig};
use crate::packages::{Packages, load_packages};
use crate::page_process::Apart;
use crate::payment::{self, PaymentGateway};
use crate::place::Opened;
use crate::places;
use crate::vault::CopyTo;
use crate::vitals::Watch;
use crate::world::{RandomIds, monotonic, random};
use anyhow::{Result, anyhow, bail};
use connect::payment::sandbox::Sandbox;
use engine::secrets::LETTER_CODES;
use engine::{Clock, DemoScale, Engine, ManualClock, tokyo_day};
use kernel::port::Store;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Database;
use web::{App, Face, Parts, Postal, Random};

/// Whether and how an empty directory becomes a demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demo {
    /// No demo.
    No,
    /// Personas alone, without the packages' demo data: for tests.
    People,
    /// Personas and the packages' demo acts.
    Whole,
    /// The same at real scale: the packages' stories by the thousand too.
    Full,
}

/// How the product is started.
pub struct Config {
    /// Data directory; made if it is not there.
    pub data: PathBuf,
    /// A PostgreSQL database; none: SQLite in the data directory.
    pub database: Option<Database>,
    /// Where a copy of the data directory is kept up; none: nowhere.
    pub copy: Option<CopyTo>,
    /// Packages.
    pub services: PathBuf,
    /// Assets (postal codes); none: the product says honestly that they are not there.
    pub assets: Option<PathBuf>,
    /// Demo.
    pub demo: Demo,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Whether cookies are marked `Secure`.
    pub secure_cookies: bool,
    /// Whether real identity settings are given, which exclude demo data.
    pub real_identity: bool,
    /// The payment gateway.
    pub payment_gateway: PaymentGateway,
    /// Ways to reach people outside My Page.
    pub outreach: OutreachConfig,
    /// Address under which the public reaches the product: it stands in the codes on letters.
    pub public_url: String,
    /// This very program, to draw pages of PDF files in processes of their own; none: in this one.
    pub program: Option<PathBuf>,
}

impl Config {
    /// A demo over SQLite by itself: no copy, no assets, the built-in gateway, nobody reached outside My Page.
    #[must_use]
    pub fn demo(data: PathBuf, services: PathBuf, demo: Demo, clock: Arc<dyn Clock>) -> Self {
        Self {
            data,
            database: None,
            copy: None,
            services,
            assets: None,
            demo,
            clock,
            secure_cookies: false,
            real_identity: false,
            payment_gateway: PaymentGateway::default(),
            outreach: OutreachConfig::default(),
            public_url: "http://localhost".into(),
            program: None,
        }
    }
}

/// A product that answers. Its effects and timers move when a [`engine::Worker`] over `engine` ticks or runs.
pub struct Running {
    /// All routes.
    pub router: axum::Router,
    /// What the routes share.
    pub app: Arc<App>,
    /// The engine.
    pub engine: Arc<Engine>,
    /// The built-in payment gateway, where it is wired in; its letters move when it ticks or runs.
    pub sandbox: Option<Arc<Sandbox>>,
    /// Bearer tokens of the demo's personas, by sign-in name; empty unless it is a demo.
    pub tokens: BTreeMap<String, String>,
    /// Findings of the packages' check.
    pub diagnostics: Vec<definition::Diagnostic>,
}

impl Running {
    /// All routes of one face, over the same engine. `staff_url` is where officials reach theirs.
    pub fn face(&self, face: Face, staff_url: &str, secure_cookies: bool) -> axum::Router {
        let mut app = self.app.beside(face, Some(staff_url));
        app.secure_cookies = secure_cookies;
        let router = web::router(Arc::new(app));
        match &self.sandbox {
            // The built-in gateway's pages are for whoever pays.
            Some(sandbox) if face == Face::Public => {
                router.merge(connect::payment::sandbox::router(Arc::clone(sandbox)))
            }
            _ => router,
        }
    }
}

/// Starts the product up to, but without, listening.
///
/// # Errors
/// Packages or data that cannot be read; demo and real settings together.
pub async fn start(config: Config) -> Result<Running> {
    let today = tokyo_day(config.clock.now());
    let packages = load_packages(&config.services, today)?;
    let was_new = data::is_new(&config.data);
    data::may_start(
        Holds::Nothing,
        config.demo != Demo::No,
        config.real_identity,
        &config.data,
    )?;
    let database = config.database.as_ref();
    // What an installation has once is made by the copy that comes first, while others wait.
    let alone = Opened::alone(database).await?;
    let mut opened = Opened::open_copied(&config.data, database, config.copy.as_ref()).await?;
    let was_new = opened.is_new(was_new).await?;
    may_serve(opened.store().as_ref()).await?;
    let mut holds = data::holds(opened.store().as_ref(), was_new).await?;
    if holds == Holds::HalfDemo && config.demo != Demo::No {
        eprintln!("見本データが作りかけだったので、はじめから作り直します。");
        opened = opened
            .begin_anew(&config.data, database, config.copy.as_ref())
            .await?;
        holds = Holds::Nothing;
    }
    let store = opened.store();
    if config.copy.is_some() && store::has_numbers(&config.data) {
        tracing::warn!("{}", store::NUMBERS_APART);
    }
    data::may_start(
        holds,
        config.demo != Demo::No,
        config.real_identity,
        &config.data,
    )?;
    let sandbox = payment::sandbox(
        config.payment_gateway,
        holds == Holds::Demo || config.demo != Demo::No,
        config.real_identity,
        &config.data,
        &config.clock,
    )?;
    if holds == Holds::Nothing && config.demo != Demo::No {
        make_demo(&config, &store, &packages, sandbox.as_ref()).await?;
    }
    let demo = store.setting(SETTING).await?.is_some();
    let mut engine = Engine::new(
        store,
        Arc::clone(&config.clock),
        Arc::new(RandomIds::default()),
        packages.catalogue.clone(),
    );
    if let Some(sandbox) = &sandbox {
        engine = engine.with_gateway(Arc::clone(sandbox) as Arc<dyn engine::Gateway>);
    }
    engine = with_press(engine, &config).await?;
    engine = with_pages(engine, &config);
    let engine = Arc::new(engine);
    engine.publish(packages.catalogue, &packages.source).await?;
    engine.prepare_reviews(&web::fresh_secret(&random)).await?;
    engine.connect(outreach::wire(&config.outreach, &config.clock, demo).await?);
    engine.dispose_again().await?;
    engine.recount().await?;
    engine.prepare_log(&log_name(&config.public_url)).await?;
    drop(alone);
    let tokens = if demo {
        data::demo_tokens(&config.data)?
    } else {
        BTreeMap::new()
    };
    let postal = config
        .assets
        .as_deref()
        .map_or_else(Postal::none, Postal::load);
    let watch = Watch {
        opened,
        data: config.data.clone(),
        started: config.clock.now(),
    };
    let app = Arc::new(App::new(Parts {
        engine: Arc::clone(&engine),
        demo,
        postal,
        random: secrets(),
        secure_cookies: config.secure_cookies,
        monotonic: Arc::new(monotonic()),
        vitals: Arc::new(move || watch.read()),
    }));
    let mut router = web::router(Arc::clone(&app));
    if let Some(sandbox) = &sandbox {
        let app = Arc::downgrade(&app);
        sandbox.deliver_to(move || app.upgrade().map(web::router));
        router = router.merge(connect::payment::sandbox::router(Arc::clone(sandbox)));
    }
    Ok(Running {
        router,
        sandbox,
        app,
        engine,
        tokens,
        diagnostics: packages.diagnostics,
    })
}

/// Nobody is served what has arrived by half.
async fn may_serve(store: &dyn Store) -> Result<()> {
    if store.setting(store::arriving::UNDER_WAY).await?.is_some() {
        bail!(
            "ほかから取り込んでいる途中のデータです。`tsumugi import-service` を同じ書き出しでもう一度実行すると、続きから取り込みます。終わるまで起動しません。"
        );
    }
    Ok(())
}

/// Letters need fonts and the secret of their codes, which is made once for an installation.
async fn with_press(engine: Engine, config: &Config) -> Result<Engine> {
    let Some(assets) = &config.assets else {
        return Ok(engine);
    };
    let press = document::Typesetter::new(&assets.join("fonts"));
    let secrets = engine.secrets(LETTER_CODES, &random).await?;
    Ok(engine.with_press(Arc::new(press), &config.public_url, secrets))
}

/// The log is called after where it is served, as c2sp.org/tlog-checkpoint advises.
fn log_name(public_url: &str) -> String {
    let address = public_url.trim_end_matches('/');
    let place = address.split_once("://").map_or(address, |(_, rest)| rest);
    format!("{place}/log")
}

/// Pages of PDF files need fonts only where a file has brought none.
fn with_pages(engine: Engine, config: &Config) -> Engine {
    let assets = config.assets.as_deref().unwrap_or(Path::new(""));
    let fonts = assets.join("fonts");
    match &config.program {
        Some(program) => engine.with_pages(Arc::new(Apart::new(program.clone(), fonts))),
        None => engine.with_pages(Arc::new(document::PdfPages::new(&fonts))),
    }
}

fn secrets() -> Random {
    Arc::new(random)
}

/// Makes people and, on the days that the packages name, their acts. Marked as being made until it is whole.
async fn make_demo(
    config: &Config,
    store: &Arc<dyn Store>,
    packages: &Packages,
    sandbox: Option<&Arc<Sandbox>>,
) -> Result<()> {
    store.put_setting(SETTING, MAKING).await?;
    let clock = Arc::new(ManualClock::new(config.clock.now()));
    let mut engine = Engine::new(
        Arc::clone(store),
        Arc::clone(&clock) as Arc<dyn Clock>,
        Arc::new(RandomIds::default()),
        packages.catalogue.clone(),
    );
    if let Some(sandbox) = sandbox {
        engine = engine.with_gateway(Arc::clone(sandbox) as Arc<dyn engine::Gateway>);
    }
    let engine = Arc::new(engine);
    engine
        .publish(packages.catalogue.clone(), &packages.source)
        .await?;
    let tokens = web::auth::make_personas(&engine, &secrets())
        .await
        .map_err(|problem| anyhow!("見本の登場人物を作れません：{}", problem.title))?;
    data::keep_tokens(&config.data, &tokens)?;
    if config.demo != Demo::People {
        let scale = match config.demo {
            Demo::Full => DemoScale::Full(places::load(config.assets.as_deref())),
            _ => DemoScale::Small,
        };
        let report = engine
            .make_demo(&clock, &packages.source, &scale, &progress)
            .await?;
        eprintln!("見本データ：{}件の操作を行いました。", report.acts);
        for refused in &report.refused {
            eprintln!("見本データ：行えなかった操作 {refused}");
        }
    }
    Ok(store.put_setting(SETTING, MADE).await?)
}

/// A line every twentieth of the way.
fn progress(done: usize, of: usize) {
    let step = of.div_ceil(20).max(1);
    if done.is_multiple_of(step) || done == of {
        eprintln!("見本データを作っています… {done}/{of}");
    }
}
