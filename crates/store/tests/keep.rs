//! Disposal: everything of a record goes but its chain and its certificate, on either database; nothing brings it back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a drill of copies goes by the machine's clock"
)]

mod common;

use common::drill::{Places, copied, seen};
use common::{Draft, Port, World, at, create, current, derived, field, id, options};
use jiff::civil::date;
use kernel::keep::{Certificate, Decided, Deed, Disposal, event};
use kernel::port::{Committed, Lane, SearchQuery};
use kernel::vault::{Number, NumberPlace};
use kernel::{ActId, AttachmentId, Expect, Patch, RecordId, Snapshot, UniqueValue};
use rand::RngCore;
use serde_json::json;
use std::path::Path;
use store::{Master, Masters, Options, SqliteStore};

/// The number on the specimen cards.
const NUMBER: &str = "123456789018";
const WORD: &str = "qzxvqzxv";

fn certificate(round: RecordId, drawn: Vec<String>) -> Certificate {
    Certificate {
        deed: Deed::Dispose,
        title: "貸出".into(),
        number: Some("本-00001".into()),
        drawn,
        counted: Vec::new(),
        office: Some("本館".into()),
        kept_until: Some(date(2032, 3, 31)),
        basis: "5年（規程）".into(),
        because: "保存期間が満了したため".into(),
        round,
        proposed_by: "佐藤 花子".into(),
        decided_by: "鈴木 一郎".into(),
        decided_on: date(2032, 4, 1),
        events: 2,
        files: 1,
        part_of: None,
    }
}

fn disposal(of: &Snapshot, round: RecordId, drawn: Vec<String>) -> Disposal {
    let decided = Decided {
        act: ActId(id()),
        account: None,
        at: at(900),
        today: date(2032, 4, 1),
        definition: "d0".into(),
    };
    let expect = Expect {
        record: of.id,
        version: of.version,
    };
    Disposal {
        records: vec![(expect, event(of, &decided, certificate(round, drawn)))],
    }
}

fn found_by_all() -> kernel::Derived {
    let unique = UniqueValue {
        constraint: "books/loan/shelf".into(),
        value: "a".into(),
        message: "使われています".into(),
    };
    kernel::Derived {
        unique: vec![unique],
        ..derived(&["all"], WORD, seen().entries)
    }
}

async fn upload(store: &impl Port) -> AttachmentId {
    let meta = common::drawing(id(), at(0));
    let put = store.port().put_attachment(meta, "中身".into()).await;
    put.unwrap().id
}

/// A record with everything that a record can leave somewhere: two events, a number, a file, an effect, a unique value.
async fn full(store: &impl Port) -> (Snapshot, AttachmentId, Vec<String>) {
    let file = upload(store).await;
    let record = RecordId(id());
    let patches = vec![field("n", json!(WORD)), Patch::Number("本-00001".into())];
    let mut act = Draft::new().put(None, record, patches, found_by_all());
    act.prepared.attachments = vec![(file, record)];
    act.prepared.effects = vec![common::notice(record)];
    let Committed::Done(mut done) = act.go(store).await else {
        panic!("done")
    };
    let before = done.remove(0);
    let act = Draft::new().put(
        Some(&before),
        record,
        vec![field("m", json!(WORD))],
        found_by_all(),
    );
    act.post(record, "total", 3, None).go(store).await;
    let snapshot = current(store, record).await;
    let history = store.port().history(record, 0, 100).await.unwrap();
    let drawn = kernel::keep::drawn(snapshot.authority.as_deref(), &history);
    (snapshot, file, drawn)
}

fn search() -> SearchQuery {
    SearchQuery {
        service: "books".into(),
        record_types: vec!["loan".into()],
        scopes: vec!["all".into()],
        text: WORD.into(),
        before: None,
        limit: 10,
    }
}

