//! Each face has its routes and its people: every route by face and by kind of who asks, against a golden file.

use super::{Face, table};
use crate::auth::{Arrival, SignInError, Whence, open, sign_in};
use crate::gate::Class;
use crate::testing::{Client, Reply, Site};
use crate::{App, routes};
use axum::Router;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

const FACES: [Face; 4] = [Face::Whole, Face::Public, Face::Staff, Face::Operations];
const STAFF_URL: &str = "https://staff.example";

/// Who asks, with the token they bring.
const PEOPLE: [(&str, Option<&str>); 6] = [
    ("nobody", None),
    ("resident", Some("token-of-owner")),
    ("official", Some("token-of-examiner")),
    ("administrator", Some("token-of-administrator")),
    (
        "system of a resident's kind",
        Some("726561643a6d69686f6e.owner"),
    ),
    ("system of an office", Some("726561643a6d69686f6e.examiner")),
];

/// A listener beside the site's own.
struct At {
    app: Arc<App>,
    router: Router,
}

fn at(site: &Site, face: Face) -> At {
    let app = Arc::new(site.app.beside(face, Some(STAFF_URL)));
    let router = crate::router(Arc::clone(&app));
    At { app, router }
}

impl At {
    fn client(&self, token: Option<&str>) -> Client {
        Client::new(self.router.clone(), token.map(str::to_owned))
    }

    async fn get(&self, cookie: &str, path: &str) -> Reply {
        let headers = [("cookie", cookie)];
        self.client(None)
            .raw("GET", path, &headers, Vec::new())
            .await
    }

    /// Opens a session of a browser here and answers its cookie; none if they are not let in.
    async fn cookie(&self, login: &str) -> Option<String> {
        let account = self.app.engine.account_by_login(login).await.unwrap();
        let whence = Whence::default();
        let arrival = Arrival::by("password", &whence, None);
        let session = open(&self.app, account.unwrap(), arrival).await.ok()?;
        let text = session.cookies[0].to_str().unwrap();
        text.split(';').next().map(str::to_owned)
    }
}

async fn systems(site: &Site) {
    for login in ["owner", "examiner"] {
        let engine = &site.app.engine;
        let account = engine.account_by_login(login).await.unwrap().unwrap();
        let token = format!("726561643a6d69686f6e.{login}");
        let until = "2036-01-01T00:00:00Z".parse().unwrap();
        let opened = engine.open_session(&token, account.id, "system", until);
        opened.await.unwrap();
    }
}

fn declared(site: &Site) -> Vec<&'static str> {
    let mut all = routes(&site.app).declared().to_vec();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn every_route_stands_in_one_list_and_every_line_of_a_list_is_a_route() {
    let site = Site::new().await;
    let mut listed: Vec<&str> = [
        table::EVERY,
        table::BOTH,
        table::PUBLIC,
        table::STAFF,
        table::NUMBERS,
    ]
    .concat();
    listed.sort_unstable();
    assert_eq!(declared(&site), listed);
    for face in [Face::Public, Face::Staff, Face::Operations] {
        assert!(!face.offers("/a/route/that/nobody/listed"));
    }
    assert!(!Face::Public.offers("/metrics"));
}

