//! Letters: what a template is given, who may have them, and their issue.

use crate::act::Actor;
use crate::change::{targets, type_of};
use crate::decision::EffectOrder;
use crate::event::Patch;
use crate::refusal::{Fault, Refusal};
use crate::render::{typed_text, value_text};
use crate::scope::{Around, RecordScope, evaluate};
use crate::see::may_see;
use crate::snapshot::{Issued, Snapshot};
use crate::world::{Doing, World, unread};
use definition::model::{Document, Field, FieldKind, RecordType, Service, Target, Who};
use feel::{EvalError, Value};
use indexmap::IndexMap;
use jiff::civil::Date;
use serde_json::{Map, Value as Json};

/// What the letter's template is given: values in the reader's manner (29,800円, 令和8年11月22日, titles instead of
/// codes), `null` where there is none; lists and contexts as they are.
///
/// # Errors
/// What an expression may meet: no row in a table, division by zero.
pub fn data(scope: &RecordScope<'_>, document: &Document) -> Result<Json, EvalError> {
    let rt = scope.record_type();
    let mut members = Map::new();
    for (name, typed) in &document.data {
        let kind = rt.fields.get(typed.source().trim()).map(|f| &f.kind);
        let value = evaluate(typed, scope)?;
        let told = value.map_or(Json::Null, |value| told(scope, &value, kind));
        members.insert(name.clone(), told);
    }
    Ok(Json::Object(members))
}

fn told(scope: &RecordScope<'_>, value: &Value, kind: Option<&FieldKind>) -> Json {
    let (service, day) = (scope.around().service(), scope.as_of());
    match (kind, value) {
        (_, Value::Null) => Json::Null,
        (Some(FieldKind::Rows { fields, .. }), Value::List(rows)) => rows
            .iter()
            .map(|row| told_row(service, fields, row, day))
            .collect(),
        (Some(FieldKind::Remarks), Value::List(remarks)) => (1..)
            .zip(remarks.iter())
            .map(|(number, remark)| told_remark(scope, number, remark))
            .collect(),
        (None, Value::Boolean(yes)) => Json::Bool(*yes),
        (None, Value::List(items)) => items.iter().map(|item| told(scope, item, None)).collect(),
        (None, Value::Context(members)) => members
            .iter()
            .map(|(name, value)| (name.to_string(), told(scope, value, None)))
            .collect::<Map<_, _>>()
            .into(),
        (Some(FieldKind::Boolean | FieldKind::Declaration { .. }), Value::Boolean(yes)) => {
            Json::Bool(*yes)
        }
        (kind, value) => Json::String(value_text(service, value, kind, day)),
    }
}

fn told_row(service: &Service, fields: &IndexMap<String, Field>, row: &Value, day: Date) -> Json {
    let member = |field: &Field| {
        let text = row
            .get(&field.name)
            .filter(|value| **value != Value::Null)
            .map(|value| value_text(service, value, Some(&field.kind), day));
        (field.name.clone(), text.map_or(Json::Null, Json::String))
    };
    Json::Object(fields.values().map(member).collect())
}