async fn nothing_is_left_but_the_chain_and_the_certificate(world: World) {
    let store = world.open().await;
    let other = create(&store, 1, seen()).await;
    let (record, file, drawn) = full(&store).await;
    let round = RecordId(id());
    let port = store.port();
    assert_eq!(port.search(&search()).await.unwrap().items.len(), 1);
    assert!(
        port.keeper()
            .dispose(disposal(&record, round, drawn))
            .await
            .unwrap()
    );
    // Committed: it is gone for everybody, and the rest is sound, whether or not its key is destroyed yet.
    assert!(port.snapshots(&[record.id]).await.unwrap().is_empty());
    assert!(port.search(&search()).await.unwrap().items.is_empty());
    assert!(port.attachment_content(file).await.unwrap().is_none());
    assert!(
        port.outbox(Lane::Inside, at(99_999), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.replay().await.unwrap().difference, None);
    port.collect_orphans(at(-99)).await.unwrap();
    assert_eq!(port.keeper().destroy().await.unwrap(), 2);
    assert_eq!(port.keeper().destroy().await.unwrap(), 0);
    let replayed = store.replay().await.unwrap();
    assert_eq!(replayed.difference, None);
    assert_eq!((replayed.records, replayed.disposed), (1, 1));
    // What happened stays to be seen, what it said does not; the certificate says why.
    let history = port.history(record.id, 0, 10).await.unwrap();
    assert_eq!(history.len(), 3);
    assert!(
        history[..2]
            .iter()
            .all(|one| one.event.body.patches.is_empty())
    );
    let kept = kernel::keep::certificate(&history[2].event).unwrap();
    assert_eq!((kept.round, kept.decided_by.as_str()), (round, "鈴木 一郎"));
    let gone = port
        .keeper()
        .disposed(&[record.id, other.id])
        .await
        .unwrap();
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].number.as_deref(), Some("本-00001"));
    assert_eq!(port.keeper().disposed_by(round).await.unwrap(), 1);
    // The value is free again, and others are untouched.
    create(&store, 2, found_by_all()).await;
    assert_eq!(current(&store, other.id).await, other);
    drop(store);
    let store = world.open().await;
    assert_eq!(store.replay().await.unwrap().difference, None);
    assert!(store.port().keeper().revived().await.unwrap().is_empty());
}

async fn what_a_kill_leaves_undone_is_done_after_it(world: World) {
    let store = world.open().await;
    let (record, _, drawn) = full(&store).await;
    let round = RecordId(id());
    let keeper = store.port().keeper();
    assert!(
        keeper
            .dispose(disposal(&record, round, drawn))
            .await
            .unwrap()
    );
    // The keys were not destroyed yet.
    drop(store);
    let store = world.open().await;
    let port = store.port();
    let history = port.history(record.id, 0, 10).await.unwrap();
    assert!(!history[0].event.body.patches.is_empty());
    assert_eq!(store.replay().await.unwrap().difference, None);
    port.collect_orphans(at(-99)).await.unwrap();
    assert_eq!(port.keeper().destroy().await.unwrap(), 2);
    let history = port.history(record.id, 0, 10).await.unwrap();
    assert!(history[0].event.body.patches.is_empty());
    assert_eq!(store.replay().await.unwrap().difference, None);
}

async fn a_record_that_moved_is_not_disposed_of_and_none_is_twice(world: World) {
    let store = world.open().await;
    let before = create(&store, 1, seen()).await;
    let stale = before.clone();
    let act = Draft::new().put(Some(&before), before.id, vec![field("n", json!(2))], seen());
    act.go(&store).await;
    let (round, keeper) = (RecordId(id()), store.port().keeper());
    assert!(
        !keeper
            .dispose(disposal(&stale, round, vec![]))
            .await
            .unwrap()
    );
    let now = current(&store, before.id).await;
    assert!(keeper.dispose(disposal(&now, round, vec![])).await.unwrap());
    assert!(!keeper.dispose(disposal(&now, round, vec![])).await.unwrap());
    let after = Draft::new().put(Some(&now), now.id, vec![field("n", json!(3))], seen());
    assert_eq!(after.go(&store).await, Committed::Moved(now.id));
    assert_eq!(store.replay().await.unwrap().difference, None);
}

async fn a_file_that_another_record_names_goes_over_to_it(world: World) {
    let store = world.open().await;
    let (record, file, drawn) = full(&store).await;
    let other = RecordId(id());
    let mut act = Draft::new().put(None, other, vec![field("n", json!(1))], seen());
    act.prepared.attachments = vec![(file, other)];
    act.go(&store).await;
    let port = store.port();
    let keeper = port.keeper();
    assert!(
        keeper
            .dispose(disposal(&record, RecordId(id()), drawn))
            .await
            .unwrap()
    );
    port.collect_orphans(at(-99)).await.unwrap();
    assert_eq!(keeper.destroy().await.unwrap(), 1);
    assert!(port.attachment_content(file).await.unwrap().is_some());
    let known = port.attachments(&[file]).await.unwrap().remove(0);
    assert_eq!((known.record, known.also), (Some(other), vec![]));
    assert_eq!(store.replay().await.unwrap().difference, None);
}

