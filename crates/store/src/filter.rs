//! A filter over an index's keys, as SQL.
//!
//! Keys are bytes that compare as their values do, absent is the lowest and the first byte names the type. So every
//! leaf of [`Predicate`] is one comparison of bytes with the same result as [`Predicate::holds`]; columns are never
//! NULL, so that SQL stays two-valued as the predicate is. Conditions on the leading keys become the bounds of an
//! index scan; the rest is tested at each entry.

use crate::failure::Failure;
use feel::{Op, Predicate, Value};
use kernel::key::{ABSENT, encode};
use kernel::port::ListQuery;

/// The key columns of `list_entry`.
pub(crate) const COLUMNS: [&str; 4] = ["k1", "k2", "k3", "k4"];

/// A filter ready to be scanned.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The leading keys that are fixed.
    pub(crate) fixed: Vec<Vec<u8>>,
    /// Conditions on the key after them, as `(operator, bytes)`.
    pub(crate) bounds: Vec<(&'static str, Vec<u8>)>,
    /// What else is tested, as SQL with `?` for each of `values`.
    pub(crate) test: Option<String>,
    /// The values of `test`.
    pub(crate) values: Vec<Vec<u8>>,
}

/// Plans the filter of a query.
pub(crate) fn plan(query: &ListQuery) -> Result<Plan, Failure> {
    let mut parts = Vec::new();
    conjuncts(&query.filter, &mut parts);
    let mut plan = Plan::default();
    for key in query.keys.iter().take(query.fixed.min(COLUMNS.len())) {
        let Some((at, value)) = parts
            .iter()
            .enumerate()
            .find_map(|(at, part)| Some((at, equality(part, key)?)))
        else {
            break;
        };
        plan.fixed.push(value);
        parts.swap_remove(at);
    }
    if let Some(key) = query
        .keys
        .get(plan.fixed.len())
        .filter(|_| plan.fixed.len() < COLUMNS.len())
    {
        parts.retain(|part| match bounds(part, key) {
            Some(more) => {
                plan.bounds.extend(more);
                false
            }
            None => true,
        });
    }
    let mut tests = Vec::with_capacity(parts.len());
    for part in parts {
        tests.push(sql(part, &query.keys, &mut plan.values)?);
    }
    if !tests.is_empty() {
        plan.test = Some(tests.join(" AND "));
    }
    Ok(plan)
}

fn conjuncts<'p>(predicate: &'p Predicate, out: &mut Vec<&'p Predicate>) {
    match predicate {
        Predicate::And(all) => all.iter().for_each(|part| conjuncts(part, out)),
        Predicate::True => {}
        other => out.push(other),
    }
}

/// The bytes to which a condition fixes a key.
fn equality(part: &Predicate, key: &str) -> Option<Vec<u8>> {
    match part {
        Predicate::Compare {
            field,
            op: Op::Eq,
            value,
        }
        | Predicate::Contains { field, value }
            if names(field, key) =>
        {
            Some(encode(value))
        }
        Predicate::In { field, values } if names(field, key) && values.len() == 1 => {
            values.first().map(encode)
        }
        Predicate::Absent { field } if names(field, key) => Some(ABSENT.to_vec()),
        _ => None,
    }
}

/// The bounds that say the same as an ordering.
fn bounds(part: &Predicate, key: &str) -> Option<Vec<(&'static str, Vec<u8>)>> {
    match part {
        Predicate::Compare { field, op, value } if names(field, key) => order(*op, value),
        _ => None,
    }
}

/// An ordering as comparisons of bytes: the constant, and the end of its type on the open side, below which absent
/// values lie.
fn order(op: Op, value: &Value) -> Option<Vec<(&'static str, Vec<u8>)>> {
    if !is_ordered(value) {
        return None;
    }
    let bytes = encode(value);
    let tag = *bytes.first()?;
    let (floor, ceiling) = ((">=", vec![tag]), ("<", vec![tag + 1]));
    match op {
        Op::Lt => Some(vec![("<", bytes), floor]),
        Op::Le => Some(vec![("<=", bytes), floor]),
        Op::Gt => Some(vec![(">", bytes), ceiling]),
        Op::Ge => Some(vec![(">=", bytes), ceiling]),
        Op::Eq | Op::Ne => None,
    }
}

fn is_ordered(value: &Value) -> bool {
    value.compare(value).is_some()
}

