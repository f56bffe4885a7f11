//! Books with numbers, postings, index entries and unique values, under a log with several heads: what changes of single
//! bytes are made in.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use super::{Draft, Port, derived, field, id, log};
use kernel::port::Committed;
use kernel::{Derived, Entry, Patch, RecordId, UniqueValue};
use serde_json::json;
use std::collections::BTreeMap;

/// What a replay vouches for, each table with a column that tells its rows apart.
pub const TABLES: [&str; 14] = [
    "event",
    "record",
    "found",
    "list_entry",
    "unique_value",
    "counter",
    "balance",
    "posting",
    "kind",
    "index_name",
    "scope_name",
    "log_tile",
    "log_head",
    "log_key",
];
const FEW: usize = 150;

#[expect(
    clippy::disallowed_methods,
    reason = "how many changes are made is said from outside"
)]
/// How many changes are made.
pub fn changes() -> usize {
    let asked = std::env::var("TSUMUGI_CHANGES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(FEW)
}

fn of(n: u8) -> Derived {
    Derived {
        scopes: vec!["all".into(), format!("office:{}", n % 3)],
        entries: vec![Entry {
            index: "by_n".into(),
            keys: vec![vec![2, n], vec![3, n % 5]],
        }],
        unique: vec![UniqueValue {
            constraint: "books/loan/number".into(),
            value: vec![n],
            message: String::new(),
        }],
        ..derived(&[], &format!("柴崎町の店 {n}号"), vec![])
    }
}

pub type Known = BTreeMap<RecordId, Derived>;

/// All of it.
pub async fn filled(store: &impl Port) -> Known {
    log::begin(store).await;
    let mut known = Known::new();
    for n in 0..24 {
        let record = RecordId(id());
        known.insert(record, of(n));
        let first = Draft::new().put(None, record, vec![field("n", json!(n))], of(n));
        let Committed::Done(done) = first.go(store).await else {
            panic!("done")
        };
        if n % 2 == 0 {
            let number = Patch::Number(format!("本-2026-{n:05}"));
            let second = Draft::new().put(Some(&done[0]), record, vec![number], of(n));
            let second = second.post(record, if n % 4 == 0 { "seats" } else { "stock" }, 3, None);
            assert!(matches!(second.go(store).await, Committed::Done(_)));
        }
        if n % 8 == 7 {
            log::sign(store, 100).await;
        }
    }
    known
}
