//! Taking an input into a record: values, computed fields, what is hidden, what is missing, checks, conditions.

use super::{Reader, blank, escape, form_fields, missing, nearest};
use crate::compute::refresh;
use crate::context::named_records;
use crate::event::Patch;
use crate::perform::values;
use crate::refusal::{Fault, Refusal};
use crate::render::Speaker;
use crate::scope::{Layer, record_value};
use crate::snapshot::Snapshot;
use crate::stale::fed_by;
use crate::world::{Doing, World, unread};
use definition::model::{Action, Condition, Field, FieldKind, Form, Part, RecordType};
use feel::{EvalError, Typed, Value};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// What entering found.
pub(crate) struct Entered {
    /// All faults, in the order of the form.
    pub(crate) faults: Vec<Fault>,
}

/// Reads the input and puts it into the record, with all that follows from it. A field with a fault keeps its old
/// value, so that the rest can still be judged.
pub(crate) fn enter(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    action: &Action,
    input: &Map<String, Json>,
) -> Result<Entered, Refusal> {
    let draft = action.form == Form::Any;
    let form = form_fields(doing.rt, action);
    let mut faults = strangers(doing.rt, &form, input);
    let mut faulty = read(world, doing, &form, input, draft)?;
    let mut computed = refresh(world, doing, &form)?;
    let hidden = hidden(world, doing, &form)?;
    if !draft && !hidden.is_empty() {
        if filled(world, doing, &hidden) {
            computed = drop_hidden(world, doing, &form, hidden.clone())?;
        }
        faulty.retain(|name, _| !hidden.iter().any(|f| f.name == *name));
    }
    if !draft {
        lacking(world, doing, &form, &mut faulty)?;
        anew(world, doing, action, &form, input, &mut faulty)?;
    }
    for field in &form {
        faults.extend(faulty.remove(&field.name).unwrap_or_default());
    }
    let clean = faults.is_empty();
    // What could not be computed is a fault of the entry, unless the entry has others that explain it.
    faults.extend(computed.into_iter().filter(|_| clean && !draft));
    let known: Vec<String> = faults.iter().map(|f| f.pointer.clone()).collect();
    faults.extend(require(world, doing, action, &form, &known)?);
    Ok(Entered { faults })
}

/// Names that the form does not have.
fn strangers(rt: &RecordType, form: &[&Field], input: &Map<String, Json>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in input
        .keys()
        .filter(|name| !form.iter().any(|f| f.name == **name))
    {
        let detail = match rt.fields.get(name) {
            Some(field) if field.value.is_some() => format!(
                "「{}」は自動で計算されます。入力から外してください。",
                field.title
            ),
            Some(field) => format!("「{}」は、この操作では入力できません。", field.title),
            None => {
                let near = nearest(name, form.iter().map(|f| f.name.as_str()));
                let hint = near
                    .map(|near| format!("「{near}」ではありませんか。"))
                    .unwrap_or_default();
                let shown: String = name.chars().take(40).collect();
                format!("「{shown}」という項目はありません。{hint}")
            }
        };
        faults.push(Fault::new(
            format!("/input/{}", escape(name)),
            "unknown_field",
            detail,
        ));
    }
    faults
}

/// Puts what can be read; answers the faults by field.
fn read(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    form: &[&Field],
    input: &Map<String, Json>,
    draft: bool,
) -> Result<BTreeMap<String, Vec<Fault>>, Refusal> {
    let day = world
        .get(doing.id)
        .ok_or_else(unread)?
        .arrived_on
        .unwrap_or(world.facts.today);
    let mut reader = Reader {
        facts: world.facts,
        actor: &world.act.actor,
        day,
        draft,
        files: Vec::new(),
    };
    let mut faulty = BTreeMap::new();
    for field in form {
        let Some(json) = input.get(&field.name) else {
            continue;
        };
        match reader.read(field, json, &format!("/input/{}", escape(&field.name))) {
            Ok(value) => world.put(
                doing.id,
                Patch::Field {
                    id: field.id.clone(),
                    value: value.unwrap_or(Json::Null),
                },
            ),
            Err(faults) => {
                faulty.insert(field.name.clone(), faults);
            }
        }
    }
    let files = std::mem::take(&mut reader.files);
    world
        .attachments
        .extend(files.into_iter().map(|file| (file, doing.id)));
    faulty.extend(unfit(world, doing, form, input)?);
    faulty.extend(super::official::name(world, doing, form, input)?);
    bring_along(world, doing, form, input)?;
    Ok(faulty)
}

