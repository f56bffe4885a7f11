//! The names that expressions may use. What is typed as present here may still be absent in a draft: then a computed
//! field is absent, `show_if` counts as false, a column is empty, and a condition refuses naming the field.

use crate::kinds::{Tables, may_be_absent, row_type};
use crate::model::{ColumnKind, Field, FieldKind, HitPolicy, RecordType, Service, Table};
use feel::{Closed, ContextType, Env, Type};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Names that every record has; no field may have one of them.
pub(crate) const RESERVED: &[&str] = &[
    "state",
    "state_title",
    "number",
    "label",
    "authority",
    "office",
    "municipality",
    "arrived_on",
    "as_of",
    "today",
    "now",
    "created_on",
    "created_at",
    "updated_at",
    "due",
    "waits_for",
    "parent",
    "actor",
    "row",
    "it",
    "this",
    "id",
    "version",
];

/// Whether a field (`name`, or `rows.name`) of a type, or its `label`, `authority`, `office` or `municipality`, may be absent.
pub(crate) trait Presence {
    fn absent(&self, rt: &RecordType, rows: Option<&str>, field: &Field) -> bool;
    fn derived_absent(&self, rt: &RecordType, name: &str) -> bool;
}

/// As a finished definition says.
pub(crate) struct Finished;

impl Presence for Finished {
    fn absent(&self, _: &RecordType, _: Option<&str>, field: &Field) -> bool {
        may_be_absent(field)
    }

    fn derived_absent(&self, rt: &RecordType, name: &str) -> bool {
        let typed = match name {
            "label" => &rt.label,
            "authority" => &rt.authority,
            "office" => &rt.office,
            _ => &rt.municipality,
        };
        typed.as_ref().is_none_or(|typed| typed.ty().is_optional())
    }
}

/// Everything counts as present: filters, columns.
pub(crate) struct Lenient;

impl Presence for Lenient {
    fn absent(&self, _: &RecordType, _: Option<&str>, _: &Field) -> bool {
        false
    }

    fn derived_absent(&self, _: &RecordType, _: &str) -> bool {
        false
    }
}

/// Types and tables of a service, as far as names go.
pub(crate) struct Names<'a, R: Borrow<RecordType>> {
    pub(crate) types: Vec<&'a R>,
    pub(crate) tables: &'a Tables,
}

impl<R: Borrow<RecordType>> Names<'_, R> {
    /// The environment of a record type.
    pub(crate) fn env(&self, rt: &RecordType, presence: &dyn Presence) -> Env {
        let mut env = self.functions();
        for other in &self.types {
            let other: &RecordType = (*other).borrow();
            let mut fields = self.context(other, presence);
            // From outside a label is known only where it is made of the record's own fields.
            fields.insert("label".to_owned(), Type::Text.optional());
            let context = ContextType {
                name: other.title.clone(),
                fields,
            };
            env.types.insert(other.name.clone(), Arc::new(context));
        }
        env.variables = self.context(rt, presence);
        env.variables
            .extend(common().map(|(name, ty)| (name.to_owned(), ty)));
        for lookup in rt.lookups.values() {
            env.variables.insert(
                lookup.name.clone(),
                Type::list(Type::Named(lookup.of.clone())),
            );
        }
        // Several may be invited into a role, and come and go: nothing can rest on them.
        let parties = rt.parties.values();
        for party in parties.filter(|party| party.invited.is_none()) {
            let ty = party_type(&party.title);
            env.variables.insert(
                party.role.clone(),
                if party.owner { ty } else { ty.optional() },
            );
        }
        env
    }

    /// Tables and the functions that every service has.
    pub(crate) fn functions(&self) -> Env {
        let mut env = Env::new();
        for table in self.tables.values() {
            env.functions.insert(table.name.clone(), signature(table));
        }
        predefined(env)
    }

    /// What a record shows to records related to it: fields, state, place, children, parent.
    fn context(&self, rt: &RecordType, presence: &dyn Presence) -> BTreeMap<String, Type> {
        let mut members: BTreeMap<String, Type> = rt
            .fields
            .values()
            .map(|field| {
                let ty = field_type(rt, field, presence, self.tables);
                (field.name.clone(), ty)
            })
            .collect();
        for child in rt.has.values() {
            members.insert(
                child.slot.clone(),
                Type::list(Type::Named(child.record_type.clone())),
            );
        }
        for (name, ty) in [
            ("state", states(rt)),
            ("state_title", Type::Text),
            ("number", Type::Text.optional()),
        ] {
            members.insert(name.to_owned(), ty);
        }
        for (name, ty) in [
            ("arrived_on", Type::Date.optional()),
            ("as_of", Type::Date),
            ("created_on", Type::Date),
        ] {
            members.insert(name.to_owned(), ty);
        }
        for name in ["label", "authority", "office", "municipality"] {
            members.insert(
                name.to_owned(),
                if presence.derived_absent(rt, name) {
                    Type::Text.optional()
                } else {
                    Type::Text
                },
            );
        }
        if let Some(parent) = self.parent(rt) {
            members.insert("parent".to_owned(), parent);
        }
        members
    }

    /// The parent's type. Where several types have this one, what they share cannot be told: `Any`.
    fn parent(&self, rt: &RecordType) -> Option<Type> {
        let first = &rt.child_of.first()?.0;
        let ty = if rt.child_of.iter().all(|(parent, _)| parent == first) {
            Type::Named(first.clone())
        } else {
            Type::Any
        };
        let alone = rt.actions.values().any(|action| action.opens);
        Some(if alone { ty.optional() } else { ty })
    }
}

