//! Every kind of field: what people type, what is kept, what is said when it cannot be.
#![expect(clippy::panic, clippy::expect_used, reason = "helpers of tests")]
mod common;

use common::build::*;
use common::town::{Town, person};
use definition::model::*;
use kernel::RefusalKind;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// A service whose one record type has the one field `x`.
fn one(kind: FieldKind) -> Arc<Service> {
    let open = |name: &str, form: Form| Action {
        opens: true,
        form,
        ..action(name, Who::SignedIn, &[], "s0")
    };
    let rt = RecordType {
        parties: owner("applicant"),
        fields: fields(vec![required("x", kind)]),
        states: states(vec![state("s0", "始め", None, false)]),
        actions: common::build::actions(vec![
            open("submit", Form::Fields(names(&["x"]))),
            open("save", Form::Any),
        ]),
        see: vec![see(Who::Public, ScopeKind::All, None, FieldSet::All, "p")],
        ..record_type("thing")
    };
    Arc::new(service("sample", vec![rt]))
}

fn try_with(kind: FieldKind, action: &str, input: Json) -> Result<Json, Vec<(String, String)>> {
    let mut town = Town::new(one(kind));
    match town.open(&person(1), "thing", action, json!({"x": input})) {
        Ok(id) => Ok(town.records[&id]
            .fields
            .get("x")
            .cloned()
            .unwrap_or(Json::Null)),
        Err(refusal) => {
            assert_eq!(refusal.kind, RefusalKind::Invalid);
            assert!(
                refusal
                    .faults
                    .iter()
                    .all(|f| f.code == "unknown_field" || f.detail.contains("項目x")),
                "names the field: {refusal:?}"
            );
            Err(refusal
                .faults
                .into_iter()
                .map(|f| (f.pointer, f.code))
                .collect())
        }
    }
}

fn kept(kind: FieldKind, input: Json) -> Json {
    try_with(kind, "submit", input).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn told(kind: FieldKind, input: Json) -> Vec<(String, String)> {
    try_with(kind, "submit", input).expect_err("refused")
}

fn one_fault(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.into(), code.into())]
}

#[test]
fn texts() {
    assert_eq!(kept(text(), json!("  山田\r\n太郎 ")), json!("山田 太郎"));
    let lines = FieldKind::Text {
        multiline: true,
        max_chars: 100,
    };
    assert_eq!(kept(lines, json!("一行\r\n二行")), json!("一行\n二行"));
    assert_eq!(
        told(text(), json!("あ".repeat(101))),
        one_fault("/input/x", "too_long")
    );
    assert_eq!(
        told(text(), json!(" 　")),
        one_fault("/input/x", "required")
    );
    assert_eq!(told(text(), json!(["a"])), one_fault("/input/x", "format"));
    assert_eq!(try_with(text(), "save", json!("")), Ok(Json::Null));
    // What turns the direction of writing, and what a workbook cannot hold.
    assert_eq!(
        kept(text(), json!("請求\u{202e}gnp.\u{2066}x\u{fffe}\u{1}")),
        json!("請求gnp.x")
    );
}

#[test]
fn numbers() {
    let number = || FieldKind::Number {
        scale: 1,
        min: Some(0.into()),
        max: Some(10_000.into()),
        unit: Some("人".into()),
    };
    assert_eq!(kept(number(), json!("１，２３４．５人")), json!(1234.5));
    assert_eq!(kept(number(), json!(1.50)), json!(1.5));
    for (input, code) in [
        (json!("-1"), "too_small"),
        (json!(10001), "too_large"),
        (json!(1.25), "too_precise"),
        (json!("十"), "format"),
        (json!("1e3"), "format"),
    ] {
        assert_eq!(told(number(), input), one_fault("/input/x", code));
    }
    assert_eq!(kept(yen(), json!("２９，８００円")), json!(29800));
    assert_eq!(kept(yen(), json!("−500")), json!(-500));
    assert_eq!(
        told(yen(), json!(0.5)),
        one_fault("/input/x", "too_precise")
    );
}

#[test]
fn yes_and_no() {
    assert_eq!(kept(FieldKind::Boolean, json!("いいえ")), json!(false));
    assert_eq!(kept(FieldKind::Boolean, json!("on")), json!(true));
    assert_eq!(
        told(FieldKind::Boolean, json!("たぶん")),
        one_fault("/input/x", "format")
    );
    let declaration = || FieldKind::Declaration {
        text: "まもります".into(),
    };
    assert_eq!(kept(declaration(), json!(true)), json!(true));
    assert_eq!(
        told(declaration(), json!(false)),
        one_fault("/input/x", "required")
    );
}

