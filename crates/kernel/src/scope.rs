//! What expressions see of a record: the names of the language over facts and a snapshot. Values are converted when
//! first read.

use crate::act::Actor;
use crate::convert::{row_value, to_value};
use crate::facts::Facts;
use crate::ids::RecordId;
use crate::snapshot::{ClockPhase, Snapshot};
use crate::who::who_name;
use definition::model::{Field, RecordType, Service, State};
use feel::{EvalError, Scope, Typed, Value};
use indexmap::IndexMap;
use jiff::civil::Date;
use serde_json::Value as Json;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The facts around a record, with records that an act has changed laid over them.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// What was gathered.
    pub facts: &'a Facts,
    over: &'a [Snapshot],
    seen: Option<&'a RefCell<BTreeSet<RecordId>>>,
}

impl<'a> Around<'a> {
    /// The facts as gathered.
    #[must_use]
    pub fn of(facts: &'a Facts) -> Self {
        Self { facts, over: &[], seen: None }
    }

    /// With changed records (those of a [`crate::Decision`]) in place of the gathered ones.
    #[must_use]
    pub fn over(self, changed: &'a [Snapshot]) -> Self {
        Self { over: changed, ..self }
    }

    /// Notes which related records are read.
    pub(crate) fn noting(self, seen: &'a RefCell<BTreeSet<RecordId>>) -> Self {
        Self { seen: Some(seen), ..self }
    }

    /// The service.
    #[must_use]
    pub fn service(&self) -> &'a Service {
        &self.facts.service
    }

    /// A record, if it is among the facts.
    #[must_use]
    pub fn record(&self, id: RecordId) -> Option<&'a Snapshot> {
        let own = || self.facts.record.as_ref().filter(|r| r.id == id);
        let found = self.over.iter().find(|s| s.id == id).or_else(own).or_else(|| self.facts.related.get(&id));
        if let (Some(seen), Some(_)) = (self.seen, found) {
            seen.borrow_mut().insert(id);
        }
        found
    }

    /// The children of a record in a slot, in the order in which they were opened.
    #[must_use]
    pub fn children(&self, parent: RecordId, slot: &str) -> Vec<&'a Snapshot> {
        let is_child = |s: &&Snapshot| s.parent.as_ref().is_some_and(|p| p.id == parent && p.slot == slot);
        let unchanged = |s: &&Snapshot| !self.over.iter().any(|o| o.id == s.id);
        let mut all: Vec<&Snapshot> = self.over.iter().filter(is_child).collect();
        all.extend(self.facts.related.values().chain(&self.facts.record).filter(unchanged).filter(is_child));
        all.sort_by_key(|s| (s.created_at, s.id));
        all.dedup_by_key(|s| s.id);
        if let Some(seen) = self.seen {
            seen.borrow_mut().extend(all.iter().map(|s| s.id));
        }
        all
    }

    /// The type of a record of this service.
    #[must_use]
    pub fn type_of(&self, snapshot: &Snapshot) -> Option<&'a RecordType> {
        self.facts.service.types.get(&snapshot.record_type).map(Arc::as_ref)
    }
}

/// The scope of one record.
pub struct RecordScope<'a> {
    around: Around<'a>,
    rt: &'a RecordType,
    snapshot: &'a Snapshot,
    actor: Option<(&'a Actor, String)>,
    fields: Vec<OnceCell<Value>>,
    parent: OnceCell<Value>,
}

