//! Closed lists of texts: what can never be equal is a fault with a remedy; everything else is a text as before.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use feel::{Closed, Env, MapScope, Type, Value, compile};
use std::sync::Arc;

fn one_of(name: &str, texts: &[&str], all_occur: bool) -> Type {
    Type::OneOf(Arc::new(Closed {
        name: name.into(),
        texts: texts.iter().map(|&text| text.into()).collect(),
        all_occur,
    }))
}

fn kind() -> Type {
    one_of("種別", &["new", "renewal", "conversion"], false)
}

fn env() -> Env {
    let row = Type::context("行", [("kind", kind()), ("note", Type::Text.optional())]);
    let answer = [("next", one_of("表の次", &["new", "lost"], true).optional())];
    Env::new()
        .variable("kind", kind())
        .variable("kinds", Type::list(kind()))
        .variable("perhaps", kind().optional())
        .variable("other", one_of("区分", &["new", "old"], false))
        .variable("water", one_of("使用水", &["public", "private"], false))
        .variable("free", Type::Text)
        .variable("rows", Type::list(row))
        .function(
            "table",
            &[("kind", one_of("表の種別", &["new", "renewal"], false))],
            Type::context("表", answer),
        )
}

#[track_caller]
fn fits(source: &str, expected: Option<&Type>) {
    if let Err(found) = compile(source, &env(), expected) {
        assert!(found.is_empty(), "{source}: {found:?}");
    }
}

/// The part of the source that is at fault, and the remedy.
#[track_caller]
fn fault(source: &str, expected: Option<&Type>) -> (String, String) {
    let found = compile(source, &env(), expected).unwrap_err();
    assert_eq!(found.len(), 1, "{source}: {found:?}");
    assert_eq!(found[0].code, "unknown-option", "{source}: {found:?}");
    let part = found[0].span.text(source).to_owned();
    (part, found[0].hint.clone().unwrap_or_default())
}

#[test]
fn a_constant_that_is_no_option_is_a_fault_with_a_remedy() {
    let near = "「new」のことですか。".to_owned();
    for source in [
        r#"kind = "nwe""#,
        r#""nwe" != kind"#,
        r#"perhaps = "nwe""#,
        r#"kind in ("renewal", "nwe")"#,
        r#"kind in ["renewal", "nwe"]"#,
        r#"list contains(kinds, "nwe")"#,
        r#""nwe" in kinds"#,
        r#"list contains(rows.kind, "nwe")"#,
        r#"some r in rows satisfies r.kind = "nwe""#,
        r#"count(rows[kind = "nwe"]) > 0"#,
        r#"every k in kinds satisfies k = "nwe""#,
        r#"perhaps != null and perhaps = "nwe""#,
        r#"if kind = "nwe" then 1 else 2"#,
        r#"table("nwe").next != null"#,
    ] {
        assert_eq!(
            fault(source, None),
            (r#""nwe""#.into(), near.clone()),
            "{source}"
        );
    }
    let (part, hint) = fault(r#"kind = "申請""#, None);
    assert_eq!(part, r#""申請""#);
    assert_eq!(hint, "使えるのは conversion、new、renewal です。");
}

#[test]
fn lists_that_share_nothing_are_never_equal() {
    assert_eq!(fault("kind = water", None).0, "kind = water");
    assert_eq!(fault("water", Some(&kind())).0, "water");
    fits("kind = other", None);
    fits("other", Some(&kind().optional()));
    // What stands in a table does occur: all of it must be an option.
    assert_eq!(
        fault("table(kind).next", Some(&kind().optional())).0,
        "table(kind).next"
    );
}

#[test]
fn what_is_put_into_a_choice_is_an_option() {
    let rows = Type::list(Type::context("行", [("kind", kind())]));
    for (source, wanted) in [
        (r#""nwe""#, kind()),
        (r#"if free = "x" then "new" else "nwe""#, kind().optional()),
        (r#"get or else(perhaps, "nwe")"#, kind()),
        (r#"["new", "nwe"]"#, Type::list(kind())),
        (r#"[{ kind: "nwe" }]"#, rows.clone()),
        (r#"for r in rows return { kind: "nwe" }"#, rows.clone()),
    ] {
        assert_eq!(fault(source, Some(&wanted)).0, r#""nwe""#, "{source}");
    }
    fits("for r in rows return { kind: r.kind }", Some(&rows));
    fits("free", Some(&kind()));
    fits(r#"get or else(perhaps, "new")"#, Some(&kind()));
}

#[test]
fn otherwise_it_is_a_text() {
    for (source, value) in [
        (r#"kind + "!""#, "new!"),
        (r#"if free = "x" then kind else "none""#, "new"),
        (r#"get or else(perhaps, "")"#, ""),
        (
            r#"string join(append(kinds, free), "・")"#,
            "new・renewal・x",
        ),
        ("upper case(kind)", "NEW"),
        (r#"[kind, other, free][2]"#, "old"),
    ] {
        let scope = MapScope::new()
            .with("kind", "new")
            .with("other", "old")
            .with("free", "x")
            .with(
                "kinds",
                Value::List(vec![Value::text("new"), Value::text("renewal")]),
            );
        let typed = compile(source, &env(), Some(&Type::Text)).unwrap();
        assert_eq!(typed.ty(), &Type::Text);
        assert_eq!(
            typed.evaluate(&scope).unwrap(),
            Value::text(value),
            "{source}"
        );
    }
    fits(r#"get or else(perhaps, "") = """#, None);
    fits(r#"kind != get or else(perhaps, "")"#, None);
    fits(r#"kind < "o""#, None);
    fits(r#"kind = free and free in kinds"#, None);
    fits("sort(kinds)", Some(&Type::list(Type::Text)));
}
