//! What can be said of a record from its definition and snapshot.

use crate::scope::RecordScope;
use crate::snapshot::{ClockPhase, Snapshot};
use crate::who::who_name;
use definition::model::{RecordType, Service, State};
use feel::Value;
use jiff::civil::Date;

/// The definition of the record's state.
#[must_use]
pub fn state<'a>(rt: &'a RecordType, snapshot: &Snapshot) -> Option<&'a State> {
    rt.states.get(&snapshot.state)
}

/// The one line that names the record, without its number.
#[must_use]
pub fn label(scope: &RecordScope<'_>) -> Option<String> {
    let typed = scope.record_type().label.as_ref()?;
    scope
        .value(typed)
        .ok()
        .flatten()
        .map(|v| v.to_string())
        .filter(|text| !text.is_empty())
}

/// The earliest day on which a running clock of the record falls due; none once it has ended.
#[must_use]
pub fn due(rt: &RecordType, snapshot: &Snapshot) -> Option<Date> {
    if state(rt, snapshot).is_some_and(|s| s.ended) {
        return None;
    }
    snapshot
        .clocks
        .values()
        .filter(|c| c.phase == ClockPhase::Running)
        .filter_map(|c| c.due)
        .min()
}

/// Who is waited for: whoever a route under way needs, else whom the state names.
#[must_use]
pub fn waits_for(service: &Service, rt: &RecordType, snapshot: &Snapshot) -> Option<String> {
    crate::route::waits_for(service, rt, snapshot)
        .or_else(|| state(rt, snapshot)?.waits_for.clone())
        .map(|who| who_name(&who))
}

/// The civil day of an instant in Asia/Tokyo (+09:00 without summer time since 1951).
#[must_use]
pub fn day_of(at: jiff::Timestamp) -> Date {
    jiff::tz::Offset::constant(9).to_datetime(at).date()
}

/// A value under a path of names in a record: of rows the list of their members.
#[must_use]
pub fn at_path(rt: &RecordType, snapshot: &Snapshot, path: &[String]) -> Value {
    let Some((head, rest)) = path.split_first() else {
        return Value::Null;
    };
    let Some(field) = rt.fields.get(head) else {
        return Value::Null;
    };
    let Some(json) = snapshot.fields.get(&field.id) else {
        return Value::Null;
    };
    descend(field.kind.to_feel(json), rest)
}

fn descend(value: Value, path: &[String]) -> Value {
    let Some((head, rest)) = path.split_first() else {
        return value;
    };
    match value {
        Value::Context(mut members) => members
            .remove(head.as_str())
            .map_or(Value::Null, |v| descend(v, rest)),
        Value::List(items) => Value::List(
            items
                .into_iter()
                .map(|item| descend(item, path))
                .filter(|v| *v != Value::Null)
                .collect(),
        ),
        _ => Value::Null,
    }
}
