//! Remarks on pages of a PDF: what is kept, what is said when there is no such page, and what older journals hold.
#![expect(clippy::panic, reason = "helpers of tests")]
mod common;

use common::build::*;
use common::town::{Town, person, uuid};
use definition::model::*;
use kernel::{AttachmentFact, AttachmentId, RecordId, Refusal};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Somebody sends plans; somebody writes remarks to them.
fn plans() -> Arc<Service> {
    let files = FieldKind::Files {
        min: 0,
        max: 5,
        media_types: Vec::new(),
        max_bytes: 1000,
    };
    let send = Action {
        opens: true,
        form: Form::Fields(names(&["plans", "name"])),
        ..action("send", Who::SignedIn, &[], "s0")
    };
    let mend = Action {
        form: Form::Fields(names(&["remarks"])),
        ..action("mend", Who::SignedIn, &["s0"], "s0")
    };
    let rt = RecordType {
        parties: owner("applicant"),
        fields: fields(vec![
            field("plans", files),
            field("name", text()),
            field("remarks", FieldKind::Remarks),
        ]),
        states: states(vec![state("s0", "始め", None, false)]),
        actions: common::build::actions(vec![send, mend]),
        see: vec![see(Who::Public, ScopeKind::All, None, FieldSet::All, "p")],
        ..record_type("thing")
    };
    Arc::new(service("sample", vec![rt]))
}

/// A record with a picture, a PDF of three pages, and one whose pages nobody can read.
fn sent() -> (Town, RecordId) {
    let mut town = Town::new(plans());
    let files = [
        ("image/png", None),
        ("application/pdf", Some(3)),
        ("application/pdf", None),
    ];
    let mut ids = Vec::new();
    for (n, (media_type, pages)) in (70..).zip(files) {
        let fact = AttachmentFact {
            media_type: media_type.into(),
            bytes: 10,
            usable: true,
            pages,
        };
        town.attachments.insert(AttachmentId(uuid(n)), fact);
        ids.push(uuid(n).to_string());
    }
    let input = json!({"plans": ids, "name": "見本"});
    match town.open(&person(1), "thing", "send", input) {
        Ok(id) => (town, id),
        Err(refusal) => panic!("{refusal:?}"),
    }
}

fn mend(town: &mut Town, id: RecordId, remarks: Json) -> Result<(), Refusal> {
    town.go(&person(1), id, "mend", json!({"remarks": remarks}))
        .map(|_| ())
}

fn told(remark: Json) -> (String, String, String) {
    let (mut town, id) = sent();
    let Err(refusal) = mend(&mut town, id, json!([{"pointer": "", "text": "a"}, remark])) else {
        panic!("not refused");
    };
    assert_eq!(refusal.faults.len(), 1, "{refusal:?}");
    let fault = refusal.faults[0].clone();
    assert!(fault.detail.contains("「項目remarks」の2つ目"), "{fault:?}");
    (fault.pointer, fault.code, fault.detail)
}

#[test]
fn a_page_is_kept_with_its_point_and_older_remarks_stay_as_they_were() {
    let (mut town, id) = sent();
    let remarks = json!([
        {"pointer": "/fields/plans/1", "text": "ここ", "page": 3, "at": [0.41, 0.62]},
        {"pointer": "/fields/plans/1", "text": "この頁", "page": 1},
        {"pointer": "/fields/plans/0", "text": "前から", "at": [0, 1]},
        {"pointer": "/fields/plans/1", "text": "頁のない点", "at": [0.5, 0.5]},
    ]);
    mend(&mut town, id, remarks.clone()).unwrap();
    assert_eq!(town.records[&id].fields["remarks"], remarks);
    assert_eq!(town.replay(), town.records);
}

#[test]
fn a_page_that_is_not_there_is_said_at_its_field() {
    let on = |plan: usize, page: Json| json!({"pointer": format!("/fields/plans/{plan}"), "text": "a", "page": page});
    for (remark, code) in [
        (on(1, json!(4)), "range"),
        (on(1, json!(0)), "format"),
        (on(1, json!(-1)), "format"),
        (on(1, json!(1.5)), "format"),
        (on(1, json!("二")), "format"),
        (on(0, json!(1)), "no_pages"),
        (on(2, json!(1)), "unreadable"),
        (on(9, json!(1)), "not_a_file"),
        (json!({"pointer": "", "text": "a", "page": 1}), "not_a_file"),
        (
            json!({"pointer": "/fields/name", "text": "a", "page": 1}),
            "not_a_file",
        ),
        (
            json!({"pointer": "/fields/name/0", "text": "a", "page": 1}),
            "not_a_file",
        ),
    ] {
        let (pointer, found, detail) = told(remark.clone());
        assert_eq!(
            (pointer.as_str(), found.as_str()),
            ("/input/remarks/1/page", code),
            "{remark}"
        );
        assert!(code != "range" || detail.contains("1から3まで"), "{detail}");
    }
}

#[test]
fn a_point_outside_is_said_at_its_field() {
    for at in [
        json!([1.2, 0]),
        json!([-0.1, 0]),
        json!([0.5]),
        json!(["右", 0]),
        json!([0.5, null]),
        json!("ここ"),
    ] {
        let remark = json!({"pointer": "/fields/plans/1", "text": "a", "page": 2, "at": at});
        let (pointer, code, _) = told(remark);
        assert_eq!(
            (pointer.as_str(), code.as_str()),
            ("/input/remarks/1/at", "format")
        );
    }
}

#[test]
fn all_that_is_wrong_with_a_remark_is_said_at_once() {
    let (mut town, id) = sent();
    let remark = json!({"pointer": "/fields/plans/1", "text": " ", "page": 9, "at": [2, 2]});
    let refusal = mend(&mut town, id, json!([remark])).unwrap_err();
    let places: Vec<&str> = refusal.faults.iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!(
        places,
        [
            "/input/remarks/0/text",
            "/input/remarks/0/page",
            "/input/remarks/0/at"
        ]
    );
}
