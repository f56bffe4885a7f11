//! Laws that hold for every expression: no panic, the predicate equals the evaluation, folding
//! changes nothing.
#![allow(
    clippy::unwrap_used,
    reason = "a test may fail loudly and look at the clock"
)]

mod common;

use std::collections::BTreeMap;

use common::{env, world};
use feel::{Env, MapScope, Scope, Type, Value, compile, compile_unary_tests};
use proptest::{prelude::*, sample::select};

/// The fields of a made-up record: every one may be absent.
const FIELDS: [&str; 5] = ["n", "t", "d", "b", "inner.n"];

fn record_env() -> Env {
    let row = Type::context("row", [("x", Type::Text.optional()), ("n", Type::Number)]);
    Env::new()
        .variable("n", Type::Number.optional())
        .variable("t", Type::Text.optional())
        .variable("d", Type::Date.optional())
        .variable("b", Type::Boolean.optional())
        .variable(
            "inner",
            Type::context("inner", [("n", Type::Number.optional())]),
        )
        .variable("tags", Type::list(Type::Text))
        .variable("rows", Type::list(row))
        .variable("me", Type::Number)
        .variable("none", Type::Number.optional())
}

fn number() -> impl Strategy<Value = String> {
    select(vec!["-1", "0", "1", "1.0", "2", "2.5", "me", "me + 1"]).prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = String> {
    select(vec!["\"\"", "\"a\"", "\"b\"", "\"あ\"", "\"A\""]).prop_map(str::to_owned)
}

fn date() -> impl Strategy<Value = String> {
    select(vec![
        "date(\"2026-03-31\")",
        "date(\"2026-04-01\")",
        "date(\"2026-04-01\") + duration(\"P1M\")",
    ])
    .prop_map(str::to_owned)
}

/// A constant of the type that a field has.
fn constant(field: &str) -> BoxedStrategy<String> {
    match field {
        "t" => text().boxed(),
        "d" => date().boxed(),
        "b" => select(vec!["true", "false"])
            .prop_map(str::to_owned)
            .boxed(),
        _ => number().boxed(),
    }
}

/// A typed condition over the record, with every narrowing it needs.
fn condition() -> impl Strategy<Value = String> {
    let equal = (
        select(FIELDS.to_vec()),
        select(vec!["=", "!="]),
        any::<bool>(),
    )
        .prop_flat_map(|(field, op, turned)| {
            constant(field).prop_map(move |c| {
                if turned {
                    format!("{c} {op} {field}")
                } else {
                    format!("{field} {op} {c}")
                }
            })
        });
    let ordered = (
        select(vec!["n", "t", "d", "inner.n"]),
        select(vec!["<", "<=", ">", ">="]),
        any::<bool>(),
    )
        .prop_flat_map(|(field, op, turned)| {
            constant(field).prop_map(move |c| {
                let test = if turned {
                    format!("{c} {op} {field}")
                } else {
                    format!("{field} {op} {c}")
                };
                format!("({field} != null and {test})")
            })
        });
    let within = (
        select(vec!["n", "t", "d", "inner.n"]),
        select(vec!["[]", "()", "[)", "(]"]),
    )
        .prop_flat_map(|(field, ends)| {
            (constant(field), constant(field))
                .prop_map(move |(a, b)| format!("{field} in {}{a}..{b}{}", &ends[..1], &ends[1..]))
        });
    let among = select(vec!["n", "t", "d", "inner.n"]).prop_flat_map(|field| {
        (constant(field), constant(field), any::<bool>()).prop_map(move |(a, b, list)| {
            if list {
                format!("{field} in [{a}, {b}]")
            } else {
                format!("{field} in ({a}, > {b})")
            }
        })
    });
    let absent = (
        select(FIELDS.to_vec()),
        select(vec!["= null", "!= null", "= none"]),
    )
        .prop_map(|(field, test)| {
            if field == "t" || field == "d" || field == "b" {
                format!("{field} = null")
            } else {
                format!("{field} {test}")
            }
        });
    let rows = (text(), select(vec!["some", "every"])).prop_map(|(c, q)| {
        format!(
            "({q} r in rows satisfies r.x {} {c})",
            if q == "some" { "=" } else { "!=" }
        )
    });
    let tags = (
        text(),
        select(vec![
            "list contains(tags, %)",
            "list contains(rows.x, %)",
            "% in tags",
            "(some r in rows satisfies r.x in (%, \"b\"))",
        ]),
    )
        .prop_map(|(c, form)| form.replace('%', &c));
    let leaf = prop_oneof![
        equal,
        ordered,
        within,
        among,
        absent,
        rows,
        tags,
        Just("me = 1".to_owned()),
        Just("is defined(t)".to_owned())
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|all| format!("({})", all.join(" and "))),
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|all| format!("({})", all.join(" or "))),
            inner.clone().prop_map(|one| format!("not({one})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("(if {a} then {b} else {c})")),
        ]
    })
}

