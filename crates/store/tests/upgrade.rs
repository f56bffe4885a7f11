//! Databases of every earlier schema are opened by today's store: nothing is lost, everything fits, and it goes on.
//!
//! An earlier database is made by its own migrations, and filled with what of today's rows it had columns for: a
//! migration only adds. What a migration changes in old rows (0004) is put there by hand.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{AnyStore, Draft, World, account, at, current, derived, field, id, log, notice};
use jiff::civil::date;
use kernel::mailroom::Contact;
use kernel::port::{Committed, Lane, RunItem, RunRow, Session};
use kernel::reviews::Boxed;
use kernel::{AttachmentId, Derived, Entry, Patch, RecordId, RunId, Timer, UniqueValue};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::{Database, SqliteStore};

/// The migrations of a folder, in order.
fn migrations(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .parse::<u32>()
                .is_ok()
        })
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect()
}

fn of(n: u8) -> Derived {
    Derived {
        entries: vec![Entry {
            index: "by_n".into(),
            keys: vec![vec![2, n]],
        }],
        unique: vec![UniqueValue {
            constraint: "books/loan/n".into(),
            value: vec![n],
            message: String::new(),
        }],
        timers: vec![Timer {
            clock: "期限".into(),
            what: "due".into(),
            on: date(2026, 12, 1),
        }],
        ..derived(&["all"], &format!("柴崎町の店 {n}号"), vec![])
    }
}

/// Something of everything that a store keeps.
async fn fill(store: &AnyStore) -> Vec<RecordId> {
    let file = upload(store).await;
    let mut records = Vec::new();
    for n in 0..6 {
        let record = RecordId(id());
        let patches = vec![
            field("n", json!(n)),
            Patch::Number(format!("本-2026-{n:05}")),
        ];
        let mut act = Draft::new().put(None, record, patches, of(n));
        act.prepared.effects = vec![notice(record)];
        act.prepared.attachments = vec![(file, record)];
        let act = act
            .post(record, "total", 2, None)
            .key(&format!("k{n}"), "abc");
        assert!(matches!(act.go(store).await, Committed::Done(_)));
        records.push(record);
    }
    house(store, &records).await;
    log::begin(store).await;
    log::sign(store, 100).await;
    records
}

async fn upload(store: &AnyStore) -> AttachmentId {
    let meta = common::drawing(id(), at(1));
    let content = "図面の中身".repeat(100).into_bytes();
    store.put_attachment(meta, content).await.unwrap().id
}

/// What is no event.
async fn house(store: &AnyStore, records: &[RecordId]) {
    let account = account("hanako");
    store.put_account(account.clone()).await.unwrap();
    let session = Session::plain(
        "abc".into(),
        id(),
        account.id,
        "browser",
        (at(0), at(1_000)),
    );
    store.put_session(session).await.unwrap();
    store.put_setting("demo", "made").await.unwrap();
    let files = BTreeMap::from([("service.yaml".to_owned(), b"title: x".to_vec())]);
    store
        .put_package("books", "h0", &files, at(1))
        .await
        .unwrap();
    store
        .put_contact(Contact::new(account.party), None)
        .await
        .unwrap();
    store
        .guess_failed(&["k".into()], at(2), at(1))
        .await
        .unwrap();
    let boxed = Boxed {
        id: id(),
        day: date(2026, 11, 22),
        body: "{}".into(),
    };
    store.put_review("ticket", boxed).await.unwrap();
    let run = RunRow {
        id: RunId(id()),
        account: account.id,
        on_behalf_of: None,
        purpose: None,
        service: "books".into(),
        record_type: "loan".into(),
        action: "lend".into(),
        input: serde_json::Map::new(),
        request: "abc".into(),
        at: at(3),
        done_at: None,
    };
    let item = |record: &RecordId| RunItem {
        record: *record,
        version: 1,
        outcome: None,
    };
    store
        .put_run(run, records.iter().map(item).collect())
        .await
        .unwrap();
}