async fn verify_names_what_came_back_and_what_is_missing(world: World) {
    let store = world.open().await;
    let (record, _, drawn) = full(&store).await;
    let keeper = store.port().keeper();
    assert!(
        keeper
            .dispose(disposal(&record, RecordId(id()), drawn))
            .await
            .unwrap()
    );
    keeper.destroy().await.unwrap();
    let hex: String = record.id.0.simple().to_string();
    let (blob, text) = match &world {
        World::Sqlite(_) => (format!("X'{hex}'"), "X''"),
        World::Postgres(_) => (format!("'{}'", record.id), "''"),
    };
    let message = format!(
        "INSERT INTO message(mailbox, id, record, service, record_type, subject, body, at)
         VALUES ('a', {blob}, {blob}, 'books', 'loan', 's', 'b', 1)"
    );
    world.sql(&message).await.unwrap();
    let told =
        |replayed: store::Replayed| replayed.difference.map(|one| one.what).unwrap_or_default();
    let what = told(store.replay().await.unwrap());
    assert!(what.contains("there again"), "{what}");
    world.sql("DELETE FROM message").await.unwrap();
    assert_eq!(told(store.replay().await.unwrap()), "");
    world.sql("DELETE FROM disposed").await.unwrap();
    let what = told(store.replay().await.unwrap());
    assert!(what.contains("list of disposals"), "{what} {text}");
}

fn with(masters: Vec<Master>) -> Options {
    Options {
        masters: Masters::of(masters),
        ..options(7)
    }
}

async fn master_keys_are_changed_and_everything_still_opens(world: World) {
    let (one, two) = (Master::of([1; 32]), Master::of([2; 32]));
    let store = world.open().await;
    let plain = create(&store, 1, seen()).await;
    let kept = NumberPlace {
        id: id(),
        record: plain.id,
        field: "number".into(),
        at: at(1),
    };
    let number = Number::read(NUMBER).unwrap();
    let vault = store.port().vault();
    vault.keep_number(kept.clone(), number).await.unwrap();
    drop(store);
    rotate(&world, vec![one.clone()]).await;
    let store = world.open_with(with(vec![one.clone()])).await;
    let wrapped = create(&store, 2, seen()).await;
    let (gone, _, drawn) = full(&store).await;
    let keeper = store.port().keeper();
    assert!(
        keeper
            .dispose(disposal(&gone, RecordId(id()), drawn))
            .await
            .unwrap()
    );
    keeper.destroy().await.unwrap();
    drop(store);
    rotate(&world, vec![two.clone(), one.clone()]).await;
    let store = world.open_with(with(vec![two.clone()])).await;
    for record in [plain.id, wrapped.id] {
        let history = store.port().history(record, 0, 10).await.unwrap();
        assert!(!history[0].event.body.patches.is_empty());
    }
    // The keys of individual numbers are turned with the others.
    let number = store
        .port()
        .vault()
        .number(kept.id, plain.id)
        .await
        .unwrap();
    assert_eq!(number.map(|one| one.reveal() == NUMBER), Some(true));
    assert_eq!(store.replay().await.unwrap().difference, None);
    create(&store, 3, seen()).await;
    drop(store);
    if let World::Sqlite(dir) = &world {
        assert!(SqliteStore::open(dir.path(), with(vec![one])).is_err());
        assert!(SqliteStore::open(dir.path(), options(7)).is_err());
    }
}

