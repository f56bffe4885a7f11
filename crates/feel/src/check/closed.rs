//! Closed lists of texts: a constant beside a choice must be one of its options.

use std::sync::Arc;

use crate::{
    Closed, Diagnostic, Span, Type, Value,
    builtin::Builtin,
    ir::{Code, Id},
    names::nearest,
    typed::Passed,
};

use super::{Checked, Checker};

/// The type as a node has it, and the list apart from it.
pub(super) fn apart(ty: Type) -> (Type, Option<Arc<Closed>>) {
    match ty {
        Type::OneOf(closed) => (Type::Text, Some(closed)),
        Type::Optional(inner) => match *inner {
            Type::OneOf(closed) => (Type::Text.optional(), Some(closed)),
            other => (Type::Optional(Box::new(other)), None),
        },
        other => (other, None),
    }
}

impl Checked {
    /// The list that the value, or each element of it, is one of.
    fn listed(&self) -> Option<Arc<Closed>> {
        self.closed.clone().or_else(|| match self.ty.required() {
            Type::List(of) => of.closed().cloned(),
            _ => None,
        })
    }
}

impl Checker<'_> {
    /// Two sides that are looked at for being equal: what is constant on the one must be in the list of the other.
    pub(super) fn among(&mut self, a: &Checked, b: &Checked) {
        match (a.listed(), b.listed()) {
            (Some(one), Some(other)) if one.texts.is_disjoint(&other.texts) => {
                let message = format!(
                    "「{}」と「{}」に同じ値はなく、等しくなることはありません。",
                    one.name, other.name
                );
                self.faults.push(Diagnostic::new(
                    a.span.to(b.span),
                    "unknown-option",
                    message,
                ));
            }
            (Some(closed), None) => self.constants(b.id, &closed),
            (None, Some(closed)) => self.constants(a.id, &closed),
            _ => {}
        }
    }

    /// A value where another type is wanted, of which lists of texts may be a part.
    pub(super) fn taken(&mut self, found: &Checked, wanted: &Type) -> bool {
        let before = self.faults.len();
        match (&found.closed, wanted.closed()) {
            (Some(given), Some(list)) => self.overlap(found.span, given, list),
            _ => self.inside(found.id, wanted),
        }
        self.faults.len() == before
    }

    /// Notes what a call hands over. A constant was looked up in the function's own list already.
    pub(super) fn hand_over(&mut self, function: &str, param: usize, value: &Checked) {
        if matches!(self.code(value.id), Some(Code::Const(_))) {
            return;
        }
        self.passed.push(Passed {
            function: function.to_owned(),
            param,
            closed: value.closed.clone(),
        });
    }

    fn overlap(&mut self, span: Span, given: &Closed, list: &Closed) {
        let strange = given.texts.difference(&list.texts).next();
        let never = given.texts.is_disjoint(&list.texts);
        if let Some(strange) = strange.filter(|_| never || given.all_occur) {
            let message = format!(
                "「{}」の「{strange}」は、「{}」にありません。",
                given.name, list.name
            );
            let fault = Diagnostic::new(span, "unknown-option", message);
            self.faults.push(fault.hint(remedy(strange, list)));
        }
    }

    /// The constants below a node, each where the type wants a text out of a list.
    fn inside(&mut self, id: Id, wanted: &Type) {
        let wanted = wanted.required();
        if !matches!(wanted, Type::OneOf(_) | Type::List(_) | Type::Context(_)) {
            return;
        }
        let Some(code) = self.code(id) else { return };
        match (code, wanted) {
            (Code::If(_, then, otherwise), _) => {
                self.inside(then, wanted);
                self.inside(otherwise, wanted);
            }
            (
                Code::Builtin {
                    function: Builtin::GetOrElse,
                    args,
                },
                _,
            ) => args.into_iter().for_each(|arg| self.inside(arg, wanted)),
            (_, Type::OneOf(closed)) => self.constants(id, closed),
            (Code::List(items), Type::List(of)) => {
                items.into_iter().for_each(|item| self.inside(item, of));
            }
            (Code::For(_, body), Type::List(of)) => self.inside(body, of),
            (Code::Context { entries, .. }, Type::Context(context)) => {
                let context = Arc::clone(context);
                for (name, value) in entries {
                    if let Some(member) = context.fields.get(&name) {
                        self.inside(value, member);
                    }
                }
            }
            _ => {}
        }
    }

    /// The constant texts that a node is, each of which must be in the list. What stands behind a condition is passed
    /// over: `x != get or else(y, "")` asks whether x is another than y, or y is absent.
    fn constants(&mut self, id: Id, closed: &Closed) {
        let Some(code) = self.code(id) else { return };
        match code {
            Code::Const(Value::Text(text)) => self.constant_in(id, &text, closed),
            Code::Const(Value::List(items)) => {
                for item in items {
                    if let Value::Text(text) = item {
                        self.constant_in(id, &text, closed);
                    }
                }
            }
            Code::List(items) => items
                .into_iter()
                .for_each(|item| self.constants(item, closed)),
            _ => {}
        }
    }

    fn constant_in(&mut self, id: Id, text: &str, closed: &Closed) {
        if closed.texts.contains(text) {
            return;
        }
        let span = self
            .program
            .node(id)
            .map_or(Span::default(), |node| node.span);
        let message = format!("「{}」に「{text}」はありません。", closed.name);
        let fault = Diagnostic::new(span, "unknown-option", message);
        self.faults.push(fault.hint(remedy(text, closed)));
    }

    fn code(&self, id: Id) -> Option<Code> {
        self.program.node(id).map(|node| node.code.clone())
    }
}

fn remedy(text: &str, closed: &Closed) -> String {
    let known = || closed.texts.iter().map(String::as_str);
    match nearest(text, known()) {
        Some(near) => format!("「{near}」のことですか。"),
        None => {
            let more = if closed.texts.len() > 12 {
                "、…"
            } else {
                ""
            };
            let some: Vec<&str> = known().take(12).collect();
            format!("使えるのは {}{more} です。", some.join("、"))
        }
    }
}
