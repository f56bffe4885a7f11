//! Operators, `if`, `in`, literals of lists, contexts and ranges.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    ContextType, Diagnostic, Op, Span, Type,
    ast::{Arith, Expr, Ident, Kind, Test},
    ir::{Check, Code},
};

use super::{Checked, Checker, Key, relations};

impl Checker<'_> {
    pub(super) fn negate(&mut self, span: Span, operand: &Expr) -> Checked {
        let operand = self.check(operand);
        let ty = self.present(&operand);
        if !matches!(
            ty,
            Type::Number | Type::DaysTime | Type::YearsMonths | Type::Any
        ) {
            self.expect(&operand, &Type::Number);
        }
        self.emit(span, ty, Code::Negate(operand.id))
    }

    pub(super) fn not(&mut self, span: Span, operand: &Expr) -> Checked {
        let operand = self.check(operand);
        self.expect(&operand, &Type::Boolean);
        let not = self.emit(span, Type::Boolean, Code::Not(operand.id));
        Checked {
            yes: operand.no,
            no: operand.yes,
            ..not
        }
    }

    pub(super) fn arith(&mut self, span: Span, op: Arith, left: &Expr, right: &Expr) -> Checked {
        let (left, right) = (self.check(left), self.check(right));
        let (a, b) = (self.present(&left), self.present(&right));
        let ty = match arith_type(op, &a, &b) {
            Some(ty) => ty,
            None => {
                let message = format!("{a}と{b}に「{}」は使えません。", op.symbol());
                let fault = Diagnostic::new(span, "type-mismatch", message);
                let text = |checked: &Checked| checked.span.text(self.source);
                let hint = relations::conversion(&b, &a, text(&right))
                    .or_else(|| relations::conversion(&a, &b, text(&left)));
                return self.fault(match (&a, &b, hint) {
                    (Type::Date | Type::DateTime, Type::Number, _) => {
                        fault.hint("日数を足すには add days(日付, 日数)、月数なら add months(日付, 月数) と書きます。")
                    }
                    (Type::Number, Type::Text, _) if op == Arith::Add => fault.hint(format!(
                        "文字としてつなぐなら string({}) + … と書きます。足し算なら数値どうしにしてください。",
                        text(&left)
                    )),
                    (_, _, Some(hint)) => fault.hint(hint),
                    _ => fault,
                });
            }
        };
        self.emit(span, ty, Code::Arith(op, left.id, right.id))
    }

    pub(super) fn compare(&mut self, span: Span, op: Op, left: &Expr, right: &Expr) -> Checked {
        let (left, right) = (self.check(left), self.check(right));
        if left
            .key
            .as_ref()
            .is_some_and(|key| key.first().is_some_and(|root| root.starts_with('$')))
            && left.key == right.key
        {
            return self.same(span, &left);
        }
        if matches!(op, Op::Eq | Op::Ne) {
            return self.equal(span, op, &left, &right);
        }
        self.ordered(span, &left, &right);
        self.emit(span, Type::Boolean, Code::Compare(op, left.id, right.id))
    }

    /// `permits[authority = authority]`: both are the element's own.
    fn same(&mut self, span: Span, side: &Checked) -> Checked {
        let text = side.span.text(self.source);
        let fault = Diagnostic::new(
            span,
            "same-twice",
            format!("両側とも一覧の要素の「{text}」です。"),
        );
        self.fault(fault.hint(format!(
            "外側の「{text}」と比べるには「some r in 一覧 satisfies r.{text} = {text}」のように、要素に名前を付けてください。"
        )))
    }

    fn equal(&mut self, span: Span, op: Op, left: &Checked, right: &Checked) -> Checked {
        if !relations::comparable(self.env, &left.ty, &right.ty) {
            return self.incomparable(span, left, right);
        }
        self.among(left, right);
        for (side, other) in [(left, right), (right, left)] {
            if other.ty == Type::Null {
                self.lenient(side.id);
            }
        }
        let there = [(left, right), (right, left)]
            .into_iter()
            .filter_map(|(side, other)| {
                let proves = other.ty != Type::Null && !other.ty.is_optional();
                side.key.clone().filter(|_| proves)
            });
        let there: Vec<Key> = there.collect();
        let gone: Vec<Key> = match (&left.ty, &right.ty) {
            (_, Type::Null) => left.key.clone().into_iter().collect(),
            (Type::Null, _) => right.key.clone().into_iter().collect(),
            _ => Vec::new(),
        };
        let node = self.emit(span, Type::Boolean, Code::Compare(op, left.id, right.id));
        if op == Op::Eq {
            Checked {
                yes: there,
                no: gone,
                ..node
            }
        } else {
            Checked {
                yes: gone,
                no: there,
                ..node
            }
        }
    }

    fn incomparable(&mut self, span: Span, left: &Checked, right: &Checked) -> Checked {
        let (a, b) = (&left.ty, &right.ty);
        let fault = Diagnostic::new(span, "type-mismatch", format!("{a}と{b}は比べられません。"));
        let hint = relations::conversion(b, a, right.span.text(self.source))
            .or_else(|| relations::conversion(a, b, left.span.text(self.source)));
        self.fault(match hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        })
    }

    /// Both sides there, and of one type that has an order.
    fn ordered(&mut self, span: Span, left: &Checked, right: &Checked) -> Type {
        let (a, b) = (self.present(left), self.present(right));
        if !relations::comparable(self.env, &a, &b) {
            self.incomparable(span, left, right);
        } else if !relations::orderable(&a) || !relations::orderable(&b) {
            let message = format!(
                "{}には大小がありません。",
                if relations::orderable(&a) { &b } else { &a }
            );
            let fault = Diagnostic::new(span, "type-mismatch", message);
            self.faults
                .push(fault.hint("「=」か「!=」で比べてください。"));
        }
        if a == Type::Any { b } else { a }
    }

    pub(super) fn logic(&mut self, span: Span, items: &[Expr], and: bool) -> Checked {
        let mut ids = Vec::with_capacity(items.len());
        let mut known: Vec<Key> = Vec::new();
        for item in items {
            let keys = known.clone();
            let checked = self.narrowed(&keys, |checker| checker.check(item));
            self.expect(&checked, &Type::Boolean);
            ids.push(checked.id);
            known.extend(if and { checked.yes } else { checked.no });
        }
        let node = self.emit(
            span,
            Type::Boolean,
            if and { Code::And(ids) } else { Code::Or(ids) },
        );
        if and {
            Checked { yes: known, ..node }
        } else {
            Checked { no: known, ..node }
        }
    }

    pub(super) fn conditional(
        &mut self,
        span: Span,
        condition: &Expr,
        then: &Expr,
        otherwise: &Expr,
    ) -> Checked {
        let condition = self.check(condition);
        self.expect(&condition, &Type::Boolean);
        let then = self.narrowed(&condition.yes, |checker| checker.check(then));
        let otherwise = self.narrowed(&condition.no, |checker| checker.check(otherwise));
        let ty = relations::unify(self.env, &then.ty, &otherwise.ty).unwrap_or_else(|| {
            let message = format!("「then」は{}、「else」は{}です。", then.ty, otherwise.ty);
            let fault = Diagnostic::new(span, "type-mismatch", message);
            self.faults.push(fault.hint("両方を同じ型にしてください。"));
            Type::Any
        });
        self.emit(span, ty, Code::If(condition.id, then.id, otherwise.id))
    }

    pub(super) fn membership(&mut self, span: Span, x: &Expr, tests: &[Test]) -> Checked {
        let is_cell = x.kind == Kind::Input && x.span == span;
        let x = self.check(x);
        let key = x.key.clone().into_iter().collect::<Vec<_>>();
        let mut checks = Vec::with_capacity(tests.len());
        let mut proves = true;
        for test in tests {
            // Within a condition of its own a test of a cell may be reached with the input absent.
            let check = match test {
                Test::Compare(op, bound) => self.compared(&x, *op, bound),
                Test::Matches(expr) => {
                    let found = self.check(expr);
                    if is_cell && found.ty == Type::Boolean && *x.ty.required() != Type::Boolean {
                        proves = false;
                        Check::Holds(found.id)
                    } else {
                        proves &= !holds_absence(&found.ty);
                        self.matched(&x, &found)
                    }
                }
            };
            proves &= !matches!(check, Check::Compare(Op::Ne, _));
            checks.push(check);
        }
        if x.ty.is_optional() || !proves {
            self.lenient(x.id);
        }
        let node = self.emit(span, Type::Boolean, Code::In(x.id, checks));
        if proves {
            Checked { yes: key, ..node }
        } else {
            node
        }
    }

    fn compared(&mut self, x: &Checked, op: Op, bound: &Expr) -> Check {
        let bound = self.check(bound);
        if matches!(op, Op::Eq | Op::Ne) {
            if !relations::comparable(self.env, &x.ty, &bound.ty) {
                self.incomparable(bound.span, x, &bound);
            }
            self.among(x, &bound);
        } else {
            // An absent value lies on no side of the bound: false, and no fault.
            let there = Checked {
                ty: x.ty.required().clone(),
                ..x.clone()
            };
            self.ordered(bound.span, &there, &bound);
        }
        Check::Compare(op, bound.id)
    }

    fn matched(&mut self, x: &Checked, found: &Checked) -> Check {
        let fits = match found.ty.required() {
            Type::List(of) => {
                relations::comparable(self.env, &x.ty, of)
                    || relations::comparable(self.env, &x.ty, &found.ty)
            }
            Type::Range(of) => relations::comparable(self.env, &x.ty, of),
            other => relations::comparable(self.env, &x.ty, other),
        };
        if matches!(found.ty, Type::Optional(_))
            && matches!(found.ty.required(), Type::List(_) | Type::Range(_))
        {
            self.present(found);
        }
        if !fits {
            self.incomparable(found.span, x, found);
        }
        self.among(x, found);
        Check::Matches(found.id)
    }

    pub(super) fn list(&mut self, span: Span, items: &[Expr]) -> Checked {
        let mut ids = Vec::with_capacity(items.len());
        let mut ty = Type::Any;
        for item in items {
            let checked = self.check(item);
            ids.push(checked.id);
            ty = relations::unify(self.env, &ty, &checked.ty).unwrap_or_else(|| {
                let message = format!("一覧に{ty}と{}が混ざっています。", checked.ty);
                let fault = Diagnostic::new(checked.span, "type-mismatch", message);
                self.faults
                    .push(fault.hint("一つの一覧には同じ型の値だけを入れてください。"));
                Type::Any
            });
        }
        self.emit(span, Type::list(ty), Code::List(ids))
    }

    pub(super) fn context(&mut self, span: Span, entries: &[(Ident, Expr)]) -> Checked {
        let first = self.next_slot();
        let (mut ids, mut fields) = (Vec::with_capacity(entries.len()), BTreeMap::new());
        for (key, value) in entries {
            let value = self.check(value);
            self.bind(Some(&key.name), value.ty.clone());
            fields.insert(key.name.clone(), value.ty);
            ids.push((key.name.clone(), value.id));
        }
        self.unbind(entries.len());
        let ty = Type::Context(Arc::new(ContextType {
            name: String::new(),
            fields,
        }));
        self.emit(
            span,
            ty,
            Code::Context {
                first,
                entries: ids,
            },
        )
    }

    pub(super) fn range(
        &mut self,
        span: Span,
        ends: (&Expr, &Expr),
        closed: (bool, bool),
    ) -> Checked {
        let (low, high) = (self.check(ends.0), self.check(ends.1));
        let of = self.ordered(span, &low, &high);
        let code = Code::Range {
            low: low.id,
            high: high.id,
            low_closed: closed.0,
            high_closed: closed.1,
        };
        self.emit(span, Type::range(of), code)
    }
}

