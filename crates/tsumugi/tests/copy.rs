//! A server that is killed comes back from its copy: in a folder, and in storage that speaks S3.
#![expect(
    clippy::disallowed_methods,
    reason = "where the S3 server of the tests is, is said from outside"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Address of an S3 server; `cargo xtask test` starts one.
const S3: &str = "TSUMUGI_TEST_S3";

fn tsumugi() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tsumugi"));
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command
}

fn readyz(address: &str) -> Option<Value> {
    let mut answer = ureq::get(format!("http://{address}/readyz")).call().ok()?;
    serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
}

/// Serves a demo until its copy holds all of it, then kills the server.
fn serve_and_kill(data: &Path, copy: &[String]) {
    let address = killed::free_address().unwrap();
    let mut serve = tsumugi();
    serve
        .args(["serve", "--demo", "--copy-every", "1", "--listen", &address])
        .arg("--data")
        .arg(data)
        .args(copy)
        .stderr(Stdio::null());
    let _server = killed::Killed::start(&mut serve).unwrap();
    let mut moments = Vec::new();
    for _ in 0..1_200 {
        // Two rounds after it is ready: everything until then is copied.
        if let Some(ready) = readyz(&address)
            && ready["copy"]["base_at"].is_string()
        {
            assert_eq!(ready["copy"]["behind"], false, "{ready}");
            moments.push(ready["copy"]["at"].to_string());
            moments.dedup();
            if moments.len() > 3 {
                return;
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("not copied");
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn drill(data: &str, login: Option<&str>) {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys").display().to_string();
    let mut copy = vec!["--copy".to_owned(), data.to_owned()];
    copy.extend(["--copy-keys".to_owned(), keys]);
    if let Some(login) = login {
        let file = dir.path().join("login");
        std::fs::write(&file, login).unwrap();
        copy.extend(["--copy-login".to_owned(), file.display().to_string()]);
    }
    serve_and_kill(&dir.path().join("data"), &copy);
    let restore = |to: &str| {
        let mut restore = tsumugi();
        restore
            .arg("restore")
            .arg("--data")
            .arg(dir.path().join(to));
        restore.args(&copy).output().unwrap()
    };
    let restored = restore("restored");
    assert!(restored.status.success(), "{}", said(&restored));
    assert!(
        said(&restored).contains("食いちがいはありません"),
        "{}",
        said(&restored)
    );
    let again = restore("restored");
    assert!(!again.status.success(), "{}", said(&again));
    // What is restored can be copied by hand, beside what was copied before.
    let mut backup = tsumugi();
    backup
        .arg("backup")
        .arg("--data")
        .arg(dir.path().join("restored"));
    let backup = backup.args(&copy).output().unwrap();
    assert!(backup.status.success(), "{}", said(&backup));
    let once_more = restore("once-more");
    assert!(once_more.status.success(), "{}", said(&once_more));
}

#[test]
fn a_killed_server_comes_back_from_a_folder() {
    let copy = tempfile::tempdir().unwrap();
    drill(&copy.path().display().to_string(), None);
}

#[test]
fn a_killed_server_comes_back_from_s3() {
    let Ok(server) = std::env::var(S3) else {
        eprintln!("SKIPPED: no S3 server is named in {S3}");
        return;
    };
    // Whatever an earlier run has left there is the copy of another installation.
    let bucket = format!("copies-{}", std::process::id());
    let made = ureq::put(format!("{server}/{bucket}")).send_empty();
    let made = made.unwrap();
    assert_eq!(made.status(), 200);
    let place = format!("s3://{bucket}/tsumugi?endpoint={server}&region=us-east-1");
    drill(&place, Some("id\nsecret\n"));
}

#[test]
fn keys_beside_the_data_are_refused_in_plain_words() {
    let restore = tsumugi()
        .args(["restore", "--data", "x", "--copy", "y", "--copy-keys", "y"])
        .output()
        .unwrap();
    assert!(!restore.status.success());
    assert!(said(&restore).contains("別の場所"), "{}", said(&restore));
}
