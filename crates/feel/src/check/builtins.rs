//! Calls of the builtin functions.

use crate::{
    Diagnostic, Span, Type, Value,
    ast::{Arg, Expr, Kind},
    builtin::{Answer, Builtin, Shape, Spec, texts},
    ir::Code,
    literal,
};

use super::{
    Checked, Checker,
    calls::{shape_name, shape_type},
    relations,
};

impl Checker<'_> {
    pub(super) fn builtin(&mut self, span: Span, spec: &Spec, args: &[Arg]) -> Checked {
        if spec.function == Builtin::Sort && args.len() == 2 {
            return self.sort(span, args);
        }
        if let Some(constant) = self.literal_call(span, spec.function, args) {
            return constant;
        }
        let mut given: Vec<Checked> = args.iter().map(|arg| self.check(&arg.value)).collect();
        let spread = matches!(
            spec.function,
            Builtin::Min | Builtin::Max | Builtin::Sum | Builtin::Mean
        );
        if spread && given.len() > 1 {
            given = vec![self.gathered(span, &given)];
        }
        let least = spec.params.len() - spec.optional;
        if given.len() < least || (given.len() > spec.params.len() && !spec.repeats) {
            let params: Vec<String> = spec
                .params
                .iter()
                .map(|shape| shape_name(*shape).to_owned())
                .collect();
            return self.arity(span, spec.name, &params, args.len());
        }
        for (at, value) in given.iter().enumerate() {
            let shape = spec
                .params
                .get(at)
                .or(spec.params.last())
                .copied()
                .unwrap_or(Shape::Optional);
            self.shaped(shape, value, given.first());
        }
        let first = given.first().map_or(Type::Any, |value| value.ty.clone());
        let ty = match spec.answer {
            Answer::Number => Type::Number,
            Answer::Text => Type::Text,
            Answer::Boolean => Type::Boolean,
            Answer::Date => Type::Date,
            Answer::DateTime => Type::DateTime,
            Answer::YearsMonths => Type::YearsMonths,
            Answer::Numbers => Type::list(Type::Number),
            Answer::Texts => Type::list(Type::Text),
            Answer::Same => first,
            Answer::Element => element(&first),
            Answer::Special => self.special(span, spec, &given),
        };
        let (yes, no) = match (spec.function, given.first()) {
            (Builtin::IsDefined, Some(value)) => {
                (value.key.clone().into_iter().collect(), Vec::new())
            }
            _ => (Vec::new(), Vec::new()),
        };
        if let (Builtin::IsDefined | Builtin::GetOrElse, Some(value)) =
            (spec.function, given.first())
        {
            self.lenient(value.id);
        }
        self.pattern(span, spec.function, &given);
        let args = given.iter().map(|value| value.id).collect();
        Checked {
            yes,
            no,
            ..self.emit(
                span,
                ty,
                Code::Builtin {
                    function: spec.function,
                    args,
                },
            )
        }
    }

    /// `max(a, b)` is `max([a, b])`.
    fn gathered(&mut self, span: Span, given: &[Checked]) -> Checked {
        let mut ty = Type::Any;
        for value in given {
            match relations::unify(self.env, &ty, &value.ty) {
                Some(both) => ty = both,
                None => {
                    self.expect(value, &ty);
                }
            }
        }
        self.emit(
            span,
            Type::list(ty),
            Code::List(given.iter().map(|value| value.id).collect()),
        )
    }

    fn shaped(&mut self, shape: Shape, value: &Checked, first: Option<&Checked>) {
        if let Some(wanted) = shape_type(shape) {
            let inner_absent = match (&value.ty, &wanted) {
                (Type::List(of), Type::List(wanted)) => {
                    matches!(**of, Type::Optional(_)) && **wanted != Type::Any
                }
                _ => false,
            };
            if inner_absent {
                self.absent_elements(value);
            } else {
                self.expect(value, &wanted);
            }
            return;
        }
        match shape {
            Shape::Moment => {
                let ty = self.present(value);
                if !matches!(ty, Type::Date | Type::DateTime | Type::Any) {
                    self.expect(value, &Type::Date);
                }
            }
            Shape::Orderables => match self.element(value, false) {
                Type::Optional(_) => self.absent_elements(value),
                of if relations::orderable(&of) => {}
                of => {
                    let message = format!("{of}には大小がありません。");
                    self.faults
                        .push(Diagnostic::new(value.span, "type-mismatch", message));
                }
            },
            Shape::Element => {
                let of = first.map_or(Type::Any, |list| element(&list.ty));
                if !relations::comparable(self.env, &of, &value.ty) {
                    self.expect(value, &of);
                }
                if let Some(list) = first {
                    self.among(list, value);
                }
            }
            Shape::Value => {
                self.present(value);
            }
            _ => {}
        }
    }

    fn absent_elements(&mut self, value: &Checked) {
        let text = value.span.text(self.source);
        let hint = match text.rsplit_once('.') {
            Some((rows, member)) => {
                format!("空の行を除くなら「{rows}[{member} != null].{member}」と書いてください。")
            }
            None => format!("空の要素を除くなら「{text}[item != null]」と書いてください。"),
        };
        let fault = Diagnostic::new(
            value.span,
            "absent-unhandled",
            format!("「{text}」に空の要素のことがあります。"),
        );
        self.faults.push(fault.hint(hint));
    }

    fn special(&mut self, span: Span, spec: &Spec, given: &[Checked]) -> Type {
        let first = given.first().map_or(Type::Any, |value| value.ty.clone());
        match spec.function {
            Builtin::GetOrElse => {
                let other = given.get(1).map_or(Type::Any, |value| value.ty.clone());
                let first = if first == Type::Null {
                    Type::Any
                } else {
                    first.required().clone()
                };
                self.common(span, &first, &other)
            }
            Builtin::Append => {
                let rest: Vec<Type> = given.iter().skip(1).map(|value| value.ty.clone()).collect();
                let of = rest
                    .iter()
                    .fold(element(&first), |of, next| self.common(span, &of, next));
                Type::list(of)
            }
            Builtin::Concatenate => {
                let rest: Vec<Type> = given.iter().skip(1).map(|value| value.ty.clone()).collect();
                rest.iter()
                    .fold(first, |all, next| self.common(span, &all, next))
            }
            Builtin::Flatten => {
                let mut of = element(&first);
                while let Type::List(inner) = of {
                    of = *inner;
                }
                Type::list(of)
            }
            Builtin::Sort => {
                if let Some(list) = given.first() {
                    self.shaped(Shape::Orderables, list, None);
                }
                first
            }
            _ => Type::Any,
        }
    }

    fn common(&mut self, span: Span, a: &Type, b: &Type) -> Type {
        relations::unify(self.env, a, b).unwrap_or_else(|| {
            let fault =
                Diagnostic::new(span, "type-mismatch", format!("{a}と{b}が混ざっています。"));
            self.faults.push(fault.hint("同じ型にそろえてください。"));
            Type::Any
        })
    }

    /// `date("…")`, `duration("…")` of a literal are read once, here.
    fn literal_call(&mut self, span: Span, function: Builtin, args: &[Arg]) -> Option<Checked> {
        let [
            Arg {
                value:
                    Expr {
                        kind: Kind::Literal(Value::Text(text)),
                        span: at,
                        ..
                    },
                ..
            },
        ] = args
        else {
            return self.no_literal(span, function, args);
        };
        let (value, example) = match function {
            Builtin::Date => (literal::date(text).map(Value::Date), "date(\"2026-04-01\")"),
            Builtin::DateTime => (
                literal::date_time(text).map(Value::DateTime),
                "date and time(\"2026-04-01T09:00:00+09:00\")",
            ),
            Builtin::Duration => (
                literal::duration(text),
                "duration(\"P3D\")、duration(\"P1Y6M\")",
            ),
            _ => return None,
        };
        Some(match value {
            Some(value) => self.constant(span, value),
            None => {
                let fault = Diagnostic::new(
                    *at,
                    "invalid-literal",
                    format!("「{text}」は正しい日付や期間ではありません。"),
                );
                self.fault(fault.hint(format!("{example} のように書いてください。")))
            }
        })
    }

    /// What a duration is made of decides its type, so it must be known here.
    fn no_literal(&mut self, span: Span, function: Builtin, args: &[Arg]) -> Option<Checked> {
        if function == Builtin::Date && args.len() == 2 {
            let params = ["年", "月", "日"].map(str::to_owned);
            return Some(self.arity(span, "date", &params, 2));
        }
        if function == Builtin::Date && args.len() == 3 {
            let args: Vec<Checked> = args.iter().map(|arg| self.check(&arg.value)).collect();
            for arg in &args {
                self.expect(arg, &Type::Number);
            }
            let args = args.iter().map(|arg| arg.id).collect();
            return Some(self.emit(span, Type::Date, Code::Builtin { function, args }));
        }
        if function != Builtin::Duration {
            return None;
        }
        let fault = Diagnostic::new(
            span,
            "type-mismatch",
            "duration には決まった文字を書いてください。",
        );
        Some(self.fault(fault.hint(
            "日数や月数が項目なら add days(日付, 日数)、add months(日付, 月数) を使います。",
        )))
    }

    /// A pattern that is written down is read once, here.
    fn pattern(&mut self, span: Span, function: Builtin, given: &[Checked]) {
        let flags_at = match function {
            Builtin::Matches => 2,
            Builtin::Replace => 3,
            _ => return,
        };
        let text = |at: usize| match given
            .get(at)
            .and_then(|value| self.program.node(value.id))
            .map(|node| &node.code)
        {
            Some(Code::Const(Value::Text(text))) => Some(text.to_string()),
            _ => None,
        };
        if let Some(pattern) = text(1)
            && let Err(message) = texts::pattern(&pattern, &text(flags_at).unwrap_or_default())
        {
            self.faults.push(Diagnostic::new(
                given.get(1).map_or(span, |value| value.span),
                "invalid-literal",
                message,
            ));
        }
    }

    fn sort(&mut self, span: Span, args: &[Arg]) -> Checked {
        let [list, order] = args else {
            return self.arity(span, "sort", &["一覧".to_owned()], args.len());
        };
        let list = self.check(&list.value);
        let of = self.element(&list, false);
        let (params, body) = match &order.value.kind {
            Kind::Lambda(params, body) if params.len() == 2 => (params, body),
            _ => {
                let fault = Diagnostic::new(
                    order.value.span,
                    "type-mismatch",
                    "並べ方は二つの引数の関数で書きます。",
                );
                return self.fault(
                    fault.hint("sort(一覧, function(a, b) a < b) のように書いてください。"),
                );
            }
        };
        let slot = self.next_slot();
        for param in params {
            self.bind(Some(&param.name), of.clone());
        }
        let body = self.check(body);
        self.unbind(2);
        self.expect(&body, &Type::Boolean);
        self.emit(
            span,
            list.ty,
            Code::Sort {
                list: list.id,
                slot,
                precedes: body.id,
            },
        )
    }
}

fn element(list: &Type) -> Type {
    match list.required() {
        Type::List(of) => (**of).clone(),
        _ => Type::Any,
    }
}
