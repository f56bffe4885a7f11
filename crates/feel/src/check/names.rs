//! Names and paths.

use crate::{
    Diagnostic, Span, Type,
    ast::{Expr, Ident},
    builtin,
    ir::{Code, Property},
    names::nearest,
};

use super::{Checked, Checker, Key};

impl Checker<'_> {
    pub(super) fn input(&mut self, span: Span) -> Checked {
        let ty = self.input.or_else(|| self.env.variables.get("?")).cloned();
        match ty {
            Some(ty) => self.path(
                span,
                ty,
                Code::Var {
                    name: "?".into(),
                    lenient: false,
                },
                vec!["?".into()],
            ),
            None => {
                let fault = Diagnostic::new(span, "unknown-name", "「?」はここでは使えません。");
                self.fault(fault.hint(
                    "「?」は基準表の条件欄で、その欄の値を指します。項目名を書いてください。",
                ))
            }
        }
    }

    pub(super) fn name(&mut self, span: Span, name: &str) -> Checked {
        for slot in (0..self.bound.len()).rev() {
            if let Some(found) = self.local(span, slot, name) {
                return found;
            }
        }
        match self.env.variables.get(name) {
            Some(ty) => {
                let code = Code::Var {
                    name: name.to_owned(),
                    lenient: false,
                };
                self.path(span, ty.clone(), code, vec![name.to_owned()])
            }
            None => {
                let fault = self.unknown(span, name);
                self.fault(fault)
            }
        }
    }

    /// The name as the variable of a slot, or as a bare member of a filter's item.
    fn local(&mut self, span: Span, slot: usize, name: &str) -> Option<Checked> {
        let bound = self.bound.get(slot)?;
        let (ty, slot) = (bound.ty.clone(), u32::try_from(slot).ok()?);
        let key: Key = vec![format!("${slot}")];
        let own = bound.name.as_deref().unwrap_or("item") == name;
        let member = if own || bound.name.is_some() {
            None
        } else {
            self.env.context(ty.required())?.fields.get(name).cloned()
        };
        match member {
            None if own => Some(self.path(span, ty, Code::Local(slot), key)),
            None => None,
            Some(member) => {
                let base = self.path(span, ty, Code::Local(slot), key);
                self.present(&base);
                Some(self.step(span, &base, member, name))
            }
        }
    }

    /// One more member on a path.
    fn step(&mut self, span: Span, base: &Checked, ty: Type, name: &str) -> Checked {
        let lenient = ty.is_optional();
        let code = Code::Member {
            base: base.id,
            name: name.to_owned(),
            lenient,
        };
        match &base.key {
            Some(key) => {
                let key = key.iter().cloned().chain([name.to_owned()]).collect();
                self.path(span, ty, code, key)
            }
            None => self.emit(span, ty, code),
        }
    }

    fn path(&mut self, span: Span, ty: Type, mut code: Code, key: Key) -> Checked {
        if let Code::Var { lenient, .. } = &mut code {
            *lenient = ty.is_optional();
        }
        let ty = if self.is_narrowed(&key) {
            ty.required().clone()
        } else {
            ty
        };
        Checked {
            key: Some(key),
            ..self.emit(span, ty, code)
        }
    }

    fn unknown(&self, span: Span, name: &str) -> Diagnostic {
        let fault = Diagnostic::new(
            span,
            "unknown-name",
            format!("「{name}」という名前はありません。"),
        );
        if builtin::find(name).is_some() || self.env.functions.contains_key(name) {
            return fault.hint(format!(
                "「{name}」は関数です。「{name}(…)」と、かっこを付けて書いてください。"
            ));
        }
        let members = self.bound.iter().filter(|bound| bound.name.is_none());
        let members = members
            .filter_map(|bound| self.env.context(bound.ty.required()))
            .flat_map(|c| c.fields.keys());
        let locals = self.bound.iter().filter_map(|bound| bound.name.as_ref());
        let known = self
            .env
            .variables
            .keys()
            .chain(locals)
            .chain(members)
            .map(String::as_str);
        match nearest(name, known) {
            Some(near) => fault.hint(format!("「{near}」のことですか。")),
            None => fault.hint(format!(
                "文字の値なら「\"{name}\"」と、引用符で囲んでください。"
            )),
        }
    }

    pub(super) fn member(&mut self, span: Span, base: &Expr, name: &Ident) -> Checked {
        let base = self.check(base);
        let ty = self.present(&base);
        if let Some(context) = self.env.context(&ty).cloned() {
            return match context.fields.get(&name.name) {
                Some(member) => self.step(span, &base, member.clone(), &name.name),
                None => {
                    let fields = context
                        .fields
                        .keys()
                        .map(String::as_str)
                        .collect::<Vec<_>>();
                    self.unknown_member(name, &ty, &fields)
                }
            };
        }
        match &ty {
            Type::Any => self.step(span, &base, Type::Any, &name.name),
            Type::List(of) => self.projection(span, &base, of, name),
            _ => match property(&ty, &name.name) {
                Some((property, answer)) => self.emit(
                    span,
                    answer,
                    Code::Property {
                        base: base.id,
                        property,
                    },
                ),
                None => {
                    let known = PROPERTIES
                        .iter()
                        .filter(|row| property_fits(&ty, row.0))
                        .map(|row| row.0);
                    self.unknown_member(name, &ty, &known.collect::<Vec<_>>())
                }
            },
        }
    }

    /// `rows.fee`: the member of every row.
    fn projection(&mut self, span: Span, base: &Checked, of: &Type, name: &Ident) -> Checked {
        if matches!(of, Type::Optional(_)) {
            let fault = Diagnostic::new(
                base.span,
                "absent-unhandled",
                "一覧の要素が空のことがあります。",
            );
            return self.fault(fault.hint("「一覧[item != null]」で、空の要素を除いてください。"));
        }
        let member = match (self.env.context(of), of) {
            (Some(context), _) => match context.fields.get(&name.name) {
                Some(member) => member.clone(),
                None => {
                    let fields = context.clone();
                    return self.unknown_member(
                        name,
                        of,
                        &fields.fields.keys().map(String::as_str).collect::<Vec<_>>(),
                    );
                }
            },
            (None, Type::Any) => Type::Any,
            _ => return self.unknown_member(name, &Type::list(of.clone()), &[]),
        };
        let lenient = member.is_optional();
        let code = Code::Member {
            base: base.id,
            name: name.name.clone(),
            lenient,
        };
        self.emit(span, Type::list(member), code)
    }

    fn unknown_member(&mut self, name: &Ident, ty: &Type, known: &[&str]) -> Checked {
        let message = format!("{ty}に「{}」という項目はありません。", name.name);
        let fault = Diagnostic::new(name.span, "unknown-member", message);
        let hint = match nearest(&name.name, known.iter().copied()) {
            Some(near) => Some(format!("「{near}」のことですか。")),
            None if known.is_empty() => None,
            None => Some(format!(
                "使えるのは {} です。",
                known
                    .iter()
                    .take(12)
                    .copied()
                    .collect::<Vec<_>>()
                    .join("、")
            )),
        };
        self.fault(match hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        })
    }
}