/// An address of a route, for a record.
fn address(route: &str, record: &str) -> String {
    let parts = route.split('/').map(|part| match part {
        "{service}" => "mihon",
        "{type}" => "request",
        "{id}" => record,
        "{view}" => "inbox",
        "{action}" => "submit",
        part if part.starts_with('{') => "x",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_route_by_face_and_by_who_asks_is_the_golden_matrix() {
    let site = Site::new().await;
    systems(&site).await;
    let body = json!({"action": "save", "input": {"name": "花"}});
    let (status, record) = site.person("owner").post(site.requests(), body).await;
    assert_eq!(status, 201, "{record}");
    let record = record["id"].as_str().unwrap().to_owned();
    let mut text = String::from(
        "# GET of every route, on each face, by who asks:\n# nobody, resident, official, administrator, system of a resident's kind, system of an office.\n# `-`: the face has no such route.\n",
    );
    let listeners = FACES.map(|face| (face, at(&site, face)));
    for route in declared(&site) {
        let path = address(route, &record);
        let _ = writeln!(text, "{route}");
        for (face, at) in &listeners {
            let mut line = Vec::new();
            for (_, token) in PEOPLE {
                let reply = at.client(token).raw("GET", &path, &[], Vec::new()).await;
                line.push(reply.status.to_string());
            }
            let said = match face.offers(route) {
                true => line.join(" "),
                false => "-".into(),
            };
            let _ = writeln!(text, "  {:<10} {said}", face.name());
        }
    }
    golden("faces.txt", &text);
}

#[expect(clippy::disallowed_methods, reason = "UPDATE=1 writes the golden file")]
fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/golden")
        .join(name);
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept == text,
        "{name} is stale: UPDATE=1 cargo test --workspace --lib face"
    );
}

/// The same address with other words, where another route of the face takes it: what is asked is that route's matter.
fn shadow(site: &Site, face: Face, route: &str) -> Option<String> {
    let takes = |other: &&str| {
        let (mut route, mut other) = (route.split('/'), other.split('/'));
        loop {
            match (route.next(), other.next()) {
                (_, Some(part)) if part.starts_with("{*") => return true,
                (None, None) => return true,
                (Some(own), Some(part)) if own == part || part.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let all = declared(site);
    let found = all
        .iter()
        .find(|other| face.offers(other) && takes(other))?;
    Some(format!("{}?asked=1", address(found, "zz")))
}

/// An answer without what is the one request's own.
fn told(reply: &Reply, path: &str) -> (u16, BTreeMap<String, String>, String) {
    let id = reply.headers["x-request-id"].to_str().unwrap().to_owned();
    let coded = crate::percent::path(path);
    let blind = |text: &str| {
        let text = text.replace(&id, "ID").replace(path, "PATH");
        text.replace(&coded, "CODED")
    };
    let mut headers = BTreeMap::new();
    for (name, value) in &reply.headers {
        if !["set-cookie", "content-length", "etag"].contains(&name.as_str()) {
            headers.insert(name.to_string(), blind(value.to_str().unwrap()));
        }
    }
    let body = blind(&String::from_utf8_lossy(&reply.body));
    (reply.status, headers, body)
}

#[tokio::test]
async fn what_a_face_does_not_offer_is_answered_as_what_never_was() {
    let site = Site::new().await;
    let (mut asked, mut shadowed) = (0, 0);
    for face in [Face::Public, Face::Staff, Face::Operations] {
        let here = at(&site, face);
        for route in declared(&site)
            .into_iter()
            .filter(|route| !face.offers(route))
        {
            // What is asked for after the path makes it differ from whatever else the page names.
            let path = format!(
                "{}?asked=1",
                address(route, "01970000-0000-7000-8000-000000000001")
            );
            let twin = shadow(&site, face, route);
            // Of the same shape: the frame of a page depends on how its address begins and how long it is.
            let plain = path.trim_end_matches("?asked=1");
            let first = plain.split('/').nth(1).unwrap();
            let rest = "/never".repeat(plain.split('/').count().max(3) - 2);
            let never = format!("/{first}{rest}?asked=1");
            for (who, token) in PEOPLE {
                for method in ["GET", "POST", "DELETE"] {
                    let client = here.client(token);
                    let own = client.raw(method, &path, &[], Vec::new()).await;
                    let other = twin.as_deref().unwrap_or(&never);
                    let other_reply = client.raw(method, other, &[], Vec::new()).await;
                    let case = format!("{} {method} {path} as {who}", face.name());
                    if twin.is_some() {
                        assert_eq!(own.status, other_reply.status, "{case}, as {other}");
                        shadowed += 1;
                    } else {
                        assert!(matches!(own.status, 404 | 401), "{case}: {}", own.status);
                        assert_eq!(told(&own, &path), told(&other_reply, other), "{case}");
                    }
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 1_000 && shadowed < asked / 4, "{asked} {shadowed}");
}

#[tokio::test]
async fn a_session_of_one_face_is_nobodys_on_another() {
    let site = Site::new().await;
    let (whole, public, staff) = (
        at(&site, Face::Whole),
        at(&site, Face::Public),
        at(&site, Face::Staff),
    );
    assert!(public.cookie("examiner").await.is_none());
    assert!(staff.cookie("owner").await.is_none());
    let resident = public.cookie("owner").await.unwrap();
    let official = staff.cookie("examiner").await.unwrap();
    let who = async |at: &At, cookie: &str| {
        at.get(cookie, "/api/v1/session").await.json()["signed_in"] == true
    };
    assert!(who(&public, &resident).await);
    assert!(who(&staff, &official).await);
    assert!(!who(&staff, &resident).await);
    assert!(!who(&public, &official).await);
    let (everybody, their) = (whole.cookie("owner").await, whole.cookie("examiner").await);
    assert!(
        !who(&public, &everybody.unwrap()).await,
        "made where all are one"
    );
    assert!(!who(&staff, &their.unwrap()).await);
    let (_, secret) = official.split_once('=').unwrap();
    let unmarked = secret.strip_prefix("staff.").unwrap();
    for changed in [
        format!("tsumugi=public.{unmarked}"),
        format!("tsumugi={unmarked}"),
    ] {
        assert!(!who(&public, &changed).await, "a mark cannot be changed");
        assert!(!who(&staff, &changed).await);
    }
    // Whoever becomes an official begins anew on the staff's face.
    let mut account = site
        .app
        .engine
        .account_by_login("other")
        .await
        .unwrap()
        .unwrap();
    let before = public.cookie("other").await.unwrap();
    let examiner = site
        .app
        .engine
        .account_by_login("examiner")
        .await
        .unwrap()
        .unwrap();
    account.seats = examiner.seats;
    site.app.engine.put_account(account).await.unwrap();
    assert!(!who(&public, &before).await);
    assert!(!who(&staff, &before).await);
    assert!(staff.cookie("other").await.is_some());
}

#[tokio::test]
async fn an_officials_password_is_no_password_on_the_publics_face() {
    let site = Site::new().await;
    let (public, staff) = (at(&site, Face::Public), at(&site, Face::Staff));
    let whence = Whence::default();
    let tried = async |at: &At, login: &str, word: &str| {
        let from = ("192.0.2.7", &whence);
        sign_in(&at.app, login, word.into(), from, None).await
    };
    let right = "ひみつの言葉";
    assert!(matches!(
        tried(&public, "examiner", right).await,
        Err(SignInError::Refused)
    ));
    assert!(matches!(
        tried(&public, "nobody", right).await,
        Err(SignInError::Refused)
    ));
    assert!(matches!(
        tried(&staff, "owner", right).await,
        Err(SignInError::Refused)
    ));
    assert!(tried(&public, "owner", right).await.is_ok());
    assert!(tried(&staff, "examiner", right).await.is_ok());
}

#[tokio::test]
async fn the_people_of_a_demo_stand_on_their_own_face() {
    let site = Site::demo().await;
    let page = async |face: Face| {
        let reply = at(&site, face).get("", "/sign-in").await;
        String::from_utf8(reply.body).unwrap()
    };
    let (public, staff, whole) = (
        page(Face::Public).await,
        page(Face::Staff).await,
        page(Face::Whole).await,
    );
    for (login, official) in [
        ("resident", false),
        ("examiner", true),
        ("administrator", true),
    ] {
        let button = format!("value=\"{login}\"");
        assert!(whole.contains(&button));
        assert_eq!(public.contains(&button), !official, "{login}");
        assert_eq!(staff.contains(&button), official, "{login}");
    }
}

#[tokio::test]
async fn a_crowd_at_one_face_takes_no_place_of_another() {
    let site = Site::new().await;
    let (public, staff) = (at(&site, Face::Public), at(&site, Face::Staff));
    let mut inside = Vec::new();
    for class in [
        Class::Read,
        Class::Act,
        Class::Official,
        Class::Files,
        Class::Password,
    ] {
        while let Some(entered) = public.app.gate.enter(class).await {
            inside.push(entered);
        }
    }
    let refused = |app: &App| app.gate.passed().iter().map(|one| one.refused).sum::<u64>();
    let before = refused(&public.app);
    let outside = public.client(None).get("/api/v1/services").await;
    assert_eq!(outside.0, 503, "the house is full");
    assert!(refused(&public.app) > before);
    let official = staff.client(Some("token-of-examiner"));
    for _ in 0..200 {
        assert_eq!(official.get("/api/v1/session").await.0, 200);
        let desk = official.raw("GET", "/desk", &[], Vec::new()).await;
        assert_eq!(desk.status, 200);
    }
    assert_eq!(refused(&staff.app), 0);
    let numbers = staff
        .client(None)
        .raw("GET", "/metrics", &[], Vec::new())
        .await;
    let numbers = String::from_utf8(numbers.body).unwrap();
    let line = |face: &str| {
        let begin = format!(
            "tsumugi_admission_total{{face=\"{face}\",class=\"read\",outcome=\"refused\"}} "
        );
        let found = numbers.lines().find_map(|line| line.strip_prefix(&begin));
        found.unwrap().parse::<u64>().unwrap()
    };
    assert!(line("public") > 0 && line("staff") == 0, "{numbers}");
    drop(inside);
}

#[tokio::test]
async fn the_description_of_a_face_has_its_own_operations_alone() {
    let site = Site::new().await;
    let paths = async |face: Face| {
        let (status, document) = at(&site, face)
            .client(None)
            .get("/api/v1/openapi.json")
            .await;
        assert_eq!(status, 200);
        let paths = document["paths"].as_object().unwrap().keys().cloned();
        paths.collect::<std::collections::BTreeSet<String>>()
    };
    let (whole, public, staff) = (
        paths(Face::Whole).await,
        paths(Face::Public).await,
        paths(Face::Staff).await,
    );
    assert!(
        public.contains("/api/v1/payments/webhook") && !staff.contains("/api/v1/payments/webhook")
    );
    assert!(staff.contains("/api/v1/audit/looks") && !public.contains("/api/v1/audit/looks"));
    assert!(!public.contains("/metrics") && staff.contains("/metrics"));
    assert_eq!(&public | &staff, whole, "nothing is on neither");
}

#[tokio::test]
async fn a_face_answers_under_its_own_address() {
    let site = Site::new().await;
    let staff = at(&site, Face::Staff);
    let path = "/.well-known/oauth-authorization-server";
    let (status, said) = staff.client(None).get(path).await;
    assert_eq!((status, &said["issuer"]), (200, &json!(STAFF_URL)));
    let host = staff.app.passkey_site();
    assert!(host.is_some(), "passkeys hold for the staff's own host");
}

#[tokio::test]
async fn an_operator_reads_no_record_by_any_route() {
    const NAME: &str = "だれにも見せない名前";
    let site = Site::new().await;
    let body = json!({"action": "submit", "input": {"name": NAME, "amount": "100"}});
    let (status, record) = site.person("owner").post(site.requests(), body).await;
    assert_eq!(status, 201, "{record}");
    let record = record["id"].as_str().unwrap();
    let staff = at(&site, Face::Staff);
    let (mut shown, mut asked) = (0, 0);
    for route in declared(&site) {
        let path = address(route, record);
        for (token, may) in [
            ("token-of-administrator", false),
            ("token-of-examiner", true),
        ] {
            let client = staff.client(Some(token));
            let reply = client.raw("GET", &path, &[], Vec::new()).await;
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            assert!(may || !text.contains(NAME), "{path}");
            shown += usize::from(may && text.contains(NAME));
            asked += 1;
        }
    }
    assert!(
        shown > 1 && asked > 300,
        "who examines it reads it: {shown} of {asked}"
    );
}
