//! What a letter might be given, made from the types of its data: so that a template is tried before anybody waits for
//! the letter.

use crate::model::{Document, FieldKind, RecordType};
use feel::Type;
use serde_json::{Map, Value as Json, json};

/// Two samples of a letter's data in the form that templates get: one in which everything is there, and one in which
/// all that may be absent is.
#[must_use]
pub fn letter_samples(rt: &RecordType, document: &Document) -> [Json; 2] {
    [true, false].map(|full| {
        let data = document.data.iter().map(|(name, typed)| {
            let kind = rt
                .fields
                .get(typed.source().trim())
                .map(|field| &field.kind);
            (name.clone(), sample(typed.ty(), kind, full))
        });
        Json::Object(data.collect())
    })
}

fn sample(ty: &Type, kind: Option<&FieldKind>, full: bool) -> Json {
    match (ty, kind) {
        (Type::Optional(_), _) if !full => Json::Null,
        (Type::Optional(inner), _) => sample(inner, kind, full),
        (_, Some(FieldKind::Remarks)) => several(
            full,
            || json!({"where": "見本の項目", "text": "見本の文です。"}),
        ),
        (_, Some(FieldKind::Rows { fields, .. })) => several(full, || {
            let member = |field: &crate::model::Field| {
                let absent = !full && crate::kinds::may_be_absent(field);
                let value = match absent {
                    true => Json::Null,
                    false => sample(&field.kind.feel_type(), Some(&field.kind), full),
                };
                (field.name.clone(), value)
            };
            Json::Object(fields.values().map(member).collect())
        }),
        // These are said in one text.
        (_, Some(FieldKind::PersonName)) => "見本　花子".into(),
        (_, Some(FieldKind::Address)) => "見本市見本町1-2-3 見本ビル4階".into(),
        (_, Some(FieldKind::Choices(_) | FieldKind::Files { .. })) => "見本".into(),
        (Type::Boolean, _) => full.into(),
        (Type::List(inner), _) => several(full, || sample(inner, None, full)),
        (Type::Context(context), _) => {
            let members = context.fields.iter();
            Json::Object(
                members
                    .map(|(name, ty)| (name.clone(), sample(ty, None, full)))
                    .collect::<Map<_, _>>(),
            )
        }
        (Type::Date, _) => "令和8年11月22日".into(),
        (Type::Number, Some(FieldKind::Yen { .. })) => "18,300円".into(),
        (Type::Number, _) => "1,234".into(),
        (Type::Null, _) => Json::Null,
        _ => "見本の文です。".into(),
    }
}

fn several(full: bool, one: impl Fn() -> Json) -> Json {
    let count = if full { 2 } else { 0 };
    (0..count).map(|_| one()).collect()
}
