//! What views and lookups show: values evaluated over one record.

use crate::act::Actor;
use crate::render::typed_text;
use crate::scope::{Around, Layer, RecordScope, evaluate, label, record_value};
use crate::see::Sight;
use crate::snapshot::Snapshot;
use definition::model::{Lookup, RecordType, View};
use feel::{EvalError, Value};
use jiff::civil::Date;

/// The cells of a record's line in a view, as people read them. One that reads what the actor does not see is empty.
#[must_use]
pub fn view_row(
    around: Around<'_>,
    rt: &RecordType,
    view: &View,
    snapshot: &Snapshot,
    (actor, sight): (&Actor, &Sight),
) -> Vec<String> {
    let scope = RecordScope::new(around, rt, snapshot, Some((actor, String::new())));
    view.columns
        .iter()
        .map(|column| {
            if sight.tells_all(rt, &column.value) {
                typed_text(around, rt, &scope, &column.value, "")
            } else {
                String::new()
            }
        })
        .collect()
}

/// The line that names a record: its number, then its label.
#[must_use]
pub fn record_label(around: Around<'_>, rt: &RecordType, snapshot: &Snapshot) -> String {
    let label = label(&RecordScope::new(around, rt, snapshot, None));
    let parts = [snapshot.number.clone(), label];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        rt.title.clone()
    } else {
        text
    }
}

/// The values of a lookup's leading keys; none while one of them is absent: then it finds nothing.
///
/// # Errors
/// What evaluating a key gives.
pub fn lookup_keys(
    around: Around<'_>,
    rt: &RecordType,
    lookup: &Lookup,
    snapshot: &Snapshot,
) -> Result<Option<Vec<Value>>, EvalError> {
    let scope = RecordScope::new(around, rt, snapshot, None);
    lookup.keys.iter().map(|key| scope.value(key)).collect()
}

/// Whether a record that the index gave fits the rest of a lookup's condition.
#[must_use]
pub fn lookup_fits(
    around: Around<'_>,
    rt: &RecordType,
    lookup: &Lookup,
    snapshot: &Snapshot,
    candidate: &Snapshot,
) -> bool {
    let Some(condition) = &lookup.condition else {
        return true;
    };
    let Some(of) = around.service().types.get(&lookup.of) else {
        return false;
    };
    let scope = RecordScope::new(around, rt, snapshot, None);
    let layer = Layer::name(&scope, "it", record_value(around, of, candidate));
    matches!(evaluate(condition, &layer), Ok(Some(Value::Boolean(true))))
}

/// The scope of a view's filter, which knows no record: `today` and `actor`.
pub struct FilterScope<'a> {
    /// Today in Asia/Tokyo.
    pub today: Date,
    /// Who looks.
    pub actor: &'a Actor,
}

impl feel::Scope for FilterScope<'_> {
    fn variable(&self, name: &str) -> Option<Value> {
        let seat = self.actor.seats.first();
        match name {
            "today" | "as_of" => Some(Value::Date(self.today)),
            "actor" => Some(Value::context([
                ("name", Value::text(&self.actor.name)),
                (
                    "party",
                    self.actor.acting_party().map(|p| p.to_string()).into(),
                ),
                ("role", seat.map(|s| format!("desk.{}", s.role)).into()),
                ("office", seat.and_then(|s| s.office.clone()).into()),
            ])),
            _ => None,
        }
    }

    fn call(&self, name: &str, _args: &[Value]) -> Result<Value, EvalError> {
        Err(EvalError::Custom {
            message: format!("関数「{name}」は一覧の絞り込みでは使えません。"),
        })
    }
}