fn maybe<T: Clone + std::fmt::Debug + Into<Value> + 'static>(
    values: Vec<T>,
) -> impl Strategy<Value = Value> {
    prop::option::of(select(values)).prop_map(Value::from)
}

fn record() -> impl Strategy<Value = MapScope> {
    let numbers = || {
        maybe(
            ["-1", "0", "1.00", "2", "2.5", "3"]
                .map(|n| Value::Number(n.parse().unwrap()))
                .to_vec(),
        )
    };
    let texts = || maybe(vec!["", "a", "b", "あ"]);
    let dates = maybe(
        ["2026-03-31", "2026-04-01", "2026-05-01"]
            .map(|d| Value::Date(d.parse().unwrap()))
            .to_vec(),
    );
    let row = texts().prop_map(|x| Value::context([("x", x), ("n", 1.into())]));
    let tags = prop::collection::vec(select(vec!["a", "b", "あ"]), 0..3);
    (
        numbers(),
        texts(),
        dates,
        maybe(vec![true, false]),
        numbers(),
        tags,
        prop::collection::vec(row, 0..3),
        0..3i64,
    )
        .prop_map(|(n, t, d, b, inner, tags, rows, me)| {
            MapScope::new()
                .with("n", n)
                .with("t", t)
                .with("d", d)
                .with("b", b)
                .with("inner", Value::context([("n", inner)]))
                .with(
                    "tags",
                    tags.into_iter().map(Value::text).collect::<Vec<_>>(),
                )
                .with("rows", rows)
                .with("me", me)
        })
}

