//! Functions over numbers.

use rust_decimal::{Decimal, RoundingStrategy as Rounding};

use crate::{EvalError, Span};

/// Rounds to a scale; a negative one rounds to tens, hundreds and so on: `round down(12345, -2)` is
/// 12300, as 100円未満切捨て.
pub(crate) fn round(
    n: Decimal,
    scale: Decimal,
    how: Rounding,
    span: Span,
) -> Result<Decimal, EvalError> {
    let scale = whole(scale, span)?;
    if scale >= 28 {
        return Ok(n);
    }
    if let Ok(places) = u32::try_from(scale) {
        return Ok(n.round_dp_with_strategy(places, how));
    }
    let unit = u32::try_from(-scale)
        .ok()
        .and_then(|power| 10i128.checked_pow(power));
    let unit = unit
        .and_then(|unit| Decimal::try_from_i128_with_scale(unit, 0).ok())
        .ok_or(EvalError::Overflow { span })?;
    let units = n
        .checked_div(unit)
        .ok_or(EvalError::Overflow { span })?
        .round_dp_with_strategy(0, how);
    units.checked_mul(unit).ok_or(EvalError::Overflow { span })
}

/// The whole number that a position, a scale or a number of days must be.
pub(crate) fn whole(n: Decimal, span: Span) -> Result<i64, EvalError> {
    let found = if n.is_integer() {
        i64::try_from(n.normalize()).ok()
    } else {
        None
    };
    found.ok_or_else(|| EvalError::Invalid {
        message: format!("整数が要りますが、{n}でした。"),
        span,
    })
}

/// The remainder with the sign of the divisor, as FEEL has it: `modulo(-12, 5)` is 3.
pub(crate) fn modulo(a: Decimal, b: Decimal, span: Span) -> Result<Decimal, EvalError> {
    if b.is_zero() {
        return Err(EvalError::DivisionByZero { span });
    }
    let rest = a.checked_rem(b).ok_or(EvalError::Overflow { span })?;
    let turned = !rest.is_zero() && rest.is_sign_negative() != b.is_sign_negative();
    Ok(if turned { rest + b } else { rest })
}

/// `base ** exponent` for whole exponents; each product is exact or rounded to 28 digits.
pub(crate) fn power(base: Decimal, exponent: Decimal, span: Span) -> Result<Decimal, EvalError> {
    let exponent = whole(exponent, span)?;
    if exponent < 0 && base.is_zero() {
        return Err(EvalError::DivisionByZero { span });
    }
    let overflow = || EvalError::Overflow { span };
    let (mut result, mut square, mut left) = (Decimal::ONE, base, exponent.unsigned_abs());
    while left > 0 {
        if left & 1 == 1 {
            result = result.checked_mul(square).ok_or_else(overflow)?;
        }
        left >>= 1;
        if left > 0 {
            square = square.checked_mul(square).ok_or_else(overflow)?;
        }
    }
    if exponent >= 0 {
        return Ok(result);
    }
    if result.is_zero() {
        return Err(overflow());
    }
    divide(Decimal::ONE, result, span)
}

/// `a / b` to 28 digits, without the zeros that the division itself leaves.
pub(crate) fn divide(a: Decimal, b: Decimal, span: Span) -> Result<Decimal, EvalError> {
    if b.is_zero() {
        return Err(EvalError::DivisionByZero { span });
    }
    a.checked_div(b)
        .map(|n| n.normalize())
        .ok_or(EvalError::Overflow { span })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn rounding_reaches_above_the_point() {
        let round =
            |n: &str, scale: &str, how| round(d(n), d(scale), how, Span::default()).unwrap();
        assert_eq!(round("12345", "-2", Rounding::ToZero), d("12300"));
        assert_eq!(round("-2.5", "0", Rounding::MidpointAwayFromZero), d("-3"));
        assert_eq!(round("2.5", "0", Rounding::MidpointNearestEven), d("2"));
        assert_eq!(round("1.01", "1", Rounding::AwayFromZero), d("1.1"));
    }

    #[test]
    fn modulo_follows_the_divisor() {
        let m = |a: &str, b: &str| modulo(d(a), d(b), Span::default()).unwrap();
        assert_eq!(
            (m("12", "5"), m("-12", "5"), m("12", "-5"), m("-12", "-5")),
            (d("2"), d("3"), d("-3"), d("-2"))
        );
        assert_eq!(m("10.1", "4.5"), d("1.1"));
    }

    #[test]
    fn powers_are_whole_and_checked() {
        assert_eq!(power(d("2"), d("10"), Span::default()), Ok(d("1024")));
        assert_eq!(power(d("2"), d("-2"), Span::default()), Ok(d("0.25")));
        assert!(matches!(
            power(d("10"), d("29"), Span::default()),
            Err(EvalError::Overflow { .. })
        ));
        assert!(matches!(
            power(d("2"), d("0.5"), Span::default()),
            Err(EvalError::Invalid { .. })
        ));
        assert!(matches!(
            power(d("0"), d("-1"), Span::default()),
            Err(EvalError::DivisionByZero { .. })
        ));
    }
}
