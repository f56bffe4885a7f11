//! A list is what filtering and sorting all records would give, page by page.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Port, World, create, derived, field};
use feel::{Op, Predicate, Value};
use jiff::civil::date;
use kernel::port::ListQuery;
use kernel::{Entry, Snapshot, key};
use proptest::prelude::*;

const SCOPES: [&str; 4] = ["owner:a", "owner:b", "office:1", "all"];

/// A record: entries of a short text, a number and a day, each perhaps absent, and who sees it.
#[derive(Clone, Debug)]
struct Row {
    entries: Vec<[Value; 3]>,
    scopes: Vec<usize>,
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 4 => proptest::sample::select(vec!["", "あ", "い", "いろ", "う"]).prop_map(Value::text)]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 4 => (-30_i64..30).prop_map(|n| Value::Number(rust_decimal::Decimal::new(n, 1)))]
}

fn day() -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 4 => (1_i8..12).prop_map(|d| Value::Date(date(2026, 11, d)))]
}

/// With one entry, or with up to `most`, as a record with rows has.
fn row(most: usize) -> impl Strategy<Value = Row> {
    let scopes = proptest::sample::subsequence(vec![0, 1, 2, 3], 0..=4);
    let entry = (text(), number(), day()).prop_map(|(a, b, c)| [a, b, c]);
    let entries = proptest::collection::vec(entry, 1..=most);
    (entries, scopes).prop_map(|(entries, scopes)| Row { entries, scopes })
}

/// Records and what some of them become: of one entry each, or of several.
fn records() -> impl Strategy<Value = (Vec<Row>, Vec<Row>)> {
    proptest::sample::select(vec![1, 5]).prop_flat_map(|most| {
        (
            proptest::collection::vec(row(most), 0..60),
            proptest::collection::vec(row(most), 0..20),
        )
    })
}

fn leaf() -> impl Strategy<Value = Predicate> {
    let op = proptest::sample::select(vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge]);
    let constant = prop_oneof![
        text().prop_map(|value| ("a", value)),
        number().prop_map(|value| ("b", value)),
        day().prop_map(|value| ("c", value)),
        // A constant of another type: no order, and never equal.
        day().prop_map(|value| ("b", value)),
    ]
    .prop_filter("the constant is not null", |(_, value)| {
        *value != Value::Null
    });
    let path = |name: &str| vec![name.to_owned()];
    prop_oneof![
        6 => (op, constant.clone()).prop_map(move |(op, (name, value))| Predicate::Compare { field: path(name), op, value }),
        1 => proptest::sample::select(vec!["a", "b", "c"]).prop_map(move |name| Predicate::Absent { field: path(name) }),
        1 => proptest::collection::vec(constant, 0..3).prop_map(move |all| {
            let values = all.iter().filter(|(name, _)| *name == "a").map(|(_, value)| value.clone()).collect();
            Predicate::In { field: path("a"), values }
        }),
        1 => prop_oneof![Just(Predicate::True), Just(Predicate::False)],
    ]
}

fn predicate() -> impl Strategy<Value = Predicate> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        let some = proptest::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            some.clone().prop_map(Predicate::And),
            some.prop_map(Predicate::Or),
            inner.prop_map(|one| Predicate::Not(Box::new(one))),
        ]
    })
}

fn value_of(entry: &[Value; 3], path: &[String]) -> Value {
    match path[0].as_str() {
        "a" => entry[0].clone(),
        "b" => entry[1].clone(),
        _ => entry[2].clone(),
    }
}

/// Where a record stands in a list: its first entry that fits, in the list's order.
fn place(row: &Row, filter: &Predicate, descending: bool) -> Option<Vec<Vec<u8>>> {
    let fits = row
        .entries
        .iter()
        .filter(|entry| filter.holds(&|path| value_of(entry, path)));
    let keys = fits.map(|entry| entry.iter().map(key::encode).collect());
    if descending { keys.max() } else { keys.min() }
}

fn naive(rows: &[Row], scopes: &[usize], filter: &Predicate, descending: bool) -> Vec<i64> {
    let mut fits: Vec<_> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.scopes.iter().any(|scope| scopes.contains(scope)))
        .filter_map(|(at, row)| {
            let place = place(row, filter, descending)?;
            Some((place, i64::try_from(at).unwrap()))
        })
        .collect();
    fits.sort();
    if descending {
        fits.reverse();
    }
    fits.into_iter().map(|(_, at)| at).collect()
}

