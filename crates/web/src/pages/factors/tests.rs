//! A second factor from its registration to its end, over HTTP.

use crate::testing::{Reply, Site};
use engine::proofs::app_code;
use jiff::SignedDuration;
use std::cell::RefCell;
use std::collections::BTreeMap;

const PASSWORD: &str = "ひみつの言葉";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A browser: it keeps its cookies.
pub(in crate::pages) struct Browser<'s> {
    site: &'s Site,
    jar: RefCell<BTreeMap<String, String>>,
}

impl<'s> Browser<'s> {
    pub(in crate::pages) fn new(site: &'s Site) -> Self {
        let jar = RefCell::default();
        Self { site, jar }
    }

    pub(in crate::pages) async fn ask(&self, method: &str, path: &str, body: String) -> Reply {
        let pairs: Vec<String> = {
            let jar = self.jar.borrow();
            jar.iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect()
        };
        let cookie = pairs.join("; ");
        let headers = [FORM, ("cookie", &cookie)];
        let client = self.site.public();
        let reply = client.raw(method, path, &headers, body.into()).await;
        for set in reply.headers.get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.jar
                .borrow_mut()
                .insert(name.to_owned(), value.to_owned());
        }
        reply
    }

    pub(in crate::pages) async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, String::new()).await
    }

    /// Posts with the token of the browser's forms.
    pub(in crate::pages) async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Reply {
        let csrf = {
            let jar = self.jar.borrow();
            let of = |name: &str| jar.get(name).filter(|value| !value.is_empty());
            match (of("tsumugi"), of("tsumugi_form")) {
                (Some(secret), _) => crate::auth::digest(&[b"csrf", secret.as_bytes()]),
                (None, Some(secret)) => crate::auth::digest(&[b"form", secret.as_bytes()]),
                (None, None) => String::new(),
            }
        };
        let mut body = format!("csrf={csrf}");
        for (name, value) in pairs {
            body += &format!("&{name}={}", crate::percent::path(value));
        }
        self.ask("POST", path, body).await
    }

    /// Name and password; answers where it leads.
    pub(in crate::pages) async fn sign_in(&self, login: &str) -> String {
        self.get("/sign-in").await;
        let reply = self
            .post("/sign-in", &[("login", login), ("password", PASSWORD)])
            .await;
        assert_eq!(reply.status, 303, "{}", text(&reply));
        location(&reply)
    }

    async fn authentication(&self) -> Option<u8> {
        let secret = self.jar.borrow().get("tsumugi").cloned()?;
        let signed = self.site.app.engine.signed_in(&secret).await.unwrap();
        signed.map(|signed| signed.assurance.authentication)
    }
}

pub(in crate::pages) fn location(reply: &Reply) -> String {
    reply.headers["location"].to_str().unwrap().to_owned()
}

pub(in crate::pages) fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

fn pass(site: &Site, seconds: i64) {
    let later = site
        .app
        .engine
        .now()
        .checked_add(SignedDuration::from_secs(seconds));
    site.clock.set(later.unwrap());
}

/// The code that the app of an account shows now.
async fn shown(site: &Site, login: &str) -> String {
    let account = site
        .app
        .engine
        .account_by_login(login)
        .await
        .unwrap()
        .unwrap();
    let proofs = site.app.engine.proofs_of(account.id).await.unwrap();
    let begun = site.app.engine.begun_app(account.id).await.unwrap();
    let secret = begun.unwrap_or_else(|| proofs.apps[0].secret.clone());
    let step = site.app.engine.now().as_second() / 30;
    app_code(&secret, u64::try_from(step).unwrap())
}

pub(in crate::pages) async fn with_app(browser: &Browser<'_>, login: &str) {
    let begun = browser.post("/my/sign-in/app/begin", &[]).await;
    assert_eq!(location(&begun), "/my/sign-in/app");
    let page = text(&browser.get("/my/sign-in/app").await);
    assert!(page.contains("data:image/svg+xml;base64,") && page.contains("otpauth://totp/"));
    let wrong = browser
        .post(
            "/my/sign-in/app",
            &[("code", "000000"), ("name", "私の電話")],
        )
        .await;
    assert_eq!(wrong.status, 422);
    assert!(text(&wrong).contains("私の電話"), "what was typed stays");
    let code = shown(browser.site, login).await;
    let done = browser
        .post("/my/sign-in/app", &[("code", &code), ("name", "私の電話")])
        .await;
    assert_eq!(location(&done), "/my/sign-in/factors?done=app");
}

