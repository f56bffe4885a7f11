//! Amounts of yen, which are whole numbers everywhere.

use crate::{Fault, text::to_half};

/// An amount for people: `29,800円`, `-1,000円`.
#[must_use]
pub fn yen(amount: i64) -> String {
    let mut out = thousands(amount);
    out.push('円');
    out
}

/// A whole number with a comma at every third digit: `-1,234,567`.
#[must_use]
pub fn thousands(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(&number.unsigned_abs().to_string()))
}

/// Digits with a comma after every third from the right.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Reads an amount as people type it: `29,800円`, `２９８００`, `¥29,800`.
///
/// # Errors
/// `yen` when it is no whole number of yen.
pub fn parse_yen(text: &str) -> Result<i64, Fault> {
    let half = to_half(text);
    let bare = half
        .trim()
        .trim_start_matches(['¥', '\\'])
        .trim_end_matches('円')
        .trim();
    let digits: String = bare.chars().filter(|c| *c != ',').collect();
    let plain = digits.strip_prefix('-').unwrap_or(&digits);
    let numeric = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit());
    let fault = || Fault::new("yen", "金額は円単位の数字で書いてください。例：29,800");
    if numeric {
        digits.parse().map_err(|_| fault())
    } else {
        Err(fault())
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_yen, thousands, yen};
    use proptest::prelude::*;

    #[test]
    fn commas_stand_at_thousands() {
        assert_eq!(yen(29_800), "29,800円");
        assert_eq!(yen(0), "0円");
        assert_eq!(yen(999), "999円");
        assert_eq!(yen(-1_000), "-1,000円");
        assert_eq!(thousands(i64::MIN), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn amounts_are_read_as_typed() {
        assert_eq!(parse_yen("２９，８００円").unwrap(), 29_800);
        assert_eq!(parse_yen("￥ 500").unwrap(), 500);
        for bad in [
            "",
            "円",
            "12.5",
            "千円",
            "1e3",
            "--1",
            "99999999999999999999",
        ] {
            assert_eq!(parse_yen(bad).unwrap_err().code, "yen", "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(amount in any::<i64>()) {
            prop_assert_eq!(parse_yen(&yen(amount)).unwrap(), amount);
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = parse_yen(&text);
        }
    }
}
