//! Calls of the environment's functions, and arguments in general.

use crate::{
    Diagnostic, Signature, Span, Type, Value,
    ast::{Arg, Ident},
    builtin,
    ir::{Code, Id},
    names::nearest,
};

use super::{Checked, Checker};

impl Checker<'_> {
    pub(super) fn call(&mut self, span: Span, name: &Ident, args: &[Arg]) -> Checked {
        if let Some(signature) = self.env.functions.get(&name.name) {
            return self.environment(span, name, signature, args);
        }
        if let Some(spec) = builtin::find(&name.name) {
            if let Some(named) = args.iter().find_map(|arg| arg.name.as_ref()) {
                let fault = Diagnostic::new(
                    named.span,
                    "arity",
                    "組込みの関数では、引数に名前を付けられません。",
                );
                return self.fault(fault.hint("名前を取り、順に並べてください。"));
            }
            return self.builtin(span, spec, args);
        }
        for arg in args {
            self.check(&arg.value);
        }
        let fault = Diagnostic::new(
            name.span,
            "unknown-function",
            format!("「{}」という関数はありません。", name.name),
        );
        let known = self
            .env
            .functions
            .keys()
            .map(String::as_str)
            .chain(builtin::SPECS.iter().map(|spec| spec.name));
        let near = nearest(&name.name, known).map(str::to_owned);
        self.fault(match near {
            Some(near) => fault.hint(format!("「{near}」のことですか。")),
            None if self.env.variables.contains_key(&name.name) => fault.hint(format!(
                "「{}」は項目です。かっこを取ってください。",
                name.name
            )),
            None => fault,
        })
    }

    fn environment(
        &mut self,
        span: Span,
        name: &Ident,
        signature: &Signature,
        args: &[Arg],
    ) -> Checked {
        let mut given: Vec<Option<Checked>> = vec![None; signature.params.len()];
        let mut faulty = false;
        for (at, arg) in args.iter().enumerate() {
            let value = self.check(&arg.value);
            let place = match &arg.name {
                None => Some(at),
                Some(named) => signature
                    .params
                    .iter()
                    .position(|(param, _)| *param == named.name),
            };
            match place.and_then(|place| Some((place, given.get_mut(place)?))) {
                Some((place, slot @ None)) => {
                    *slot = Some(value.clone());
                    if let Some((_, ty)) = signature.params.get(place) {
                        self.expect(&value, ty);
                    }
                    self.hand_over(&name.name, place, &value);
                }
                _ if arg.name.is_none() && at >= signature.params.len() => faulty = true,
                _ => {
                    let span = arg.name.as_ref().map_or(value.span, |named| named.span);
                    let known: Vec<&str> = signature
                        .params
                        .iter()
                        .map(|(param, _)| param.as_str())
                        .collect();
                    let fault = Diagnostic::new(
                        span,
                        "arity",
                        "この名前の引数は無いか、二度書かれています。",
                    );
                    self.faults
                        .push(fault.hint(format!("引数は {} です。", known.join("、"))));
                }
            }
        }
        let mut ids: Vec<Id> = Vec::with_capacity(given.len());
        for ((_, ty), value) in signature.params.iter().zip(given) {
            match value {
                Some(value) => ids.push(value.id),
                None if ty.is_optional() => ids.push(self.constant(span, Value::Null).id),
                None => faulty = true,
            }
        }
        if faulty {
            let params: Vec<String> = signature
                .params
                .iter()
                .map(|(name, ty)| format!("{name}({ty})"))
                .collect();
            return self.arity(span, &name.name, &params, args.len());
        }
        self.emit(
            span,
            signature.result.clone(),
            Code::Call {
                name: name.name.clone(),
                args: ids,
            },
        )
    }

    pub(super) fn arity(
        &mut self,
        span: Span,
        name: &str,
        params: &[String],
        given: usize,
    ) -> Checked {
        let message = format!("「{name}」の引数の数が違います({given}個あります)。");
        let fault = Diagnostic::new(span, "arity", message);
        self.fault(if params.is_empty() {
            fault.hint("引数は要りません。")
        } else {
            fault.hint(format!("引数は順に {} です。", params.join("、")))
        })
    }
}

/// What messages call a parameter's shape.
pub(super) fn shape_name(shape: builtin::Shape) -> &'static str {
    use builtin::Shape;
    match shape {
        Shape::Number => "数値",
        Shape::Text => "文字",
        Shape::Date => "日付",
        Shape::Moment => "日付か日時",
        Shape::List => "一覧",
        Shape::Numbers => "数値の一覧",
        Shape::Texts => "文字の一覧",
        Shape::Booleans => "真偽の一覧",
        Shape::Orderables => "大小のある値の一覧",
        Shape::Element => "一覧の要素",
        Shape::Value | Shape::Optional => "値",
    }
}

/// The type that a shape asks for, where it asks for one.
pub(super) fn shape_type(shape: builtin::Shape) -> Option<Type> {
    use builtin::Shape;
    Some(match shape {
        Shape::Number => Type::Number,
        Shape::Text => Type::Text,
        Shape::Date => Type::Date,
        Shape::List => Type::list(Type::Any),
        Shape::Numbers => Type::list(Type::Number),
        Shape::Texts => Type::list(Type::Text),
        Shape::Booleans => Type::list(Type::Boolean),
        _ => return None,
    })
}