/// A turn takes its rows in several transactions. One whose connection ends between two of them, as at a kill, leaves
/// keys under both masters: copies that know both work on, and the next turn does the rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_on_a_database_that_is_cut_off_is_done_by_the_next() {
    const MANY: i64 = 7_000;
    let Some(world) = World::postgres() else {
        return;
    };
    let World::Postgres(database) = &world else {
        panic!("a database")
    };
    let (old, new) = (Master::of([1; 32]), Master::of([2; 32]));
    let both = || with(vec![new.clone(), old.clone()]);
    let store = world.open().await;
    let first = create(&store, 1, seen()).await;
    drop(store);
    let keys = format!("{}_keys.key", database.schema);
    world
        .sql(&format!(
            "INSERT INTO {keys}(bytes) SELECT sha256(n::text::bytea) FROM generate_series(1, {MANY}) n"
        ))
        .await
        .unwrap();
    rotate(&world, vec![old.clone()]).await;
    let under = async |master: &Master| {
        let sql = format!(
            "SELECT count(*) FROM {keys} WHERE master = '{}'",
            master.id()
        );
        world.sql(&sql).await.unwrap()
    };
    let all = under(&old).await;
    assert!(all > MANY);

    // Somebody holds a row of the third transaction, so that the turn waits there, and is ended while it waits.
    let (mut client, connection) = tokio_postgres::connect(&database.url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let held = client.transaction().await.unwrap();
    held.execute(
        &format!("SELECT no FROM {keys} WHERE no = (SELECT max(no) - 2000 FROM {keys}) FOR UPDATE"),
        &[],
    )
    .await
    .unwrap();
    let common::AnyStore::Postgres(turning) = world.open_with(both()).await else {
        panic!("a database")
    };
    let turn = tokio::spawn(async move { turning.rotate_keys().await });
    let waiting = format!(
        "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM key WHERE master IS DISTINCT%'
         AND pid IN (SELECT pid FROM pg_locks WHERE relation = '{keys}'::regclass)"
    );
    // The session connects anew once, so its connection ends twice.
    while !turn.is_finished() {
        let end = format!("SELECT count(pg_terminate_backend(pid)) {waiting}");
        world.sql(&end).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(turn.await.unwrap().is_err());
    drop(held);

    let (done, left) = (under(&new).await, under(&old).await);
    assert!(done > 0 && left > 0, "{done} and {left}");
    assert_eq!(done + left, all);
    let store = world.open_with(both()).await;
    let second = create(&store, 2, seen()).await;
    for record in [&first, &second] {
        let history = store.port().history(record.id, 0, 10).await.unwrap();
        assert!(!history[0].event.body.patches.is_empty());
    }
    drop(store);
    rotate(&world, vec![new.clone(), old.clone()]).await;
    assert_eq!(under(&old).await, 0);
    let store = world.open_with(with(vec![new])).await;
    for record in [&first, &second] {
        let history = store.port().history(record.id, 0, 10).await.unwrap();
        assert!(!history[0].event.body.patches.is_empty());
    }
    assert_eq!(store.replay().await.unwrap().difference, None);
}

async fn rotate(world: &World, masters: Vec<Master>) {
    let masters = Masters::of(masters);
    match world {
        World::Sqlite(dir) => {
            assert!(
                SqliteStore::rotate_keys(dir.path(), &masters)
                    .unwrap()
                    .is_some()
            );
            assert_eq!(
                SqliteStore::rotate_keys(dir.path(), &masters).unwrap(),
                None
            );
        }
        World::Postgres(_) => {
            let options = Options {
                masters,
                ..options(7)
            };
            let common::AnyStore::Postgres(store) = world.open_with(options).await else {
                panic!("a database")
            };
            assert!(store.rotate_keys().await.unwrap() > 0);
            assert_eq!(store.rotate_keys().await.unwrap(), 0);
        }
    }
}

on_both! {
    nothing_is_left_but_the_chain_and_the_certificate
    what_a_kill_leaves_undone_is_done_after_it
    a_record_that_moved_is_not_disposed_of_and_none_is_twice
    a_file_that_another_record_names_goes_over_to_it
    verify_names_what_came_back_and_what_is_missing
    master_keys_are_changed_and_everything_still_opens
}

async fn dispose_of(store: &SqliteStore, record: &Snapshot, drawn: Vec<String>) {
    let keeper = store.port().keeper();
    assert!(
        keeper
            .dispose(disposal(record, RecordId(id()), drawn))
            .await
            .unwrap()
    );
    store.port().collect_orphans(at(-99)).await.unwrap();
    keeper.destroy().await.unwrap();
    while keeper.forget_words().await.unwrap() {}
}

fn holds(path: &Path, word: &str) -> bool {
    let bytes = std::fs::read(path).unwrap();
    bytes
        .windows(word.len())
        .any(|part| part == word.as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_even_a_word_is_left_in_the_files() {
    let dir = tempfile::tempdir().unwrap();
    let store = common::open(dir.path());
    for n in 0..50 {
        create(&store, n, seen()).await;
    }
    let (record, _, drawn) = full(&store).await;
    drop(store);
    assert!(holds(&dir.path().join("tsumugi.sqlite"), WORD));
    let store = common::open(dir.path());
    dispose_of(&store, &record, drawn).await;
    assert_eq!(store.replay().unwrap().difference, None);
    drop(store);
    assert!(!holds(&dir.path().join("tsumugi.sqlite"), WORD));
    let wal = dir.path().join("tsumugi.sqlite-wal");
    assert!(!wal.exists() || !holds(&wal, WORD));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_data_under_the_keys_of_today_does_not_bring_it_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = common::open(dir.path());
    let (record, _, drawn) = full(&store).await;
    let other = create(&store, 1, seen()).await;
    drop(store);
    let older = std::fs::read(dir.path().join("tsumugi.sqlite")).unwrap();
    let store = common::open(dir.path());
    dispose_of(&store, &record, drawn).await;
    drop(store);
    std::fs::write(dir.path().join("tsumugi.sqlite"), older).unwrap();
    let store = common::open(dir.path());
    let told = store.replay().unwrap().difference.unwrap();
    assert!(told.what.contains("certificate"), "{told:?}");
    let revived = store.port().keeper().revived().await.unwrap();
    assert_eq!(revived.len(), 1);
    assert_eq!(revived[0].record, record.id);
    let again = current(&store, record.id).await;
    let mut again = disposal(&again, revived[0].certificate.round, vec![]);
    let body = &mut again.records[0].1.body;
    body.patches = vec![Patch::Disposed(Box::new(revived[0].certificate.clone()))];
    let keeper = store.port().keeper();
    assert!(keeper.dispose(again).await.unwrap());
    keeper.destroy().await.unwrap();
    assert!(keeper.revived().await.unwrap().is_empty());
    store.port().collect_orphans(at(-99)).await.unwrap();
    assert_eq!(store.replay().unwrap().difference, None);
    assert_eq!(current(&store, other.id).await, other);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disposal_makes_older_copies_worthless() {
    let places = Places::new();
    let store = places.open();
    let (record, _, drawn) = full(&store).await;
    let before = copied(&store).await;
    let epochs = || places.vault("keys").list("epoch/").unwrap();
    let first = epochs();
    // Somebody has kept the copy of then.
    copy_tree(&places.at("copy"), &places.at("older"));
    dispose_of(&store, &record, drawn).await;
    for _ in 0..3_000 {
        if !places.at("data").join("copy-renew").exists() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let later = copied(&store).await;
    assert!(epochs().iter().all(|epoch| !first.contains(epoch)));
    assert!(places.restore("past", Some(before)).is_err());
    let (older, keys) = (places.vault("older"), places.vault("keys"));
    assert!(store::backup::restore(&*older, &*keys, None, &places.at("revived")).is_err());
    create(&store, 9, seen()).await;
    copied(&store).await;
    drop(store);
    places.restore("then", Some(later)).unwrap();
    places.restore("now", None).unwrap();
    for dir in ["then", "now"] {
        let store = common::open(&places.at(dir));
        assert_eq!(store.replay().unwrap().difference, None);
        assert!(
            store
                .port()
                .snapshots(&[record.id])
                .await
                .unwrap()
                .is_empty()
        );
        let gone = store.port().keeper().disposed(&[record.id]).await.unwrap();
        assert_eq!(gone.len(), 1);
        assert!(store.port().keeper().revived().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_wrapped_keys_comes_back_wrapped() {
    let places = Places::new();
    let mut master = [0; 32];
    rand::rng().fill_bytes(&mut master);
    let masters = Masters::of(vec![Master::of(master)]);
    let open = |name: &str, copies: bool| {
        let mut options = options(7);
        options.masters = masters.clone();
        options.backup = copies.then(|| places.backup());
        SqliteStore::open(&places.at(name), options).unwrap()
    };
    let store = places.open();
    let record = create(&store, 1, seen()).await;
    copied(&store).await;
    drop(store);
    SqliteStore::rotate_keys(&places.at("data"), &masters).unwrap();
    let store = open("data", true);
    create(&store, 2, seen()).await;
    copied(&store).await;
    drop(store);
    places.restore("now", None).unwrap();
    assert!(SqliteStore::open(&places.at("now"), options(7)).is_err());
    let store = open("now", false);
    assert_eq!(store.replay().unwrap().difference, None);
    let history = store.port().history(record.id, 0, 10).await.unwrap();
    assert!(!history[0].event.body.patches.is_empty());
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_tree(&entry.path(), &target),
            false => {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}