#[test]
fn days() {
    for typed in [
        "2026-11-22",
        "2026/11/22",
        "２０２６年１１月２２日",
        "令和8年11月22日",
        "R8.11.22",
    ] {
        assert_eq!(
            kept(FieldKind::Date, json!(typed)),
            json!("2026-11-22"),
            "{typed}"
        );
    }
    assert_eq!(told(FieldKind::Date, json!("2026-02-30")).len(), 1);
    assert_eq!(
        kept(FieldKind::PartialDate, json!("令和8年11月")),
        json!("2026-11")
    );
    assert_eq!(
        kept(FieldKind::DateTime, json!("2026-11-22T09:30")),
        json!("2026-11-22T09:30:00+09:00")
    );
    assert_eq!(
        told(FieldKind::DateTime, json!("朝")),
        one_fault("/input/x", "format")
    );
}

#[test]
fn people_and_numbers_of_bodies() {
    assert_eq!(
        kept(
            FieldKind::PersonName,
            json!({"family": "山田", "given": "花子", "kana": "ﾔﾏﾀﾞ ﾊﾅｺ"})
        ),
        json!({"family": "山田", "given": "花子", "full": "山田 花子", "kana": "ヤマダ ハナコ"})
    );
    assert_eq!(
        told(
            FieldKind::PersonName,
            json!({"famly": "山田", "kana": "漢字"})
        )
        .len(),
        2
    );
    assert_eq!(
        kept(
            FieldKind::CorporateNumber,
            json!("８０００－０２０１３０００１")
        ),
        json!("8000020130001")
    );
    assert_eq!(
        told(FieldKind::CorporateNumber, json!("8000020130002")).len(),
        1
    );
    assert_eq!(
        kept(FieldKind::PostalCode, json!("１９０００２３")),
        json!("190-0023")
    );
    assert_eq!(told(FieldKind::Email, json!("a@")).len(), 1);
}

#[test]
fn addresses_are_whole_but_in_a_draft() {
    let typed = json!({"postal_code": "1900023", "municipality": "13202", "line": "柴崎町2-21-19", "building": ""});
    assert_eq!(
        kept(FieldKind::Address, typed),
        json!({"postal_code": "190-0023", "municipality": "13202", "line": "柴崎町2-21-19"})
    );
    assert_eq!(
        told(FieldKind::Address, json!({"line": "柴崎町"})),
        one_fault("/input/x/municipality", "required")
    );
    assert_eq!(
        told(
            FieldKind::Address,
            json!({"municipality": "13202", "line": "柴崎町", "strt": "x"})
        ),
        one_fault("/input/x/strt", "unknown_field")
    );
    assert_eq!(
        told(FieldKind::Address, json!("柴崎町2")),
        one_fault("/input/x", "format")
    );
    assert_eq!(
        try_with(FieldKind::Address, "save", json!({"municipality": "13202"})),
        Ok(json!({"municipality": "13202"}))
    );
    assert_eq!(
        told(FieldKind::Address, json!({"line": "  "})),
        one_fault("/input/x", "required")
    );
}

#[test]
fn accounts() {
    let typed = json!({"bank": "0001", "branch": "001", "kind": "普通", "number": "123456", "holder": "やまだ はなこ"});
    let kept = kept(FieldKind::Account, typed);
    assert_eq!(
        (&kept["kind"], &kept["holder"]),
        (&json!("1"), &json!("ヤマダ ハナコ"))
    );
    assert_eq!(told(FieldKind::Account, json!({"bank": "0001"})).len(), 4);
}

#[test]
fn choices() {
    let options = || {
        Options::Inline(
            [
                ("a".to_owned(), "あ".to_owned()),
                ("b".to_owned(), "い".to_owned()),
            ]
            .into_iter()
            .collect(),
        )
    };
    assert_eq!(kept(FieldKind::Choice(options()), json!("a")), json!("a"));
    assert_eq!(
        told(FieldKind::Choice(options()), json!("z")),
        one_fault("/input/x", "option")
    );
    assert_eq!(
        kept(FieldKind::Choices(options()), json!(["b", "a", "b", ""])),
        json!(["b", "a"])
    );
    assert_eq!(
        told(FieldKind::Choices(options()), json!(["b", "z"])),
        one_fault("/input/x/1", "option")
    );
    assert_eq!(
        told(FieldKind::Choices(options()), json!([])),
        one_fault("/input/x", "required")
    );
}

