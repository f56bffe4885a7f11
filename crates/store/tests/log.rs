//! The log of evidence: it only grows, one copy at a time, and a replay holds journal and log against each other.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "log/looks.rs"]
mod looks;

use common::{AnyStore, Draft, Port, World, derived, field, log, options};
use evidence::{TileName, WIDEST};
use kernel::RecordId;
use kernel::port::Committed;
use serde_json::json;
use std::sync::Arc;
use store::Difference;

/// Records with one event each, all in one act.
async fn many(store: &impl Port, events: usize) {
    let draft = (0..events).fold(Draft::new(), |draft, n| {
        let patches = vec![field("n", json!(n))];
        draft.put(
            None,
            RecordId(common::id()),
            patches,
            derived(&["all"], "", vec![]),
        )
    });
    assert!(matches!(draft.go(store).await, Committed::Done(_)));
}

/// 300 events: a full tile, one that is not, under three heads.
async fn filled(world: &World) -> AnyStore {
    let store = world.open().await;
    log::begin(&store).await;
    many(&store, 280).await;
    log::sign(&store, 270).await;
    many(&store, 20).await;
    log::sign(&store, 1_000).await;
    store
}

async fn told(store: &AnyStore) -> Option<Difference> {
    store.replay().await.unwrap().difference
}

async fn it_grows_and_a_replay_goes_through_it(world: World) {
    let store = filled(&world).await;
    let port = store.port().log();
    let hashes = port.event_hashes(100, 50).await.unwrap();
    let third = port.event_hashes(102, 1).await.unwrap();
    assert_eq!((hashes.len(), &hashes[2]), (50, &third[0]));
    let [a, b] = [0, 1].map(|number| TileName { level: 0, number });
    let absent = TileName {
        level: 3,
        number: 9,
    };
    let tiles = port.tiles(vec![a, b, absent]).await.unwrap();
    assert_eq!(tiles[&a].len(), WIDEST * 32);
    assert_eq!(tiles[&b].len(), (300 - WIDEST) * 32);
    assert_eq!(tiles.len(), 2);
    many(&store, 3).await;
    let replayed = store.replay().await.unwrap();
    assert_eq!(replayed.difference, None);
    assert_eq!(
        (replayed.heads, replayed.logged, replayed.events),
        (3, 300, 303)
    );
    // What comes late finds that another was quicker, and changes nothing.
    let (tiles, head) = log::next(&store, 1_000).await;
    assert!(
        port.append_tiles(tiles.clone(), head.clone())
            .await
            .unwrap()
    );
    assert!(!port.append_tiles(tiles, head).await.unwrap());
    assert_eq!(told(&store).await, None);
}

async fn it_cannot_be_changed_while_its_triggers_stand(world: World) {
    let store = filled(&world).await;
    for sql in [
        "UPDATE log_tile SET hashes = substr(hashes, 1, 31) WHERE level = 1",
        "UPDATE log_tile SET number = 7 WHERE level = 1",
        "DELETE FROM log_tile WHERE level = 1",
        "UPDATE log_head SET checkpoint = '' WHERE no = 2",
        "DELETE FROM log_head WHERE no = 3",
        "UPDATE log_key SET verifier = ''",
        "DELETE FROM log_key",
    ] {
        let refused = world.sql(sql).await.unwrap_err();
        assert!(refused.contains("the log only grows"), "{sql}: {refused}");
    }
    assert_eq!(told(&store).await, None);
}

/// What an administrator can do: the triggers go first.
async fn without_triggers(world: &World) {
    for (table, of_sqlite, of_postgres) in [
        ("log_tile", "only_grows", "only_grows"),
        ("log_tile", "never_deleted", "never_deleted"),
        ("log_head", "never_updated", "never_changed"),
        ("log_head", "never_deleted", ""),
        ("log_key", "never_updated", "never_changed"),
        ("event", "never_updated", "never_changed"),
        ("event", "never_deleted", ""),
    ] {
        let sql = match world {
            World::Sqlite(_) => format!("DROP TRIGGER {table}_{of_sqlite}"),
            World::Postgres(_) if of_postgres.is_empty() => continue,
            World::Postgres(_) => format!("DROP TRIGGER {table}_{of_postgres} ON {table}"),
        };
        world.sql(&sql).await.unwrap();
    }
}