/// Whether a test of this type may be passed by an absent value.
fn holds_absence(ty: &Type) -> bool {
    match ty {
        Type::List(of) => of.is_optional(),
        other => other.is_optional(),
    }
}

/// The type of `a op b`; `None` when there is none.
fn arith_type(op: Arith, a: &Type, b: &Type) -> Option<Type> {
    use Type::{Any, Date, DateTime, DaysTime, Number, Text, YearsMonths};
    Some(match (op, a, b) {
        (_, Any, Any) => Any,
        (_, Number, Number) => Number,
        (Arith::Pow, Any, Number) | (Arith::Pow, Number, Any) => Number,
        (Arith::Add, Text, Text) => Text,
        (Arith::Add, Date | DateTime, DaysTime | YearsMonths) => a.clone(),
        (Arith::Add, DaysTime | YearsMonths, Date | DateTime) => b.clone(),
        (Arith::Sub, Date, Date) | (Arith::Sub, DateTime, DateTime) => DaysTime,
        (Arith::Sub, Date | DateTime, DaysTime | YearsMonths) => a.clone(),
        (Arith::Add | Arith::Sub, DaysTime, DaysTime) => DaysTime,
        (Arith::Add | Arith::Sub, YearsMonths, YearsMonths) => YearsMonths,
        (Arith::Mul | Arith::Div, DaysTime | YearsMonths, Number) => a.clone(),
        (Arith::Mul, Number, DaysTime | YearsMonths) => b.clone(),
        (Arith::Div, DaysTime, DaysTime) | (Arith::Div, YearsMonths, YearsMonths) => Number,
        (_, Any, Number | Text | Date | DateTime | DaysTime | YearsMonths) => Any,
        (_, Number | Text | Date | DateTime | DaysTime | YearsMonths, Any) => Any,
        _ => return None,
    })
}
