//! A whole site over a fresh store, for tests: a small package, three people, a clock that stands still.

mod client;
mod package;

pub(crate) use client::{Client, Reply};

use crate::{App, Parts, Postal};
use axum::Router;
use engine::{Engine, Ids, ManualClock};
use jiff::Timestamp;
use kernel::port::{Account, Party};
use kernel::{AccountId, PartyId, Seat};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

const POSTAL: &str = "code,prefecture,municipality_code,municipality,town,municipality_kana,town_kana\n\
    1900023,東京都,13202,立川市,柴崎町,タチカワシ,シバサキチョウ\n";

/// The site. The folder goes with it.
pub(crate) struct Site {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) hat: PartyId,
    router: Router,
    folder: tempfile::TempDir,
}

struct CountedIds(AtomicU64);

impl Ids for CountedIds {
    fn uuid(&self, at: Timestamp) -> Uuid {
        let mut random = [0_u8; 10];
        random[2..].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let millis = u64::try_from(at.as_millisecond()).unwrap();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

fn numbered(number: u128) -> Uuid {
    Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 | number)
}

impl Site {
    /// A site that is no demo.
    pub(crate) async fn new() -> Self {
        Self::made(false, None).await
    }

    /// A demo.
    pub(crate) async fn demo() -> Self {
        Self::made(true, None).await
    }

    /// A site that shows pages of PDF files.
    pub(crate) async fn with_pages(maker: Arc<dyn engine::PageMaker>) -> Self {
        Self::made(false, Some(maker)).await
    }

    async fn made(demo: bool, pages: Option<Arc<dyn engine::PageMaker>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(
            "2026-11-22T09:00:00+09:00".parse().unwrap(),
        ));
        let mut seed = 1_u8;
        let random = Box::new(move |bytes: &mut [u8]| {
            bytes.iter_mut().for_each(|byte| {
                seed = seed.wrapping_mul(31).wrapping_add(7);
                *byte = seed;
            })
        });
        let store = store::SqliteStore::open(folder.path(), store::Options::new(random)).unwrap();
        let (source, catalogue) = package::load();
        let ids = Arc::new(CountedIds(AtomicU64::new(1)));
        let mut engine = Engine::new(
            Arc::new(store),
            Arc::clone(&clock) as Arc<dyn engine::Clock>,
            ids,
            catalogue.clone(),
        );
        if let Some(maker) = pages {
            engine = engine.with_pages(maker);
        }
        let engine = Arc::new(engine);
        engine.publish(catalogue, &source).await.unwrap();
        let hat = PartyId(numbered(900));
        people(&engine, hat).await;
        let secrets = AtomicU64::new(1);
        let app = Arc::new(App::new(Parts {
            engine,
            demo,
            postal: Postal::from_csv(POSTAL).unwrap(),
            random: Arc::new(move |bytes: &mut [u8]| {
                let number = secrets.fetch_add(1, Ordering::Relaxed).to_be_bytes();
                bytes
                    .iter_mut()
                    .zip(number.iter().rev().cycle())
                    .for_each(|(byte, random)| *byte = *random);
            }),
            secure_cookies: false,
            monotonic: Arc::new(|| Duration::ZERO),
            vitals: Arc::new(crate::Vitals::default),
        }));
        let router = crate::router(Arc::clone(&app));
        Self {
            app,
            clock,
            hat,
            router,
            folder,
        }
    }

    /// Every byte that the site has kept so far, file by file.
    pub(crate) fn kept(&self) -> Vec<(std::path::PathBuf, Vec<u8>)> {
        fn walk(folder: &std::path::Path, all: &mut Vec<(std::path::PathBuf, Vec<u8>)>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => walk(&path, all),
                    false => all.push((path.clone(), std::fs::read(&path).unwrap())),
                }
            }
        }
        let mut all = Vec::new();
        walk(self.folder.path(), &mut all);
        all
    }

    /// Somebody who has not signed in.
    pub(crate) fn public(&self) -> Client {
        Client::new(self.router.clone(), None)
    }

    /// Somebody with a bearer token: `owner`, `other`, `examiner`, `administrator`.
    pub(crate) fn person(&self, login: &str) -> Client {
        Client::new(self.router.clone(), Some(format!("token-of-{login}")))
    }

    /// Path of the small service.
    pub(crate) fn service(&self) -> &'static str {
        "/api/v1/services/mihon"
    }

    /// Path of its records.
    pub(crate) fn requests(&self) -> &'static str {
        "/api/v1/services/mihon/request"
    }
}

/// Hashed once for all tests: it takes its time, as it should.
fn password() -> String {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let random: crate::Random = Arc::new(|bytes: &mut [u8]| bytes.fill(1));
    HASH.get_or_init(|| crate::auth::hash_password("ひみつの言葉", &random).unwrap())
        .clone()
}

async fn people(engine: &Engine, hat: PartyId) {
    for (index, login) in ["owner", "other", "examiner", "administrator"]
        .into_iter()
        .enumerate()
    {
        let number = index as u128 + 1;
        let hats = if login == "owner" {
            vec![Party {
                id: hat,
                kind: "corporation".into(),
                name: "見本商店".into(),
                corporate_number: None,
                mandates: None,
            }]
        } else {
            Vec::new()
        };
        let seat = Seat {
            role: login.into(),
            office: Some("見本事務所".into()),
            authority: Some("13000".into()),
            municipality: None,
            substitute: None,
        };
        let account = Account {
            id: AccountId(numbered(number)),
            login: login.into(),
            name: format!("{login}さん"),
            password: Some(password()),
            party: PartyId(numbered(100 + number)),
            hats,
            seats: if index < 2 { Vec::new() } else { vec![seat] },
            passes: Vec::new(),
            demo: false,
            closed: None,
        };
        let id = account.id;
        engine.put_account(account).await.unwrap();
        engine
            .open_session(
                &format!("token-of-{login}"),
                id,
                "bearer",
                "2036-01-01T00:00:00Z".parse().unwrap(),
            )
            .await
            .unwrap();
    }
}
