//! Arithmetic over numbers, texts, dates and durations; every overflow is an error.

use jiff::SignedDuration;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{
    EvalError, Span, Value,
    ast::Arith,
    builtin::{dates, numbers},
};

use super::{Result, mismatch};

pub(super) fn negate(value: Value, span: Span) -> Result<Value> {
    let overflow = EvalError::Overflow { span };
    match value {
        Value::Number(n) => Ok(Value::Number(-n)),
        Value::DaysTime(d) => d.checked_neg().map(Value::DaysTime).ok_or(overflow),
        Value::YearsMonths(m) => m.checked_neg().map(Value::YearsMonths).ok_or(overflow),
        other => Err(mismatch("数値", &other, span)),
    }
}

/// `left op right`.
pub(super) fn arith(op: Arith, left: &Value, right: &Value, span: Span) -> Result<Value> {
    let made = match (op, left, right) {
        (_, Value::Number(a), Value::Number(b)) => {
            return number(op, *a, *b, span).map(Value::Number);
        }
        (Arith::Add, Value::Text(a), Value::Text(b)) => Some(Value::from(format!("{a}{b}"))),
        (Arith::Add, Value::Date(_) | Value::DateTime(_), _) => later(left, right, false),
        (Arith::Add, _, Value::Date(_) | Value::DateTime(_)) => later(right, left, false),
        (Arith::Sub, Value::Date(a), Value::Date(b)) => {
            Some(Value::DaysTime(dates::days(dates::days_between(*b, *a))))
        }
        (Arith::Sub, Value::DateTime(a), Value::DateTime(b)) => {
            Some(Value::DaysTime(a.duration_since(*b)))
        }
        (Arith::Sub, Value::Date(_) | Value::DateTime(_), _) => later(left, right, true),
        (Arith::Add, Value::DaysTime(a), Value::DaysTime(b)) => {
            a.checked_add(*b).map(Value::DaysTime)
        }
        (Arith::Sub, Value::DaysTime(a), Value::DaysTime(b)) => {
            a.checked_sub(*b).map(Value::DaysTime)
        }
        (Arith::Add, Value::YearsMonths(a), Value::YearsMonths(b)) => {
            a.checked_add(*b).map(Value::YearsMonths)
        }
        (Arith::Sub, Value::YearsMonths(a), Value::YearsMonths(b)) => {
            a.checked_sub(*b).map(Value::YearsMonths)
        }
        (Arith::Mul | Arith::Div, Value::DaysTime(_) | Value::YearsMonths(_), Value::Number(n)) => {
            scaled(op, left, *n, span)?
        }
        (Arith::Mul, Value::Number(n), Value::DaysTime(_) | Value::YearsMonths(_)) => {
            scaled(op, right, *n, span)?
        }
        (Arith::Div, Value::DaysTime(a), Value::DaysTime(b)) => {
            return ratio(decimal(*a), decimal(*b), span);
        }
        (Arith::Div, Value::YearsMonths(a), Value::YearsMonths(b)) => {
            return ratio(Some(Decimal::from(*a)), Some(Decimal::from(*b)), span);
        }
        _ => return Err(mismatch(left.type_name_ja(), right, span)),
    };
    match made {
        Some(value) => Ok(value),
        None if duration_fits(left) || duration_fits(right) => Err(EvalError::Overflow { span }),
        None => Err(mismatch("期間", right, span)),
    }
}

fn duration_fits(value: &Value) -> bool {
    matches!(value, Value::DaysTime(_) | Value::YearsMonths(_))
}

fn number(op: Arith, a: Decimal, b: Decimal, span: Span) -> Result<Decimal> {
    let made = match op {
        Arith::Add => a.checked_add(b),
        Arith::Sub => a.checked_sub(b),
        Arith::Mul => a.checked_mul(b),
        Arith::Div => return numbers::divide(a, b, span),
        Arith::Pow => return numbers::power(a, b, span),
    };
    made.ok_or(EvalError::Overflow { span })
}

/// A date or an instant a duration later, or earlier.
fn later(moment: &Value, duration: &Value, back: bool) -> Option<Value> {
    match (moment, duration) {
        (Value::Date(date), Value::DaysTime(d)) => {
            let days = dates::floor_days(if back { d.checked_neg()? } else { *d });
            dates::add_days(*date, days).map(Value::Date)
        }
        (Value::Date(date), Value::YearsMonths(m)) => {
            dates::add_months(*date, if back { m.checked_neg()? } else { *m }).map(Value::Date)
        }
        (Value::DateTime(t), Value::DaysTime(d)) => {
            let moved = if back {
                t.checked_sub(*d)
            } else {
                t.checked_add(*d)
            };
            moved.ok().map(Value::DateTime)
        }
        (Value::DateTime(t), Value::YearsMonths(m)) => {
            dates::instant_add_months(*t, if back { m.checked_neg()? } else { *m })
                .map(Value::DateTime)
        }
        _ => None,
    }
}

fn decimal(duration: SignedDuration) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(duration.as_nanos(), 9).ok()
}

fn scaled(op: Arith, duration: &Value, n: Decimal, span: Span) -> Result<Option<Value>> {
    let amount = match duration {
        Value::DaysTime(d) => decimal(*d),
        Value::YearsMonths(m) => Some(Decimal::from(*m)),
        _ => None,
    };
    let amount = number(op, amount.ok_or(EvalError::Overflow { span })?, n, span)?;
    Ok(match duration {
        Value::YearsMonths(_) => amount.trunc().to_i64().map(Value::YearsMonths),
        _ => seconds(amount).map(Value::DaysTime),
    })
}

fn seconds(amount: Decimal) -> Option<SignedDuration> {
    let whole = amount.trunc();
    let nanos = (amount - whole)
        .checked_mul(Decimal::from(1_000_000_000))?
        .trunc()
        .to_i32()?;
    Some(SignedDuration::new(whole.to_i64()?, nanos))
}

fn ratio(a: Option<Decimal>, b: Option<Decimal>, span: Span) -> Result<Value> {
    let (Some(a), Some(b)) = (a, b) else {
        return Err(EvalError::Overflow { span });
    };
    numbers::divide(a, b, span).map(Value::Number)
}
