//! What a form shows for values that nobody has kept yet: which fields are shown, what is computed. Reads only.

use crate::looking::Read;
use crate::registry::record_type;
use crate::{Engine, Failure};
use definition::model::{Field, FieldKind, RecordLink, RecordType};
use indexmap::IndexMap;
use kernel::looks::Way;
use kernel::{Actor, Around, Facts, Layer, PartyId, PartyRef, RecordId, RecordScope, Snapshot};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Rounds in which computed values settle: each may read those before it.
const MAX_ROUNDS: usize = 4;

/// A record as it would look with an input, unchecked. Never stored.
#[derive(Clone, Default)]
pub struct Sketch {
    /// Fields that are hidden now, by path: `water_test`, `trades.0.existing_number`.
    pub hidden: BTreeSet<String>,
    /// Values by field name, the input and what is computed from it.
    pub fields: BTreeMap<String, Json>,
    /// Values offered in empty fields.
    pub defaults: BTreeMap<String, Json>,
    /// What named records bring along for fields that are empty.
    pub copied: BTreeMap<String, Json>,
    /// The records that a field may name, by field name.
    pub candidates: BTreeMap<String, Vec<Candidate>>,
    /// The office that would receive it.
    pub office: Option<String>,
}

/// A record that may be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: RecordId,
    /// Its number and the line that names it.
    pub title: String,
}

impl Engine {
    /// What a form shows with this input: over a record, or over none yet.
    ///
    /// # Errors
    /// 404 for what the actor may not see.
    pub async fn sketch(
        &self,
        actor: &Actor,
        service: &str,
        kind: &str,
        record: Option<RecordId>,
        input: &Map<String, Json>,
    ) -> Result<Sketch, Failure> {
        let (mut facts, rt, mut snapshot) = match record {
            Some(id) => {
                let (service, rt, snapshot) = self.find(service, kind, id).await?;
                let actor = &*kernel::counter::stand_in(&rt, actor, &snapshot);
                kernel::may_see(&service, &rt, actor, &snapshot).ok_or_else(Failure::not_found)?;
                let read = Read::one(&rt, actor, &snapshot);
                self.noted(actor, Way::Record, None, read).await?;
                (
                    self.facts(service, &rt, snapshot.clone()).await?,
                    rt,
                    snapshot,
                )
            }
            None => {
                let service = self.service(service)?;
                let rt = record_type(&service, kind)?;
                let snapshot = blank(&service.hash, &service.slug, &rt, actor, self.now());
                (self.empty_facts(service), rt, snapshot)
            }
        };
        for (name, value) in input {
            if let Some(field) = rt.fields.get(name).filter(|field| field.value.is_none()) {
                put(&mut snapshot.fields, &field.id, inward(&field.kind, value));
            }
        }
        self.add_named(&mut facts, &rt, actor, input).await?;
        let copied = copied(&facts, &rt, &mut snapshot);
        let mut sketch = draw(&facts, &rt, snapshot.clone());
        sketch.copied = copied;
        facts.record.get_or_insert(snapshot);
        for field in rt.fields.values().filter(|field| field.value.is_none()) {
            if let Some(link) = field.kind.record_link() {
                let found = self.candidates(&facts, &rt, actor, link).await?;
                sketch.candidates.insert(field.name.clone(), found);
            }
        }
        Ok(sketch)
    }

