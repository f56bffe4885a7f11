//! A maintainer has the operator's pages for as long as a visit runs, and nothing of any record at any time.

use super::{OWN, PATH, PLAIN, under};
use crate::auth::{SESSION_COOKIE, digest};
use crate::testing::{Client, Reply, Site};
use jiff::Timestamp;
use kernel::port::Account;
use kernel::{AccountId, PartyId, Seat};
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What stands in a record, a file and a search, and must stand in no answer to a maintainer.
const SECRET: &str = "ひみつの花子";
const VISITS: &str = "/api/v1/services/maintenance/visit";
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

fn seat(role: &str, authority: &str) -> Seat {
    Seat {
        role: role.into(),
        office: None,
        authority: Some(authority.into()),
        municipality: None,
        substitute: None,
    }
}

async fn person(site: &Site, login: &str, number: u128, seats: Vec<Seat>) {
    let account = Account {
        id: AccountId(Uuid::from_u128(number)),
        login: login.into(),
        name: format!("{login}さん"),
        password: None,
        party: PartyId(Uuid::from_u128(number + 1)),
        hats: Vec::new(),
        seats,
        passes: Vec::new(),
        demo: false,
        closed: None,
    };
    let (engine, id) = (&site.app.engine, account.id);
    engine.put_account(account).await.unwrap();
    let until = "2036-01-01T00:00:00Z".parse().unwrap();
    let token = format!("token-of-{login}");
    engine
        .open_session(&token, id, "bearer", until)
        .await
        .unwrap();
}

/// Somebody in a browser.
struct Browser {
    client: Client,
    cookie: String,
    csrf: String,
}

impl Browser {
    async fn of(site: &Site, login: &str) -> Self {
        let engine = &site.app.engine;
        let account = engine.account_by_login(login).await.unwrap().unwrap();
        let secret = digest(&[b"a browser's", login.as_bytes()]);
        engine
            .open_session(&secret, account.id, "browser", Timestamp::MAX)
            .await
            .unwrap();
        Self {
            client: site.public(),
            csrf: digest(&[b"csrf", secret.as_bytes()]),
            cookie: format!("{SESSION_COOKIE}={secret}"),
        }
    }

    async fn get(&self, path: &str) -> Reply {
        let headers = [("cookie", self.cookie.as_str()), ("accept", "text/html")];
        self.client.raw("GET", path, &headers, Vec::new()).await
    }

