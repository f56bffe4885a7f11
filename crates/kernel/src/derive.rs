//! What makes a record found: scope keys, entries of indexes, search text, unique values, timers.

use crate::decision::{Derived, Entry, Timer, UniqueValue};
use crate::facts::Facts;
use crate::key;
use crate::render;
use crate::scope::{Around, RecordScope, at_path, due, label, state, waits_for};
use crate::see;
use crate::snapshot::{ClockPhase, Snapshot};
use definition::model::{IndexKey, ListIndex, RecordType, Service, Unique};
use feel::{Typed, Value};
use japanese::calendar::Calendar;
use jiff::civil::Date;

/// At most so many entries of one index for one record.
pub const MAX_ENTRIES: usize = 64;

/// Derives from definition and snapshot. `around` holds the facts with the act's snapshots over them; timers before
/// `today` are left out, but for a due day that has passed.
#[must_use]
pub fn derive(
    service: &Service,
    rt: &RecordType,
    snapshot: &Snapshot,
    around: Around<'_>,
    today: Date,
) -> Derived {
    let scope = RecordScope::new(around, rt, snapshot, None);
    Derived {
        scopes: see::scopes(service, rt, snapshot),
        entries: rt
            .indexes
            .iter()
            .flat_map(|index| entries(service, rt, snapshot, index))
            .collect(),
        search: search(rt, snapshot, &scope.telling()),
        unique: rt
            .unique
            .iter()
            .filter_map(|unique| unique_value(around, rt, unique, &scope))
            .collect(),
        timers: timers(rt, snapshot, &around.facts.calendar, today),
    }
}

/// What a record is found by, as far as it follows from the record and the definition alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Scope keys.
    pub scopes: Vec<String>,
    /// Entries of indexes.
    pub entries: Vec<Entry>,
    /// Search text; none where it also says what relatives say, or what day it is.
    pub search: Option<String>,
    /// Unique values; none where they depend on more than the record.
    pub unique: Option<Vec<UniqueValue>>,
}

/// What the record in the facts is found by, whatever else is known. None if its type is not defined.
#[must_use]
pub fn own(facts: &Facts) -> Option<Own> {
    let record = facts.record.as_ref()?;
    let rt = facts.service.types.get(&record.record_type)?;
    let derived = derive(&facts.service, rt, record, Around::of(facts), facts.today);
    let is_own = |typed: &Typed| reads_itself(&facts.service, rt, typed);
    let unique = (rt.unique.iter()).all(|one| one.keys.iter().chain(&one.only).all(is_own));
    Some(Own {
        scopes: derived.scopes,
        entries: derived.entries,
        search: rt.label.iter().all(is_own).then_some(derived.search),
        unique: unique.then_some(derived.unique),
    })
}

/// Whether an expression reads nothing but the record: neither relatives nor the day.
fn reads_itself(service: &Service, rt: &RecordType, typed: &Typed) -> bool {
    const NAMES: [&str; 8] = [
        "state",
        "state_title",
        "number",
        "authority",
        "office",
        "municipality",
        "arrived_on",
        "created_on",
    ];
    const FUNCTIONS: [&str; 3] = ["same place", "address key", "month of"];
    let own_field = |name: &str| {
        rt.fields
            .get(name)
            .is_some_and(|field| field.kind.record_link().is_none())
    };
    let reads = typed.reads().iter().filter_map(|path| path.first());
    let mut calls = typed.calls().iter();
    reads
        .into_iter()
        .all(|name| own_field(name) || NAMES.contains(&name.as_str()))
        && calls.all(|name| service.tables.contains_key(name) || FUNCTIONS.contains(&name.as_str()))
}

