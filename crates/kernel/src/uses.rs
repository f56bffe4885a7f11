//! Which uploads a record comes to name: those of its input, and those that copies and changes put into it. So whoever
//! may read the record may read them, wherever they were sent first.

use crate::event::{Event, Patch};
use crate::facts::Facts;
use crate::ids::{AttachmentId, RecordId};
use definition::model::{Field, FieldKind};
use serde_json::Value as Json;

/// The uploads that an event puts into its record.
pub(crate) fn named_by(facts: &Facts, event: &Event) -> Vec<(AttachmentId, RecordId)> {
    let record = event.header.record;
    let Some(rt) = facts.service.types.get(&event.header.record_type) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for patch in &event.body.patches {
        if let Patch::Field { id, value } = patch
            && let Some(field) = rt.field_by_id(id)
        {
            collect(field, value, &mut files);
        }
    }
    files.into_iter().map(|file| (file, record)).collect()
}

fn collect(field: &Field, value: &Json, files: &mut Vec<AttachmentId>) {
    match (&field.kind, value) {
        (FieldKind::Files { .. }, Json::Array(items)) => {
            files.extend(
                items
                    .iter()
                    .filter_map(|id| id.as_str()?.parse::<AttachmentId>().ok()),
            );
        }
        (FieldKind::Rows { fields, .. }, Json::Array(rows)) => {
            for row in rows {
                for member in fields.values() {
                    if let Some(value) = row.get(&member.id) {
                        collect(member, value, files);
                    }
                }
            }
        }
        _ => {}
    }
}
