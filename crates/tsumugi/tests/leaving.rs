//! Everything can leave: what an installation holds goes out as files and comes back as it was, in either store.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use axum::body::Body;
use axum::http::Request;
use engine::{Clock as _, ManualClock};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use store::Database;
use tower::ServiceExt as _;
use tsumugi::leaving::{Asked, Exported, From, export, import};
use tsumugi::{Config, Demo, Running, start};

#[path = "leaving_support/disposed.rs"]
mod disposed;
#[allow(dead_code, unreachable_pub, reason = "other tests use the rest")]
#[path = "../../../tests/postgres/private.rs"]
mod private;
mod receipts;

fn now() -> Timestamp {
    "2026-11-22T09:00:00+09:00".parse().unwrap()
}

fn config(data: &Path) -> Config {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    let clock = Arc::new(ManualClock::new(now()));
    Config {
        public_url: "https://permits.example/".into(),
        ..Config::demo(data.to_path_buf(), services, Demo::Whole, clock)
    }
}

async fn demo(data: &Path) -> Running {
    let clock = Arc::new(ManualClock::new(now()));
    let mut config = config(data);
    config.clock = Arc::clone(&clock) as Arc<dyn engine::Clock>;
    let running = start(config).await.unwrap();
    let later = clock.now().checked_add(SignedDuration::from_mins(1));
    clock.set(later.unwrap());
    running.engine.sequence().await.unwrap();
    running
}

fn asked(to: &Path, services: Option<&[&str]>) -> Asked {
    Asked {
        to: to.to_owned(),
        services: services.map(|all| all.iter().map(|&one| one.to_owned()).collect()),
        by: "情報システム課 見本 花子".into(),
        purpose: "試験".into(),
        at: now(),
    }
}

fn from(folder: &Path) -> From {
    From {
        folder: folder.to_owned(),
        takes_over: true,
        at: now(),
    }
}

/// A runtime may not be started within another.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn left(
    data: &Path,
    database: Option<&Database>,
    to: &Path,
    services: Option<&[&str]>,
) -> Exported {
    let (data, database, asked) = (data.to_owned(), database.cloned(), asked(to, services));
    aside(move || export(&data, database.as_ref(), &asked).unwrap()).await
}

async fn arrived(data: &Path, database: Option<&Database>, folder: &Path) -> Result<(), String> {
    let (data, database, from) = (data.to_owned(), database.cloned(), from(folder));
    aside(move || match import(&data, database.as_ref(), &from) {
        Ok(arrived) => match arrived.verified.difference {
            None => Ok(()),
            Some(different) => Err(format!("{different:?}")),
        },
        Err(error) => Err(format!("{error:#}")),
    })
    .await
}

/// The files of an export by path.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut dirs, mut all) = (vec![root.to_owned()], BTreeMap::new());
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let place = entry.unwrap().path();
            match place.is_dir() {
                true => dirs.push(place),
                false => {
                    let path = place.strip_prefix(root).unwrap().display().to_string();
                    all.insert(path, std::fs::read(&place).unwrap());
                }
            }
        }
    }
    all
}

/// The files that must be the same wherever the data has been. Each installation has a log of its own, and a manifest
/// says when it was made.
fn lasting(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = files(root);
    all.retain(|path, _| !path.starts_with("log/") && !path.starts_with("manifest."));
    all
}

fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (lasting(one), lasting(other));
    let names = |all: &BTreeMap<String, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    for (path, bytes) in &one {
        assert!(*bytes == other[path], "{path} is another");
    }
}

async fn http(
    running: &Running,
    method: &str,
    path: &str,
    token: &str,
    body: &Json,
) -> (u16, Json) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("idempotency-key", format!("{method} {path}"))
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = running.router.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20)
        .await
        .unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Json::Null))
}