const PROPERTIES: [(&str, Property); 14] = [
    ("year", Property::Year),
    ("month", Property::Month),
    ("day", Property::Day),
    ("weekday", Property::Weekday),
    ("hour", Property::Hour),
    ("minute", Property::Minute),
    ("second", Property::Second),
    ("years", Property::Years),
    ("months", Property::Months),
    ("days", Property::Days),
    ("hours", Property::Hours),
    ("minutes", Property::Minutes),
    ("seconds", Property::Seconds),
    ("date", Property::Date),
];

fn property_fits(ty: &Type, name: &str) -> bool {
    let names: &[&str] = match ty {
        Type::Date => &["year", "month", "day", "weekday"],
        Type::DateTime => &[
            "year", "month", "day", "weekday", "hour", "minute", "second", "date",
        ],
        Type::DaysTime => &["days", "hours", "minutes", "seconds"],
        Type::YearsMonths => &["years", "months"],
        _ => &[],
    };
    names.contains(&name)
}

fn property(ty: &Type, name: &str) -> Option<(Property, Type)> {
    let (_, property) = PROPERTIES
        .into_iter()
        .find(|(known, _)| *known == name && property_fits(ty, known))?;
    Some((
        property,
        if property == Property::Date {
            Type::Date
        } else {
            Type::Number
        },
    ))
}
