//! What stands beside records: uploads, timers, outbox, messages, accounts, packages.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
mod identities;
mod numbers;
mod proofs;
mod slips;

use common::{Draft, World, at, current, derived, id, notice, open};
use identities::{
    an_outside_identity_has_one_account_for_ever, sessions_are_listed_rotated_noted_and_ended,
    too_many_browsers_give_way_and_a_new_password_ends_them,
};
use jiff::civil::date;
use kernel::guard::Guesses;
use kernel::port::{
    Account, Attachment, Committed, Lane, MessageRow, Party, ReadNote, Session, Store,
};
use kernel::{AccountId, AttachmentId, Derived, EffectId, PartyId, Reach, RecordId, Said, Timer};
use numbers::a_number_opens_for_its_record_alone_until_it_is_destroyed;
use proofs::proofs_are_sealed_written_in_turn_and_a_passkey_is_one_accounts;
use slips::a_letter_is_sent_by_one_and_its_link_spent_once;
use std::collections::BTreeMap;

fn upload(second: i64) -> Attachment {
    Attachment {
        id: AttachmentId(id()),
        name: "図面.png".into(),
        media_type: "image/png".into(),
        bytes: 0,
        sha256: String::new(),
        owner: Some(AccountId(id())),
        record: None,
        also: Vec::new(),
        at: at(second),
    }
}

async fn an_upload_is_sealed_hashed_taken_into_use_and_otherwise_collected(world: World) {
    let store = world.open().await;
    let content = "図面の中身".repeat(100).into_bytes();
    let used = store
        .put_attachment(upload(0), content.clone())
        .await
        .unwrap();
    let orphan = store
        .put_attachment(upload(0), b"orphan".to_vec())
        .await
        .unwrap();
    let young = store
        .put_attachment(upload(500), b"young".to_vec())
        .await
        .unwrap();
    assert_eq!(used.bytes, 1_500);
    assert_eq!(
        store.attachment_content(used.id).await.unwrap(),
        Some(content)
    );
    let record = RecordId(id());
    let mut act = Draft::new().put(None, record, vec![], derived(&["all"], "", vec![]));
    act.prepared.attachments = vec![(used.id, record)];
    assert!(matches!(act.go(&store).await, Committed::Done(_)));
    assert_eq!(store.collect_orphans(at(100)).await.unwrap(), 1);
    let known = store
        .attachments(&[used.id, orphan.id, young.id])
        .await
        .unwrap();
    assert_eq!(
        known
            .iter()
            .map(|one| (one.id, one.record))
            .collect::<Vec<_>>(),
        [(used.id, Some(record)), (young.id, None)]
    );
    assert_eq!(store.attachment_content(orphan.id).await.unwrap(), None);
    let mut late = Draft::new().put(None, RecordId(id()), vec![], derived(&["all"], "", vec![]));
    late.prepared.attachments = vec![(orphan.id, record)];
    assert_eq!(
        late.go(&store).await,
        Committed::AttachmentMissing(orphan.id)
    );
    match &world {
        World::Sqlite(dir) => {
            let sealed = |bytes: &[u8]| {
                assert!(!String::from_utf8_lossy(bytes).contains("図面"));
            };
            let kept = files(&dir.path().join("attachments"), &mut |bytes| sealed(bytes));
            assert_eq!(kept, 2);
        }
        World::Postgres(_) => {
            let open = "SELECT count(*) FROM attachment_piece WHERE position(convert_to('図面', 'UTF8') IN bytes) > 0";
            assert_eq!(world.sql(open).await.unwrap(), 0);
            let kept = world.sql("SELECT count(*) FROM attachment_piece").await;
            assert_eq!(kept.unwrap(), 2);
        }
    }
}