    /// The records that a field may name, newest first.
    async fn candidates(
        &self,
        facts: &Facts,
        rt: &RecordType,
        actor: &Actor,
        link: &RecordLink,
    ) -> Result<Vec<Candidate>, Failure> {
        let Some(of) = facts.service.types.get(&link.of) else {
            return Ok(Vec::new());
        };
        let found = match &link.among {
            Some(lookup) => facts.lookups.get(lookup).cloned().unwrap_or_default(),
            None => self.nameable(&facts.service, of, actor).await?,
        };
        let Some(record) = &facts.record else {
            return Ok(Vec::new());
        };
        let scope = RecordScope::new(Around::of(facts), rt, record, None);
        let fits = |one: &&Snapshot| {
            link.condition.as_ref().is_none_or(|condition| {
                let it = kernel::scope::record_value(Around::of(facts), of, one);
                matches!(
                    condition.evaluate(&Layer::name(&scope, "it", it)),
                    Ok(feel::Value::Boolean(true))
                )
            })
        };
        let candidate = |one: &Snapshot| {
            let label = kernel::scope::label(&RecordScope::new(Around::of(facts), of, one, None));
            let parts = [one.number.clone(), label];
            Candidate {
                id: one.id,
                title: parts.into_iter().flatten().collect::<Vec<_>>().join("　"),
            }
        };
        Ok(found
            .iter()
            .filter(|one| kernel::may_name(of, actor, one))
            .filter(fits)
            .map(candidate)
            .collect())
    }
}

/// Puts what named records bring along into fields that are empty; answers it by field name, as an input has it.
fn copied(facts: &Facts, rt: &RecordType, snapshot: &mut Snapshot) -> BTreeMap<String, Json> {
    let before = snapshot.clone();
    let scope = RecordScope::new(Around::of(facts), rt, &before, None);
    let named = rt
        .fields
        .values()
        .filter(|field| before.fields.contains_key(&field.id))
        .filter_map(|field| field.kind.record_link());
    let mut found = BTreeMap::new();
    for set in named.flat_map(|link| &link.copies) {
        let Some(field) = rt.fields.get(&set.field) else {
            continue;
        };
        if before.fields.contains_key(&field.id) {
            continue;
        }
        if let Ok(Some(value)) = scope.value(&set.value) {
            let json = field.kind.from_feel(&value);
            found.insert(
                field.name.clone(),
                kernel::convert::outward(&field.kind, &json),
            );
            put(&mut snapshot.fields, &field.id, json);
        }
    }
    found
}

fn blank(hash: &str, slug: &str, rt: &RecordType, actor: &Actor, at: jiff::Timestamp) -> Snapshot {
    let state = rt.states.keys().next().cloned().unwrap_or_default();
    let kind = actor
        .on_behalf_kind
        .clone()
        .unwrap_or_else(|| "person".into());
    let name = actor
        .on_behalf_name
        .clone()
        .unwrap_or_else(|| actor.name.clone());
    let party = |role: &String| {
        actor.party_in(rt).map(|id: PartyId| PartyRef {
            counter: actor.counter,
            role: role.clone(),
            id,
            kind: kind.clone(),
            name: name.clone(),
        })
    };
    let owners = rt
        .parties
        .iter()
        .filter(|(_, rule)| rule.owner)
        .filter_map(|(role, _)| party(role));
    Snapshot {
        id: RecordId(Uuid::nil()),
        service: slug.to_owned(),
        record_type: rt.name.clone(),
        number: None,
        state,
        version: 0,
        authority: None,
        office: None,
        municipality: None,
        parties: owners.collect(),
        parent: None,
        links: BTreeMap::new(),
        fields: BTreeMap::new(),
        field_versions: BTreeMap::new(),
        definition: hash.to_owned(),
        arrived_on: None,
        clocks: BTreeMap::new(),
        route: None,
        trail: Vec::new(),
        issued: Vec::new(),
        invitations: Vec::new(),
        state_since: None,
        kept: None,
        closed: None,
        created_at: at,
        updated_at: at,
    }
}

/// Rows come by field name and are kept by field id.
fn inward(kind: &FieldKind, json: &Json) -> Json {
    if kind.individual_rule().is_some() {
        return kernel::convert::given(json);
    }
    let (FieldKind::Rows { fields, .. }, Json::Array(rows)) = (kind, json) else {
        return json.clone();
    };
    let row = |row: &Json| {
        fields
            .values()
            .filter_map(|field| {
                Some((field.id.clone(), inward(&field.kind, row.get(&field.name)?)))
            })
            .collect::<Map<_, _>>()
    };
    Json::Array(rows.iter().map(|one| Json::Object(row(one))).collect())
}

