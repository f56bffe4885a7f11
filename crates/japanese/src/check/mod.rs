//! Numbers and codes as they are issued in Japan: read leniently (full width,
//! blanks, hyphens), checked strictly, given back in one form.
//!
//! No fault ever holds the value that was refused.

mod account;
mod contact;
mod municipality;
mod number;

pub use account::{AccountKind, ZenginAccount, zengin_account, zengin_account_all, zengin_kana};
pub use contact::{email, phone, phone_digits, postal_code};
pub use municipality::{municipality_check_digit, municipality_code};
pub use number::{corporate_number, individual_number};

use crate::{Fault, text};

/// カナ in full width: hiragana and half-width kana are taken and widened;
/// ー, ・ and single blanks may stand between.
///
/// # Errors
/// `required` for an empty text, `kana` when anything else stands in it. Who
/// has no reading in kana needs another field, not an invented one.
pub fn kana(value: &str) -> Result<String, Fault> {
    let wide =
        text::normalise_spaces(&text::to_full_kana(value)).replace(['-', '−', '－', '‐'], "ー");
    if wide.is_empty() {
        return Err(Fault::new("required", "フリガナを書いてください。"));
    }
    let katakana = text::is_kana(&wide) && wide.chars().all(|c| matches!(c, 'ァ'..='ヾ' | ' '));
    if katakana {
        Ok(wide)
    } else {
        Err(Fault::new(
            "kana",
            "フリガナはカタカナで書いてください。漢字、英字、数字は使えません。",
        ))
    }
}

/// The ASCII digits of a value once width, blanks and hyphens are taken away;
/// `None` when anything else stands in it. Never longer than `most`.
fn digits(value: &str, most: usize) -> Option<String> {
    let mut out = String::with_capacity(most);
    for c in value.chars() {
        match c {
            '0'..='9' => out.push(c),
            '０'..='９' => out.push(char::from(b'0' + (c as u32 - '０' as u32) as u8)),
            c if c.is_whitespace() || is_hyphen(c) => {}
            _ => return None,
        }
        if out.len() > most {
            return None;
        }
    }
    Some(out)
}

/// The dashes that keyboards and spreadsheets put for a hyphen.
fn is_hyphen(c: char) -> bool {
    matches!(
        c,
        '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' | 'ー' | 'ｰ' | '─' | '━'
    )
}

/// The value of each digit, last first: the order in which check rules count.
fn from_the_end(digits: &str) -> impl Iterator<Item = u32> + '_ {
    digits
        .bytes()
        .rev()
        .map(|b| u32::from(b.wrapping_sub(b'0')))
}

#[cfg(test)]
mod tests {
    use super::kana;
    use proptest::prelude::*;

    #[test]
    fn kana_are_widened_or_refused() {
        assert_eq!(kana("さとう　はなこ").unwrap(), "サトウ ハナコ");
        assert_eq!(kana("ﾀﾞｲﾔ-ﾓﾝﾄﾞ").unwrap(), "ダイヤーモンド");
        assert_eq!(kana("ジャン・ポール").unwrap(), "ジャン・ポール");
        for bad in ["佐藤", "サトウ1", "Satō", "サトウ、"] {
            assert_eq!(kana(bad).unwrap_err().code, "kana", "{bad}");
        }
        assert_eq!(kana(" ").unwrap_err().code, "required");
    }

    proptest! {
        /// No parser panics, none echoes, and each takes its own output.
        #[test]
        fn parsers_hold_on_any_text(text in any::<String>()) {
            for parse in [
                super::kana, super::corporate_number, super::individual_number, super::postal_code, super::phone,
                super::email, super::municipality_code, super::zengin_kana,
            ] {
                if let Ok(value) = parse(&text) {
                    prop_assert_eq!(parse(&value), Ok(value));
                }
            }
            let _ = super::municipality_check_digit(&text);
            let _ = super::zengin_account_all(&text, &text, &text, &text);
        }

        #[test]
        fn a_fault_never_echoes(number in "[0-9]{12,13}") {
            for parse in [super::corporate_number, super::individual_number] {
                if let Err(fault) = parse(&number) {
                    let printed = format!("{fault:?} {fault}");
                    prop_assert!(!printed.contains(&number));
                }
            }
        }
    }
}
