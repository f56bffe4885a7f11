//! Two processes, one for each network, over one PostgreSQL: residents and officials sign in each at their own, what is
//! done at one is seen at the other, and neither knows the other's people, sessions or addresses.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use killed::Killed;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

#[allow(dead_code, unreachable_pub, reason = "other tests use the rest")]
#[path = "../../../tests/postgres/private.rs"]
mod private;

/// A demo over debug code, beside whatever else the machine does.
const START: Duration = Duration::from_secs(300);
/// What processes of one demo share beside the database.
const SHARED: [&str; 2] = ["demo-tokens.json", "payment-webhook.key"];
const APPLICATIONS: &str = "/api/v1/services/fair/application";

/// Each act has a key of its own.
static KEYS: AtomicU32 = AtomicU32::new(1);

/// One process.
struct Process {
    address: String,
    agent: ureq::Agent,
    _running: Killed,
}

struct Answer {
    status: u16,
    cookies: Vec<String>,
    text: String,
}

impl Answer {
    fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or(Json::Null)
    }
}

impl Process {
    fn start(face: &str, data: &Path, services: &Path, database: &str) -> Self {
        let address = killed::free_address().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tsumugi"));
        command.args(["serve", "--demo", face, &address]);
        command.args(["--public-url", "http://public.example"]);
        command.args(["--staff-url", "http://staff.example"]);
        command.args(["--database", database]);
        command.arg("--data").arg(data);
        command.arg("--services").arg(services);
        command.arg("--assets").arg(data.join("no-assets"));
        let running = Killed::start(command.env("TSUMUGI_LOG", "warn")).unwrap();
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)));
        let process = Self {
            agent: config.build().into(),
            address,
            _running: running,
        };
        let ready = || {
            let asked = process.agent.get(process.url("/readyz")).call();
            asked.is_ok_and(|answer| answer.status() == 200)
        };
        assert!(killed::wait_for(START, ready).is_some(), "{face} started");
        process
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent = match method {
            "GET" => self.agent.run(request.body(()).unwrap()),
            _ => self.agent.run(request.body(body).unwrap()),
        };
        let mut answer = sent.unwrap();
        let cookies = answer.headers().get_all("set-cookie").iter();
        let cookies = cookies.filter_map(|cookie| {
            let text = cookie.to_str().ok()?;
            text.split(';').next().map(str::to_owned)
        });
        Answer {
            status: answer.status().as_u16(),
            cookies: cookies.collect(),
            text: answer.body_mut().read_to_string().unwrap(),
        }
    }

    fn get(&self, cookies: &str, path: &str) -> Answer {
        self.send("GET", path, &[("cookie", cookies)], "")
    }

    /// Signs in as one of the demo's people on its page; the session's cookie, where they are let in.
    fn sign_in(&self, persona: &str) -> Option<String> {
        let page = self.get("", "/sign-in");
        let (_, token) = page.text.split_once("name=\"csrf\" value=\"").unwrap();
        let token = token.split('"').next().unwrap();
        let cookies = page.cookies.join("; ");
        let headers = [
            ("cookie", cookies.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = format!("csrf={token}&persona={persona}");
        let answer = self.send("POST", "/sign-in/persona", &headers, &body);
        let mut session = answer.cookies.into_iter();
        let session = session.find(|cookie| cookie.starts_with("tsumugi="));
        session.filter(|_| answer.status == 303)
    }

    fn act(&self, token: &str, path: &str, body: &Json) -> Answer {
        let token = format!("Bearer {token}");
        let key = format!("apart-{}", KEYS.fetch_add(1, Ordering::Relaxed));
        let headers = [
            ("authorization", token.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key.as_str()),
        ];
        self.send("POST", path, &headers, &body.to_string())
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// The registers, and a small service of the tests of faults.
fn services(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let services = folder.join("services");
    for part in [
        "services/_archetypes",
        "services/_registers",
        "tests/faults/services/common",
    ] {
        let name = part.rsplit('/').next().unwrap();
        copy(&root.join(part), &services.join(name));
    }
    services
}

#[test]
fn two_processes_for_two_networks_over_one_database() {
    let Some(database) = private::server() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let services = services(folder.path());
    let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
    std::fs::create_dir_all(&other).unwrap();
    let public = Process::start("--public", &one, &services, database);
    for name in SHARED {
        std::fs::copy(one.join(name), other.join(name)).unwrap();
    }
    let staff = Process::start("--staff", &other, &services, database);
    let tokens = std::fs::read(one.join(SHARED[0])).unwrap();
    let tokens: BTreeMap<String, String> = serde_json::from_slice(&tokens).unwrap();

    // Each signs in at their own, and nowhere else.
    let resident = public.sign_in("resident").expect("a resident");
    let examiner = staff.sign_in("examiner").expect("an official");
    assert!(public.sign_in("examiner").is_none());
    assert!(staff.sign_in("resident").is_none());
    let known = |process: &Process, cookie: &str| {
        process.get(cookie, "/api/v1/session").json()["signed_in"] == true
    };
    assert!(known(&public, &resident) && known(&staff, &examiner));
    assert!(!known(&staff, &resident) && !known(&public, &examiner));

    // What is asked for at one stands at the other, and what is decided there comes back.
    let body = json!({"action": "ask", "input": {"name": "網の申請", "fee": 1200}});
    let asked = public.act(&tokens["resident"], APPLICATIONS, &body);
    assert_eq!(asked.status, 201, "{}", asked.text);
    let id = asked.json()["id"].as_str().unwrap().to_owned();
    let page = format!("/r/fair/application/{id}");
    let seen = staff.get(&examiner, &page);
    assert!(
        seen.status == 200 && seen.text.contains("網の申請"),
        "{}",
        seen.text
    );
    let place = format!("{APPLICATIONS}/{id}");
    let version = asked.json()["version"].clone();
    let taken = json!({"version": version, "input": {}});
    let refused = public.act(
        &tokens["examiner"],
        &format!("{place}/actions/take"),
        &taken,
    );
    assert_eq!(
        refused.status, 401,
        "an official is nobody here: {}",
        refused.text
    );
    let taken = staff.act(
        &tokens["examiner"],
        &format!("{place}/actions/take"),
        &taken,
    );
    assert_eq!(taken.status, 200, "{}", taken.text);
    let seen = public.get(&resident, &place).json();
    assert_eq!(seen["state"], "done", "{seen}");

    // What a face does not offer is not there, for its own people either.
    for (process, cookie, path) in [
        (&public, &resident, "/desk"),
        (&public, &resident, "/admin/state"),
        (&public, &resident, "/admin/maintenance"),
        (&public, &resident, "/metrics"),
        (&staff, &examiner, "/register"),
        (&staff, &examiner, "/api/v1/reviews"),
    ] {
        let never = process.get(cookie, "/never/was").status;
        assert_eq!(
            (process.get(cookie, path).status, never),
            (404, 404),
            "{path}"
        );
    }
    assert_eq!(staff.get(&examiner, "/desk").status, 200);
}
