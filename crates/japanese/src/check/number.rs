//! 法人番号 and 個人番号.

use super::{digits, from_the_end};
use crate::Fault;

/// 法人番号: 13 digits, the first of which checks the other twelve.
///
/// Rule: 法人番号の指定等に関する省令 (平成26年財務省令第70号) 第2条:
/// 9 − (Σ Pn×Qn mod 9), Pn the n-th digit of the 基礎番号 from its end, Qn 1 for
/// odd n and 2 for even n. It finds every single wrong digit but 0 for 9.
///
/// # Errors
/// `corporate_number_length` or `corporate_number_check`.
pub fn corporate_number(value: &str) -> Result<String, Fault> {
    let number = digits(value, 13).filter(|d| d.len() == 13).ok_or_else(|| {
        Fault::new(
            "corporate_number_length",
            "法人番号は13桁の数字です。国税庁の法人番号公表サイトで確かめられます。",
        )
    })?;
    let (check, base) = number.split_at(1);
    let sum: u32 = from_the_end(base)
        .zip([1, 2].into_iter().cycle())
        .map(|(p, q)| p * q)
        .sum();
    if from_the_end(check).next() == Some(9 - sum % 9) {
        Ok(number)
    } else {
        Err(Fault::new(
            "corporate_number_check",
            "法人番号のどこかの数字が違っています（検査用数字が合いません）。もう一度見比べてください。",
        ))
    }
}

/// 個人番号 (マイナンバー): 12 digits, the last of which checks the other eleven.
///
/// Rule: 平成26年総務省令第85号 第5条: 11 − (Σ Pn×Qn mod 11), or 0 when the
/// remainder is 0 or 1; Pn the n-th of the eleven digits from their end, Qn n+1
/// for n ≤ 6 and n−5 for n ≥ 7. It finds every single wrong digit in a number
/// whose check digit is not 0.
///
/// # Errors
/// `individual_number_length` or `individual_number_check`; neither holds the number.
pub fn individual_number(value: &str) -> Result<String, Fault> {
    let number = digits(value, 12).filter(|d| d.len() == 12).ok_or_else(|| {
        Fault::new(
            "individual_number_length",
            "個人番号（マイナンバー）は12桁の数字です。カードの裏面で確かめてください。",
        )
    })?;
    let (base, check) = number.split_at(11);
    let weights = [2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6];
    let remainder = from_the_end(base)
        .zip(weights)
        .map(|(p, q)| p * q)
        .sum::<u32>()
        % 11;
    let expected = if remainder <= 1 { 0 } else { 11 - remainder };
    if from_the_end(check).next() == Some(expected) {
        Ok(number)
    } else {
        Err(Fault::new(
            "individual_number_check",
            "個人番号（マイナンバー）のどこかの数字が違っています（検査用数字が合いません）。もう一度見比べてください。",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{corporate_number, individual_number};
    use proptest::prelude::*;

    #[test]
    fn published_corporate_numbers_pass() {
        // 東京都, 国税庁, デジタル庁, a listed company: as the 国税庁 publishes them.
        for number in [
            "8000020130001",
            "7000012050002",
            "8000012010038",
            "1180301018771",
        ] {
            assert_eq!(corporate_number(number).unwrap(), number);
        }
        assert_eq!(
            corporate_number(" ８-0000-2013-0001").unwrap(),
            "8000020130001"
        );
    }

    #[test]
    fn lengths_and_letters_are_refused() {
        for bad in ["", "800002013000", "80000201300011", "T8000020130001", "八"] {
            assert_eq!(
                corporate_number(bad).unwrap_err().code,
                "corporate_number_length",
                "{bad}"
            );
        }
        for bad in ["", "12345678901", "1234567890188", "12345678901x"] {
            assert_eq!(
                individual_number(bad).unwrap_err().code,
                "individual_number_length",
                "{bad}"
            );
        }
    }

    #[test]
    fn the_sample_card_passes() {
        // The number on the specimen cards.
        assert_eq!(individual_number("1234 5678 9018").unwrap(), "123456789018");
        assert_eq!(
            individual_number("123456789012").unwrap_err().code,
            "individual_number_check"
        );
    }

    /// `number` with the digit at `at` changed to `digit`.
    fn changed(number: &str, at: usize, digit: u8) -> String {
        number
            .bytes()
            .enumerate()
            .map(|(i, b)| char::from(if i == at { b'0' + digit } else { b }))
            .collect()
    }

    fn with_check(base: &str, whole: impl Fn(u8) -> String, ok: impl Fn(&str) -> bool) -> String {
        (0..=9)
            .map(whole)
            .find(|number| ok(number))
            .unwrap_or_else(|| panic!("no check digit for {base}"))
    }

    proptest! {
        #[test]
        fn each_base_has_one_check_digit(base in "[0-9]{12}") {
            let valid = (0..=9).filter(|d| corporate_number(&format!("{d}{base}")).is_ok()).count();
            prop_assert_eq!(valid, 1);
            let base = &base[..11];
            let valid = (0..=9).filter(|d| individual_number(&format!("{base}{d}")).is_ok()).count();
            prop_assert_eq!(valid, 1);
        }

        #[test]
        fn one_wrong_digit_of_a_corporate_number_is_found(base in "[0-9]{12}", at in 0_usize..13, digit in 0_u8..10) {
            let number = with_check(&base, |d| format!("{d}{base}"), |n| corporate_number(n).is_ok());
            let old = number.as_bytes()[at] - b'0';
            let blind = at > 0 && matches!((old, digit), (0, 9) | (9, 0));
            if old != digit && !blind {
                prop_assert!(corporate_number(&changed(&number, at, digit)).is_err());
            }
        }

        #[test]
        fn one_wrong_digit_of_an_individual_number_is_found(base in "[0-9]{11}", at in 0_usize..12, digit in 0_u8..10) {
            let number = with_check(&base, |d| format!("{base}{d}"), |n| individual_number(n).is_ok());
            let old = number.as_bytes()[at] - b'0';
            if old != digit && (at == 11 || !number.ends_with('0')) {
                prop_assert!(individual_number(&changed(&number, at, digit)).is_err());
            }
        }
    }
}
