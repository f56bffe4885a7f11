use super::{loaded, told};

/// A small package without faults.
pub(super) const SMALL: (&str, &str) = (
    include_str!("small/service.yaml"),
    include_str!("small/application.yaml"),
);

fn with(replace: &[(&str, &str)]) -> String {
    let mut record = SMALL.1.to_owned();
    for (old, new) in replace {
        assert!(record.contains(old), "{old}");
        record = record.replace(old, new);
    }
    told(&loaded(&[
        ("a/1-x/service.yaml", SMALL.0),
        ("a/1-x/records/application.yaml", &record),
    ]))
}

#[test]
fn the_small_package_is_clean() {
    assert_eq!(with(&[]), "");
}

#[test]
fn several_faults_at_once() {
    insta::assert_snapshot!(with(&[
        ("title: 件名, required: true", "titel: 件名, required: yes"),
        (
            "by: desk.examiner, from: submitted",
            "by: desk.examinar, from: submited"
        ),
        ("message: arrived", "message: arived"),
        ("label: subject", "label: 'subject + 1'"),
        (
            "keys: [waits_for, arrived_on]",
            "keys: [waits_for, arrived]"
        ),
    ]));
}

#[test]
fn faults_inside_expressions() {
    insta::assert_snapshot!(with(&[
        (
            "count: { type: number, title: 数 }",
            "count: { type: number, title: 数 }\n  twice: { type: number, title: 倍, value: 'count * 2' }\n  long:\n    type: text\n    title: 長い式\n    value: |-\n      if subject = \"あ\" then\n        subjct\n      else \"い\""
        ),
        ("label: subject", "label: \"subject + \\\"、\\\" + 数\""),
    ]));
}

#[test]
fn faults_of_the_whole() {
    insta::assert_snapshot!(with(&[
        (
            "  done: { title: 完了, ended: true }",
            "  done: { title: 完了 }\n  lost: { title: 迷子, ended: true }"
        ),
        ("form: [subject]", "form: [count]"),
        (
            "filter: 'waits_for = \"desk.examiner\"'",
            "filter: 'count > 1'"
        ),
        (
            "- { who: desk.examiner, scope: office }",
            "- { who: desk.examiner, scope: office, states: [done] }"
        ),
        (
            "count: { type: number, title: 数 }",
            "count: { type: number, title: 数 }\n  a: { type: number, title: A, value: 'b + 1' }\n  b: { type: number, title: B, value: 'a + 1' }"
        ),
    ]));
}

#[test]
fn yaml_faults() {
    insta::assert_snapshot!(with(&[(
        "label: subject",
        "label: subject\nlabel: &x again"
    )]));
    insta::assert_snapshot!(with(&[("label: subject", "label: 'subject\n bad")]));
}

#[test]
fn archetype_faults_and_duplicates() {
    let files = [
        (
            "_archetypes/base/archetype.yaml",
            "title: もと\nparameters:\n  word: { type: text }\n  days: { type: number, default: 3 }\n",
        ),
        (
            "_archetypes/base/service.yaml",
            "roles: { examiner: $(wrod) }\n",
        ),
        (
            "a/1-x/service.yaml",
            "title: あ\ninitiatives: ['001']\narea: い\ncategory: '01'\nstatus: preparing\nowner: う\nsummary: え\nextends: [{ archetype: base, with: { days: three, more: 1 } }, { archetype: bse }]\n",
        ),
        (
            "b/2-x/service.yaml",
            "title: あ\ninitiatives: ['001']\narea: い\ncategory: '01'\nstatus: preparing\nowner: う\nsummary: え\n",
        ),
        (
            "c/3-y/service.yaml",
            "title: あ\ninitiatives: ['002']\narea: い\ncategory: 1\nstatus: preparing\nowner: う\nsummary: え\nuses_tables: [nothing]\n",
        ),
        (
            "c/3-y/records/r.yaml",
            "title: だめ\nstates: { a: { title: A, ended: true } }\nactions: { open: { by: public, opens: true } }\nsee: [{ who: public, scope: all }]\n",
        ),
    ];
    let loaded = loaded(&files);
    assert!(loaded.catalogue.services.is_empty());
    assert_eq!(loaded.left_out, ["x", "x", "y"]);
    insta::assert_snapshot!(told(&loaded));
}

#[test]
fn computed_values_are_absent_where_what_they_read_may_be() {
    let text = with(&[(
        "count: { type: number, title: 数 }",
        "count: { type: number, title: 数 }\n  once: { type: number, title: 倍, value: 'if count = null then null else count + 1' }\n  twice: { type: number, title: 倍, value: 'once + 1' }",
    )]);
    assert!(
        text.contains("absent-unhandled") && text.contains(":11:44"),
        "{text}"
    );
}
