//! How long a decision takes; a figure for the bench, run by hand: `cargo test -p kernel --release --test speed -- --ignored --nocapture`.
mod common;

use common::sample::sample;
use common::town::{Town, person};
use kernel::*;
use serde_json::json;

#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn a_create_with_validation() {
    let mut town = Town::new(sample(false, false));
    let lines = json!([{"what": "apple", "kind": "new"}, {"what": "pear", "kind": "again"}]);
    let input = json!({
        "place": {"postal_code": "190-0023", "municipality": "13202", "line": "柴崎町2-21-19", "building": "ビル3階"},
        "water": "public", "lines": lines, "note": "メモ", "since": "令和8年11月22日"
    });
    let act = town.act(&person(1), "request", None, "submit", None, input.clone());
    let draft = town.act(&person(1), "request", None, "save", None, input);
    let facts = town.facts(None);
    for (name, act) in [("submit, opening two more records", &act), ("save", &draft)] {
        let rounds = 20_000;
        let begun = std::time::Instant::now();
        for _ in 0..rounds {
            std::hint::black_box(decide(&facts, act).unwrap());
        }
        println!(
            "{name}: {:.1} µs",
            begun.elapsed().as_secs_f64() * 1e6 / f64::from(rounds)
        );
    }
    let decision = decide(&facts, &draft).unwrap();
    let rt = &facts.service.types["request"];
    let begun = std::time::Instant::now();
    for _ in 0..20_000 {
        std::hint::black_box(derive(
            &facts.service,
            rt,
            &decision.snapshots[0],
            Around::of(&facts),
            town.today,
        ));
    }
    println!(
        "derive: {:.1} µs",
        begun.elapsed().as_secs_f64() * 1e6 / 20_000.0
    );
}