#[tokio::test]
async fn an_upload_that_further_records_name_belongs_to_all_of_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let file = store
        .put_attachment(upload(0), "図面".into())
        .await
        .unwrap();
    let records = [RecordId(id()), RecordId(id()), RecordId(id())];
    for record in records {
        let mut act = Draft::new().put(None, record, vec![], derived(&["all"], "", vec![]));
        // Named twice in one act counts once.
        act.prepared.attachments = vec![(file.id, record), (file.id, record)];
        assert!(matches!(act.go(&store).await, Committed::Done(_)));
    }
    let known = || async { store.attachments(&[file.id]).await.unwrap().remove(0) };
    let mut uses: Vec<RecordId> = known().await.uses().collect();
    assert_eq!(uses.first(), Some(&records[0]), "the first stays the first");
    uses.sort_unstable();
    let mut all = records.to_vec();
    all.sort_unstable();
    assert_eq!(uses, all);
    assert_eq!(store.collect_orphans(at(1_000)).await.unwrap(), 0);
    assert_eq!(
        store.attachment_content(file.id).await.unwrap(),
        Some("図面".into())
    );
    assert_eq!(store.replay().unwrap().difference, None);
    drop(store);
    let path = dir.path().join("tsumugi.sqlite");
    let db = rusqlite::Connection::open(path).unwrap();
    let stray = "INSERT INTO attachment_use(attachment, record) SELECT id, x'00' FROM attachment";
    db.execute(stray, []).unwrap();
    drop(db);
    let found = open(dir.path()).replay().unwrap().difference.unwrap();
    assert!(found.what.contains("uses of uploads"), "{}", found.what);
}

/// Where the file of an upload lies.
fn place(dir: &std::path::Path, id: AttachmentId) -> std::path::PathBuf {
    let name = id.0.simple().to_string();
    dir.join("attachments")
        .join(&name[28..30])
        .join(&name[30..])
        .join(name)
}

#[tokio::test]
async fn files_that_a_crash_left_without_a_row_are_collected_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let (kept, lost, torn) = (upload(0), upload(0), upload(0));
    let store = open(dir.path());
    for upload in [&kept, &lost] {
        store
            .put_attachment(upload.clone(), b"content".to_vec())
            .await
            .unwrap();
    }
    drop(store);
    // The process ended after the rename and before the commit of the row; another in the middle of the file.
    let db = rusqlite::Connection::open(dir.path().join("tsumugi.sqlite")).unwrap();
    let gone = db
        .execute(
            "DELETE FROM attachment WHERE id = ?1",
            [lost.id.0.as_bytes().as_slice()],
        )
        .unwrap();
    assert_eq!(gone, 1);
    drop(db);
    let half = place(dir.path(), torn.id).with_extension("part");
    std::fs::create_dir_all(half.parent().unwrap()).unwrap();
    std::fs::write(&half, b"half").unwrap();
    let strange = place(dir.path(), kept.id).with_file_name("README");
    std::fs::write(&strange, b"not ours").unwrap();

    let store = open(dir.path());
    assert_eq!(store.collect_orphans(at(-100)).await.unwrap(), 2);
    assert!(!place(dir.path(), lost.id).exists() && !half.exists());
    assert!(place(dir.path(), kept.id).exists() && strange.exists());
    assert_eq!(
        store.attachment_content(kept.id).await.unwrap(),
        Some(b"content".to_vec())
    );
    assert_eq!(store.collect_orphans(at(-100)).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_in_flight_are_never_collected_and_those_given_up_are() {
    let dir = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(open(dir.path()));
    let mut going = tokio::task::JoinSet::new();
    // On a busy machine one may be done before its caller could go away.
    let (mut given_up, mut was_quick) = (0, 0);
    for turn in 0..60 {
        let meta = upload(0);
        let content = format!("{turn}").repeat(500).into_bytes();
        if turn % 3 == 0 {
            // A caller that goes away while its file is being written.
            let mut put = store.put_attachment(meta, content);
            let once = std::future::poll_fn(|context| {
                std::task::Poll::Ready(put.as_mut().poll(context).is_ready())
            });
            match once.await {
                false => given_up += 1,
                true => was_quick += 1,
            }
        } else {
            let store = std::sync::Arc::clone(&store);
            going.spawn(async move {
                let kept = store.put_attachment(meta, content.clone()).await.unwrap();
                (kept.id, content)
            });
        }
        store.collect_orphans(at(-100)).await.unwrap();
    }
    let mut kept = Vec::new();
    while let Some(done) = going.join_next().await {
        store.collect_orphans(at(-100)).await.unwrap();
        kept.push(done.unwrap());
    }
    assert!(given_up > 0 && kept.len() == 40);
    for (id, content) in &kept {
        assert_eq!(
            store.attachment_content(*id).await.unwrap().as_ref(),
            Some(content)
        );
    }
    // The last of those given up may still be on its way to the disk.
    while files(&dir.path().join("attachments"), &mut |_| ()) > kept.len() + was_quick {
        store.collect_orphans(at(-100)).await.unwrap();
        tokio::task::yield_now().await;
    }
    for (id, content) in &kept {
        assert_eq!(
            store.attachment_content(*id).await.unwrap().as_ref(),
            Some(content)
        );
    }
}

fn files(dir: &std::path::Path, look: &mut impl FnMut(&[u8])) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            count += files(&path, look);
        } else {
            look(&std::fs::read(path).unwrap());
            count += 1;
        }
    }
    count
}

