//! 全国地方公共団体コード.

use super::{digits, from_the_end};
use crate::Fault;

/// 全国地方公共団体コード as its 5 digits; 6 digits are taken when the last
/// one, the check digit, is right.
///
/// Rule: 全国地方公共団体コード仕様 (総務省). The first two digits are the
/// prefecture, 01 to 47. Whether the municipality exists is the register's to say.
///
/// # Errors
/// `municipality_length`, `municipality_check`, `municipality_prefecture`.
pub fn municipality_code(value: &str) -> Result<String, Fault> {
    let all = digits(value, 6).filter(|d| d.len() >= 5).ok_or_else(|| {
        Fault::new(
            "municipality_length",
            "市区町村コードは5桁、または検査数字を付けた6桁の数字で書いてください。例：13202",
        )
    })?;
    let (code, check) = all.split_at(5);
    if !(1..=47).contains(&code[..2].parse::<u8>().unwrap_or(0)) {
        return Err(Fault::new(
            "municipality_prefecture",
            "市区町村コードの最初の2桁は都道府県の番号（01から47）です。",
        ));
    }
    if !check.is_empty()
        && from_the_end(check).next() != municipality_check_digit(code).map(u32::from)
    {
        return Err(Fault::new(
            "municipality_check",
            "市区町村コードの6桁目（検査数字）が合いません。数字を見比べてください。",
        ));
    }
    Ok(code.to_owned())
}

/// The check digit of a 5-digit code: the last digit of 11 − (Σ mod 11) with
/// weights 6, 5, 4, 3, 2. `None` when the code is not five ASCII digits.
#[must_use]
pub fn municipality_check_digit(code: &str) -> Option<u8> {
    if code.len() != 5 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = from_the_end(code)
        .zip(2..)
        .map(|(digit, weight)| digit * weight)
        .sum();
    u8::try_from((11 - sum % 11) % 10).ok()
}

#[cfg(test)]
mod tests {
    use super::{municipality_check_digit, municipality_code};
    use proptest::prelude::*;

    #[test]
    fn published_codes_have_their_check_digits() {
        // 北海道, 東京都, 千代田区, 八王子市, 立川市, 小笠原村, 大阪府, 沖縄県
        for code in [
            "010006", "130001", "131016", "132012", "132021", "134210", "270008", "470007",
        ] {
            assert_eq!(municipality_code(code).unwrap(), code[..5]);
            assert_eq!(municipality_check_digit(&code[..5]), code[5..].parse().ok());
            assert_eq!(municipality_code(&code[..5]).unwrap(), code[..5]);
        }
        assert_eq!(municipality_code("１３２０２").unwrap(), "13202");
    }

    #[test]
    fn wrong_codes_are_named() {
        assert_eq!(
            municipality_code("132022").unwrap_err().code,
            "municipality_check"
        );
        assert_eq!(
            municipality_code("48001").unwrap_err().code,
            "municipality_prefecture"
        );
        assert_eq!(
            municipality_code("00001").unwrap_err().code,
            "municipality_prefecture"
        );
        assert_eq!(
            municipality_code("1320").unwrap_err().code,
            "municipality_length"
        );
        assert_eq!(municipality_check_digit("1320"), None);
    }

    proptest! {
        /// Weights are prime to 11, so one wrong digit changes the remainder.
        #[test]
        fn one_wrong_digit_is_found(code in "[0-4][1-7][0-9]{3}", at in 2_usize..5, digit in 0_u8..10) {
            let check = municipality_check_digit(&code).unwrap();
            let mut other = code.clone().into_bytes();
            if other[at] == b'0' + digit {
                return Ok(());
            }
            other[at] = b'0' + digit;
            let other = String::from_utf8(other).unwrap();
            // Remainders 0 and 10 both give 1; every other check digit stands for one remainder.
            if check != 1 {
                prop_assert_ne!(municipality_check_digit(&other), Some(check));
            }
        }
    }
}
