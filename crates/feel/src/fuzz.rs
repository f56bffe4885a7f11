//! No expression makes parser, checker, evaluator or the flat program's reader panic.

use crate::{Env, MapScope, Type, Typed, compile, compile_unary_tests};
use fuzzed::fuzz_text;

const SEEDS: &[&str] = &[
    "if 1 < 2 then \"a\" else \"b\"",
    "for x in [1,2,3] return x * 2",
    "some x in [1,2] satisfies x > 1",
    "date(\"2026-11-22\") + duration(\"P1D\")",
    "{a: 1, b: [1..5]}.a between 1 and 3",
    "[{n: 1}, {n: 2}][item.n > 1].n",
    "string join([\"a\"], \"、\")",
    "substring(\"あいう\", -2, 1)",
    "not(true) and null = null or 1 ** 2 / 3 - 4",
];
const WORDS: &[&str] = &[
    "if ",
    " then ",
    " else ",
    "for ",
    " in ",
    " return ",
    "some ",
    "every ",
    " satisfies ",
    " and ",
    " or ",
    "not(",
    "between ",
    " instance of ",
    "function(",
    "date(",
    "time(",
    "duration(\"P",
    "count(",
    "sum(",
    "min(",
    "string(",
    "number(",
    "substring(",
    "split(",
    "replace(",
    "matches(",
    "sort(",
    "item",
    "..",
    "**",
    "?",
    "@\"",
];

#[test]
fn expressions() {
    let env = Env::new();
    fuzz_text("expressions", SEEDS, WORDS, |text| {
        if let Ok(typed) = compile(text, &env, None) {
            let _ = typed.evaluate(&MapScope::default());
        }
        let _ = compile_unary_tests(text, &env, &Type::Number);
    });
}

#[test]
fn flat_programs() {
    let env = Env::new();
    let made: Vec<String> = SEEDS
        .iter()
        .filter_map(|seed| serde_json::to_string(&compile(seed, &env, None).ok()?).ok())
        .collect();
    let seeds: Vec<&str> = made.iter().map(String::as_str).collect();
    assert!(!seeds.is_empty());
    fuzz_text("flat programs", &seeds, &[], |text| {
        if let Ok(typed) = serde_json::from_str::<Typed>(text) {
            let _ = typed.evaluate(&MapScope::default());
        }
    });
}