fn field_type(rt: &RecordType, field: &Field, presence: &dyn Presence, tables: &Tables) -> Type {
    let ty = match &field.kind {
        FieldKind::Rows { fields, .. } => Type::list(row_type(
            fields.values(),
            &|inner| presence.absent(rt, Some(&field.name), inner),
            &|inner| inner.kind.closed_type(&inner.title, tables),
        )),
        other => other.closed_type(&field.title, tables),
    };
    if presence.absent(rt, None, field) {
        ty.optional()
    } else {
        ty
    }
}

/// The states of a type.
pub(crate) fn states(rt: &RecordType) -> Type {
    if rt.states.is_empty() {
        return Type::Text;
    }
    Type::OneOf(Arc::new(Closed {
        name: format!("{}の状態", rt.title),
        texts: rt.states.keys().cloned().collect(),
        all_occur: false,
    }))
}

/// What every record has besides its own: days, deadline, who acts.
fn common() -> [(&'static str, Type); 6] {
    let account = [
        ("account", Type::Text.optional()),
        ("agent", Type::Text.optional()),
        ("capacity", Type::Text.optional()),
        ("seats", Type::list(seat_type())),
    ];
    let members = ACTOR.iter().map(|(name, absent)| match absent {
        true => (*name, Type::Text.optional()),
        false => (*name, Type::Text),
    });
    let actor = Type::context("操作する人", members.chain(account));
    [
        ("as_of", Type::Date),
        ("today", Type::Date),
        ("now", Type::DateTime),
        ("due", Type::Date.optional()),
        ("waits_for", Type::Text.optional()),
        ("actor", actor),
    ]
}

/// What is known of who acts wherever there is one, filters included, and whether it may be absent.
const ACTOR: [(&str, bool); 4] = [
    ("name", false),
    ("party", true),
    ("role", false),
    ("office", true),
];

/// A seat of one's own.
fn seat_type() -> Type {
    Type::context(
        "席",
        [
            ("role", Type::Text),
            ("office", Type::Text.optional()),
            ("authority", Type::Text.optional()),
        ],
    )
}

/// An official whom a field names.
pub(crate) fn official_type() -> Type {
    Type::context(
        "職員",
        [
            ("account", Type::Text),
            ("name", Type::Text),
            ("seats", Type::list(seat_type())),
        ],
    )
}

fn party_type(title: &str) -> Type {
    Type::context(
        title,
        [
            ("name", Type::Text),
            ("kind", Type::Text),
            ("id", Type::Text),
        ],
    )
}

fn predefined(env: Env) -> Env {
    env.function(
        "same place",
        &[("a", Type::Any), ("b", Type::Any)],
        Type::Boolean,
    )
    .function(
        "address key",
        &[("address", Type::Any)],
        Type::Text.optional(),
    )
    .function(
        "business days between",
        &[("from", Type::Date), ("until", Type::Date)],
        Type::Number,
    )
    .function(
        "add business days",
        &[("date", Type::Date), ("days", Type::Number)],
        Type::Date,
    )
    .function(
        "month of",
        &[("date", Type::Date.optional())],
        Type::Text.optional(),
    )
}

fn column_type(kind: &ColumnKind) -> Type {
    match &kind.closed {
        Some(closed) => Type::OneOf(Arc::clone(closed)),
        None => kind.ty.clone(),
    }
}

/// A table as a function: the day first, then its inputs.
fn signature(table: &Table) -> feel::Signature {
    let mut params = vec![("day".to_owned(), Type::Date)];
    params.extend(
        table
            .inputs
            .iter()
            .map(|(name, kind)| (name.clone(), column_type(kind))),
    );
    let outputs = table.outputs.iter().map(|(name, kind)| {
        (
            name.as_str(),
            if kind.optional {
                column_type(kind).optional()
            } else {
                column_type(kind)
            },
        )
    });
    let row = Type::context(&table.title, outputs);
    feel::Signature {
        params,
        result: if table.hit == HitPolicy::Collect {
            Type::list(row)
        } else {
            row
        },
    }
}

/// The names in expressions of a record type: fields, state, place, days, parties, children, parent, lookups, tables.
#[must_use]
pub fn env(service: &Service, rt: &RecordType) -> Env {
    let names = Names {
        types: service.types.values().collect(),
        tables: &service.tables,
    };
    names.env(rt, &Finished)
}

/// The names in a publication: what the record itself says, without who acts, what is related, and what is true only at
/// the moment of looking.
pub(crate) fn publication_env(mut env: Env, rt: &RecordType) -> Env {
    let around = rt.has.keys().chain(rt.lookups.keys());
    let other = ["label", "parent", "actor", "now", "due", "waits_for"];
    for name in around.map(String::as_str).chain(other) {
        env.variables.remove(name);
    }
    env.variables
        .entry("line".to_owned())
        .or_insert(Type::Number);
    env
}

/// The names in an import: the headings as texts that may be empty, `today`, tables, and what reads dates and addresses.
pub(crate) fn import_env<R: Borrow<RecordType>>(
    names: &Names<'_, R>,
    headings: &indexmap::IndexMap<String, Vec<String>>,
) -> Env {
    let mut env = names
        .functions()
        .function("read date", &[("text", Type::Any)], Type::Date.optional())
        .function(
            "read address",
            &[("text", Type::Any)],
            FieldKind::Address.feel_type().optional(),
        );
    env.variables = headings
        .keys()
        .map(|name| (name.clone(), Type::Text.optional()))
        .collect();
    env.variables.insert("today".to_owned(), Type::Date);
    env
}

/// The names in list filters over a type: what an index can hold, each typed as present (a comparison with an absent
/// field is false), with `today` and `actor`. Tables and related records are out of reach of an index. Choices and states
/// are plain texts: a person may look for what an older definition knew.
#[must_use]
pub fn filter_env(rt: &RecordType) -> Env {
    filters(rt, &|field| match &field.kind {
        FieldKind::Rows { fields, .. } => {
            Type::list(row_type(fields.values(), &|_| false, &|inner| {
                inner.kind.feel_type()
            }))
        }
        other => other.feel_type(),
    })
}

/// The same for filters that a package writes, where a choice is one of its options.
pub(crate) fn closed_filter_env(rt: &RecordType, tables: &Tables) -> Env {
    let mut env = filters(rt, &|field| field_type(rt, field, &Lenient, tables));
    env.variables.insert("state".to_owned(), states(rt));
    env
}

fn filters(rt: &RecordType, type_of: &dyn Fn(&Field) -> Type) -> Env {
    let mut env = predefined(Env::new());
    env.variables = rt
        .fields
        .values()
        .map(|field| (field.name.clone(), type_of(field)))
        .collect();
    env.variables.extend(
        common()
            .into_iter()
            .filter(|(name, _)| !["as_of", "now", "actor"].contains(name))
            .map(|(name, ty)| (name.to_owned(), ty.required().clone())),
    );
    // What an index cannot be asked for stays out: the seats.
    let actor = ACTOR.map(|(name, _)| (name, Type::Text));
    env.variables
        .insert("actor".to_owned(), Type::context("操作する人", actor));
    for name in ["state", "number", "authority", "office", "municipality"] {
        env.variables.insert(name.to_owned(), Type::Text);
    }
    env.variables.insert("arrived_on".to_owned(), Type::Date);
    for name in ["created_at", "updated_at"] {
        env.variables.insert(name.to_owned(), Type::DateTime);
    }
    env
}