impl<'a> RecordScope<'a> {
    /// The scope of `snapshot`, a record of type `rt`; `actor` with the name of their capacity (`desk.examiner`).
    #[must_use]
    pub fn new(around: Around<'a>, rt: &'a RecordType, snapshot: &'a Snapshot, actor: Option<(&'a Actor, String)>) -> Self {
        let fields = std::iter::repeat_with(OnceCell::new).take(rt.fields.len()).collect();
        Self { around, rt, snapshot, actor, fields, parent: OnceCell::new() }
    }

    /// The record.
    #[must_use]
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// The value of an expression; none where something that it needs is absent.
    ///
    /// # Errors
    /// Whatever else goes wrong: no row in a table, division by zero …
    pub fn value(&self, typed: &Typed) -> Result<Option<Value>, EvalError> {
        evaluate(typed, self)
    }

    /// Whether a condition holds; not while something that it needs is absent or faulty.
    #[must_use]
    pub fn holds(&self, typed: &Typed) -> bool {
        matches!(typed.evaluate(self), Ok(Value::Boolean(true)))
    }

    /// Whether a field is shown.
    #[must_use]
    pub fn shown(&self, field: &Field) -> bool {
        field.show_if.as_ref().is_none_or(|show_if| self.holds(show_if))
    }

    /// The day by which tables are read: the arrival, today before it.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.snapshot.arrived_on.unwrap_or(self.around.facts.today)
    }

    fn own(&self, name: &str) -> Option<Value> {
        let snapshot = self.snapshot;
        let text = |t: &Option<String>| t.as_deref().map(Value::text);
        Some(match name {
            "state" => Value::text(&snapshot.state),
            "state_title" => Value::text(&state(self.rt, snapshot)?.title),
            "number" => return text(&snapshot.number),
            "label" => Value::text(&label(self)?),
            "authority" => return text(&snapshot.authority),
            "office" => return text(&snapshot.office),
            "municipality" => return text(&snapshot.municipality),
            "arrived_on" => Value::Date(snapshot.arrived_on?),
            "as_of" => Value::Date(self.as_of()),
            "today" => Value::Date(self.around.facts.today),
            "now" => Value::DateTime(self.around.facts.now),
            "created_on" => Value::Date(day_of(snapshot.created_at)),
            "due" => Value::Date(due(self.rt, snapshot)?),
            "waits_for" => Value::text(&waits_for(self.around.service(), self.rt, snapshot)?),
            "actor" => self.actor_value()?,
            _ => return None,
        })
    }

    fn actor_value(&self) -> Option<Value> {
        let (actor, role) = self.actor.as_ref()?;
        let party = actor.acting_party().map(|id| id.to_string());
        let name = actor.on_behalf_name.as_deref().filter(|_| !role.starts_with("desk.")).unwrap_or(&actor.name);
        Some(Value::context([
            ("name", Value::text(name)),
            ("party", party.into()),
            ("role", Value::text(role)),
            ("office", actor.seats.first().and_then(|seat| seat.office.clone()).into()),
        ]))
    }

    fn around_value(&self, name: &str) -> Option<Value> {
        if self.rt.has.contains_key(name) {
            return Some(children_value(self.around, self.snapshot, name));
        }
        if let Some(lookup) = self.rt.lookups.get(name) {
            let found = self.around.facts.lookups.get(name).map_or(&[][..], Vec::as_slice);
            let of = self.around.service().types.get(&lookup.of)?;
            return Some(Value::List(found.iter().map(|s| record_value(self.around, of, s)).collect()));
        }
        let party = self.rt.parties.get(name).and_then(|_| self.snapshot.parties.iter().find(|p| p.role == name))?;
        Some(Value::context([
            ("name", Value::text(&party.name)),
            ("kind", Value::text(&party.kind)),
            ("id", Value::text(&party.id.to_string())),
        ]))
    }

    fn parent(&self) -> &Value {
        self.parent.get_or_init(|| {
            let parent = self.snapshot.parent.as_ref().and_then(|p| self.around.record(p.id));
            let typed = parent.and_then(|p| Some((p, self.around.type_of(p)?)));
            typed.map_or(Value::Null, |(parent, rt)| record_value(self.around, rt, parent))
        })
    }
}