fn names(field: &[String], key: &str) -> bool {
    match field {
        [one] => one == key,
        path => path.join(".") == key,
    }
}

fn sql(
    predicate: &Predicate,
    keys: &[String],
    values: &mut Vec<Vec<u8>>,
) -> Result<String, Failure> {
    let mut bind = |value: Vec<u8>| values.push(value);
    Ok(match predicate {
        Predicate::True => "TRUE".into(),
        Predicate::False => "FALSE".into(),
        Predicate::And(parts) => joined(parts, " AND ", "TRUE", keys, values)?,
        Predicate::Or(parts) => joined(parts, " OR ", "FALSE", keys, values)?,
        Predicate::Not(inner) => format!("NOT {}", sql(inner, keys, values)?),
        Predicate::Compare {
            field,
            op: Op::Eq,
            value,
        }
        | Predicate::Contains { field, value } => {
            bind(encode(value));
            format!("({} = ?)", column(field, keys)?)
        }
        Predicate::Compare {
            field,
            op: Op::Ne,
            value,
        } => {
            bind(encode(value));
            format!("({} <> ?)", column(field, keys)?)
        }
        Predicate::Compare { field, op, value } => {
            let column = column(field, keys)?;
            let Some(both) = order(*op, value) else {
                return Ok("FALSE".into());
            };
            let mut tests = Vec::with_capacity(2);
            for (operator, bytes) in both {
                bind(bytes);
                tests.push(format!("{column} {operator} ?"));
            }
            format!("({})", tests.join(" AND "))
        }
        Predicate::In { values, .. } if values.is_empty() => "FALSE".into(),
        Predicate::In {
            field,
            values: options,
        } => {
            options.iter().map(encode).for_each(&mut bind);
            format!(
                "({} IN ({}))",
                column(field, keys)?,
                vec!["?"; options.len()].join(", ")
            )
        }
        Predicate::Absent { field } => {
            bind(ABSENT.to_vec());
            format!("({} = ?)", column(field, keys)?)
        }
    })
}

/// What [`plan`] says in SQL, for one entry of a record: whether the filter holds of its keys.
pub(crate) fn holds(predicate: &Predicate, keys: &[String], entry: &[Vec<u8>]) -> bool {
    let at = |field: &[String]| {
        let place = keys.iter().position(|key| names(field, key));
        place
            .and_then(|at| entry.get(at))
            .map_or(&[][..], Vec::as_slice)
    };
    match predicate {
        Predicate::True => true,
        Predicate::False => false,
        Predicate::And(parts) => parts.iter().all(|part| holds(part, keys, entry)),
        Predicate::Or(parts) => parts.iter().any(|part| holds(part, keys, entry)),
        Predicate::Not(inner) => !holds(inner, keys, entry),
        Predicate::Compare {
            field,
            op: Op::Eq,
            value,
        }
        | Predicate::Contains { field, value } => at(field) == encode(value),
        Predicate::Compare {
            field,
            op: Op::Ne,
            value,
        } => at(field) != encode(value),
        Predicate::Compare { field, op, value } => order(*op, value).is_some_and(|both| {
            let key = at(field);
            both.iter().all(|(operator, bytes)| match *operator {
                "<" => key < bytes.as_slice(),
                "<=" => key <= bytes.as_slice(),
                ">" => key > bytes.as_slice(),
                _ => key >= bytes.as_slice(),
            })
        }),
        Predicate::In { field, values } => {
            let key = at(field);
            values.iter().any(|value| encode(value) == key)
        }
        Predicate::Absent { field } => at(field) == ABSENT,
    }
}

fn joined(
    parts: &[Predicate],
    by: &str,
    empty: &str,
    keys: &[String],
    values: &mut Vec<Vec<u8>>,
) -> Result<String, Failure> {
    if parts.is_empty() {
        return Ok(empty.into());
    }
    let mut tests = Vec::with_capacity(parts.len());
    for part in parts {
        tests.push(sql(part, keys, values)?);
    }
    Ok(format!("({})", tests.join(by)))
}

fn column(field: &[String], keys: &[String]) -> Result<&'static str, Failure> {
    let at = keys
        .iter()
        .take(COLUMNS.len())
        .position(|key| names(field, key));
    at.map(|at| COLUMNS[at])
        .ok_or_else(|| Failure::Unavailable(format!("the index has no key {}", field.join("."))))
}