/// After today's store has opened it: all is there, all fits, the next act can be done and signed.
async fn goes_on(store: &AnyStore, records: &[RecordId], version: usize) {
    let replayed = store.replay().await.unwrap();
    assert_eq!(replayed.difference, None, "schema {version}");
    assert_eq!(replayed.events, 6, "schema {version}");
    for (n, record) in records.iter().enumerate() {
        let snapshot = current(store, *record).await;
        assert_eq!(common::n(&snapshot), i64::try_from(n).unwrap());
        assert_eq!(store.history(*record, 0, 10).await.unwrap().len(), 1);
        let known = store.idempotency("a", &format!("k{n}")).await.unwrap();
        assert_eq!(known.unwrap().record, *record, "schema {version}");
    }
    assert_eq!(
        store
            .due_timers(date(2026, 12, 1), 100)
            .await
            .unwrap()
            .len(),
        6
    );
    assert_eq!(
        store
            .outbox(Lane::Inside, at(1_000), 100)
            .await
            .unwrap()
            .len(),
        6
    );
    assert_eq!(
        store.balance("books/shelf", "total").await.unwrap().0,
        12.into()
    );
    assert!(store.account_by_login("hanako").await.unwrap().is_some());
    assert_eq!(
        store.current_package("books").await.unwrap().as_deref(),
        Some("h0")
    );
    let first = current(store, records[0]).await;
    let act = Draft::new().put(Some(&first), first.id, vec![field("x", json!(1))], of(0));
    let act = act.post(first.id, "total", 1, Some(0));
    let done = act.go(store).await;
    assert!(
        matches!(done, Committed::Done(_)),
        "schema {version}: {done:?}"
    );
    if store.log().newest_head().await.unwrap().is_none() {
        log::begin(store).await;
    }
    log::sign(store, 100).await;
    let replayed = store.replay().await.unwrap();
    assert_eq!(
        (replayed.difference, replayed.logged),
        (None, 7),
        "schema {version}"
    );
}

