//! The store-neutral form of a filter, and its reference semantics.

use serde::{Deserialize, Serialize};

use crate::Value;

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Op {
    /// The comparison with its sides exchanged: `3 < x` is `x > 3`.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            same => same,
        }
    }
}

/// A filter over the fields of one record. Every leaf is two-valued: a comparison with an absent
/// field is false, except `Ne`, which is true. `value` is never [`Value::Null`]: that is `Absent`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    /// Every record.
    True,
    /// No record.
    False,
    /// All of them.
    And(Vec<Predicate>),
    /// At least one of them.
    Or(Vec<Predicate>),
    /// The opposite.
    Not(Box<Predicate>),
    /// A field against a constant of the same type.
    Compare {
        /// The path of the field.
        field: Vec<String>,
        /// The comparison.
        op: Op,
        /// The constant.
        value: Value,
    },
    /// The field equals one of the constants.
    In {
        /// The path of the field.
        field: Vec<String>,
        /// The constants; never null.
        values: Vec<Value>,
    },
    /// The field is null or missing.
    Absent {
        /// The path of the field.
        field: Vec<String>,
    },
    /// The list under the field has this element. For rows the path ends in the rows' member:
    /// `["rows", "x"]`.
    Contains {
        /// The path of the list, or of the rows and their member.
        field: Vec<String>,
        /// The element.
        value: Value,
    },
}

impl Predicate {
    /// A field of the record itself held against a constant.
    #[must_use]
    pub fn compare(field: &str, op: Op, value: Value) -> Self {
        Self::Compare {
            field: vec![field.to_owned()],
            op,
            value,
        }
    }

    /// Whether a record passes: the semantics that every store must equal. `get` answers the
    /// value under a path, `Null` where it is absent; for a path through rows, the list of the
    /// rows' members.
    pub fn holds(&self, get: &dyn Fn(&[String]) -> Value) -> bool {
        match self {
            Self::True => true,
            Self::False => false,
            Self::And(all) => all.iter().all(|p| p.holds(get)),
            Self::Or(any) => any.iter().any(|p| p.holds(get)),
            Self::Not(inner) => !inner.holds(get),
            Self::Compare { field, op, value } => compare(&get(field), *op, value),
            Self::In { field, values } => {
                let found = get(field);
                found != Value::Null && values.contains(&found)
            }
            Self::Absent { field } => get(field) == Value::Null,
            Self::Contains { field, value } => match get(field) {
                Value::List(items) => items.contains(value),
                _ => false,
            },
        }
    }
}

fn compare(found: &Value, op: Op, value: &Value) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match op {
        Op::Eq => return found == value,
        Op::Ne => return found != value,
        _ => {}
    }
    let order = found.compare(value);
    match op {
        Op::Lt => order == Some(Less),
        Op::Le => matches!(order, Some(Less | Equal)),
        Op::Gt => order == Some(Greater),
        _ => matches!(order, Some(Greater | Equal)),
    }
}
