//! Evaluation of a checked program.

mod access;
mod arith;
mod functions;
mod loops;
mod numeric;
mod textual;

use std::cmp::Ordering;

use crate::{
    EvalError, Op, RangeValue, Scope, Span, Value,
    ast::Kinds,
    ir::{Check, Code, Id, Node, Program},
};

/// Most steps of one evaluation; each element of a list that is copied counts.
const MAX_STEPS: usize = 100_000;
/// Longest text that an evaluation may make, in bytes.
const MAX_TEXT: usize = 1_000_000;

type Result<T> = std::result::Result<T, EvalError>;

/// The value of a loop variable, and where it came from for the path of a missing member.
#[derive(Clone, Debug, Default)]
struct Frame {
    value: Value,
    list: Option<Id>,
    index: usize,
}

pub(crate) struct Evaluator<'a> {
    program: &'a Program,
    scope: &'a dyn Scope,
    locals: Vec<Frame>,
    steps: usize,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(program: &'a Program, scope: &'a dyn Scope) -> Self {
        Self {
            program,
            scope,
            locals: Vec::new(),
            steps: 0,
        }
    }

    fn node(&self, id: Id) -> Result<&'a Node> {
        self.program.node(id).ok_or_else(|| EvalError::Custom {
            message: "式の形が壊れています。".into(),
        })
    }

    fn span(&self, id: Id) -> Span {
        self.program
            .node(id)
            .map_or(Span::default(), |node| node.span)
    }

    fn charge(&mut self, steps: usize) -> Result<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MAX_STEPS {
            let what = format!("手数が{MAX_STEPS}を超えました。一覧を絞り込んでください。");
            return Err(EvalError::Limit { what });
        }
        Ok(())
    }

    /// The value of one node.
    pub(crate) fn eval(&mut self, id: Id) -> Result<Value> {
        self.charge(1)?;
        let node = self.node(id)?;
        match &node.code {
            Code::Const(value) => {
                self.charge(size(value))?;
                Ok(value.clone())
            }
            Code::Fail(error) => Err(error.clone()),
            Code::Var { name, lenient } => self.variable(node.span, name, *lenient),
            Code::Local(slot) => self.local(*slot),
            Code::Member {
                base,
                name,
                lenient,
            } => self.member(id, *base, name, *lenient),
            Code::Property { base, property } => {
                let base = self.eval(*base)?;
                access::property(&base, *property, node.span)
            }
            Code::Call { name, args } => self.call(name, args),
            Code::Builtin { function, args } => self.builtin(*function, args, node.span),
            Code::Negate(operand) => {
                let operand = self.eval(*operand)?;
                arith::negate(operand, node.span)
            }
            Code::Not(operand) => Ok(Value::Boolean(!self.condition(*operand)?)),
            Code::Arith(op, left, right) => {
                let (left, right) = (self.eval(*left)?, self.eval(*right)?);
                let made = arith::arith(*op, &left, &right, node.span)?;
                self.bounded(made)
            }
            Code::Compare(op, left, right) => {
                let (left, right) = (self.eval(*left)?, self.eval(*right)?);
                compare(*op, &left, &right, node.span).map(Value::Boolean)
            }
            Code::And(items) => self.logic(items, true),
            Code::Or(items) => self.logic(items, false),
            Code::In(x, checks) => self.membership(*x, checks),
            Code::If(condition, then, otherwise) => {
                let branch = if self.condition(*condition)? {
                    *then
                } else {
                    *otherwise
                };
                self.eval(branch)
            }
            Code::For(binds, body) => self.for_each(binds, *body),
            Code::Quantified(every, binds, body) => self.quantified(*every, binds, *body),
            Code::Filter(bind, condition) => self.filter(*bind, *condition),
            Code::At(list, index) => self.at(*list, *index, node.span),
            Code::List(items) => items
                .iter()
                .map(|item| self.eval(*item))
                .collect::<Result<Vec<_>>>()
                .map(Value::List),
            Code::Context { first, entries } => self.context(*first, entries),
            Code::Range {
                low,
                high,
                low_closed,
                high_closed,
            } => {
                let (low, high) = (Some(self.eval(*low)?), Some(self.eval(*high)?));
                let range = RangeValue {
                    low,
                    high,
                    low_closed: *low_closed,
                    high_closed: *high_closed,
                };
                Ok(Value::Range(Box::new(range)))
            }
            Code::InstanceOf(value, kinds) => {
                Ok(Value::Boolean(is_instance(&self.eval(*value)?, *kinds)))
            }
            Code::Sort {
                list,
                slot,
                precedes,
            } => self.sort(*list, *slot, *precedes),
        }
    }

    /// A boolean; nothing else passes for one.
    fn condition(&mut self, id: Id) -> Result<bool> {
        match self.eval(id)? {
            Value::Boolean(b) => Ok(b),
            other => Err(mismatch("真偽", &other, self.span(id))),
        }
    }

    fn logic(&mut self, items: &[Id], and: bool) -> Result<Value> {
        for item in items {
            if self.condition(*item)? != and {
                return Ok(Value::Boolean(!and));
            }
        }
        Ok(Value::Boolean(and))
    }

    fn membership(&mut self, x: Id, checks: &[Check]) -> Result<Value> {
        let x = self.eval(x)?;
        for check in checks {
            let passes = match check {
                Check::Holds(id) => self.condition(*id)?,
                Check::Matches(id) => matches(&x, &self.eval(*id)?),
                Check::Compare(op, id) => {
                    let bound = self.eval(*id)?;
                    let absent = x == Value::Null && !matches!(op, Op::Eq | Op::Ne);
                    !absent && compare(*op, &x, &bound, self.span(*id))?
                }
            };
            if passes {
                return Ok(Value::Boolean(true));
            }
        }
        Ok(Value::Boolean(false))
    }

    fn call(&mut self, name: &str, args: &[Id]) -> Result<Value> {
        let args = args
            .iter()
            .map(|arg| self.eval(*arg))
            .collect::<Result<Vec<_>>>()?;
        let answer = self.scope.call(name, &args)?;
        self.charge(size(&answer))?;
        Ok(answer)
    }

    fn context(&mut self, first: u32, entries: &[(String, Id)]) -> Result<Value> {
        let mut members = std::collections::BTreeMap::new();
        for (slot, (name, id)) in (first..).zip(entries) {
            let value = self.eval(*id)?;
            self.charge(size(&value))?;
            self.bind(
                slot,
                Frame {
                    value: value.clone(),
                    list: None,
                    index: 0,
                },
            );
            members.insert(name.as_str().into(), value);
        }
        Ok(Value::Context(members))
    }

    fn bounded(&self, value: Value) -> Result<Value> {
        match &value {
            Value::Text(text) if text.len() > MAX_TEXT => Err(too_long()),
            _ => Ok(value),
        }
    }
}