/// A reminder's id follows from its timer: a kill between its commit and the end of the timer has it sent again.
async fn an_effect_that_waits_is_not_queued_twice(world: World) {
    let store = world.open().await;
    let record = RecordId(id());
    let effect = notice(record);
    let mut first = Draft::new().put(None, record, vec![], derived(&["all"], "", vec![]));
    first.prepared.effects = vec![effect.clone()];
    assert!(matches!(first.go(&store).await, Committed::Done(_)));
    let mut again = Draft::new();
    again.prepared.effects = vec![effect];
    assert!(matches!(again.go(&store).await, Committed::Done(_)));
    let waiting = store.outbox(Lane::Inside, at(1_000), 9).await.unwrap();
    assert_eq!(waiting.len(), 1);
}

async fn timers_come_due_and_are_replaced_by_the_next_commit(world: World) {
    let store = world.open().await;
    let timer = |what: &str, day| Timer {
        clock: "標準処理期間".into(),
        what: what.into(),
        on: date(2026, 11, day),
    };
    let with = |timers| Derived {
        timers,
        ..derived(&["all"], "", vec![])
    };
    let record = RecordId(id());
    Draft::new()
        .put(
            None,
            record,
            vec![],
            with(vec![timer("due", 20), timer("remind:3", 17)]),
        )
        .go(&store)
        .await;
    assert!(
        store
            .due_timers(date(2026, 11, 16), 9)
            .await
            .unwrap()
            .is_empty()
    );
    let due = store.due_timers(date(2026, 11, 20), 9).await.unwrap();
    assert_eq!(
        due.iter()
            .map(|due| due.timer.what.as_str())
            .collect::<Vec<_>>(),
        ["remind:3", "due"]
    );
    assert_eq!(
        (
            due[0].record,
            due[0].service.as_str(),
            due[0].record_type.as_str()
        ),
        (record, "books", "loan")
    );
    store.timer_done(record, &due[0].timer).await.unwrap();
    assert_eq!(
        store.due_timers(date(2026, 11, 20), 9).await.unwrap().len(),
        1
    );
    let before = current(&store, record).await;
    Draft::new()
        .put(Some(&before), record, vec![], with(vec![timer("due", 25)]))
        .go(&store)
        .await;
    assert!(
        store
            .due_timers(date(2026, 11, 24), 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        store.due_timers(date(2026, 11, 25), 9).await.unwrap().len(),
        1
    );
}

async fn an_effect_waits_is_tried_again_and_is_shown_while_stuck(world: World) {
    let store = world.open().await;
    let record = RecordId(id());
    let entry = notice(record);
    let mut act = Draft::new().put(None, record, vec![], derived(&["all"], "", vec![]));
    act.prepared.effects = vec![entry.clone()];
    act.go(&store).await;
    assert!(
        store
            .outbox(kernel::port::Lane::Inside, at(0), 9)
            .await
            .unwrap()
            .is_empty(),
        "recorded at second 1"
    );
    assert_eq!(
        store
            .outbox(kernel::port::Lane::Inside, at(1), 9)
            .await
            .unwrap()[0]
            .entry,
        entry
    );
    store
        .effect_failed(entry.id, "no answer", Some(at(60)))
        .await
        .unwrap();
    assert!(
        store
            .outbox(kernel::port::Lane::Inside, at(59), 9)
            .await
            .unwrap()
            .is_empty()
    );
    let waiting = store
        .outbox(kernel::port::Lane::Inside, at(60), 9)
        .await
        .unwrap();
    assert_eq!(
        (waiting[0].tries, waiting[0].error.as_deref()),
        (1, Some("no answer"))
    );
    store
        .effect_failed(entry.id, "refused", None)
        .await
        .unwrap();
    assert!(
        store
            .outbox(kernel::port::Lane::Inside, at(9_999), 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.stuck(9).await.unwrap()[0].tries, 2);
    store.effect_done(entry.id).await.unwrap();
    assert!(store.stuck(9).await.unwrap().is_empty());
}

async fn messages_come_newest_first_and_once(world: World) {
    let store = world.open().await;
    let said = Said {
        subject: "Subject".into(),
        body: "Body".into(),
    };
    let message = |mailbox: &str, effect: EffectId| MessageRow {
        id: effect,
        mailbox: mailbox.into(),
        record: RecordId(id()),
        service: "books".into(),
        record_type: "loan".into(),
        subject: "件名".into(),
        body: "本文".into(),
        others: BTreeMap::from([("en".into(), said.clone())]),
        reach: Reach {
            urgent: true,
            ..Reach::default()
        },
        at: at(1),
        read_at: None,
    };
    let ids: Vec<EffectId> = (0..4).map(|_| EffectId(id())).collect();
    for (mailbox, at) in [
        ("party:1", 0),
        ("party:1", 0),
        ("account:1", 1),
        ("party:1", 2),
        ("account:1", 2),
        ("party:2", 3),
    ] {
        store
            .put_message(message(mailbox, ids[at]), Vec::new())
            .await
            .unwrap();
    }
    let boxes = ["party:1".to_owned(), "account:1".to_owned()];
    let found = |rows: Vec<MessageRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(
        found(store.messages(&boxes, None, 9).await.unwrap()),
        [ids[2], ids[1], ids[0]]
    );
    assert_eq!(
        found(store.messages(&boxes, Some(ids[2]), 1).await.unwrap()),
        [ids[1]]
    );
    store
        .message_read("account:1", ids[1], at(5))
        .await
        .unwrap();
    store
        .message_read("account:1", ids[1], at(9))
        .await
        .unwrap();
    assert_eq!(
        store.messages(&boxes, Some(ids[2]), 1).await.unwrap()[0].read_at,
        Some(at(5))
    );
}

async fn accounts_sessions_settings_and_packages_are_kept(world: World) {
    let store = world.open().await;
    let hat = Party {
        id: PartyId(id()),
        kind: "corporation".into(),
        name: "株式会社見本".into(),
        corporate_number: None,
        mandates: None,
    };
    let mut account = Account {
        hats: vec![hat],
        demo: true,
        ..common::account("business")
    };
    store.put_account(account.clone()).await.unwrap();
    account.name = "佐藤 華子".into();
    store.put_account(account.clone()).await.unwrap();
    assert!(store.account_by_login("business").await.unwrap() == Some(account.clone()));
    assert!(store.account(account.id).await.unwrap() == Some(account.clone()));
    let session = Session::plain("5e".into(), id(), account.id, "bearer", (at(0), at(9)));
    store.put_session(session.clone()).await.unwrap();
    assert_eq!(store.session("5e").await.unwrap(), Some(session));
    store.end_session("5e").await.unwrap();
    assert_eq!(store.session("5e").await.unwrap(), None);
    store.put_setting("demo", "yes").await.unwrap();
    assert_eq!(store.setting("demo").await.unwrap().as_deref(), Some("yes"));

    let files = |text: &str| {
        BTreeMap::from([
            ("service.yaml".to_owned(), text.into()),
            ("README.md".to_owned(), b"same".to_vec()),
        ])
    };
    store
        .put_package("books", "h1", &files("one"), at(1))
        .await
        .unwrap();
    store
        .put_package("books", "h2", &files("two"), at(2))
        .await
        .unwrap();
    assert_eq!(
        store.current_package("books").await.unwrap().as_deref(),
        Some("h2")
    );
    store
        .put_package("books", "h1", &files("one"), at(3))
        .await
        .unwrap();
    assert_eq!(
        store.current_package("books").await.unwrap().as_deref(),
        Some("h1")
    );
    assert_eq!(store.package("h2").await.unwrap(), Some(files("two")));
    assert_eq!(store.package("h3").await.unwrap(), None);
    drop(store);
    let kept = world.sql("SELECT count(*) FROM content").await.unwrap();
    assert_eq!(kept, 3, "the file that both versions share is kept once");
}

async fn children_scopes_and_notes_of_reading(world: World) {
    let store = world.open().await;
    let parent = RecordId(id());
    let child = |slot: &str| {
        vec![kernel::Patch::Parent {
            id: parent,
            slot: slot.into(),
        }]
    };
    let (first, second) = (RecordId(id()), RecordId(id()));
    let act = Draft::new()
        .put(
            None,
            parent,
            vec![],
            derived(&["owner:a", "office:1"], "", vec![]),
        )
        .put(
            None,
            first,
            child("visits"),
            derived(&["office:1"], "", vec![]),
        )
        .put(
            None,
            second,
            child("items"),
            derived(&["office:1"], "", vec![]),
        );
    act.go(&store).await;
    let ids: Vec<RecordId> = store
        .children(parent, 9)
        .await
        .unwrap()
        .iter()
        .map(|child| child.id)
        .collect();
    assert_eq!(ids, [first, second]);
    assert_eq!(store.children(parent, 1).await.unwrap().len(), 1);
    assert_eq!(store.scopes(parent).await.unwrap(), ["owner:a", "office:1"]);
    assert!(store.scopes(RecordId(id())).await.unwrap().is_empty());
    for second in 0..20 {
        let note = ReadNote {
            records: vec![parent],
            purpose: Some("審査".into()),
            at: at(second),
            ..ReadNote::default()
        };
        store.note_read(note).unwrap();
    }
    assert_eq!(store.health(), None);
    drop(store);
    let notes = world.sql("SELECT count(*) FROM read_note").await.unwrap();
    assert_eq!(notes, 20);
}

/// The tables of the user review have no column in common with each other or with anything that knows a case; and no
/// order of rows, by which what came together could be told.
#[test]
fn no_column_joins_a_review_to_anything() {
    let dir = tempfile::tempdir().unwrap();
    drop(common::open(dir.path()));
    let db = rusqlite::Connection::open(dir.path().join("tsumugi.sqlite")).unwrap();
    let columns = |table: &str| -> Vec<String> {
        let mut find = db
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))
            .unwrap();
        let names = find.query_map([], |row| row.get("name")).unwrap();
        names.map(Result::unwrap).collect()
    };
    assert_eq!(columns("review_spent"), ["ticket"]);
    assert_eq!(columns("review_box"), ["id", "day", "body"]);
    let mut find = db
        .prepare("SELECT name, type, sql FROM sqlite_schema WHERE sql LIKE '%review_%'")
        .unwrap();
    let about = find
        .query_map([], |row| {
            Ok((
                row.get::<_, String>("name")?,
                row.get::<_, String>("type")?,
                row.get::<_, String>("sql")?,
            ))
        })
        .unwrap();
    let mut tables = Vec::new();
    for one in about {
        let (name, kind, sql) = one.unwrap();
        assert_eq!(kind, "table", "{name}: {sql}");
        assert!(sql.ends_with("WITHOUT ROWID"), "{name}: {sql}");
        assert!(!sql.contains("REFERENCES"), "{name}: {sql}");
        tables.push(name);
    }
    tables.sort();
    assert_eq!(tables, ["review_box", "review_spent"]);
}

