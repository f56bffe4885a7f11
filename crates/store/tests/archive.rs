//! The drill of PostgreSQL's own archive: as `docs/operate/backup.md` says, row by row.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Draft, World, create, derived, field, private};
use kernel::RecordId;
use serde_json::json;
use std::process::Command;
use store::Database;

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/postgres/archive.sh"
);

/// A digest over every row of every table, keys too.
async fn rows(url: &str) -> Vec<(String, String)> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let tables = client
        .query(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
             WHERE schemaname IN ('tsumugi', 'tsumugi_keys') ORDER BY 1",
            &[],
        )
        .await
        .unwrap();
    let mut all = Vec::new();
    for table in tables {
        let name: String = table.get("name");
        let digest = format!(
            "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS rows FROM {name} t"
        );
        let row = client.query_one(&digest, &[]).await.unwrap();
        all.push((name, row.get("rows")));
    }
    assert!(all.len() > 20);
    all
}

async fn ask(url: &str, sql: &str) -> String {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moment_comes_back_from_base_and_archive_row_by_row() {
    let Some(url) = private::start(&[("TSUMUGI_TEST_ARCHIVE", "1")]) else {
        return;
    };
    let dir = url
        .split(' ')
        .find_map(|pair| pair.strip_prefix("host="))
        .unwrap()
        .to_owned();
    let open = |url: &str| World::Postgres(Database::new(url));
    let store = open(&url).open().await;
    let seen = || derived(&["all"], "柴崎町の店", vec![]);
    for n in 0..10 {
        create(&store, n, seen()).await;
    }
    let based = Command::new(SCRIPT).args(["base", &dir]).status().unwrap();
    assert!(based.success());
    let good = create(&store, 10, seen()).await;
    let (then, moment) = (
        rows(&url).await,
        ask(&url, "SELECT clock_timestamp()::text").await,
    );
    // What nobody wanted: an act over a record, and rows that somebody removed by hand.
    Draft::new()
        .put(Some(&good), good.id, vec![field("n", json!(666))], seen())
        .put(None, RecordId(common::id()), vec![], seen())
        .go(&store)
        .await;
    let cut = open(&url).sql("DELETE FROM found").await;
    assert_eq!(cut, Ok(12));
    let segment = ask(&url, "SELECT pg_walfile_name(pg_switch_wal())").await;
    let archived = format!("{dir}/archive/{segment}");
    while !std::path::Path::new(&archived).exists() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let mut recover = Command::new(SCRIPT);
    let back = private::run(recover.args(["recover", &dir, &moment])).unwrap();
    assert_eq!(rows(&back).await, then);
    let store = open(&back).open().await;
    let replayed = store.replay().await.unwrap();
    assert_eq!((replayed.difference, replayed.records), (None, 11));
    create(&store, 11, seen()).await;
}
