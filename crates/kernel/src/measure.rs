//! Measures: numbers kept in the same commit as the records that they count. What a record adds is a function of the
//! record alone, so that an act changes a number by what the record adds after it, less what it added before.

use crate::decision::Posting;
use crate::facts::Facts;
use crate::scope::{Around, RecordScope};
use crate::snapshot::Snapshot;
use definition::model::{Measure, RecordType, Service};
use feel::Value;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Between the dimensions of a key.
pub const BETWEEN: char = '\u{1f}';

/// The ledger of a measure. No ledger of a definition can have this name.
#[must_use]
pub fn ledger(service: &str, record_type: &str, measure: &str) -> String {
    format!("{service}/#{record_type}.{measure}")
}

/// What the records of an act change in the measures: `after` as the act leaves them, before as the facts have them.
#[must_use]
pub fn postings(facts: &Facts, after: &[Snapshot]) -> Vec<Posting> {
    let around = Around::of(facts);
    let mut all = Vec::new();
    for now in after {
        let Some(rt) = facts.service.types.get(&now.record_type) else {
            continue;
        };
        if rt.measures.is_empty() {
            continue;
        }
        let before = around.record(now.id);
        for measure in rt.measures.values() {
            all.extend(changes(facts, rt, measure, before, now));
        }
    }
    all
}

fn changes(
    facts: &Facts,
    rt: &RecordType,
    measure: &Measure,
    before: Option<&Snapshot>,
    now: &Snapshot,
) -> Vec<Posting> {
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    let before = before.and_then(|before| adds(facts, rt, measure, before));
    let after = adds(facts, rt, measure, now);
    for (key, amount) in before
        .map(|(key, amount)| (key, -amount))
        .into_iter()
        .chain(after)
    {
        *sums.entry(key).or_default() += amount;
    }
    let posting = |(key, posted): (String, Decimal)| Posting {
        ledger: ledger(&facts.service.slug, &rt.name, &measure.name),
        key,
        record: now.id,
        posted,
        held: Decimal::ZERO,
        floor: None,
    };
    let moved = sums.into_iter().filter(|(_, amount)| !amount.is_zero());
    moved.map(posting).collect()
}

/// Whether a measure counts a record of a state of which nothing else is known.
#[must_use]
pub fn counts_in(measure: &Measure, state: &str) -> bool {
    struct In<'s>(&'s str);
    impl feel::Scope for In<'_> {
        fn variable(&self, name: &str) -> Option<Value> {
            (name == "state").then(|| Value::text(self.0))
        }

        fn call(&self, _: &str, _: &[Value]) -> Result<Value, feel::EvalError> {
            Ok(Value::Null)
        }
    }
    let only = measure.only.as_ref();
    only.is_none_or(|only| {
        let counted = crate::scope::evaluate(only, &In(state));
        matches!(counted, Ok(Some(Value::Boolean(true))))
    })
}

/// What a record adds, and under which key.
#[must_use]
pub fn adds(
    facts: &Facts,
    rt: &RecordType,
    measure: &Measure,
    snapshot: &Snapshot,
) -> Option<(String, Decimal)> {
    if snapshot
        .closed
        .as_ref()
        .is_some_and(|closing| !closing.counted)
    {
        return None;
    }
    let scope = RecordScope::new(Around::of(facts), rt, snapshot, None);
    if measure.only.as_ref().is_some_and(|only| !scope.holds(only)) {
        return None;
    }
    let amount = match &measure.sum {
        None => Decimal::ONE,
        Some(sum) => match scope.value(sum) {
            Ok(Some(Value::Number(n))) => n,
            _ => Decimal::ZERO,
        },
    };
    let one = |value: Option<Value>| value.map(|v| v.to_string()).unwrap_or_default();
    let dims: Vec<String> = measure
        .by
        .iter()
        .map(|dimension| one(scope.value(&dimension.value).ok().flatten()).replace(BETWEEN, " "))
        .collect();
    Some((dims.join(&BETWEEN.to_string()), amount))
}

/// The title of a value of a dimension: an option's, where the dimension is nothing but a field of choice.
#[must_use]
pub fn dimension_title(
    service: &Service,
    rt: &RecordType,
    dimension: &definition::model::Dimension,
    value: &str,
    day: jiff::civil::Date,
) -> String {
    let source = dimension.value.source().trim();
    if source == "state" {
        return rt
            .states
            .get(value)
            .map_or_else(|| value.to_owned(), |state| state.title.clone());
    }
    let kind = rt.fields.get(source).map(|field| &field.kind);
    let municipal = source == "municipality" || source.ends_with(".municipality");
    match kind {
        _ if value.is_empty() => "（なし）".to_owned(),
        None if municipal => crate::render::municipality(service, value, day),
        kind => crate::render::value_text(service, &Value::text(value), kind, day),
    }
}