async fn a_use_of_an_upload_that_names_nothing_is_told(world: World) {
    let store = world.open().await;
    let (kept, loose) = (
        store.put_attachment(upload(0), b"kept".to_vec()).await,
        store.put_attachment(upload(0), b"loose".to_vec()).await,
    );
    let (kept, loose) = (kept.unwrap(), loose.unwrap());
    let (first, second) = (RecordId(id()), RecordId(id()));
    let seen = || derived(&["all"], "", vec![]);
    let mut act = Draft::new()
        .put(None, first, vec![], seen())
        .put(None, second, vec![], seen());
    act.prepared.attachments = vec![(kept.id, first), (kept.id, second)];
    act.go(&store).await;
    assert_eq!(store.replay().await.unwrap().difference, None);
    let of = |id: AttachmentId, record: RecordId| match &world {
        World::Sqlite(_) => format!("x'{}', x'{}'", id.0.simple(), record.0.simple()),
        World::Postgres(_) => format!("'{}', '{}'", id.0, record.0),
    };
    for (upload, record) in [(loose.id, first), (kept.id, RecordId(id()))] {
        let named = of(upload, record);
        let add = format!("INSERT INTO attachment_use(attachment, record) VALUES ({named})");
        assert_eq!(world.sql(&add).await, Ok(1));
        let told = store.replay().await.unwrap().difference;
        assert!(told.is_some_and(|found| found.what.contains("upload")));
        let remove = format!("DELETE FROM attachment_use WHERE (attachment, record) = ({named})");
        assert_eq!(world.sql(&remove).await, Ok(1));
    }
    assert_eq!(store.replay().await.unwrap().difference, None);
}

