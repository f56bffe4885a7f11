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

#[test]
fn what_nobody_reads_is_neither_asked_nor_shown_nor_hidden() {
    let field = "count: { type: number, title: 数 }";
    let clean = with(&[
        (field, "count: { type: number, internal: true, value: '1' }"),
        ("form: [count]", "form: [subject]"),
    ]);
    assert_eq!(clean, "");
    let codes = [
        (
            "count: { type: number, internal: true }",
            "",
            "internal-asked",
        ),
        (
            "count: { type: number, internal: true, required: true, value: '1' }",
            "",
            "internal-field",
        ),
        (
            "count: { type: number, internal: true, value: '1' }",
            "{ 件名: subject, 数: count }",
            "internal-shown",
        ),
    ];
    for (as_is, columns, code) in codes {
        let columns = if columns.is_empty() {
            "{ 件名: subject }"
        } else {
            columns
        };
        let text = with(&[
            (field, as_is),
            ("columns: { 件名: subject }", &format!("columns: {columns}")),
        ]);
        assert!(text.contains(code), "{code}: {text}");
    }
    let empty = with(&[
        (field, "count: { type: number, internal: true }"),
        ("form: [count]", "form: [subject]"),
    ]);
    assert!(empty.contains("internal-empty"), "{empty}");
    let hidden = with(&[
        (field, "count: { type: number, internal: true, value: '1' }"),
        ("form: [count]", "form: [subject]"),
        (
            "who: desk.examiner, scope: office }",
            "who: desk.examiner, scope: office, fields: { except: [count] } }",
        ),
    ]);
    assert!(hidden.contains("internal-hidden"), "{hidden}");
}

#[test]
fn values_in_sentences_are_typed_where_they_stand() {
    let text = with(&[
        (
            "count: { type: number, title: 数 }",
            "count: { type: number, title: 数, required: true, missing: 'あと{{ subjct }}', check: [{ that: 'count > 0', else: '{{ count }}は{{ 1 + }}' }] }",
        ),
        (
            "to: submitted, form: [subject]",
            "to: submitted, form: [subject], require: [{ that: 'count > 1', else: '{{cuont}}では少ない' }]",
        ),
    ]);
    for place in [
        "unknown-name]: 「subjct」という名前はありません。\n --> a/1-x/records/application.yaml:9:67\n",
        "syntax]: 式が途中で終わっています。\n --> a/1-x/records/application.yaml:9:133\n",
        "unknown-name]: 「cuont」という名前はありません。\n  --> a/1-x/records/application.yaml:16:137\n",
    ] {
        assert!(text.contains(place), "{place}\n{text}");
    }
    assert_eq!(text.matches("-->").count(), 3, "{text}");
}

#[test]
fn sentences_keep_their_expressions() {
    let loaded = loaded(&[
        ("a/1-x/service.yaml", SMALL.0),
        (
            "a/1-x/records/application.yaml",
            &SMALL.1.replace(
                "to: submitted, form: [subject]",
                "to: submitted, form: [subject], require: [{ that: 'subject != \"\"', else: '件名「{{ subject }}」' }]",
            ),
        ),
    ]);
    let action = &loaded.catalogue.services["x"].types["application"].actions["submit"];
    assert_eq!(
        crate::model::Part::source(&action.require[0].message),
        "件名「{{subject}}」"
    );
}

#[test]
fn few_keys_for_each_record() {
    let rules = |more: &str| {
        let one = |at: usize| {
            format!(
                "  - {{ who: desk.examiner, scope: {}, states: [{}] }}\n",
                ["office", "authority", "all"][at % 3],
                [
                    "draft",
                    "draft, submitted",
                    "draft, done",
                    "draft, submitted, done",
                    "submitted",
                    "done"
                ][at / 3]
            )
        };
        let all: String = (0..18).map(one).collect();
        format!("{all}{more}indexes:")
    };
    // Twelve of the rules reach a draft.
    assert_eq!(with(&[("indexes:", &rules(""))]), "");
    let roles: String = ["a", "b", "c", "d"]
        .map(|role| format!("  {role}: {{ title: 人 }}\n"))
        .concat();
    let own: String = ["a", "b", "c", "d"]
        .map(|role| format!("  - {{ who: {role}, scope: own }}\n"))
        .concat();
    let text = with(&[
        ("fields:\n", &format!("{roles}fields:\n")),
        ("indexes:", &rules(&own)),
    ]);
    assert!(
        text.contains("error[too-many-scopes]: 1つの記録を見られる範囲の鍵が18"),
        "{text}"
    );
}

