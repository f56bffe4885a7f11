//! 秘匿: whoever may not read the records that are counted is told no small numbers, whoever may is told all.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Bench, done, one_service, opening, seat, sound};
use kernel::Actor;
use rust_decimal::Decimal;
use serde_json::json;

const SLUG: &str = "small-test";
const OFFICE: &str = "見本所";

const ROLES: &str = "roles: { clerk: 係, planner: 計画 }";

const CASE: &str = r#"
title: 相談
authority: '"13000"'
office: '"見本所"'
parties:
  owner: { title: 相談した人, is: [person], owner: true }
fields:
  kind: { type: text, title: 種類, required: true }
  paid: { type: yen, title: 額, required: true, min: 0 }
states:
  open: { title: 相談中, waits_for: desk.clerk }
  done: { title: 終わり, ended: true }
actions:
  hand_in: { title: 相談する, by: owner, opens: true, to: open, form: [kind, paid] }
  end: { title: 終える, by: desk.clerk, from: open, to: done }
see:
  - { who: owner, scope: own }
  - { who: desk.clerk, scope: office }
  - { who: desk.planner, scope: office, states: [done] }
measures:
  cases: { title: 相談の数, by: { 種類: kind, 所: office } }
  ended: { title: 終わった数, only: 'state = "done"', by: { 種類: kind, 所: office } }
  told: { title: 少なくても出す数, small: 0, by: { 種類: kind, 所: office } }
  money: { title: 額, unit: 円, sum: paid, by: { 種類: kind, 所: office } }
views:
  count: { title: 数, kind: chart, for: [desk.clerk, desk.planner], measures: [cases, ended, told, money], across: 種類, shape: bar }
"#;

async fn columns(bench: &Bench, who: &Actor) -> Vec<(Vec<Option<Decimal>>, Option<Decimal>)> {
    let pick = engine::Pick::default();
    let found = bench.engine.numbers(who, SLUG, "case", "count", pick).await;
    let sheet = found.unwrap().sheet.unwrap();
    let column = |at: usize| sheet.rows.iter().map(|row| row.numbers[at]).collect();
    (0..sheet.columns.len())
        .map(|at| (column(at), sheet.totals[at]))
        .collect()
}

#[tokio::test]
async fn who_may_not_read_what_is_counted_is_told_no_small_number() {
    let dir = tempfile::tempdir().unwrap();
    let source = one_service(SLUG, "相談", ROLES, &[("case", CASE)]);
    let bench = Bench::new(dir.path(), sound(&source), 1);
    let owner = bench.person("owner", vec![]).await;
    let clerk = bench
        .person("clerk", vec![seat("clerk", Some(OFFICE))])
        .await;
    let planner = bench
        .person("planner", vec![seat("planner", Some(OFFICE))])
        .await;
    for (kind, many) in [("a", 12), ("b", 2), ("c", 15)] {
        for _ in 0..many {
            let input = json!({"kind": kind, "paid": 100});
            done(
                bench
                    .engine
                    .perform(opening(&owner, SLUG, "case", "hand_in", input))
                    .await,
            );
        }
    }
    let number = |n: i64| Some(Decimal::from(n));
    let seen = columns(&bench, &clerk).await;
    assert_eq!(
        seen[0],
        (vec![number(12), number(2), number(15)], number(29))
    );
    let told = columns(&bench, &planner).await;
    // The small one, and the next, which the sum would tell.
    assert_eq!(told[0], (vec![None, None, number(15)], number(29)));
    // What they may read every record of, and what the package tells all of, is told.
    assert_eq!(told[1], (vec![number(0); 3], number(0)));
    assert_eq!(told[2], seen[2]);
    // Of how many an amount is made is not known.
    assert_eq!(told[3], (vec![None; 3], None));
    assert_eq!(seen[3].1, number(2_900));
}