async fn failed_tries_are_counted_by_all_copies_together_and_forgotten(world: World) {
    let store = world.open().await;
    let keys = ["pair".to_owned(), "address".to_owned()];
    assert_eq!(store.guesses(&keys).await.unwrap(), [None, None]);
    for second in 0..3 {
        // A second copy of the program, where there may be one.
        let other = match &world {
            World::Sqlite(_) => None,
            World::Postgres(_) => Some(world.open().await),
        };
        let store = other.as_ref().unwrap_or(&store);
        let done = store.guess_failed(&keys, at(second), at(-100));
        done.await.unwrap();
    }
    let three = Guesses {
        failures: 3,
        last: at(2),
    };
    let known = store.guesses(&keys).await.unwrap();
    assert_eq!(known, [Some(three), Some(three)]);
    store.guess_succeeded("pair").await.unwrap();
    let known = store.guesses(&keys).await.unwrap();
    assert_eq!(known, [None, Some(three)]);
    let later = store.guess_failed(&keys[..1], at(500), at(400));
    later.await.unwrap();
    let one = Guesses {
        failures: 1,
        last: at(500),
    };
    assert_eq!(store.guesses(&keys).await.unwrap(), [Some(one), None]);
}

on_both! {
    an_upload_is_sealed_hashed_taken_into_use_and_otherwise_collected
    timers_come_due_and_are_replaced_by_the_next_commit
    an_effect_waits_is_tried_again_and_is_shown_while_stuck
    an_effect_that_waits_is_not_queued_twice
    messages_come_newest_first_and_once
    accounts_sessions_settings_and_packages_are_kept
    children_scopes_and_notes_of_reading
    a_use_of_an_upload_that_names_nothing_is_told
    failed_tries_are_counted_by_all_copies_together_and_forgotten
    sessions_are_listed_rotated_noted_and_ended
    too_many_browsers_give_way_and_a_new_password_ends_them
    an_outside_identity_has_one_account_for_ever
    proofs_are_sealed_written_in_turn_and_a_passkey_is_one_accounts
    a_letter_is_sent_by_one_and_its_link_spent_once
    a_number_opens_for_its_record_alone_until_it_is_destroyed
}