/// Does whatever the business can do to its records without saying anything more; answers how many acts were done.
async fn goes_on(running: &Running) -> usize {
    let token = &running.tokens["business"];
    let account = running
        .engine
        .account_by_login("business")
        .await
        .unwrap()
        .unwrap();
    let actor = running.engine.actor(&account, None).unwrap();
    let mut done = 0;
    for item in running.engine.my_items(&actor).await.unwrap() {
        let place = format!(
            "/api/v1/services/{}/{}/{}",
            item.service.slug, item.record_type.name, item.id
        );
        let (status, record) = http(running, "GET", &place, token, &Json::Null).await;
        assert_eq!(status, 200, "{place}: {record}");
        let names = record["actions"].as_array().into_iter().flatten();
        let names = names.filter_map(|action| action["name"].as_str().or_else(|| action.as_str()));
        for name in names {
            let act = json!({ "input": {}, "version": record["version"] });
            let (status, _) = http(
                running,
                "POST",
                &format!("{place}/actions/{name}"),
                token,
                &act,
            )
            .await;
            if status == 200 {
                done += 1;
                break;
            }
        }
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_leaves_and_arrives_as_it_was_in_either_store() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let running = demo(&at("a")).await;
    let (_, text) = receipts::of_business(&running).await.unwrap();
    // Beside the running server.
    let exported = left(&at("a"), None, &at("out-a"), None).await;
    assert!(
        exported.counts["events"] > 0 && exported.lost == 0,
        "{exported:?}"
    );
    let account = running.engine.account_by_login("administrator").await;
    let actor = running
        .engine
        .actor(&account.unwrap().unwrap(), None)
        .unwrap();
    let departures = running.engine.departures(&actor, 10).await.unwrap();
    assert_eq!(
        departures.len(),
        2,
        "when it was begun, and when it was whole"
    );
    assert_eq!(departures[0].manifest.as_ref(), Some(&exported.manifest));
    assert_eq!(departures[0].by, "情報システム課 見本 花子");
    drop(running);

    arrived(&at("b"), None, &at("out-a")).await.unwrap();
    left(&at("b"), None, &at("out-b"), None).await;
    assert_same(&at("out-a"), &at("out-b"));

    // A receipt is held against the log that gave it, and its event stands in the journal that arrived.
    let receipt = evidence::Receipt::read(&text).unwrap();
    let key = std::fs::read_to_string(at("out-a/log/key")).unwrap();
    let proven = receipt.verify(&evidence::Verifier::new(key.trim()).unwrap());
    assert!(proven.is_ok(), "{:?}", proven.err());

    let running = start(config(&at("b"))).await.unwrap();
    assert!(
        goes_on(&running).await > 0,
        "nothing could be done with what arrived"
    );
    drop(running);
    let data = at("b");
    let verified = aside(move || tsumugi::verify(&data, None, None).unwrap()).await;
    assert_eq!(verified.difference, None);

    if let Some(url) = private::server() {
        let database = Database {
            schema: "moved".into(),
            ..Database::new(url)
        };
        arrived(&at("pg"), Some(&database), &at("out-a"))
            .await
            .unwrap();
        left(&at("pg"), Some(&database), &at("out-pg"), None).await;
        assert_same(&at("out-a"), &at("out-pg"));
        arrived(&at("c"), None, &at("out-pg")).await.unwrap();
        left(&at("c"), None, &at("out-c"), None).await;
        assert_same(&at("out-a"), &at("out-c"));
    }
}

/// A service of the demo that has records, and how many there are of them.
fn a_service(root: &Path) -> String {
    let manifest: Json =
        serde_json::from_slice(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
    let services = manifest["services"].as_array().unwrap().iter();
    let most = services.max_by_key(|one| one["states"].to_string().len());
    most.unwrap()["slug"].as_str().unwrap().to_owned()
}

/// An export of the demo and, of one of its services, another.
async fn two_exports(root: &Path) -> (PathBuf, PathBuf, String) {
    let (all, one) = (root.join("all"), root.join("one"));
    drop(demo(&root.join("data")).await);
    left(&root.join("data"), None, &all, None).await;
    let slug = a_service(&all);
    left(&root.join("data"), None, &one, Some(&[&slug])).await;
    (all, one, slug)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_service_leaves_alone_and_what_was_changed_or_lost_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (_, one, slug) = two_exports(folder.path()).await;
    let at = |name: &str| folder.path().join(name);
    arrived(&at("first"), None, &one).await.unwrap();
    let again = arrived(&at("first"), None, &one).await.unwrap_err();
    assert!(again.contains(&slug) && again.contains("すでに"), "{again}");

    let whole = files(&one);
    assert!(
        whole
            .keys()
            .any(|path| path.starts_with("tables/") && path.ends_with(".csv"))
    );
    for (path, bytes) in &whole {
        let place = one.join(path);
        if bytes.is_empty() || path == "README.txt" {
            continue;
        }
        let mut changed = bytes.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        std::fs::write(&place, &changed).unwrap();
        let said = arrived(&at("never"), None, &one).await.unwrap_err();
        assert!(said.contains(path.as_str()), "{path}: {said}");
        std::fs::remove_file(&place).unwrap();
        let said = arrived(&at("never"), None, &one).await.unwrap_err();
        assert!(said.contains(path.as_str()), "{path} is missing: {said}");
        std::fs::write(&place, bytes).unwrap();
    }
    std::fs::write(one.join("records/strange.jsonl"), "{}").unwrap();
    let said = arrived(&at("never"), None, &one).await.unwrap_err();
    assert!(said.contains("records/strange.jsonl"), "{said}");
    std::fs::remove_file(one.join("records/strange.jsonl")).unwrap();

    let manifest = String::from_utf8(whole["manifest.json"].clone()).unwrap();
    let newer = manifest.replace("\"version\": 1,", "\"version\": 9,");
    resealed(&one, &newer);
    let said = arrived(&at("never"), None, &one).await.unwrap_err();
    assert!(said.contains("版9") && said.contains("新しい版"), "{said}");
    assert!(
        !at("never").exists(),
        "nothing is begun with what is not whole"
    );
}

/// A manifest with a sum of its own, as somebody makes it who knows how.
fn resealed(root: &Path, manifest: &str) {
    use sha2::{Digest as _, Sha256};
    let sum = Sha256::digest(manifest.as_bytes());
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(root.join("manifest.json"), manifest).unwrap();
    std::fs::write(
        root.join("manifest.sha256"),
        format!("{sum}  manifest.json\n"),
    )
    .unwrap();
}

/// Replaces a file and everything that vouches for it but for what only the old installation could make.
fn forged(root: &Path, path: &str, change: impl Fn(&str) -> String) {
    use sha2::{Digest as _, Sha256};
    let hex = |bytes: &[u8]| -> String {
        let sum = Sha256::digest(bytes);
        sum.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let before = std::fs::read_to_string(root.join(path)).unwrap();
    let after = change(&before);
    assert_ne!(before, after);
    std::fs::write(root.join(path), &after).unwrap();
    let manifest = std::fs::read_to_string(root.join("manifest.json")).unwrap();
    let mut manifest: Json = serde_json::from_str(&manifest).unwrap();
    for file in manifest["files"].as_array_mut().unwrap() {
        if file["path"] == path {
            file["sha256"] = hex(after.as_bytes()).into();
            file["bytes"] = after.len().into();
        }
    }
    resealed(root, &serde_json::to_string_pretty(&manifest).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_forged_with_all_its_sums_is_met_by_chain_and_log_and_never_served() {
    let folder = tempfile::tempdir().unwrap();
    let (all, one, _) = two_exports(folder.path()).await;
    let at = |name: &str| folder.path().join(name);
    let records = files(&all);
    let path = records
        .keys()
        .find(|path| path.starts_with("records/"))
        .unwrap();
    forged(&all, path, |text| {
        let (head, tail) = text.split_once("\"snapshot\":").unwrap();
        format!(
            "{head}\"snapshot\":{}",
            tail.replacen("\"state\":\"", "\"state\":\"x", 1)
        )
    });
    let said = arrived(&at("half"), None, &all).await.unwrap_err();
    assert!(said.contains("書き換えられたおそれ"), "{said}");
    let refused = start(config(&at("half"))).await.err().unwrap();
    assert!(format!("{refused:#}").contains("途中"), "{refused:#}");
    let verified = arrived(&at("half"), None, &all).await;
    assert!(verified.is_err(), "nor by asking a second time");
    forged(&one, "events/000001.jsonl", |text| {
        text.replacen("\"hash\":\"", "\"hash\":\"0", 1)
    });
    let said = arrived(&at("other"), None, &one).await.unwrap_err();
    assert!(
        said.contains("台帳に署名されたものではありません"),
        "{said}"
    );
}

/// Runs an import until it says something, and kills it there; answers whether it came so far.
fn killed_at(word: &str, data: &Path, folder: &Path) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tsumugi"))
        .args(["import-service", "--take-over", "--from"])
        .arg(folder)
        .arg("--data")
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut came = false;
    for line in lines.map_while(Result::ok) {
        if line.contains(word) {
            came = true;
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    came
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (all, _, _) = two_exports(folder.path()).await;
    let data = folder.path().join("killed");
    let mut kills = 0;
    for word in ["定義を", "添付を", "履歴を", "記録を", "残高"] {
        kills += u32::from(killed_at(word, &data, &all));
        if let Err(refused) = start(config(&data)).await {
            assert!(format!("{refused:#}").contains("途中"), "{refused:#}");
        }
    }
    assert!(kills > 1, "{kills}");
    // The last kill may have come when all was done.
    if let Err(refused) = arrived(&data, None, &all).await {
        assert!(refused.contains("すでに"), "{refused}");
    }
    left(&data, None, &folder.path().join("out"), None).await;
    assert_same(&all, &folder.path().join("out"));
}
