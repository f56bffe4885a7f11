//! The same answers as two independent evaluators: `feelin` for the language and Python's decimal
//! module for exact numbers. The fixtures and the scripts that wrote them stand in `oracle/`.
#![allow(
    clippy::expect_used,
    reason = "a test may fail loudly and look at the clock"
)]

use feel::{Env, MapScope, Value, compile};

fn rows(csv: &str) -> Vec<(String, String)> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader
        .deserialize()
        .map(|row| row.expect("a row of the fixture"))
        .collect()
}

fn answer(source: &str) -> Result<Value, String> {
    let typed = compile(source, &Env::new(), None).map_err(|faults| format!("{faults:?}"))?;
    typed
        .evaluate(&MapScope::new())
        .map_err(|error| error.to_string())
}

/// Numbers as doubles, as feelin has them.
fn same(found: &serde_json::Value, wanted: &serde_json::Value) -> bool {
    match (found, wanted) {
        (serde_json::Value::Number(a), serde_json::Value::Number(b)) => {
            let (a, b) = (
                a.as_f64().unwrap_or(f64::NAN),
                b.as_f64().unwrap_or(f64::NAN),
            );
            (a - b).abs() <= 1e-9 * b.abs().max(1.0)
        }
        (serde_json::Value::Array(a), serde_json::Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        _ => found == wanted,
    }
}

#[test]
fn feelin_gives_the_same_answers() {
    let (mut wrong, mut counted) = (Vec::new(), 0);
    for (source, wanted) in rows(include_str!("oracle/expressions.csv")) {
        let wanted: serde_json::Value = serde_json::from_str(&wanted).expect("JSON in the fixture");
        counted += 1;
        match answer(&source) {
            Ok(found) if same(&found.to_json(), &wanted) => {}
            found => wrong.push(format!("{source}\n   is {found:?}\n  not {wanted}")),
        }
    }
    assert!(counted > 1000, "only {counted} rows");
    assert!(
        wrong.is_empty(),
        "{} of {counted} differ\n{}",
        wrong.len(),
        wrong[..wrong.len().min(25)].join("\n")
    );
}

#[test]
fn decimals_are_exact() {
    let rows = rows(include_str!("oracle/decimals.csv"));
    assert!(rows.len() > 1000);
    for (source, wanted) in rows {
        let wanted = Value::Number(wanted.parse().expect("a decimal in the fixture"));
        assert_eq!(answer(&source), Ok(wanted), "{source}");
    }
}
