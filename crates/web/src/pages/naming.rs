//! How pages call a record and where they show it.

use definition::model::RecordType;
use engine::RecordView;
use kernel::RecordId;

/// The page of a record.
pub(super) fn href(service: &str, record_type: &str, id: RecordId) -> String {
    format!("/r/{service}/{record_type}/{id}")
}

/// The page of a record at hand.
pub(super) fn page(record: &RecordView) -> String {
    href(&record.service.slug, &record.record_type.name, record.id)
}

/// The page of a view at the desk.
pub(super) fn view(service: &str, record_type: &str, view: &str) -> String {
    format!("/desk/{service}/{record_type}/views/{view}")
}

/// What a record at hand is called: label and number, or its kind where it has neither.
pub(super) fn called(record: &RecordView) -> String {
    let name = full(record.label.as_ref(), record.number.as_ref());
    or_kind(name, &record.record_type)
}

/// Label and number; empty where the record has neither.
pub(super) fn full(label: Option<&String>, number: Option<&String>) -> String {
    let parts = [label, number];
    let texts = parts.into_iter().flatten().map(String::as_str);
    texts
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("　")
}

/// A name, or what kind of record it is where it has none.
pub(super) fn or_kind(name: String, rt: &RecordType) -> String {
    if name.is_empty() {
        rt.title.clone()
    } else {
        name
    }
}