fn put(fields: &mut BTreeMap<String, Json>, id: &str, value: Json) {
    if value.is_null() {
        fields.remove(id);
    } else {
        fields.insert(id.to_owned(), value);
    }
}

fn draw(facts: &Facts, rt: &RecordType, mut snapshot: Snapshot) -> Sketch {
    for _ in 0..MAX_ROUNDS {
        let next = computed(facts, rt, &snapshot);
        if next == snapshot {
            break;
        }
        snapshot = next;
    }
    let scope = RecordScope::new(Around::of(facts), rt, &snapshot, None);
    let mut sketch = Sketch {
        office: snapshot.office.clone(),
        ..Sketch::default()
    };
    for field in rt.fields.values() {
        let json = snapshot.fields.get(&field.id);
        if let Some(json) = json {
            sketch.fields.insert(
                field.name.clone(),
                kernel::convert::outward(&field.kind, json),
            );
        }
        if !scope.shown(field) {
            sketch.hidden.insert(field.name.clone());
        }
        if let (None, Some(default)) = (json, &field.default)
            && let Ok(Some(value)) = scope.value(default)
        {
            let json = field.kind.from_feel(&value);
            let json = kernel::convert::outward(&field.kind, &json);
            sketch.defaults.insert(field.name.clone(), json);
        }
        if let (FieldKind::Rows { fields, .. }, Some(Json::Array(rows))) = (&field.kind, json) {
            hide_in_rows(&scope, field, fields, rows, &mut sketch.hidden);
        }
    }
    sketch
}

fn hide_in_rows(
    scope: &RecordScope<'_>,
    field: &Field,
    members: &IndexMap<String, Field>,
    rows: &[Json],
    hidden: &mut BTreeSet<String>,
) {
    for (at, row) in rows.iter().enumerate() {
        let layer = Layer::row(scope, members, row);
        for member in members.values() {
            let shown = |typed: &feel::Typed| {
                matches!(typed.evaluate(&layer), Ok(feel::Value::Boolean(true)))
            };
            if member.show_if.as_ref().is_some_and(|typed| !shown(typed)) {
                hidden.insert(format!("{}.{at}.{}", field.name, member.name));
            }
        }
    }
}

/// One round: what can be computed from what is there; the rest is absent.
fn computed(facts: &Facts, rt: &RecordType, before: &Snapshot) -> Snapshot {
    let mut after = before.clone();
    let scope = RecordScope::new(Around::of(facts), rt, before, None);
    let text = |typed: &Option<feel::Typed>| {
        typed
            .as_ref()
            .and_then(|t| scope.value(t).ok().flatten())
            .map(|v| v.to_string())
            .filter(|t| !t.is_empty())
    };
    after.municipality = text(&rt.municipality).or_else(|| before.municipality.clone());
    after.authority = text(&rt.authority).or_else(|| before.authority.clone());
    after.office = text(&rt.office).or_else(|| before.office.clone());
    for field in rt.fields.values() {
        if let Some(typed) = &field.value {
            let value = scope.value(typed).ok().flatten();
            put(
                &mut after.fields,
                &field.id,
                value.map_or(Json::Null, |value| field.kind.from_feel(&value)),
            );
        } else if let (FieldKind::Rows { fields, .. }, Some(Json::Array(rows))) =
            (&field.kind, before.fields.get(&field.id))
        {
            let rows = rows
                .iter()
                .map(|row| computed_row(&scope, fields, row))
                .collect();
            after.fields.insert(field.id.clone(), Json::Array(rows));
        }
    }
    after
}

fn computed_row(scope: &RecordScope<'_>, members: &IndexMap<String, Field>, row: &Json) -> Json {
    let layer = Layer::row(scope, members, row);
    let mut fresh = row.as_object().cloned().unwrap_or_default();
    for member in members.values() {
        let Some(typed) = &member.value else { continue };
        match kernel::scope::evaluate(typed, &layer) {
            Ok(Some(value)) => fresh.insert(member.id.clone(), member.kind.from_feel(&value)),
            _ => fresh.remove(&member.id),
        };
    }
    Json::Object(fresh)
}