impl Scope for RecordScope<'_> {
    fn variable(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.borrow(name) {
            return Some(value.clone());
        }
        if self.rt.fields.contains_key(name) {
            return None;
        }
        self.own(name).or_else(|| self.around_value(name))
    }

    fn borrow(&self, name: &str) -> Option<&Value> {
        if let Some((at, _, field)) = self.rt.fields.get_full(name) {
            let json = self.snapshot.fields.get(&field.id)?;
            return self.fields.get(at).map(|cell| cell.get_or_init(|| to_value(&field.kind, json)));
        }
        (name == "parent").then(|| self.parent()).filter(|parent| **parent != Value::Null)
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, EvalError> {
        crate::tables::call(self.around.service(), &self.around.facts.calendar, name, args)
    }
}

/// A scope with further names before those of another: `row`, `it`, or the members of a row.
pub struct Layer<'a> {
    under: &'a dyn Scope,
    names: BTreeMap<Arc<str>, Value>,
    /// Names that stand here even while they have no value.
    hides: Option<&'a IndexMap<String, Field>>,
}

impl<'a> Layer<'a> {
    /// One more name.
    #[must_use]
    pub fn name(under: &'a dyn Scope, name: &str, value: Value) -> Self {
        Self { under, names: [(Arc::from(name), value)].into(), hides: None }
    }

    /// The members of a stored row, before the record's names.
    #[must_use]
    pub fn row(under: &'a dyn Scope, fields: &'a IndexMap<String, Field>, row: &Json) -> Self {
        let Value::Context(names) = row_value(fields, row) else { return Self { under, names: BTreeMap::new(), hides: Some(fields) } };
        Self { under, names, hides: Some(fields) }
    }

    /// The same, also under the name `row`.
    #[must_use]
    pub fn named_row(under: &'a dyn Scope, fields: &'a IndexMap<String, Field>, row: &Json) -> Self {
        Self::name(under, "row", row_value(fields, row))
    }
}

impl Scope for Layer<'_> {
    fn variable(&self, name: &str) -> Option<Value> {
        match self.names.get(name) {
            Some(value) => Some(value.clone()),
            None if self.hides.is_some_and(|fields| fields.contains_key(name)) => None,
            None => self.under.variable(name),
        }
    }

    fn borrow(&self, name: &str) -> Option<&Value> {
        match self.names.get(name) {
            Some(value) => Some(value),
            None if self.hides.is_some_and(|fields| fields.contains_key(name)) => None,
            None => self.under.borrow(name),
        }
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, EvalError> {
        self.under.call(name, args)
    }
}

/// The value of an expression in any scope; none where something that it needs is absent, or the result is.
///
/// # Errors
/// Whatever else goes wrong.
pub fn evaluate(typed: &Typed, scope: &dyn Scope) -> Result<Option<Value>, EvalError> {
    match typed.evaluate(scope) {
        Ok(Value::Null) | Err(EvalError::Absent { .. }) => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(error),
    }
}

/// A record as a context: its fields by name, `state`, `state_title`, `number`, `id`, its place, and its children by
/// slot (those without further children).
#[must_use]
pub fn record_value(around: Around<'_>, rt: &RecordType, snapshot: &Snapshot) -> Value {
    let mut context = bare_value(around, rt, snapshot);
    for slot in rt.has.keys() {
        context.insert(Arc::from(slot.as_str()), children_value(around, snapshot, slot));
    }
    Value::Context(context)
}

fn children_value(around: Around<'_>, snapshot: &Snapshot, slot: &str) -> Value {
    let one = |child: &Snapshot| Some(Value::Context(bare_value(around, around.type_of(child)?, child)));
    Value::List(around.children(snapshot.id, slot).into_iter().filter_map(one).collect())
}