/// What the records named in this input bring along, for fields that the input leaves out and that are empty.
fn bring_along(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    form: &[&Field],
    input: &Map<String, Json>,
) -> Result<(), Refusal> {
    let named = form
        .iter()
        .filter(|field| input.get(&field.name).is_some_and(|json| !blank(json)))
        .filter_map(|field| Some((field, field.kind.record_link()?)));
    for (field, link) in named {
        let snapshot = world.get(doing.id).ok_or_else(unread)?;
        if !snapshot.fields.contains_key(&field.id) {
            continue;
        }
        let empty = |name: &str| {
            let target = doing.rt.fields.get(name);
            !input.contains_key(name)
                && target.is_some_and(|target| !snapshot.fields.contains_key(&target.id))
        };
        let wanted: Vec<_> = link
            .copies
            .iter()
            .filter(|set| empty(&set.field))
            .cloned()
            .collect();
        for (id, value) in values(&wanted, doing.rt, &world.scope(doing)?)? {
            world.put(doing.id, Patch::Field { id, value });
        }
    }
    Ok(())
}

fn hidden<'f>(
    world: &World<'_>,
    doing: &Doing<'_>,
    form: &[&'f Field],
) -> Result<Vec<&'f Field>, Refusal> {
    if form
        .iter()
        .all(|f| f.show_if.is_none() && !matches!(f.kind, FieldKind::Rows { .. }))
    {
        return Ok(Vec::new());
    }
    let scope = world.scope(doing)?;
    Ok(form
        .iter()
        .copied()
        .filter(|field| !scope.shown(field))
        .collect())
}

/// Whether one of the fields has a value.
fn filled(world: &World<'_>, doing: &Doing<'_>, fields: &[&Field]) -> bool {
    world
        .get(doing.id)
        .is_some_and(|s| fields.iter().any(|f| s.fields.contains_key(&f.id)))
}

/// Removes hidden fields until none becomes hidden by that.
fn drop_hidden<'f>(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    form: &[&'f Field],
    mut gone: Vec<&'f Field>,
) -> Result<Vec<Fault>, Refusal> {
    loop {
        for field in &gone {
            world.put(
                doing.id,
                Patch::Field {
                    id: field.id.clone(),
                    value: Json::Null,
                },
            );
        }
        let faults = refresh(world, doing, form)?;
        let now = hidden(world, doing, form)?;
        if !filled(world, doing, &now) {
            return Ok(faults);
        }
        gone = now;
    }
}

/// What is needed and missing, and the fields' own checks.
fn lacking(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    form: &[&Field],
    faulty: &mut BTreeMap<String, Vec<Fault>>,
) -> Result<(), Refusal> {
    let mut trimmed = Vec::new();
    {
        let snapshot = world.get(doing.id).ok_or_else(unread)?;
        let scope = world.scope(doing)?;
        let speaker = Speaker::of(world.around(), doing.rt, &scope);
        for field in form.iter().filter(|f| scope.shown(f)) {
            if faulty.contains_key(&field.name) {
                continue;
            }
            let pointer = format!("/input/{}", escape(&field.name));
            let stored = snapshot.fields.get(&field.id);
            let mut faults = one_field(field, stored, &pointer, &speaker);
            if let (FieldKind::Rows { fields, .. }, Some(Json::Array(rows))) = (&field.kind, stored)
            {
                let kept = each_row(fields, rows, &pointer, &speaker, &mut faults);
                trimmed.extend(kept.map(|rows| Patch::Field {
                    id: field.id.clone(),
                    value: rows,
                }));
            }
            if !faults.is_empty() {
                faulty.insert(field.name.clone(), faults);
            }
        }
    }
    for patch in trimmed {
        world.put(doing.id, patch);
    }
    Ok(())
}

