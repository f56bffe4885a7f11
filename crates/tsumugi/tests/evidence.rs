//! What a witness, an auditor and the holder of a receipt do, with the binary as they have it.

#![expect(clippy::unwrap_used, reason = "a test fails where it must")]

use engine::{Clock as _, ManualClock};
use jiff::SignedDuration;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use tsumugi::{Config, Demo, Running, start};

mod receipts;

async fn demo(data: &Path, clock: &Arc<ManualClock>) -> Running {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    let clock = Arc::clone(clock) as Arc<dyn engine::Clock>;
    let config = Config {
        public_url: "https://permits.example/".into(),
        ..Config::demo(data.to_path_buf(), services, Demo::Whole, clock)
    };
    start(config).await.unwrap()
}

/// Runs the binary; whether it succeeded, and what it said.
fn tsumugi(arguments: &[&str]) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_tsumugi"))
        .args(arguments)
        .output()
        .unwrap();
    let said = [stdout, stderr].concat();
    (status.success(), String::from_utf8(said).unwrap())
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_an_auditor_and_the_holder_of_a_receipt_find_what_they_need() {
    let folder = tempfile::tempdir().unwrap();
    let [data, outside, old, file] =
        ["data", "outside", "old", "receipt.json"].map(|name| folder.path().join(name));
    let clock = Arc::new(ManualClock::new(
        "2026-11-22T09:00:00+09:00".parse().unwrap(),
    ));
    let running = demo(&data, &clock).await;
    let witness = ["witness", "--to", path(&outside), "--data", path(&data)];
    // Beside the running server: first the empty log, then all that the demo's people did.
    let (done, said) = tsumugi(&witness);
    assert!(
        done && said.contains("履歴0件") && said.contains("permits.example/log+"),
        "{said}"
    );
    clock.set(
        clock
            .now()
            .checked_add(SignedDuration::from_mins(1))
            .unwrap(),
    );
    let events = running.engine.sequence().await.unwrap();
    assert!((1..256).contains(&events), "{events}");
    let (done, said) = tsumugi(&witness);
    assert!(
        done && said.contains(&format!("履歴{events}件")) && said.contains("（0件）の続き"),
        "{said}"
    );
    let tile = std::fs::read(outside.join(format!("tile/0/000.p/{events}")));
    assert_eq!(tile.unwrap().len() as u64, events * 32);
    let (number, receipt) = receipts::of_business(&running).await.unwrap();
    std::fs::write(&file, receipt).unwrap();
    drop(running);

    let (done, said) = tsumugi(&[
        "verify",
        "--receipt",
        path(&file),
        "--key",
        path(&outside.join("key")),
    ]);
    assert!(
        done && said.contains(&number) && !said.contains("--key"),
        "{said}"
    );
    let (done, said) = tsumugi(&["verify", "--receipt", path(&file)]);
    assert!(
        done && said.contains("--key"),
        "the key in it is no proof: {said}"
    );
    let forged = std::fs::read_to_string(&file)
        .unwrap()
        .replace(&number, "偽-1");
    std::fs::write(&file, forged).unwrap();
    let (done, said) = tsumugi(&["verify", "--receipt", path(&file)]);
    assert!(!done && said.contains("確かめられません"), "{said}");

    let checkpoint = outside.join("checkpoint");
    let audit = [
        "verify",
        "--data",
        path(&data),
        "--checkpoint",
        path(&checkpoint),
    ];
    let (done, said) = tsumugi(&audit);
    assert!(
        done && said.contains(&format!("履歴{events}件分")),
        "{said}"
    );
    copied(&data, &old);
    let (done, new) = tsumugi(&["log-key", "--data", path(&data), "--turn"]);
    assert!(done, "{new}");
    let (_, keys) = tsumugi(&["log-key", "--data", path(&data)]);
    assert!(keys.lines().count() == 2 && keys.ends_with(&new), "{keys}");
    let (done, said) = tsumugi(&witness);
    assert!(done, "the key before vouches for the new one: {said}");
    assert_eq!(std::fs::read_to_string(outside.join("key")).unwrap(), new);
    assert!(tsumugi(&audit).0);

    // What was there before the key turned is not what the witness knows now.
    let back = ["witness", "--to", path(&outside), "--data", path(&old)];
    let (done, said) = tsumugi(&back);
    assert!(!done && said.contains("鍵が"), "{said}");
}

#[test]
fn a_folder_that_was_misspelt_is_not_found_sound() {
    let dir = tempfile::tempdir().unwrap();
    let misspelt = dir.path().join("dtaa");
    let (is_sound, said) = tsumugi(&["verify", "--data", path(&misspelt)]);
    assert!(!is_sound);
    assert!(said.contains("データがありません"), "{said}");
    assert!(!misspelt.exists(), "looking makes nothing");
}