#[test]
fn whoever_is_invited_sees_and_does_something_by_the_invitation_alone() {
    let aide =
        |words: &str| format!("  aide: {{ title: 頼まれた人, invited: {{ {words} }} }}\nfields:\n");
    let messages = "joined: arrived, acted: arrived";
    let see = "  - { who: aide, scope: own }\n  - { who: applicant, scope: own }";
    let sound = |words: &str| {
        with(&[
            ("fields:\n", &aide(words)),
            (
                "save: { title: 保存, by: applicant,",
                "save: { title: 保存, by: [applicant, aide],",
            ),
            ("  - { who: applicant, scope: own }", see),
        ])
    };
    assert_eq!(sound(messages), "");
    assert_eq!(
        sound(&format!("from: draft, days: 30, most: 5, {messages}")),
        ""
    );
    let text = sound("from: [drft], days: 31, most: 0, joined: arrvd, acted: arrived");
    for fault in [
        "error[unknown-name]: 状態「drft」はありません。",
        "error[out-of-range]: 「days」は1から30までの数です。",
        "error[out-of-range]: 「most」は1から5までの数です。",
        "error[unknown-message]",
    ] {
        assert!(text.contains(fault), "{fault}\n{text}");
    }
    let text = with(&[("fields:\n", &aide(messages))]);
    assert!(
        text.contains("error[invited-unseen]") && text.contains("error[invited-idle]"),
        "{text}"
    );
    let text = with(&[(
        "{ title: 申請者, owner: true }",
        "{ title: 申請者, owner: true, invited: { joined: arrived, acted: arrived } }",
    )]);
    assert!(text.contains("error[invited-owner]"), "{text}");
    // Expressions do not know them: they come and go.
    let text = with(&[
        ("fields:\n", &aide(messages)),
        (
            "save: { title: 保存, by: applicant,",
            "save: { title: 保存, by: [applicant, aide],",
        ),
        ("  - { who: applicant, scope: own }", see),
        (
            "count: { type: number, title: 数 }",
            "count: { type: number, title: 数, show_if: 'aide != null' }",
        ),
    ]);
    assert!(text.contains("「aide」という名前はありません"), "{text}");
    // Each of five has keys of their own.
    let many = (0..4)
        .map(|n| {
            format!(
                "  - {{ who: aide, scope: own, states: [{}] }}\n",
                [
                    "draft",
                    "draft, submitted",
                    "draft, done",
                    "draft, submitted, done"
                ][n]
            )
        })
        .collect::<String>();
    let text = with(&[
        ("fields:\n", &aide(&format!("most: 5, {messages}"))),
        (
            "save: { title: 保存, by: applicant,",
            "save: { title: 保存, by: [applicant, aide],",
        ),
        (
            "  - { who: applicant, scope: own }",
            &format!("{many}  - {{ who: applicant, scope: own }}"),
        ),
    ]);
    assert!(text.contains("error[too-many-scopes]"), "{text}");
}

#[test]
fn indexes_stay_small() {
    let field = "count: { type: number, title: 数 }";
    let rows = |max: usize| {
        format!(
            "{field}\n  lines: {{ type: rows, title: 行, max: {max}, fields: {{ n: {{ type: number, title: 数 }}, m: {{ type: number, title: 数 }} }} }}\n  more: {{ type: rows, title: 行, max: 9, fields: {{ n: {{ type: number, title: 数 }} }} }}"
        )
    };
    let index = |keys: &str| {
        format!("by_due: {{ keys: [waits_for, arrived_on] }}\n  by_line: {{ keys: [{keys}] }}")
    };
    let told = |max, keys: &str| {
        with(&[
            (field, &rows(max)),
            ("form: [count]", "form: [count, lines, more]"),
            ("by_due: { keys: [waits_for, arrived_on] }", &index(keys)),
        ])
    };
    assert_eq!(told(64, "lines.n, lines.m"), "");
    assert!(told(65, "lines.n").contains("index-entries]: 並び「by_line」は、1つの記録から65行"));
    assert!(told(8, "lines.n, more.n").contains("72行"));
    assert!(told(8, "lines.n, lines.m, count, state, number").contains("index-keys"));
}

