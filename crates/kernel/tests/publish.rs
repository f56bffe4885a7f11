//! However a person's name is written, a line that shows it is held back until staff decide.
#![allow(clippy::unwrap_used, reason = "a test")]

use jiff::civil::date;
use kernel::publish::{Line, line};
use kernel::{Around, Facts, Snapshot};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

const TODAY: jiff::civil::Date = date(2026, 11, 22);

fn facts() -> &'static Facts {
    static FACTS: LazyLock<Facts> = LazyLock::new(|| {
        let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
        let source = definition::Source::from_dir(&services).unwrap();
        let catalogue = definition::load(&source, TODAY).catalogue;
        Facts {
            service: Arc::clone(&catalogue.services["reference"]),
            record: None,
            related: BTreeMap::new(),
            lookups: BTreeMap::new(),
            attachments: BTreeMap::new(),
            officials: BTreeMap::new(),
            numbers: BTreeMap::new(),
            calendar: Arc::clone(&catalogue.calendar),
            today: TODAY,
            now: jiff::Timestamp::UNIX_EPOCH,
        }
    });
    &FACTS
}

fn snapshot(group: &str, kind: &str, name: &str, released: bool) -> Snapshot {
    let service = &facts().service;
    let rt = &service.types["permit"];
    let plot = service.tables["plots"].options_on(TODAY)[0].0.clone();
    let mut fields = serde_json::Map::new();
    for (field, value) in [
        ("group", serde_json::json!(group)),
        ("plot", serde_json::json!(plot)),
        ("valid_until", serde_json::json!("2030-01-01")),
        ("name_released", serde_json::json!(released.then_some(true))),
    ] {
        fields.insert(rt.fields[field].id.clone(), value);
    }
    serde_json::from_value(serde_json::json!({
        "id": uuid::Uuid::nil(), "service": "reference", "record_type": "permit", "number": "花登-1", "state": "valid",
        "version": 1, "authority": null, "office": null, "municipality": null,
        "parties": [{"role": "applicant", "id": uuid::Uuid::nil(), "kind": kind, "name": name}],
        "parent": null, "links": {}, "fields": fields, "field_versions": {}, "definition": "d", "arrived_on": null,
        "clocks": {}, "route": null, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    }))
    .unwrap()
}

fn published(snapshot: &Snapshot) -> Line {
    let service = &facts().service;
    line(
        Around::of(facts()),
        &service.types["permit"],
        &service.publications["beds"],
        snapshot,
        1,
    )
    .unwrap()
}

const FAMILY: [&str; 5] = ["佐藤", "髙橋", "渡邊", "林", "O'Brien"];
const GIVEN: [&str; 5] = ["花子", "太郎", "みさき", "リン", "Anna"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_name_is_known_in_every_spelling(family in 0..5_usize, given in 0..5_usize, between in "[ \u{3000}・]{0,2}", wide in any::<bool>()) {
        let (family, given) = (FAMILY[family], GIVEN[given]);
        let name = format!("{family} {given}");
        let mut shown = format!("{family}{between}{given}");
        if wide {
            shown = shown.chars().map(|c| match c {
                'A'..='Z' | 'a'..='z' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
                other => other,
            }).collect();
        }
        let row = |line: Line| matches!(line, Line::Row(_));
        let shop = format!("{shown}商店");
        prop_assert_eq!(published(&snapshot(&shown, "person", &name, false)), Line::Held);
        prop_assert!(row(published(&snapshot(&shown, "person", &name, true))));
        prop_assert!(row(published(&snapshot(&shown, "corporation", &name, false))));
        prop_assert!(row(published(&snapshot(&shop, "person", &name, false))));
    }

    #[test]
    fn nothing_of_a_person_stands_in_a_row(name in "[一-龠]{2,6}") {
        let Line::Row(cells) = published(&snapshot("花の会", "person", &name, false)) else { panic!("held") };
        prop_assert!(cells.iter().flatten().all(|cell| !cell.to_string().contains(&name)));
    }
}

#[test]
fn a_text_that_holds_a_name_counts_and_staff_may_keep_the_line_back() {
    let rt = &facts().service.types["permit"];
    let mut corporation = snapshot("佐藤花子", "corporation", "花の会", false);
    assert!(matches!(published(&corporation), Line::Row(_)));
    let chair = rt.fields["chair"].id.clone();
    corporation.fields.insert(chair, "佐藤　花子".into());
    assert_eq!(published(&corporation), Line::Held);
    let released = rt.fields["name_released"].id.clone();
    corporation.fields.insert(released.clone(), false.into());
    assert_eq!(published(&corporation), Line::Kept);
    corporation.fields.insert(released, true.into());
    assert!(matches!(published(&corporation), Line::Row(_)));
}
