//! A constant beside a choice, a state or a column of a table must be one that can stand there.

use super::faults::SMALL;
use super::{loaded, told};

/// What stands under `FIELD`, `STATE`, `FILTER`, `UNIQUE` and in the table's cells; the rest is without faults.
struct Written<'w> {
    fields: &'w str,
    extra: &'w str,
    filter: &'w str,
    cells: &'w str,
}

const CLEAN: Written<'static> = Written {
    fields: "",
    extra: "",
    filter: "state = \"submitted\" and kind = \"new\"",
    cells: ",,new,a,new,5\n,,renewal,-,renewal,6\n",
};

fn check(written: &Written<'_>) -> String {
    let record = SMALL
        .1
        .replace(
            "  count: { type: number, title: 数 }",
            &format!(
                "  count: {{ type: number, title: 数 }}\n  kind: {{ type: choice, title: 種別, required: true, options: {{ new: 新規, renewal: 更新 }} }}\n  trade: {{ type: choice, title: 業種, required: true, options: table(trades) }}\n  days: {{ type: number, title: 日数, value: 'terms(as_of, kind, trade).days' }}\n{}",
                written.fields
            ),
        )
        .replace("form: [subject]", "form: [subject, kind, trade]")
        .replace("indexes:", &format!("{}\nindexes:\n  by_kind: {{ keys: [state, kind] }}", written.extra))
        .replace("index: by_due", "index: by_kind")
        .replace("waits_for = \"desk.examiner\"", written.filter);
    let terms = format!("from,until,kind,trade,follows,days\n{}", written.cells);
    told(&loaded(&[
        ("a/1-x/service.yaml", SMALL.0),
        ("a/1-x/records/application.yaml", &record),
        (
            "a/1-x/tables/trades.yaml",
            "title: 業種\nhit: unique\ninputs: { code: text }\noutputs: { title: text }\n",
        ),
        (
            "a/1-x/tables/trades.csv",
            "from,until,code,title\n,,a,あ\n,,b,い\n",
        ),
        (
            "a/1-x/tables/terms.yaml",
            "title: 期間\nhit: first\ninputs: { kind: text, trade: text }\noutputs: { follows: text, days: number }\n",
        ),
        ("a/1-x/tables/terms.csv", &terms),
    ]))
}

/// The one finding: an error that names the wrong word and a near one.
#[track_caller]
fn one(written: &Written<'_>, place: &str, near: &str) {
    let text = check(written);
    let found = text.matches("error[").count();
    assert_eq!(found, 1, "{text}");
    assert!(
        text.contains("error[unknown-option]") && text.contains(place) && text.contains(near),
        "{text}"
    );
}

#[test]
fn what_fits_is_clean() {
    assert_eq!(check(&CLEAN), "");
}

#[test]
fn conditions_computed_values_and_defaults() {
    let records = "records/application.yaml";
    for fields in [
        r#"  more: { type: number, title: 数, value: 'if kind = "nwe" then 1 else 2' }"#,
        r#"  more: { type: text, title: 文, show_if: 'kind in ("renewal", "nwe")' }"#,
        r#"  more: { type: choice, title: 種別, options: { new: 新規, old: 前 }, default: '"nwe"' }"#,
        r#"  more: { type: choices, title: 種別, options: { new: 新規, old: 前 }, value: '[kind, "nwe"]' }"#,
        r#"  more: { type: rows, title: 行, default: '[{ k: "nwe" }]', fields: { k: { type: choice, title: 種, options: { new: 新 } } } }"#,
        r#"  more: { type: number, title: 数, value: 'terms(as_of, "nwe", trade).days' }"#,
        r#"  more: { type: boolean, title: 真偽, value: 'terms(as_of, kind, trade).follows = "nwe"' }"#,
    ] {
        one(
            &Written { fields, ..CLEAN },
            records,
            "「new」のことですか。",
        );
    }
    let fields = r#"  more: { type: boolean, title: 真偽, value: 'trade = "z"' }"#;
    one(
        &Written { fields, ..CLEAN },
        records,
        "使えるのは a、b です。",
    );
}

#[test]
fn states_and_filters() {
    let filter = r#"state = "submited" and kind = "new""#;
    one(
        &Written { filter, ..CLEAN },
        "申請の状態",
        "「submitted」のことですか。",
    );
    let filter = r#"state = "submitted" and kind = "nwe""#;
    one(
        &Written { filter, ..CLEAN },
        "種別",
        "「new」のことですか。",
    );
    let fields = r#"  more: { type: boolean, title: 真偽, value: 'state = "don"' }"#;
    one(
        &Written { fields, ..CLEAN },
        "状態",
        "「done」のことですか。",
    );
}

#[test]
fn rows_of_a_table_that_no_choice_can_meet() {
    let cells = ",,new,a,new,5\n,,renewl,-,renewal,6\n";
    one(&Written { cells, ..CLEAN }, "tables/terms.csv:3", "renewal");
    // An ended row may speak of what is no more.
    let cells = ",,new,a,new,5\n,2020-03-31,old,-,renewal,6\n";
    assert_eq!(check(&Written { cells, ..CLEAN }), "");
    // And where anything may be handed over, nothing is said.
    let fields =
        r#"  more: { type: number, title: 数, value: 'terms(as_of, subject, trade).days' }"#;
    let cells = ",,new,a,new,5\n,,renewl,-,renewal,6\n";
    let free = Written {
        fields,
        cells,
        ..CLEAN
    };
    assert_eq!(check(&free), "");
}

#[test]
fn what_a_table_answers_must_be_an_option() {
    let fields = r#"  more: { type: choice, title: 次, options: { new: 新規, renewal: 更新 }, value: 'terms(as_of, kind, trade).follows' }"#;
    assert_eq!(check(&Written { fields, ..CLEAN }), "");
    let cells = ",,new,a,new,5\n,,renewal,-,renewl,6\n";
    one(
        &Written {
            fields,
            cells,
            ..CLEAN
        },
        "期間のfollows",
        "「renewal」のことですか。",
    );
}

#[test]
fn the_sentence_of_a_constraint_is_filled_in_and_typed() {
    let extra =
        "unique:\n  pair: { keys: [kind, trade], else: \"{{kind}}の{{trade}}はすでにあります。\" }";
    assert_eq!(check(&Written { extra, ..CLEAN }), "");
    let extra = "unique:\n  pair: { keys: [kind, trade], else: \"{{knd}}はすでにあります。\" }";
    let text = check(&Written { extra, ..CLEAN });
    assert!(
        text.contains("error[unknown-name]") && text.contains("「kind」のことですか。"),
        "{text}"
    );
}