async fn paged(store: &impl Port, mut query: ListQuery) -> Vec<i64> {
    let mut all = Vec::new();
    loop {
        let page = store.port().list(&query).await.unwrap();
        assert!(page.items.len() <= query.limit && !page.stopped);
        all.extend(page.items.iter().map(common::n));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return all,
        }
    }
}

fn query(
    filter: Predicate,
    fixed: usize,
    scopes: &[usize],
    descending: bool,
    limit: usize,
) -> ListQuery {
    ListQuery {
        service: "books".into(),
        record_type: "loan".into(),
        scopes: scopes
            .iter()
            .map(|&scope| SCOPES[scope].into())
            .chain(["never:seen".into()])
            .collect(),
        index: "by_all".into(),
        keys: ["a", "b", "c"].map(Into::into).to_vec(),
        filter,
        fixed,
        many: false,
        descending,
        after: None,
        limit,
    }
}

fn seen(row: &Row) -> kernel::Derived {
    let scopes: Vec<&str> = row.scopes.iter().map(|&scope| SCOPES[scope]).collect();
    let entry = |keys: &[Value; 3]| Entry {
        index: "by_all".into(),
        keys: keys.iter().map(key::encode).collect(),
    };
    derived(&scopes, "", row.entries.iter().map(entry).collect())
}

async fn fill(store: &impl Port, rows: &[Row]) -> Vec<Snapshot> {
    let mut made = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        made.push(create(store, i64::try_from(at).unwrap(), seen(row)).await);
    }
    made
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_is_the_filtered_and_sorted_whole(
        on_postgres in any::<bool>(),
        (rows, changed) in records(),
        asks in proptest::collection::vec((predicate(), proptest::option::of(text()), proptest::option::of(number()),
            proptest::sample::subsequence(vec![0, 1, 2, 3], 0..=4), any::<bool>(), 1_usize..9), 40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let Some(world) = (if on_postgres { World::postgres() } else { Some(World::sqlite()) }) else { return Ok(()) };
        let mut rows = rows;
        runtime.block_on(async {
            let store = world.open().await;
            let made = fill(&store, &rows).await;
            // Changed records leave their old entries and gain their new ones.
            for (at, (row, before)) in changed.into_iter().zip(&made).enumerate() {
                let draft = common::Draft::new().put(Some(before), before.id, vec![field("x", 1.into())], seen(&row));
                draft.go(&store).await;
                rows[at] = row;
            }
            let many = rows.iter().any(|row| row.entries.len() > 1);
            for (filter, first, second, scopes, descending, limit) in asks {
                // Keys fixed by equality as the engine finds them in a filter, before whatever else it says.
                let fixing = |name: &str, value: &Value| match value {
                    Value::Null => Predicate::Absent { field: vec![name.into()] },
                    _ => Predicate::Compare { field: vec![name.into()], op: Op::Eq, value: value.clone() },
                };
                let mut all = Vec::new();
                if let Some(value) = &first {
                    all.push(fixing("a", value));
                    all.extend(second.iter().map(|value| fixing("b", value)));
                }
                let fixed = all.len();
                all.push(filter);
                let filter = Predicate::And(all);
                let expected = naive(&rows, &scopes, &filter, descending);
                let asked = ListQuery { many, ..query(filter.clone(), fixed, &scopes, descending, limit) };
                let found = paged(&store, asked).await;
                assert_eq!(found, expected, "{filter:?}");
            }
        });
    }
}

async fn a_scan_stops_at_its_limit_and_says_how_to_go_on(world: World) {
    let store = world.open().await;
    let number = |n: i64| Value::Number(n.into());
    // Records with sixty entries each: as many entries as ever, and few records to write.
    let many: Vec<Row> = (0..334)
        .map(|record| Row {
            entries: (0..60)
                .map(|row| [Value::Null, number(record * 60 + row), Value::Null])
                .collect(),
            scopes: vec![3],
        })
        .collect();
    fill(&store, &many).await;
    let last = Predicate::Compare {
        field: vec!["b".into()],
        op: Op::Eq,
        value: number(20_005),
    };
    let mut query = ListQuery {
        many: true,
        ..query(
            Predicate::Not(Box::new(Predicate::Not(Box::new(last)))),
            0,
            &[3],
            false,
            5,
        )
    };
    let page = store.list(&query).await.unwrap();
    assert!(page.stopped && page.items.is_empty());
    query.after = page.next;
    let page = store.list(&query).await.unwrap();
    assert_eq!(
        page.items.iter().map(common::n).collect::<Vec<_>>(),
        [20_005 / 60]
    );
    assert!(!page.stopped && page.next.is_none());
}

on_both! {
    a_scan_stops_at_its_limit_and_says_how_to_go_on
}
