//! What expressions see of a record: the names of the language over facts and a snapshot. Values are converted when
//! first read.

pub use crate::about::{at_path, day_of, due, label, state, waits_for};
use crate::act::{Actor, Seat};
pub use crate::around::Around;
use crate::context::{children_value, named_value};
pub use crate::context::{ids_in, record_value};
use crate::snapshot::Snapshot;
use definition::model::{Field, FieldKind, RecordType};
use definition::row_to_feel;
use feel::{EvalError, Scope, Typed, Value};
use indexmap::IndexMap;
use jiff::civil::Date;
use serde_json::Value as Json;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The scope of one record.
pub struct RecordScope<'a> {
    around: Around<'a>,
    rt: &'a RecordType,
    snapshot: &'a Snapshot,
    actor: Option<(&'a Actor, String)>,
    fields: [OnceCell<(usize, Value)>; KEPT],
    parent: OnceCell<Value>,
}

/// Converted values that a scope keeps: most expressions read a few fields, and records have many.
const KEPT: usize = 12;

impl<'a> RecordScope<'a> {
    pub(crate) fn service_slug(&self) -> &str {
        &self.around.service().slug
    }

    /// The scope of `snapshot`, a record of type `rt`; `actor` with the name of their capacity (`desk.examiner`).
    #[must_use]
    pub fn new(
        around: Around<'a>,
        rt: &'a RecordType,
        snapshot: &'a Snapshot,
        actor: Option<(&'a Actor, String)>,
    ) -> Self {
        Self {
            around,
            rt,
            snapshot,
            actor,
            fields: [const { OnceCell::new() }; KEPT],
            parent: OnceCell::new(),
        }
    }

    /// The same for what is told of the record: an open one says nothing of relatives that are closed.
    #[must_use]
    pub fn telling(&self) -> Self {
        let around = self.around.telling(self.snapshot);
        Self::new(around, self.rt, self.snapshot, self.actor.clone())
    }

    /// Its type.
    #[must_use]
    pub fn record_type(&self) -> &'a RecordType {
        self.rt
    }

    /// The facts around it.
    #[must_use]
    pub fn around(&self) -> Around<'a> {
        self.around
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
        field
            .show_if
            .as_ref()
            .is_none_or(|show_if| self.holds(show_if))
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
        // Who acts by what somebody gave them is an agent; who acts by right (their own corporation) is none.
        let agent = actor.mandate_in(self.rt);
        let agent = agent.filter(|_| !role.starts_with("desk."));
        let name = actor
            .on_behalf_name
            .as_deref()
            .filter(|_| !role.starts_with("desk."))
            .unwrap_or(&actor.name);
        Some(Value::context([
            ("name", Value::text(name)),
            ("party", party.into()),
            ("role", Value::text(role)),
            (
                "office",
                actor
                    .seats
                    .first()
                    .and_then(|seat| seat.office.clone())
                    .into(),
            ),
            ("agent", agent.map(|_| actor.name.clone()).into()),
            ("capacity", agent.map(|one| one.capacity.clone()).into()),
            ("account", actor.account.map(|id| id.to_string()).into()),
            ("seats", seats_value(&actor.seats)),
        ]))
    }

    fn around_value(&self, name: &str) -> Option<Value> {
        if self.rt.has.contains_key(name) {
            return Some(children_value(self.around, self.snapshot, name));
        }
        if let Some(lookup) = self.rt.lookups.get(name) {
            let found = self
                .around
                .facts
                .lookups
                .get(name)
                .map_or(&[][..], Vec::as_slice);
            let of = self.around.service().types.get(&lookup.of)?;
            self.around.note(found.iter().map(|s| s.id));
            return Some(Value::List(
                found
                    .iter()
                    .filter(|s| self.around.tells(s))
                    .map(|s| record_value(self.around, of, s))
                    .collect(),
            ));
        }
        let party = self
            .rt
            .parties
            .get(name)
            .and_then(|_| self.snapshot.parties.iter().find(|p| p.role == name))?;
        Some(Value::context([
            ("name", Value::text(&party.name)),
            ("kind", Value::text(&party.kind)),
            ("id", Value::text(&party.id.to_string())),
        ]))
    }

    fn converted(&self, field: &Field, json: &Json) -> Value {
        match &field.kind {
            FieldKind::Record(link) => named_value(self.around, field, link, self.snapshot),
            kind => kind.to_feel(json),
        }
    }

    fn parent(&self) -> &Value {
        self.parent.get_or_init(|| {
            let parent = self
                .snapshot
                .parent
                .as_ref()
                .and_then(|p| self.around.record(p.id));
            let typed = parent.and_then(|p| Some((p, self.around.type_of(p)?)));
            typed.map_or(Value::Null, |(parent, rt)| {
                record_value(self.around, rt, parent)
            })
        })
    }
}

impl Scope for RecordScope<'_> {
    fn variable(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.borrow(name) {
            return Some(value.clone());
        }
        if let Some(field) = self.rt.fields.get(name) {
            let json = self.snapshot.fields.get(&field.id)?;
            return Some(self.converted(field, json)).filter(|value| *value != Value::Null);
        }
        self.own(name).or_else(|| self.around_value(name))
    }

    fn borrow(&self, name: &str) -> Option<&Value> {
        if let Some((at, _, field)) = self.rt.fields.get_full(name) {
            let json = self.snapshot.fields.get(&field.id)?;
            let free =
                |cell: &&OnceCell<(usize, Value)>| cell.get().is_none_or(|kept| kept.0 == at);
            let cell = self.fields.iter().find(free)?;
            let kept = cell.get_or_init(|| (at, self.converted(field, json)));
            return Some(&kept.1).filter(|value| **value != Value::Null);
        }
        (name == "parent")
            .then(|| self.parent())
            .filter(|parent| **parent != Value::Null)
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, EvalError> {
        crate::tables::call(
            self.around.service(),
            &self.around.facts.calendar,
            name,
            args,
        )
    }

    fn lends(&self, name: &str) -> bool {
        self.around.service().tables.contains_key(name)
    }

    fn call_borrowed(&self, name: &str, args: &[Value]) -> Option<Result<&Value, EvalError>> {
        crate::tables::call_borrowed(self.around.service(), name, args)
    }
}

/// Seats of one's own as expressions see them; those held for others give no say of one's own.
pub(crate) fn seats_value(seats: &[Seat]) -> Value {
    let own = seats.iter().filter(|seat| seat.substitute.is_none());
    let seat = |seat: &Seat| {
        Value::context([
            ("role", Value::text(&seat.role)),
            ("office", seat.office.clone().into()),
            ("authority", seat.authority.clone().into()),
        ])
    };
    Value::List(own.map(seat).collect())
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
        Self {
            under,
            names: [(Arc::from(name), value)].into(),
            hides: None,
        }
    }

    /// The members of a stored row, before the record's names.
    #[must_use]
    pub fn row(under: &'a dyn Scope, fields: &'a IndexMap<String, Field>, row: &Json) -> Self {
        Self {
            under,
            names: row_to_feel(fields, row),
            hides: Some(fields),
        }
    }

    /// The same, also under the name `row`.
    #[must_use]
    pub fn named_row(
        under: &'a dyn Scope,
        fields: &'a IndexMap<String, Field>,
        row: &Json,
    ) -> Self {
        Self::name(under, "row", Value::Context(row_to_feel(fields, row)))
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

    fn lends(&self, name: &str) -> bool {
        self.under.lends(name)
    }

    fn call_borrowed(&self, name: &str, args: &[Value]) -> Option<Result<&Value, EvalError>> {
        self.under.call_borrowed(name, args)
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