/// The value of an index key for a record; a list where the key has several.
#[must_use]
pub fn key_value(
    service: &Service,
    rt: &RecordType,
    snapshot: &Snapshot,
    index_key: &IndexKey,
) -> Value {
    match index_key {
        IndexKey::Field(path) => at_path(rt, snapshot, path),
        IndexKey::State => Value::text(&snapshot.state),
        IndexKey::Number => snapshot.number.as_deref().map(Value::text).into(),
        IndexKey::CreatedAt => Value::DateTime(snapshot.created_at),
        IndexKey::UpdatedAt => Value::DateTime(snapshot.updated_at),
        IndexKey::ArrivedOn => snapshot.arrived_on.into(),
        IndexKey::Due => due(rt, snapshot).into(),
        IndexKey::WaitsFor => waits_for(service, rt, snapshot).into(),
        // One entry a person: see `entries`.
        IndexKey::AfterReview => Value::Null,
    }
}

/// The value under a path as filters write it: a field, or one of the record's own names.
#[must_use]
pub fn path_value(
    service: &Service,
    rt: &RecordType,
    snapshot: &Snapshot,
    path: &[String],
) -> Value {
    let own = match path {
        [one] if !rt.fields.contains_key(one) => match one.as_str() {
            "state" => IndexKey::State,
            "number" => IndexKey::Number,
            "created_at" => IndexKey::CreatedAt,
            "updated_at" => IndexKey::UpdatedAt,
            "arrived_on" => IndexKey::ArrivedOn,
            "due" => IndexKey::Due,
            "waits_for" => IndexKey::WaitsFor,
            "authority" => return snapshot.authority.as_deref().map(Value::text).into(),
            "office" => return snapshot.office.as_deref().map(Value::text).into(),
            "municipality" => return snapshot.municipality.as_deref().map(Value::text).into(),
            _ => return Value::Null,
        },
        _ => return at_path(rt, snapshot, path),
    };
    key_value(service, rt, snapshot, &own)
}

/// Entries of one index: one a row (or element) where a key has several values; keys of the same rows go together.
fn entries(
    service: &Service,
    rt: &RecordType,
    snapshot: &Snapshot,
    index: &ListIndex,
) -> Vec<Entry> {
    let wanted = index
        .only
        .as_ref()
        .is_none_or(|only| only.holds(&|path| path_value(service, rt, snapshot, path)));
    if !wanted {
        return Vec::new();
    }
    if index.keys.first() == Some(&IndexKey::AfterReview) {
        return after_review(service, rt, snapshot, index);
    }
    let heads: Vec<Option<&str>> = index.keys.iter().map(|k| k.group(&rt.fields)).collect();
    let mut groups: Vec<&str> = heads.iter().filter_map(|h| *h).collect();
    groups.dedup();
    let mut all = vec![vec![key::ABSENT.to_vec(); index.keys.len()]];
    for (at, index_key) in index
        .keys
        .iter()
        .enumerate()
        .filter(|(at, _)| heads[*at].is_none())
    {
        let value = key::encode(&key_value(service, rt, snapshot, index_key));
        all[0][at] = value;
    }
    for group in groups {
        let members: Vec<usize> = (0..heads.len())
            .filter(|at| heads[*at] == Some(group))
            .collect();
        let tuples = tuples(rt, snapshot, index, group, &members);
        all = cross(&all, &members, &tuples);
    }
    all.sort();
    all.dedup();
    all.truncate(MAX_ENTRIES);
    all.into_iter()
        .map(|keys| Entry {
            index: index.name.clone(),
            keys,
        })
        .collect()
}

/// One entry for each person whose acknowledgement (後閲) is waited for.
fn after_review(
    service: &Service,
    rt: &RecordType,
    snapshot: &Snapshot,
    index: &ListIndex,
) -> Vec<Entry> {
    let people: std::collections::BTreeSet<_> = snapshot
        .trail
        .iter()
        .filter_map(|m| m.waits_for())
        .collect();
    let rest = |key: &IndexKey| key::encode(&key_value(service, rt, snapshot, key));
    people
        .into_iter()
        .take(MAX_ENTRIES)
        .map(|account| Entry {
            index: index.name.clone(),
            keys: std::iter::once(key::encode(&Value::text(&account.to_string())))
                .chain(index.keys.iter().skip(1).map(rest))
                .collect(),
        })
        .collect()
}