/// A remark with the place at which it is pinned: the title of the field, and where on which page its mark stands.
fn told_remark(scope: &RecordScope<'_>, number: usize, remark: &Value) -> Json {
    let text = |name: &str| {
        remark
            .get(name)
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let pointer = text("pointer");
    let mut path = pointer.trim_start_matches("/fields/").split('/');
    let name = path.next().unwrap_or_default();
    let field = scope.record_type().fields.get(name);
    let mut place = field
        .map_or("全体", |field| field.title.as_str())
        .to_owned();
    // Which of several files: a letter has no names of files.
    let files = field.filter(|field| matches!(field.kind, FieldKind::Files { .. }));
    let kept = files.and_then(|field| scope.snapshot().fields.get(&field.id)?.as_array());
    let at = path.next().and_then(|at| at.parse::<usize>().ok());
    if let (Some(at), true) = (at, kept.is_some_and(|kept| kept.len() > 1)) {
        place.push_str(&format!("（{}つ目のファイル）", at + 1));
    }
    if let Some(mark) = crate::remark::mark(number, remark) {
        place.push_str(&format!("　{mark}"));
    }
    serde_json::json!({"where": place, "text": text("text")})
}

/// Whether a letter that is made anew is there now: in its states, while its condition holds.
#[must_use]
pub fn is_there(scope: &RecordScope<'_>, document: &Document) -> bool {
    let state = &scope.snapshot().state;
    (document.from.is_empty() || document.from.contains(state))
        && document.when.as_ref().is_none_or(|when| scope.holds(when))
}

/// Whether an actor may have a letter: they see the record, and all that the letter reads; where the definition names
/// people, they are one of them.
#[must_use]
pub fn may_have(
    service: &Service,
    rt: &RecordType,
    actor: &Actor,
    snapshot: &Snapshot,
    document: &Document,
) -> bool {
    let Some(seen) = may_see(service, rt, actor, snapshot) else {
        return false;
    };
    if actor.system {
        return true;
    }
    let sees_all = (document.data.values()).all(|typed| seen.tells_all(rt, typed));
    sees_all
        && (document.who.is_empty() || document.who.iter().any(|who| is(rt, who, actor, snapshot)))
}

fn is(rt: &RecordType, who: &Who, actor: &Actor, snapshot: &Snapshot) -> bool {
    match who {
        Who::System => actor.system,
        Who::Public => true,
        Who::SignedIn => actor.account.is_some(),
        Who::Desk(role) => actor.seats.iter().any(|seat| seat.role == *role),
        Who::Party(role) => actor.party_in(rt).is_some_and(|id| {
            snapshot
                .parties
                .iter()
                .any(|party| party.role == *role && party.id == id)
        }),
    }
}

/// What the public page behind a letter's code says today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Title of the letter.
    pub title: String,
    /// Whether it is valid today.
    pub valid: bool,
    /// What to say when it is not.
    pub says: String,
    /// Headings and values that everybody may know.
    pub show: Vec<(String, String)>,
}

/// The public page of a letter; none if it has none.
#[must_use]
pub fn verified(
    around: Around<'_>,
    rt: &RecordType,
    snapshot: &Snapshot,
    document: &Document,
) -> Option<Verified> {
    let verify = document.verify.as_ref()?;
    let scope = RecordScope::new(around.telling(snapshot), rt, snapshot, None);
    // Whoever holds the paper may know that it is genuine; of what is closed the page says no more.
    let told = snapshot.closed.is_none();
    let says = verify
        .says
        .as_ref()
        .map(|says| typed_text(around, rt, &scope, says, ""))
        .filter(|says| !says.is_empty());
    let state = rt.states.get(&snapshot.state);
    let show = verify.show.iter().map(|column| {
        let text = typed_text(around, rt, &scope, &column.value, "");
        (column.title.clone(), text)
    });
    Some(Verified {
        title: document.title.clone(),
        valid: scope.holds(&verify.valid),
        says: says
            .filter(|_| told)
            .unwrap_or_else(|| state.map_or_else(String::new, |s| s.title.clone())),
        show: show.filter(|(_, text)| told && !text.is_empty()).collect(),
    })
}

/// Issues a letter on the records that are meant: its words go into their events, its PDF is ordered.
pub(crate) fn issue(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    on: &Target,
    name: &str,
) -> Result<(), Refusal> {
    for id in targets(world, doing, on)? {
        let rt = type_of(world, id)?;
        let Some(document) = rt.documents.get(name) else {
            continue;
        };
        let other = Doing { id, rt, ..*doing };
        world.join(&other)?;
        let data = data(&world.scope(&other)?.telling(), document).map_err(|error| {
            let detail = format!("「{}」を作れません。{error}", document.title);
            crate::perform::invalid(vec![Fault::new("/input", "computed", detail)])
        })?;
        let snapshot = world.get(id).ok_or_else(unread)?;
        let earlier = snapshot.issued.iter().filter(|i| i.document == name);
        let copy = u32::try_from(earlier.count())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let letter = Issued {
            id: world.next_letter(),
            document: name.to_owned(),
            title: document.title.clone(),
            copy,
            on: world.act.effective_on,
            definition: world.facts.service.hash.clone(),
            seq: 0,
        };
        world.effects.push(EffectOrder::Issue {
            record: id,
            service: world.facts.service.slug.clone(),
            record_type: rt.name.clone(),
            title: letter.title.clone(),
            letter: letter.id,
        });
        world.put(id, Patch::Issued { letter, data });
    }
    Ok(())
}
