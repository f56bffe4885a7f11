//! Uploaded files.

use super::{Read, Reader, blank, faulty};
use crate::ids::AttachmentId;
use crate::refusal::Fault;
use definition::model::Field;
use serde_json::Value as Json;

/// What files may be.
pub(super) struct Limits<'a> {
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) media_types: &'a [String],
    pub(super) max_bytes: u64,
}

pub(super) fn files(
    reader: &mut Reader<'_>,
    field: &Field,
    json: &Json,
    pointer: &str,
    limits: &Limits<'_>,
) -> Read {
    let single = [json.clone()];
    let items = match json {
        Json::Array(items) => items.as_slice(),
        Json::String(_) => &single,
        _ => {
            return faulty(
                pointer,
                "format",
                format!(
                    "「{}」は、送ったファイルの番号の一覧で渡してください。",
                    field.title
                ),
            );
        }
    };
    let mut ids: Vec<AttachmentId> = Vec::new();
    let mut faults = Vec::new();
    for (at, item) in items.iter().enumerate().filter(|(_, item)| !blank(item)) {
        match file(reader, field, item, &format!("{pointer}/{at}"), limits) {
            Ok(id) if ids.contains(&id) => {}
            Ok(id) => ids.push(id),
            Err(fault) => faults.push(fault),
        }
    }
    if ids.len() > limits.max {
        faults.push(Fault::new(
            pointer,
            "too_many",
            format!("「{}」は{}件までにしてください。", field.title, limits.max),
        ));
    }
    if !reader.draft && faults.is_empty() && !ids.is_empty() && ids.len() < limits.min {
        faults.push(Fault::new(
            pointer,
            "too_few",
            format!(
                "「{}」は{}件以上添付してください。",
                field.title, limits.min
            ),
        ));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    reader.files.extend(&ids);
    let ids: Vec<Json> = ids.iter().map(|id| Json::String(id.to_string())).collect();
    Ok((!ids.is_empty()).then_some(Json::Array(ids)))
}

fn file(
    reader: &Reader<'_>,
    field: &Field,
    item: &Json,
    pointer: &str,
    limits: &Limits<'_>,
) -> Result<AttachmentId, Fault> {
    let title = &field.title;
    let id: Option<AttachmentId> = item.as_str().and_then(|s| s.trim().parse().ok());
    let known =
        id.and_then(|id| Some((id, reader.facts.attachments.get(&id).filter(|a| a.usable)?)));
    let Some((id, fact)) = known else {
        return Err(Fault::new(
            pointer,
            "unknown_upload",
            format!("「{title}」のファイルが見つかりません。もう一度送ってください。"),
        ));
    };
    let fits = |allowed: &String| match allowed.strip_suffix("/*") {
        Some(family) => fact.media_type.split('/').next() == Some(family),
        None => *allowed == fact.media_type,
    };
    if !limits.media_types.is_empty() && !limits.media_types.iter().any(fits) {
        let detail = format!(
            "「{title}」に使えるのは{}です。別の形式で保存して、送り直してください。",
            limits.media_types.join("、")
        );
        return Err(Fault::new(pointer, "media_type", detail));
    }
    if fact.bytes > limits.max_bytes {
        let detail = format!(
            "「{title}」のファイルは{}までです。小さくして送り直してください。",
            size(limits.max_bytes)
        );
        return Err(Fault::new(pointer, "too_large", detail));
    }
    Ok(id)
}

fn size(bytes: u64) -> String {
    match bytes {
        b if b >= 1 << 20 => format!("{}MB", b >> 20),
        b if b >= 1 << 10 => format!("{}KB", b >> 10),
        b => format!("{b}バイト"),
    }
}