/// A correction mends something, and says its reason each time: an earlier one does not stand for it.
fn anew(
    world: &World<'_>,
    doing: &Doing<'_>,
    action: &Action,
    form: &[&Field],
    input: &Map<String, Json>,
    faulty: &mut BTreeMap<String, Vec<Fault>>,
) -> Result<(), Refusal> {
    let (Some(first), Some(before)) = (action.corrects.first(), &world.facts.record) else {
        return Ok(());
    };
    let now = world.get(doing.id).ok_or_else(unread)?;
    let place = |name: &str| format!("/input/{}", escape(name));
    let corrected = |field: &&&Field| action.corrects.contains(&field.name);
    let said = |field: &Field| input.get(&field.name).is_some_and(|json| !blank(json));
    let scope = world.scope(doing)?;
    for field in form.iter().filter(|field| !corrected(field)) {
        if field.required && scope.shown(field) && !said(field) {
            let sentence = super::plainly_missing(field);
            faulty
                .entry(field.name.clone())
                .or_insert_with(|| vec![Fault::new(place(&field.name), "required", sentence)]);
        }
    }
    let mended = form
        .iter()
        .filter(corrected)
        .any(|field| now.fields.get(&field.id) != before.fields.get(&field.id));
    if !mended && faulty.is_empty() {
        let detail = "訂正する項目が、どれも前と同じです。直すところを書き換えてください。";
        let fault = Fault::new(place(first), "unchanged", detail);
        faulty.insert(first.clone(), vec![fault]);
    }
    Ok(())
}

/// Named records that are not what their field asks for. Those named before stay, whatever they have become since.
fn unfit(
    world: &World<'_>,
    doing: &Doing<'_>,
    form: &[&Field],
    input: &Map<String, Json>,
) -> Result<BTreeMap<String, Vec<Fault>>, Refusal> {
    let scope = world.scope(doing)?;
    let around = world.around();
    let before = |field: &Field| {
        let record = world.facts.record.as_ref();
        record.and_then(|record| record.fields.get(&field.id))
    };
    let named = form
        .iter()
        .filter(|field| input.contains_key(&field.name))
        .filter(|field| before(field) != scope.snapshot().fields.get(&field.id))
        .filter_map(|field| Some((field, field.kind.record_link()?.condition.as_ref()?)));
    let mut faulty = BTreeMap::new();
    for (field, condition) in named {
        let fits = |found: &Snapshot| {
            let Some(rt) = around.type_of(found) else {
                return false;
            };
            let layer = Layer::name(&scope, "it", record_value(around, rt, found));
            matches!(condition.evaluate(&layer), Ok(Value::Boolean(true)))
        };
        if !named_records(around, field, scope.snapshot())
            .into_iter()
            .all(fits)
        {
            let detail = format!(
                "「{}」に選んだ記録は、この手続きには使えません。一覧から選び直してください。",
                field.title
            );
            let pointer = format!("/input/{}", escape(&field.name));
            faulty.insert(
                field.name.clone(),
                vec![Fault::new(pointer, "record", detail)],
            );
        }
    }
    Ok(faulty)
}

fn one_field(
    field: &Field,
    stored: Option<&Json>,
    pointer: &str,
    speaker: &Speaker<'_>,
) -> Vec<Fault> {
    if lacks(field, stored) {
        return vec![Fault::new(pointer, "required", missing(field, speaker))];
    }
    let (FieldKind::Rows { min, .. }, count) = (
        &field.kind,
        stored.and_then(Json::as_array).map_or(0, Vec::len),
    ) else {
        return checks(field, stored, pointer, speaker);
    };
    if count < *min {
        let detail = format!("「{}」は{min}件以上入力してください。", field.title);
        return vec![Fault::new(
            pointer,
            if count == 0 { "required" } else { "too_few" },
            if count == 0 {
                missing(field, speaker)
            } else {
                detail
            },
        )];
    }
    checks(field, stored, pointer, speaker)
}

fn lacks(field: &Field, stored: Option<&Json>) -> bool {
    let agreed = stored == Some(&Json::Bool(true));
    field.required
        && field.value.is_none()
        && match field.kind {
            FieldKind::Declaration { .. } => !agreed,
            _ => stored.is_none_or(blank),
        }
}