#[tokio::test]
async fn a_password_alone_no_longer_opens_an_account_with_an_app() {
    let site = Site::new().await;
    let home = Browser::new(&site);
    assert_eq!(home.sign_in("owner").await, "/my");
    assert_eq!(home.authentication().await, Some(1));
    with_app(&home, "owner").await;
    assert_eq!(
        home.authentication().await,
        Some(2),
        "who adds one has shown it"
    );
    // It is told to its owner.
    let letters = text(&home.get("/my/messages").await);
    assert!(letters.contains("「私の電話」を登録しました"), "{letters}");
    assert!(letters.contains("/my/sign-in"));

    let there = Browser::new(&site);
    assert_eq!(there.sign_in("owner").await, "/sign-in/second");
    assert_eq!(there.authentication().await, None);
    assert_eq!(there.get("/my").await.status, 303);
    // The code with which it was registered is spent.
    let spent = shown(&site, "owner").await;
    assert_eq!(
        there
            .post("/sign-in/second", &[("code", &spent)])
            .await
            .status,
        422
    );
    pass(&site, 30);
    let code = shown(&site, "owner").await;
    let reply = there.post("/sign-in/second", &[("code", &code)]).await;
    assert_eq!(location(&reply), "/my");
    assert_eq!(there.authentication().await, Some(2));
    // Neither the code nor the step serves again.
    let thief = Browser::new(&site);
    thief.sign_in("owner").await;
    assert_eq!(
        thief
            .post("/sign-in/second", &[("code", &code)])
            .await
            .status,
        422
    );
    assert_eq!(
        location(&there.post("/sign-in/second", &[("code", &code)]).await),
        "/sign-in"
    );
}

#[tokio::test]
async fn guesses_at_a_code_wait_from_wherever_they_come_and_the_step_ends() {
    let site = Site::new().await;
    let home = Browser::new(&site);
    home.sign_in("owner").await;
    with_app(&home, "owner").await;
    for _ in 0..5 {
        let thief = Browser::new(&site);
        thief.sign_in("owner").await;
        assert_eq!(
            thief
                .post("/sign-in/second", &[("code", "123")])
                .await
                .status,
            422
        );
    }
    let thief = Browser::new(&site);
    thief.sign_in("owner").await;
    pass(&site, 0);
    let reply = thief.post("/sign-in/second", &[("code", "123")]).await;
    assert_eq!(reply.status, 429, "{}", text(&reply));
    pass(&site, 11 * 60);
    let late = thief.post("/sign-in/second", &[("code", "123")]).await;
    assert_eq!(location(&late), "/sign-in");
}

