//! A search finds what reading every text would find.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Port, World, create, derived};
use japanese::fold;
use kernel::port::SearchQuery;
use proptest::prelude::*;

const SCOPES: [&str; 3] = ["owner:a", "office:1", "all"];

fn ask(text: &str, scopes: &[usize], limit: usize) -> SearchQuery {
    SearchQuery {
        service: "books".into(),
        record_types: vec!["loan".into(), "never".into()],
        scopes: scopes.iter().map(|&scope| SCOPES[scope].into()).collect(),
        text: text.into(),
        before: None,
        limit,
    }
}

async fn paged(store: &impl Port, mut query: SearchQuery) -> Vec<i64> {
    let mut all = Vec::new();
    loop {
        let page = store.port().search(&query).await.unwrap();
        assert!(page.items.len() <= query.limit && !page.stopped);
        all.extend(page.items.iter().map(common::n));
        match page.next {
            Some(next) => query.before = Some(next.row),
            None => return all,
        }
    }
}

fn character() -> impl Strategy<Value = char> {
    proptest::sample::select(
        "林東京都立川柴崎町食品サさーラ髙高 "
            .chars()
            .collect::<Vec<_>>(),
    )
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(character(), 0..14).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_reading_every_text_finds(
        on_postgres in any::<bool>(),
        rows in proptest::collection::vec((text(), proptest::sample::subsequence(vec![0, 1, 2], 0..=3)), 1..60),
        changed in proptest::collection::vec((text(), proptest::sample::subsequence(vec![0, 1, 2], 0..=3)), 0..20),
        words in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..9, 1_usize..4), 60),
        scopes in proptest::sample::subsequence(vec![0, 1, 2], 1..=3),
        limit in 1_usize..7,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let Some(world) = (if on_postgres { World::postgres() } else { Some(World::sqlite()) }) else { return Ok(()) };
        let mut rows = rows;
        let seen = |(text, scopes): &(String, Vec<usize>)| {
            let scopes: Vec<&str> = scopes.iter().map(|&scope| SCOPES[scope]).collect();
            derived(&scopes, &fold::search_key(text), vec![])
        };
        runtime.block_on(async {
            let store = world.open().await;
            let mut made = Vec::new();
            for (at, row) in rows.iter().enumerate() {
                made.push(create(&store, i64::try_from(at).unwrap(), seen(row)).await);
            }
            for (at, (row, before)) in changed.into_iter().zip(&made).enumerate() {
                common::Draft::new().put(Some(before), before.id, vec![], seen(&row)).go(&store).await;
                rows[at] = row;
            }
            for (of, from, length) in words {
                let word: String = rows[of.index(rows.len())].0.chars().skip(from).take(length).collect();
                let mut expected: Vec<i64> = rows
                    .iter()
                    .enumerate()
                    .filter(|(_, (text, seen))| {
                        seen.iter().any(|scope| scopes.contains(scope)) && fold::matches(&fold::search_key(text), &word)
                    })
                    .map(|(at, _)| i64::try_from(at).unwrap())
                    .collect();
                expected.reverse();
                assert_eq!(paged(&store, ask(&word, &scopes, limit)).await, expected, "{word}");
            }
        });
    }
}

async fn a_small_scope_is_found_behind_thousands_that_may_not_be_seen(world: World) {
    let store = std::sync::Arc::new(world.open().await);
    let own = create(
        &store,
        1,
        derived(&["owner:a", "all"], "柴崎町の食品店", vec![]),
    )
    .await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..1_500 {
        let store = std::sync::Arc::clone(&store);
        tasks.spawn(async move {
            create(&store, 100 + n, derived(&["all"], "柴崎町の食品店", vec![])).await
        });
        while tasks.len() >= 256 {
            tasks.join_next().await;
        }
    }
    while tasks.join_next().await.is_some() {}
    let page = store.search(&ask("食品", &[0], 50)).await.unwrap();
    assert_eq!((page.items, page.stopped), (vec![own], false));
    assert_eq!(paged(&store, ask("食品", &[2], 50)).await.len(), 1_501);
    assert_eq!(paged(&store, ask("店", &[0], 50)).await, [1]);
}

on_both! {
    a_small_scope_is_found_behind_thousands_that_may_not_be_seen
}
