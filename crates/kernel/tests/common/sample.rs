//! The made-up service: a request with lines, each line decided on its own through a route, and a register.

use super::build::*;
use definition::model::*;
use feel::{Env, Type, Value};
use indexmap::IndexMap;
use std::collections::BTreeMap;
use std::sync::Arc;

fn line_fields(env: &Env) -> Vec<Field> {
    let in_row = env
        .clone()
        .variable("what", Type::Text)
        .variable("kind", Type::Text);
    vec![
        required("what", FieldKind::Choice(Options::Table("codes".into()))),
        required("kind", inline(&[("new", "新規"), ("again", "更新")])),
        Field {
            value: Some(typed("prices(as_of, what).amount", &in_row)),
            ..field("fee", yen())
        },
    ]
}

/// The environment of a request; `label` and further names as the definition's own would have them.
pub(crate) fn request_env() -> Env {
    let line = Type::context(
        "行",
        [
            ("what", Type::Text),
            ("kind", Type::Text),
            ("fee", Type::Number),
        ],
    );
    let place = Type::context(
        "所在地",
        [("municipality", Type::Text), ("line", Type::Text)],
    );
    let item = Type::context("明細", [("state", Type::Text), ("fee", Type::Number)]);
    Env::new()
        .variable("place", place)
        .variable("water", Type::Text)
        .variable("lines", Type::list(line))
        .variable("total", Type::Number)
        .variable("note", Type::Text.optional())
        .variable("state", Type::Text)
        .variable("state_title", Type::Text)
        .variable("number", Type::Text.optional())
        .variable("as_of", Type::Date)
        .variable("today", Type::Date)
        .variable("items", Type::list(item))
        .variable("row", Type::Any)
        .function(
            "prices",
            &[("day", Type::Date), ("code", Type::Text)],
            Type::context("", [("amount", Type::Number)]),
        )
        .function(
            "offices",
            &[("day", Type::Date), ("code", Type::Text)],
            Type::context("", [("office", Type::Text)]),
        )
}