    async fn send(&self, pairs: &[(&str, &str)]) -> Reply {
        let mut body = format!("csrf={}", self.csrf);
        for (name, value) in pairs {
            body.push_str(&format!("&{name}={}", crate::percent::value(value)));
        }
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("accept", "text/html"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.client
            .raw("POST", PATH, &headers, body.into_bytes())
            .await
    }

    /// Asks for a visit and answers its id.
    async fn ask(&self, site: &Site, ticket: &str, (starts, until): (&str, &str)) -> String {
        let pairs = [
            ("company", "保守株式会社"),
            ("ticket", ticket),
            ("work", "遅い問い合わせを調べる"),
            ("starts", starts),
            ("until", until),
        ];
        let reply = self.send(&pairs).await;
        assert_eq!(reply.status, 303, "{}", text(&reply));
        let (_, visits) = site.person("administrator").get(VISITS).await;
        let visits = visits["items"].as_array().unwrap().clone();
        let mut visits = visits.iter();
        let visit = visits.find(|one| one["fields"]["ticket"] == ticket);
        visit.unwrap()["id"].as_str().unwrap().to_owned()
    }
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

fn location(reply: &Reply) -> &str {
    reply.headers["location"].to_str().unwrap()
}

/// A site at 9:00 with a maintainer.
async fn site() -> Site {
    let site = Site::new().await;
    // Whatever else they were given counts nothing.
    let seats = vec![
        seat("maintainer", "13000"),
        seat("administrator", "13000"),
        seat("examiner", "13000"),
    ];
    person(&site, "maintainer", 7_000, seats).await;
    person(&site, "city", 7_100, vec![seat("administrator", "13202")]).await;
    person(&site, "auditor", 7_200, vec![seat("auditor", "13000")]).await;
    site
}

async fn act(site: &Site, login: &str, visit: &str, action: &str, input: serde_json::Value) -> u16 {
    let (_, now) = site
        .person("administrator")
        .get(&format!("{VISITS}/{visit}"))
        .await;
    let body = json!({"version": now["version"], "input": input});
    let path = format!("{VISITS}/{visit}/actions/{action}");
    site.person(login).post(&path, body).await.0
}

fn at(site: &Site, time: &str) {
    let at: Timestamp = format!("2026-11-22T{time}:00+09:00").parse().unwrap();
    site.clock.set(at);
}

const MORNING: (&str, &str) = ("2026-11-22T10:00", "2026-11-22T12:00");

#[tokio::test]
async fn a_visit_runs_from_its_beginning_to_its_end_and_only_when_granted() {
    let site = site().await;
    let browser = Browser::of(&site, "maintainer").await;
    let opens = async |time: &str| {
        at(&site, time);
        let page = browser.get("/admin/state").await;
        match page.status {
            200 => true,
            _ => {
                assert_eq!(page.status, 303);
                assert_eq!(location(&page), "/admin/maintenance?shut=1");
                false
            }
        }
    };
    let visit = browser.ask(&site, "障害-1", MORNING).await;
    assert!(!opens("10:30").await, "asked for is not granted");
    assert_eq!(act(&site, "city", &visit, "grant", json!({})).await, 422);
    assert_eq!(
        act(&site, "maintainer", &visit, "grant", json!({})).await,
        404
    );
    assert_eq!(
        act(&site, "administrator", &visit, "grant", json!({})).await,
        200
    );
    assert!(!opens("09:59").await);
    assert!(opens("10:00").await);
    assert!(opens("11:59").await);
    assert!(!opens("12:00").await, "it ends by itself");
    at(&site, "11:00");
    let ended = json!({"ended_because": "作業が済んだため"});
    assert_eq!(act(&site, "administrator", &visit, "end", ended).await, 200);
    assert!(!opens("11:00").await, "it ends at once");
}

#[tokio::test]
async fn what_is_asked_for_must_be_whole_and_bounded() {
    let site = site().await;
    let browser = Browser::of(&site, "maintainer").await;
    for (pairs, said) in [
        (vec![("company", "保守株式会社")], "何のために、何をするか"),
        (
            vec![
                ("starts", "2026-11-22T10:00"),
                ("until", "2026-11-23T10:01"),
            ],
            "24時間まで",
        ),
        (
            vec![
                ("starts", "2026-11-22T08:00"),
                ("until", "2026-11-22T08:30"),
            ],
            "これから先の時",
        ),
        (
            vec![
                ("starts", "2026-11-22T12:00"),
                ("until", "2026-11-22T11:00"),
            ],
            "始める時より後",
        ),
    ] {
        let reply = browser.send(&pairs).await;
        let page = text(&reply);
        assert_eq!(reply.status, 422, "{page}");
        assert!(page.contains(said), "{said} in {page}");
        for (_, typed) in pairs {
            assert!(
                page.contains(&format!("value=\"{typed}\"")),
                "{typed} is kept"
            );
        }
    }
    // Nobody else asks, and nobody asks by the API.
    let other = Browser::of(&site, "examiner").await;
    assert_eq!(other.send(&[("company", "x")]).await.status, 404);
    let body = json!({"action": "ask", "input": {}});
    for login in ["maintainer", "administrator", "examiner"] {
        assert!(site.person(login).post(VISITS, body.clone()).await.0 >= 400);
    }
}

#[tokio::test]
async fn everything_that_was_opened_is_listed_and_shown() {
    let site = site().await;
    let browser = Browser::of(&site, "maintainer").await;
    let visit = browser.ask(&site, "障害-2", MORNING).await;
    assert_eq!(
        act(&site, "administrator", &visit, "grant", json!({})).await,
        200
    );
    at(&site, "10:30");
    let admin = Browser::of(&site, "administrator").await;
    let told = text(&admin.get("/admin/state").await);
    assert!(
        told.contains("保守の担当が入っています") && told.contains("障害-2"),
        "{told}"
    );
    for path in ["/admin/state", "/admin/stuck", "/metrics"] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    let own = text(&browser.get("/admin/stuck").await);
    assert!(own.contains("保守アクセス中"), "{own}");
    let retry = "/admin/stuck/01970000-0000-7000-8000-000000000001/retry";
    let maintainer = site.person("maintainer");
    maintainer.raw("POST", retry, &[], Vec::new()).await;
    assert_eq!(
        maintainer.get("/api/v1/services/mihon/request").await.0,
        404
    );
    let seen = text(&admin.get(&format!("{PATH}/{visit}")).await);
    for part in [
        "運用の状況を見た",
        "届いていないものを見た",
        "監視の数を見た",
        "送り直しを指示した",
        retry,
        "開けないところを開こうとした",
        "GET /api/v1/services/mihon/request",
        "administratorさん",
        "遅い問い合わせを調べる",
    ] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    let done = [
        ("leave", visit.as_str()),
        ("done", "索引を1つ足すよう報告した"),
    ];
    assert_eq!(browser.send(&done).await.status, 303);
    assert_eq!(browser.get("/admin/state").await.status, 303);
    let told = text(&admin.get("/admin/state").await);
    assert!(!told.contains("保守の担当が入っています"), "{told}");
    let auditor = Browser::of(&site, "auditor").await;
    let file = text(&auditor.get("/admin/maintenance?format=csv").await);
    let lines: Vec<&str> = file.lines().collect();
    // Four pages, one deed, one that was shut, and the heads.
    assert_eq!(lines.len(), 7, "{file}");
    assert!(
        lines[1..].iter().all(|line| line.contains("索引を1つ足す")),
        "{file}"
    );
    let book = auditor.get("/admin/maintenance?format=xlsx").await;
    assert_eq!((book.status, &book.body[..2]), (200, &b"PK"[..]));
    let seen = text(&auditor.get(PATH).await);
    assert!(
        seen.contains("障害-2") && seen.contains("administratorさん"),
        "{seen}"
    );
    for path in [PATH.to_owned(), format!("{PATH}/{visit}")] {
        let examiner = Browser::of(&site, "examiner").await;
        assert_eq!(examiner.get(&path).await.status, 404, "{path}");
    }
}

/// An address of a route, for a record.
fn address(route: &str, record: &str, upload: &str) -> String {
    let files = route.contains("/files/") || route.contains("/uploads/");
    let parts = route.split('/').map(|part| match part {
        "{service}" => "mihon",
        "{type}" => "request",
        "{id}" if files => upload,
        "{id}" => record,
        "{view}" => "inbox",
        "{action}" => "submit",
        "{field}" => "my_number",
        "{name}" => "slip",
        part if part.starts_with('{') => "x",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn no_route_tells_a_maintainer_anything_of_a_record() {
    let site = site().await;
    let owner = site.person("owner");
    let body = json!({"action": "submit", "input": {"name": SECRET}});
    let (status, record) = owner.post(site.requests(), body).await;
    assert_eq!(status, 201, "{record}");
    let record = record["id"].as_str().unwrap().to_owned();
    let upload = owner.upload("紙.pdf", b"%PDF-1.4\n%%EOF\n").await.json();
    let upload = upload["id"].as_str().unwrap_or("x").to_owned();
    let browser = Browser::of(&site, "maintainer").await;
    let visit = browser.ask(&site, "障害-3", MORNING).await;
    assert_eq!(
        act(&site, "administrator", &visit, "grant", json!({})).await,
        200
    );
    at(&site, "11:00");
    let (maintainer, examiner) = (site.person("maintainer"), site.person("examiner"));
    let (mut open, mut told_others) = (BTreeSet::new(), 0);
    let routes = crate::routes(&site.app).declared().to_vec();
    for route in routes {
        let path = address(route, &record, &upload);
        for method in METHODS {
            let plain = maintainer.raw(method, &path, &[], Vec::new()).await;
            let paged = [("accept", "text/html")];
            let page = maintainer.raw(method, &path, &paged, Vec::new()).await;
            for reply in [&plain, &page] {
                assert!(!text(reply).contains(SECRET), "{method} {path}");
            }
            if plain.status != 404 {
                open.insert(format!("{method} {route}"));
            } else {
                let shut =
                    page.status == 404 || page.status == 303 && location(&page).starts_with(PATH);
                assert!(shut, "{method} {path}: {}", page.status);
            }
        }
        let other = examiner.raw("GET", &path, &[], Vec::new()).await;
        told_others += usize::from(text(&other).contains(SECRET));
    }
    assert!(
        told_others > 3,
        "the same requests tell others: {told_others}"
    );
    // What is not shut is the site's own, their own, or what a visit is for.
    let pages = ["GET /admin/state", "GET /admin/stuck", "GET /metrics"];
    for one in &open {
        let (_, route) = one.split_once(' ').unwrap();
        let own = OWN.iter().any(|own| under(route, own));
        let plain = PLAIN.iter().any(|plain| route.starts_with(plain));
        let deed = one == "POST /admin/stuck/{id}/retry";
        assert!(
            own || plain || deed || pages.contains(&one.as_str()),
            "{one} is open"
        );
    }
    for page in pages {
        assert!(open.contains(page), "{page} is shut");
    }
}
