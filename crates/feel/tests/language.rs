//! What expressions mean: one table a theme, source and expected result.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and look at the clock"
)]

mod common;

use common::{env, shown, world};
use feel::{Env, EvalError, MapScope, Type, Value, compile, compile_unary_tests};

/// Each source gives the text on the right, as `string(x)` prints it.
fn gives(rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(source, wanted)| shown(source) != *wanted)
        .map(|(s, w)| format!("{s}\n   is {}\n  not {w}", shown(s)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn numbers_are_exact() {
    gives(&[
        ("0.1 + 0.2 = 0.3", "true"),
        ("2 / 3", "0.6666666666666666666666666667"),
        ("1 + 2 * 3 - 4", "3"),
        ("(1 + 2) * 3", "9"),
        ("-2 ** 2", "4"),
        ("2 ** -1", "0.5"),
        ("10 - 3 - 2", "5"),
        ("decimal(2.5, 0)", "2"),
        ("round half up(2.5, 0)", "3"),
        ("round down(12345, -2)", "12300"),
        ("round up(1.01, 1)", "1.1"),
        ("floor(-1.5)", "-2"),
        ("ceiling(1.2)", "2"),
        ("modulo(-12, 5)", "3"),
        ("max(1, 3, 2)", "3"),
        ("min([5, 2])", "2"),
        ("sum([])", "0"),
        ("mean([1, 2])", "1.5"),
        ("count([1, null])", "2"),
        ("number(\"12.5\") + 1", "13.5"),
        ("1 / 0", "0で割ることはできません。"),
        (
            "792281625142643375935439503350",
            "数値「792281625142643375935439503350」は桁が多すぎます。",
        ),
        (
            "9999999999999999999999999999 * 10",
            "計算の結果が扱える範囲を超えました。",
        ),
        (
            "min([])",
            "空の一覧には「min」を使えません。先に count(…) > 0 を確かめてください。",
        ),
    ]);
}

#[test]
fn texts_count_characters() {
    gives(&[
        ("string length(\"東京都\")", "3"),
        ("substring(\"東京都庁\", 2, 2)", "京都"),
        ("substring(\"東京都庁\", -1)", "庁"),
        ("upper case(\"ab\") + lower case(\"CD\")", "ABcd"),
        ("contains(\"食品衛生\", \"衛生\")", "true"),
        (
            "starts with(\"abc\", \"ab\") and ends with(\"abc\", \"bc\")",
            "true",
        ),
        ("matches(\"13202\", \"^13[0-9]{3}$\")", "true"),
        ("replace(\"a1b2\", \"([a-z])([0-9])\", \"$2$1\")", "1a2b"),
        ("split(\"a,b\", \",\")", "[\"a\", \"b\"]"),
        ("string join([\"a\", \"b\"], \"・\")", "a・b"),
        ("string(1.50)", "1.50"),
        ("\"改\\n行\\u3042\"", "改\n行あ"),
        ("substring before(\"a-b\", \"-\")", "a"),
    ]);
}

#[test]
fn dates_are_civil() {
    gives(&[
        ("date(\"2026-01-31\") + duration(\"P1M\")", "2026-02-28"),
        ("date(\"2026-03-01\") - date(\"2026-02-01\")", "P28D"),
        ("(date(\"2026-03-01\") - date(\"2026-02-01\")).days", "28"),
        ("date(2026, 4, 1).weekday", "3"),
        ("date(2026, 2, 30)", "2026年2月30日という日付はありません。"),
        ("add days(date(\"2026-12-31\"), 1)", "2027-01-01"),
        ("add months(date(\"2026-12-31\"), 2)", "2027-02-28"),
        ("fiscal year(date(\"2026-03-31\"))", "2025"),
        (
            "days between(date(\"2026-04-01\"), date(\"2026-04-11\"))",
            "10",
        ),
        (
            "years and months duration(date(\"2020-04-02\"), date(\"2026-04-01\"))",
            "P5Y11M",
        ),
        (
            "years and months duration(date(\"2020-04-02\"), date(\"2026-04-01\")).years",
            "5",
        ),
        ("date and time(\"2026-04-01T00:30:00+09:00\").day", "1"),
        (
            "date(date and time(\"2026-03-31T15:30:00Z\"))",
            "2026-04-01",
        ),
        ("@\"2026-04-01\" < @\"2026-04-02\"", "true"),
        ("duration(\"P1D\") * 2 + duration(\"PT1H\")", "P2DT1H"),
        ("duration(\"P2D\") / duration(\"PT12H\")", "4"),
        (
            "as_of in [date(\"2026-04-01\")..date(\"2027-03-31\")]",
            "true",
        ),
        (
            "date(\"9999-12-31\") + duration(\"P1D\")",
            "計算の結果が扱える範囲を超えました。",
        ),
    ]);
}

#[test]
fn lists_filter_project_and_loop() {
    gives(&[
        ("[1, 2, 3][item > 1]", "[2, 3]"),
        ("[1, 2, 3][2]", "2"),
        ("[1, 2, 3][-1]", "3"),
        ("[1][2]", "一覧の2番目はありません(1件です)。"),
        ("sum(trades.fee)", "29800"),
        ("trades[kind = \"new\"].trade", "[\"restaurant\"]"),
        ("count(trades[fee > 10000 and kind = \"new\"])", "1"),
        ("for t in trades return t.fee * 2", "[36600, 23000]"),
        (
            "for x in 1..3, y in [10, 20] return x + y",
            "[11, 21, 12, 22, 13, 23]",
        ),
        ("for i in 3..1 return i", "[3, 2, 1]"),
        ("some t in trades satisfies t.kind = \"renewal\"", "true"),
        ("every t in trades satisfies t.fee > 12000", "false"),
        ("some x in [1, 2], y in [2, 3] satisfies x = y", "true"),
        ("list contains([1, 2], 2)", "true"),
        ("distinct values([1, 2, 1.0])", "[1, 2]"),
        ("append([1], 2, 3)", "[1, 2, 3]"),
        ("concatenate([1], [2])", "[1, 2]"),
        ("flatten([[1], [2, 3]])", "[1, 2, 3]"),
        ("reverse([1, 2])", "[2, 1]"),
        ("index of([1, 2, 1], 1)", "[1, 3]"),
        ("sublist([1, 2, 3], 2, 1)", "[2]"),
        ("sort([3, 1, 2])", "[1, 2, 3]"),
        (
            "sort(trades, function(a, b) a.fee < b.fee).trade",
            "[\"meat_sales\", \"restaurant\"]",
        ),
        ("all([true, false])", "false"),
        ("any([true, false])", "true"),
        ("{a: 1, b: a + 1}.b", "2"),
        ("{a: 1, b: [a]}", "{a: 1, b: [1]}"),
    ]);
}

#[test]
fn conditions_are_two_valued() {
    gives(&[
        ("if 1 < 2 then \"a\" else \"b\"", "a"),
        ("false and 1 / 0 = 1", "false"),
        ("true or 1 / 0 = 1", "true"),
        ("3 between 1 and 5", "true"),
        ("not(3 in (1..3))", "true"),
        ("3 in ]2..3]", "true"),
        ("3 in [1..3[", "false"),
        ("2 in (1, 2)", "true"),
        ("7 in (> 5, < 2)", "true"),
        ("\"a\" in [\"a\", \"b\"]", "true"),
        ("note = null", "true"),
        ("note != \"x\"", "true"),
        ("note = \"x\"", "false"),
        ("is defined(note)", "false"),
        ("get or else(count_of_seats, 4) + 1", "5"),
        ("if note != null then string length(note) else 0", "0"),
        ("note != null and string length(note) > 3", "false"),
        ("note = null or string length(note) > 3", "true"),
        ("count_of_seats in [1..5]", "false"),
        ("1 instance of number and not(1 instance of string)", "true"),
        ("as_of instance of date and time", "false"),
        ("// 注釈\n1 /* ここ */ + 1", "2"),
    ]);
}

#[test]
fn names_have_many_words_and_languages() {
    gives(&[
        ("same place(premises, premises)", "true"),
        ("same place ( b: premises, a: premises )", "true"),
        ("施設 の 名称", "つむぎ食堂"),
        ("premises.郵便 番号 = \"190-0023\"", "true"),
        ("for 明細 in trades return 明細.fee", "[18300, 11500]"),
        ("fees(as_of, \"restaurant\").amount", "18300"),
        (
            "fees(as_of, \"unknown\").amount",
            "基準表「fees」に当てはまる行がありません。unknown",
        ),
    ]);
}

#[test]
fn what_is_missing_is_named_with_its_place() {
    gives(&[
        ("empty", "「empty」が入力されていません。"),
        ("empty = null", "true"),
        ("premises.line", "「premises.line」が入力されていません。"),
        ("sum(gaps.fee)", "「gaps.1.fee」が入力されていません。"),
        (
            "for g in gaps return g.fee + 1",
            "「gaps.1.fee」が入力されていません。",
        ),
        ("is defined(premises.line)", "false"),
    ]);
}

#[test]
fn narrowed_filters_give_present_members() {
    gives(&[
        ("sum(trades[extra != null].extra)", "7"),
        ("count(trades[extra != null and extra > 6])", "1"),
    ]);
}

#[test]
fn cells_of_decision_tables() {
    let env = env();
    let test = |cell: &str, input: Value, ty: &Type| {
        let typed = compile_unary_tests(cell, &env, ty)
            .unwrap_or_else(|faults| panic!("{cell}: {faults:?}"));
        typed.evaluate(&world().with("?", input)).unwrap() == Value::Boolean(true)
    };
    let text = Type::Text.optional();
    assert!(test("-", Value::Null, &text));
    assert!(test("\"a\", \"b\"", "b".into(), &text));
    assert!(!test("\"a\", \"b\"", Value::Null, &text));
    assert!(test("not(\"a\", \"b\")", "c".into(), &text));
    assert!(!test("not(\"a\")", "a".into(), &text));
    assert!(test("null", Value::Null, &text));
    assert!(test("[1..5]", 5.into(), &Type::Number));
    assert!(test("> 3, 1", 1.into(), &Type::Number));
    assert!(!test("> 3", 3.into(), &Type::Number));
    assert!(!test("> 3", Value::Null, &Type::Number.optional()));
    assert!(test("? > 3 and ? < 9", 5.into(), &Type::Number));
    assert!(test("not(? > 3)", 2.into(), &Type::Number));
    assert!(test("[1, 2]", 2.into(), &Type::Number));
    assert!(test("true", true.into(), &Type::Boolean));
    assert!(test("not(true)", false.into(), &Type::Boolean));
    assert!(test(
        "list contains(?, \"a\")",
        vec![Value::text("a")].into(),
        &Type::list(Type::Text)
    ));
    assert!(test(
        "<= as_of",
        "2026-04-01".parse::<jiff::civil::Date>().unwrap().into(),
        &Type::Date
    ));
    let typed = compile_unary_tests("> 3", &env, &Type::Number).unwrap();
    assert_eq!(
        typed.evaluate(&world()),
        Err(EvalError::Absent {
            path: vec!["?".into()],
            span: feel::Span::new(0, 3)
        })
    );
}

#[test]
fn reads_and_calls() {
    let reads = |source: &str| {
        let typed =
            compile(source, &env(), None).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
        let reads: Vec<String> = typed.reads().iter().map(|path| path.join(".")).collect();
        (
            reads.join(" "),
            typed.calls().iter().cloned().collect::<Vec<_>>().join(" "),
        )
    };
    let both = |reads: &str, calls: &str| (reads.to_owned(), calls.to_owned());
    assert_eq!(reads("sum(trades.fee)"), both("trades.fee", ""));
    assert_eq!(
        reads("sum(trades[kind = \"new\"].fee)"),
        both("trades.fee trades.kind", "")
    );
    assert_eq!(reads("count(trades)"), both("trades", ""));
    assert_eq!(
        reads("some t in trades satisfies t.kind = note"),
        both("note trades.kind", "")
    );
    assert_eq!(reads("for t in trades return 1"), both("trades", ""));
    assert_eq!(
        reads("fees(as_of, \"x\").amount + premises.area"),
        both("as_of premises.area", "fees")
    );
    assert_eq!(reads("as_of.year"), both("as_of", ""));
}

#[test]
fn folding_leaves_only_the_free() {
    let free = ["trades".to_owned()].into();
    let folded = |source: &str| compile(source, &env(), None).unwrap().fold(&world(), &free);
    let reads = |source: &str| {
        folded(source)
            .unwrap()
            .reads()
            .iter()
            .map(|path| path.join("."))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        folded("as_of.year + 1").unwrap().constant(),
        Some(&Value::from(2027))
    );
    assert_eq!(reads("sum(trades.fee) > premises.area"), "trades.fee");
    assert_eq!(
        reads("if note = null then trades.fee else gaps.fee"),
        "trades.fee"
    );
    assert_eq!(
        folded("false and count(trades) > 1").unwrap().constant(),
        Some(&Value::Boolean(false))
    );
    assert!(matches!(
        folded("premises.line = \"x\" and count(trades) > 1"),
        Err(EvalError::Absent { .. })
    ));
    let late = folded("count(trades) > 5 and premises.line = \"x\"").unwrap();
    assert_eq!(late.evaluate(&world()), Ok(Value::Boolean(false)));
}

#[test]
fn the_typed_form_travels_as_json() {
    let typed = compile(
        "sum(trades[kind = \"new\"].fee) > 2 / 3 and as_of >= date(\"2026-04-01\")",
        &env(),
        None,
    )
    .unwrap();
    let json = serde_json::to_string(&typed).unwrap();
    let back: feel::Typed = serde_json::from_str(&json).unwrap();
    assert_eq!(back, typed);
    assert_eq!(back.evaluate(&world()), Ok(Value::Boolean(true)));
    let looped = json
        .replace("\"not\":", "\"negate\":")
        .replace("\"list\":0", "\"list\":9999");
    assert!(serde_json::from_str::<feel::Typed>(&looped).is_err());
}

#[test]
fn limits_stop_what_runs_away() {
    let limit = |source: &str| {
        matches!(
            compile(source, &Env::new(), None)
                .unwrap()
                .evaluate(&MapScope::new()),
            Err(EvalError::Limit { .. })
        )
    };
    assert!(limit("for a in 1..1000, b in 1..1000 return a * b"));
    assert!(limit("for a in 1..10000000000 return a"));
    let grown = (0..12).fold("\"aaaaaaaa\"".to_owned(), |inner, _| {
        format!("replace({inner}, \"a\", \"aaaaaaaa\")")
    });
    assert!(limit(&grown));
    let code = |source: &str| compile(source, &Env::new(), None).unwrap_err()[0].code;
    assert_eq!(code(&"(".repeat(5000)), "limit");
    assert_eq!(code(&"-".repeat(9000)), "limit");
    assert_eq!(code(&format!("1{}", "+1".repeat(4000))), "limit");
    assert_eq!(code(&"あ".repeat(10_001)), "limit");
    assert_eq!(shown(&format!("true{}", " and true".repeat(1000))), "true");
}

#[test]
fn the_deepest_expressions_fit_the_stack() {
    let nest = |n, before: &str, inner: &str, after: &str| {
        format!("{}{inner}{}", before.repeat(n), after.repeat(n))
    };
    for source in [
        nest(60, "(", "1", ")"),
        nest(60, "max(1, ", "1", ")"),
        nest(60, "if true then ", "1", " else 0"),
        nest(28, "for x in [1] return ", "1", ""),
        nest(60, "some x in [1] satisfies ", "true", ""),
        nest(15, "[1][item = 1 and count(", "[1]", ") = 1]"),
        nest(30, "{a: ", "1", "}"),
        nest(30, "[", "1", "]"),
        nest(60, "not(", "true", ")"),
        nest(60, "get or else(", "1", ", 2)"),
        nest(60, "-", "(as_of.year)", ""),
        format!("1{}", " + 1".repeat(60)),
    ] {
        let typed =
            compile(&source, &env(), None).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
        let value = typed.evaluate(&world());
        assert!(value.is_ok(), "{source}: {value:?}");
        let folded = typed.fold(&world(), &["x".to_owned()].into()).unwrap();
        for typed in [typed, folded] {
            let json = serde_json::to_string(&typed).unwrap();
            assert_eq!(
                serde_json::from_str::<feel::Typed>(&json)
                    .unwrap()
                    .evaluate(&world()),
                value
            );
        }
    }
    let code = |source: &str| compile(source, &env(), None).unwrap_err()[0].code;
    assert_eq!(code(&nest(50, "{a: ", "1", "}")), "limit");
    assert_eq!(code(&nest(70, "not(", "true", ")")), "limit");
}

#[test]
fn json_keeps_the_digits() {
    let value = Value::context([
        (
            "n",
            Value::Number("1234567890123456789.10".parse().unwrap()),
        ),
        (
            "d",
            "2026-04-01".parse::<jiff::civil::Date>().unwrap().into(),
        ),
        (
            "t",
            "2026-04-01T00:00:00Z"
                .parse::<jiff::Timestamp>()
                .unwrap()
                .into(),
        ),
        ("m", Value::YearsMonths(14)),
        ("x", Value::Null),
    ]);
    let json = r#"{"d":"2026-04-01","m":"P1Y2M","n":1234567890123456789.10,"t":"2026-04-01T09:00:00+09:00","x":null}"#;
    assert_eq!(value.to_json().to_string(), json);
}

#[test]
fn filters_lower_to_predicates() {
    use feel::{Op, Predicate as P};
    let env = Env::new()
        .variable("n", Type::Number)
        .variable("t", Type::Text.optional())
        .variable("closed", Type::Boolean)
        .variable("tags", Type::list(Type::Text))
        .variable("place", Type::context("place", [("city", Type::Text)]))
        .variable(
            "rows",
            Type::list(Type::context("row", [("x", Type::Text)])),
        );
    let lower = |source: &str| {
        compile(source, &env, None)
            .unwrap()
            .fold(&MapScope::new(), &env.variables.keys().cloned().collect())
            .unwrap()
            .predicate()
    };
    let field = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
    let compare = |path: &str, op, value: Value| P::Compare {
        field: field(path),
        op,
        value,
    };
    assert_eq!(lower("3 < n"), Ok(compare("n", Op::Gt, 3.into())));
    assert_eq!(
        lower("place.city = \"13\" + \"202\""),
        Ok(compare("place.city", Op::Eq, "13202".into()))
    );
    assert_eq!(
        lower("n between 1 and 2"),
        Ok(P::And(vec![
            compare("n", Op::Ge, 1.into()),
            compare("n", Op::Le, 2.into())
        ]))
    );
    assert_eq!(lower("t in (\"a\")"), Ok(compare("t", Op::Eq, "a".into())));
    assert_eq!(
        lower("t in [\"a\", \"b\"]"),
        Ok(P::In {
            field: field("t"),
            values: vec!["a".into(), "b".into()]
        })
    );
    assert_eq!(lower("t = null"), Ok(P::Absent { field: field("t") }));
    assert_eq!(
        lower("not(closed)"),
        Ok(P::Not(Box::new(compare("closed", Op::Eq, true.into()))))
    );
    assert_eq!(
        lower("some r in rows satisfies r.x = \"a\""),
        Ok(P::Contains {
            field: field("rows.x"),
            value: "a".into()
        })
    );
    assert_eq!(
        lower("list contains(tags, \"a\") or 1 = 2"),
        Ok(P::Contains {
            field: field("tags"),
            value: "a".into()
        })
    );
    assert_eq!(lower("1 = 1 or n > 3"), Ok(P::True));
    let refusals = [
        "n + 1 > 3",
        "contains(place.city, \"3\")",
        "n = sum([n])",
        "place.city = t",
        "count(rows) > 1",
        "some r in rows satisfies r.x = \"a\" or r.x < \"b\"",
        "rows[1].x = \"a\"",
        "n > 1 and n < 1 / 0",
    ];
    let told = refusals.map(|source| {
        let refusal = lower(source).unwrap_err();
        format!(
            "{source}\n  «{}» {}\n      → {}\n",
            refusal.span.text(source),
            refusal.message,
            refusal.hint
        )
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_comparison_is_fast() {
    let typed = compile(
        "premises.area > 40 and as_of >= date(\"2026-04-01\")",
        &env(),
        None,
    )
    .unwrap();
    let world = world();
    let start = std::time::Instant::now();
    for _ in 0..10_000 {
        assert_eq!(typed.evaluate(&world), Ok(Value::Boolean(true)));
    }
    let each = start.elapsed() / 10_000;
    // Unoptimised and on a busy machine; a release build takes a tenth and less.
    assert!(each < std::time::Duration::from_micros(50), "{each:?}");
    println!("{each:?} an evaluation");
}
