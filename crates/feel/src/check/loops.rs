//! `for`, `some`, `every`, and `list[…]`.

use std::sync::Arc;

use crate::{
    ContextType, Diagnostic, Env, Span, Type,
    ast::{Expr, Iter},
    ir::{Bind, Code},
};

use super::{Checked, Checker};

impl Checker<'_> {
    pub(super) fn for_each(&mut self, span: Span, iters: &[Iter], body: &Expr) -> Checked {
        let binds = self.binds(iters);
        let body = self.check(body);
        self.unbind(iters.len());
        self.emit(span, Type::list(body.ty), Code::For(binds, body.id))
    }

    pub(super) fn quantified(
        &mut self,
        span: Span,
        every: bool,
        iters: &[Iter],
        body: &Expr,
    ) -> Checked {
        let binds = self.binds(iters);
        let body = self.check(body);
        self.unbind(iters.len());
        self.expect(&body, &Type::Boolean);
        self.emit(span, Type::Boolean, Code::Quantified(every, binds, body.id))
    }

    fn binds(&mut self, iters: &[Iter]) -> Vec<Bind> {
        let mut binds = Vec::with_capacity(iters.len());
        for iter in iters {
            let list = self.check(&iter.list);
            let element = self.element(&list, true);
            let slot = self.bind(Some(&iter.name.name), element);
            binds.push(Bind {
                slot,
                list: list.id,
            });
        }
        binds
    }

    /// The element type of what must be a list, or a range of numbers to count through.
    pub(super) fn element(&mut self, list: &Checked, ranges: bool) -> Type {
        match self.present(list) {
            Type::List(of) => *of,
            Type::Range(of) if ranges && matches!(*of, Type::Number | Type::Any) => Type::Number,
            Type::Any => Type::Any,
            other => {
                let message = format!("一覧が要りますが、{other}です。");
                let fault = Diagnostic::new(list.span, "type-mismatch", message);
                let text = list.span.text(self.source);
                self.faults
                    .push(fault.hint(format!("一つだけの一覧は [{text}] と書きます。")));
                Type::Any
            }
        }
    }

    pub(super) fn bracket(&mut self, span: Span, list: &Expr, inner: &Expr) -> Checked {
        let list = self.check(list);
        let element = self.element(&list, false);
        let mark = self.program.nodes.len();
        let slot = self.bind(None, element.clone());
        let inner = self.check(inner);
        self.unbind(1);
        if inner.ty == Type::Number {
            return self.indexed(span, &list, element, &inner, (slot, mark));
        }
        self.expect(&inner, &Type::Boolean);
        let mut refined = element;
        for key in &inner.yes {
            if let Some((_, members)) = key
                .split_first()
                .filter(|(first, _)| **first == format!("${slot}"))
            {
                refined = present_at(self.env, &refined, members);
            }
        }
        self.emit(
            span,
            Type::list(refined),
            Code::Filter(
                Bind {
                    slot,
                    list: list.id,
                },
                inner.id,
            ),
        )
    }

    fn indexed(
        &mut self,
        span: Span,
        list: &Checked,
        of: Type,
        index: &Checked,
        item: (u32, usize),
    ) -> Checked {
        let (slot, mark) = item;
        let inside = self.program.nodes.get(mark..).unwrap_or(&[]);
        if inside.iter().any(|node| node.code == Code::Local(slot)) {
            let fault = Diagnostic::new(
                index.span,
                "type-mismatch",
                "一覧の番号に要素の項目は使えません。",
            );
            return self
                .fault(fault.hint("絞り込むなら「一覧[項目 = 値]」と、条件を書いてください。"));
        }
        self.emit(span, of, Code::At(list.id, index.id))
    }
}

/// The type in which the member under a path is there: `rows[fee != null]` has rows with a fee.
fn present_at(env: &Env, ty: &Type, members: &[String]) -> Type {
    let Some((name, rest)) = members.split_first() else {
        return ty.required().clone();
    };
    let Some(context) = env.context(ty.required()) else {
        return ty.clone();
    };
    let Some(member) = context.fields.get(name) else {
        return ty.clone();
    };
    let mut fields = context.fields.clone();
    fields.insert(name.clone(), present_at(env, member, rest));
    Type::Context(Arc::new(ContextType {
        name: context.name.clone(),
        fields,
    }))
}