fn checks(
    field: &Field,
    stored: Option<&Json>,
    pointer: &str,
    speaker: &Speaker<'_>,
) -> Vec<Fault> {
    if stored.is_none() {
        return Vec::new();
    }
    let failed = |check: &&Condition| {
        !matches!(
            check.that.evaluate(speaker.scope()),
            Ok(Value::Boolean(true)) | Err(EvalError::Absent { .. })
        )
    };
    field
        .checks
        .iter()
        .filter(failed)
        .map(|check| Fault::new(pointer, "check", speaker.say(&check.message)))
        .collect()
}

/// Judges each row; answers the rows without their hidden members, if there were any.
fn each_row(
    members: &IndexMap<String, Field>,
    rows: &[Json],
    pointer: &str,
    speaker: &Speaker<'_>,
    faults: &mut Vec<Fault>,
) -> Option<Json> {
    let mut kept = rows.to_vec();
    let mut dropped = false;
    for (at, row) in kept.iter_mut().enumerate() {
        let layer = Layer::row(speaker.scope(), members, row);
        let in_row = speaker.in_row(members, &layer);
        let mut hide = Vec::new();
        for (name, member) in members.iter().filter(|(_, m)| m.value.is_none()) {
            let shown = member
                .show_if
                .as_ref()
                .is_none_or(|s| matches!(s.evaluate(&layer), Ok(Value::Boolean(true))));
            if shown {
                faults.extend(one_field(
                    member,
                    row.get(&member.id),
                    &format!("{pointer}/{at}/{}", escape(name)),
                    &in_row,
                ));
            } else if row.get(&member.id).is_some() {
                hide.push(&member.id);
            }
        }
        if let Json::Object(row) = row {
            for id in hide {
                dropped |= row.remove(id).is_some();
            }
        }
    }
    dropped.then_some(Json::Array(kept))
}

/// The action's conditions that do not hold. One that reads a field with a fault of its own waits for that.
pub(crate) fn require(
    world: &World<'_>,
    doing: &Doing<'_>,
    action: &Action,
    form: &[&Field],
    known: &[String],
) -> Result<Vec<Fault>, Refusal> {
    if action.require.is_empty() {
        return Ok(Vec::new());
    }
    let scope = world.scope(doing)?;
    let faulty = |field: &&Field| {
        let place = format!("/input/{}", escape(&field.name));
        known.iter().any(|p| {
            p.strip_prefix(&place)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let unsure = fed_by(
        doing.rt,
        doing
            .rt
            .fields
            .values()
            .filter(faulty)
            .map(|f| f.name.as_str())
            .collect(),
    );
    let waits = |that: &Typed| {
        that.reads()
            .iter()
            .filter_map(|path| path.first())
            .any(|head| unsure.contains(head.as_str()))
    };
    let place = |name: &str| match form.iter().any(|f| f.name == name) {
        true => format!("/input/{}", escape(name)),
        false => format!("/fields/{}", escape(name)),
    };
    let speaker = Speaker::of(world.around(), doing.rt, &scope);
    let say = |parts: &[Part]| speaker.say(parts);
    let mut faults = Vec::new();
    for condition in action.require.iter().filter(|c| !waits(&c.that)) {
        let at = condition
            .field
            .as_deref()
            .map_or_else(|| "/input".to_owned(), place);
        match condition.that.evaluate(&scope) {
            Ok(Value::Boolean(true)) => {}
            Ok(_) => faults.push(Fault::new(at, "condition", say(&condition.message))),
            Err(EvalError::Absent { path, .. }) => {
                faults.push(absent(doing.rt, &path, &condition.message, &speaker, place))
            }
            Err(error) => faults.push(Fault::new(
                at,
                "condition",
                format!("{}（{error}）", say(&condition.message)),
            )),
        }
    }
    Ok(faults)
}

fn absent(
    rt: &RecordType,
    path: &[String],
    message: &[Part],
    speaker: &Speaker<'_>,
    place: impl Fn(&str) -> String,
) -> Fault {
    let field = path.first().and_then(|head| rt.fields.get(head));
    match field {
        Some(field) if field.value.is_none() => {
            Fault::new(place(&field.name), "required", missing(field, speaker))
        }
        Some(field) => Fault::new(
            place(&field.name),
            "condition",
            format!(
                "{}（「{}」がまだ決まっていません。）",
                speaker.say(message),
                field.title
            ),
        ),
        None => Fault::new("/input", "condition", speaker.say(message)),
    }
}