/// The keys of each row, or of each element.
fn tuples(
    rt: &RecordType,
    snapshot: &Snapshot,
    index: &ListIndex,
    group: &str,
    members: &[usize],
) -> Vec<Vec<Vec<u8>>> {
    let Value::List(items) = at_path(rt, snapshot, &[group.to_owned()]) else {
        return Vec::new();
    };
    let one = |item: &Value, at: usize| {
        let IndexKey::Field(path) = &index.keys[at] else {
            return key::ABSENT.to_vec();
        };
        let mut found = item;
        for name in path.iter().skip(1) {
            found = found.get(name).unwrap_or(&Value::Null);
        }
        key::encode(found)
    };
    items
        .iter()
        .map(|item| members.iter().map(|at| one(item, *at)).collect())
        .collect()
}

fn cross(all: &[Vec<Vec<u8>>], members: &[usize], tuples: &[Vec<Vec<u8>>]) -> Vec<Vec<Vec<u8>>> {
    if tuples.is_empty() {
        return all.to_vec();
    }
    let mut crossed = Vec::with_capacity(all.len() * tuples.len());
    for keys in all {
        for tuple in tuples.iter().take(MAX_ENTRIES) {
            let mut keys = keys.clone();
            for (at, value) in members.iter().zip(tuple) {
                keys[*at].clone_from(value);
            }
            crossed.push(keys);
        }
    }
    crossed
}

/// Number, label and the declared texts, each folded, apart from one another.
fn search(rt: &RecordType, snapshot: &Snapshot, scope: &RecordScope<'_>) -> String {
    let mut texts: Vec<String> = snapshot
        .number
        .iter()
        .cloned()
        .chain(label(scope))
        .collect();
    for path in &rt.search {
        collect_texts(&at_path(rt, snapshot, path), &mut texts);
    }
    let mut keys: Vec<String> = Vec::with_capacity(texts.len());
    for text in texts {
        let folded = japanese::fold::search_key(&text);
        if !folded.is_empty() && !keys.contains(&folded) {
            keys.push(folded);
        }
    }
    // A bar is a separator to the terms: no word is found across two fields.
    keys.join(" | ")
}

fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::List(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Context(members) => members
            .values()
            .for_each(|member| collect_texts(member, texts)),
        other => texts.push(other.to_string()),
    }
}

fn unique_value(
    around: Around<'_>,
    rt: &RecordType,
    unique: &Unique,
    scope: &RecordScope<'_>,
) -> Option<UniqueValue> {
    if unique.only.as_ref().is_some_and(|only| !scope.holds(only)) {
        return None;
    }
    let mut keys = Vec::with_capacity(unique.keys.len());
    for typed in &unique.keys {
        keys.push(key::encode(&scope.value(typed).ok()??));
    }
    let constraint = format!("{}/{}/{}", around.service().slug, rt.name, unique.name);
    Some(UniqueValue {
        constraint,
        value: key::join(&keys),
        message: render::parts(around, rt, scope, &unique.message),
    })
}

/// Days on which running clocks remind (so many business days before) or fall due. A due day that has passed stays, so that what it brings is not
/// lost when the record changes first; who delivers knows by (record, clock, what, day) what was done.
fn timers(rt: &RecordType, snapshot: &Snapshot, calendar: &Calendar, today: Date) -> Vec<Timer> {
    if state(rt, snapshot).is_some_and(|s| s.ended) {
        return Vec::new();
    }
    let mut timers = Vec::new();
    for (name, clock) in &rt.clocks {
        let running = snapshot
            .clocks
            .get(name)
            .filter(|c| c.phase == ClockPhase::Running);
        let Some(due) = running.and_then(|c| c.due) else {
            continue;
        };
        for before in &clock.remind_before {
            let on = crate::clock::before(calendar, due, *before);
            if on >= today && on < due {
                timers.push(Timer {
                    clock: name.clone(),
                    what: format!("remind:{before}"),
                    on,
                });
            }
        }
        timers.push(Timer {
            clock: name.clone(),
            what: "due".into(),
            on: due,
        });
    }
    timers
}