#[tokio::test]
async fn a_recovery_code_stands_in_once_and_is_shown_once() {
    let site = Site::new().await;
    let home = Browser::new(&site);
    home.sign_in("owner").await;
    assert_eq!(
        location(&home.post("/my/sign-in/codes", &[]).await),
        "/my/sign-in/factors"
    );
    with_app(&home, "owner").await;
    let page = text(&home.post("/my/sign-in/codes", &[]).await);
    let codes: Vec<&str> = page
        .split("<li><code>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .collect();
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.len() == 29), "{codes:?}");
    assert!(!text(&home.get("/my/sign-in/factors").await).contains(codes[0]));
    let there = Browser::new(&site);
    there.sign_in("owner").await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    let reply = there.post("/sign-in/second", &[("code", &typed)]).await;
    assert_eq!(location(&reply), "/my/sign-in/factors?done=recovered");
    assert!(text(&there.get("/my/sign-in/factors").await).contains("あと9個"));
    let again = Browser::new(&site);
    again.sign_in("owner").await;
    assert_eq!(
        again
            .post("/sign-in/second", &[("code", codes[3])])
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn ways_to_sign_in_are_changed_on_a_fresh_proof_alone() {
    let site = Site::new().await;
    let home = Browser::new(&site);
    home.sign_in("owner").await;
    assert_eq!(home.get("/my/sign-in/factors").await.status, 200);
    pass(&site, 11 * 60);
    let led = "/my/sign-in/prove?next=%2Fmy%2Fsign-in%2Ffactors";
    for (method, path) in [
        ("GET", "/my/sign-in/factors"),
        ("GET", "/my/sign-in/app"),
        ("POST", "/my/sign-in/app/begin"),
        ("POST", "/my/sign-in/codes"),
        ("POST", "/my/sign-in/passkeys"),
    ] {
        let reply = match method {
            "GET" => home.get(path).await,
            _ => home.post(path, &[]).await,
        };
        assert!(
            location(&reply).starts_with("/my/sign-in/prove?next="),
            "{path} {led}"
        );
    }
    let next = ("next", "/my/sign-in/factors");
    let wrong = home
        .post("/my/sign-in/prove", &[("password", "x"), next])
        .await;
    assert_eq!(wrong.status, 422);
    let right = home
        .post("/my/sign-in/prove", &[("password", PASSWORD), next])
        .await;
    assert_eq!(location(&right), "/my/sign-in/factors");
    assert_eq!(
        home.authentication().await,
        Some(1),
        "a password raises nothing"
    );
    with_app(&home, "owner").await;
    // From now on the password proves too little.
    pass(&site, 11 * 60);
    let low = home
        .post("/my/sign-in/prove", &[("password", PASSWORD), next])
        .await;
    assert_eq!(low.status, 422);
    let code = shown(&site, "owner").await;
    let high = home
        .post("/my/sign-in/prove", &[("code", &code), next])
        .await;
    assert_eq!(location(&high), "/my/sign-in/factors");
    // A fresh proof is one session's.
    let fresh = home.jar.borrow()["tsumugi_fresh"].clone();
    let other = Browser::new(&site);
    other.sign_in("other").await;
    other.jar.borrow_mut().insert("tsumugi_fresh".into(), fresh);
    assert!(location(&other.get("/my/sign-in/factors").await).starts_with("/my/sign-in/prove"));
    let page = text(&home.get("/my/sign-in/factors").await);
    let id = page
        .split("/my/sign-in/factors/")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let gone = home
        .post(&format!("/my/sign-in/factors/{id}/remove"), &[])
        .await;
    assert_eq!(location(&gone), "/my/sign-in/factors?done=removed");
    let there = Browser::new(&site);
    assert_eq!(there.sign_in("owner").await, "/my");
}

#[tokio::test]
async fn an_official_of_whom_it_is_demanded_sets_one_up_before_anything_else() {
    let site = Site::new().await;
    site.app.engine.demand_second(true);
    let desk = Browser::new(&site);
    desk.sign_in("examiner").await;
    for path in ["/desk", "/", "/my", "/admin/stuck"] {
        assert_eq!(
            location(&desk.get(path).await),
            "/my/sign-in/factors",
            "{path}"
        );
    }
    let refused = desk.get("/api/v1/session").await;
    assert_eq!(
        (refused.status, refused.json()["type"].as_str()),
        (403, Some("/problems/second_factor_missing"))
    );
    assert!(text(&desk.get("/my/sign-in/factors").await).contains("職員の方は"));
    with_app(&desk, "examiner").await;
    assert_eq!(desk.get("/desk").await.status, 200);
    let resident = Browser::new(&site);
    resident.sign_in("owner").await;
    assert_eq!(resident.get("/my").await.status, 200);
    let machine = site.person("examiner");
    assert_eq!(machine.get("/api/v1/session").await.0, 200);
}

#[tokio::test]
async fn a_strange_answer_of_a_passkey_opens_nothing() {
    let site = Site::new().await;
    let home = Browser::new(&site);
    home.get("/sign-in").await;
    for answer in [
        "",
        "{}",
        r#"{"id":"AQI","response":{"clientDataJSON":"e30"}}"#,
    ] {
        let reply = home.post("/sign-in/passkey", &[("answer", answer)]).await;
        assert_eq!(reply.status, 422);
        assert_eq!(home.authentication().await, None);
    }
    assert_eq!(
        home.post("/sign-in/passkey/begin", &[("for", "anything")])
            .await
            .status,
        404
    );
}
