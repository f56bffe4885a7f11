//! Demo and real data never mix, and what was made once stays.

#![expect(clippy::unwrap_used, reason = "a test fails where it must")]

use engine::ManualClock;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tsumugi::{Config, DEMO_TOKENS, Demo, demo_tokens, start};

fn config(data: &Path, demo: Demo, real_identity: bool) -> Config {
    let clock = ManualClock::new("2026-11-22T09:00:00+09:00".parse().unwrap());
    Config {
        real_identity,
        ..Config::demo(data.to_path_buf(), services(), demo, Arc::new(clock))
    }
}

fn services() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services")
}

async fn refused(config: Config) -> String {
    start(config)
        .await
        .err()
        .map(|error| format!("{error:#}"))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_is_made_once_and_its_tokens_stay() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(config(folder.path(), Demo::Whole, false))
        .await
        .unwrap();
    assert!(first.app.demo);
    let account = first
        .engine
        .account_by_login("business")
        .await
        .unwrap()
        .unwrap();
    let actor = first.engine.actor(&account, None).unwrap();
    let mine = first.engine.my_items(&actor).await.unwrap().len();
    assert!(mine > 0, "the demo's acts are there");
    let tokens = first.tokens.clone();
    drop(first);
    let again = start(config(folder.path(), Demo::Whole, false))
        .await
        .unwrap();
    assert_eq!(again.tokens, tokens);
    assert_eq!(
        demo_tokens(folder.path()).unwrap(),
        tokens,
        "read beside a running server"
    );
    assert_eq!(
        again.engine.my_items(&actor).await.unwrap().len(),
        mine,
        "nothing is made twice"
    );
    assert!(
        again
            .engine
            .session_account(&tokens["examiner"])
            .await
            .unwrap()
            .is_some()
    );
    drop(again);
    assert!(
        start(config(folder.path(), Demo::No, false))
            .await
            .unwrap()
            .app
            .demo,
        "it stays a demo"
    );
    let data = folder.path().to_path_buf();
    let verified = tokio::task::spawn_blocking(move || tsumugi::verify(&data, None, None));
    let verified = verified.await.unwrap().unwrap();
    assert_eq!(verified.difference, None);
    assert!(verified.records > 0 && verified.balances > 0);
}

#[tokio::test]
async fn demo_data_refuses_real_identity_settings() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        refused(config(folder.path(), Demo::People, true))
            .await
            .contains("一緒に使えません")
    );
    drop(
        start(config(folder.path(), Demo::People, false))
            .await
            .unwrap(),
    );
    assert!(
        refused(config(folder.path(), Demo::No, true))
            .await
            .contains("見本として作られたデータ")
    );
}

#[tokio::test]
async fn real_data_refuses_to_become_a_demo() {
    let folder = tempfile::tempdir().unwrap();
    let real = start(config(folder.path(), Demo::No, false)).await.unwrap();
    assert!(!real.app.demo && real.tokens.is_empty());
    assert!(
        real.engine
            .account_by_login("business")
            .await
            .unwrap()
            .is_none()
    );
    drop(real);
    assert!(
        refused(config(folder.path(), Demo::Whole, false))
            .await
            .contains("本番のデータがあります")
    );
    assert!(!folder.path().join(DEMO_TOKENS).exists());
    drop(start(config(folder.path(), Demo::No, true)).await.unwrap());
}

#[tokio::test]
async fn a_folder_in_use_or_missing_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let _running = start(config(folder.path(), Demo::No, false)).await.unwrap();
    assert!(
        refused(config(folder.path(), Demo::No, false))
            .await
            .contains("開けません")
    );
    let mut missing = config(folder.path(), Demo::No, false);
    missing.services = folder.path().join("none");
    assert!(refused(missing).await.contains("--services"));
}