/// What a store would answer for a path: through rows the list of their members.
fn get(record: &MapScope, path: &[String]) -> Value {
    let mut value = record.variable(&path[0]).unwrap_or_default();
    for name in &path[1..] {
        value = match value {
            Value::List(rows) => Value::List(
                rows.iter()
                    .map(|row| row.get(name).cloned().unwrap_or_default())
                    .collect(),
            ),
            other => other.get(name).cloned().unwrap_or_default(),
        };
    }
    value
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_predicate_holds_where_the_filter_is_true(source in condition(), record in record()) {
        let typed = compile(&source, &record_env(), Some(&Type::Boolean)).map_err(|e| TestCaseError::fail(format!("{source}: {e:?}")))?;
        let truth = typed.evaluate(&record).map_err(|e| TestCaseError::fail(format!("{source}: {e}")))?;
        let free = ["n", "t", "d", "b", "inner", "tags", "rows"].map(str::to_owned).into();
        let outer = MapScope { variables: BTreeMap::from([("me".to_owned(), record.variable("me").unwrap())]) };
        let folded = typed.fold(&outer, &free).map_err(|e| TestCaseError::fail(format!("{source}: {e}")))?;
        prop_assert_eq!(folded.evaluate(&record), Ok(truth.clone()));
        let predicate = folded.predicate().map_err(|e| TestCaseError::fail(format!("{source}: {e}")))?;
        let holds = predicate.holds(&|path| get(&record, path));
        prop_assert_eq!(Value::Boolean(holds), truth, "{}\n{:?}", source, predicate);
    }

    #[test]
    fn the_json_form_means_the_same(source in condition(), record in record()) {
        let typed = compile(&source, &record_env(), None).unwrap();
        let back: feel::Typed = serde_json::from_str(&serde_json::to_string(&typed).unwrap()).unwrap();
        prop_assert_eq!(back.evaluate(&record), typed.evaluate(&record));
    }

    #[test]
    fn no_text_makes_the_compiler_panic(source in "\\PC{0,60}") {
        let _ = compile(&source, &env(), None);
        let _ = compile_unary_tests(&source, &env(), &Type::Number.optional());
    }

    #[test]
    fn no_row_of_words_makes_it_panic(words in prop::collection::vec(select(WORDS.to_vec()), 0..24)) {
        let source = words.join(" ");
        for typed in [compile(&source, &env(), None), compile_unary_tests(&source, &env(), &Type::Text)].into_iter().flatten() {
            let _ = typed.evaluate(&world());
            let folded = typed.fold(&world(), &["trades".to_owned(), "?".to_owned()].into());
            let _ = folded.as_ref().map(|folded| folded.predicate());
            if let Ok(folded) = folded {
                prop_assert_eq!(folded.evaluate(&world()).ok(), typed.evaluate(&world()).ok(), "{}", source);
            }
        }
    }

    #[test]
    fn no_arithmetic_makes_it_panic(a in arithmetic(), b in arithmetic()) {
        for source in [&a, &b, &format!("{a} = {b}")] {
            if let Ok(typed) = compile(source, &env(), None) {
                let _ = typed.evaluate(&world());
            }
        }
    }
}

const WORDS: [&str; 62] = [
    "1",
    "0",
    "-1",
    "2.5",
    "\"a\"",
    "null",
    "true",
    "false",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "..",
    "?",
    "+",
    "-",
    "*",
    "/",
    "**",
    "=",
    "!=",
    "<",
    ">=",
    "and",
    "or",
    "not",
    "(",
    ")",
    "if",
    "then",
    "else",
    "for",
    "x",
    "in",
    "return",
    "some",
    "every",
    "satisfies",
    "between",
    "trades",
    "trades.fee",
    "note",
    "as_of",
    "premises",
    "item",
    "kind",
    "sum(",
    "count(",
    "date(",
    "max(",
    "string(",
    "is defined(",
    "get or else(",
    "sort(",
    "function(",
    "as_of",
    ")",
];

/// Deep and extreme arithmetic over numbers, dates and durations.
fn arithmetic() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "0",
        "1",
        "-3",
        "0.0000000000000000000000000001",
        "9999999999999999999999999999",
        "as_of",
        "date(\"9999-12-31\")",
        "date(\"0001-01-01\")",
        "duration(\"P1D\")",
        "duration(\"P99999999D\")",
        "duration(\"-P1Y\")",
        "duration(\"P768614336404564650Y\")",
        "duration(\"PT9223372036854775807S\")",
        "date and time(\"2026-04-01T00:00:00Z\")",
        "\"a\"",
        "[1, 2]",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (
                inner.clone(),
                select(vec!["+", "-", "*", "/", "**"]),
                inner.clone()
            )
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (
                select(vec![
                    "abs",
                    "floor",
                    "-",
                    "string",
                    "fiscal year",
                    "date",
                    "date and time"
                ]),
                inner.clone()
            )
                .prop_map(|(f, a)| format!("{f}({a})")),
            (
                select(vec![
                    "decimal",
                    "round up",
                    "round down",
                    "modulo",
                    "add days",
                    "add months",
                    "days between",
                    "max"
                ]),
                inner.clone(),
                inner
            )
                .prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
        ]
    })
}
