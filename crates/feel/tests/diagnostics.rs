//! What the author of a wrong expression is told: place, code, message and remedy.

mod common;

use std::fmt::Write;

use common::env;
use feel::{Diagnostic, Type, compile, compile_unary_tests};

fn told(source: &str, faults: &[Diagnostic]) -> String {
    let mut out = format!("{source}\n");
    for fault in faults {
        let (line, column) = fault.span.line_column(source);
        let part = fault.span.text(source);
        let _ = writeln!(
            out,
            "  {line}:{column} [{}] «{part}» {}",
            fault.code, fault.message
        );
        if let Some(hint) = &fault.hint {
            let _ = writeln!(out, "      → {hint}");
        }
    }
    out
}

fn all(sources: &[&str], expected: Option<&Type>) -> String {
    let told = |source: &&str| match compile(source, &env(), expected) {
        Ok(typed) => format!("{source}\n  fits: {}\n", typed.ty()),
        Err(faults) => told(source, &faults),
    };
    sources.iter().map(told).collect::<Vec<_>>().join("\n")
}

#[test]
fn names() {
    insta::assert_snapshot!(all(
        &[
            "premisess.area + notes",
            "premises.aera > 1 and\n  trades.fe = 2",
            "same plase(premises, premises)",
            "string lenght(\"a\")",
            "note = restaurant",
            "fees = 1",
            "note(1)",
            "trades[kind = \"new\" and knd = \"x\"]",
            "as_of.yaer",
            "? > 1",
        ],
        None
    ));
}

#[test]
fn types() {
    insta::assert_snapshot!(all(
        &[
            "1 + \"a\"",
            "as_of + 3",
            "as_of > \"2026-04-01\"",
            "premises.area = \"45\"",
            "if premises.area then 1 else \"a\"",
            "[1, \"a\"]",
            "sum(trades)",
            "trades < 3",
            "fees(as_of)",
            "fees(\"x\", 1).amount",
            "fees(day: as_of, trad: \"x\").amount",
            "abs(1, 2)",
            "count(1)",
            "date(\"2026-02-30\")",
            "duration(note)",
            "matches(\"a\", \"(\")",
            "trades[fee]",
            "sort(trades)",
            "trades[kind = kind]",
        ],
        None
    ));
}

#[test]
fn absence() {
    insta::assert_snapshot!(all(
        &[
            "note + \"x\"",
            "count_of_seats > 3",
            "count_of_seats = null or count_of_seats > 3",
            "count_of_seats > 3 and count_of_seats != null",
            "if count_of_seats = null then 0 else count_of_seats + 1",
            "premises.parent.area",
            "premises.parent != null and premises.parent.area > 1",
            "sum(trades.extra)",
            "trades[extra > 1]",
            "string length(note)",
            "same place(premises, premises.parent)",
            "fees(as_of, note).amount",
            "note = \"x\" and string length(note) > 1",
            "not(note = null) and string length(note) > 1",
            "note in (\"a\", \"b\") and string length(note) > 1",
            "is defined(note) and string length(note) > 1",
        ],
        None
    ));
}

#[test]
fn syntax() {
    insta::assert_snapshot!(all(
        &[
            "",
            "1 +",
            "1 == 2",
            "(1 + 2",
            "[1, 2",
            "if 1 = 1 then 2",
            "note = 'a'",
            "note = 「a」",
            "note = \"a",
            "a ＝ 1 and （b）",
            "some t in trades",
            "not true",
            "for in trades return 1",
            "{a: 1, a: 2}",
            "@\"x\"",
            "1 2",
            "function(a) a",
            "\"\\q\"",
            "/* abc",
            "[1..",
        ],
        None
    ));
}

#[test]
fn expected_types() {
    insta::assert_snapshot!(all(
        &["1", "note", "trades.fee", "null", "as_of = as_of"],
        Some(&Type::Boolean)
    ));
    insta::assert_snapshot!(
        "cell",
        told(
            "\"a\", 3, > \"x\"",
            &compile_unary_tests("\"a\", 3, > \"x\"", &env(), &Type::Text).unwrap_err()
        )
    );
}