#[test]
fn remarks() {
    assert_eq!(
        kept(FieldKind::Remarks, json!("直してください")),
        json!([{"pointer": "", "text": "直してください"}])
    );
    let pinned = json!([{"pointer": "/fields/x/0", "text": "ここ", "at": [0.41, 0.62]}]);
    assert_eq!(kept(FieldKind::Remarks, pinned.clone()), pinned);
}

#[test]
fn rows() {
    let inner = vec![required("a", text()), field("b", yen())];
    let rows = || FieldKind::Rows {
        fields: fields(inner.clone()),
        min: 2,
        max: 3,
    };
    assert_eq!(
        kept(
            rows(),
            json!([{"a": "1", "b": "1,000"}, {"a": "2"}, {"a": ""}])
        ),
        json!([{"a": "1", "b": 1000}, {"a": "2"}])
    );
    let mut town = Town::new(one(rows()));
    let refusal = town
        .open(
            &person(1),
            "thing",
            "submit",
            json!({"x": [{"a": "1"}, {"b": "z", "c": 1}, {"a": "3"}]}),
        )
        .unwrap_err();
    let pointers: Vec<&str> = refusal.faults.iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!(pointers, ["/input/x/1/b", "/input/x/1/c"]);
    assert_eq!(
        told(rows(), json!([{"a": "1"}])),
        one_fault("/input/x", "too_few")
    );
    assert_eq!(told(rows(), json!([])), one_fault("/input/x", "required"));
}

/// What a refused submission of a thing with these fields says, by pointer.
fn sentences(of: Vec<Field>, require: Vec<Condition>, input: Json) -> Vec<(String, String)> {
    let names: Vec<String> = of.iter().map(|f| f.name.clone()).collect();
    let submit = Action {
        opens: true,
        form: Form::Fields(names),
        require,
        ..action("submit", Who::SignedIn, &[], "s0")
    };
    let rt = RecordType {
        parties: owner("applicant"),
        fields: fields(of),
        states: states(vec![state("s0", "始め", None, false)]),
        actions: common::build::actions(vec![submit]),
        see: vec![see(Who::Public, ScopeKind::All, None, FieldSet::All, "p")],
        ..record_type("thing")
    };
    let mut town = Town::new(Arc::new(service("sample", vec![rt])));
    let refusal = town
        .open(&person(1), "thing", "submit", input)
        .expect_err("refused");
    refusal
        .faults
        .into_iter()
        .map(|f| (f.pointer, f.detail))
        .collect()
}

#[test]
fn sentences_carry_values_as_people_read_them() {
    let env = feel::Env::new()
        .variable("price", feel::Type::Number)
        .variable("what", feel::Type::Text)
        .variable("note", feel::Type::Text.optional());
    let sentence = |parts: &[(&str, &str)]| -> Vec<Part> {
        let part = |(text, source): &(&str, &str)| {
            let value = (!source.is_empty()).then(|| Part::Value(typed(source, &env)));
            std::iter::once(Part::Literal((*text).into())).chain(value)
        };
        parts.iter().flat_map(part).collect()
    };
    let condition = |that: &str, message: Vec<Part>| Condition {
        that: typed(that, &env),
        message,
        field: None,
    };
    let of = || {
        vec![
            Field {
                checks: vec![condition(
                    "price < 1000",
                    sentence(&[("上限は1,000円、今は", "price"), ("です。", "")]),
                )],
                ..field("price", yen())
            },
            field(
                "rows",
                FieldKind::Rows {
                    fields: fields(vec![
                        required("what", inline(&[("a", "りんご")])),
                        Field {
                            missing: Some(sentence(&[
                                ("", "what"),
                                ("の数（合計", "price"),
                                ("）", ""),
                            ])),
                            ..required("count", yen())
                        },
                    ]),
                    min: 0,
                    max: 9,
                },
            ),
            field("note", text()),
        ]
    };
    assert_eq!(
        sentences(
            of(),
            vec![],
            json!({"price": 29800, "rows": [{"what": "a"}]})
        ),
        [
            (
                "/input/price".to_owned(),
                "上限は1,000円、今は29,800円です。".to_owned()
            ),
            (
                "/input/rows/0/count".to_owned(),
                "りんごの数（合計29,800円）".to_owned()
            ),
        ]
    );
    let require = condition(
        "price > 10",
        sentence(&[("2倍の", "price * 2"), ("では足りません。備考: ", "note")]),
    );
    assert_eq!(
        sentences(of(), vec![require], json!({"price": 2})),
        [(
            "/input".to_owned(),
            "2倍の4では足りません。備考: （未入力）".to_owned()
        )]
    );
}