/// A database of a schema, with what of another's rows it has columns for.
fn earlier(steps: &[String], from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let db = rusqlite::Connection::open(to.join("tsumugi.sqlite")).unwrap();
    db.execute_batch("CREATE TABLE schema_version(version INTEGER PRIMARY KEY) STRICT")
        .unwrap();
    for (version, sql) in (1..).zip(steps) {
        db.execute_batch(sql).unwrap();
        db.execute("INSERT INTO schema_version(version) VALUES (?1)", [version])
            .unwrap();
    }
    let today = from.join("tsumugi.sqlite");
    db.execute("ATTACH ?1 AS today", [today.to_str().unwrap()])
        .unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut find = db.prepare(sql).unwrap();
        let rows = find.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let tables = names(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
         AND name NOT IN ('schema_version', 'sqlite_stat1', 'sqlite_sequence')",
    );
    assert!(tables.len() > 25, "{tables:?}");
    // The search index is copied as it lies; otherwise nobody may write there.
    db.execute_batch("PRAGMA writable_schema = ON").unwrap();
    for table in tables {
        let columns = names(&format!(
            "SELECT name FROM pragma_table_info('{table}', 'main')"
        ))
        .join(", ");
        db.execute_batch(&format!(
            "DELETE FROM main.{table}; INSERT INTO main.{table}({columns}) SELECT {columns} FROM today.{table}"
        ))
        .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_earlier_schema_of_sqlite_is_opened_and_goes_on() {
    let steps = migrations("schema");
    let (today, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = AnyStore::Sqlite(Box::new(common::open(today.path())));
    let records = fill(&store).await;
    drop(store);
    for version in 1..=steps.len() {
        let place = old.path().join(version.to_string());
        earlier(&steps[..version], today.path(), &place);
        std::fs::copy(today.path().join("keys.bin"), place.join("keys.bin")).unwrap();
        if version == 3 {
            preview(&place);
        }
        let store = SqliteStore::open(&place, common::options(9)).unwrap();
        goes_on(&AnyStore::Sqlite(Box::new(store)), &records, version).await;
        let db = rusqlite::Connection::open(place.join("tsumugi.sqlite")).unwrap();
        let (found, sample): (i64, i64) = db
            .query_row(
                "SELECT (SELECT max(version) FROM schema_version), (SELECT count(*) FROM import_run WHERE body LIKE '%sample%')",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        assert_eq!((found, sample), (i64::try_from(steps.len()).unwrap(), 0));
    }
}

/// As schema 3 kept an import that was looked through: its first rows lay unsealed beside it.
fn preview(place: &Path) {
    let db = rusqlite::Connection::open(place.join("tsumugi.sqlite")).unwrap();
    let body = r#"{"heads":["氏名"],"sample":[["佐藤 花子"]],"total":1}"#;
    let sql = "INSERT INTO import_run(id, service, import, at, going, body) VALUES ('i1', 'books', 'loans', 1, 0, ?1)";
    assert_eq!(db.execute(sql, [body]).unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_earlier_schema_of_postgresql_is_opened_and_goes_on() {
    let steps = migrations("postgres/schema");
    let Some(world) = World::postgres() else {
        return;
    };
    let World::Postgres(database) = &world else {
        return;
    };
    let store = world.open().await;
    let records = fill(&store).await;
    drop(store);
    for version in 1..=steps.len() {
        let old = Database {
            schema: format!("{}_old{version}", database.schema),
            ..database.clone()
        };
        earlier_schema(&steps[..version], &database.schema, &old).await;
        let opened = World::Postgres(old.clone()).open().await;
        goes_on(&opened, &records, version).await;
        let newest = World::Postgres(old)
            .sql("SELECT max(version) FROM schema_version")
            .await;
        assert_eq!(newest, Ok(i64::try_from(steps.len()).unwrap()));
    }
}

async fn earlier_schema(steps: &[String], today: &str, old: &Database) {
    let (client, connection) = tokio_postgres::connect(&old.url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let schema = &old.schema;
    let mut script = format!(
        "CREATE SCHEMA {schema}; SET search_path TO {schema}; CREATE TABLE schema_version(version bigint PRIMARY KEY);"
    );
    for (version, sql) in (1..).zip(steps) {
        script += &format!("{sql}; INSERT INTO schema_version(version) VALUES ({version});");
    }
    // Triggers that guard the journal do not fire for whoever restores it.
    script += "SET session_replication_role = replica;";
    client.batch_execute(&script).await.unwrap();
    let find = "SELECT c.table_name, string_agg(quote_ident(c.column_name), ', ') FROM information_schema.columns c
         JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE c.table_schema = $1 AND t.table_type = 'BASE TABLE' AND c.table_name <> 'schema_version' GROUP BY 1";
    for row in client.query(find, &[schema]).await.unwrap() {
        let (table, columns): (String, String) = (row.get(0), row.get(1));
        let copy = format!(
            "INSERT INTO {schema}.{table}({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {today}.{table}"
        );
        client.batch_execute(&copy).await.unwrap();
    }
    // Sequences stand where they stood; one that is no more is not asked.
    let find = "SELECT sequencename::text FROM pg_sequences WHERE schemaname = $1
         INTERSECT SELECT sequencename::text FROM pg_sequences WHERE schemaname = $2";
    for row in client.query(find, &[schema, &today]).await.unwrap() {
        let name: String = row.get(0);
        let stand =
            format!("SELECT setval('{schema}.{name}', last_value, is_called) FROM {today}.{name}");
        client.batch_execute(&stand).await.unwrap();
    }
    let keys = format!(
        "CREATE SCHEMA {schema}_keys; CREATE TABLE {schema}_keys.schema_version(version bigint PRIMARY KEY);"
    );
    client.batch_execute(&keys).await.unwrap();
    let make = include_str!("../src/postgres/schema/keys-0001.sql");
    let copy = format!(
        "SET search_path TO {schema}_keys; {make}; INSERT INTO schema_version(version) VALUES (1);
         INSERT INTO key(no, bytes) OVERRIDING SYSTEM VALUE SELECT no, bytes FROM {today}_keys.key;
         SELECT setval('key_no_seq', (SELECT max(no) FROM key));"
    );
    client.batch_execute(&copy).await.unwrap();
}