/// The small package with a gateway; `paid` says from where the money is taken, `form` what the action enters.
fn with_gateway(paid: &str, form: &str, gateway: &str) -> String {
    let fields = "count: { type: number, title: 数 }";
    with(&[
        (
            fields,
            &format!("{fields}\n  received_amount: {{ type: yen, title: 額 }}"),
        ),
        (
            "actions:\n",
            &format!(
                "{gateway}actions:\n  paid: {{ title: 届いた, by: system, from: [{paid}], form: [{form}] }}\n  ask: {{ title: 頼む, by: desk.examiner, from: submitted, effect: [{{ charge: {{ amount: '100', title: '\"手数料\"', until: today }} }}] }}\n"
            ),
        ),
    ])
}

#[test]
fn money_is_taken_whenever_it_comes() {
    let gateway = "gateway: { paid: paid }\n";
    let all = "draft, submitted, done";
    assert_eq!(with_gateway(all, "received_amount", gateway), "");
    let some = with_gateway("submitted", "received_amount", gateway);
    assert!(some.contains("error[money-refused]"), "{some}");
    let other = with_gateway(all, "count", gateway);
    assert!(other.contains("error[gateway-field]"), "{other}");
    let none = with_gateway(all, "received_amount", "");
    assert!(none.contains("error[no-gateway]"), "{none}");
    let opens = with_gateway(
        all,
        "received_amount",
        "gateway: { paid: paid, stray: paid }\n",
    );
    assert!(opens.contains("error[gateway-opens-nothing]"), "{opens}");
}

#[test]
fn an_individual_number_is_asked_for_on_a_ground_of_law_and_goes_nowhere() {
    const NUMBER: &str = "{ type: individual_number, title: 個人番号, ground: 番号法第9条第1項 別表（見本）, open: desk.examiner, purposes: { income: 所得の照会のため } }";
    const FIELD: &str = "count: { type: number, title: 数 }";
    let number = format!("count: {NUMBER}");
    assert_eq!(with(&[(FIELD, &number)]), "");
    let given = "label: 'if count = null then subject else subject + \"、番号あり\"'";
    assert_eq!(with(&[(FIELD, &number), ("label: subject", given)]), "");
    let without = |word: &str, other: &str| number.replace(word, other);
    let no_law = without("番号法第9条第1項 別表（見本）", "区の要綱 第3条");
    let no_item = without("別表（見本）", "のとおり");
    let no_role = without("desk.examiner", "desk.nobody");
    let no_purpose = without("{ income: 所得の照会のため }", "{}");
    let no_ground = without("ground: 番号法第9条第1項 別表（見本）, ", "");
    let computed = without("open:", "value: '1', open:");
    let in_rows = format!("count: {{ type: rows, title: 明細, fields: {{ n: {NUMBER} }} }}");
    let sure = without("open:", "assurance: { authentication: 2 }, open:");
    assert_eq!(with(&[(FIELD, &sure)]), "");
    // Officials are asked for authentication alone.
    let known = without("open:", "assurance: { identity: 2 }, open:");
    let too_sure = without("open:", "assurance: { authentication: 4 }, open:");
    for (field, code) in [
        (&no_law, "number-ground"),
        (&no_item, "number-ground"),
        (&no_ground, "number-ground"),
        (&no_purpose, "number-purposes"),
        (&computed, "number-word"),
        (&in_rows, "number-in-rows"),
        (&known, "number-assurance"),
        (&too_sure, "assurance-level"),
    ] {
        let text = with(&[(FIELD, field)]);
        assert!(text.contains(code), "{code}: {text}");
    }
    assert_ne!(with(&[(FIELD, &no_role)]), "");
    // Neither a key of a list, nor words of a search, nor part of a sentence or of what is computed.
    for (old, new) in [
        ("keys: [waits_for, arrived_on]", "keys: [waits_for, count]"),
        ("label: subject", "label: subject\nsearch: [count]"),
        ("label: subject", "label: count"),
        ("label: subject", "label: count.number"),
        (
            "columns: { 件名: subject }",
            "columns: { 件名: subject, 番号: 'count + 1' }",
        ),
        (
            "form: [count]",
            "form: [count], change: [{ set: { count: '\"123456789018\"' } }]",
        ),
        (
            "to: draft, form: [count]",
            "to: draft, form: [count], batch: true",
        ),
    ] {
        let text = with(&[(FIELD, &number), (old, new)]);
        assert!(!text.is_empty(), "{new}");
    }
}