/// What copying a value costs in steps.
fn size(value: &Value) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::Context(members) => members.len() / 8,
        _ => 0,
    }
}

fn too_long() -> EvalError {
    EvalError::Limit {
        what: format!("文字が{MAX_TEXT}バイトを超えました。"),
    }
}

fn mismatch(expected: &str, found: &Value, span: Span) -> EvalError {
    EvalError::Mismatch {
        expected: expected.to_owned(),
        found: found.type_name_ja().to_owned(),
        span,
    }
}

/// `x = y`, `x` an element of `y`, or `x` within `y`.
fn matches(x: &Value, y: &Value) -> bool {
    match y {
        Value::List(items) => items.contains(x) || x == y,
        Value::Range(range) => range.contains(x) || x == y,
        _ => x == y,
    }
}

fn compare(op: Op, left: &Value, right: &Value, span: Span) -> Result<bool> {
    let order = match op {
        Op::Eq => return Ok(left == right),
        Op::Ne => return Ok(left != right),
        _ => left
            .compare(right)
            .ok_or_else(|| mismatch(left.type_name_ja(), right, span))?,
    };
    Ok(match op {
        Op::Lt => order == Ordering::Less,
        Op::Le => order != Ordering::Greater,
        Op::Gt => order == Ordering::Greater,
        _ => order != Ordering::Less,
    })
}

fn is_instance(value: &Value, kinds: Kinds) -> bool {
    matches!(
        (kinds, value),
        (Kinds::Null, Value::Null)
            | (Kinds::Boolean, Value::Boolean(_))
            | (Kinds::Number, Value::Number(_))
            | (Kinds::Text, Value::Text(_))
            | (Kinds::Date, Value::Date(_))
            | (Kinds::DateTime, Value::DateTime(_))
            | (Kinds::DaysTime, Value::DaysTime(_))
            | (Kinds::YearsMonths, Value::YearsMonths(_))
            | (Kinds::List, Value::List(_))
            | (Kinds::Context, Value::Context(_))
            | (Kinds::Range, Value::Range(_))
    ) || (kinds == Kinds::Any && *value != Value::Null)
}
