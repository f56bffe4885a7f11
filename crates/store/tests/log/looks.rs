//! Who looked: found by record, reader and time, and missed when it is gone.

use crate::common::{AnyStore, Port, World, at, id, log};
use kernel::looks::{LookPage, LookQuery, ReadNote, Way};
use kernel::{AccountId, PartyId, RecordId};

fn note(second: i64, reader: AccountId, way: Way, records: &[RecordId]) -> ReadNote {
    ReadNote {
        at: at(second),
        account: Some(reader),
        role: Some("examiner".into()),
        office: Some("本所".into()),
        way,
        service: "books".into(),
        record_type: "loan".into(),
        records: records.to_vec(),
        purpose: Some("照会への回答".into()),
        salt: Some(id()),
        ..ReadNote::default()
    }
}

async fn write(store: &impl Port, note: ReadNote) {
    store.port().looks().note_now(note).await.unwrap();
}

async fn asked(store: &impl Port, query: LookQuery) -> LookPage {
    store.port().looks().looks(query).await.unwrap()
}

async fn numbers(store: &impl Port, query: LookQuery) -> Vec<u64> {
    let page = asked(
        store,
        LookQuery {
            limit: 100,
            ..query
        },
    )
    .await;
    page.items.iter().map(|one| one.no).collect()
}

fn of(record: RecordId) -> LookQuery {
    LookQuery {
        records: vec![record],
        ..LookQuery::default()
    }
}

/// Sixty notes: every third a list of forty records, of which the tenth is asked for.
async fn filled(store: &AnyStore) -> (Vec<RecordId>, [AccountId; 2]) {
    let records: Vec<RecordId> = (0..40).map(|_| RecordId(id())).collect();
    let readers = [AccountId(id()), AccountId(id())];
    for n in 0..60_usize {
        let reader = readers[n % 2];
        let second = i64::try_from(n).unwrap();
        let note = match n % 3 {
            0 => note(second, reader, Way::List, &records),
            1 => note(second, reader, Way::Record, &records[10..11]),
            _ => note(second, reader, Way::Record, &records[11..12]),
        };
        write(store, note).await;
    }
    (records, readers)
}