fn request() -> RecordType {
    let env = request_env();
    let t = |source: &str| typed(source, &env);
    let files = FieldKind::Files {
        min: 0,
        max: 2,
        media_types: names(&["image/png"]),
        max_bytes: 1000,
    };
    let form = ["place", "water", "proof", "lines", "note", "since"];
    let open_items = Change::Open {
        record_type: "item".into(),
        slot: Some("items".into()),
        link: None,
        for_each: Some("lines".into()),
        when: Some(t("count(items) = 0")),
        state: None,
        with: vec![
            SetField {
                field: "what".into(),
                value: t("row.what"),
            },
            SetField {
                field: "fee".into(),
                value: t("row.fee"),
            },
            SetField {
                field: "request_number".into(),
                value: t("number"),
            },
        ],
        parties: true,
    };
    let submit = Action {
        opens: true,
        form: Form::Fields(names(&form)),
        require: vec![Condition {
            that: t("total < 100000"),
            message: vec![
                Part::Literal("合計".into()),
                Part::Value(t("total")),
                Part::Literal("は大きすぎます。".into()),
            ],
            field: Some("lines".into()),
        }],
        change: vec![open_items],
        effect: vec![Effect::Notify {
            to: Recipient::Desk(Some("examiner".into())),
            message: "arrived".into(),
            office: None,
            when: None,
        }],
        ..action(
            "submit",
            party("applicant"),
            &["draft", "returned"],
            "submitted",
        )
    };
    let pass = Action {
        change: vec![Change::Post {
            ledger: "money".into(),
            key: t(r#"if number != null then number else "-""#),
            amount: t("total"),
        }],
        ..action("pass", desk("examiner"), &["submitted"], "checking")
    };
    let close = Action {
        when: Some(t(
            r#"every i in items satisfies i.state in ("granted", "refused")"#,
        )),
        ..action("close", Who::System, &["checking"], "closed")
    };
    let standard = Clock {
        name: "standard".into(),
        title: "標準の期間".into(),
        from: names(&["submitted"]),
        paused_in: names(&["returned"]),
        until: names(&["closed", "withdrawn"]),
        days: t("10"),
        remind_before: vec![3],
        remind: None,
        on_due: None,
    };
    RecordType {
        number: Some(NumberRule {
            pattern: "見-{fiscal_year}-{seq:05}".into(),
            drawn_at: Some("submit".into()),
        }),
        arrives_at: Some("submit".into()),
        label: Some(t("place.line")),
        authority: Some(t(r#""13000""#)),
        office: Some(t("offices(as_of, place.municipality).office")),
        municipality: Some(t("place.municipality")),
        parties: owner("applicant"),
        fields: fields(vec![
            required("place", FieldKind::Address),
            required(
                "water",
                inline(&[("public", "水道水"), ("other", "その他")]),
            ),
            Field {
                show_if: Some(t(r#"water = "other""#)),
                missing: Some(vec![Part::Literal(
                    "その他のときは証明が要ります。添付してください。".into(),
                )]),
                ..required("proof", files)
            },
            Field {
                id: "rows".into(),
                ..field(
                    "lines",
                    FieldKind::Rows {
                        fields: fields(line_fields(&env)),
                        min: 1,
                        max: 5,
                    },
                )
            },
            Field {
                value: Some(t("sum(lines.fee)")),
                ..field("total", yen())
            },
            Field {
                sensitive: true,
                fixed: false,
                ..field("note", text())
            },
            field("since", FieldKind::Date),
            field("remarks", FieldKind::Remarks),
        ]),
        has: [(
            "items".to_owned(),
            Child {
                slot: "items".into(),
                title: "明細".into(),
                record_type: "item".into(),
            },
        )]
        .into_iter()
        .collect(),
        states: states(vec![
            state("draft", "下書き", Some(party("applicant")), false),
            state("submitted", "審査中", Some(desk("examiner")), false),
            state("returned", "補正待ち", Some(party("applicant")), false),
            state("checking", "確認中", Some(desk("approver")), false),
            state("closed", "完了", None, true),
            state("withdrawn", "取下げ", None, true),
        ]),
        clocks: [("standard".to_owned(), standard)].into_iter().collect(),
        actions: actions(vec![
            Action {
                opens: true,
                form: Form::Any,
                ..action("save", party("applicant"), &["draft"], "draft")
            },
            submit,
            Action {
                form: Form::Fields(names(&["remarks"])),
                ..action("return", desk("examiner"), &["submitted"], "returned")
            },
            pass,
            close,
            action(
                "withdraw",
                party("applicant"),
                &["draft", "submitted", "returned", "checking"],
                "withdrawn",
            ),
        ]),
        see: vec![
            see(party("applicant"), ScopeKind::Own, None, FieldSet::All, "a"),
            see(
                desk("examiner"),
                ScopeKind::Office,
                Some(&["submitted", "returned", "checking", "closed"]),
                FieldSet::All,
                "b",
            ),
            see(
                desk("approver"),
                ScopeKind::Office,
                Some(&["submitted", "returned", "checking", "closed"]),
                FieldSet::Except(names(&["water"])),
                "b",
            ),
            see(
                desk("clerk"),
                ScopeKind::Municipality,
                Some(&["closed"]),
                FieldSet::Only(names(&["place", "note"])),
                "c",
            ),
            see(
                Who::Public,
                ScopeKind::All,
                Some(&["closed"]),
                FieldSet::Only(names(&["place"])),
                "d",
            ),
        ],
        indexes: vec![
            ListIndex {
                name: "by_due".into(),
                keys: vec![IndexKey::WaitsFor, IndexKey::Due],
                only: None,
            },
            ListIndex {
                name: "by_what".into(),
                keys: vec![
                    IndexKey::Field(names(&["lines", "what"])),
                    IndexKey::Field(names(&["lines", "kind"])),
                    IndexKey::State,
                ],
                only: None,
            },
        ],
        search: vec![names(&["place", "line"])],
        unique: vec![Unique {
            name: "place".into(),
            keys: vec![t("place.line")],
            only: Some(t(r#"state = "checking""#)),
            message: vec![
                Part::Literal("「".into()),
                Part::Value(t("place.line")),
                Part::Literal("」の記録がすでにあります。".into()),
            ],
        }],
        ..record_type("request")
    }
}

fn item() -> RecordType {
    let grant = Type::context("", [("what", Type::Text)]);
    let env = Env::new()
        .variable("what", Type::Text)
        .variable("fee", Type::Number)
        .variable("number", Type::Text.optional())
        .variable("today", Type::Date)
        .variable("terms", Type::Text.optional())
        .variable(
            "parent",
            Type::context("", [("state", Type::Text), ("items", Type::list(grant))]),
        );
    let t = |source: &str| typed(source, &env);
    let routed = |name: &str, to: &str, form: &[&str]| Action {
        route: Some("route".into()),
        form: Form::Fields(names(form)),
        require: vec![Condition {
            that: t(r#"parent.state = "checking""#),
            message: vec![Part::Literal("まだ決められません。".into())],
            field: None,
        }],
        ..action(name, desk("approver"), &["open"], to)
    };
    let mut decide = routed("decide", "granted", &["terms", "years"]);
    decide.change = vec![Change::Open {
        record_type: "grant".into(),
        slot: None,
        link: Some("grant".into()),
        for_each: None,
        when: None,
        state: None,
        with: vec![
            SetField {
                field: "what".into(),
                value: t("what"),
            },
            SetField {
                field: "until".into(),
                value: t(r#"today + duration("P5Y")"#),
            },
        ],
        parties: true,
    }];
    RecordType {
        parties: owner("applicant"),
        child_of: vec![("request".into(), "items".into())],
        links: [("grant".to_owned(), "grant".to_owned())]
            .into_iter()
            .collect(),
        fields: fields(vec![
            field("what", text()),
            field("fee", yen()),
            field("request_number", text()),
            field("terms", text()),
            required(
                "years",
                FieldKind::Number {
                    scale: 0,
                    min: Some(1.into()),
                    max: Some(9.into()),
                    unit: Some("年".into()),
                },
            ),
            required("reasons", text()),
        ]),
        states: states(vec![
            state("open", "未決", Some(desk("approver")), false),
            state("granted", "許可", None, true),
            state("refused", "不許可", None, true),
        ]),
        actions: actions(vec![decide, routed("refuse", "refused", &["reasons"])]),
        see: vec![
            see(party("applicant"), ScopeKind::Own, None, FieldSet::All, "a"),
            see(
                desk("examiner"),
                ScopeKind::Office,
                None,
                FieldSet::All,
                "b",
            ),
            see(
                desk("approver"),
                ScopeKind::Office,
                None,
                FieldSet::All,
                "b",
            ),
        ],
        ..record_type("item")
    }
}

fn grant() -> RecordType {
    RecordType {
        register: true,
        pinned: false,
        parties: owner("applicant"),
        number: Some(NumberRule {
            pattern: "許-{seq:03}".into(),
            drawn_at: None,
        }),
        fields: fields(vec![field("what", text()), field("until", FieldKind::Date)]),
        states: states(vec![state("valid", "有効", None, false)]),
        see: vec![see(Who::Public, ScopeKind::All, None, FieldSet::All, "p")],
        ..record_type("grant")
    }
}

/// The sample; with `steps` before the decision, and whether a draft is needed.
pub(crate) fn sample(pass_first: bool, draft_required: bool) -> Arc<Service> {
    let mut service = service("sample", vec![request(), item(), grant()]);
    let codes = [("apple", "りんご"), ("pear", "なし")];
    let titles = codes.map(|(c, t)| (c, Value::text(t)));
    let prices = [("apple", Value::from(18300)), ("pear", Value::from(11500))];
    let offices = [("13202", Value::text("北")), ("13101", Value::text("南"))];
    for table in [
        table("codes", ("title", Type::Text), &titles),
        table("prices", ("amount", Type::Number), &prices),
        table("offices", ("office", Type::Text), &offices),
    ] {
        service.tables.insert(table.name.clone(), Arc::new(table));
    }
    let mut steps = vec![RouteStep {
        title: "決定".into(),
        by: vec![desk("approver")],
        when: None,
        every: false,
        delegated: None,
        substitute: false,
    }];
    if pass_first {
        steps.insert(
            0,
            RouteStep {
                title: "審査".into(),
                by: vec![desk("examiner"), desk("approver")],
                when: None,
                every: false,
                delegated: None,
                substitute: false,
            },
        );
    }
    let route = Route {
        name: "route".into(),
        title: "決裁".into(),
        draft_by: vec![desk("examiner"), desk("approver")],
        draft_required,
        steps,
    };
    service.routes.insert("route".into(), route);
    let env = request_env();
    let part = |source: &str| Part::Value(typed(source, &env));
    let arrived = Message {
        name: "arrived".into(),
        subject: vec![part("number"), Part::Literal("が届きました".into())],
        body: vec![
            Part::Literal("合計は".into()),
            part("total"),
            Part::Literal("、日は".into()),
            part("today"),
        ],
        outside: Outside::Short,
        urgent: false,
        translated: BTreeMap::new(),
    };
    service.messages = IndexMap::from([("arrived".to_owned(), arrived)]);
    let money = Ledger {
        name: "money".into(),
        title: "手数料".into(),
        unit: "円".into(),
        floor: Some(0.into()),
    };
    service.ledgers.insert("money".into(), money);
    Arc::new(service)
}
