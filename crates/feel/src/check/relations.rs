//! How types relate: what fits where, what compares, what two branches have in common.

use std::sync::Arc;

use crate::{ContextType, Env, Type, Value};

/// Deepest comparison of two context types by their members.
const STRUCTURE: usize = 8;

/// The type of a constant.
pub(crate) fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Boolean(_) => Type::Boolean,
        Value::Number(_) => Type::Number,
        Value::Text(_) => Type::Text,
        Value::Date(_) => Type::Date,
        Value::DateTime(_) => Type::DateTime,
        Value::DaysTime(_) => Type::DaysTime,
        Value::YearsMonths(_) => Type::YearsMonths,
        Value::List(_) => Type::list(Type::Any),
        Value::Range(_) => Type::range(Type::Any),
        Value::Context(members) => {
            let fields = members
                .iter()
                .map(|(name, value)| (name.to_string(), type_of(value)))
                .collect();
            Type::Context(Arc::new(ContextType {
                name: String::new(),
                fields,
            }))
        }
    }
}

/// Whether a value of the one type may stand where the other is wanted.
pub(crate) fn assignable(env: &Env, found: &Type, wanted: &Type) -> bool {
    fits(env, found, wanted, STRUCTURE)
}

fn fits(env: &Env, found: &Type, wanted: &Type, depth: usize) -> bool {
    match (found.open(), wanted.open()) {
        (Type::Any, _) | (_, Type::Any) | (Type::Null, Type::Optional(_) | Type::Null) => true,
        (Type::Optional(a), Type::Optional(b)) => fits(env, a, b, depth),
        (a, Type::Optional(b)) => fits(env, a, b, depth),
        (Type::List(a), Type::List(b)) | (Type::Range(a), Type::Range(b)) => fits(env, a, b, depth),
        (Type::Named(a), Type::Named(b)) if a == b => true,
        (a, b) => match (env.context(a), env.context(b)) {
            (Some(a), Some(b)) => {
                Arc::ptr_eq(a, b) || (depth > 0 && members_fit(env, a, b, depth - 1))
            }
            _ => a == b,
        },
    }
}

fn members_fit(env: &Env, found: &ContextType, wanted: &ContextType, depth: usize) -> bool {
    wanted
        .fields
        .iter()
        .all(|(name, wanted)| match found.fields.get(name) {
            Some(found) => fits(env, found, wanted, depth),
            None => wanted.is_optional(),
        })
}

/// Whether `=` between the two can ever be true.
pub(crate) fn comparable(env: &Env, a: &Type, b: &Type) -> bool {
    match (a.required().open(), b.required().open()) {
        (Type::Any | Type::Null, _) | (_, Type::Any | Type::Null) => true,
        (Type::List(a), Type::List(b)) | (Type::Range(a), Type::Range(b)) => comparable(env, a, b),
        (a, b) => a == b || (env.context(a).is_some() && env.context(b).is_some()),
    }
}

/// Whether `<` orders values of the type.
pub(crate) fn orderable(ty: &Type) -> bool {
    use Type::{Any, Date, DateTime, DaysTime, Number, Text, YearsMonths};
    matches!(
        ty.open(),
        Any | Number | Text | Date | DateTime | DaysTime | YearsMonths
    )
}

/// The type that both fit; `None` when they have nothing in common. An `Any` gives way, as the
/// element of `[]` does; what hides behind it is checked at run time.
pub(crate) fn unify(env: &Env, a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        (Type::OneOf(one), Type::OneOf(other)) if one != other => Type::Text,
        (Type::Any, other) | (other, Type::Any) => other.clone(),
        (Type::Null, other) | (other, Type::Null) => other.clone().optional(),
        (Type::Optional(a), b) | (b, Type::Optional(a)) => unify(env, a, b.required())?.optional(),
        (Type::List(a), Type::List(b)) => Type::list(unify(env, a, b)?),
        (Type::Range(a), Type::Range(b)) => Type::range(unify(env, a, b)?),
        (Type::Text, Type::OneOf(_)) | (Type::OneOf(_), Type::Text) => Type::Text,
        (a, b) if assignable(env, a, b) => b.clone(),
        (a, b) if assignable(env, b, a) => a.clone(),
        _ => return None,
    })
}

/// How deep lists and contexts nest in a type.
pub(crate) fn nesting(ty: &Type) -> usize {
    match ty {
        Type::List(of) | Type::Range(of) | Type::Optional(of) => nesting(of) + 1,
        Type::Context(context) => context.fields.values().map(nesting).max().unwrap_or(0) + 1,
        _ => 0,
    }
}

/// How to turn the one type into the other.
pub(crate) fn conversion(found: &Type, wanted: &Type, text: &str) -> Option<String> {
    let text = if text.is_empty() || text.chars().count() > 40 {
        "値"
    } else {
        text
    };
    let quoted = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let digits = |text: &str| text.parse::<rust_decimal::Decimal>().is_ok();
    Some(match (found.required(), wanted.required()) {
        (Type::Text, Type::Number) if quoted.is_some_and(digits) => {
            format!(
                "数値は引用符を付けずに {} と書きます。",
                quoted.unwrap_or(text)
            )
        }
        (Type::Number, Type::Text) if digits(text) => {
            format!("文字なら引用符で囲んで \"{text}\" と書きます。")
        }
        (Type::Text, Type::Number) => format!("文字を数値にするには number({text}) と書きます。"),
        (Type::Number, Type::Text) => format!("数値を文字にするには string({text}) と書きます。"),
        (Type::Text, Type::Date) => format!("日付は date({text}) と書きます。"),
        (Type::DateTime, Type::Date) => {
            format!("日時の日付だけを使うには date({text}) と書きます。")
        }
        (Type::Date, Type::DateTime) => {
            format!("その日の始まりの日時は date and time({text}) と書きます。")
        }
        (Type::Text, Type::DateTime) => format!("日時は date and time({text}) と書きます。"),
        (Type::Text, Type::DaysTime | Type::YearsMonths) => {
            "期間は duration(\"P3D\") や duration(\"P1Y\") と書きます。".into()
        }
        (Type::List(of), Type::Boolean) if **of == Type::Boolean => {
            "一覧のすべてなら all(…)、どれかなら any(…) と書きます。".into()
        }
        (Type::List(of), wanted) if of.required() == wanted => {
            "一覧から一つを選ぶには 一覧[1]、合計するには sum(…) と書きます。".into()
        }
        (Type::List(of), Type::List(_)) if matches!(**of, Type::Context(_) | Type::Named(_)) => {
            format!("明細の一つの項目を使うには {text}.項目名 と書きます。")
        }
        (found, Type::List(of))
            if found == of.required() || (**of == Type::Any && !matches!(found, Type::List(_))) =>
        {
            format!("一つだけの一覧は [{text}] と書きます。")
        }
        (_, Type::Boolean) => "条件は「=」や「>」で比べて書きます。".into(),
        _ => return None,
    })
}