async fn whatever_is_changed_is_named(world: World) {
    let store = filled(&world).await;
    without_triggers(&world).await;
    // A whole hash goes: a single byte may have been what is written over it.
    let hash = |at: usize| match &world {
        World::Sqlite(_) => {
            format!(
                "substr(hashes, 1, {at} * 32) || zeroblob(32) || substr(hashes, {at} * 32 + 33)"
            )
        }
        World::Postgres(_) => {
            format!("overlay(hashes PLACING decode(repeat('00', 32), 'hex') FROM {at} * 32 + 1)")
        }
    };
    // SQLite takes the joined bytes for text, and its columns are strict.
    let bytes = |sql: String| match &world {
        World::Sqlite(_) => format!("CAST({sql} AS BLOB)"),
        World::Postgres(_) => sql,
    };
    let cases = [
        (
            format!(
                "UPDATE log_tile SET hashes = {} WHERE level = 0 AND number = 1",
                bytes(hash(4))
            ),
            Some(261),
            "another event",
        ),
        (
            format!(
                "UPDATE log_tile SET hashes = {} WHERE level = 1",
                bytes(hash(0))
            ),
            None,
            "tile 0 of level 1",
        ),
        (
            "DELETE FROM log_tile WHERE level = 0 AND number = 1".into(),
            None,
            "tile 1 of level 0 is missing",
        ),
        (
            "INSERT INTO log_tile SELECT level, 9, hashes FROM log_tile WHERE number = 1".into(),
            None,
            "beyond the end",
        ),
        (
            "DELETE FROM log_head WHERE no = 2".into(),
            None,
            "head 2 of the log is missing",
        ),
        ("DELETE FROM log_head WHERE no = 3".into(), None, "tile"),
        (
            "UPDATE log_head SET checkpoint = replace(checkpoint, '300', '299')".into(),
            None,
            "head 3 of the log is not signed",
        ),
        (
            "UPDATE log_head SET key = 2 WHERE no = 3".into(),
            None,
            "a key that is not there",
        ),
        (
            "UPDATE log_key SET seed = seed + 1".into(),
            None,
            "not that of its secret",
        ),
        (
            "UPDATE log_key SET verifier = verifier || 'A'".into(),
            None,
            "key 1 of the log",
        ),
        (
            "UPDATE event SET action = 'steal' WHERE position = 277".into(),
            Some(277),
            "sealed body",
        ),
        (
            "UPDATE event SET key = 1 WHERE position = 300".into(),
            Some(300),
            "",
        ),
        ("DELETE FROM event WHERE position = 300".into(), None, ""),
        (
            "DELETE FROM event WHERE position = 120".into(),
            Some(120),
            "",
        ),
    ];
    for (sql, position, what) in cases {
        let kept = Kept::of(&world).await;
        assert!(world.sql(&sql).await.unwrap() > 0, "{sql}");
        let found = told(&store)
            .await
            .unwrap_or_else(|| panic!("{sql} was not found"));
        assert!(found.what.contains(what), "{sql}: {found:?}");
        assert!(
            position.is_none() || found.position == position,
            "{sql}: {found:?}"
        );
        kept.back(&world).await;
    }
    assert_eq!(told(&store).await, None);
}

/// Copies of the tables, beside the store's back.
struct Kept;

impl Kept {
    const TABLES: [&str; 4] = ["event", "log_tile", "log_head", "log_key"];

    async fn of(world: &World) -> Self {
        for table in Self::TABLES {
            let sql = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}");
            world.sql(&sql).await.unwrap();
        }
        Self
    }

    async fn back(self, world: &World) {
        for table in Self::TABLES {
            for sql in [
                format!("DELETE FROM {table}"),
                format!("INSERT INTO {table} SELECT * FROM kept_{table}"),
                format!("DROP TABLE kept_{table}"),
            ] {
                // Keys are never deleted, and never have to be: their row is written back.
                let sql = match (table, sql.starts_with("DELETE"), sql.starts_with("INSERT")) {
                    ("log_key", true, _) => continue,
                    ("log_key", _, true) => "UPDATE log_key SET seed = kept.seed, verifier = kept.verifier FROM kept_log_key AS kept".into(),
                    _ => sql,
                };
                world.sql(&sql).await.unwrap();
            }
        }
    }
}

async fn a_whole_history_rewritten_does_not_fit_what_a_witness_keeps(world: World) {
    let store = filled(&world).await;
    let newest = store.port().log().newest_head().await.unwrap().unwrap();
    let (_, key) = log::key(&store).await;
    let kept = key.verifier().head(&newest.checkpoint).unwrap();
    let replay = |heads: Vec<evidence::Head>| {
        let store = &store;
        async move {
            let replayed = match store {
                AnyStore::Sqlite(store) => store.replay_with(&|_, _| None, &heads),
                AnyStore::Postgres(store) => store.replay_with(&|_, _| None, &heads).await,
            };
            replayed.unwrap().difference
        }
    };
    assert_eq!(replay(vec![kept.clone()]).await, None);
    let other = evidence::Head {
        root: [7; 32],
        size: 290,
        ..kept.clone()
    };
    let found = replay(vec![kept.clone(), other]).await.unwrap();
    assert_eq!(found.position, Some(271), "{found:?}");
    let beyond = evidence::Head { size: 301, ..kept };
    let found = replay(vec![beyond]).await.unwrap();
    assert!(found.what.contains("yet the journal has 300"), "{found:?}");
}

use looks::{
    a_look_of_a_record_alone_is_the_last_look_at_it, the_account_of_a_person_is_found,
    they_are_found_by_record_reader_way_and_time, what_is_gone_or_changed_is_noticed,
    what_was_kept_long_enough_goes_and_the_rest_still_holds,
};

on_both! {
    a_look_of_a_record_alone_is_the_last_look_at_it
    the_account_of_a_person_is_found
    they_are_found_by_record_reader_way_and_time
    what_is_gone_or_changed_is_noticed
    what_was_kept_long_enough_goes_and_the_rest_still_holds
    it_grows_and_a_replay_goes_through_it
    it_cannot_be_changed_while_its_triggers_stand
    whatever_is_changed_is_named
    a_whole_history_rewritten_does_not_fit_what_a_witness_keeps
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_copies_that_append_at_once_one_does() {
    let Some(world) = World::postgres() else {
        return;
    };
    let a = Arc::new(world.open_with(options(1)).await);
    let b = Arc::new(world.open_with(options(2)).await);
    log::begin(&a).await;
    for _ in 0..10 {
        many(&a, 20).await;
        let (tiles, head) = log::next(&a, 100).await;
        let (in_a, in_b) = tokio::join!(
            a.port().log().append_tiles(tiles.clone(), head.clone()),
            b.port().log().append_tiles(tiles, head),
        );
        let done = [in_a.unwrap(), in_b.unwrap()];
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
        // The other signs the next one: the secret is shared.
        many(&b, 20).await;
        log::sign(&b, 100).await;
    }
    let replayed = b.replay().await.unwrap();
    assert_eq!(
        (replayed.difference, replayed.logged, replayed.heads),
        (None, 400, 21)
    );
}
