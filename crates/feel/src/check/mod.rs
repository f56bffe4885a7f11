//! The type checker: resolves every name, types every node and emits the program.

mod builtins;
mod calls;
mod closed;
mod loops;
mod names;
mod operators;
pub(crate) mod relations;

use crate::{
    Closed, Diagnostic, Env, Span, Type, Value,
    ast::{Expr, Kind},
    ir::{Code, Id, Program},
    typed::Passed,
};
use std::sync::Arc;

/// A path that can be narrowed: a variable's or a slot's (`$3`) name, then members.
pub(crate) type Key = Vec<String>;

/// One checked node.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) id: Id,
    pub(crate) span: Span,
    /// Never [`Type::OneOf`]: that is `Text` here, with the list beside it.
    pub(crate) ty: Type,
    /// The list of texts that it is one of.
    pub(crate) closed: Option<Arc<Closed>>,
    /// The path, where the node is one.
    pub(crate) key: Option<Key>,
    /// The paths that are surely there when the node is true, and when it is false.
    pub(crate) yes: Vec<Key>,
    pub(crate) no: Vec<Key>,
}

/// A name bound inside the expression; without a name the implicit `item` of a filter.
pub(crate) struct Bound {
    name: Option<String>,
    ty: Type,
}

pub(crate) struct Checker<'a> {
    pub(crate) source: &'a str,
    pub(crate) env: &'a Env,
    /// The type of `?`.
    pub(crate) input: Option<&'a Type>,
    pub(crate) program: Program,
    pub(crate) faults: Vec<Diagnostic>,
    pub(crate) passed: Vec<Passed>,
    bound: Vec<Bound>,
    narrowed: Vec<Key>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(source: &'a str, env: &'a Env, input: Option<&'a Type>) -> Self {
        let (program, faults) = (Program::default(), Vec::new());
        Self {
            source,
            env,
            input,
            program,
            faults,
            passed: Vec::new(),
            bound: Vec::new(),
            narrowed: Vec::new(),
        }
    }

    /// Checks one node and everything below it. After a fault the node is `Any`, so that one
    /// fault is told once.
    pub(crate) fn check(&mut self, expr: &Expr) -> Checked {
        let span = expr.span;
        match &expr.kind {
            Kind::Literal(value) => self.constant(span, value.clone()),
            Kind::Name(name) => self.name(span, name),
            Kind::Input => self.input(span),
            Kind::Member(base, name) => self.member(span, base, name),
            Kind::Call(name, args) => self.call(span, name, args),
            Kind::Lambda(..) => {
                let fault = Diagnostic::new(span, "syntax", "function(…) はここには置けません。");
                self.fault(fault.hint("sort(一覧, function(a, b) a < b) の中だけで使えます。"))
            }
            Kind::Negate(operand) => self.negate(span, operand),
            Kind::Not(operand) => self.not(span, operand),
            Kind::Arith(op, left, right) => self.arith(span, *op, left, right),
            Kind::Compare(op, left, right) => self.compare(span, *op, left, right),
            Kind::And(items) => self.logic(span, items, true),
            Kind::Or(items) => self.logic(span, items, false),
            Kind::In(x, tests) => self.membership(span, x, tests),
            Kind::If(condition, then, otherwise) => {
                self.conditional(span, condition, then, otherwise)
            }
            Kind::For(iters, body) => self.for_each(span, iters, body),
            Kind::Quantified(every, iters, body) => self.quantified(span, *every, iters, body),
            Kind::Bracket(list, inner) => self.bracket(span, list, inner),
            Kind::List(items) => self.list(span, items),
            Kind::Context(entries) => self.context(span, entries),
            Kind::Range {
                low,
                high,
                low_closed,
                high_closed,
            } => self.range(span, (low, high), (*low_closed, *high_closed)),
            Kind::InstanceOf(value, kinds) => {
                let value = self.check(value);
                self.lenient(value.id);
                self.emit(span, Type::Boolean, Code::InstanceOf(value.id, *kinds))
            }
        }
    }

    pub(crate) fn emit(&mut self, span: Span, ty: Type, code: Code) -> Checked {
        let id = self.program.push(span, code);
        let (ty, closed) = closed::apart(ty);
        Checked {
            id,
            span,
            ty,
            closed,
            key: None,
            yes: Vec::new(),
            no: Vec::new(),
        }
    }

    pub(crate) fn constant(&mut self, span: Span, value: Value) -> Checked {
        let ty = relations::type_of(&value);
        self.emit(span, ty, Code::Const(value))
    }

    /// Notes a fault and answers a node that fits everywhere.
    pub(crate) fn fault(&mut self, fault: Diagnostic) -> Checked {
        let span = fault.span;
        self.faults.push(fault);
        self.emit(span, Type::Any, Code::Const(Value::Null))
    }

    /// Notes a fault unless the value fits the wanted type.
    pub(crate) fn expect(&mut self, found: &Checked, wanted: &Type) -> bool {
        if relations::assignable(self.env, &found.ty, wanted) {
            return self.taken(found, wanted);
        }
        if found.ty.is_optional() && relations::assignable(self.env, found.ty.required(), wanted) {
            self.absent(found);
            return false;
        }
        let message = format!("{wanted}が要りますが、{}です。", found.ty);
        let fault = Diagnostic::new(found.span, "type-mismatch", message);
        let text = found.span.text(self.source);
        self.faults
            .push(match relations::conversion(&found.ty, wanted, text) {
                Some(hint) => fault.hint(hint),
                None => fault,
            });
        false
    }

    /// Notes a fault if the value may be absent; answers the type without its absence.
    pub(crate) fn present(&mut self, found: &Checked) -> Type {
        if matches!(found.ty, Type::Optional(_) | Type::Null) {
            self.absent(found);
            return if found.ty == Type::Null {
                Type::Any
            } else {
                found.ty.required().clone()
            };
        }
        found.ty.clone()
    }

    fn absent(&mut self, found: &Checked) {
        let text = found.span.text(self.source);
        let fault = match found.key {
            Some(_) => Diagnostic::new(found.span, "absent-unhandled", format!("「{text}」は空のことがあります。"))
                .hint(format!(
                    "「if {text} != null then … else …」「{text} != null and …」「get or else({text}, …)」のどれかで、空のときを書いてください。"
                )),
            None => Diagnostic::new(found.span, "absent-unhandled", "この値は空のことがあります。")
                .hint("「get or else(値, 代わりの値)」で、空のときを書いてください。"),
        };
        self.faults.push(fault);
    }

    /// Lets a path answer `null` where its value is missing: below `= null`, `is defined`.
    pub(crate) fn lenient(&mut self, id: Id) {
        let mut next = Some(id);
        while let Some(at) = next {
            next = match self
                .program
                .nodes
                .get_mut(at as usize)
                .map(|node| &mut node.code)
            {
                Some(Code::Var { lenient, .. }) => {
                    *lenient = true;
                    None
                }
                Some(Code::Member { base, lenient, .. }) => {
                    *lenient = true;
                    Some(*base)
                }
                _ => None,
            };
        }
    }

    /// The slot that the next bound name gets.
    pub(crate) fn next_slot(&self) -> u32 {
        u32::try_from(self.bound.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn bind(&mut self, name: Option<&str>, ty: Type) -> u32 {
        let slot = self.next_slot();
        self.bound.push(Bound {
            name: name.map(str::to_owned),
            ty,
        });
        slot
    }

    pub(crate) fn unbind(&mut self, count: usize) {
        self.bound.truncate(self.bound.len().saturating_sub(count));
    }

    /// Checks with more paths known to be there.
    pub(crate) fn narrowed<T>(&mut self, keys: &[Key], check: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.narrowed.len();
        self.narrowed.extend_from_slice(keys);
        let result = check(self);
        self.narrowed.truncate(before);
        result
    }

    fn is_narrowed(&self, key: &Key) -> bool {
        self.narrowed.contains(key)
    }
}