pub(crate) async fn they_are_found_by_record_reader_way_and_time(world: World) {
    let store = world.open().await;
    let (records, readers) = filled(&store).await;
    let wanted: Vec<u64> = (1..=60).rev().filter(|no| no % 3 != 0).collect();
    // Before the index knows of any, when it knows of some, and when it knows of all.
    for indexed in [0, 25, 60] {
        store.port().looks().index_looks(indexed).await.unwrap();
        assert_eq!(numbers(&store, of(records[10])).await, wanted, "{indexed}");
        assert_eq!(
            numbers(&store, of(records[0])).await.len(),
            20,
            "the first of the lists"
        );
        assert!(numbers(&store, of(RecordId(id()))).await.is_empty());
    }
    let page = asked(
        &store,
        LookQuery {
            limit: 7,
            ..of(records[10])
        },
    )
    .await;
    assert!(
        page.items
            .iter()
            .all(|one| one.note.records == [records[10]]),
        "of others it says nothing"
    );
    let (mut after, mut all) = (None, Vec::new());
    loop {
        let page = asked(
            &store,
            LookQuery {
                limit: 7,
                before: after,
                ..of(records[10])
            },
        )
        .await;
        all.extend(page.items.iter().map(|one| one.no));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(all, wanted, "pages follow each other without gaps");
    let by = LookQuery {
        account: Some(readers[0]),
        way: Some(Way::List),
        ..LookQuery::default()
    };
    let found = numbers(&store, by).await;
    assert_eq!(found, [55, 49, 43, 37, 31, 25, 19, 13, 7, 1]);
    let then = LookQuery {
        from: Some(at(10)),
        until: Some(at(13)),
        ..LookQuery::default()
    };
    assert_eq!(numbers(&store, then).await, [13, 12, 11]);
    let hour = at(0).as_second().div_euclid(3_600);
    let counts = store
        .port()
        .looks()
        .read_counts(readers[0], hour - 1)
        .await
        .unwrap();
    assert_eq!(
        counts.iter().map(|(_, many)| many).sum::<u64>(),
        10 * 40 + 20
    );
    assert_eq!(store.replay().await.unwrap().looks, 60);
}

pub(crate) async fn a_look_of_a_record_alone_is_the_last_look_at_it(world: World) {
    let store = world.open().await;
    let (reader, record) = (AccountId(id()), RecordId(id()));
    write(&store, note(5, reader, Way::Record, &[record])).await;
    write(&store, note(9, reader, Way::List, &[record])).await;
    write(&store, note(9, reader, Way::Search, &[record])).await;
    let looks = store.port().last_looks(reader, &[record]).await.unwrap();
    assert_eq!(
        looks,
        [(record, at(5))],
        "a row of a list is no look at the record"
    );
}

pub(crate) async fn what_is_gone_or_changed_is_noticed(world: World) {
    let store = world.open().await;
    log::begin(&store).await;
    filled(&store).await;
    let port = store.port();
    let ((no, hash), none) = port.looks().newest_look().await.unwrap();
    assert_eq!((no, none), (60, None));
    let key = port.log().log_keys().await.unwrap().pop().unwrap();
    let secret = port.log().log_seed(key.seed).await.unwrap();
    let name = kernel::looks::seal_name(key.verifier.split('+').next().unwrap());
    let signer = evidence::LogKey::new(&name, &secret.0).unwrap();
    let head = evidence::Head {
        size: no,
        root: hash,
        at: at(60),
    };
    let checkpoint = signer.sign_head(&head).unwrap();
    let sealed = kernel::looks::Sealed {
        no,
        key: key.no,
        checkpoint,
    };
    port.looks().put_look_seal(sealed).await.unwrap();
    assert_eq!(store.replay().await.unwrap().difference, None);
    for sql in [
        "DELETE FROM read_note WHERE no = 7",
        "UPDATE read_note SET purpose = 'x' WHERE no = 7",
        "UPDATE read_note SET at = 1 WHERE no = 7",
    ] {
        assert_eq!(
            world.sql(sql).await.unwrap_err(),
            "who looked stays as it was written"
        );
    }
    // Whoever may drop the triggers leaves a gap, or a hash that does not fit.
    let drop = |name: &str| match &world {
        World::Sqlite(_) => format!("DROP TRIGGER {name}"),
        World::Postgres(_) => format!("DROP TRIGGER {name} ON read_note"),
    };
    world.sql(&drop("read_note_never_deleted")).await.unwrap();
    world
        .sql("DELETE FROM read_note WHERE no = 60")
        .await
        .unwrap();
    let what = store.replay().await.unwrap().difference.unwrap().what;
    assert_eq!(what, "note 60 of who looked was signed, yet is not there");
    world
        .sql("DELETE FROM read_note WHERE no = 30")
        .await
        .unwrap();
    let what = store.replay().await.unwrap().difference.unwrap().what;
    assert_eq!(what, "note 30 of who looked is missing");
    world.sql(&drop("read_note_only_erased")).await.unwrap();
    world
        .sql("UPDATE read_note SET purpose = 'x' WHERE no = 8")
        .await
        .unwrap();
    let what = store.replay().await.unwrap().difference.unwrap().what;
    assert_eq!(
        what,
        "note 8 of who looked states another purpose than was written"
    );
    world
        .sql("UPDATE read_note SET purpose = NULL, salt = NULL WHERE no = 8")
        .await
        .unwrap();
    let what = store.replay().await.unwrap().difference.unwrap().what;
    assert_eq!(
        what, "note 30 of who looked is missing",
        "an erased purpose is no difference"
    );
}

pub(crate) async fn what_was_kept_long_enough_goes_and_the_rest_still_holds(world: World) {
    let store = world.open().await;
    let (records, _) = filled(&store).await;
    let looks = store.port().looks();
    assert_eq!(
        looks.prune_looks(at(20), at(900), 500).await.unwrap(),
        0,
        "not before they are indexed"
    );
    looks.index_looks(60).await.unwrap();
    assert_eq!(looks.prune_looks(at(20), at(900), 12).await.unwrap(), 12);
    assert_eq!(looks.prune_looks(at(20), at(900), 500).await.unwrap(), 8);
    assert_eq!(looks.prune_looks(at(20), at(900), 500).await.unwrap(), 0);
    let left: Vec<u64> = (21..=60).rev().filter(|no| no % 3 != 0).collect();
    assert_eq!(numbers(&store, of(records[10])).await, left);
    let replayed = store.replay().await.unwrap();
    assert_eq!((replayed.looks, replayed.difference), (40, None));
    assert_eq!(
        looks.prune_looks(at(500), at(900), 500).await.unwrap(),
        39,
        "the newest stays"
    );
    write(
        &store,
        note(70, AccountId(id()), Way::Record, &records[..1]),
    )
    .await;
    let replayed = store.replay().await.unwrap();
    assert_eq!((replayed.looks, replayed.difference), (2, None));
    assert_eq!(numbers(&store, of(records[0])).await, [61]);
}

pub(crate) async fn the_account_of_a_person_is_found(world: World) {
    let store = world.open().await;
    let row = crate::common::account("a");
    let (account, party) = (row.id, row.party);
    store.port().put_account(row).await.unwrap();
    let looks = store.port().looks();
    assert_eq!(looks.account_of(party).await.unwrap(), Some(account));
    assert_eq!(looks.account_of(PartyId(id())).await.unwrap(), None);
}