fn bare_value(around: Around<'_>, rt: &RecordType, snapshot: &Snapshot) -> BTreeMap<Arc<str>, Value> {
    let mut context = BTreeMap::new();
    for (name, field) in &rt.fields {
        if let Some(json) = snapshot.fields.get(&field.id) {
            context.insert(Arc::from(name.as_str()), to_value(&field.kind, json));
        }
    }
    let text = |t: &Option<String>| t.as_deref().map(Value::text);
    let more = [
        ("id", Some(Value::text(&snapshot.id.to_string()))),
        ("state", Some(Value::text(&snapshot.state))),
        ("state_title", state(rt, snapshot).map(|s| Value::text(&s.title))),
        ("number", text(&snapshot.number)),
        ("authority", text(&snapshot.authority)),
        ("office", text(&snapshot.office)),
        ("municipality", text(&snapshot.municipality)),
        ("arrived_on", snapshot.arrived_on.map(Value::Date)),
        ("as_of", Some(Value::Date(snapshot.arrived_on.unwrap_or(around.facts.today)))),
        ("created_on", Some(Value::Date(day_of(snapshot.created_at)))),
        ("due", due(rt, snapshot).map(Value::Date)),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            context.entry(Arc::from(name)).or_insert(value);
        }
    }
    if let Some(text) = own_label(around, rt, snapshot) {
        context.entry(Arc::from("label")).or_insert_with(|| Value::text(&text));
    }
    for party in &snapshot.parties {
        let value = [("name", &party.name), ("kind", &party.kind)].map(|(n, v)| (n, Value::text(v)));
        context.entry(Arc::from(party.role.as_str())).or_insert_with(|| Value::context(value));
    }
    context
}

/// The label of a record seen from another: only one made of its own fields, since others could go round in circles.
fn own_label(around: Around<'_>, rt: &RecordType, snapshot: &Snapshot) -> Option<String> {
    let heads = || rt.label.iter().flat_map(Typed::reads).filter_map(|path| path.first());
    let own = heads().all(|head| rt.fields.contains_key(head));
    own.then(|| label(&RecordScope::new(around, rt, snapshot, None)))?
}

/// The definition of the record's state.
#[must_use]
pub fn state<'a>(rt: &'a RecordType, snapshot: &Snapshot) -> Option<&'a State> {
    rt.states.get(&snapshot.state)
}

/// The one line that names the record, without its number.
#[must_use]
pub fn label(scope: &RecordScope<'_>) -> Option<String> {
    let typed = scope.rt.label.as_ref()?;
    scope.value(typed).ok().flatten().map(|v| v.to_string()).filter(|text| !text.is_empty())
}

/// The earliest day on which a running clock of the record falls due; none once it has ended.
#[must_use]
pub fn due(rt: &RecordType, snapshot: &Snapshot) -> Option<Date> {
    if state(rt, snapshot).is_some_and(|s| s.ended) {
        return None;
    }
    snapshot.clocks.values().filter(|c| c.phase == ClockPhase::Running).filter_map(|c| c.due).min()
}

/// Who is waited for: whoever a route under way needs, else whom the state names.
#[must_use]
pub fn waits_for(service: &Service, rt: &RecordType, snapshot: &Snapshot) -> Option<String> {
    crate::route::waits_for(service, rt, snapshot)
        .or_else(|| state(rt, snapshot)?.waits_for.as_ref())
        .map(who_name)
}

/// The civil day of an instant in Asia/Tokyo.
#[must_use]
pub fn day_of(at: jiff::Timestamp) -> Date {
    jiff::tz::Offset::constant(9).to_datetime(at).date()
}

/// A value under a path of names in a record: of rows the list of their members.
#[must_use]
pub fn at_path(rt: &RecordType, snapshot: &Snapshot, path: &[String]) -> Value {
    let Some((head, rest)) = path.split_first() else { return Value::Null };
    let Some(field) = rt.fields.get(head) else { return Value::Null };
    let Some(json) = snapshot.fields.get(&field.id) else { return Value::Null };
    descend(to_value(&field.kind, json), rest)
}

fn descend(value: Value, path: &[String]) -> Value {
    let Some((head, rest)) = path.split_first() else { return value };
    match value {
        Value::Context(mut members) => members.remove(head.as_str()).map_or(Value::Null, |v| descend(v, rest)),
        Value::List(items) => Value::List(
            items.into_iter().map(|item| descend(item, path)).filter(|v| *v != Value::Null).collect(),
        ),
        _ => Value::Null,
    }
}
