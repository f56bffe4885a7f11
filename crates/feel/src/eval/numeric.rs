//! The builtin functions over numbers at run time.

use std::cmp::Ordering;

use rust_decimal::{Decimal, RoundingStrategy as Rounding};

use crate::{
    EvalError, Span, Value,
    builtin::{Builtin, numbers},
};

use super::{Result, functions::Args, mismatch};

/// The value, or `None` when the function is none of these.
pub(super) fn call(function: Builtin, args: &mut Args) -> Result<Option<Value>> {
    let span = args.span;
    let made = match function {
        Builtin::Abs => args.number()?.abs(),
        Builtin::Floor => rounded(args, Rounding::ToNegativeInfinity)?,
        Builtin::Ceiling => rounded(args, Rounding::ToPositiveInfinity)?,
        Builtin::Decimal | Builtin::RoundHalfEven => rounded(args, Rounding::MidpointNearestEven)?,
        Builtin::RoundHalfUp => rounded(args, Rounding::MidpointAwayFromZero)?,
        Builtin::RoundHalfDown => rounded(args, Rounding::MidpointTowardZero)?,
        Builtin::RoundUp => rounded(args, Rounding::AwayFromZero)?,
        Builtin::RoundDown => rounded(args, Rounding::ToZero)?,
        Builtin::Modulo => numbers::modulo(args.number()?, args.number()?, span)?,
        Builtin::Number => read(args)?,
        Builtin::Odd => return Ok(Some(Value::Boolean(args.whole()? % 2 != 0))),
        Builtin::Even => return Ok(Some(Value::Boolean(args.whole()? % 2 == 0))),
        Builtin::Sum => sum(&args.list()?, span)?,
        Builtin::Mean => {
            let items = args.list()?;
            if items.is_empty() {
                return Err(EvalError::EmptyList {
                    function: "mean".into(),
                    span,
                });
            }
            numbers::divide(sum(&items, span)?, Decimal::from(items.len()), span)?
        }
        Builtin::Min => return extreme(args, "min", Ordering::Less).map(Some),
        Builtin::Max => return extreme(args, "max", Ordering::Greater).map(Some),
        _ => return Ok(None),
    };
    Ok(Some(Value::Number(made)))
}

/// The scale of `floor` and `ceiling` may be left out.
fn rounded(args: &mut Args, how: Rounding) -> Result<Decimal> {
    let n = args.number()?;
    let scale = args.optional_whole()?.unwrap_or(0);
    numbers::round(n, Decimal::from(scale), how, args.span)
}

fn read(args: &mut Args) -> Result<Decimal> {
    let text = args.text()?;
    let shaped = text
        .strip_prefix('-')
        .unwrap_or(&text)
        .bytes()
        .all(|b| b.is_ascii_digit() || b == b'.');
    let found = if shaped {
        Decimal::from_str_exact(&text).ok()
    } else {
        None
    };
    let message = || format!("「{text}」は数値として読めません。");
    found.ok_or_else(|| EvalError::Invalid {
        message: message(),
        span: args.span,
    })
}

/// The sum of an empty list is 0, so that a fee over no rows is no silent null.
fn sum(items: &[Value], span: Span) -> Result<Decimal> {
    items
        .iter()
        .try_fold(Decimal::ZERO, |sum, item| match item {
            Value::Number(n) => sum.checked_add(*n).ok_or(EvalError::Overflow { span }),
            other => Err(mismatch("数値", other, span)),
        })
}

fn extreme(args: &mut Args, name: &str, wanted: Ordering) -> Result<Value> {
    let span = args.span;
    let mut items = args.list()?.into_iter();
    let mut best = items.next().ok_or_else(|| EvalError::EmptyList {
        function: name.to_owned(),
        span,
    })?;
    for item in items {
        match item.compare(&best) {
            Some(order) if order == wanted => best = item,
            Some(_) => {}
            None => return Err(mismatch(best.type_name_ja(), &item, span)),
        }
    }
    Ok(best)
}
